"""Two hands: a lead sheet's melody with its chords as a pianist's left hand plays them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from benchmarks.musicality.performance import LOWER, Chord
from benchmarks.musicality.simulators import Score
from livegen.events import Note

BASS, MIDDLE = 40, 53  # pitches around which the left hand's bass and its chords lie
_Struck = Iterator[tuple[float, float, list[int]]]  # place and length in quarters, and the pitches
_Pattern = Callable[[list[int], int, Chord, float], _Struck]


def _stride(tones: list[int], bass: int, chord: Chord, pulse: float) -> _Struck:
    """Bass and chord in turn, a beat each."""
    for number, at in enumerate(_places(chord, pulse)):
        yield at, pulse, [bass] if number % 2 == 0 else tones


def _block(tones: list[int], bass: int, chord: Chord, pulse: float) -> _Struck:
    """Bass and chord together, held."""
    yield chord.start, chord.end - chord.start, [bass, *tones]


def _broken(tones: list[int], bass: int, chord: Chord, pulse: float) -> _Struck:
    """Half a beat for each note: low, high, middle, high."""
    low, middle, high = sorted(tones)[:3]
    for number, at in enumerate(_places(chord, pulse / 2)):
        yield at, pulse / 2, [(low, high, middle, high)[number % 4]]


PATTERNS: dict[str, _Pattern] = {"stride": _stride, "block": _block, "broken": _broken}


def accompany(score: Score, pattern: str) -> Score:
    """The score with a left hand, on the channel of the lower layer; the melody moves up where it is too low."""
    play, played = PATTERNS[pattern], []
    voiced: list[int] = []
    for chord in _by_bar(score):
        voiced = _voiced(chord.classes, voiced)
        bass = _nearest(chord.root, BASS)
        for at, length, pitches in play(voiced, bass, chord, score.pulse):
            played += [Note(at, length, pitch, 52, LOWER) for pitch in pitches]
    lowest = min(note.pitch for note in score.notes)
    up = 12 * max(0, -(-(60 - lowest) // 12))
    melody = [replace(note, pitch=note.pitch + up) for note in score.notes]
    return replace(score, notes=tuple(sorted([*melody, *played], key=lambda note: (note.onset, note.pitch))))


def _by_bar(score: Score) -> Iterator[Chord]:
    """The chords, struck again at each bar line."""
    for chord in score.chords:
        lines = [chord.start]
        line = score.down + ((chord.start - score.down) // score.bar + 1) * score.bar
        while line < chord.end - 1e-6:
            lines.append(line)
            line += score.bar
        for start, end in pairwise([*lines, chord.end]):
            yield replace(chord, start=start, end=end)


def _places(chord: Chord, step: float) -> Iterator[float]:
    for number in range(round((chord.end - chord.start) / step)):
        yield chord.start + number * step


def _voiced(classes: frozenset[int], former: list[int]) -> list[int]:
    """Three or four pitches of a chord, each as near as may be to the chord before."""
    centre = sum(former) / len(former) if former else MIDDLE
    centre = min(MIDDLE + 4, max(MIDDLE - 4, centre))
    tones = sorted({_nearest(tone, centre) for tone in classes})[:4]
    return tones if len(tones) >= 3 else [*tones, tones[0] + 12, tones[-1] + 12][:3]


def _nearest(tone: int, centre: float) -> int:
    return min((tone + 12 * octave for octave in range(10)), key=lambda pitch: abs(pitch - centre))
