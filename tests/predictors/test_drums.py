"""Tests of the drummer's model at run time."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from livegen.errors import LivegenError, ModelError
from livegen.predictors import drum_encoding, models
from livegen.predictors.drum_encoding import KIT, REST, Step
from livegen.predictors.drums import DrumModel, Scene

MODEL = models.find("drums")


def test_its_chances_are_finite_and_its_states_are_values() -> None:
    model = DrumModel(MODEL)
    state = model.start()
    scene = Scene(0, 16, 110.0, rhythm=(0.0, 0.5, 0.0))
    first = model.look_ahead(state, scene)
    heard = model.hear(first.after, Step((9,) + (0,) * 8, REST.deviation))
    model.look_ahead(heard, scene._replace(place=1))
    again = model.look_ahead(state, scene)
    for one, other in zip(first[:4], again[:4], strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_array_equal(one, other)
    assert state.steps == () and len(heard.steps) == 1


def test_it_hears_what_was_played_and_what_it_is_told() -> None:
    model = DrumModel(MODEL)
    scene = Scene(4, 16, 110.0)
    loud = Step((16,) + (0,) * 8, REST.deviation)
    plain = model.look_ahead(model.start(), scene).hit
    assert not np.array_equal(plain, model.look_ahead(model.hear(model.start(), loud), scene).hit)
    for told in ({"style": 3}, {"fill": 2}, {"density": 0.2}, {"intensity": 0.9}, {"rhythm": (0.9, 0.0, 0.9)}):
        assert not np.array_equal(plain, model.look_ahead(model.start(), scene._replace(**told)).hit), told


def test_the_classes_of_velocity_and_deviation_lead_there_and_back() -> None:
    for number in range(drum_encoding.VELOCITIES):
        assert drum_encoding.velocity_class(drum_encoding.velocity_of(number)) == number
    for number in range(drum_encoding.DEVIATIONS):
        assert drum_encoding.deviation_class(drum_encoding.deviation_of(number)) == number
    assert drum_encoding.velocity_class(127) == 15 and drum_encoding.deviation_of(7) == 0.0


def test_an_input_vector_has_the_width_that_is_declared() -> None:
    assert len(REST.velocity) == KIT
    assert DrumModel(MODEL).look_ahead(DrumModel(MODEL).start(), Scene(0, 16, 120.0)).hit.shape == (KIT,)


def test_it_is_a_model_like_the_others() -> None:
    found = models.load("drums")
    assert found.drummer is not None and models.card(found)["drums"]
    assert models.drummer("drums") is models.drummer("drums")
    with pytest.raises(ModelError, match="not a drummer"):
        models.drummer("folk")


def test_a_broken_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    shutil.copy(MODEL, path)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"version": 2', b'"version": 9'))
    with pytest.raises(LivegenError, match="train it again"):
        models.read(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LivegenError):
        models.read(path)
