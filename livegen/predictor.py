"""The models that can be played, found and loaded by name: networks, Markov chains, and scales where there is none."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livegen import carnatic
from livegen import memory as memories
from livegen.carnatic_model import CarnaticPredictor
from livegen.encoding import CLASSES, GAPS, INTERVAL, PITCHES, START, Encoding, Step
from livegen.errors import LivegenError, ModelError
from livegen.forecast import Forecast, Known, Past, Predictor, State, Touch, listening, with_memory_of
from livegen.markov_model import MarkovPredictor
from livegen.model_file import ENDINGS, content
from livegen.quotation import Quotations

__all__ = [
    "Forecast",
    "Known",
    "OnnxPredictor",
    "Past",
    "Predictor",
    "State",
    "Touch",
    "Untrained",
    "listening",
    "with_memory_of",
]

FIELDS = len(CLASSES) + 13  # of the input `fields`: the event's, and what the memory tells of four matches
TOUCH_OUTPUTS = {
    "velocity_logits": CLASSES.velocity - 1,
    "length_logits": CLASSES.released - 1,
    "deviation_logits": CLASSES.deviation - 1,
}
_POINTERS = ("values", "lengths", "distances")


class Untrained(Predictor):
    """A predictor that needs no model file: steps of a major scale. It steps in when a model is broken."""

    name = "untrained"
    digest = ""
    polyphonic = False
    reach = 1
    quotations = Quotations()

    def __init__(self) -> None:
        self._gap = np.full(len(GAPS), -np.inf, dtype=np.float32)
        encoding = Encoding()
        for beats, logit in ((0.5, 1.0), (1.0, 0.0), (1.5, -1.0), (2.0, -1.5)):
            self._gap[encoding.gap_index(beats)] = logit

    def start(self) -> State:
        """Nothing was heard."""
        return None

    def forget(self, state: State) -> State:
        """There is nothing to forget."""
        return state

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        """Near the last pitch, in C major."""
        centre = step.pitch - 1 if step.pitch else 60
        distance = np.abs(np.arange(PITCHES) - centre)
        pitch = (-0.5 * distance).astype(np.float32)
        pitch[distance == 0] = -2.0
        pitch[np.isin(np.arange(PITCHES) % 12, (1, 3, 6, 8, 10))] -= 8.0
        return None, Forecast(self._gap, np.broadcast_to(pitch, (len(GAPS), PITCHES)))


class OnnxPredictor(Predictor):
    """A model file, run by ONNX Runtime on one thread. The contract of the file is in ``models/README.md``.

    Raises ModelError (EncodingError where the encoding differs) when the file is not what it should be.
    """

    reach = 64

    def __init__(self, path: Path) -> None:
        import onnxruntime

        whole = content(path)
        self.digest = hashlib.sha256(whole).hexdigest()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            self._model = onnxruntime.InferenceSession(whole, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises many kinds, all of which mean one thing here
            raise ModelError(
                f"{path.name} is not a model that can be run ({_first_line(error)}); train or copy it again."
            ) from None
        self._model._model_bytes = None  # the whole file, which it keeps for a change of processor
        metadata = dict(self._model.get_modelmeta().custom_metadata_map)
        Encoding.from_json(metadata.get("encoding", ""))
        self.name = path.stem  # by which it is asked for, whatever it was called when it was trained
        self.polyphonic = metadata.get("polyphonic") == "true"
        self.knows_bars = metadata.get("touch") == "false"  # it learnt from written music
        self.quotations = Quotations.from_text(metadata.pop("runs", ""))
        self.metadata = metadata
        self._bind(path, onnxruntime)

    def _bind(self, path: Path, onnxruntime: Any) -> None:  # noqa: ANN401 (the package has no types)
        inputs = {node.name: node.shape for node in self._model.get_inputs()}
        outputs = {node.name: node.shape for node in self._model.get_outputs()}
        state = inputs.get("h", [])
        wanted = _inputs(state), _outputs(state, touch=any(name in outputs for name in TOUCH_OUTPUTS))
        whole = len(state) == 3 and all(isinstance(size, int) for size in state)
        if not whole or (inputs, outputs) != wanted:
            raise ModelError(f"{path.name} has other inputs and outputs than a livegen model; export it again.")
        self._shape = tuple(state)
        self._touch = [name for name in TOUCH_OUTPUTS if name in outputs]
        self._gap_rows = np.zeros((3, 1, 4), dtype=np.int64)
        self._pitch_rows = np.zeros((3, len(GAPS), 4 + memories.BY_GAP), dtype=np.int64)
        self._buffers: dict[str, npt.NDArray[Any]] = {}
        for index, name in enumerate(_POINTERS):
            self._buffers[f"gap_{name}"], self._buffers[f"pitch_{name}"] = (
                self._gap_rows[index],
                self._pitch_rows[index],
            )
        self._binding = self._model.io_binding()
        for name, shape in (wanted[0] | wanted[1]).items():
            whole_numbers = name in ("fields", "shift")
            buffer = self._buffers.setdefault(name, np.zeros(shape, dtype=np.int64 if whole_numbers else np.float32))
            value = onnxruntime.OrtValue.ortvalue_from_numpy(buffer)
            bind = self._binding.bind_ortvalue_input if name in inputs else self._binding.bind_ortvalue_output
            bind(name, value)
            # On the CPU an OrtValue shares the array's memory; were it a copy, what we write would never be read.
            if value.data_ptr() != buffer.ctypes.data:
                raise ModelError("This build of ONNX Runtime copies its inputs; install another version of it.")
        _, forecast = self.step(self.start(), START)
        if not np.isfinite(forecast.pitch).all():
            raise ModelError(f"{path.name} answers with numbers that are not finite; train it again.")

    def start(self) -> Known:
        """Hidden and cell state of zeros, and an empty memory."""
        return Known(np.zeros(self._shape, np.float32), np.zeros(self._shape, np.float32), memories.EMPTY)

    def forget(self, state: Known) -> Known:
        """The same hidden and cell state, and an empty memory."""
        return state._replace(memory=memories.EMPTY)

    def step(self, state: Known, step: Step, memory: float = 1.0) -> tuple[Known, Forecast]:
        """One run of the graph; everything is copied, so that states and forecasts stay as they are."""
        buffers = self._buffers
        heard = memories.hear(state.memory, step)
        rows = memories.look_up(heard) if memory else memories.NOTHING
        self._tell(step, rows)
        buffers["memory"][0] = memory
        buffers["h"][...], buffers["c"][...] = state.h, state.c
        try:
            self._model.run_with_iobinding(self._binding)
        except Exception as error:  # as above
            raise ModelError(f"The model {self.name} failed ({_first_line(error)}).") from None
        if not math.isfinite(buffers["gap_logits"].sum()):
            raise ModelError(f"The model {self.name} answered with numbers that are not finite.")
        after = Known(buffers["h_out"].copy(), buffers["c_out"].copy(), heard)
        touch = Touch(*(buffers[name].copy() for name in self._touch)) if self._touch else None
        return after, Forecast(buffers["gap_logits"][0].copy(), buffers["pitch_logits"].copy(), touch)

    def _tell(self, step: Step, rows: memories.Rows) -> None:
        """Write the event and the memory's rows as the indices that the graph takes."""
        common = rows.common
        best = common[0], common[2], common[4], common[6]
        values = [row[0] for row in (*best, common[8])]
        self._buffers["fields"][0] = (*step, *values, *(row[1] for row in best), *(row[2] for row in best))
        last = max(0, step.pitch - 1)
        self._buffers["shift"][0] = PITCHES - 1 - last
        self._gap_rows[:, 0] = [*zip(*((row[0] - 1 if row[0] else 0, *row[1:]) for row in common[:4]), strict=True)]
        away = last - 1 - INTERVAL
        pitches = self._pitch_rows
        pitches[:, :, memories.BY_GAP :] = [
            [each] for each in zip(*(_at(row, away) for row in common[4:8]), strict=True)
        ]
        pitches[:, :, : memories.BY_GAP] = 0
        for gap, found in rows.by_gap.items():
            for rank, row in enumerate(found):
                pitches[:, gap - 1, rank] = _at(row, away)


