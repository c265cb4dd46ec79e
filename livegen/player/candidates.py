"""Several answers to a phrase, of which the best is played.

Theory of operation. An answer begins with the note that was expected, which is drawn already, or with the one that
begins in the call. How it goes on is chosen among ``candidates`` answers: a few are sampled from the model, as the
player would play without a choice, the others are developed from motifs of the performer's phrase (``motifs.py``). They
are ranked (``ranking.py``), and the best one leads: after each note that is decided, ``lead`` puts its next tone in the
place of the note that was drawn to follow. So limits, touch, swing, the answer's end and the model's state are as for
any note.

The same events give the same answers, however much idle time there was:

- Which candidates there are, and which is chosen, depends on the state of the player when its turn begins, and on
  nothing else. Their random numbers are seeded by the state of the composer's, which they leave as it was; so a rewind
  brings the same answers back.
- ``work`` does one small piece of the work ahead, in the silence that is to end a phrase. Whatever happens to the
  player throws that work away (``forget``), and so does a beat that moved meanwhile; it never changes what comes out.
- Another answer to the same phrase (``again``) is the next best; once all were played, there are others.
- What is not done when the turn begins is done then, before the first note is decided.
"""

from collections.abc import Generator
from typing import NamedTuple

from livegen.beat.transport import Transport
from livegen.listening.performer import Performer
from livegen.player import cadence, motifs, ranking
from livegen.player.composer import Composer
from livegen.player.line import Line, Plan
from livegen.player.motifs import FEW, Ladder, Tone
from livegen.player.planner import Planner
from livegen.player.progress import Progress
from livegen.player.ranking import Heard
from livegen.player.seeded_random import SeededRandom
from livegen.predictors.protocol import detached
from livegen.settings import Settings

ONE = 1  # candidate: the player goes on as its notes are drawn
_AHEAD = 0.12  # seconds before a phrase counts as ended, from which on candidates are worked out
_SAMPLED = 4  # the first candidate and every fourth is the model's own
_MOST = 20  # onsets: no answer is sampled further
_OVER = 1.25  # times the answer's length: as far are answers made
_SHORT = 0.7  # of the share of a gap that notes usually sound: a shorter one is followed by a rest
_DENSER = 1.25  # times the performer's density, or less often: then their rhythm would not do
_CADENCE = 2.0  # beats, about, at the end of an answer that are the cadence's
_BEFORE = 8  # answers from which another is to differ
_SAME = 0.2  # edits, as a share: a call that differs less from the one before comes again
_USED = 0.03  # share of the performer's notes from which on a pitch class is one that they use
_ENOUGH = 5  # pitch classes that make a ladder; to fewer the others of the key are added
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)

Answers = list[list[Tone]]  # each without its first note
Making = Generator[None, None, Answers]  # yields between the pieces of the work


class _Opening(NamedTuple):
    """A line whose next note is the first of an answer, the time when that sounds (seconds), and its gap (beats)."""

    line: Line
    due: float
    gap: float | None


