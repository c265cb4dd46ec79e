"""A drummer's file where a model is asked for."""

from pathlib import Path

from livegen.predictors.drums import DrumModel
from livegen.predictors.onnx_file import content, parted
from livegen.predictors.untrained import Untrained


class DrumPredictor(Untrained):
    """A drummer: the drum player plays by its ``drummer``. Where notes are asked for, it knows plain scales."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.drummer: DrumModel = DrumModel(path)
        self.name, self.digest, self.metadata = self.drummer.name, self.drummer.digest, self.drummer.metadata


def is_drummer(path: Path) -> bool:
    """Whether a model file says that it is a drummer's. Raises ModelError if it cannot be read."""
    try:
        _, metadata = parted(content(path))
    except ValueError:
        return False
    return '"kind": "drums"' in metadata.get("encoding", "")
