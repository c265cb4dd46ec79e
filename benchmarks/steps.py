"""One model step, by size of the model: back to back, after a pause, and after a pause in which it was kept warm.

As a program of its own (``python -m benchmarks.steps FOLDER``), it exports networks with random weights there.
"""

import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from benchmarks.parts.children import ROOT
from benchmarks.parts.counts import Counts
from benchmarks.parts.figures import Measure, spread
from livegen.errors import ModelError
from livegen.live.warm_up import EVERY as WARM_EVERY
from livegen.predictors import models as predictor
from livegen.predictors.encoding import CLASSES, START, Encoding, Onset, Step
from livegen.predictors.models import NetworkPredictor
from livegen.settings import Settings

SIZES = ((1, 128), (1, 256), (1, 512), (2, 256))  # layers, units
_PAUSE = 0.05  # seconds between notes, at 20 notes/s
_EXPORT = 300.0  # seconds the export may take


def steps(counts: Counts) -> Measure:
    """The shipped model and random ones of other sizes, through the predictor that plays live."""
    measure = Measure("One model step (NetworkPredictor.step)")
    with tempfile.TemporaryDirectory() as folder:
        for name, model in _models(Path(folder), measure.notes).items():
            performance = _performance(counts.hot_steps)
            measure.spreads += [
                spread(f"{name}, hot", _step(model, performance, _at_once)),
                spread(f"{name}, after 50 ms", _step(model, performance[: counts.paced_steps], _asleep)),
                spread(f"{name}, after 50 ms warm", _step(model, performance[: counts.paced_steps], _kept_warm)),
            ]
    measure.notes.append(
        f"warm: a throw-away step every {WARM_EVERY * 1000:.0f} ms of the pause, as often as the server takes one"
    )
    return measure


def _models(folder: Path, notes: list[str]) -> dict[str, NetworkPredictor]:
    """The models to measure; ``notes`` name the missing ones."""
    models = {}
    try:
        path = predictor.find(Settings().model)
        models[f"{path.stem} ({path.stat().st_size / 1e6:.1f} MB)"] = NetworkPredictor(path)
    except ModelError as error:
        notes.append(f"the shipped model was not measured: {error}")
    if importlib.util.find_spec("torch") is None:
        notes.append("other sizes were not measured: torch, which exports them, is not installed (make train)")
        return models
    command = [sys.executable, "-m", "benchmarks.steps", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_EXPORT, check=False)
    if done.returncode:
        raise RuntimeError(f"The models to measure could not be exported: {done.stderr[-2000:]}")
    for path in sorted(folder.glob("*.onnx")):
        models[f"{path.stem} random ({path.stat().st_size / 1e6:.1f} MB)"] = NetworkPredictor(path)
    return models


def _performance(count: int) -> list[Step]:
    """Scales up and down, encoded as the live session encodes them."""
    encoding = Encoding()
    pitches = [48 + abs(index % 48 - 24) for index in range(count + 1)]
    return [encoding.encode(Onset(pitch, 0.25, before, 80, 0.8, 0)) for before, pitch in pairwise(pitches)]


def _step(model: NetworkPredictor, performance: list[Step], pause: Callable[[NetworkPredictor], None]) -> list[float]:
    """Milliseconds of each step; the state is carried on, as live."""
    state, times = model.start(), []
    for step in performance:
        pause(model)
        begun = time.perf_counter_ns()
        state, _ = model.step(state, step)
        times.append((time.perf_counter_ns() - begun) / 1e6)
    return times


def _at_once(model: NetworkPredictor) -> None:
    """No pause."""


def _asleep(model: NetworkPredictor) -> None:
    time.sleep(_PAUSE)


def _kept_warm(model: NetworkPredictor) -> None:
    end = time.perf_counter() + _PAUSE
    while time.perf_counter() < end:
        time.sleep(WARM_EVERY)
        model.step(model.start(), START)
    time.sleep(WARM_EVERY / 2)  # a note comes at any time between two warm steps


def _export(folder: Path) -> None:
    import torch

    from livegen.training.network.export import export
    from livegen.training.network.network import Network, Shape

    torch.manual_seed(1)
    for layers, hidden in SIZES:
        name, network = f"{layers}x{hidden}", Network(Shape(hidden=hidden, layers=layers))
        network.settle(torch.ones(sum(CLASSES)))
        export(network, folder / f"{name}.onnx", {"name": name})


if __name__ == "__main__":
    _export(Path(sys.argv[1]))
