"""A state is saved and continued bit for bit; a broken file is refused in a sentence."""

import io
import random

import numpy as np
import pytest

from livegen.errors import ModelError
from livegen.predictors import models
from livegen.predictors.encoding import Encoding, Onset
from livegen.predictors.models import NetworkPredictor, NetworkState, Untrained
from tests.support import saved_state

FOLK = NetworkPredictor(models.find("folk"))
STEPS = [Encoding().encode(Onset(60 + index * 5 % 12, 0.5, 60 + (index - 1) * 5 % 12)) for index in range(40)]


def after(count: int) -> NetworkState:
    """The state after so many notes."""
    state = FOLK.start()
    for step in STEPS[:count]:
        state, _ = FOLK.step(state, step)
    return state


def test_what_was_saved_goes_on_as_if_nothing_had_happened() -> None:
    state = after(30)
    again = saved_state.load(FOLK, saved_state.save(FOLK, state))
    for step in STEPS[30:]:
        state, expected = FOLK.step(state, step)
        again, found = FOLK.step(again, step)
        assert np.array_equal(expected.gap, found.gap) and np.array_equal(expected.pitch, found.pitch)


def test_of_another_model_only_the_memory_is_taken() -> None:
    content = saved_state.save(FOLK, after(30))
    other = NetworkPredictor(models.find("folk"))
    other.digest = "another"
    state = saved_state.load(other, content)
    assert state.memory.onsets.size == 30 and not state.h.any()


def test_a_model_without_a_state_says_so() -> None:
    with pytest.raises(ModelError, match="keeps no state"):
        saved_state.save(Untrained(), None)
    with pytest.raises(ModelError, match="keeps no state"):
        saved_state.load(Untrained(), b"")


def test_a_damaged_file_is_refused_or_read_whole() -> None:
    good, draw = saved_state.save(FOLK, after(20)), random.Random(5)
    contents = [b"", b"PK", good[:100], good[: len(good) // 2], draw.randbytes(3000), b"x" * 5_000_000]
    for _ in range(200):
        broken = bytearray(good)
        broken[draw.randrange(len(broken))] ^= 1 << draw.randrange(8)
        contents.append(bytes(broken))
    refused = 0
    for content in contents:
        try:
            state = saved_state.load(FOLK, content)
            FOLK.step(state, STEPS[20])
        except ModelError as error:
            refused += 1
            assert str(error).endswith("save it again.")
    assert refused > 100


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("keys", np.full((4, 20), 3000, np.int16)),
        ("keys", np.zeros((4, 19), np.int16)),
        ("lengths", np.full((4, 20), -1, np.int16)),
        ("onsets", np.arange(20, dtype=np.int32)),
        ("onsets", np.zeros(20, np.float32)),
        ("h", np.full((1, 1, 256), np.nan, np.float32)),
        ("c", np.zeros((2, 1, 256), np.float32)),
        ("version", np.array(99)),
        ("keys", np.array([{"a": 1}])),
    ],
)
def test_a_forged_array_is_refused(name: str, array: np.ndarray) -> None:
    with np.load(io.BytesIO(saved_state.save(FOLK, after(20)))) as file:
        arrays = dict(file) | {name: array}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    with pytest.raises(ModelError, match="save it again"):
        saved_state.load(FOLK, buffer.getvalue())
