"""The network that says how long a silence ends a phrase: one layer of a few dozen units, worked out with numpy.

Why a network. Who plays jazz choruses, who takes even turns and who hesitates rest in different ways; one weighted sum
for all waits too long for some and breaks into others. The cues that it weighs are those of ``phrase_end``, ``habits``
and ``stretches``. It is trained by ``benchmarks.studies.stretches``, which says what it costs to be wrong.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError

Floats = npt.NDArray[np.float64]

SHIPPED = Path(__file__).resolve().parent / "phrase_end.npz"
FARTHEST = 3.0  # spreads from the mean: a cue farther off says no more
_DIGITS = 6  # of the result, so that a replay on another processor finds the same


class EndNetwork(NamedTuple):
    """The weights. A cue less its ``mean``, over its ``spread``, goes by ``direct`` to the sum and by ``inner`` and
    ``bias`` to the units, and these by ``outer`` to the sum."""

    mean: Floats
    spread: Floats
    direct: Floats
    inner: Floats
    bias: Floats
    outer: Floats

    def log_silence(self, always: Sequence[float], in_turns: Sequence[float]) -> float:
        """The logarithm of the silence (seconds), given the cues that are always known, and those of who takes turns
        (empty for who does not)."""
        after = in_turns or self.mean[len(always) :]
        cues = (np.array([*always, *after]) - self.mean) / self.spread
        cues = np.minimum(FARTHEST, np.maximum(-FARTHEST, cues))
        units = np.tanh(self.inner @ cues + self.bias)
        return round(float(self.direct @ cues + self.outer @ units), _DIGITS)


def load(path: Path) -> EndNetwork:
    """The network in a file. Raises ModelError if there is none."""
    try:
        with np.load(path, allow_pickle=False) as found:
            network = EndNetwork(**{name: np.asarray(found[name], dtype=np.float64) for name in EndNetwork._fields})
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f"{path.name} holds no network for the ends of phrases ({error}); install livegen anew."
        ) from None
    return network


def save(network: EndNetwork, path: Path) -> None:
    """Write a network to a file."""
    np.savez(path, **{name: values.astype(np.float32) for name, values in network._asdict().items()})


@cache
def shipped() -> EndNetwork:
    """The network that comes with livegen."""
    return load(SHIPPED)
