"""Decides whose turn it is: asks the mode, and fits its answer to the bars and to the tala. Pure."""

from livegen.beat.transport import BAR, CUT, FREELY
from livegen.errors import SettingsError
from livegen.listening.performer import Performer
from livegen.player import modes
from livegen.player.bars import Bars
from livegen.player.cadence import Cadence, Ending
from livegen.player.exchange import Exchange
from livegen.player.limits import Limits
from livegen.player.modes import Mode, Situation, Turn
from livegen.settings import Settings

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
        self.cadence = Cadence()
        self.ending = Ending(bars)
        self._exchange = Exchange(bars)
        self._settings = settings
        self._performer = performer
        self._bars = bars
        self._limits = limits
        self._since: float | None = None  # when its turn began, while it plays
        self._ends: float | None = None  # its turn, where it is to end on a bar or beat

    def begin_again(self) -> None:
        """As if the player had not played yet."""
        self.stopped, self.hushed = None, False
        self._exchange.forget()

    def ask(self, at: float, interrupted: bool) -> bool:
        """Ask the mode whose turn it is; whether the turn changed. An interrupted player gives way at once.

        Raises SettingsError if the mode's answer is not valid.
        """
        turn = _LISTENING if self.hushed else self._answer(at)
        stops = self.playing and not turn.play
        if stops and self._comes_to_sam(at, interrupted):
            turn = self.cadence.turn(self.turn.feed)
        elif stops and not interrupted and self._ends is not None and at < self._ends:
            turn = self.turn._replace(until=self._ends)
        else:
            self.cadence.cancel()
        self.turn = turn = self._bounded(turn)
        if turn.play == self.playing:
            return False
        self.playing = turn.play
        if self.playing:
            self._since, self.played = at, 0
            self._begin(at)
        else:
            self._since, self.stopped = None, at
        return True

    def _begin(self, at: float) -> None:
        """The player's turn begins."""
        start = self._performer.phrase_start
        self.ending.begin(at)
        if start is not None:
            self._exchange.answer_phrase(start, self._performer.phrase_length())

    @property
    def ends(self) -> float | None:
        """The time when the player's part ends, if its last note is to lead there."""
        if self._settings.ending == CUT or self._limits.tala is not None or not self.playing:
            return None
        return self.turn.ends

    def over(self) -> float | None:
        """The time at which the performer's phrase counts as ended; None before the first note."""
        return self._performer.phrase_over(self._settings.patience)

    def _answer(self, at: float) -> Turn:
        performer = self._performer
        length, notes = performer.phrase_length(), performer.phrase_notes
        here = Situation(
            *(at, performer.onset, self.over(), length, notes, self._since, self.played, self.stopped),
            due_back=self._due_back(length),
        )
        turn = self.mode(here, self._settings)
        if not isinstance(turn, Turn):
            raise SettingsError(f"The mode {_name(self.mode)} must return a Turn; it returned {turn!r:.40}.")
        if turn.until is not None and turn.until <= at:
            raise SettingsError(
                f"The mode {_name(self.mode)} asks to be called in the past; its `until` must be later than `now`."
            )
        return turn

    def _due_back(self, length: float) -> float | None:
        """The time when the performer is due back, by the exchange. None where answers begin on bars, however late
        that is, or end with the tala."""
        settings, start = self._settings, self._performer.phrase_start
        if not settings.exchange or settings.begin == BAR or start is None or self._limits.tala is not None:
            return None
        self._exchange.hear_phrase(start)
        return self._exchange.due_back(start, length, settings.answer)

    def _bounded(self, turn: Turn) -> Turn:
        """The turn, with its end where the setting ``end`` wants it."""
        self._ends = None
        if self._settings.end != FREELY and turn.play and turn.until is not None:
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
