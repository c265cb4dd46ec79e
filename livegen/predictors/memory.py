"""The session memory: it finds where the latest notes were played before, and which notes followed then.

The rules:

1. Each note is stored under four keys: the pair of interval and gap, the gap, the interval, the pitch.
2. For each key and each earlier note, the memory keeps a match length: how many notes up to now equal, one by one, the
   notes up to that earlier one. A new note makes a length one longer where its key is equal, and 0 elsewhere. So a new
   note costs one comparison with every note that is remembered, and no search.
3. The earlier notes with the longest matches are looked up; of two that are equally long, the later one counts. The
   note that followed each is a continuation.
4. A continuation is given to the model as a row of three classes: its value (a gap, or an interval, so that a phrase is
   found again in another key), the length of its match, and its distance in time.
5. The first row of a key is its longest match; the second is the longest match that continues differently. Which
   interval followed depends on the gap, so those rows are looked up for each gap when they are asked for.
6. A match can be said to be where the notes do not tell: an answer is to begin where the phrase began (``found``).
7. Beyond SIZE notes the oldest note is forgotten.

Why: music repeats, and a recurrent network of this size cannot copy. Given the continuations, it only has to learn how
far to trust a match of some length and distance, and it predicts a held-out tune better than one without (the figures
are in ``models/README.md``). An LSTM carries the style; the memory carries this session's own phrases.

A ``Memory`` is a value: states that share a past read the same ``NoteBuffer``, and a memory that must not write to it
is ``detached``. Training computes the same rows for whole batches in ``training/network/batch_memory.py``.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.encoding import CLASSES, GAPS, PERFORMER, PLAYER, Step

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int16]
Lengths = npt.NDArray[np.uint8]
Bytes = npt.NDArray[np.int8]

SIZE = 1024  # notes
LONGEST = 255  # notes: a longer match counts as this long
KEYS = 4
PAIR, GAP, INTERVAL, PITCH = range(KEYS)
# The rows of `Rows.common`: two continuations a key, and the interval that follows the longest match of the pair.
COMMON = (
    "pair: gap",
    "pair: another gap",
    "gap: gap",
    "gap: another gap",
    "interval: interval",
    "interval: another interval",
    "pitch: interval",
    "pitch: another interval",
    "pair: interval",
)
BY_GAP = 2  # rows for each possible gap: the intervals that followed the longest matches of the pair with that gap
# How far the memory is trusted where notes are sampled; where they are only predicted, it is 1. A sampled note that
# contradicts the memory ends the match, so generated tunes repeat less than predicted. Measured on 3 x 100 samples: 5 %
# of 8-note patterns come back with 1, 12 % with 1.2, 15 % in real tunes.
PLAYING_TRUST = 1.2
# A player that plays alone matches its own repeats and ends in a loop. So the more of its latest notes are repeats, the
# less it trusts the memory. Measured over hours alone (benchmarks/studies/hour.py): without this rule, four patterns of
# 8 in five come back within five minutes, or one figure for ever; with it, one in three; in real tunes two in five.
PATTERN = 8  # pairs of interval and gap that make a repeat
_LATEST = 64  # notes over which the share of repeats is taken
_FEW, _TOO_MANY = 0.35, 0.95  # shares of repeats: the trust falls from the first to the second
_LEAST = 0.2  # of the trust, where it is lowest
_TICKS = 48  # in a beat: every note value is a whole number of them
TICKS = np.array([0, *(round(gap * _TICKS) for gap in GAPS)], dtype=np.int32)  # by class of gap

_SHORTEST = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 17, 25, 33)  # the shortest match of each class of length
LENGTHS = len(_SHORTEST)
_LONG = _SHORTEST[-1]

# Notes: the length of a match that is only said to be one. Measured on 31 performers: with 8 an answer has 12 % of the
# motifs of its call, with 16 17 %, with 33 25 %; without such a match 6 %, musicians 14 %.
FOUND = 16
EVENLY = 0.5  # listening: follow performer and player equally
_ALONE = {1.0: PLAYER, 0.0: PERFORMER}  # and whose notes do not count where one is followed alone
_ROOM = 64  # further notes that a new buffer has room for
LENGTH_CLASS = np.searchsorted(_SHORTEST, np.arange(_LONG + 1), side="right") - 1

# The classes of distances: half beats up to 32 beats; beyond, by the bars that the distance is a multiple of.
_NEAR = 32 * _TICKS
_ROUND = 12 * _TICKS
DISTANCES = 1 + 2 * 32 + 1 + 5  # no match, half beats, between half beats, and five classes beyond
OFFERS = LENGTHS * DISTANCES  # the pairs of length and distance


class NoteBuffer:
    """The notes that were heard, written from the end to the front. Memories that share a past read parts of one
    buffer; only a memory that begins at ``first``, where the writing ended, may write the next note into it."""

    def __init__(self, memory: "Memory") -> None:
        count = min(memory.onsets.size, SIZE - 1)
        self.first = _ROOM
        self.keys = np.empty((KEYS, _ROOM + count), dtype=np.int16)
        self.onsets = np.empty(_ROOM + count, dtype=np.int32)
        self.who = np.empty(_ROOM + count, dtype=np.int8)
        self.keys[:, _ROOM:] = memory.keys[:, :count]
        self.onsets[_ROOM:] = memory.onsets[:count]
        self.who[_ROOM:] = memory.who[:count]


class Memory(NamedTuple):
    """The notes that were heard, the latest first: ``keys`` [4, n]; ``lengths`` [4, n - 1] of the matches between the
    latest note and each earlier one, up to LONGEST; ``onsets`` [n] in 48ths of a beat; and ``who`` [n] played each note
    (PERFORMER, PLAYER, 0 unknown). ``listening`` says whose notes to follow: 1 the performer's alone, 0 the player's
    alone, 0.5 both equally. All but the lengths are views of a ``buffer``, from ``first`` on; without a buffer they are
    copied into one with the next note."""

    keys: Shorts
    lengths: Lengths
    onsets: npt.NDArray[np.int32]
    who: Bytes
    listening: float = EVENLY
    buffer: NoteBuffer | None = None
    first: int = 0
    found: int = 0  # how many notes ago there will be a match with the next note, whatever that is; 0 is nowhere


_NOT_FULL = np.full((KEYS, SIZE - 1), LONGEST - 1, np.uint8)  # numpy is slow with a single number here
_CONTINUES = GAP, GAP, INTERVAL, INTERVAL  # which key of the next note continues a match

Row = tuple[int, int, int]  # a continuation, the length and the distance of its match, as classes


class Rows:
    """The rows for the network: ``common``, a row for each of COMMON, and, ``given`` a gap, up to BY_GAP more.
    Plain numbers, because there are few and this is in the path of a note."""

    __slots__ = "_best", "_memory", "_others", "common"

    def __init__(
        self, common: list[Row], memory: "Memory | None" = None, best: int = 0, others: Lengths | None = None
    ) -> None:
        self.common = common
        self._memory = memory  # None if the pair of interval and gap has no match
        self._best, self._others = (
            best,
            others,
        )  # the longest match; the lengths of those that continue with another gap

    def given(self, gap: int) -> list[Row]:
        """The intervals that followed the two longest matches of the pair that continue with this class of gap."""
        if self._memory is None or self._others is None:
            return []
        keys, lengths, _ = self._memory[:3]
        if gap == self.common[0][0]:  # that of the longest match of all
            return _given(self._memory, lengths[PAIR] - self._others, self._best)
        scores = lengths[PAIR] * (keys[GAP, :-1] == gap).view(np.uint8)
        return _given(self._memory, scores, int(scores.argmax()))

    def arrays(self) -> tuple[Ints, Ints]:
        """The rows as int64 [9, 3] and, for each gap, [len(GAPS), 2, 3]; 0 where there is no match."""
        by_gap = np.zeros((len(GAPS), BY_GAP, 3), dtype=np.int64)
        for gap in range(len(GAPS)):
            for rank, row in enumerate(self.given(gap + 1)):
                by_gap[gap, rank] = row
        return np.array(self.common, dtype=np.int64), by_gap


EMPTY = Memory(
    np.zeros((KEYS, 0), np.int16), np.zeros((KEYS, 0), np.uint8), np.zeros(0, np.int32), np.zeros(0, np.int8)
)
NO_ROW = 0, 0, 0
NOTHING = Rows([NO_ROW] * len(COMMON))


def _distance_classes() -> Ints:
    table = np.zeros(_NEAR + 1 + _ROUND, dtype=np.int64)
    half = _TICKS // 2
    for ticks in range(len(table)):
        far = ticks > _NEAR
        halves, off = divmod((ticks - _NEAR - 1 if far else ticks) + 2, half)
        if off > 4:
            table[ticks] = 65
        elif not far:
            table[ticks] = max(1, halves)
        elif halves % 2:
            table[ticks] = 66
        else:
            table[ticks] = 67 + (halves % 8 == 0) + 2 * (halves % 6 == 0)
    return table


_DISTANCE = _distance_classes()


def distance_class(ticks: npt.NDArray[np.integer]) -> Ints:
    """The class of each distance (48ths of a beat, ≥ 0), 1 to DISTANCES - 1."""
    classes: Ints = _DISTANCE[np.where(ticks <= _NEAR, ticks, _NEAR + 1 + ticks % _ROUND)]
    return classes


_LENGTH_OF: list[int] = LENGTH_CLASS[np.minimum(np.arange(LONGEST + 1), _LONG)].tolist()
_DISTANCE_OF, _TICKS_OF = _DISTANCE.tolist(), TICKS.tolist()


def _row(value: int, length: int, ticks: int) -> Row:
    """The row of a continuation; NO_ROW for a match of no length."""
    if not length:
        return NO_ROW
    return value, _LENGTH_OF[length], _DISTANCE_OF[ticks if ticks <= _NEAR else _NEAR + 1 + ticks % _ROUND]


def hear_step(memory: Memory, step: Step) -> Memory:
    """The memory after one more note; beyond SIZE notes the oldest is forgotten."""
    count = min(memory.onsets.size, SIZE - 1)
    buffer = memory.buffer
    if buffer is None or buffer.first != memory.first or not buffer.first:
        buffer = NoteBuffer(memory)
    first = buffer.first = buffer.first - 1
    pair = step.interval * CLASSES.gap + step.gap if step.interval and step.gap else 0
    buffer.keys[:, first] = pair, step.gap, step.interval, step.pitch  # 0 is unknown
    buffer.onsets[first] = _TICKS_OF[step.gap] + (buffer.onsets[first + 1] if count else 0)
    buffer.who[first] = step.who
    end = first + count + 1
    keys = buffer.keys[:, first:end]
    # The note before the one that is now at index `age` was at `age` before: the lengths stay in their places.
    same = (keys[:, 1:] == keys[:, :1]).view(np.uint8)
    lengths = _as_long(memory.lengths, count)
    lengths *= same
    lengths += same
    if not pair:
        lengths[keys[:, 0] == 0] = 0  # an unknown key matches no other
    if 0 < memory.found <= count:
        here = lengths[:, memory.found - 1]
        np.maximum(here, FOUND, out=here)
    return Memory(keys, lengths, buffer.onsets[first:end], buffer.who[first:end], memory.listening, buffer, first)


def _as_long(lengths: Lengths, count: int) -> Lengths:
    """The lengths for ``count`` notes, each less than LONGEST."""
    known = lengths.shape[1]
    if known == SIZE - 1:
        return np.minimum(lengths, _NOT_FULL)
    longer = np.zeros((KEYS, count), dtype=np.uint8)
    np.minimum(lengths, _NOT_FULL[:, :known], out=longer[:, :known])
    return longer


def detached(memory: Memory) -> Memory:
    """The same memory, which copies its notes into a buffer of its own before it writes."""
    return memory._replace(buffer=None)


def weigh_listening(memory: Memory) -> Memory:
    """The memory weighed by ``listening``: a match whose continuation was played by the one who is followed less counts
    as shorter, down to none."""
    if memory.listening == EVENLY:
        return memory
    if memory.listening in _ALONE:  # as by default in an answer
        others = memory.who[:-1] != _ALONE[memory.listening]
        return memory._replace(lengths=memory.lengths * others.view(np.uint8))
    weights = np.ones(3)
    weights[PERFORMER], weights[PLAYER] = min(1.0, 2.0 * memory.listening), min(1.0, 2.0 - 2.0 * memory.listening)
    return memory._replace(lengths=np.ceil(memory.lengths * weights[memory.who[:-1]]).astype(np.uint8))


def look_up(memory: Memory) -> Rows:
    """The continuations of the longest matches; of two that are equally long, the later one."""
    memory = weigh_listening(memory)
    keys, lengths, onsets = memory[:3]
    if onsets.size < 2:
        return NOTHING
    # The length at an index belongs to the note at the index after it among the keys, and the note at the same index
    # among the keys continues it: the pair and the gap with a gap, the interval and the pitch with an interval.
    known, best, now = keys.item, lengths.argmax(axis=1).tolist(), onsets.item(0)
    pair, gap, interval, pitch = best
    follows = known(GAP, pair), known(GAP, gap), known(INTERVAL, interval), known(INTERVAL, pitch)
    differ = keys[GAP : INTERVAL + 1, None, :-1] != np.array(follows, dtype=np.int16).reshape(2, 2, 1)
    others = lengths * differ.reshape(KEYS, -1).view(np.uint8)
    common: list[Row] = []
    for key, at, value, other in zip(range(KEYS), best, follows, others.argmax(axis=1).tolist(), strict=True):
        length, ticks = lengths.item(key, at), now - onsets.item(at + 1)  # as _row, twice
        distance = _DISTANCE_OF[ticks if ticks <= _NEAR else _NEAR + 1 + ticks % _ROUND] if length else 0
        common.append((value, _LENGTH_OF[length], distance) if length else NO_ROW)
        length, ticks = others.item(key, other), now - onsets.item(other + 1)
        distance = _DISTANCE_OF[ticks if ticks <= _NEAR else _NEAR + 1 + ticks % _ROUND] if length else 0
        common.append((known(_CONTINUES[key], other), _LENGTH_OF[length], distance) if length else NO_ROW)
    value, length, distance = common[0]
    if not length:
        return Rows([*common, NO_ROW])
    common.append((known(INTERVAL, pair), length, distance))
    return Rows(common, memory, pair, others[PAIR])


def repeats(memory: Memory) -> bool:
    """Whether the latest PATTERN pairs of interval and gap were heard before."""
    lengths = memory.lengths[PAIR]
    return lengths.size >= PATTERN and int(lengths.max()) >= PATTERN


def familiar(share: float, again: bool) -> float:
    """The share (0 to 1) of repeats among a player's latest notes, after one more that is a repeat (``again``) or
    not."""
    return share + (again - share) / _LATEST


def trust(share: float) -> float:
    """A player's trust in the memory, at most PLAYING_TRUST, when that share of its latest notes are repeats."""
    over = min(1.0, max(0.0, (share - _FEW) / (_TOO_MANY - _FEW)))
    return PLAYING_TRUST * (1.0 - (1.0 - _LEAST) * over)


def _given(memory: Memory, lengths: Lengths, best: int) -> list[Row]:
    """The intervals that followed the two longest of these matches, the first of which is at ``best``; of two that are
    equally long, the later one."""
    if not lengths.item(best):
        return []
    keys, onsets = memory.keys, memory.onsets
    now, moves = onsets.item(0), keys[INTERVAL, :-1]
    interval = moves.item(best)
    rows = [_row(interval, lengths.item(best), now - onsets.item(best + 1))]
    others = lengths * (moves != interval).view(np.uint8)
    at = int(others.argmax())
    if others.item(at):
        rows.append(_row(moves.item(at), others.item(at), now - onsets.item(at + 1)))
    return rows
