"""A made-up performer's playing, as events, tunes and journals."""

import json
from pathlib import Path

import numpy as np

from livegen.events import Heard, NoteOff, NoteOn
from livegen.training.own import journals
from livegen.training.own.journals import PlayedJournal
from livegen.tunes.tune import Tune


def played(seed: int, count: int, start: float = 1.0, scale: tuple[int, ...] = (0, 2, 4, 5, 7, 9, 11)) -> list[Heard]:
    """A melody that walks along a scale and comes back to what it played; not quite in time."""
    random = np.random.default_rng(seed)
    riff = random.integers(-2, 3, 8).tolist()
    events: list[Heard] = []
    at, place = start, int(random.integers(7, 14))
    for number in range(count):
        place = int(np.clip(place + (riff[number % 8] if number % 32 < 24 else random.integers(-2, 3)), 0, 20))
        pitch = 48 + 12 * (place // len(scale)) + scale[place % len(scale)]
        gap = 0.5 if number % 4 == 3 else 0.25
        events += [NoteOn(at, pitch, int(random.integers(60, 100))), NoteOff(at + 0.8 * gap, pitch)]
        at += gap + float(random.normal(0, 0.008))
    return events


def take(seed: int, count: int, name: str = "") -> Tune:
    return journals.tunes(PlayedJournal(name or str(seed), played(seed, count)))[0]


def journal(path: Path, heard: list[Heard], more: list[str] | None = None) -> None:
    """A journal as a session writes it."""
    lines = [json.dumps({"livegen": 1, "settings": {"tempo": 120.0}})]
    for each in heard:
        values = [each.at, each.pitch, each.velocity] if isinstance(each, NoteOn) else [each.at, each.pitch]  # type: ignore[union-attr]
        lines.append(json.dumps(["heard", "on" if isinstance(each, NoteOn) else "off", *values, 1, 0]))
    path.write_text("\n".join(lines + (more or [])) + "\n")


def own(count: int = 10) -> list[Tune]:
    return [take(seed, 64) for seed in range(count)]
