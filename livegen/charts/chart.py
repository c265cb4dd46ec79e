"""A chart: the chords of one chorus, bar by bar as they are played, with its sections, metre, key and tempo."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from livegen.music.chord_symbol import Chord
from livegen.music.key import C_MAJOR, Key

MOST_BARS = 2048  # of a chorus, repeats played


class Change(NamedTuple):
    """A chord from a beat of its bar on, counted from 0; None: no chord sounds."""

    beat: float
    chord: Chord | None


class Bar(NamedTuple):
    """A bar as it is played; ``number`` is its number as written, from 1. ``begins``: its section begins with it."""

    beats: int
    changes: tuple[Change, ...] = ()  # none: the chord before goes on
    section: str = ""
    number: int = 0
    begins: bool = False


class Span(NamedTuple):
    """A stretch of one chord, in beats since the chorus began."""

    start: float
    end: float
    chord: Chord | None


class Section(NamedTuple):
    """A section: its name, and where it begins and ends, in beats since the chorus began."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Chart:
    """A chart. ``beats`` are those of its usual bar, whose unit is a dotted quarter where it is ``compound``."""

    title: str
    bars: tuple[Bar, ...]
    key: Key = C_MAJOR
    beats: int = 4
    compound: bool = False
    tempo: float | None = None  # beats a minute
    style: str = ""

    @cached_property
    def starts(self) -> tuple[float, ...]:
        """The beat at which each bar begins, and the end of the last."""
        found = [0.0]
        for bar in self.bars:
            found.append(found[-1] + bar.beats)
        return tuple(found)

    @property
    def length(self) -> float:
        """The beats of one chorus."""
        return self.starts[-1]

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The chords of a chorus in order, each until another comes; the first also where it is written later."""
        places = [
            (start + change.beat, change.chord)
            for start, bar in zip(self.starts, self.bars, strict=False)
            for change in bar.changes
        ]
        if not places or places[0][0] > 0.0:
            places.insert(0, (0.0, places[0][1] if places else None))
        merged = [place for at, place in enumerate(places) if not at or place[1] != places[at - 1][1]]
        ends = [*(at for at, _ in merged[1:]), self.length]
        return tuple(Span(at, end, chord) for (at, chord), end in zip(merged, ends, strict=True))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections in the order in which they are played; the whole chorus if none is named."""
        begins = [at for at, bar in enumerate(self.bars) if not at or self._starts_section(at)]
        ends = [*begins[1:], len(self.bars)]
        return tuple(
            Section(self.bars[first].section, self.starts[first], self.starts[end])
            for first, end in zip(begins, ends, strict=True)
        )

    def _starts_section(self, at: int) -> bool:
        """Whether another section begins with a bar, or the same again."""
        bar = self.bars[at]
        return bar.section != self.bars[at - 1].section or (bool(bar.section) and bar.begins)

    def span_at(self, beat: float) -> Span:
        """The chord at a beat of the chorus; beats beyond its end are those of the next."""
        at = beat % self.length
        return self.spans[bisect_right([span.start for span in self.spans], at + 1e-9) - 1]

    def next_span(self, beat: float) -> Span:
        """The chord after the one at this beat; after the last, the first."""
        return self.spans[(self.spans.index(self.span_at(beat)) + 1) % len(self.spans)]

    def bar_at(self, beat: float) -> int:
        """The index of the bar at a beat."""
        return bisect_right(self.starts, beat % self.length + 1e-9) - 1

    def section_at(self, bar: int) -> int:
        """The number, from 1, of the section that the bar of an index is in."""
        return sum(section.start <= self.starts[bar] for section in self.sections)

    def transposed(self, semitones: int) -> "Chart":
        """The chart so many semitones higher."""
        bars = tuple(
            bar._replace(
                changes=tuple(
                    change._replace(chord=None if change.chord is None else change.chord.transposed(semitones))
                    for change in bar.changes
                )
            )
            for bar in self.bars
        )
        return replace(self, bars=bars, key=Key((self.key.tonic + semitones) % 12, self.key.minor))
