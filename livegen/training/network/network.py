"""The network: ten embedded fields, summed, into an LSTM; from its state the gap, and the pitch for each possible gap.

The pitch's logits are a sum of two heads, one over pitches (a key, a range) and one over intervals from the last pitch
(a melody in any key). The session memory's rows are embedded with the fields, and their continuations are pointed
at: their logits are raised by as much as the network trusts a match of that length and distance (a copy mechanism, as
in See, Liu and Manning 2017, over the longest matches of a variable-order Markov model). Where the performer's touch
was recorded, three more heads predict velocity, length and microtiming, each for every possible gap.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from livegen.predictors.encoding import CLASSES, GAPS, INTERVAL, PITCHES
from livegen.predictors.memory import BY_GAP, COMMON, DISTANCES, LENGTHS

OPTIONAL = ("deviation", "velocity", "released", "held", "phase", "metre")  # fields whose 0 adds nothing at all


@dataclass(frozen=True)
class Shape:
    """The sizes of a network: embedding, LSTM units and layers, and the width of the pitch head; whether it has heads
    for the touch."""

    embedding: int = 128
    hidden: int = 256
    layers: int = 1
    width: int = 128
    dropout: float = 0.3
    touch: bool = False


TOUCH = (CLASSES.velocity - 1, CLASSES.released - 1, CLASSES.deviation - 1)  # classes of the three heads
_GAP_ROWS, _PITCH_ROWS = slice(0, 4), slice(4, 8)  # of `Rows.common`
# The columns of `Rows.common` that are embedded: the best continuation of each key, with its length and distance.
_VALUES, _MATCHES = (0, 2, 4, 6, 8), (0, 2, 4, 6)
_RECALLED = (
    tuple(CLASSES.gap if COMMON[row].endswith("gap") else CLASSES.interval for row in _VALUES)
    + (LENGTHS,) * len(_MATCHES)
    + (DISTANCES,) * len(_MATCHES)
)
TRUST = 9  # the width in which length and distance are compared with the state


class Batch(NamedTuple):
    """Sequences side by side: ``steps`` [b, n, 10]; ``rows`` [b, n], the gaps that the pitches follow; the memory's
    rows, ``common`` [b, n, 9, 3] and ``given`` [b, n, 2, 3]."""

    steps: Tensor
    rows: Tensor
    common: Tensor
    given: Tensor


class Logits(NamedTuple):
    """The logits of the gap [b, n, gaps], of the pitch [b, n, 128], and of velocity, length and microtiming."""

    gap: Tensor
    pitch: Tensor
    touch: tuple[Tensor, Tensor, Tensor] | None


class LockedDropout(nn.Module):  # type: ignore[misc]
    """Dropout of the same features throughout a sequence (Gal and Ghahramani 2016)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: Tensor) -> Tensor:
        """``values`` [b, n, features] with some features 0 and the rest scaled up."""
        if not self.training or not self.share:
            return values
        kept = torch.rand(values.shape[0], 1, values.shape[2], device=values.device) >= self.share
        return values * (kept / (1 - self.share))


