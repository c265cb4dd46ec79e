"""Measures what chords tell a model of melodies: bits a note, and how its solos lie on the chords."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from livegen.predictors import models, over_chords
from livegen.training.changes.melodies import foreseen, line_of
from livegen.training.changes.solos import Lie, Soloist, chosen
from livegen.training.changes.songs import Song
from livegen.training.evaluation.bootstrap import Difference, difference

MODEL = "folk"  # it learnt from no lead sheet
_WAYS: dict[str, dict[str, Any]] = {
    "told the chords": {},
    "drawn to the chord on beats alone (`chord_lines` off)": {"chord_lines": False},
    "not told": {"chord_tones": 0.0},
}
_SOLOISTS = MODEL, "songs"


@dataclass(frozen=True)
class ToldReport:
    """Bits a note of pitch and of rhythm (which the chord does not change), and how lines lie on chords, by maker."""

    notes: int
    rhythm: float
    untold: float
    told: float
    difference: Difference
    lies: dict[str, Lie] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """As lines of Markdown."""
        low, high = self.difference.low, self.difference.high
        found = [
            f"| {MODEL}, {self.notes} notes of melodies | bits of pitch | rhythm and pitch |",
            "| --- | ---: | ---: |",
            f"| not told the chords | {self.untold:.3f} | {self.rhythm + self.untold:.3f} |",
            f"| told the chords | {self.told:.3f} | {self.rhythm + self.told:.3f} |",
            f"| difference, 95 % | {self.difference.mean:+.3f} | {low:+.3f} to {high:+.3f} |",
        ]
        if self.lies:
            found += ["", "| chord tones | notes | on strong beats | of all | others left by step |"]
            found.append("| --- | ---: | ---: | ---: | ---: |")
        for name, lie in self.lies.items():
            shares = " | ".join(f"{share:.3f}" for share in lie.shares().values())
            found.append(f"| {name} | {lie.notes} | {shares} |")
        return found

    def to_dict(self) -> dict[str, Any]:
        """As numbers."""
        bits = {"rhythm": self.rhythm, "not told": self.untold, "told": self.told}
        lies = {name: {"notes": lie.notes, **lie.shares()} for name, lie in self.lies.items()}
        return {"notes": self.notes, "bits": bits, "difference": self.difference._asdict(), "chord tones": lies}


def measure(
    songs: Sequence[Song], solos: int, solo: Soloist | None = None, say: Callable[[str], None] = lambda _: None
) -> ToldReport | None:
    """Measure the shipped weights on songs that they were not fitted to, and solos over so many of them; None if no
    melody is long enough."""
    say("foreseeing the melodies")
    melodies, over = foreseen(songs, models.load(MODEL)), over_chords.shipped()
    if not melodies:
        return None
    told, untold = ([each.bits(way) for each in melodies] for way in (over, None))
    notes = [len(each.pitches) for each in melodies]
    apart = difference([float(each.sum()) for each in told], [float(each.sum()) for each in untold], notes)
    total, rhythm = sum(notes), sum(float(each.rhythm.sum()) for each in melodies)
    before, after = (sum(float(each.sum()) for each in bits) / total for bits in (untold, told))
    return ToldReport(
        total, rhythm / total, before, after, apart, {} if solo is None else _lies(chosen(songs, solos), solo, say)
    )


def _lies(songs: Sequence[Song], solo: Soloist, say: Callable[[str], None]) -> dict[str, Lie]:
    """The songs' melodies and solos over them, as they lie on the chords."""
    found: dict[str, Lie] = {}
    for song in songs:
        found.setdefault("the songs' melodies", Lie()).add(song, line_of(song).notes)
    for name in _SOLOISTS if songs else ():
        model = models.load(name)
        for way, changed in _WAYS.items():
            say(f"solos of {name}, {way}")
            for song in songs:
                found.setdefault(f"{name}, {way}", Lie()).add(song, solo(song, model, changed))
    return found
