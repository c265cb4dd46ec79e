"""Takes of drummers as steps: from MIDI files, with the styles, tempos and parts that a table ``info.csv`` tells."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livegen.errors import FileError
from livegen.files import music_file
from livegen.midi import midifile
from livegen.music import drums
from livegen.predictors.drum_encoding import (
    DEVIATIONS,
    FILL,
    GROOVE,
    KIT,
    STEPS,
    UNKNOWN,
    deviation_class,
    velocity_class,
)
from livegen.tunes.tune import metre_length

TRAIN, VALIDATION = "train", "validation"
_LONGEST = 20_000  # steps of a take
_COMMON = 16  # steps of a bar, where a file has no metre


@dataclass(frozen=True)
class Take:
    """A take: of each step and drum the velocity's class from 1 (0: no hit) and the deviation's class."""

    name: str
    velocity: npt.NDArray[np.uint8]  # [steps, KIT]
    deviation: npt.NDArray[np.uint8]
    bar: int = _COMMON  # steps of a bar
    tempo: float = 120.0
    style: int = 0  # 1 + the place in STYLES; 0: unknown
    fill: int = UNKNOWN
    part: str = ""  # "train", "validation" or "test", if the table says so

    @property
    def hits(self) -> int:
        """The number of hits."""
        return int((self.velocity > 0).sum())


@dataclass
class Takes:
    """The takes of a folder, and what could not be read."""

    takes: list[Take] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def part(self, name: str) -> list[Take]:
        """The takes of one part."""
        return [take for take in self.takes if take.part == name]

    def digest(self) -> str:
        """SHA-256 of the hits."""
        whole = hashlib.sha256()
        for take in self.takes:
            whole.update(take.velocity.tobytes() + take.deviation.tobytes() + bytes((take.bar, take.style, take.fill)))
        return whole.hexdigest()


def read(folder: Path) -> Takes:
    """The drum takes of a folder of MIDI files; a table ``info.csv``, as Groove has it, tells more of them. A table of
    that name that tells something else is left out.

    Raises FileError if there is no folder, or no take in it.
    """
    if not folder.is_dir():
        raise FileError(f"There is no folder {folder}; give one of MIDI files with drums.")
    found = Takes()
    rows: dict[Path, dict[str, str]] = {}
    for table in sorted(folder.rglob("info.csv")):
        try:
            rows.update(_rows(table))
        except FileError as error:
            found.left_out.append(str(error))
    for path in sorted(path for path in music_file.music_files(folder)[0] if _is_midi(path)):
        try:
            found.takes.append(take_of(path, rows.get(path, {})))
        except FileError as error:
            found.left_out.append(str(error))
    if not found.takes:
        why = f" ({found.left_out[0]})" if found.left_out else ""
        raise FileError(f"{folder} holds no MIDI file with drums on channel 10{why}; choose another folder.")
    return found


def _is_midi(path: Path) -> bool:
    return music_file.ENDINGS.get(path.suffix.lower()) == "MIDI"


def _rows(table: Path) -> Iterable[tuple[Path, dict[str, str]]]:
    try:
        with table.open(newline="", encoding="utf-8") as source:
            rows = list(csv.DictReader(source))
        return [(table.parent / row["midi_filename"], row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError):
        raise FileError(f"{table} is not a table of drum takes, and tells nothing of them.") from None


def take_of(path: Path, row: dict[str, str]) -> Take:
    """The take in a MIDI file, with its row of the table. Raises FileError if it cannot be read or has no drums."""
    score = midifile.read(path)
    hits = [note for note in score.beats if note.channel == drums.CHANNEL and note.pitch in drums.HEARD]
    if not hits:
        raise FileError(f"{path.name} has no drums on channel 10; choose another file.")
    count = int(hits[-1].onset * STEPS + 0.5) + 1
    if count > _LONGEST:
        raise FileError(f"{path.name} is longer than {_LONGEST // 16} bars; cut it into takes.")
    velocity = np.zeros((count, KIT), np.uint8)
    deviation = np.full((count, KIT), DEVIATIONS // 2, np.uint8)
    for note in hits:
        step = int(note.onset * STEPS + 0.5)
        drum, loud = drums.HEARD[note.pitch], 1 + velocity_class(note.velocity)
        if loud > velocity[step, drum]:  # of a flam the main stroke
            velocity[step, drum], deviation[step, drum] = loud, deviation_class(note.onset * STEPS - step)
    length = metre_length(score.metre)
    bar = _COMMON if length is None else round(float(length) * STEPS)
    tempo = 60e6 / score.conductor.tempo_map.changes[0][1] if score.conductor.tempo_map.changes else 120.0
    about = _about(row)
    return Take(path.stem, velocity, deviation, max(2, bar), min(300.0, max(30.0, tempo)), **about)


def _about(row: dict[str, str]) -> dict[str, Any]:
    style = row.get("style", "").partition("/")[0]
    fill = {"beat": GROOVE, "fill": FILL}.get(row.get("beat_type", ""), UNKNOWN)
    return {
        "style": drums.style_number(style),
        "fill": fill,
        "part": row.get("split", ""),
    }


def save(path: Path, takes: Sequence[Take]) -> None:
    """Keep takes in a compressed file, from which what a baseline counts can be counted again."""
    bounds = np.cumsum([len(take.velocity) for take in takes])
    velocity = np.concatenate([take.velocity for take in takes])
    deviation = np.concatenate([take.deviation for take in takes])
    patterns = np.packbits(velocity > 0, axis=1, bitorder="little").astype(np.uint16) @ np.array([1, 256], np.uint16)
    np.savez_compressed(
        path,
        bounds=bounds.astype(np.uint32),
        patterns=patterns.astype(np.uint16),
        velocity=velocity[velocity > 0],
        deviation=deviation[velocity > 0],
        bars=np.array([take.bar for take in takes], np.uint8),
        about=np.array([[take.style, take.fill] for take in takes], np.uint8),
        tempo=np.array([take.tempo for take in takes], np.float32),
    )


def load(path: Path) -> list[Take]:
    """The takes that ``save`` kept. Raises FileError if the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        hit = (arrays["patterns"][:, None] >> np.arange(KIT)) & 1 > 0
        velocity = np.zeros(hit.shape, np.uint8)
        deviation = np.full(hit.shape, DEVIATIONS // 2, np.uint8)
        velocity[hit], deviation[hit] = arrays["velocity"], arrays["deviation"]
        ends = arrays["bounds"].tolist()
        return [
            Take(str(number), velocity[a:b], deviation[a:b], int(bar), float(tempo), int(style), int(fill), TRAIN)
            for number, (a, b, bar, (style, fill), tempo) in enumerate(
                zip([0, *ends[:-1]], ends, arrays["bars"], arrays["about"], arrays["tempo"], strict=True)
            )
        ]
    except (OSError, ValueError, KeyError) as error:
        raise FileError(f"{path.name} cannot be read ({error}); make it again: livegen train drums.") from None
