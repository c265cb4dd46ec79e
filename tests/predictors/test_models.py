"""Model files: the shipped one runs, and every broken one is refused in a sentence."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from livegen.errors import EncodingError, LivegenError, ModelError
from livegen.predictors import models
from livegen.predictors.encoding import GAPS, START, Encoding, Onset

FOLK = models.find("folk")


def test_the_shipped_model_forecasts_a_gap_and_a_pitch_for_each_gap() -> None:
    model = models.load("folk")
    _, forecast = model.step(model.start(), START)
    assert forecast.gap.shape == (len(GAPS),) and np.asarray(forecast.pitch).shape == (len(GAPS), 128)
    assert len(model.digest) == 64


def test_states_are_values() -> None:
    """Stepping from a kept state gives the same again, whatever was done between."""
    model = models.load("folk")
    steps = [Encoding().encode(Onset(pitch, 0.5, 60)) for pitch in (62, 64, 65, 67)]
    state, _ = model.step(model.start(), START)
    kept = [np.array(each) for each in (state.h, state.c, *state.memory)]
    first = model.step(state, steps[0])
    for step in steps[1:]:
        model.step(first[0], step)
    again = model.step(state, steps[0])
    assert all(np.array_equal(a, b) for a, b in zip(kept, (state.h, state.c, *state.memory), strict=True))
    assert np.array_equal(first[1].pitch, again[1].pitch) and np.array_equal(first[1].gap, again[1].gap)


def test_what_was_heard_changes_what_is_expected() -> None:
    model = models.load("folk")
    state, before = model.step(model.start(), START)
    _, after = model.step(state, Encoding().encode(Onset(67, 1.0, 62)))
    assert not np.allclose(before.pitch, after.pitch)


def test_a_broken_model_is_refused_in_a_sentence(tmp_path: Path) -> None:
    good, draw = FOLK.read_bytes(), random.Random(1)
    for content in (b"", b"not a model", good[: len(good) // 2], good[:100], bytes(draw.randbytes(5000))):
        (tmp_path / "bad.onnx").write_bytes(content)
        with pytest.raises(ModelError, match=r"bad\.onnx"):
            models.load("bad", tmp_path)


def test_a_model_that_is_another_programs_is_refused(tmp_path: Path) -> None:
    """The same file with its encoding's name changed, so that the metadata no longer holds one."""
    (tmp_path / "other.onnx").write_bytes(FOLK.read_bytes().replace(b"encoding", b"encodinG"))
    with pytest.raises(EncodingError, match="encoding"):
        models.load("other", tmp_path)


@pytest.mark.parametrize("tail", [None, b"bm90IGEgbW9kZWw=", b"no base64"])
def test_a_model_without_a_whole_second_graph_is_refused(tail: bytes | None, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="a file is taken apart with onnx (livegen[train])")

    model = onnx.load(str(FOLK))
    told = {each.key: each.value for each in model.metadata_props if each.key != "tail"}
    onnx.helper.set_model_props(model, told if tail is None else told | {"tail": tail.decode()})
    onnx.save(model, str(tmp_path / "half.onnx"))
    with pytest.raises(ModelError, match=r"half\.onnx"):
        models.load("half", tmp_path)


def test_a_name_that_is_not_there_lists_what_is(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="folk"):
        models.load("nowhere", tmp_path)
    with pytest.raises(LivegenError):
        models.NetworkPredictor(tmp_path)


def test_a_model_is_also_found_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(FOLK.read_bytes())
    assert models.load(str(path)).name == "mine"


def test_loading_a_model_leaves_no_trace_of_telemetry(tmp_path: Path) -> None:
    """ONNX Runtime keeps a device's number and a queue of reports in the user's cache unless it is told not to."""
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    script = "from livegen.predictors import models; models.load('folk')"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, env=environment)
    assert not list(tmp_path.rglob("*"))


def test_cards_say_whose_a_model_is_and_what_it_hides(tmp_path: Path) -> None:
    shipped = models.find("folk")
    for name in ("folk", "other"):
        (tmp_path / f"{name}.onnx").write_bytes(shipped.read_bytes())
    found = {card["name"]: card for card in models.cards(tmp_path)[0]}
    told = {name: (found[name]["yours"], found[name]["hides"]) for name in ("folk", "other", "piano")}
    assert told == {"folk": (True, True), "other": (True, False), "piano": (False, False)}
    assert "it hides the one" in models.card_line(found["folk"]) and "yours" not in models.card_line(found["piano"])


def test_cards_tell_the_good_and_the_broken_apart(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no")
    good, broken = models.cards(tmp_path)
    assert "folk" in [card["name"] for card in good]
    assert len(broken) == 1 and "bad.onnx" in broken[0]
