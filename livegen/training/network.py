"""The network: ten embedded fields, summed, into an LSTM; from its state the gap, and the pitch for each possible gap.

The pitch's logits are a sum of two heads, one over pitches (a key, a range) and one over intervals from the last pitch
(a melody in any key).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from livegen.encoding import CLASSES, GAPS, INTERVAL, PITCHES

OPTIONAL = ("deviation", "velocity", "released", "held", "phase", "metre")  # fields whose 0 adds nothing at all


@dataclass(frozen=True)
class Shape:
    """The sizes of a network: embedding, LSTM units and layers, and the width of the pitch head."""

    embedding: int = 128
    hidden: int = 256
    layers: int = 1
    width: int = 128
    dropout: float = 0.3


class Network(nn.Module):  # type: ignore[misc]
    """Predicts the next gap (index in GAPS) and the next pitch (0-127) given the gap."""

    offsets: Tensor
    known: Tensor

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
        self.lstm = nn.LSTM(shape.embedding, shape.hidden, shape.layers, batch_first=True)
        self.drop = nn.Dropout(shape.dropout)
        self.gap = nn.Linear(shape.hidden, len(GAPS))
        self.squeeze = nn.Linear(shape.hidden, shape.width)
        self.after = nn.Parameter(torch.randn(len(GAPS), shape.width) * 0.1)
        self.pitch = nn.Linear(shape.width, PITCHES)
        self.move = nn.Linear(shape.width, 2 * INTERVAL + 1)

    def forward(self, steps: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the gap [b, n, gaps] and of the pitch [b, n, 128] after each of ``steps`` [b, n, 10]; the
        pitches follow the gaps ``rows`` [b, n]."""
        table = self.table * self.known
        embedded = nn.functional.embedding(steps + self.offsets, table).sum(dim=-2)
        states, _ = self.lstm(self.drop(embedded))
        z = self.drop(states)
        hidden = torch.relu(self.squeeze(z) + self.after[rows])
        hidden = self.drop(hidden)
        moves = self._moves(hidden).gather(-1, self._places(steps[..., :1]))
        return self.gap(z), self.pitch(hidden) + moves

    def step(self, event: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """One step of a live session, once settled: event [1, 10], h and c [layers, 1, hidden] to gap logits [1, gaps],
        pitch logits [gaps, 128], h and c."""
        embedded = nn.functional.embedding(event + self.offsets, self.table).sum(dim=1)
        states, (h_out, c_out) = self.lstm(embedded.unsqueeze(1), (h, c))
        z = states[:, 0]
        hidden = torch.relu(self.squeeze(z) + self.after)
        # The same sum as in `forward`, but of the weights: a third faster than shifting the logits of every gap.
        side, places = PITCHES - 1 - INTERVAL, self._places(event[0, 0])
        weight = self.pitch.weight + nn.functional.pad(self.move.weight, (0, 0, side, side)).index_select(0, places)
        bias = self.pitch.bias + nn.functional.pad(self.move.bias, (side, side)).index_select(0, places)
        return self.gap(z), nn.functional.linear(hidden, weight, bias), h_out, c_out

    def _moves(self, hidden: Tensor) -> Tensor:
        """Logits of the intervals -127 to 127, those wider than INTERVAL being 0."""
        side = PITCHES - 1 - INTERVAL
        return nn.functional.pad(self.move(hidden), (side, side))

    def _places(self, last: Tensor) -> Tensor:
        """Where each pitch stands among the intervals from the pitch class ``last`` (0 at the start)."""
        return torch.arange(PITCHES) - (last - 1).clamp(min=0) + PITCHES - 1

    def settle(self, seen: Tensor) -> None:
        """Make the table final for export. ``seen`` [classes] counts how often training held each row: what it never
        held becomes "unknown", a pitch it never held becomes its nearest octave that training did hold."""
        self.table.requires_grad_(False)
        self.table *= self.known
        pitches = [pitch for pitch in range(PITCHES) if seen[1 + pitch] > 0]
        for pitch in range(PITCHES):
            octaves = [other for other in pitches if (other - pitch) % 12 == 0]
            if octaves and seen[1 + pitch] == 0:
                self.table[1 + pitch] = self.table[1 + min(octaves, key=lambda other: abs(other - pitch))]
        unseen = seen == 0
        unseen[: int(self.offsets[1])] = False
        self.table[unseen] = 0.0

    def zero_state(self) -> tuple[Tensor, Tensor]:
        """h and c before anything was heard, [layers, 1, hidden]."""
        empty = torch.zeros(self.shape.layers, 1, self.shape.hidden)
        return empty, empty.clone()
