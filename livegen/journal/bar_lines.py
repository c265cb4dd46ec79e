"""The tempo and the bars of an exported file: the beats that were followed, as a tempo map with time signatures. Pure.

A file has one row of beats, each a quarter note, without a gap; a session may change from one source of beats to
another, whose beats fall elsewhere. There the file has one beat that is longer or shorter, and one bar of as many beats
as there were between two bar lines. A file that begins within a beat or a bar has a shorter bar first.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from livegen.journal.followed import Stretch
from livegen.midi.midifile import Conductor, metre_row
from livegen.midi.tempo_map import TICKS, TempoMap

_STEADY = 0.002  # seconds that a beat may be off a steady tempo
_SAME, _LOST = 0.5, 1.5  # of a beat's length: two beats nearer than this are one, and further apart there are more
_NOW = 0.005  # seconds: a beat this soon is at the beginning
_PARTS = (1, 2, 4, 8, 16)  # one of these parts of a quarter is the first bar, where a file begins within a beat
_MOST_BEATS = 400_000  # 24 hours at more than 240 a minute
_MOST_IN_BAR = 64
_SHORTEST, _LONGEST = 1, 0xFFFFFF  # microseconds of a quarter in a file


class _Beat(NamedTuple):
    at: float
    bar: bool  # whether a bar line is there


class _Span(NamedTuple):
    """So many quarters, equally long, up to a time (seconds)."""

    quarters: float
    end: float


def conductor(stretches: Sequence[Stretch], start: float, end: float) -> Conductor:
    """The tempo map and time signatures from ``start``, which becomes 0, to ``end`` (seconds of the journal)."""
    beats = [beat._replace(at=max(0.0, beat.at - start)) for beat in _beats(stretches, start, end)]
    spans: list[_Span] = []
    metres: list[tuple[float, str]] = []
    if beats[0].at > _NOW:
        part = _part(beats[0].at, beats[1].at - beats[0].at)
        spans.append(_Span(1 / part, beats[0].at))
        metres.append((0.0, f"1/{4 * part}"))
    else:
        beats[0] = beats[0]._replace(at=0.0)
    first = sum(span.quarters for span in spans)
    spans += _steady([beat.at for beat in beats])
    metres += ((first + beat, f"{count}/4") for beat, count in _bars(beats, stretches[-1].metre))
    rows = [metre_row(round(quarters * TICKS), metre) for quarters, metre in metres]
    return Conductor(_tempo_map(spans), tuple(rows))


def _beats(stretches: Sequence[Stretch], start: float, end: float) -> list[_Beat]:
    """The beats from ``start`` to a bar after ``end``, in order; at least two."""
    found: list[_Beat] = []
    for index, (_, grid, metre) in enumerate(stretches):
        begins = stretches[index].start if index else -math.inf
        ends = stretches[index + 1].start if index + 1 < len(stretches) else end + (metre + 1) * grid.length
        at = max(begins, start - _NOW)
        count = math.ceil(grid.beat + (at - grid.at) / grid.length)
        while (at := grid.at + (count - grid.beat) * grid.length) < ends and len(found) < _MOST_BEATS:
            _add(found, _Beat(at, count % metre == 0), grid.length)
            count += 1
    return found


def _add(found: list[_Beat], beat: _Beat, length: float) -> None:
    """Add a beat, which may be the last one, found anew; between two far ones some were lost."""
    if found and beat.at - found[-1].at < _SAME * length:
        found[-1] = beat._replace(at=max(beat.at, found[-1].at))
        return
    if found and beat.at - found[-1].at > _LOST * length:
        last, gap = found[-1].at, beat.at - found[-1].at
        between = round(gap / length)
        found += (_Beat(last + gap * number / between, False) for number in range(1, between))
    found.append(beat)


def _part(gap: float, length: float) -> int:
    """The part of a quarter that a beginning within a beat is nearest to: a half, a quarter and so on."""
    return min(_PARTS, key=lambda part: abs(math.log(part * gap / length)))


def _bars(beats: Sequence[_Beat], metre: int) -> list[tuple[int, int]]:
    """The time signatures: from which beat on how many beats are a bar."""
    lines = [index for index, beat in enumerate(beats) if beat.bar]
    if not lines or lines[0]:
        lines.insert(0, 0)
    found: list[tuple[int, int]] = []
    for line, after in pairwise(lines):
        count = after - line
        if count <= _MOST_IN_BAR and (not found or found[-1][1] != count):
            found.append((line, count))
    if not found or found[-1][1] != metre:
        found.append((lines[-1], metre))
    return found


def _steady(times: Sequence[float]) -> list[_Span]:
    """Beats at these times, in as few tempos as leave each where it is, to 2 ms."""
    spans: list[_Span] = []
    first, low, high = 0, 0.0, math.inf  # of the beats' length
    for index in range(1, len(times)):
        count = index - first
        gap = times[index] - times[first]
        if count > 1 and not low <= gap / count <= high:
            spans.append(_Span(count - 1, times[index - 1]))
            first, low, high = index - 1, 0.0, math.inf
            count, gap = 1, times[index] - times[index - 1]
        low, high = max(low, (gap - _STEADY) / count), min(high, (gap + _STEADY) / count)
    spans.append(_Span(len(times) - 1 - first, times[-1]))
    return spans


def _tempo_map(spans: Sequence[_Span]) -> TempoMap:
    """Whole microseconds a quarter; what is rounded in one tempo is made good in the next."""
    changes: list[tuple[int, int]] = []
    quarters, at = 0.0, 0.0
    for span in spans:
        microseconds = min(_LONGEST, max(_SHORTEST, round((span.end - at) / span.quarters * 1e6)))
        changes.append((round(quarters * TICKS), microseconds))
        quarters += span.quarters
        at += span.quarters * microseconds * 1e-6
    return TempoMap(TICKS, tuple(changes))
