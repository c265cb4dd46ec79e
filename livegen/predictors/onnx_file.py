"""Model files: their bytes, within a bound; an ONNX file's graph and metadata; an ONNX graph opened to be run."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from livegen.errors import ModelError

LARGEST = 64 * 2**20  # bytes of a model file
_METADATA = 14  # the number of ModelProto's field metadata_props: of each a key, 1, and a value, 2
_FIXED = {1: 8, 5: 4}  # bytes of the protobuf wire types of fixed size


def content(path: Path) -> bytes:
    """The file's bytes. Raises ModelError if it cannot be read or is larger than any model."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise ModelError(f"{path} is no file, and so no model; give the name or the file of one.")
        if path.stat().st_size > LARGEST:
            raise ModelError(f"{path.name} is larger than 64 MiB, which no livegen model is; give another file.")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read: {error.strerror}.") from None


def open_session(model: bytes) -> Any:  # noqa: ANN401 (onnxruntime has no types)
    """An ONNX Runtime session on one thread that does not spin. Raises whatever class ONNX Runtime raises."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return _session_class()(model, options, providers=["CPUExecutionProvider"], enable_fallback=0)


@cache
def _session_class() -> Any:  # noqa: ANN401
    import onnxruntime

    class Session(onnxruntime.InferenceSession):  # type: ignore[misc]
        """A session that drops the model's bytes, which ONNX Runtime keeps for a change of processor."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
            super().__init__(*args, **kwargs)
            self._model_bytes = None

    return Session


def parted(model: bytes) -> tuple[bytes, dict[str, str]]:
    """An ONNX model without its metadata, and the metadata: ONNX Runtime would keep them in memory three times over.

    The model is a protobuf message, onnx.proto's ModelProto. Raises ValueError where it is damaged.
    """
    graph: list[memoryview] = []
    metadata: dict[str, str] = {}
    view = memoryview(model)
    for number, start, value, end in _fields(view):
        if number == _METADATA:
            entry = {which: bytes(view[value:end][at:to]) for which, _, at, to in _fields(view[value:end])}
            metadata[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
        else:
            graph.append(view[start:end])
    return b"".join(graph), metadata


def _fields(message: memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Each field of a protobuf message (its encoding: protobuf.dev): its number, and the places where the field, its
    value and the next field begin."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        kind, value = tag & 7, at
        if kind == 0:
            _, at = _varint(message, at)
        elif kind == 2:
            size, value = _varint(message, at)
            at = value + size
        elif kind in _FIXED:
            at += _FIXED[kind]
        else:
            raise ValueError("a field of no known kind")
        if at > len(message):
            raise ValueError("a field is cut off")
        yield tag >> 3, start, value, at


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The whole number at this place, seven bits a byte, the lowest first; and the place after it."""
    number = shift = 0
    for here in range(at, min(len(message), at + 10)):
        number |= (message[here] & 0x7F) << shift
        if message[here] < 0x80:
            return number, here + 1
        shift += 7
    raise ValueError("a number is cut off")
