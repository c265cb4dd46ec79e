"""A line of notes as a model knows it, the plan of the next notes, and the composer's state. All are values."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from livegen.player.balance import Recent
from livegen.player.expression import Stance
from livegen.player.tonality import Tones
from livegen.predictors.encoding import Step
from livegen.predictors.protocol import Forecast, State
from livegen.predictors.quotation import Run

LONGEST = 8  # onsets: the longest figure that counts as a short loop
_NONE = (0,) * LONGEST


class Repetition(NamedTuple):
    """The latest pitches of a line, one an onset, and for every period up to ``LONGEST`` the number of onsets in a row
    that repeat the onset one period before."""

    latest: tuple[int, ...] = ()
    alike: tuple[int, ...] = _NONE

    def then(self, pitch: int) -> "Repetition":
        """The line with one more onset."""
        latest = self.latest
        count = len(latest)
        alike = tuple(
            [
                self.alike[period - 1] + 1 if period <= count and latest[-period] == pitch else 0
                for period in range(1, LONGEST + 1)
            ]
        )
        return Repetition((*latest, pitch)[-LONGEST:], alike)

    def closing(self, most: int) -> list[int]:
        """The pitches that would begin to play a figure once more than ``most`` times in a row; 0 is no limit."""
        if not most or max(self.alike) < most - 1:
            return []
        return [
            self.latest[-period]
            for period in range(1, LONGEST + 1)
            if self.alike[period - 1] >= period * (most - 1) and period <= len(self.latest)
        ]


class Line(NamedTuple):
    """A line of notes as the model knows it: its state after the last onset, and the note it expects next."""

    state: State
    next_gap: int  # index in GAPS
    next_pitch: int
    next_velocity: int = 80
    pitch: int | None = None  # of the last onset
    onset: float | None = None  # seconds
    length: float | None = None  # seconds the last note lasts; None: the performer played it
    run: Run = Run()  # of the player's own notes up to here
    stance: Stance = Stance()
    loop: Repetition = Repetition()  # of the player's own onsets up to here
    recent: Recent = Recent()
    forecast: Forecast | None = None  # from which that note was drawn
    tones: Tones = Tones()  # of the player's own notes

    def struck(self, at: float) -> "Line":
        """The line whose last note sounded at that time, which may be later than it was due."""
        late = 0.0 if self.onset is None else at - self.onset
        return self._replace(onset=at, stance=self.stance._replace(late=self.stance.late + late)) if late else self


class Plan(NamedTuple):
    """The next notes (pitch, velocity), which sound together at ``due``, and the line after them."""

    due: float
    notes: tuple[tuple[int, int], ...]
    duration: float
    after: Line
    steps: tuple[Step, ...]
    channel: int = 0  # 0: as the settings say


class ComposerState(NamedTuple):
    """The composer's random state, and its knowledge of the notes heard."""

    state: Mapping[str, Any]  # of numpy's PCG64, before a batch
    drawn: int  # of the batch
    performed: Run = Run()
    borrowed: frozenset[int] = frozenset()
    key: int = 0  # found in the notes heard
