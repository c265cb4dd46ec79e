"""The measures: which criterion, in which exchanges, its target, and the figure at which it scores nothing."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.musicality import criteria
from benchmarks.musicality.criteria import Criterion
from benchmarks.musicality.exchange import AGAIN, DUET, HARMONISE, POLITE, TRADE

Summary = Literal["mean", "median", "p90"]
TURNS = (POLITE, TRADE)


@dataclass(frozen=True)
class Measure:
    """One line of the table.

    ``target`` is what a bandleader may ask for, ``zero`` the figure that scores 0 (about chance); whether more is
    better follows from the two. ``summary`` is over performers' means, or over all exchanges for median and p90. A
    ``guard`` is against dullness or parroting: chance does well in it, so it is not held against chance.
    """

    number: str
    title: str
    text: str
    criterion: Criterion
    settings: tuple[str, ...]
    target: float
    zero: float
    summary: Summary = "mean"
    guard: bool = False

    @property
    def of(self) -> int:
        """The criterion that it belongs to, 1 to 14."""
        return int(self.number.rstrip("abc"))

    def met(self, value: float) -> bool:
        """Whether a figure reaches the target."""
        return value >= self.target if self.target > self.zero else value <= self.target

    def score(self, value: float) -> float:
        """0 at ``zero``, 1 at the target."""
        return min(1.0, max(0.0, (value - self.zero) / (self.target - self.zero)))

    def better(self, value: float, than: float) -> bool:
        """Whether a figure is better than another."""
        return value > than if self.target > self.zero else value < than


MEASURES = (
    Measure("1", "lets me finish", "phrases broken into", criteria.broken_into, TURNS, 0.05, 0.30),
    Measure("2", "comes in", "beats after my release, median", criteria.comes_in, TURNS, 0.75, 2.5, "median"),
    Measure("2b", "comes in", "the same, 90th percentile", criteria.comes_in, TURNS, 3.5, 7.0, "p90"),
    Measure("3", "on the beat", "entries on my half beats", criteria.on_half_beats, TURNS, 0.80, 0.48),
    Measure("3b", "in time", "onsets on my eighths, against my own", criteria.on_eighths, TURNS, 0.90, 0.60),
    Measure("4", "in my notes", "notes among the pitch classes I use", criteria.among_my_pitches, TURNS, 0.92, 0.70),
    Measure("5", "rhythm", "bits of its note values", criteria.rhythm_bits, TURNS, 1.45, 0.80, guard=True),
    Measure("6", "breathes", "rests in 8 beats", criteria.breathes, TURNS, 0.25, 0.0, guard=True),
    Measure("7", "ends", "last note stable, long, on the beat", criteria.ends, TURNS, 0.50, 0.25),
    Measure("8", "takes up", "motifs of mine in the answer", criteria.takes_up, TURNS, 0.16, 0.02),
    Measure("8b", "not a parrot", "answer copied from me", criteria.copied, TURNS, 0.60, 1.0, guard=True),
    Measure(
        "9", "same call again", "change from its own last answer", criteria.changes, (AGAIN,), 0.50, 0.0, guard=True
    ),
    Measure(
        "9b", "same call again", "motifs of the call, answers 5 to 8", criteria.still_takes_up, (AGAIN,), 0.20, 0.0
    ),
    Measure("10", "duet", "dissonant share of what sounds together", criteria.dissonant, (DUET,), 0.20, 0.40),
    Measure("10b", "duet", "notes in my chord", criteria.in_my_chord, (DUET,), 0.70, 0.45),
    Measure("11", "harmonise", "dissonant share", criteria.dissonant, (HARMONISE,), 0.10, 0.40),
    Measure("11b", "harmonise", "notes in the key, against mine", criteria.harmonised_in_key, (HARMONISE,), 0.98, 0.60),
    Measure(
        "11c", "harmonise", "notes in my chord, against mine", criteria.harmonised_in_chord, (HARMONISE,), 0.90, 0.60
    ),
    Measure("12", "two hands", "notes sounding, against mine", criteria.thickness, TURNS, 0.80, 0.30, guard=True),
    Measure("12b", "two hands", "sonorities that are chords, against mine", criteria.chordal, TURNS, 0.90, 0.30),
    Measure(
        "12c", "two hands", "time in two layers, against mine", criteria.in_two_layers, TURNS, 0.60, 0.10, guard=True
    ),
    Measure("13", "drummer", "answered on drums of the kit", criteria.on_the_kit, TURNS, 0.90, 0.0),
    Measure("14", "dynamics", "spread of velocities, against mine", criteria.dynamics, TURNS, 0.75, 0.0, guard=True),
)
