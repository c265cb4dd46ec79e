"""Counts the tables of chords in lead sheets, for `livegen train changes`. Nothing is drawn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livegen.listening.chord_filter import shares
from livegen.listening.chord_tables import CHORDS, PHRASE, PLACES, WAYS, ChordTables, Table, index_of, place_of
from livegen.music.chord_symbol import FAMILIES
from livegen.training.changes.songs import Song, fingerprint, is_learnt, read_songs

# Counts that are added before anything is seen, chosen by cross-validation within the half that is learnt from.
_STAYS = 20.0  # of staying on a chord, as often as chords in general do there
_MOVES = 2.0  # of moving as often as to each chord in general
_NOTES = 36.0  # of notes, as over all chords of the family, leaning to those of the key
_KEY = 0.5  # how far they lean
_BARS = 30.0  # of a chord in a bar of four


def count(songs: Sequence[Song]) -> ChordTables:
    """The tables of these songs."""
    moves, notes = np.zeros((len(PLACES), CHORDS, CHORDS)), np.zeros((len(WAYS), CHORDS, 12))
    bars, first = np.zeros((PHRASE, CHORDS)), np.zeros(CHORDS)
    for song in songs:
        before: int | None = None
        for beat, chord in enumerate(song.chords):
            if chord is None:
                before = None
                continue
            now = index_of(chord, song.tonic)
            if before is None:
                first[now] += 1
            else:
                moves[place_of(beat, song.beats_per_bar), before, now] += 1
            sounding = [note for note in song.notes if note.begins < beat + 1 and note.ends > beat]
            notes[:, now] += np.roll(shares(sounding, beat, beat + 1.0), -song.tonic, axis=1)
            bars[beat // song.beats_per_bar % PHRASE, now] += 1
            before = now
    return _tables(moves, notes, bars, first)


def _tables(moves: Table, notes: Table, bars: Table, first: Table) -> ChordTables:
    start = first + moves.sum(axis=(0, 1)) + 0.5
    following = _following(moves)
    total = bars.sum(axis=0) / bars.sum()
    smoothed = (bars + _BARS * total) / (bars.sum(axis=1, keepdims=True) + _BARS)
    likelier = np.zeros_like(smoothed)
    np.log(smoothed, where=total > 0, out=likelier)
    likelier -= np.log(np.where(total > 0, total, 1.0))
    return ChordTables(
        np.array([_moving(each, following) for each in moves]),
        np.array([_sounding(each) for each in notes]),
        np.where(total > 0, likelier, 0.0),
        start / start.sum(),
        following,
    )


def _following(moves: Table) -> Table:
    """The chord that follows, if another does."""
    changed = moves.sum(axis=0) * (1.0 - np.eye(CHORDS))
    general = changed.sum(axis=0) + 0.5
    rows = changed + _MOVES * general / general.sum()
    rows *= 1.0 - np.eye(CHORDS)
    found: Table = rows / rows.sum(axis=1, keepdims=True)
    return found


def _moving(counts: Table, following: Table) -> Table:
    """From one beat to the next at one place of the bar: to stay, or to move as ``following`` says."""
    total = counts.sum(axis=1)
    general = np.trace(counts) / max(1.0, counts.sum())
    stays = (np.diagonal(counts) + _STAYS * general) / (total + _STAYS)
    moving: Table = (1.0 - stays)[:, None] * following
    moving[np.arange(CHORDS), np.arange(CHORDS)] = stays
    return moving


def _sounding(counts: Table) -> Table:
    """The logarithm of the probability of each pitch class over each chord."""
    families = np.full((len(FAMILIES), 12), 2.0)
    key = (counts.sum(axis=0) + 1.0) / (counts.sum() + 12.0)
    for chord in range(CHORDS):
        families[chord % len(FAMILIES)] += np.roll(counts[chord], -(chord // len(FAMILIES)))
    found = np.zeros_like(counts)
    for chord in range(CHORDS):
        expected = np.roll(families[chord % len(FAMILIES)], chord // len(FAMILIES)) * key**_KEY
        row = counts[chord] + _NOTES * expected / expected.sum()
        found[chord] = np.log(row / row.sum())
    return found


def train(folder: Path, path: Path) -> Path:
    """Count the half of a folder's lead sheets that is for learning, and write the tables. Raises FileError."""
    songs = [song for song in read_songs(folder).songs if is_learnt(song.name)]
    write(count(songs), songs, path)
    return path


def write(tables: ChordTables, songs: Sequence[Song], path: Path) -> None:
    """Write the tables, with the fingerprints of the songs that they were counted in."""
    learnt = np.array(sorted(fingerprint(song.name) for song in songs))
    arrays: dict[str, Any] = {name: np.asarray(table, dtype=np.float32) for name, table in tables._asdict().items()}
    with path.open("wb") as target:
        np.savez_compressed(target, songs=learnt, **arrays)


def learnt_from(path: Path) -> frozenset[str]:
    """The fingerprints of the songs that tables were counted in."""
    with np.load(path, allow_pickle=False) as found:
        return frozenset(found["songs"].tolist()) if "songs" in found else frozenset()
