"""The place in a chart that is played: the beat of the chorus at a beat of the transport; loops, jumps, transposition.

All changes wait for a bar line of the transport, so that nobody loses the beat.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from livegen.charts.chart import Chart, Section, Span
from livegen.errors import SettingsError

HERE, NEXT = "here", "next"  # sections by where the chart is, where none is called so
_BEFORE = 0.01  # beats before a bar line: still in the section that ends there


@dataclass(frozen=True)
class _Way:
    """From ``origin`` on (beats of the transport), the chart is played from ``begin``, and round and round from
    ``start`` to ``end`` (beats of the chart)."""

    origin: float
    begin: float
    start: float
    end: float

    def beat(self, at: float) -> float:
        """The beat of the chart at a beat of the transport; before the origin the last ones of the loop."""
        return self.start + (self.begin - self.start + at - self.origin) % (self.end - self.start)


@dataclass(frozen=True)
class ChartPlace:
    """A chart that is played; each change gives another place. ``written`` is the chart before it was transposed."""

    written: Chart
    ways: tuple[_Way, ...]
    semitones: int = 0

    @classmethod
    def beginning(cls, chart: Chart, origin: float) -> "ChartPlace":
        """A chart whose first beat is at a beat of the transport."""
        return cls(chart, (_Way(origin, 0.0, 0.0, chart.length),))

    @cached_property
    def chart(self) -> Chart:
        """The chart as it sounds."""
        return self.written.transposed(self.semitones) if self.semitones else self.written

    @property
    def origin(self) -> float:
        """The beat of the transport at which the chart, or the part of it that is played, began or begins."""
        return self.ways[0].origin

    def beat(self, at: float) -> float:
        """The beat of the chorus at a beat of the transport."""
        way = next((way for way in reversed(self.ways) if way.origin <= at + 1e-6), self.ways[0])
        return way.beat(at + 1e-6)

    def bar(self, at: float) -> int:
        """The index, among the bars of the chorus, of the bar at a beat of the transport."""
        return self.chart.bar_at(self.beat(at))

    @property
    def vamp(self) -> int:
        """The number, from 1, of the section in which the chart stays, or is about to; 0: it goes on."""
        way = self.ways[-1]
        if (way.start, way.end) == (0.0, self.chart.length):
            return 0
        places = [(section.start, section.end) for section in self.chart.sections]
        return 1 + places.index((way.start, way.end))

    def span(self, at: float) -> Span:
        """The chord at a beat of the transport."""
        return self.chart.span_at(self.beat(at))

    def next_span(self, at: float) -> tuple[Span, float]:
        """The next chord that is another, and in how many beats it comes."""
        beat = self.beat(at)
        wait = self.chart.span_at(beat).end - beat
        for _ in range(len(self.chart.spans)):
            found = self.span(at + wait)
            if found.chord != self.span(at).chord:
                return found, wait
            wait += max(1e-3, found.end - self.beat(at + wait))
        return self.span(at), wait

    def section(self, name: str, before: float | None = None) -> Section:
        """The first section of that name, or of that number from 1; or "here" the one that is played ``before`` a beat
        of the transport, and the "next" one. Raises SettingsError that lists what there is."""
        sections = self.chart.sections
        if name.isdigit() and 1 <= int(name) <= len(sections):
            return sections[int(name) - 1]
        for section in sections:
            if section.name.lower() == name.lower():
                return section
        if before is not None and name.lower() in (HERE, NEXT):
            beat = self.beat(before - _BEFORE)
            number = next(at for at, section in enumerate(sections) if beat < section.end)
            return sections[(number + (name.lower() == NEXT)) % len(sections)]
        there = ", ".join(dict.fromkeys(each.name for each in sections if each.name)) or f"1 to {len(sections)}"
        raise SettingsError(f"The chart has no section {name!r:.40}; it has {there}.")

    def jumping(self, name: str, origin: float) -> "ChartPlace":
        """Go to a section at a beat of the transport, and on from there to the end. Raises SettingsError."""
        section = self.section(name, origin)
        return self._going(_Way(origin, section.start, 0.0, self.chart.length))

    def vamping(self, name: str, origin: float) -> "ChartPlace":
        """Stay in a section from a beat of the transport on; "" goes on with the chart. Raises SettingsError."""
        here = self.beat(origin)
        if not name:
            return self._going(_Way(origin, here, 0.0, self.chart.length))
        section = self.section(name, origin)
        begin = here if section.start <= here < section.end else section.start
        return self._going(_Way(origin, begin, section.start, section.end))

    def transposed(self, semitones: int) -> "ChartPlace":
        """The same place, so many semitones above what is written."""
        return replace(self, semitones=semitones)

    def _going(self, way: _Way) -> "ChartPlace":
        """The place that goes another way from its origin on; what was to come at or after it is dropped."""
        kept = tuple(each for each in self.ways if each.origin < way.origin) or self.ways[:1]
        return replace(self, ways=(*kept[-1:], way))
