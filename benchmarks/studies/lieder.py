"""Bass and chords beside real accompaniments: ``python -m benchmarks.studies.lieder FOLDER``, OpenScore Lieder.

Songs have no chord symbols, so the chord of a beat is the one that livegen hears in voice and piano together as the
beat is over; it is the chart for livegen and for the block triads, and what all three are judged by. The piano's lowest
note of each onset is its bass, the others are its chords. The songs are of the half that no rhythm was learnt from.
"""

import argparse
import statistics
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from benchmarks.studies.accompaniment import Figures, blocks, measure
from benchmarks.studies.trio_songs import Take, play
from livegen.events import Note
from livegen.listening.chord_filter import Sounding
from livegen.listening.chords_heard import ChordsHeard
from livegen.music.chord_symbol import Chord
from livegen.music.ensemble import BASS, CHORDS
from livegen.training.changes.songs import Song, is_learnt
from livegen.training.comping.accompaniments import Accompaniment, read_accompaniments

_METRES = {"2/4": 2, "3/4": 3, "4/4": 4}
_BARS = 32  # of each song
_TOGETHER = 0.03  # beats
_HEADINGS = ("in the chord", "melody unsupported", "semitones", "voice leading", "bass at changes", "chords a bar")


def song_of(score: Accompaniment) -> Song | None:
    """The voice of a song over the chords that are heard in all of it; None if its metre changes or is another."""
    bars = score.piano.bars[:_BARS]
    metres = {bar.metre for bar in bars}
    beats = _METRES.get(next(iter(metres)) or "") if len(metres) == 1 else None
    if beats is None:
        return None
    first = bars[0].at
    end = first + len(bars) * beats
    everything = [_moved(note, first) for note in (*score.voice, *score.piano.notes) if first <= note.onset < end]
    chords = heard(everything, beats, len(bars) * beats)
    voice = [_moved(note, first) for note in score.voice if first <= note.onset < end]
    fits = len(voice) >= 32 and sum(chord is not None for chord in chords) >= 16
    return Song(score.name, 0, beats, tuple(voice), tuple(chords)) if fits else None


def _moved(note: Note, first: float) -> Sounding:
    return Sounding(note.pitch, note.onset - first, note.onset - first + note.duration)


def heard(notes: Iterable[Sounding], beats_per_bar: int, beats: int) -> list[Chord | None]:
    """The chord that is heard in each beat, as it is over."""
    listener, found = ChordsHeard(), list[Chord | None]()
    waiting = sorted([(each.begins, 1, each.pitch) for each in notes] + [(each.ends, 0, each.pitch) for each in notes])
    at = 0
    for beat in range(beats):
        while at < len(waiting) and waiting[at][0] < beat + 0.9:
            when, begins, pitch = waiting[at]
            (listener.hear_note if begins else listener.hear_release)(when, pitch, beats_per_bar)
            at += 1
        estimate = listener.estimate(beat + 0.9)
        found.append(None if estimate is None else estimate.chord)
    return found


def real(take: Take, score: Accompaniment) -> Take:
    """The same melody with the song's own piano."""
    first = score.piano.bars[0].at
    end = first + len(take.song.chords)
    parts: dict[str, list[Note]] = {BASS: [], CHORDS: []}
    notes = sorted(score.piano.notes, key=lambda note: (note.onset, note.pitch))
    last = -1.0
    for note in notes:
        if first <= note.onset < end:
            part = CHORDS if note.onset - last < _TOGETHER else BASS
            last = note.onset if part == BASS else last
            at = take.start + (note.onset - first) * take.beat
            parts[part].append(Note(at, note.duration * take.beat, note.pitch))
    return take._replace(parts=parts, tallies={})


def songs_of(folder: Path, most: int) -> Iterator[tuple[Song, Accompaniment]]:
    """Songs of the half that is for measuring."""
    pairs = ((song_of(score), score) for score in read_accompaniments(folder) if not is_learnt(score.name))
    return islice(((song, score) for song, score in pairs if song is not None), most)


def table(pairs: Iterable[tuple[Song, Accompaniment]]) -> list[str]:
    """The figures as Markdown."""
    found: dict[str, list[Figures]] = {}
    for song, score in pairs:
        take = play(song, (BASS, CHORDS), charted=True)
        found.setdefault("the song's piano", []).append(measure(real(take, score)))
        found.setdefault("livegen", []).append(measure(take))
        found.setdefault("block triads", []).append(measure(blocks(take, song.chords)))
    lines = [f"| | {' | '.join(_HEADINGS)} |", "| --- |" + " ---: |" * len(_HEADINGS)]
    for name, figures in found.items():
        means = [statistics.mean(each) for each in zip(*figures, strict=True)][: len(_HEADINGS)]
        lines.append(f"| {name} | {' | '.join(f'{each:.3f}' for each in means)} |")
    return [f"{len(found.get('livegen', []))} songs", "", *lines]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=20, help="songs (default 20)")
    asked = parser.parse_args()
    print("\n".join(table(songs_of(asked.folder, asked.most))))


if __name__ == "__main__":
    main()
