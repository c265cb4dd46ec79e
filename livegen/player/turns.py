"""Decides whose turn it is: asks the mode, and fits its answer to the bars and to the tala. Pure."""

from collections.abc import Callable

from livegen.beat.transport import AUTO, BAR, CUT, FREELY, PEDAL
from livegen.errors import SettingsError
from livegen.listening.performer import SOONEST, Performer
from livegen.player import modes
from livegen.player.asked import NOW, Asked
from livegen.player.bars import Bars
from livegen.player.cadence import Cadence, Ending
from livegen.player.exchange import Exchange
from livegen.player.limits import Limits
from livegen.player.modes import BEATLESS, Mode, Situation, Turn
from livegen.player.trades import Trades
from livegen.settings import Settings

_OWN = 4  # bars that an answer lasts to nothing
_LISTENING = Turn(listen=True, play=False, feed=True)


class Turns:
    """Keeps account of the turns of performer and player. ``turn`` is the mode's latest answer, fitted to the bars."""

    def __init__(self, settings: Settings, performer: Performer, bars: Bars, limits: Limits, now: float) -> None:
        self.mode = modes.find(settings.mode)
        self.turn = _LISTENING._replace(until=now)  # so that the mode is asked at once
        self.hushed = False  # by a panic, until the performer plays
        self.playing = False
        self.played = 0  # notes in this turn of the player
        self.stopped: float | None = None  # when its last turn ended
        self.others: float | None = None  # the last onset of another voice that is overheard
        self.is_over_chart: Callable[[], bool] = bool
        self._trades = Trades(bars, performer)
        self._counted: float | None = None  # the beat that was counted in
        self.cadence = Cadence()
        self.ending = Ending(bars, lambda: settings.full_answers)
        self.asked = Asked(settings)
        self._exchange = Exchange(bars)
        self._settings = settings
        self._performer = performer
        self._bars = bars
        self._limits = limits
        self._since: float | None = None  # when its turn began, while it plays
        self._ends: float | None = None  # its turn, where it is to end on a bar or beat

    def begin_again(self) -> None:
        """As if the player had not played yet."""
        self.stopped, self.others, self.hushed = None, None, False
        self._exchange.forget()
        self._trades.forget()
        self._counted = None
        self.asked.forget()

    def break_off(self) -> None:
        """The player's turn is no longer, so that another may begin at once."""
        self.cadence.cancel()
        self.playing, self._since = False, None

    def count_in(self, at: float) -> float:
        """The music begins a bar after the next bar line, which is returned (beats)."""
        line = self._bars.line_after(at)
        self._counted = line + self._bars.beats_per_bar
        self._trades.begin(self._counted)
        return line

    def finish(self, at: float) -> None:
        """Have the player come to an end soon, and be silent until the performer's next phrase."""
        soon = self.playing and self.played and self._settings.ending != CUT and self._limits.tala is None
        self.asked.ends = at + (self.ending.shortest if soon else 0.0)

    def ask(self, at: float, interrupted: bool) -> bool:
        """Ask the mode whose turn it is; whether the turn changed. An interrupted player gives way at once.

        Raises SettingsError if the mode's answer is not valid.
        """
        turn = _LISTENING if self.hushed else self._answer(at)
        if not self.hushed and self.asked.ends is not None:
            turn = self._until_asked(turn, at, self.asked.ends)
        stops = self.playing and not turn.play
        if stops and self._comes_to_sam(at, interrupted):
            turn = self.cadence.turn(self.turn.feed)
        elif stops and not interrupted and self._ends is not None and at < self._ends:
            turn = self.turn._replace(until=self._ends)
        else:
            self.cadence.cancel()
        self._ends = None
        if self._settings.end != FREELY:
            turn = self._bounded(turn)
        self.turn = turn
        if self.mode is modes.trade and turn.counted is None and turn.until is None:
            self._trades.forget()
        if turn.play == self.playing:
            return False
        self.playing = turn.play
        if self.playing:
            self._since, self.played = self._begins(at), 0
            self._begin(self._since)
        else:
            self._since, self.stopped = None, at
        return True

    def _begins(self, at: float) -> float:
        """The time from which the player's turn counts: one that was asked for may wait for a beat or bar."""
        asked = self.asked
        if asked.answer is None or asked.when == NOW:
            return at
        return max(at, self._bars.begins(at, asked.when) or at)

    def _begin(self, at: float) -> None:
        """The player's turn begins."""
        self.ending.begin(at)
        self.asked.begin_answer()
        if (start := self._start()) is not None:
            self._exchange.answer_phrase(start, self._length(start))

    @property
    def ends(self) -> float | None:
        """The time when the player's part ends, if its last note is to lead there."""
        if self._settings.ending == CUT or self._limits.tala is not None or not self.playing:
            return None
        return self.turn.ends

    def over(self) -> float | None:
        """The time at which the performer's phrase counts as ended; None before the first note."""
        if self.asked.answer is not None:
            return self.asked.answer
        if self.mode is modes.trade and self._since is not None:  # whatever the performer plays, their bars are over
            return self._since
        over = self._performer.phrase_over(self._settings.patience)
        return over if over is None else self._sooner(over)

    def _sooner(self, over: float) -> float:
        """The time at which the phrase is over, if that is to be just after a half beat that the performer left
        empty, where the answer can begin."""
        settings, heard = self._settings, self._performer.phrase_end
        in_time = settings.prompt and settings.exchange and settings.phrase_cues and settings.begin == AUTO
        if not in_time or heard.released is None or self._limits.tala is not None or not heard.is_even:
            return over
        return self._bars.empty_before(over, heard.released + SOONEST) or over

    def _answer(self, at: float) -> Turn:
        turn = self.mode(self._situation(at), self._settings)
        if not isinstance(turn, Turn):
            raise SettingsError(f"The mode {_name(self.mode)} must return a Turn; it returned {turn!r:.40}.")
        if turn.until is not None and turn.until <= at:
            raise SettingsError(
                f"The mode {_name(self.mode)} asks to be called in the past; its `until` must be later than `now`."
            )
        return turn

    def _situation(self, at: float) -> Situation:
        """The facts for the mode. Those about the beat are left out where the mode asks for none, and those about the
        turn that may begin while the phrase goes on: a note waits."""
        performer, over, asked = self._performer, self.over(), self.asked.answer
        told = at, performer.onset, over
        notes, since, played, stopped = performer.phrase_notes, self._since, self.played, self.stopped
        beatless = self.mode in BEATLESS
        goes_on = asked is None and (over is None or at < over)
        if beatless and goes_on and not self._exchange.waits:
            return Situation(at, performer.onset, over, 0.0, notes, since, played, stopped)
        start = self._start()
        length = self._length(start)
        due_back = self._due_back(start, length)
        if beatless:
            return Situation(*told, length, notes, since, played, stopped, due_back, asked)
        return Situation(
            *(*told, length, notes, since, played, stopped, due_back, asked),
            beat_known=self._bars.is_plain(at) if self._settings.alert else self._bars.known,
            led=self._bars.led,
            bar=self._bars.felt_bar,
            silent_since=performer.silent_since,
            others=self.others if self._settings.ensemble else None,
            over_chart=self.is_over_chart(),
            counted_in=None if self._counted is None else self._bars.time_of(self._counted),
            traded=self._trades.bars_since(at) if self.mode is modes.trade else None,
        )

    def _until_asked(self, turn: Turn, at: float, ends: float) -> Turn:
        """The turn, over at ``ends``, when the performer asked for its end."""
        if at >= ends or not turn.play:
            return _LISTENING
        return turn._replace(until=min(ends, turn.until or ends), ends=min(ends, turn.ends or ends))

    def _start(self) -> float | None:
        """The time at which the performer's turn began: their phrase, or all since the last answer if they say when."""
        start = self._performer.phrase_start
        return self.asked.call if self._settings.turn == PEDAL and start is not None else start

    def _length(self, start: float | None) -> float:
        """Seconds that the performer's turn took, which began at ``start``; some bars, if they have not played."""
        began = self._performer.phrase_start
        if start is None or began is None:
            return _OWN * self._bars.bar
        length = self._performer.phrase_length() + began - start
        return self._bars.turn(length) if self._settings.full_answers else length

    def _due_back(self, start: float | None, length: float) -> float | None:
        """The time when the performer is due back, by the exchange. None where answers begin on bars, however late
        that is, or when the performer asks for them, or end with the tala."""
        settings = self._settings
        if not settings.exchange or settings.begin == BAR or start is None or self._limits.tala is not None:
            return None
        if self.asked.answer is not None:
            return None
        self._exchange.hear_phrase(start)
        return self._exchange.due_back(start, length, settings.answer)

    def _bounded(self, turn: Turn) -> Turn:
        """The turn, with its end where the setting ``end`` wants it."""
        if turn.play and turn.until is not None:
            self._ends = self._bars.ends(turn.until)
            turn = turn._replace(until=self._ends, ends=None if turn.ends is None else self._bars.ends(turn.ends))
        return turn

    def _comes_to_sam(self, at: float, interrupted: bool) -> bool:
        """Whether the player, whose turn is over, first plays on to the next sam. A key let go interrupts nothing."""
        tala, cadence = self._limits.tala, self.cadence
        if tala is None or self.hushed:
            return False
        if interrupted:
            over = self.over()
            return cadence.goes_on(at) and over is not None and over <= at
        if cadence.sam is None:
            cadence.begin(at, self._bars.beat_at(at), tala.aksharas, self._bars.beat)
        return cadence.goes_on(at)


def _name(mode: Mode) -> str:
    return getattr(mode, "__name__", "of one's own")