class Trust(nn.Module):  # type: ignore[misc]
    """The trust of a state in each continuation of the memory: the product of its length and its distance
    with the state. The first component of the state's side begins as 1, so that there is a bias for each."""

    first: Tensor

    def __init__(self, width: int, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.register_buffer("first", torch.arange(rows))
        self.ask = nn.Linear(width, rows * TRUST)
        with torch.no_grad():
            self.ask.weight.view(rows, TRUST, width)[:, 0] = 0.0
            self.ask.bias.view(rows, TRUST)[:, 0] = 1.0
        self.length = nn.Parameter(torch.randn(rows * LENGTHS, TRUST) * 0.1)
        self.distance = nn.Parameter(torch.randn(rows * DISTANCES, TRUST) * 0.1)

    def forward(self, state: Tensor, rows: Tensor) -> Tensor:
        """Logits [..., rows] of ``rows`` [..., rows, 3] in ``state`` [..., width]; 0 for a row that is empty."""
        offers = nn.functional.embedding(rows[..., 1] + self.first * LENGTHS, self.length)
        offers = offers + nn.functional.embedding(rows[..., 2] + self.first * DISTANCES, self.distance)
        asked = self.ask(state).unflatten(-1, (self.rows, TRUST))
        return (offers * asked).sum(dim=-1) * (rows[..., 1] > 0)

    def settle(self) -> None:
        """Make the weights of an empty row 0, for export."""
        self.length.requires_grad_(False)[self.first * LENGTHS] = 0.0
        self.distance.requires_grad_(False)[self.first * DISTANCES] = 0.0


class Network(nn.Module):  # type: ignore[misc]
    """Predicts the next gap (index in GAPS) and the next pitch (0-127) given the gap."""

    offsets: Tensor
    known: Tensor
    recalled_offsets: Tensor
    recalled_known: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        starts = [sum(CLASSES[:index]) for index in range(len(CLASSES))]
        self.register_buffer("offsets", torch.tensor(starts))
        known = torch.ones(sum(CLASSES), 1)
        for name in OPTIONAL:
            known[starts[CLASSES._fields.index(name)]] = 0.0
        self.register_buffer("known", known)
        self.table = nn.Parameter(torch.randn(sum(CLASSES), shape.embedding) * 0.1)
        starts = [sum(_RECALLED[:index]) for index in range(len(_RECALLED))]
        self.register_buffer("recalled_offsets", torch.tensor(starts))
        known = torch.ones(sum(_RECALLED), 1)
        known[starts] = 0.0
        self.register_buffer("recalled_known", known)
        self.recalled = nn.Parameter(torch.randn(sum(_RECALLED), shape.embedding) * 0.05)
        self.lstm = nn.LSTM(shape.embedding, shape.hidden, shape.layers, batch_first=True)
        self.drop = LockedDropout(shape.dropout)
        self.gap = nn.Linear(shape.hidden, len(GAPS))
        self.squeeze = nn.Linear(shape.hidden, shape.width)
        self.after = nn.Parameter(torch.randn(len(GAPS), shape.width) * 0.1)
        self.pitch = nn.Linear(shape.width, PITCHES)
        self.move = nn.Linear(shape.width, 2 * INTERVAL + 1)
        self.trust_gap = Trust(shape.hidden, 4)
        self.trust_pitch = Trust(shape.width, 4 + BY_GAP)
        self.touch = nn.Linear(shape.width, sum(TOUCH)) if shape.touch else None

    def forward(self, batch: Batch) -> Logits:
        """The logits after each step of the batch."""
        table = self.table * self.known
        embedded = _summed(batch.steps + self.offsets, table)
        embedded = embedded + _summed(self._told(batch.common), self.recalled * self.recalled_known)
        states, _ = self.lstm(self.drop(embedded))
        z = self.drop(states)
        hidden = torch.relu(self.squeeze(z) + nn.functional.embedding(batch.rows, self.after))
        hidden = self.drop(hidden)
        moves = self._moves(hidden).gather(-1, self._places(batch.steps[..., :1]))
        gap = self._point_at_gaps(self.gap(z), z, batch.common)
        rows = torch.cat((batch.given, batch.common[..., _PITCH_ROWS, :]), dim=-2)
        pitch = self._point_at_pitches(self.pitch(hidden) + moves, hidden, rows, batch.steps[..., :1])
        touch = None if self.touch is None else self.touch(hidden).split(TOUCH, dim=-1)
        return Logits(gap, pitch, touch)

    def step(
        self, event: Tensor, recalled: tuple[Tensor, Tensor], memory: Tensor, h: Tensor, c: Tensor
    ) -> tuple[Tensor, ...]:
        """One step of a live session, once settled: event [1, 10], common [9, 3] and by gap [gaps, 2, 3], memory [1]
        (how far it is trusted, 1 as trained), h and c [layers, 1, hidden]; to gap logits [1, gaps], pitch logits
        [gaps, 128], h, c, and with heads for the touch also velocity, length and microtiming [gaps, ...]."""
        common, by_gap = recalled
        embedded = nn.functional.embedding(event + self.offsets, self.table).sum(dim=1)
        embedded = embedded + nn.functional.embedding(self._told(common), self.recalled).sum(dim=0)
        states, (h_out, c_out) = self.lstm(embedded.unsqueeze(1), (h, c))
        z = states[:, 0]
        hidden = torch.relu(self.squeeze(z) + self.after)
        # The same sum as in `forward`, but of the weights: a third faster than shifting the logits of every gap.
        side, places = PITCHES - 1 - INTERVAL, self._places(event[0, 0])
        weight = self.pitch.weight + nn.functional.pad(self.move.weight, (0, 0, side, side)).index_select(0, places)
        bias = self.pitch.bias + nn.functional.pad(self.move.bias, (side, side)).index_select(0, places)
        gap = self._point_at_gaps(self.gap(z), z, common.unsqueeze(0), memory)
        rows = torch.cat((by_gap, common[_PITCH_ROWS].expand(len(GAPS), -1, -1)), dim=1)
        pitch = nn.functional.linear(hidden, weight, bias)
        pitch = self._point_at_pitches(pitch, hidden, rows, event[:, :1], memory)
        touch = () if self.touch is None else self.touch(hidden).split(TOUCH, dim=-1)
        return gap, pitch, h_out, c_out, *touch

    def _told(self, common: Tensor) -> Tensor:
        """The indices of the embeddings for the rows [..., 9, 3]."""
        fields = torch.cat((common[..., _VALUES, 0], common[..., _MATCHES, 1], common[..., _MATCHES, 2]), dim=-1)
        return fields + self.recalled_offsets

    def _point_at_gaps(self, logits: Tensor, z: Tensor, common: Tensor, memory: Tensor | float = 1.0) -> Tensor:
        rows = common[..., _GAP_ROWS, :]
        trust = self.trust_gap(z, rows) * memory
        return logits.to(trust.dtype).scatter_add(-1, (rows[..., 0] - 1).clamp(min=0), trust)

    def _point_at_pitches(
        self, logits: Tensor, hidden: Tensor, rows: Tensor, last: Tensor, memory: Tensor | float = 1.0
    ) -> Tensor:
        """``rows`` hold intervals from the pitch class ``last`` [..., 1]."""
        pitches = (last - 1) + (rows[..., 0] - 1 - INTERVAL)
        trust = self.trust_pitch(hidden, rows) * memory * ((pitches >= 0) & (pitches < PITCHES))
        return logits.to(trust.dtype).scatter_add(-1, pitches.clamp(0, PITCHES - 1), trust)

    def _moves(self, hidden: Tensor) -> Tensor:
        """Logits of the intervals -127 to 127, those wider than INTERVAL being 0."""
        side = PITCHES - 1 - INTERVAL
        return nn.functional.pad(self.move(hidden), (side, side))

    def _places(self, last: Tensor) -> Tensor:
        """The place of each pitch among the intervals from the pitch class ``last`` (0 at the start)."""
        return torch.arange(PITCHES, device=last.device) - (last - 1).clamp(min=0) + PITCHES - 1

    def settle(self, seen: Tensor) -> None:
        """Make the table final for export. ``seen`` [classes] counts how often training held each row: what it never
        held becomes "unknown", a pitch it never held becomes its nearest octave that training did hold."""
        self.table.requires_grad_(False)
        self.table *= self.known
        self.recalled.requires_grad_(False)
        self.recalled *= self.recalled_known
        self.trust_gap.settle()
        self.trust_pitch.settle()
        pitches = [pitch for pitch in range(PITCHES) if seen[1 + pitch] > 0]
        for pitch in range(PITCHES):
            octaves = [other for other in pitches if (other - pitch) % 12 == 0]
            if octaves and seen[1 + pitch] == 0:
                self.table[1 + pitch] = self.table[1 + min(octaves, key=lambda other: abs(other - pitch))]
        unseen = seen == 0
        unseen[: int(self.offsets[1])] = False
        self.table[unseen] = 0.0

    def disregard_memory(self) -> None:
        """Make the memory's rows have no effect, for the export of a network that was trained without them."""
        self.recalled.requires_grad_(False).zero_()
        for trust in (self.trust_gap, self.trust_pitch):
            trust.length.requires_grad_(False).zero_()
            trust.distance.requires_grad_(False).zero_()

    def zero_state(self) -> tuple[Tensor, Tensor]:
        """h and c before the first note, [layers, 1, hidden]."""
        empty = torch.zeros(self.shape.layers, 1, self.shape.hidden)
        return empty, empty.clone()


def _summed(rows: Tensor, table: Tensor) -> Tensor:
    """The sums [b, n, width] of the ``table``'s ``rows`` [b, n, k], without a copy of each."""
    found: Tensor = nn.functional.embedding_bag(rows.flatten(0, 1), table, mode="sum")
    return found.unflatten(0, rows.shape[:2])
