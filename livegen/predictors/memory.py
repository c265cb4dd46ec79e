"""The session memory: where what was just played was played before, and what came then. Its states are values.

For each of four keys (the pair of interval and gap, the gap, the interval, the pitch) it keeps how long the latest
notes match those up to each earlier note. The continuations of the longest matches are told to the network as rows of
three classes: the continuation (a gap or an interval, so that a phrase is known again in another key), how long the
match is, and how far back it lies.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.encoding import CLASSES, GAPS, PERFORMER, PLAYER, Step

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int16]
Lengths = npt.NDArray[np.uint8]
Bytes = npt.NDArray[np.int8]

SIZE = 1024  # notes that are remembered
LONGEST = 255  # notes: a longer match counts as one of so many
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
# How far a player that draws its notes trusts the memory, where one that only foresees them trusts it by 1: what is
# drawn at odds with the memory ends the match, so that a tune made up repeats itself less than it was foreseen to.
# Measured on 3 x 100 samples: 5 % of 8-note patterns come back with 1, 12 % with 1.2, 15 % in real tunes.
LEAN = 1.2
# A player who is left alone takes its own repeats for a theme, and ends in a loop. So the more of its latest notes come
# again, the less it trusts the memory. Over hours alone (benchmarks/studies/hour.py): without, four patterns of 8 in
# five come again within five minutes, or one figure for ever; with, one in three, and in real tunes two in five.
PATTERN = 8  # pairs of interval and gap that count as coming again
_LATEST = 64  # notes over which the share of those that come again is taken
_FEW, _TOO_MANY = 0.35, 0.95  # of the latest notes: from here on it trusts less, and here least
_LEAST = 0.2  # of the trust
_TICKS = 48  # of a beat: every note value is a whole number of them
TICKS = np.array([0, *(round(gap * _TICKS) for gap in GAPS)], dtype=np.int32)  # by class of gap

_SHORTEST = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 17, 25, 33)  # match of each class of length
LENGTHS = len(_SHORTEST)
_LONG = _SHORTEST[-1]
EVENLY = 0.5  # listening to performer and player alike
_ROOM = 64  # notes that a new scroll has room for
LENGTH_CLASS = np.searchsorted(_SHORTEST, np.arange(_LONG + 1), side="right") - 1

# Distances are told in half beats up to 32 beats; beyond, by the bars they are a multiple of.
_NEAR = 32 * _TICKS
_ROUND = 12 * _TICKS
DISTANCES = 1 + 2 * 32 + 1 + 5  # nothing, half beats, no half beats, and five kinds of far
OFFERS = LENGTHS * DISTANCES  # that a row may make


class Scroll:
    """What was heard, written from the end to the front: memories that share a past look at parts of one scroll, and
    only a memory that begins where the writing ends may write on it."""

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
    """What was heard, the latest note first: ``keys`` [4, n]; ``lengths`` [4, n - 1] of the matches of the latest note
    with each before it, up to LONGEST; ``onsets`` [n] in 48ths of a beat, and ``who`` [n] played it (PERFORMER, PLAYER,
    0 unknown). ``listening`` says whose notes lead: 1 the performer's alone, 0 the player's alone, 0.5 both alike. All
    but the lengths lie on a ``scroll``, from ``first`` on; without one they are copied when a note comes."""

    keys: Shorts
    lengths: Lengths
    onsets: npt.NDArray[np.int32]
    who: Bytes
    listening: float = EVENLY
    scroll: Scroll | None = None
    first: int = 0


_NOT_FULL = np.full((KEYS, SIZE - 1), LONGEST - 1, np.uint8)  # numpy is slow with a single number here
_CONTINUES = GAP, GAP, INTERVAL, INTERVAL  # which key of the next note continues a match

Row = tuple[int, int, int]  # a continuation, the length and the distance of its match, as classes


class Rows:
    """What the memory tells the network: ``common``, a row for each of COMMON, and ``given`` a gap, up to BY_GAP more.
    Plain numbers, because there are few and this is in the path of a note."""

    __slots__ = "_best", "_heeded", "_others", "common"

    def __init__(
        self, common: list[Row], heeded: "Memory | None" = None, best: int = 0, others: Lengths | None = None
    ) -> None:
        self.common = common
        self._heeded = heeded  # if the pair of interval and gap has a match
        self._best, self._others = best, others  # where the longest one is; those that go on with another gap

    def given(self, gap: int) -> list[Row]:
        """The intervals that followed the two longest matches of the pair which go on with this class of gap."""
        if self._heeded is None or self._others is None:
            return []
        keys, lengths, _ = self._heeded[:3]
        if gap == self.common[0][0]:  # that of the longest match of all
            return _given(self._heeded, lengths[PAIR] - self._others, self._best)
        scores = lengths[PAIR] * (keys[GAP, :-1] == gap).view(np.uint8)
        return _given(self._heeded, scores, int(scores.argmax()))

    def arrays(self) -> tuple[Ints, Ints]:
        """As int64 [9, 3] and, for each gap, [len(GAPS), 2, 3]; 0 where there is nothing."""
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
    """The row of a continuation; of a match of no length there is none."""
    if not length:
        return NO_ROW
    return value, _LENGTH_OF[length], _DISTANCE_OF[ticks if ticks <= _NEAR else _NEAR + 1 + ticks % _ROUND]


def hear_step(memory: Memory, step: Step) -> Memory:
    """The memory after one more note; beyond SIZE notes the oldest is forgotten."""
    count = min(memory.onsets.size, SIZE - 1)
    scroll = memory.scroll
    if scroll is None or scroll.first != memory.first or not scroll.first:
        scroll = Scroll(memory)
    first = scroll.first = scroll.first - 1
    pair = step.interval * CLASSES.gap + step.gap if step.interval and step.gap else 0
    scroll.keys[:, first] = pair, step.gap, step.interval, step.pitch  # 0 is unknown
    scroll.onsets[first] = _TICKS_OF[step.gap] + (scroll.onsets[first + 1] if count else 0)
    scroll.who[first] = step.who
    end = first + count + 1
    keys = scroll.keys[:, first:end]
    # The note before the one that is at `age` now was at `age` in the former table: the lengths stay in their places.
    same = (keys[:, 1:] == keys[:, :1]).view(np.uint8)
    lengths = _as_long(memory.lengths, count)
    lengths *= same
    lengths += same
    if not pair:
        lengths[keys[:, 0] == 0] = 0  # what is unknown is like nothing
    return Memory(keys, lengths, scroll.onsets[first:end], scroll.who[first:end], memory.listening, scroll, first)


def _as_long(lengths: Lengths, count: int) -> Lengths:
    """The lengths for ``count`` notes, each less than LONGEST."""
    known = lengths.shape[1]
    if known == SIZE - 1:
        return np.minimum(lengths, _NOT_FULL)
    longer = np.zeros((KEYS, count), dtype=np.uint8)
    np.minimum(lengths, _NOT_FULL[:, :known], out=longer[:, :known])
    return longer


def apart(memory: Memory) -> Memory:
    """The same, which leaves the scroll to others to write on."""
    return memory._replace(scroll=None)


def heeded(memory: Memory) -> Memory:
    """The memory as it is listened to: a match whose continuation is played by whom less is listened to counts as
    shorter, down to none."""
    if memory.listening == EVENLY:
        return memory
    weights = np.ones(3)
    weights[PERFORMER], weights[PLAYER] = min(1.0, 2.0 * memory.listening), min(1.0, 2.0 - 2.0 * memory.listening)
    return memory._replace(lengths=np.ceil(memory.lengths * weights[memory.who[:-1]]).astype(np.uint8))


def look_up(memory: Memory) -> Rows:
    """What followed the longest matches of the latest notes, the later of two that are equally long."""
    memory = heeded(memory)
    keys, lengths, onsets = memory[:3]
    if onsets.size < 2:
        return NOTHING
    # What is at a place among the lengths matches the note after it among the keys, and is continued by the one there:
    # the pair and the gap by a gap, the interval and the pitch by an interval.
    known, best, now = keys.item, lengths.argmax(axis=1).tolist(), onsets.item(0)
    pair, gap, interval, pitch = best
    follows = known(GAP, pair), known(GAP, gap), known(INTERVAL, interval), known(INTERVAL, pitch)
    differ = keys[GAP : INTERVAL + 1, None, :-1] != np.array(follows, dtype=np.int16).reshape(2, 2, 1)
    others = lengths * differ.reshape(KEYS, -1).view(np.uint8)
    common: list[Row] = []
    for key, at, value, other in zip(range(KEYS), best, follows, others.argmax(axis=1).tolist(), strict=True):
        common.append(_row(value, lengths.item(key, at), now - onsets.item(at + 1)))
        common.append(_row(known(_CONTINUES[key], other), others.item(key, other), now - onsets.item(other + 1)))
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
    """The share (0 to 1) of a player's latest notes that come again, after one more that does or does not."""
    return share + (again - share) / _LATEST


def trust(share: float) -> float:
    """How far a player trusts the memory when that share of its latest notes come again."""
    over = min(1.0, max(0.0, (share - _FEW) / (_TOO_MANY - _FEW)))
    return LEAN * (1.0 - (1.0 - _LEAST) * over)


def _given(memory: Memory, lengths: Lengths, best: int) -> list[Row]:
    """The intervals that followed the two longest of these matches, of which the ``best`` is known; the later of
    equals."""
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
