"""Learns a touch from pianists: a small network for each of loudness, lateness and length. Seeded; a minute's work."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from livegen.errors import FileError
from livegen.predictors import own_touch
from livegen.predictors.own_touch import HEADS, Head, OwnTouch, Touches
from livegen.training.touch.lines import Examples, Numbers, PlayedLine, examples, melody, tops
from livegen.training.touch.match_files import Performance, read_folder
from livegen.training.touch.pedal import pedal
from livegen.training.touch.touch_file import save

LEARNT = 14  # pianists 1 to 14 are learnt from; whoever has a higher number is kept for the measurement
_FEWEST = 3  # performances
# Hidden units, chosen by the bits a note on pieces left out of the training, played by pianists 13 and 14: more units
# learn the four pieces by heart.
_UNITS = {"velocity": 8, "late": 8, "share": 0}
_DECAY = {"velocity": 0.3, "late": 0.3, "share": 0.1}
_CLASSES = {"velocity": (-2.5, 2.5, 21), "late": (-0.2, 0.2, 17), "share": (0.05, 1.25, 13)}
_STEPS, _BATCH, _RATE = 600, 512, 0.01


def fit(performances: Sequence[Performance], seed: int) -> Touches:
    """The touches of these performances."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    balance = _balance(performances)
    line, chords = (_fit([take(each) for each in performances], balance) for take in (melody, tops))
    down, late = pedal(performances)
    return Touches(line, chords._replace(pedal=down, lifted=late))


def _fit(played: Sequence[PlayedLine], balance: float) -> OwnTouch:
    found = examples(played)
    slope, level = np.polyfit([each.velocity.mean() for each in played], [each.velocity.std() for each in played], 1)
    velocity, late, share = (_fit_head(name, found) for name in HEADS)
    return OwnTouch(velocity, late, share, float(level), -float(slope), balance)


def bits(head: Head, name: str, found: Examples) -> float:
    """Bits a note of the class that a value falls into."""
    features = found.features[name]
    inner = np.tanh(features @ head.hidden.T + head.hidden_bias) if len(head.hidden) else features
    logits = inner @ head.out.T + head.bias
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    chosen = _classes(found.values[name], np.asarray(head.values, dtype=np.float64))
    return float(-np.log2(shares[np.arange(len(shares)), chosen]).mean())


def _classes(values: Numbers, middles: Numbers) -> Any:  # noqa: ANN401
    return np.abs(values[:, None] - middles).argmin(axis=1)


def _fit_head(name: str, found: Examples) -> Head:
    low, high, count = _CLASSES[name]
    middles = np.linspace(low, high, count)
    features = found.features[name]
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = torch.from_numpy(((features - mean) / scale).astype(np.float32))
    y = torch.from_numpy(_classes(found.values[name], middles))
    units, width = _UNITS[name], features.shape[1]
    hidden = torch.nn.Linear(width, units) if units else None
    out = torch.nn.Linear(units or width, count)
    layers = [out] if hidden is None else [hidden, torch.nn.Tanh(), out]
    network = torch.nn.Sequential(*layers)
    descent = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY[name])
    for _ in range(_STEPS):
        chosen = torch.randint(0, len(x), (_BATCH,))
        loss = torch.nn.functional.cross_entropy(network(x[chosen]), y[chosen])
        descent.zero_grad()
        loss.backward()
        descent.step()
    # The features' mean and scale go into the first layer, so that a note costs less.
    first = out if hidden is None else hidden
    weight = first.weight.detach().numpy() / scale
    bias = first.bias.detach().numpy() - weight @ mean
    if hidden is None:
        tables = middles, np.zeros((0, width)), np.zeros(0), weight, bias
    else:
        tables = middles, weight, bias, out.weight.detach().numpy(), out.bias.detach().numpy()
    return Head(*(np.asarray(table, dtype=np.float32) for table in tables))


def _balance(performances: Sequence[Performance]) -> float:
    """The standard deviations by which the top of a chord is louder than its other notes, in the median."""
    softer: list[float] = []
    for each in performances:
        spread = float(np.std([note.velocity for note in each.notes]))
        chords: dict[float, list[tuple[int, int]]] = {}
        for note in each.notes:
            chords.setdefault(round(note.onset, 3), []).append((note.pitch, note.velocity))
        for chord in chords.values():
            *others, top = sorted(chord)
            softer += [(top[1] - float(np.mean([note[1] for note in others]))) / spread] if others else []
    return float(np.median(softer))


def leaving_out(folder: Path, known: frozenset[int]) -> Callable[[str], OwnTouch] | None:
    """The touch for melodies learnt again by the known pianists of a folder, without the piece that is named; None if
    none of them is there."""
    performances = [each for each in read_folder(folder) if each.pianist in known]
    if not performances:
        return None
    return lambda piece: fit([each for each in performances if each.piece != piece], seed=1).melody


def train(folder: Path, path: Path | None, seed: int) -> Path:
    """Learn from the pianists 1 to 14 of a folder of match files. Raises FileError."""
    performances = [each for each in read_folder(folder) if each.pianist <= LEARNT]
    if len(performances) < _FEWEST:
        raise FileError(f"A touch needs {_FEWEST} performances by pianists 1 to {LEARNT}; {folder} has fewer.")
    path = own_touch.SHIPPED if path is None else path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(fit(performances, seed), sorted({each.pianist for each in performances}), path)
    except OSError as error:
        raise FileError(f"The touch cannot be written to {path} ({error.strerror}); choose another file.") from None
    return path
