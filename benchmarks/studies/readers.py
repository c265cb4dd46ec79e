"""ABC readers compared with abc2midi, and their speed: the reason why livegen has its own.

Grace notes, rolls and trills are taken out of the text first: abc2midi and symusic play them, livegen does not. A tune
agrees when the whole sequence of pitches is the same, repeats played, top note of chords.

    python -m benchmarks.studies.readers [--data DIR] [--tunes 60] [--show 0] [--card models/README.md]
"""

import argparse
import re
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido  # type: ignore[import-untyped]

from livegen.training.corpus.corpus import books
from livegen.training.model_card import put
from livegen.tunes.abc_reader import read_tune
from livegen.tunes.abc_text import split

Reader = Callable[[str], list[int]]


def tops(notes: list[tuple[int, int]], ticks: int = 480) -> list[int]:
    """The highest pitch at each onset, from (onset, pitch) pairs; abc2midi spreads a chord, 10 of 480 ticks a note."""
    found: list[tuple[int, int]] = []
    for onset, pitch in sorted(notes):
        if found and onset - found[-1][0] <= ticks // 12 - ticks // 32:
            found[-1] = (onset, max(pitch, found[-1][1]))
        else:
            found.append((onset, pitch))
    return [pitch for _, pitch in found]


def livegen_reader(text: str) -> list[int]:
    """Livegen's own."""
    return [note.pitch for note in read_tune(text, "performed").notes]


def abc2midi(text: str) -> list[int]:
    """The reference: abc2midi from Debian's abcmidi, read back with mido."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "tune.abc", Path(folder) / "tune.mid"
        source.write_text(text.replace("\nK:", "\n%%MIDI gchordoff\nK:", 1))
        subprocess.run(["abc2midi", str(source), "-o", str(target)], capture_output=True, check=False)
        at, notes = 0, []
        for message in mido.merge_tracks(mido.MidiFile(target).tracks):
            at += message.time
            if message.type == "note_on" and message.velocity:
                notes.append((at, message.note))
    return tops(notes)


def symusic(text: str) -> list[int]:
    """Symusic's embedded abc2midi."""
    import symusic as library

    score: Any = library.Score.from_abc(text)
    return tops([(note.start, note.pitch) for track in score.tracks[:1] for note in track.notes])


def music21(text: str) -> list[int]:
    """music21's converter, repeats expanded."""
    from music21 import converter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = converter.parse(text, format="abc")
        part = score.parts[0] if score.parts else score
        pitches: list[int] = []
        joined = False
        for element in part.expandRepeats().flatten().notes.getElementsNotOfClass("Harmony"):  # chord symbols
            if not joined and not element.duration.isGrace:
                pitches.append(max(pitch.midi for pitch in element.pitches))
            joined = element.tie is not None and element.tie.type in ("start", "continue")
    return pitches


def prepared(text: str) -> str:
    """The tune without grace notes and the signs for rolls and trills, which abc2midi plays out."""
    text = re.sub(r"\{[^}]*\}|(?m:(?<!^)[~T](?=[\^=_]*[A-Ga-g]))", "", text)
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"


def measure(name: str, texts: list[str], readers: dict[str, Reader], show: int) -> list[str]:
    """One table row a reader."""
    rows: list[str] = []
    wanted: dict[str, list[int]] = {}
    for text in texts:
        try:
            wanted[text] = abc2midi(text)
        except (OSError, EOFError, ValueError):
            continue
    for label, reader in readers.items():
        agreed = failed = 0
        took = 0.0
        for text, pitches in wanted.items():
            began = time.perf_counter()
            try:
                got = reader(text)
            except Exception:  # a foreign reader may raise anything
                got, failed = [], failed + 1
            took += time.perf_counter() - began
            agreed += got == pitches
            if got != pitches and show > 0 and label == "livegen":
                show -= 1
                print(text, "\nours  ", len(got), got, "\ntheirs", len(pitches), pitches)
        count = len(wanted)
        figures = f"{count} | {agreed / count:.1%} | {failed} | {1000 * took / count:.1f}"
        rows.append(f"| {name} | {label} | {figures} |")
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, help="a folder of ABC files to measure as well")
    options.add_argument("--tunes", type=int, default=60, help="how many tunes of each collection music21 reads")
    options.add_argument("--show", type=int, default=0, help="show so many tunes where livegen's own reader differs")
    options.add_argument("--only", default="", help="measure this collection only")
    options.add_argument("--card", type=Path, help="write the table into this model card")
    given = options.parse_args()
    if shutil.which("abc2midi") is None:
        raise SystemExit("abc2midi is not installed; on Debian: apt install abcmidi.")
    rows = [
        "| collection | reader | tunes | same pitches as abc2midi | failed | ms a tune |",
        "|---|---|---:|---:|---:|---:|",
    ]
    print(*rows, sep="\n")
    collections = books() | ({given.data.name: given.data} if given.data else {})
    for name, folder in collections.items():
        if given.only not in name:
            continue
        files = sorted(folder.rglob("*.abc")) if folder.is_dir() else [folder]
        texts = [prepared(tune) for file in files for tune in split(file.read_text("utf-8", errors="replace"))]
        rows += measure(name, texts, {"livegen": livegen_reader, "symusic": symusic}, given.show)
        some = texts[:: max(1, len(texts) // given.tunes)][: given.tunes]
        rows += measure(f"{name}, {len(some)} of them", some, {"livegen": livegen_reader, "music21": music21}, 0)
    if given.card:
        put(given.card, "readers", "\n".join(rows))


if __name__ == "__main__":
    main()
