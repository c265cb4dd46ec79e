"""Four performers made by hand, for a run without data: a tune, the tune with a left hand, its solo, a drummer."""

from dataclasses import replace

from benchmarks.musicality import hands, phrases
from benchmarks.musicality.performance import DRUMS, Chord, Grid, Performer
from benchmarks.musicality.simulators import Score, Style, perform
from livegen.events import Note

# Four bars each, as steps of the C major scale and lengths in quarters.
_UNITS = (
    ((0, 1), (1, 1), (2, 1), (0, 1), (2, 1), (3, 1), (4, 2), (4, 0.5), (5, 0.5), (4, 0.5), (3, 0.5), (2, 1), (0, 5)),
    ((4, 0.5), (5, 0.5), (4, 0.5), (3, 0.5), (2, 1), (0, 1), (0, 1), (-3, 1), (0, 6), (1, 1), (2, 1), (1, 1), (0, 1)),
    (
        (2, 1),
        (2, 1),
        (3, 1),
        (4, 1),
        (4, 1),
        (3, 1),
        (2, 1),
        (1, 1),
        (0, 1),
        (0, 1),
        (1, 1),
        (2, 1),
        (2, 1.5),
        (1, 2.5),
    ),
    ((4, 1.5), (3, 0.5), (2, 1), (1, 1), (0, 1), (1, 1), (2, 2), (4, 0.5), (3, 0.5), (2, 0.5), (1, 0.5), (0, 6)),
)
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_CHORDS = ((0, (0, 4, 7)), (5, (5, 9, 0)), (7, (7, 11, 2, 5)), (0, (0, 4, 7)))  # a bar each


def tune() -> Score:
    """Ten units of four bars in C."""
    notes, at = [], 0.0
    for number in range(10):
        for step, length in _UNITS[number % len(_UNITS)]:
            octave, degree = divmod(step + number // len(_UNITS), 7)
            notes.append(Note(at, float(length), 60 + 12 * octave + _MAJOR[degree]))
            at += length
        at = 16.0 * (number + 1)
    chords = tuple(
        Chord(4.0 * bar, 4.0 * bar + 4.0, frozenset(classes), root) for bar, (root, classes) in enumerate(_CHORDS * 10)
    )
    return Score("a tune", tuple(notes), 4.0, 1.0, chords=chords, key=(0, False), cuts=phrases.cuts(notes, 4.0))


def drummer() -> Performer:
    """Forty bars of a beat."""
    beat = 0.5
    notes = []
    for eighth in range(320):
        pads = [42, *([36] if eighth % 8 in (0, 5) else []), *([38] if eighth % 8 in (2, 6) else [])]
        notes += [Note(eighth * beat / 2, 0.05, pad, 70 + 20 * (eighth % 2 == 0), DRUMS) for pad in pads]
    grid = Grid(tuple(beat * number for number in range(161)))
    cuts = tuple(8.0 * number - 0.01 for number in range(11))
    return Performer("a drummer", "drummer", "a drummer", tuple(notes), grid, cuts)


def performers(seed: int) -> list[Performer]:
    """All four."""
    score = tune()
    with_left_hand = replace(hands.accompany(score, "block"), name="a tune with a left hand")
    return [
        perform(score, Style(), "lead sheet", seed),
        perform(with_left_hand, Style(tempo=96), "two hands", seed),
        perform(replace(score, name="a slow tune"), Style(tempo=60, slips=0.05, pauses=0.05), "beginner", seed),
        drummer(),
    ]
