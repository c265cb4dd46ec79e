"""The number of measurements: the full one, or a quick one to see that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """``rounds`` alternate between livegen and its floor; all else is a round's, in notes unless it says seconds."""

    rounds: int = 3
    human: int = 600
    steady: int = 5000
    chords: int = 60
    capacity: int = 20_000
    over_midi: int = 300
    interruptions: int = 20
    hot_steps: int = 10_000
    paced_steps: int = 200
    playing_seconds: float = 20.0
    deadlines: int = 2000
    idle_seconds: float = 10.0
    busy_notes: int = 1000
    rest_seconds: float = 2.2  # after livegen played, until it no longer keeps its caches warm


FULL = Counts()
QUICK = Counts(2, 120, 1000, 12, 4000, 100, 6, 2000, 40, 4.0, 300, 2.0, 100, 0.5)
