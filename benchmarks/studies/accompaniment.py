"""Bass and chords under melodies: ``python -m benchmarks.studies.accompaniment FOLDER``, a folder of lead sheets.

Songs are played with their written chords as a chart and without; the beat is kept, as by a clock, so that harmony
alone is judged. Beside livegen: block triads, the bass on their roots, of the chart's chords, or of whatever is heard
at each beat. ``--part`` chooses the half: constants are set on ``tune``, which the tables of chords learnt from;
figures are told of ``report``.
"""

import argparse
import statistics
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks.studies.trio_songs import REPORT, TUNE, Take, play, songs_of
from livegen.events import Note
from livegen.listening.chords_heard import ChordsHeard
from livegen.music.chord_symbol import Chord
from livegen.music.ensemble import BASS, CHORDS, DRUMS
from livegen.music.voicings import movement
from livegen.training.changes.evaluate import left_hand
from livegen.training.changes.songs import Song

_TOGETHER = 0.05  # seconds: notes this near are one chord
_AT_A_CHANGE = (-0.6, 0.6)  # beats from a written change in which the bass may take it up
_STEP = 0.25  # beats between the moments that are looked at
_HEADINGS = (
    "in the chord", "melody unsupported", "semitones", "voice leading", "bass at changes", "chords a bar", "bass a bar",
    "late", "ms late", "revised", "root after"
)  # fmt: skip


class Figures(NamedTuple):
    """The share of the accompaniment's sound that belongs to the written chord; of the melody's notes on beats those
    that nothing under them has; of the melody's time that with a semitone or minor ninth against it; semitones a voice
    from chord to chord; of the changes those at which the bass plays the root; chords and bass notes a bar. Of the
    sounds that were decided those that were ``late``, and by how many milliseconds; those that are ``revised``, since
    the harmony surprised; and the beats after a change until the bass has its root, where it comes to it at all."""

    inside: float
    unsupported: float
    clashes: float
    leading: float
    roots: float
    chords: float
    basses: float
    late: float
    lateness: float
    revised: float
    after: float


def measure(take: Take) -> Figures:
    """The figures of one take."""
    song = take.song
    inside, total, clash, both = 0.0, 0.0, 0.0, 0.0
    played = [note for name, notes in take.parts.items() if name != DRUMS for note in notes]
    for number in range(int(len(song.chords) / _STEP)):
        place = (number + 0.5) * _STEP
        chord, at = song.chords[int(place)], take.start + place * take.beat
        under = [note.pitch for note in played if note.onset <= at < note.onset + note.duration]
        over = [note.pitch for note in take.melody if note.onset <= at < note.onset + note.duration]
        if chord is not None:
            inside += sum(pitch % 12 in chord.classes for pitch in under)
            total += len(under)
        if over and under:
            both += 1
            clash += any(abs(one - other) in (1, 13) for one in over for other in under)
    hits = chords_of(take.parts[CHORDS])
    bars = len(song.chords) / song.beats_per_bar
    pairs = [movement(one, other) for one, other in pairwise(hits) if one != other]
    return Figures(
        inside / max(1.0, total),
        _unsupported(take, played),
        clash / max(1.0, both),
        statistics.mean(pairs) if pairs else 0.0,
        _roots(take),
        len(hits) / bars,
        len(take.parts[BASS]) / bars,
        *_corrections(take),
        statistics.mean(_taken_up(take) or [0.0]),
    )


def _corrections(take: Take) -> tuple[float, float, float]:
    """Of the sounds that were decided the share that was late, by how many milliseconds, and the share revised."""
    tallies = take.tallies.values()
    sounds, late = max(1, sum(each.sounds for each in tallies)), sum(each.late for each in tallies)
    lateness = 1000.0 * sum(each.seconds for each in tallies) / max(1, late)
    return late / sounds, lateness, sum(each.revised for each in tallies) / sounds


def _taken_up(take: Take) -> list[float]:
    """The beats from each written change until the bass strikes its root, if it does while the chord lasts."""
    chords, found = take.song.chords, []
    for beat, chord in enumerate(chords):
        if chord is None or (beat and chords[beat - 1] == chord):
            continue
        over = next((later for later in range(beat, len(chords)) if chords[later] != chord), len(chords))
        places = [(note.onset - take.start) / take.beat for note in take.parts[BASS] if note.pitch % 12 == chord.lowest]
        struck = [place for place in places if beat + _AT_A_CHANGE[0] <= place < over + _AT_A_CHANGE[0]]
        found += [max(0.0, min(struck) - beat)] if struck else []
    return found