class Candidates:
    """Makes the candidates of one player, and leads it through the chosen one. Times are seconds."""

    def __init__(
        self, composer: Composer, progress: Progress, planner: Planner, performer: Performer, transport: Transport
    ) -> None:
        self.ranked: Answers = []  # those of the latest answer, the best first
        self._composer = composer
        self._progress = progress
        self._planner = planner
        self._performer = performer
        self._transport = transport
        self._making: Making | None = None  # ahead
        self._made: Answers | None = None
        self._beat: tuple[object, ...] = ()  # as it was then
        self._open = False
        self._tones: list[Tone] = []
        self._at = 0  # notes of the answer that sounded
        self._rank = 0  # of the answer that is played
        planner.lead_to = self.lead

    # Ahead

    def forget(self) -> None:
        """Throw away what was worked out ahead: something happened."""
        self._making = self._made = None

    def work(self, at: float, settings: Settings) -> bool:
        """Do a piece of the work ahead, if a phrase is about to end; whether there was anything to do."""
        performer = self._performer
        if self._made is not None or self._is_off(settings) or performer.pulse.due is not None:
            return False
        over = performer.phrase_over(settings.patience)
        if over is None or not over - _AHEAD <= at < over:
            return False
        if self._making is None:
            self._making, self._beat = self._make(over, settings), self._beats(over)
        try:
            next(self._making)
        except StopIteration as made:
            self._made = made.value
        except Exception:
            self.forget()  # the model fails: it will again when it is asked for
        return True

    def _is_off(self, settings: Settings) -> bool:
        """Whether notes are played as they are drawn: one candidate, or chords to which each note is drawn."""
        return settings.candidates <= ONE or self._composer.changes.lead

    def _beats(self, over: float) -> tuple[object, ...]:
        """The beat, which others may move while nothing happens to this player."""
        transport, pulse = self._transport, self._performer.pulse
        known = transport.source, transport.running, transport.beats_per_bar, transport.beat, transport.beat_at(over)
        return over, *known, pulse.beat, pulse.felt

    # An answer

    def open(self, again: bool) -> None:
        """An answer to a phrase begins; ``again``: another one to the phrase that was answered last."""
        self._open, self._tones, self._at = True, [], 0
        self._rank = self._rank + 1 if again else 0

    def drop(self) -> None:
        """Lead no further: the performer plays, the answer is over, or it goes on from another place."""
        self.forget()
        self._open, self._tones, self._at = False, [], 0

    def choose(self, settings: Settings, over: float | None) -> None:
        """Choose, before the first note of an answer to a phrase that was ``over`` then is decided."""
        if not self._open or self._at or self._is_off(settings) or over is None:
            return
        if 0 < self._rank < len(self.ranked):
            self._tones = self.ranked[self._rank]
            return
        if self._made is not None and self._beat == self._beats(over):
            self.ranked = self._made
        else:
            making = self._make(over, settings)
            while True:
                try:
                    next(making)
                except StopIteration as made:
                    self.ranked = made.value
                    break
        self._rank, self._tones = 0, self.ranked[0]

    def lead(self, plan: Plan) -> Plan:
        """The plan of a note, followed by the next tone of the chosen answer if there is one."""
        return self._composer.led(plan, *self._tones[self._at]) if self._at < len(self._tones) else plan

    def go_on(self) -> None:
        """A note of the answer sounded."""
        self._at += 1

    # The candidates

    def _make(self, over: float, settings: Settings) -> Making:
        """The candidates, the best first; of equals the one that was made first."""
        opening = self._opening(over)
        line = opening.line
        first = Tone(0, self._composer.limits.pitches(line.pitch).nearest[line.next_pitch])
        call = self._call() or [first]  # without any notes of theirs all answers are as good
        heard = self._heard(call, settings)
        ladder = self._ladder(call) if 1 / _DENSER < settings.density < _DENSER else None
        yield
        scored: list[tuple[float, int]] = []
        answers: Answers = []
        for number in range(settings.candidates):
            dice = self._dice(number)
            if number % _SAMPLED == 0 or ladder is None:
                tones = yield from self._sample(opening, _OVER * heard.beats, dice)
            else:
                tones = self._develop(call, first.pitch, ladder, _OVER * heard.beats, dice)
            yield
            scored.append((ranking.score([first, *tones], heard), number))
            answers.append(tones)
            yield
        ranked: dict[tuple[Tone, ...], list[Tone]] = {}
        for _, number in sorted(scored):  # those that differ only where the cadence comes are one
            head = tuple(ranking.within([first, *answers[number]], heard.beats - _CADENCE))
            ranked.setdefault(head, answers[number])
        return list(ranked.values())

    def _call(self) -> list[Tone]:
        """The performer's phrase. A note that is as short as they play such notes has no rest after it: with the pedal
        all are short."""
        performer = self._performer
        tones = motifs.phrase(self._progress.steps, performer.phrase_notes - performer.phrase_lower)
        if any(performer.layers.is_lower(tone.pitch) for tone in tones):
            return []  # two hands, heard as one until now
        usual = [_SHORT * self._performer.articulation.share(tone.beats, 1.0) for tone in tones]
        return [
            tone if tone.share is None or tone.share < short else tone._replace(share=None)
            for tone, short in zip(tones, usual, strict=True)
        ]

    def _dice(self, number: int) -> SeededRandom:
        """The random numbers of a candidate."""
        state = self._composer.state
        return SeededRandom([int(state.state["state"]["state"]), state.drawn, number])

    def _opening(self, over: float) -> _Opening:
        """The beginning of all candidates, if the turn begins at ``over``."""
        composer, line = self._composer, self._progress.ahead
        over = over if line.onset is None else max(over, line.onset)  # as after an answer that was asked for
        with composer.on_trial(composer.state):
            due, gap = self._planner.in_time(line, over, first=True)
            line = composer.begin_in_call(line, due)
        return _Opening(line._replace(state=detached(line.state)), due, gap)

    def _sample(self, opening: _Opening, beats: float, dice: SeededRandom) -> Generator[None, None, list[Tone]]:
        """An answer as the model would play it."""
        composer, tones, lasted = self._composer, list[Tone](), 0.0
        line, due, gap = opening
        random = composer.state._replace(state=dice.place[0], drawn=0)
        while lasted < beats and len(tones) < _MOST:
            with composer.on_trial(random):
                if tones:
                    due, gap = self._planner.in_time(line, due, first=False)
                line = composer.plan(line, due, gap).after
                random = composer.state
            tones.append(Tone(line.next_gap, line.next_pitch))
            lasted += tones[-1].beats
            if lasted < beats:
                yield
        return tones

    def _develop(self, call: list[Tone], first: int, ladder: Ladder, beats: float, dice: SeededRandom) -> list[Tone]:
        """An answer that is developed from the call, within the limits."""
        tones, before = list[Tone](), first
        for tone in motifs.developed(call, first, ladder, beats, dice.random):
            before = self._composer.limits.pitches(before).nearest[tone.pitch]
            tones.append(tone._replace(pitch=before))
        return tones

    def _heard(self, call: list[Tone], settings: Settings) -> Heard:
        performer = self._performer
        beats = max(1.0, performer.phrase_length() * settings.answer / performer.pulse.beat)
        _, stable = cadence.stable(settings, performer, self._composer.limits)
        before = motifs.answers(self._progress.steps, _BEFORE)
        again = settings.riffs and self._comes_again()
        return Heard(call, before, self._classes(), stable, beats, again)

    def _comes_again(self) -> bool:
        """Whether the call is nearly the one before."""
        latest = motifs.calls(self._progress.steps, 2)
        return len(latest) > 1 and ranking.distance(latest[0], latest[1]) <= _SAME

    def _classes(self) -> frozenset[int]:
        """The pitch classes that the performer uses."""
        counts = self._performer.voicing.classes()
        return frozenset(each for each, count in enumerate(counts) if count and count >= _USED * sum(counts))

    def _ladder(self, call: list[Tone]) -> Ladder | None:
        """The pitches to develop answers on; None where there are too few notes or pitches."""
        if len(call) < FEW:
            return None
        classes = self._classes()
        if len(classes) < _ENOUGH:
            tonic, stable = cadence.key_degrees(self._performer.voicing.classes())
            scale = _MINOR if (tonic + _MINOR[2]) % 12 in stable else _MAJOR
            classes |= {(tonic + step) % 12 for step in scale}
        nearest = self._composer.limits.pitches(None).nearest
        found = motifs.ladder(call, lambda pitch: pitch % 12 in classes and nearest[pitch] == pitch)
        return found if len(found.pitches) >= FEW else None