def _at(row: memories.Row, away: int) -> memories.Row:
    """A row of an interval as one of a pitch; nothing if that is no pitch."""
    pitch = row[0] + away
    return (pitch, row[1], row[2]) if row[1] and 0 <= pitch < PITCHES else memories.NO_ROW


def _inputs(state: list[Any]) -> dict[str, list[Any]]:
    """The inputs of a model's graph and their shapes."""
    rows = {"gap": [1, 4], "pitch": [len(GAPS), 4 + memories.BY_GAP]}
    pointers = {f"{head}_{name}": shape for head, shape in rows.items() for name in _POINTERS}
    return {"fields": [1, FIELDS], "shift": [1], **pointers, "memory": [1], "h": state, "c": state}


def _outputs(state: list[Any], touch: bool) -> dict[str, list[Any]]:
    """The outputs of a model's graph and their shapes."""
    heads = {name: [len(GAPS), classes] for name, classes in TOUCH_OUTPUTS.items()} if touch else {}
    logits = {"gap_logits": [1, len(GAPS)], "pitch_logits": [len(GAPS), PITCHES]}
    return {**logits, **heads, "h_out": state, "c_out": state}


def folders(extra: Path | None = None) -> list[Path]:
    """Where models are looked for: the user's folder, then the ones that come with livegen."""
    here = Path(__file__).resolve().parent
    return [folder for folder in (extra, here / "models", here.parent / "models") if folder is not None]


