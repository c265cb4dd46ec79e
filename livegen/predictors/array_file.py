"""Files of arrays (NumPy's archives) from whomever they come: read whole and within a limit, or refused. Pure."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]


def unpacked(content: bytes, largest: int) -> Arrays:
    """The arrays in a file's bytes, by name.

    Raises ValueError if it is damaged or no such file, or if its arrays take more than ``largest`` bytes.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            if sum(entry.file_size for entry in file.zip.infolist()) > largest:
                raise ValueError(f"more than {largest} bytes")
            found = {name: file[name] for name in file.files}
    except Exception as error:  # damaged bytes raise many classes in zipfile and NumPy: tokenize's, zlib's, any
        raise ValueError(f"no arrays: {error}") from None
    if not all(isinstance(each, np.ndarray) for each in found.values()):
        raise ValueError("a part that is no array")  # NumPy gives the bytes of such a part
    return found
