"""Tests of the training of the drummer: it learns, its file is the network, and it is measured as it was trained."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from livegen.errors import FileError  # noqa: E402
from livegen.predictors.drums import DrumNetworkFile  # noqa: E402
from livegen.training.drums import dataset, train  # noqa: E402
from livegen.training.drums.evaluate import evaluate  # noqa: E402
from livegen.training.drums.export import export, largest_difference  # noqa: E402
from livegen.training.drums.network import DrumNetwork  # noqa: E402
from livegen.training.drums.scores import take_bits  # noqa: E402
from livegen.training.network.loop import TrainOptions  # noqa: E402
from tests.support.drum_takes import folder, take  # noqa: E402

pytestmark = pytest.mark.training


def drawn() -> DrumNetwork:
    """A network with random weights, its tables too."""
    torch.manual_seed(3)
    network = DrumNetwork(hidden=16, embedding=16)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    network.eval()
    return network


def test_the_file_is_the_network(tmp_path: Path) -> None:
    network = drawn()
    assert export(network, tmp_path / "made.onnx", {"licence": "none"}) < 1e-4
    network.heads[2].weight.data[5, 3] += 0.1
    assert largest_difference(network, tmp_path / "made.onnx") > 1e-4


def test_the_bits_of_a_file_are_those_of_the_training(tmp_path: Path) -> None:
    network, heard = drawn(), dataset.excerpt(take(3))
    export(network, tmp_path / "made.onnx", {})
    with torch.no_grad():
        heads, _ = network(torch.from_numpy(heard.inputs)[None])
        velocity, deviation, echoes = (torch.from_numpy(each)[None] for each in heard[1:])
        wanted = network.bits(heads, velocity, deviation, echoes, torch.ones(1, len(heard.inputs)))
    found = take_bits(DrumNetworkFile(tmp_path / "made.onnx"), heard)
    assert [found.hit, found.velocity, found.deviation] == pytest.approx([float(each) for each in wanted[:3]], rel=1e-4)
    assert found.hits == float(wanted.hits)


def test_a_hit_that_is_later_in_the_order_does_not_change_one_before() -> None:
    network, heard = drawn(), dataset.excerpt(take(2))
    with torch.no_grad():
        heads, _ = network(torch.from_numpy(heard.inputs)[None])
        velocity, deviation, echoes = (torch.from_numpy(each)[None] for each in heard[1:])
        hits, _, _ = network.surprises(heads, velocity, deviation, echoes)
        other = velocity.clone()
        other[..., 8] = 5  # the ride, the last
        changed, _, _ = network.surprises(heads, other, deviation, echoes)
    np.testing.assert_allclose(hits[..., :8], changed[..., :8])
    assert not np.allclose(hits[..., 8], changed[..., 8])


def test_a_drummer_is_trained_and_measured(tmp_path: Path) -> None:
    data = folder(tmp_path)
    options = TrainOptions(epochs=2, runs=tmp_path / "runs")
    path = train.train(data, tmp_path / "out", options, lambda progress: None)
    assert (path.parent / "drums" / "plain.onnx").is_file()
    assert "drums.onnx" in (path.parent / "README.md").read_text("utf-8")
    report = evaluate(path, data)
    assert report.label.startswith("2 takes of")
    names = [row.name for row in report.rows]
    assert names[0] == "drums" and "LSTM without conditioning" in names and "Markov chain" in names
    assert all(row.whole.low <= row.whole.mean <= row.whole.high for row in report.rows)
    assert "| drums |" in report.table() and report.to_dict()["rows"][0]["more"] is None


def test_too_little_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="more than 3 takes"):
        train.train(folder(tmp_path, 2), tmp_path / "out", TrainOptions(runs=tmp_path), lambda progress: None)


def test_excerpts_vary_and_are_the_same_with_the_same_numbers() -> None:
    variation = dataset.Variation([take(12, seed) for seed in range(3)])
    one, same, other = (variation.draw(take(12), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.inputs, same.inputs)
    assert one.inputs.shape != other.inputs.shape or not np.array_equal(one.inputs, other.inputs)
