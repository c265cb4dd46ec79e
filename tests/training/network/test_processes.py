"""Training in several processes: they learn as one does with their batches together, and alike each time."""

import dataclasses
from pathlib import Path
from typing import Any, Literal

import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("lightning_fabric", reason="lightning-fabric is not installed")

import torch

from livegen.errors import SettingsError
from livegen.events import Note
from livegen.training.corpus.corpus import Corpus, Divided
from livegen.training.network import dataset, loop
from livegen.training.network.dataset import stack
from livegen.training.network.loop import TrainOptions
from livegen.training.network.processes import Processes, in_environment, is_first
from livegen.training.network.train import Training
from livegen.training.recipe import Recipe
from livegen.tunes.tune import Tune
from tests.support.several_processes import in_processes

pytestmark = pytest.mark.training
TWO = Processes(devices=2)
RECIPE = Recipe(name="tiny", embedding=8, hidden=8, width=8, batch=2, epochs=3, rate=0.02)


def tune(number: int) -> Tune:
    return Tune(
        "", tuple(Note(n * 0.5, 0.5, 60 + (number + n * (1 + number % 3)) % 12, 90) for n in range(12 + number))
    )


def music() -> Divided:
    tunes = [tune(number) for number in range(9)]
    return Divided(Corpus(tunes[:7]), Corpus(tunes[7:]), Corpus([]))


class Opened(Training):
    """A training whose steps can be taken one by one, and that is killed before the step ``last`` of all."""

    last = 10_000

    def learn(self, batch: dataset.Batch) -> tuple[float, int]:
        self.last -= 1
        if self.last < 0:
            raise KeyboardInterrupt
        return super()._learn(batch)

    _learn = learn


def training(runs: Path, processes: Processes, **options: Any) -> Opened:
    recipe = RECIPE.model_copy(update=options.pop("recipe", {}))
    return Opened(recipe, music(), TrainOptions(runs=runs, processes=processes, **options))


def weights(run: Training) -> torch.Tensor:
    return torch.cat([each.detach().flatten() for each in run.network.parameters()])


def test_two_processes_take_the_step_that_one_takes_with_both_batches(tmp_path: Path) -> None:
    excerpts = [dataset.plain(tune(number)) for number in range(6)]

    def stepped(processes: Processes, mine: slice) -> torch.Tensor:
        run = training(tmp_path / str(processes.world), processes, recipe={"dropout": 0.0})
        run.network.train()
        for some in (excerpts[:2], excerpts[2:]):
            run.learn(stack(some[mine]))
        return weights(run)

    def work(rank: int) -> None:  # batches of different sizes: each note must weigh the same
        torch.save(stepped(TWO, slice(1, None) if rank else slice(1)), tmp_path / f"{rank}.pt")

    in_processes(2, work)
    alone = stepped(Processes(), slice(None))
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    assert torch.equal(first, second)
    assert torch.allclose(first, alone, atol=1e-4)


def test_the_same_seed_and_processes_make_the_same_weights_also_when_killed_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "plot", lambda *_: None)

    def work(rank: int) -> None:
        whole = training(tmp_path / "whole", TWO)
        whole.run(lambda _: None)
        again = training(tmp_path / "killed", TWO)
        again.last = 3  # within the second of three epochs
        with pytest.raises(KeyboardInterrupt):
            again.run(lambda _: None)
        assert again.log == whole.log[:1]
        again = training(tmp_path / "killed", TWO, resume=True)
        again.run(lambda _: None)
        assert again.log == whole.log and len(whole.log) == 3
        assert torch.equal(weights(again), weights(whole)) and torch.equal(again.seen, whole.seen)
        torch.save(weights(whole), tmp_path / f"{rank}.pt")

    in_processes(2, work)
    assert torch.equal(*(torch.load(tmp_path / f"{rank}.pt") for rank in range(2)))
    files = sorted(path.name for path in (tmp_path / "whole" / "tiny").iterdir())
    assert files == ["best.pt", "last.pt", "progress.json", "training.pid"]


def test_what_one_process_trains_alone_is_refused_to_two(tmp_path: Path) -> None:
    class Alone(Training):
        shared = False

    def work(rank: int) -> None:
        with pytest.raises(SettingsError, match="tiny is trained by one process"):
            Alone(RECIPE, music(), TrainOptions(runs=tmp_path, processes=TWO))

    in_processes(2, work)


def test_half_the_bits_learn_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = stack([dataset.plain(tune(number)) for number in range(4)])
    lost: list[list[float]] = []
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)  # not every processor has its layers in half the bits
    precisions: tuple[Literal["32", "bf16"], ...] = ("32", "bf16")
    for precision in precisions:
        run = training(tmp_path / precision, Processes(precision=precision), recipe={"dropout": 0.0})
        run.network.train()
        lost.append([run.learn(batch)[0] for _ in range(4)])
        assert weights(run).dtype == torch.float32
    assert lost[0] != lost[1]
    assert lost[1] == pytest.approx(lost[0], rel=0.02)


def test_torchrun_and_slurm_say_how_many_processes_there_are() -> None:
    one = Processes()
    torchrun = {"TORCHELASTIC_RUN_ID": "1", "LOCAL_WORLD_SIZE": "2", "GROUP_WORLD_SIZE": "3", "RANK": "4"}
    slurm = {"SLURM_NTASKS": "16", "SLURM_NTASKS_PER_NODE": "8", "SLURM_NNODES": "2", "SLURM_PROCID": "0"}
    assert in_environment(one, {}) == one
    assert in_environment(one, torchrun) == Processes(2, 3)
    assert in_environment(dataclasses.replace(one, accelerator="gpu"), slurm) == Processes(8, 2, "gpu")
    assert in_environment(one, slurm | {"SLURM_JOB_NAME": "bash"}) == one
    assert in_environment(TWO, torchrun).world == 6
    with pytest.raises(SettingsError, match=r"SLURM has started 8 processes .* --devices says 2; leave"):
        in_environment(TWO, slurm)


@pytest.mark.parametrize(
    ("environment", "first"),
    [
        ({}, True),
        ({"RANK": "1", "LOCAL_RANK": "0"}, False),
        ({"SLURM_PROCID": "8", "LOCAL_RANK": "0"}, False),
        ({"LOCAL_RANK": "0"}, True),
        ({"LOCAL_RANK": "1"}, False),
    ],
)
def test_the_first_process_alone_writes(environment: dict[str, str], first: bool) -> None:
    assert is_first(environment) is first


def test_without_a_gpu_one_sentence_says_so(tmp_path: Path) -> None:
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("here is a GPU")
    with pytest.raises(SettingsError, match=r"cannot start its processes: .*gpu"):
        training(tmp_path, Processes(accelerator="gpu"))
