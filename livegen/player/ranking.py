"""Ranks answers to a phrase by stated criteria. Pure.

Each criterion is a shortcoming, 0 where there is nothing to wish for and about 1 where it fails; the answer with the
least weighted sum is the best. The measures are ratios to the performer's phrase, so that a plain call gets a plain
answer: nothing here makes an answer richer than what it answers, but for a little rhythm. A call that comes again, as a
riff does, asks for more: an answer that takes it up, in its rhythm, and differs from all before.
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from livegen.player.motifs import Tone, intervals

WEIGHTS = {
    "takes up a motif": 1.5,
    "is no copy": 1.0,
    "differs from the answers before": 1.5,
    "has the performer's pitches": 2.0,
    "has as much rhythm": 1.0,
    "keeps time": 1.5,
    "is as dense": 0.7,
    "breathes as often": 0.3,
    "keeps the register": 0.5,
    "moves by steps": 0.7,
    "ends well": 0.5,
    "takes up the rhythm": 1.0,
}
MOTIF = 3  # intervals
_COPIED = 4  # intervals in a row that make a copy
_TAKEN, _TOO_MUCH = 0.35, 0.5  # shares of motifs that are enough, and of intervals in copies that are not too many
_OTHER = 0.65  # edits, as a share, that make another answer
_OTHER_AGAIN, _MATTERS = 0.75, 2.0  # the same where the call comes again, and how much more it and motifs matter
_RHYTHM = 0.8  # share of pairs of gaps that take up the rhythm of the call
_FIRST = 16  # notes of answers that are compared: it takes the square of their number
_RICHER = 0.15  # bits by which the note values may be more varied than the call's, and should be
_OFF = 0.1  # of a half or third of a beat
_WIDE, _OCTAVE = 5.0, 12  # semitones
_LEAP = 7  # semitones: a wider one is a leap


class Heard(NamedTuple):
    """The things that answers are held against: the call; the pitches of the player's answers before, the latest first;
    the pitch classes in use and those that are stable; the beats that an answer lasts; whether the call comes again."""

    call: list[Tone]
    before: list[list[int]]
    classes: frozenset[int]
    stable: frozenset[int]
    beats: float
    again: bool = False


def shortcomings(answer: Sequence[Tone], heard: Heard) -> dict[str, float]:
    """The shortcoming of an answer (its first tone's gap does not count) by each criterion of WEIGHTS."""
    tones = within(answer, heard.beats)
    pitches, theirs = [tone.pitch for tone in tones], [tone.pitch for tone in heard.call]
    taken, copied = _taken(intervals(pitches), intervals(theirs))
    other = min((distance(pitches[:_FIRST], before[:_FIRST]) for before in heard.before), default=1.0)
    bits, wanted = _bits(tones), _bits(heard.call)
    moves = [abs(move) for move in intervals(pitches)]
    away = [min((pitches[-1] - each) % 12, (each - pitches[-1]) % 12) for each in heard.stable]
    return {
        "takes up a motif": (_MATTERS if heard.again else 1.0) * max(0.0, 1.0 - taken / _TAKEN),
        "is no copy": max(0.0, copied - _TOO_MUCH) / (1.0 - _TOO_MUCH),
        "differs from the answers before": _differs(other, heard.again),
        "has the performer's pitches": 1.0 - _share([pitch % 12 in heard.classes for pitch in pitches]),
        "has as much rhythm": max(0.0, wanted + _RICHER - bits) + max(0.0, bits - wanted - 3 * _RICHER) / 2,
        "keeps time": _late(tones, heard.call),
        "is as dense": min(2.0, abs(math.log2(_pace(tones) / _pace(heard.call)))),
        "breathes as often": min(2.0, abs(_rests(tones) - _rests(heard.call))),
        "keeps the register": max(0.0, abs(_mean(pitches) - _mean(theirs)) - _WIDE) / _OCTAVE,
        "moves by steps": max(0.0, _share([move > _LEAP for move in moves]) - _share(_leaps(theirs))),
        "ends well": min(away, default=0) / 6,
        "takes up the rhythm": max(0.0, 1.0 - _in_rhythm(tones, heard.call) / _RHYTHM) if heard.again else 0.0,
    }


def _differs(other: float, again: bool) -> float:
    return _MATTERS * max(0.0, 1.0 - other / _OTHER_AGAIN) if again else max(0.0, 1.0 - other / _OTHER)


def _in_rhythm(tones: Sequence[Tone], call: Sequence[Tone]) -> float:
    """The share of pairs of gaps in a row that are in the call."""
    own, theirs = ([tone.gap for tone in each[1:]] for each in (tones, call))
    known = set(pairwise(theirs))
    return _share([pair in known for pair in pairwise(own)]) if len(own) > 1 and known else 1.0


def score(answer: Sequence[Tone], heard: Heard) -> float:
    """The weighted sum of the shortcomings: 0 is the best there can be."""
    return sum(WEIGHTS[name] * value for name, value in shortcomings(answer, heard).items())


def within(answer: Sequence[Tone], beats: float) -> list[Tone]:
    """The tones that begin within so many beats of the first, two at least."""
    kept, lasted = list(answer[:1]), 0.0
    for tone in answer[1:]:
        lasted += tone.beats
        if lasted > beats and len(kept) > 1:
            break
        kept.append(tone)
    return kept


def _taken(own: Sequence[int], theirs: Sequence[int]) -> tuple[float, float]:
    """The share of motifs of MOTIF intervals that are in the call, and that of intervals in runs which are copies."""
    motifs, runs = _figures(theirs, MOTIF), _figures(theirs, _COPIED)
    taken = [tuple(own[at : at + MOTIF]) in motifs for at in range(len(own) - MOTIF + 1)]
    copied = [False] * len(own)
    for at in range(len(own) - _COPIED + 1):
        if tuple(own[at : at + _COPIED]) in runs:
            copied[at : at + _COPIED] = [True] * _COPIED
    return _share(taken), _share(copied)


def _figures(moves: Sequence[int], length: int) -> set[tuple[int, ...]]:
    return {tuple(moves[at : at + length]) for at in range(len(moves) - length + 1)}


def distance(one: Sequence[int], other: Sequence[int]) -> float:
    """Insertions, deletions and changes that lead from one to the other, as a share of the longer (Levenshtein).

    A column of the table is two whole numbers, whose bits say where it rises and falls by one (Myers 1999, as Hyyrö
    2001 has it for whole sequences): this is asked for hundreds of times a phrase.
    """
    count = len(one)
    if not count or not other:
        return float(count != len(other))
    places: dict[int, int] = {}
    for at, each in enumerate(one):
        places[each] = places.get(each, 0) | 1 << at
    whole, last, edits = (1 << count) - 1, 1 << (count - 1), count
    rises, falls = whole, 0
    for each in other:
        same = places.get(each, 0)
        either = same | falls
        across = (((same & rises) + rises) ^ rises) | same
        up, down = falls | (whole & ~(across | rises)), rises & across
        edits += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        rises, falls = (down | ~(either | up)) & whole, up & either & whole
    return edits / max(count, len(other))


def _bits(tones: Sequence[Tone]) -> float:
    """The entropy of the note values, in bits."""
    values = Counter(tone.gap for tone in tones[1:])
    total = values.total()
    return -sum(count / total * math.log2(count / total) for count in values.values())


def _late(tones: Sequence[Tone], call: Sequence[Tone]) -> float:
    """The share of the call's gaps that are halves of beats, or thirds if it has more of them, less the share of onsets
    that lie on such a grid from the first; 0 if that is more."""
    places = list(accumulate(tone.beats for tone in tones[1:]))
    kept = {parts: _share([_is_whole(parts * tone.beats) for tone in call[1:]]) for parts in (2, 3)}
    parts = max(kept, key=lambda parts: kept[parts])
    return max(0.0, kept[parts] - _share([_is_whole(parts * place) for place in places]))


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < _OFF


def _pace(tones: Sequence[Tone]) -> float:
    """Onsets a beat."""
    return max(1, len(tones) - 1) / max(0.25, sum(tone.beats for tone in tones[1:]))


def _rests(tones: Sequence[Tone]) -> float:
    """Rests in eight beats."""
    return 8.0 * sum(tone.share is not None for tone in tones[1:]) / max(4.0, sum(tone.beats for tone in tones[1:]))


def _leaps(pitches: Sequence[int]) -> list[bool]:
    return [abs(there - here) > _LEAP for here, there in pairwise(pitches)]


def _mean(pitches: Sequence[int]) -> float:
    return sum(pitches) / len(pitches)


def _share(signs: Sequence[bool]) -> float:
    return sum(signs) / len(signs) if signs else 0.0