def find(name: str, extra: Path | None = None) -> Path:
    """The model file of that name, or at that path if it is one. Raises ModelError that lists what there is."""
    if name.endswith(ENDINGS):
        return Path(name)
    there: list[str] = []
    for folder in folders(extra):
        for path in _files(folder):
            if path.stem == name:
                return path
            there.append(path.stem)
    listed = (
        f"there are {', '.join(dict.fromkeys(there))}" if there else "there is none; `livegen train folk` makes one"
    )
    raise ModelError(f"There is no model {name!r}: {listed}.")


def names(extra: Path | None = None) -> list[str]:
    """The names of the models there are, whether they can be played or not: no file is read."""
    found = (path.stem for folder in folders(extra) for path in _files(folder))
    return [*dict.fromkeys(found), Untrained.name]


def _files(folder: Path) -> list[Path]:
    """The model files of a folder; of two with one name, the network first."""
    return [path for ending in ENDINGS for path in sorted(folder.glob(f"*{ending}"))]


def load(name: str, extra: Path | None = None, playing: Predictor | None = None) -> Predictor:
    """The predictor of that name (``playing``, if that is it, unchanged). Raises ModelError or EncodingError."""
    path = None if name == Untrained.name else find(name, extra)
    if path and playing and (playing.name, playing.digest) == (path.stem, hashlib.sha256(content(path)).hexdigest()):
        return playing
    return Untrained() if path is None else read(path)


def read(path: Path) -> OnnxPredictor | MarkovPredictor | CarnaticPredictor:
    """The model in a file. Raises ModelError or EncodingError."""
    if path.suffix == carnatic.ENDING:
        return CarnaticPredictor(path)
    return MarkovPredictor(path) if path.suffix == ".npz" else OnnxPredictor(path)


def card(predictor: Predictor) -> dict[str, Any]:
    """What a model file says of itself, for lists and journals."""
    metadata = dict(predictor.metadata)
    recipe = json.loads(metadata["recipe"]) if metadata.get("recipe", "").startswith("{") else {}
    return {
        "name": predictor.name,
        "sha256": predictor.digest,
        "polyphonic": predictor.polyphonic,
        "licence": metadata.get("licence", ""),
        "recipe": recipe,
    }


def cards(extra: Path | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """The cards of all models that can be played, and a sentence for each file that cannot."""
    good: dict[str, dict[str, Any]] = {}
    broken = []
    for path in (path for folder in folders(extra) for path in _files(folder)):
        if path.stem not in good:
            try:
                good[path.stem] = card(read(path))
            except LivegenError as error:
                broken.append(str(error))
    return list(good.values()), broken


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
