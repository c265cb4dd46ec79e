"""MIDI files as tunes, and notes of several hands, voices or tracks as one player would play them."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from livegen.errors import FileError
from livegen.events import ControlChange, Note, NoteOn
from livegen.midi import midifile
from livegen.midi.midifile import Score
from livegen.predictors.encoding import CHORD
from livegen.tunes.tune import MAX_NOTES, Bar, Tune, metre_length

DRUMS = 10  # the MIDI channel whose pitches are not pitches


def read(path: Path, bars: bool = True, drums: Mapping[int, int] | None = None) -> Tune:
    """A MIDI file, all tracks as one player. With ``drums``, channel 10 alone, its pitches looked up there.

    ``bars`` says that the file's beats and metre were meant. Raises FileError if it cannot be read or has no notes.
    """
    return tune_of(midifile.read(path), path, bars, drums)


def tune_of(score: Score, path: Path, bars: bool = True, drums: Mapping[int, int] | None = None) -> Tune:
    """The tune of a file that was read, as ``read`` has it."""
    if drums is None:
        pitched = has_channels_for_notes(score)
        chosen = [note for note in score.beats if pitched or note.channel != DRUMS]
    else:
        hits = [note for note in score.beats if note.channel == DRUMS and note.pitch in drums]
        chosen = [replace(note, pitch=drums[note.pitch]) for note in hits]
    if not chosen:
        only = "no notes but drums (channel 10)" if score.beats else "no notes"
        raise FileError(f"{path.name} has {only if drums is None else 'no drums on channel 10'}; choose another file.")
    if len(chosen) > MAX_NOTES:
        raise FileError(f"{path.name} has more than {MAX_NOTES:,} notes; cut it into smaller files.")
    ons = [event.at for event in score.events if isinstance(event, NoteOn)]
    length = max(note.onset for note in score.beats)
    beat = max(ons) / length if length > 0 and ons else 0.5
    notes = one_player(_chords(chosen, CHORD / max(beat, 0.05)))
    return Tune(path.stem, notes, _bars(notes, score.metres) if bars else (), touched=True)


def has_channels_for_notes(score: Score) -> bool:
    """Whether each note has a channel of its own (MPE): the file says so, or its notes go round the channels."""
    zone: dict[int, tuple[int, int]] = {}  # by channel, the parameter that is chosen
    for event in score.events:
        if isinstance(event, ControlChange) and event.channel in (1, 16):
            coarse, fine = zone.get(event.channel, (127, 127))
            if event.control in (100, 101):
                zone[event.channel] = (event.value, fine) if event.control == 101 else (coarse, event.value)
            elif event.control == 6 and (coarse, fine) == (0, 6) and event.value:
                return True
    programs = {row[1] for track in score.tracks for _, row in track.rows if row[0] & 0xF0 == 0xC0}
    return len(programs) < 2 and _goes_round(score.beats)


def _goes_round(notes: Sequence[Note]) -> bool:
    """Whether every note is alone on its channel, next to none follows on the same, and many are used alike."""
    ends: dict[int, float] = {}
    counts: Counter[int] = Counter()
    same = 0
    before = 0
    for note in sorted(notes, key=lambda note: note.onset):
        if note.onset < ends.get(note.channel, 0.0) - 1e-6:
            return False
        ends[note.channel] = note.onset + note.duration
        counts[note.channel] += 1
        same += note.channel == before
        before = note.channel
    return len(counts) >= 5 and same <= 0.05 * len(notes) and max(counts.values()) <= 2 * min(counts.values()) + 2


def one_player(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Notes by onset, then pitch: of several at one pitch and onset the longest is kept, and a pitch that is struck
    again ends its former note."""
    kept: list[Note] = []
    last: dict[int, int] = {}  # where in ``kept`` each pitch was struck last
    for note in sorted(notes, key=lambda note: (note.onset, note.pitch, -note.duration)):
        index = last.get(note.pitch)
        if index is not None:
            before = kept[index]
            if before.onset == note.onset:
                continue
            kept[index] = replace(before, duration=min(before.duration, note.onset - before.onset))
        last[note.pitch] = len(kept)
        kept.append(note)
    return tuple(kept)


def _chords(notes: Sequence[Note], within: float) -> list[Note]:
    """Notes that begin less than ``within`` beats after one another begin together, as a live listener takes them."""
    placed: list[Note] = []
    before = -1e9
    for note in sorted(notes, key=lambda note: (note.onset, note.pitch)):
        together = note.onset - before < within
        before = note.onset
        placed.append(replace(note, onset=placed[-1].onset) if together else note)
    return placed


def _bars(notes: Sequence[Note], metres: Sequence[tuple[float, str]]) -> tuple[Bar, ...]:
    """The bars up to the last note; a metre that differs begins one where it comes."""
    bars: list[Bar] = []
    changes = [change for index, change in enumerate(metres) if not index or metres[index - 1][1] != change[1]]
    last = notes[-1].onset
    for (start, metre), (end, _) in pairwise([*changes, (math.inf, "")]):
        length = float(metre_length(metre) or 0)
        if not length or start > last:
            break
        count = math.ceil((end - start) / length - 1e-6) if end <= last else int((last - start) / length) + 1
        bars += (Bar(start + index * length, metre) for index in range(min(count, MAX_NOTES - len(bars))))
    return tuple(bars)
