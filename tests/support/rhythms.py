"""Performers who keep a beat: melodies and drum grooves as events, with the times of their beats."""

import random
from collections.abc import Sequence

from livegen.events import Heard, NoteOff, NoteOn
from livegen.music.drums import CHANNEL


def melody(
    beats: int = 32, tempo: float = 112.0, jitter: float = 0.0, velocity: int = 80, start: float = 1.0
) -> list[Heard]:
    """Quarters and eighths at a tempo, each onset as far from its place as ``jitter`` (seconds, a deviation) says."""
    draw = random.Random(beats)
    length = 60.0 / tempo
    events: list[Heard] = []
    place, pitch = 0.0, 67
    while place < beats:
        value = 0.5 if place % 1 else draw.choice([1.0, 1.0, 0.5])
        at = start + place * length + (draw.gauss(0.0, jitter) if jitter else 0.0)
        pitch = max(55, min(80, pitch + draw.choice([-3, -2, -1, 1, 2, 3])))
        events += [NoteOn(at, pitch, velocity), NoteOff(at + 0.8 * value * length, pitch)]
        place += value
    return in_order(events)


def groove(bars: int = 2, tempo: float = 100.0, start: float = 1.0, pads: Sequence[int] = (36, 38, 42)) -> list[Heard]:
    """Kick, snare and hat on the pads given, in eighths."""
    length, (kick, snare, hat) = 60.0 / tempo, pads
    events: list[Heard] = []
    for eighth in range(8 * bars):
        at = start + eighth * length / 2
        struck = [hat, *([kick] if eighth % 4 == 0 else []), *([snare] if eighth % 4 == 2 else [])]
        for pad in struck:
            events += [NoteOn(at, pad, 90, CHANNEL), NoteOff(at + 0.05, pad, CHANNEL)]
    return in_order(events)


def in_order(events: Sequence[Heard]) -> list[Heard]:
    """The events in order of time, at one time the releases first."""
    return sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))
