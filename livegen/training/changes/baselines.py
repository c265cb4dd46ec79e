"""Simpler ways to hear and foresee chords, and one that sees the whole song: what the filter is measured beside."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from livegen.listening.chord_filter import BY_BAR, ChordFilter, shares
from livegen.listening.chord_tables import CHORDS, DOWNBEAT, KEYS, PHRASE, ChordTables, Table, place_of
from livegen.music.chord_symbol import DIMINISHED, FAMILIES, MINOR, SEVENTH, Chord
from livegen.training.changes.songs import Song

Class = tuple[int, int]  # root; 0 major, 1 minor or diminished, 2 seventh
_OF_FAMILY = [{MINOR: 1, DIMINISHED: 1, SEVENTH: 2}.get(family, 0) for family in FAMILIES]
_TEMPLATES = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10))
_WINDOW = 4  # beats
_FIRST, _SECOND = 6.0, 3.0  # of the chain: how often a shorter past counts beside a longer


def class_of(chord: Chord) -> Class:
    """The class in which chords are compared."""
    return chord.root, _OF_FAMILY[FAMILIES.index(chord.family)]


def by_template(song: Song, beat: int) -> Class:
    """The triad or seventh whose notes fit best those of the latest beats."""
    weights = np.zeros(12)
    for at in range(max(0, beat - _WINDOW + 1), beat + 1):
        sounding = [note for note in song.notes if note.begins < at + 1 and note.ends > at]
        weights += shares(sounding, at, at + 1.0).sum(axis=0)
    best, found = -1.0, (song.tonic, 0)
    for quality, steps in enumerate(_TEMPLATES):
        for root in range(12):
            fit = float(weights[[(root + step) % 12 for step in steps]].sum()) / len(steps) ** 0.5
            if fit > best:
                best, found = fit, (root, quality)
    return found


def viterbi(song: Song, tables: ChordTables) -> list[Class]:
    """The likeliest chords of a whole song, in one key, by the tables and weights of the filter."""
    chord_filter = ChordFilter(tables)
    heard = []
    for beat in range(len(song.chords)):
        sounding = [note for note in song.notes if note.begins < beat + 1 and note.ends > beat]
        heard.append(chord_filter.likelihood(shares(sounding, beat, beat + 1.0)))
    with np.errstate(divide="ignore"):
        moves = np.log(tables.moves)
    best: Table = np.log(chord_filter.start) + heard[0]
    back = np.zeros((len(heard), KEYS, CHORDS), dtype=int)
    for beat in range(1, len(heard)):
        place = place_of(beat, song.beats_per_bar)
        through = best[:, :, None] + moves[place][None]
        back[beat] = through.argmax(axis=1)
        best = through.max(axis=1) + heard[beat]
        if place == DOWNBEAT:
            best += BY_BAR * tables.bars[beat // song.beats_per_bar % PHRASE]
    key, chord = np.unravel_index(int(best.argmax()), best.shape)
    path = [int(chord)]
    for beat in range(len(heard) - 1, 0, -1):
        path.append(int(back[beat, key, path[-1]]))
    numbers = (divmod(each, len(FAMILIES)) for each in reversed(path))
    return [((root + int(key)) % 12, _OF_FAMILY[family]) for root, family in numbers]


class Chain:
    """A Markov chain of order 2 over chords that follow each other, counted from the song's key, which it is told."""

    def __init__(self, songs: Sequence[Song]) -> None:
        self._after: Counter[tuple[Class, ...]] = Counter()
        self._total: Counter[tuple[Class, ...]] = Counter()
        for song in songs:
            chords = successive(song)
            for at in range(1, len(chords)):
                for past in (chords[at - 1 : at], chords[max(0, at - 2) : at]):
                    self._after[(*past, chords[at])] += 1
                    self._total[tuple(past)] += 1
                self._after[chords[at],] += 1

    def expect(self, past: Sequence[Class]) -> dict[Class, float]:
        """The probability of each next chord, given the ones before, counted from the key."""
        everything = [(root, quality) for root in range(12) for quality in range(3)]
        here = past[-1]
        counted = {each: self._after[each,] + 0.5 for each in everything if each != here}
        total = sum(counted.values())
        likely = {each: count / total for each, count in counted.items()}
        for weight, known in ((_FIRST, tuple(past[-1:])), (_SECOND, tuple(past[-2:]))):
            if len(known) == 1 or len(past) > 1:
                total = self._total[known] + weight
                likely = {each: (self._after[(*known, each)] + weight * p) / total for each, p in likely.items()}
        return likely


def successive(song: Song) -> list[Class]:
    """The chords of a song that follow each other, counted from its key; the same twice is one."""
    found: list[Class] = []
    for chord in song.chords:
        if chord is not None:
            root, quality = class_of(chord)
            now = ((root - song.tonic) % 12, quality)
            if not found or found[-1] != now:
                found.append(now)
    return found
