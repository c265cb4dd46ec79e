"""Phrases that a performer plays, as events: a plain one, a swung one, a Sarali Varisai."""

import random
from collections.abc import Sequence

from livegen.events import Heard, NoteOff, NoteOn


def phrase(
    start: float = 0.0, gap: float = 0.25, notes: int = 8, velocity: int = 90, length: float = 0.2
) -> list[Heard]:
    """A chromatic line upwards from middle C, every note ``length`` seconds long."""
    events: list[Heard] = []
    for index in range(notes):
        at = start + index * gap
        events += [NoteOn(at, 60 + index, velocity), NoteOff(at + length, 60 + index)]
    return events


def swung(share: float, pairs: int = 16, beat: float = 0.5, jitter: float = 0.0, start: float = 0.0) -> list[Heard]:
    """Pairs of a long and a short note, and a last note on the beat."""
    draw = random.Random(3)
    onsets = [start + beat * (pair + late) for pair in range(pairs) for late in (0.0, share)]
    onsets = [at + draw.gauss(0.0, jitter) if jitter else at for at in [*onsets, start + beat * pairs]]
    lasting = beat * min(share, 1 - share) * 0.7
    return [
        event
        for index, at in enumerate(onsets)
        for event in (NoteOn(at, 60 + index * 5 % 12, 80), NoteOff(at + lasting, 60 + index * 5 % 12))
    ]


def song(beat: float = 0.5, start: float = 0.0) -> list[Heard]:
    """Sixteen beats in C major, in quarters and eighths: an even beat that is easily heard."""
    figure = ((0.0, 60), (1.0, 64), (2.0, 67), (3.0, 65), (3.5, 67))
    notes = [(place + 4 * bar, pitch) for bar in range(4) for place, pitch in figure]
    ends = [*(place for place, _ in notes[1:]), 16.0]
    events: list[Heard] = []
    for (place, pitch), end in zip(notes, ends, strict=True):
        off = place + 0.9 * (end - place)
        events += [NoteOn(start + beat * place, pitch, 90), NoteOff(start + beat * off, pitch)]
    return events


def varisai(tempo: float = 72.0, start: float = 1.0, tonic: int = 50, pitches: Sequence[int] = ()) -> list[Heard]:
    """The first avartana of a Sarali Varisai, s r g m | p d | n S, once up and once down, in Mayamalavagowla."""
    scale = [0, 1, 4, 5, 7, 8, 11, 12]
    akshara = 60.0 / tempo
    events: list[Heard] = []
    for index, pitch in enumerate(pitches or [tonic + step for step in (*scale, *reversed(scale))]):
        at = start + index * akshara
        events += [NoteOn(at, pitch, 90), NoteOff(at + 0.9 * akshara, pitch)]
    return events
