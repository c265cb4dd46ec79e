"""The cost of voices: a note heard by 1, 4, 16 and 64 of them, and their model's step, one by one and batched.

python -m benchmarks.voices [--notes N] [--json FILE]
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from rich.console import Console

from benchmarks.latency import machine
from benchmarks.parts.batched import Batched
from benchmarks.parts.figures import Measure, show, spread
from livegen.events import NoteOff, NoteOn
from livegen.predictors import models
from livegen.predictors.encoding import GAPS, Encoding, Onset
from livegen.predictors.memory import OFFERS
from livegen.predictors.models import NetworkPredictor
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import PERFORMER, Part
from livegen.session.session import Session
from livegen.settings import Settings

VOICES = (1, 4, 16, 64)
_GAP = 0.15  # seconds, of the music's time


def heard(notes: int) -> Measure:
    """A performer's note, in a band whose voices all hear it: until the first has answered, and until all have."""
    measure = Measure("A note that every voice hears, model folk, in virtual time")
    model = models.load("folk")
    for mode in ("call_and_response", "duet"):
        for count in VOICES:
            first, every = _hearing(_band(model, count, mode), notes)
            measure.spreads.append(spread(f"{mode}, {count} voices: the first's prediction", first))
            measure.spreads.append(spread(f"{mode}, {count} voices: all have heard it", every))
    measure.notes.append(
        "a voice's prediction goes out before the next voice hears the note; between them the loop turns"
    )
    return measure


def _band(model: models.Predictor, count: int, mode: str) -> AnySession:
    settings = [Settings(mode=mode, channel_out=1 + number % 16) for number in range(count)]
    if count == 1:
        return Session(model, settings[0], 1)
    return Band([Part(f"v{number}", model, own, (PERFORMER,)) for number, own in enumerate(settings)], 1)


def _hearing(session: AnySession, notes: int) -> tuple[list[float], list[float]]:
    first, every = [], []
    for number in range(notes):
        at = number * _GAP
        while (due := session.next_due()) is not None and due < at:
            session.advance(due, promptly=True)
        pitch = 48 + abs(number % 48 - 24)
        begun = time.perf_counter_ns()
        session.receive(NoteOn(at, pitch, 80))
        answered = time.perf_counter_ns()
        while (due := session.next_due()) is not None and due <= at:
            session.advance(at, promptly=True)
        done = time.perf_counter_ns()
        first.append((answered - begun) / 1e6)
        every.append((done - begun) / 1e6)
        session.receive(NoteOff(at + _GAP / 2, pitch))
    session.panic(notes * _GAP)
    return first, every


def batched(runs: int) -> Measure:
    """The graph of one step: as often as there are voices, and once with a row for each."""
    measure = Measure("The graph of folk's step, without the memory's look-up")
    path = models.find("folk")
    for count in VOICES:
        one, many = _Graph(path.read_bytes(), 1, path), _Graph(Batched(path, count).model(), count, path)
        worst = many.differs_from(one)
        measure.spreads.append(spread(f"{count} voices, one by one", _timed(partial(one.run, count), runs)))
        measure.spreads.append(spread(f"{count} voices, batched", _timed(partial(many.run, 1), runs)))
        measure.floors[f"{count} voices, batched"] = f"{count} voices, one by one"
        measure.numbers[f"{count} voices: largest difference of a logit"] = worst, ""
    measure.notes.append("the ratio is batched to one by one; what the memory costs, each voice pays in either case")
    measure.numbers["a whole step of one voice, with its memory"] = _whole_step(runs), "ms (median)"
    return measure


def _timed(act: Callable[[], None], runs: int) -> list[float]:
    times = []
    for _ in range(runs):
        begun = time.perf_counter_ns()
        act()
        times.append((time.perf_counter_ns() - begun) / 1e6)
    return times


def _whole_step(runs: int) -> float:
    model, encoding = NetworkPredictor(models.find("folk")), Encoding()
    pitches = [48 + abs(index % 48 - 24) for index in range(runs + 1)]
    steps = [encoding.encode(Onset(pitch, 0.25, before, 80, 0.8, 0)) for before, pitch in pairwise(pitches)]
    state, times = model.start(), []
    for step in steps:
        begun = time.perf_counter_ns()
        state, _ = model.step(state, step)
        times.append((time.perf_counter_ns() - begun) / 1e6)
    return float(np.median(times))


class _Graph:
    """A graph bound to buffers of its own, as the predictor binds its."""

    def __init__(self, model: bytes, rows: int, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._binding = self._session.io_binding()
        self._rows = rows
        shapes = Batched(path, rows)
        self.buffers: dict[str, npt.NDArray[Any]] = {
            name: np.zeros(shape, kind) for name, (shape, kind) in shapes.inputs().items()
        }
        self.buffers |= {name: np.zeros(shape, np.float32) for name, shape in shapes.outputs().items()}
        self.buffers["memory"][0] = 1.0
        draw = np.random.default_rng(1)
        self.buffers["fields"][:] = draw.integers(0, 2, self.buffers["fields"].shape)
        self.buffers["gap_offers"][...] = draw.integers(0, OFFERS, self.buffers["gap_offers"].shape)
        self.buffers["gap_values"][...] = draw.integers(0, len(GAPS), self.buffers["gap_values"].shape)
        for name, buffer in self.buffers.items():
            value = onnxruntime.OrtValue.ortvalue_from_numpy(buffer)
            given = name in shapes.inputs()
            (self._binding.bind_ortvalue_input if given else self._binding.bind_ortvalue_output)(name, value)

    def run(self, times: int) -> None:
        for _ in range(times):
            self._session.run_with_iobinding(self._binding)

    def differs_from(self, one: "_Graph") -> float:
        """The largest difference of the rows' logits from those of the plain graph."""
        self.run(1)
        worst = 0.0
        for row in range(self._rows):
            for name in ("fields", "gap_offers", "gap_values"):
                one.buffers[name][0] = self.buffers[name][row]
            one.run(1)
            for name in ("gap_logits", "state"):
                worst = max(worst, float(np.abs(self.buffers[name][row] - one.buffers[name][0]).max()))
        return worst


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=300, help="for each table's rows (default 300)")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    asked = parser.parse_args()
    measures = [heard(asked.notes), batched(asked.notes)]
    console = Console()
    for measure in measures:
        show(measure, console)
    if asked.json:
        found = {"machine": machine(), "measures": [measure.to_dict() for measure in measures]}
        asked.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
