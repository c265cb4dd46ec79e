"""The file of the touches: written by the training, and the pianists that it names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livegen.predictors.own_touch import HEADS, Head, Touches

LICENCE = "CC BY 4.0 (trained on the Vienna 4x22 Piano Corpus, Goebl 1999)"


def save(touches: Touches, pianists: Sequence[int], path: Path) -> None:
    """Write the touches, with the numbers of the pianists that it was learnt from."""
    arrays: dict[str, Any] = {"pianists": np.array(pianists), "licence": np.array(LICENCE)}
    for texture, touch in touches._asdict().items():
        arrays[f"{texture}_dynamics"] = np.array([touch.level, touch.slope, touch.balance], dtype=np.float32)
        arrays[f"{texture}_pedal"] = np.array([touch.pedal, touch.lifted], dtype=np.float32)
        for name in HEADS:
            head: Head = getattr(touch, name)
            arrays |= {f"{texture}_{name}_{field}": table for field, table in head._asdict().items()}
    with path.open("wb") as target:
        np.savez_compressed(target, **arrays)


def learnt_from(path: Path) -> frozenset[int]:
    """The pianists that a touch was learnt from."""
    with np.load(path, allow_pickle=False) as found:
        return frozenset(found["pianists"].tolist()) if "pianists" in found else frozenset()
