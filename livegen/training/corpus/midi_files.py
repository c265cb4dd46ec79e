"""MIDI files as tunes, and notes of several hands, voices or tracks as one player would play them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from livegen.errors import FileError
from livegen.events import Note, NoteOn
from livegen.midi import midifile
from livegen.predictors.encoding import CHORD
from livegen.tunes.tune import MAX_NOTES, Bar, Tune, metre_length

DRUMS = 10  # the MIDI channel whose pitches are not pitches


def read(path: Path, bars: bool = True, drums: Mapping[int, int] | None = None) -> Tune:
    """A MIDI file, all tracks as one player. With ``drums``, channel 10 alone, its pitches looked up there.

    ``bars`` says that the file's beats and metre were meant. Raises FileError if it cannot be read or has no notes.
    """
    score = midifile.read(path)
    if drums is None:
        chosen = [note for note in score.beats if note.channel != DRUMS]
    else:
        hits = [note for note in score.beats if note.channel == DRUMS and note.pitch in drums]
        chosen = [replace(note, pitch=drums[note.pitch]) for note in hits]
    if not chosen or len(chosen) > MAX_NOTES:
        wanted = "notes" if drums is None else "drums on channel 10"
        raise FileError(f"{path.name} has no {wanted} (or over {MAX_NOTES:,}); choose another MIDI file.")
    ons = [event.at for event in score.events if isinstance(event, NoteOn)]
    length = max(note.onset for note in score.beats)
    beat = max(ons) / length if length > 0 and ons else 0.5
    notes = one_player(_chords(chosen, CHORD / max(beat, 0.05)))
    return Tune(path.stem, notes, _bars(notes, score.metre) if bars else (), touched=True)


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


def _bars(notes: Sequence[Note], metre: str | None) -> tuple[Bar, ...]:
    length = metre_length(metre)
    if not length:
        return ()
    count = int(notes[-1].onset / float(length)) + 1
    return tuple(Bar(index * float(length), metre) for index in range(min(count, MAX_NOTES)))
