"""Reading a model file whole, within a bound."""

from pathlib import Path

from livegen.errors import ModelError

LARGEST = 64 * 2**20  # bytes of a model file
ENDINGS = (".onnx", ".npz", ".sargam")  # of networks, of Markov chains, of the model of varisais


def content(path: Path) -> bytes:
    """The file's bytes. Raises ModelError if it cannot be read or is larger than any model."""
    try:
        if path.stat().st_size > LARGEST:
            raise ModelError(f"{path.name} is larger than 64 MiB, which no livegen model is; give another file.")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read: {error.strerror}.") from None