def chords_of(notes: Sequence[Note]) -> list[tuple[int, ...]]:
    """The notes that are struck together, in order."""
    found: list[list[Note]] = []
    for note in sorted(notes, key=lambda note: note.onset):
        if found and note.onset - found[-1][0].onset < _TOGETHER:
            found[-1].append(note)
        else:
            found.append([note])
    return [tuple(sorted(note.pitch for note in each)) for each in found]


def _unsupported(take: Take, played: Sequence[Note]) -> float:
    """Of the melody's notes on beats, the share whose pitch class nothing has that sounds within that beat."""
    missing = count = 0
    for note in take.melody:
        place = (note.onset - take.start) / take.beat
        if abs(place - round(place)) > 0.12 or not 0 <= round(place) < len(take.song.chords):
            continue
        begins, ends = note.onset, note.onset + max(0.5 * take.beat, min(note.duration, take.beat))
        under = {each.pitch % 12 for each in played if each.onset < ends and each.onset + each.duration > begins + 0.05}
        count += 1
        missing += note.pitch % 12 not in under
    return missing / max(1, count)


def _roots(take: Take) -> float:
    """Of the written changes, the share at which the bass plays the root, or the bass of a slash chord."""
    right = count = 0
    former: Chord | None = None
    for beat, chord in enumerate(take.song.chords):
        if chord is not None and chord != former:
            near = [
                note
                for note in take.parts[BASS]
                if _AT_A_CHANGE[0] <= (note.onset - take.start) / take.beat - beat <= _AT_A_CHANGE[1]
            ]
            count += 1
            right += any(note.pitch % 12 == chord.lowest for note in near)
        former = chord
    return right / max(1, count)


def blocks(take: Take, chords: Sequence[Chord | None]) -> Take:
    """The same melody under block triads of the chords at each beat, with their roots in the bass."""
    found: dict[str, list[Note]] = {BASS: [], CHORDS: []}
    since = 0
    for beat in range(1, len(chords) + 1):
        chord = chords[since]
        if beat < len(chords) and chords[beat] == chord and beat % take.song.beats_per_bar:
            continue
        if chord is not None:
            at, length = take.start + since * take.beat, (beat - since) * take.beat
            root = 48 + chord.root
            found[BASS].append(Note(at, length, 36 + chord.lowest))
            found[CHORDS] += [Note(at, length, root + step) for step in sorted({0, *_triad(chord)})]
        since = beat
    return take._replace(parts=found, tallies={})


def _triad(chord: Chord) -> set[int]:
    return {semitones for degree, semitones in chord.tones if degree in (3, 4, 5)}


def heard(song: Song) -> list[Chord | None]:
    """The chord that is heard at each beat, as the beat begins."""
    listener, found = ChordsHeard(), []
    waiting = sorted(
        [(note.begins, 1, note.pitch) for note in song.notes] + [(note.ends, 0, note.pitch) for note in song.notes]
    )
    for beat in range(len(song.chords)):
        while waiting and waiting[0][0] < beat:
            at, begins, pitch = waiting.pop(0)
            (listener.hear_note if begins else listener.hear_release)(at, pitch, song.beats_per_bar)
        estimate = listener.estimate(float(beat))
        found.append(None if estimate is None else estimate.chord)
    return list(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=(TUNE, REPORT), default=TUNE)
    parser.add_argument("--most", type=int, default=12, help="songs (default 12)")
    parser.add_argument("--style", default="any")
    asked = parser.parse_args()
    songs = songs_of(asked.folder, asked.part, asked.most)
    found: dict[str, list[Figures]] = {}
    for song in songs:
        for charted in (True, False):
            take = play(song, (BASS, CHORDS), charted, style=asked.style)
            told = "with the chart" if charted else "without"
            found.setdefault(f"livegen, {told}", []).append(measure(take))
            plain = blocks(take, song.chords if charted else heard(song))
            found.setdefault(f"block triads, {told}", []).append(measure(plain))
        both = song._replace(notes=tuple(sorted([*song.notes, *left_hand(song)], key=lambda note: note.begins)))
        hands = play(both, (BASS, CHORDS), False, style=asked.style)._replace(song=song, melody=take.melody)
        found.setdefault("livegen, chords in the left hand", []).append(measure(hands))
    print(f"{len(songs)} songs, part {asked.part}")
    print(f"| | {' | '.join(_HEADINGS)} |")
    print("| --- |" + " ---: |" * len(_HEADINGS))
    for name, figures in found.items():
        means = [statistics.mean(each) for each in zip(*figures, strict=True)]
        print(f"| {name} | {' | '.join(f'{each:.3f}' for each in means)} |")


if __name__ == "__main__":
    main()
