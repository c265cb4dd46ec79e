"""Made-up takes of a drummer, as arrays and as MIDI files in a folder laid out as Groove's."""

import csv
from pathlib import Path

import numpy as np

from livegen.events import Event, NoteOff, NoteOn
from livegen.midi import midifile
from livegen.music.drums import CHANNEL, CLOSED, KICK, KITS, SNARE
from livegen.predictors.drum_encoding import GROOVE, KIT
from livegen.training.drums.takes import Take


def take(bars: int = 8, seed: int = 0, part: str = "train", bar: int = 16) -> Take:
    """A rock groove whose velocities and deviations vary a little."""
    random = np.random.default_rng(seed)
    velocity = np.zeros((bars * bar, KIT), np.uint8)
    deviation = np.full((bars * bar, KIT), 7, np.uint8)
    velocity[::2, CLOSED] = 8
    velocity[::8, KICK] = 12
    velocity[4::8, SNARE] = 13
    struck = velocity > 0
    velocity[struck] += random.integers(0, 2, int(struck.sum())).astype(np.uint8)
    deviation[struck] += random.integers(0, 3, int(struck.sum())).astype(np.uint8)
    return Take(f"take {seed}", velocity, deviation, bar, 100.0, 1 + seed % 3, GROOVE, part)


def folder(path: Path, takes: int = 6) -> Path:
    """A folder of such takes as MIDI files, every third in the validation part, with Groove's table."""
    rows = []
    for seed in range(takes):
        made = take(4, seed)
        events: list[Event] = []
        for step, drum in np.argwhere(made.velocity > 0).tolist():
            at = (step + (int(made.deviation[step, drum]) - 7) / 15) * 60 / 100 / 4
            key = KITS["td-11"].plays[drum]
            velocity = int(made.velocity[step, drum]) * 8 - 4
            events += [NoteOn(max(0.0, at), key, velocity, CHANNEL), NoteOff(max(0.0, at) + 0.05, key, CHANNEL)]
        midifile.write(path / f"{seed}.mid", {"drums": sorted(events, key=lambda event: event.at)}, 100.0)
        part = "train" if seed % 3 else "validation"
        row = {"midi_filename": f"{seed}.mid", "style": "rock/folk", "beat_type": "beat", "split": part}
        rows.append(row | {"bpm": "100", "time_signature": "4-4"})
    with (path / "info.csv").open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
