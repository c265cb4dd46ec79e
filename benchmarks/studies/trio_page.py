"""A page to listen to: ``python -m benchmarks.studies.trio_page FOLDER --out DIR``, a folder of lead sheets.

Ten songs of the half that no constant was set on: the melody by the file, drums, bass and chords by livegen over the
song's chords. Each is written as MIDI and drawn as a roll; where FluidSynth is installed with a General MIDI sound
font, it is rendered, too, and the level of each part is told. ``index.html`` shows all.
"""

import argparse
import math
import shutil
import subprocess
import wave
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from benchmarks.studies.accompaniment import measure
from benchmarks.studies.trio_songs import REPORT, Take, play, songs_of
from livegen.events import Note, NoteOff, NoteOn, ProgramChange
from livegen.midi import midifile
from livegen.music.ensemble import BASS, CHORDS, DRUMS, ROLES

_PARTS = (DRUMS, BASS, CHORDS)
_MELODY, _PROGRAM = "melody", 74  # a flute
_STYLES = ("any", "jazz", "any", "latin", "rock")  # in turn; a waltz has its own feel
_BARS = 24  # of each song
_FONTS = ("/usr/share/sounds/sf2", "/usr/share/soundfonts")
_RATE = 22050
_COLOURS = {_MELODY: "#444", BASS: "#1864ab", CHORDS: "#2b8a3e", DRUMS: "#c92a2a"}
_WIDTH, _ROW, _LOWEST, _HIGHEST = 1400, 4, 26, 92


def notes_of(take: Take) -> dict[str, list[Note]]:
    """The parts, the melody first, each as far as the page plays."""
    end = take.start + _BARS * take.song.beats_per_bar * take.beat
    every = {_MELODY: take.melody, **take.parts}
    return {name: [note for note in notes if note.onset < end] for name, notes in every.items()}


def write_midi(path: Path, parts: dict[str, list[Note]], beat: float) -> None:
    """A MIDI file with a track for each part."""
    written = {}
    for name, notes in parts.items():
        channel, program = (1, _PROGRAM) if name == _MELODY else (ROLES[name].channel, ROLES[name].program)
        events: list[NoteOn | NoteOff] = []
        for note in notes:
            events.append(NoteOn(note.onset, note.pitch, note.velocity, channel, duration=note.duration))
            events.append(NoteOff(note.onset + note.duration, note.pitch, channel))
        events.sort(key=lambda event: (event.at, isinstance(event, NoteOn)))
        written[name] = [ProgramChange(0.0, program, channel), *events]
    midifile.write(path, written, 60.0 / beat)


def render(source: Path, target: Path, font: Path) -> tuple[float, float] | None:
    """Render a MIDI file. Returns its peak and its mean level (dB of full scale); None if FluidSynth could not."""
    asked = ["fluidsynth", "-ni", "-g", "0.6", "-r", str(_RATE), "-F", str(target), str(font), str(source)]
    if subprocess.run(asked, capture_output=True, check=False, timeout=300).returncode or not target.exists():
        return None
    with wave.open(str(target)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float64) / 32768.0
    return _decibel(float(np.abs(frames).max(initial=0.0))), _decibel(float(np.sqrt(np.mean(frames**2))))


def _decibel(level: float) -> float:
    return 20.0 * math.log10(max(level, 1e-5))


def roll(take: Take, parts: dict[str, list[Note]]) -> str:
    """The parts over the bars, with the chords, as SVG."""
    bar, beats = take.beat * take.song.beats_per_bar, take.song.beats_per_bar
    height = (_HIGHEST - _LOWEST) * _ROW + 60
    scale = _WIDTH / ((_BARS + 1) * bar)
    first = take.start - bar

    def place(at: float) -> float:
        return (at - first) * scale

    drawn = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-size="9">']
    former = None
    for beat, chord in enumerate(take.song.chords[: _BARS * beats]):
        x = place(take.start + beat * take.beat)
        if beat % beats == 0:
            drawn.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="14" y2="{height}" stroke="#ddd"/>')
        if chord != former and chord is not None:
            drawn.append(f'<text x="{x + 1:.1f}" y="10">{escape(chord.name())}</text>')
        former = chord
    for name, notes in parts.items():
        for note in notes:
            x, width = place(note.onset), max(1.0, note.duration * scale - 0.5)
            y = height - 24.0 if name == DRUMS else height - 32 - (note.pitch - _LOWEST) * _ROW
            if name == DRUMS:
                y, width = y + (note.pitch % 5) * 4, 1.5
            if y > 12:
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="3.4" fill="{_COLOURS[name]}"/>'
                )
    return "\n".join([*drawn, "</svg>"])


def _font() -> Path | None:
    if shutil.which("fluidsynth") is None:
        return None
    return next((path for folder in _FONTS for path in sorted(Path(folder).glob("*.sf2"))), None)


def _levels(folder: Path, stem: str, parts: dict[str, list[Note]], beat: float, font: Path) -> list[str]:
    """The mean level of each part by itself, in words."""
    found = []
    for name, notes in parts.items():
        alone, sound = folder / f"{stem}-{name}.mid", folder / f"{stem}-{name}.wav"
        write_midi(alone, {name: notes}, beat)
        level = render(alone, sound, font)
        alone.unlink()
        sound.unlink(missing_ok=True)
        if level is not None:
            found.append(f"{name} {level[1]:.1f}")
    return found


def article(take: Take, number: int, out: Path, style: str, font: Path | None) -> str:
    """One song: written, rendered if there is a sound font, and told in HTML."""
    parts, stem = notes_of(take), f"{number:02}"
    write_midi(out / f"{stem}.mid", parts, take.beat)
    figures = measure(take)
    told = f"in the chord {figures.inside:.2f}, semitones {figures.clashes:.3f}, voice leading {figures.leading:.2f}"
    sound = ""
    if font is not None and (level := render(out / f"{stem}.mid", out / f"{stem}.wav", font)) is not None:
        levels = ", ".join(_levels(out, stem, parts, take.beat, font))
        told += f"; peak {level[0]:.1f} dB, mean {level[1]:.1f} dB ({levels})"
        sound = f'<audio controls preload="none" src="{stem}.wav"></audio>'
    title = escape(take.song.name.replace("_", " ").strip())
    head = f"<h2>{number}. {title}</h2><p>{take.song.beats_per_bar} beats a bar, style {style}: {told}</p>"
    return f'{head}<p>{sound} <a href="{stem}.mid">MIDI</a></p>{roll(take, parts)}'


def write_page(folder: Path, out: Path, part: str = REPORT, most: int = 10) -> list[str]:
    """The whole page; the sentences that tell each song."""
    out.mkdir(parents=True, exist_ok=True)
    font, told = _font(), []
    for number, song in enumerate(songs_of(folder, part, most), 1):
        style = "any" if song.beats_per_bar == 3 else _STYLES[number % len(_STYLES)]
        take = play(song, _PARTS, charted=True, style=style)
        told.append(article(take, number, out, style, font))
    key = " ".join(f'<b style="color:{colour}">{name}</b>' for name, colour in _COLOURS.items())
    page = ['<!doctype html><meta charset="utf-8"><title>A trio under ten songs</title>', f"<p>{key}</p>", *told]
    (out / "index.html").write_text("\n".join(page), "utf-8")
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("trio"))
    parser.add_argument("--part", default=REPORT, help="report or tune")
    parser.add_argument("--most", type=int, default=10)
    asked = parser.parse_args(arguments)
    write_page(asked.folder, asked.out, asked.part, asked.most)
    print(f"Wrote {asked.out / 'index.html'}.")


if __name__ == "__main__":
    main()
