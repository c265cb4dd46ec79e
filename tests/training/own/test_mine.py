"""A model of one's own playing: trained, judged, and swapped in while it is played with."""

import asyncio
import copy
import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from livegen.cli import main
from livegen.cli import mine as cli_mine
from livegen.errors import ModelError
from livegen.events import Note
from livegen.live.resources import Resources
from livegen.live.server import Server
from livegen.predictors import models as predictor
from livegen.predictors.models import NetworkPredictor
from livegen.session.session import Session as Live
from livegen.settings import Settings
from livegen.system import clock, paths, run_log
from livegen.training.network import dataset
from livegen.training.network.augmentation import Augmentation
from livegen.training.own.watch import ENOUGH, Folder, watch
from livegen.tunes.tune import Tune
from tests.support.live_stage import Client, live_stage
from tests.support.own_playing import journal, own, played, take

if TYPE_CHECKING:
    from livegen.training.own.mine import Made

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
training = pytest.mark.training


# The base, and training on


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that learnt nothing yet, of two layers and with a touch."""
    import torch

    from livegen.training.network.export import export
    from livegen.training.network.network import Network, Shape

    torch.manual_seed(1)
    network = Network(Shape(16, 24, 2, 16, 0.1, touch=True))
    network.settle(torch.ones(len(network.table), dtype=torch.int64))
    path = tmp_path_factory.mktemp("base") / "small.onnx"
    export(network, path, {"recipe": json.dumps({"dropout": 0.1, "data": "folder"}), "touch": "true"})
    return path


@training
@needs_torch
def test_a_network_made_again_from_its_file_answers_alike(base: Path, tmp_path: Path) -> None:
    import onnx
    import torch

    from livegen.training.network.export import export, largest_difference
    from livegen.training.own.warm_start import held_rows, network_of

    metadata = NetworkPredictor(base).metadata
    network = network_of(base, metadata)
    assert largest_difference(network.eval(), base, 200, seed=7) <= 1e-4
    network.settle(held_rows(network))
    assert export(network, tmp_path / "again.onnx", metadata) <= 1e-4
    assert largest_difference(network, base, 200, seed=8) <= 1e-4
    strange = onnx.load(str(base))
    next(each for each in strange.graph.initializer if each.name.startswith("lstm.bias")).name = "bias"
    for node in strange.graph.node:
        node.input[:] = ["bias" if name == "lstm.bias_l0" else name for name in node.input]
    onnx.save(strange, str(tmp_path / "strange.onnx"))
    with pytest.raises(ModelError, match=r"strange\.onnx is not built as"):
        network_of(tmp_path / "strange.onnx", metadata)
    assert torch.isfinite(network.table).all()


@training
@needs_torch
def test_the_base_music_is_mixed_in_the_weights_are_pulled_and_the_time_is_kept(base: Path) -> None:
    import torch

    from livegen.training.own.fine_tune import FineTuneOptions, FineTuning, Music
    from livegen.training.own.warm_start import network_of

    fresh = network_of(base, NetworkPredictor(base).metadata)
    own, known = ([Augmentation(take(seed, 64), False) for seed in seeds] for seeds in (range(4), range(4, 20)))

    def tuned(**manner: Any) -> tuple[FineTuning, float]:
        network = copy.deepcopy(fresh)
        start = [each.detach().clone() for each in network.parameters()]
        music = Music(own, [dataset.plain(take(99, 64))], known)
        tuning = FineTuning(network, music, replace(FineTuneOptions(rate=0.01, notes=256, rounds=1, batch=1), **manner))
        tuning.run(lambda *_: None)
        pairs = zip(network.parameters(), start, strict=True)
        moved = sum(float((a.detach() - b).square().sum()) for a, b in pairs)
        return tuning, moved

    def notes(tuning: FineTuning) -> int:
        return int(tuning.seen[1:129].sum())  # pitches but for the last of each piece, and for what pads

    alone, free = tuned(share=0.0)
    mixed, _ = tuned(share=2.0)
    assert 1.6 * notes(alone) < notes(mixed) < 4 * notes(alone)
    _, held = tuned(share=0.0, pull=30.0)
    assert 0 < held < 0.7 * free
    hurried, _ = tuned(minutes=0.0, rounds=9)
    assert len(hurried.log) == 2 and notes(hurried) < notes(alone)
    assert torch.isfinite(hurried.network.table).all()


@pytest.fixture(scope="module")
def made(base: Path, tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, Made]":
    from livegen.training.own import mine
    from livegen.training.own.fine_tune import FineTuneOptions

    out = tmp_path_factory.mktemp("models")
    manner = FineTuneOptions(rate=0.02, rounds=12, notes=600, run=out.with_name("run") / mine.NAME)
    return out, mine.make(own(), mine.MineOptions(base, manner), out)


@training
@needs_torch
def test_how_it_goes_is_told_with_the_verdict_and_what_both_models_play(made: "tuple[Path, Made]") -> None:
    out, result = made
    (told,) = run_log.runs(out.with_name("run"))
    assert (told["name"], told["state"], told["sentence"]) == ("mine", "kept", result.verdict.sentence)
    losses = [held_out for _, held_out in told["losses"]]
    assert len(losses) >= 3 and min(losses) < losses[0] - 1
    assert told["table"] == result.verdict.table()
    notes = {each["title"]: each["notes"] for each in told["listen"]}
    assert list(notes) == ["yours", "before", "after"]
    assert notes["before"][:7] == notes["after"][:7] and notes["before"] != notes["after"]
    assert len(notes["yours"]) == len(notes["after"]) == 48
    for onset, duration, pitch in notes["after"]:
        assert onset >= 0 and duration > 0 and 0 <= pitch < 128


@training
@needs_torch
def test_a_base_that_hears_the_performer_becomes_theirs(base: Path, made: "tuple[Path, Made]") -> None:
    out, result = made
    assert result.verdict.refusal is None, result.verdict.table()
    assert result.path == out / "mine.onnx" and {each.name for each in out.iterdir()} == {"mine.onnx", "README.md"}
    model, before = NetworkPredictor(result.path), NetworkPredictor(base)
    assert result.verdict.bits[1] < result.verdict.bits[0] - 1 and result.verdict.apart.high < 0
    assert model.metadata["licence"] == "yours" and model.metadata["base"] == before.digest
    recipe = json.loads(model.metadata["recipe"])
    assert (recipe["base"], recipe["base_sha256"]) == ("small", before.digest) and recipe["trained_rounds"] > 0
    assert len(model.quotations) > 100
    table = result.verdict.table()
    for figure in ("bits a note", "entropy", "range", "repeated", "copied"):
        assert figure in table


@training
@needs_torch
def test_training_once_more_mixes_in_what_the_base_learnt_and_keeps_its_runs(
    made: "tuple[Path, Made]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livegen.training.own import mine
    from livegen.training.own.fine_tune import FineTuneOptions

    first = NetworkPredictor(made[0] / "mine.onnx")
    assert json.loads(first.metadata["recipe"])["pull"] > 0  # what its base learnt is not at hand
    asked: list[str] = []

    def music(data: str) -> list[Tune]:
        asked.append(data)
        return own(4)

    monkeypatch.setattr(mine, "_base_music", music)
    other = [take(seed, 64) for seed in range(50, 57)]
    result = mine.make(
        other, mine.MineOptions(made[0] / "mine.onnx", FineTuneOptions(rate=0.005, rounds=4, notes=300)), tmp_path
    )
    assert result.path is not None, result.verdict.table()
    again = NetworkPredictor(result.path)
    recipe = json.loads(again.metadata["recipe"])
    assert (asked, recipe["pull"], recipe["mixed_in"]) == (["folder"], 0.0, 2.0)
    assert len(again.quotations | first.quotations) == len(again.quotations) > len(first.quotations)


@training
@needs_torch
def test_a_model_that_fell_into_one_note_is_refused_and_not_written(base: Path, tmp_path: Path) -> None:
    from livegen.training.own import mine
    from livegen.training.own.fine_tune import FineTuneOptions

    random = np.random.default_rng(1)
    drone = [
        Tune(str(n), tuple(Note(0.5 * at + 0.01 * random.random(), 0.4, 60 + n) for at in range(50)), touched=True)
        for n in range(8)
    ]
    drone = [replace(tune, notes=tune.notes[: 50 - index]) for index, tune in enumerate(drone)]
    out, runs = tmp_path / "models", tmp_path / "runs"
    manner = FineTuneOptions(rate=0.05, rounds=15, notes=500, run=runs / mine.NAME)
    result = mine.make(drone, mine.MineOptions(base, manner), out)
    assert result.verdict.refusal is not None and "fell into one note" in result.verdict.refusal
    assert result.path is None and list(out.iterdir()) == []
    (told,) = run_log.runs(runs)
    assert (told["state"], told["sentence"]) == ("refused", result.verdict.refusal)


@training
@needs_torch
def test_a_model_that_became_no_better_is_refused(made: "tuple[Path, Made]", tmp_path: Path) -> None:
    """Far too high a rate makes it worse at once: it ends as it began, after two rounds."""
    from livegen.training.own import mine
    from livegen.training.own.fine_tune import FineTuneOptions

    plan = mine.MineOptions(made[0] / "mine.onnx", FineTuneOptions(rate=0.1, rounds=9, notes=300, patience=2))
    result = mine.make(own(), plan, tmp_path)
    assert result.verdict.refusal is not None and "no better than the base" in result.verdict.refusal
    assert "the best of 2 rounds was round 0" in result.story
    assert result.verdict.bits[1] == pytest.approx(result.verdict.bits[0], abs=0.001)
    assert list(tmp_path.iterdir()) == []


@training
@needs_torch
def test_the_verdict_knows_loops_and_few_notes_but_leaves_a_performer_their_own() -> None:
    from livegen.training.evaluation.bootstrap import Difference
    from livegen.training.own.verdict import Measures, Verdict

    rich, looping, few = Measures(3.0, 12, 18, 0.1), Measures(2.5, 8, 12, 0.9), Measures(1.3, 3, 4, 0.2)
    good = Verdict((3.0, 2.5), Difference(-0.5, -0.7, -0.3), 500, rich, rich, rich)
    assert good.refusal is None
    assert "short loop: 90%" in (replace(good, new=looping).refusal or "")
    assert replace(good, new=looping, performer=looping).refusal is None
    assert "into a few notes" in (replace(good, new=few).refusal or "")
    assert replace(good, new=few, performer=few).refusal is None
    worse = replace(good, bits=(2.5, 3.0), apart=Difference(0.5, 0.3, 0.7))
    assert "no better than the base (3.000 bits a note against 2.500)" in (worse.refusal or "")


# The command


@pytest.fixture
def nice() -> list[int]:
    """The priority given up by commands run in the test's own process, which must not give it up."""
    return []


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nice: list[int]) -> Callable[..., Result]:
    """`livegen train mine` in this process, which is not to become the least of all."""
    monkeypatch.setattr(paths, "models", lambda: tmp_path / "models")
    monkeypatch.setattr(paths, "runs", lambda: tmp_path / "runs")
    monkeypatch.setattr(os, "nice", nice.append, raising=False)

    def run(*args: object) -> Result:
        return CliRunner().invoke(main.main, ["train", "mine", *map(str, args)])

    return run


@training
@needs_torch
def test_the_command_says_the_verdict_and_how_to_play_it(
    command: Callable[..., Result], base: Path, tmp_path: Path, nice: list[int]
) -> None:
    music = tmp_path / "journals"
    music.mkdir()
    for seed in range(10):
        journal(music / f"{seed}.jsonl", played(seed, 64))
    done = command("--data", music, "--base", base, "--minutes", 0.05)
    assert done.exit_code == 0, done.output
    assert nice == [19]
    assert "livegen jam --model mine" in done.output and "bits a note" in done.output
    assert NetworkPredictor(tmp_path / "models" / "mine.onnx").metadata["licence"] == "yours"
    few = command("--data", music / "1.jsonl", "--base", base)
    assert few.exit_code == 1 and "play about 236 more" in few.output
    assert command("--base", "nosuch").exit_code == 2
    assert command("--data", tmp_path / "nowhere").exit_code == 1
    assert command("--epochs", 3).exit_code == 2
    assert CliRunner().invoke(main.main, ["train", "my", "--watch"]).exit_code == 2


@training
@needs_torch
def test_a_refused_model_ends_the_command_with_its_reason(
    command: Callable[..., Result], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livegen.training.evaluation.bootstrap import Difference
    from livegen.training.own import mine
    from livegen.training.own.verdict import Measures, Verdict

    usual = Measures(3.0, 12, 18, 0.1)
    verdict = Verdict((2.5, 3.0), Difference(0.5, 0.3, 0.7), 500, usual, usual, usual)
    monkeypatch.setattr(mine, "make", lambda *_: mine.Made(None, verdict, "told"))
    journal(tmp_path / "one.jsonl", played(1, 40))
    done = command("--data", tmp_path / "one.jsonl", "--base", base)
    assert done.exit_code == 1 and f"livegen: {verdict.refusal}" in done.output and "Trained" not in done.output


# Watching


def test_a_folder_of_journals_is_due_after_enough_notes_or_when_a_session_has_ended(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    path = tmp_path / "one.jsonl"
    journal(path, played(1, ENOUGH - 1))
    folder.look()
    assert not folder.is_due
    with path.open("a") as file:
        file.write('["sent", "on", 1.0, 60, 80, 1, 0]\n["heard", "on", 1.0, 60')
    folder.look()
    assert not folder.is_due
    with path.open("a") as file:
        file.write(", 80, 1, 0]\n")
    folder.look()
    assert folder.is_due
    folder.learnt()
    assert not folder.is_due
    with path.open("a") as file:
        file.writelines('["heard", "on", 2.0, 60, 80, 1, 0]\n' for _ in range(20))
    folder.look()
    assert not folder.is_due
    path.with_suffix(".mid").touch()
    folder.look()
    assert folder.is_due
    folder.learnt()
    folder.look()
    assert not folder.is_due


def test_watching_trains_at_once_and_again_when_there_is_more(tmp_path: Path) -> None:
    trained: list[int] = []
    rests = iter(range(100))

    def rest() -> None:
        if next(rests) == 3:
            journal(tmp_path / "new.jsonl", played(1, ENOUGH))
        if len(trained) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(Folder(tmp_path), lambda: trained.append(next(rests)), rest)
    assert len(trained) == 2 and trained[1] > 3


@pytest.fixture
async def jam(tmp_path: Path) -> AsyncIterator[tuple[Server, Client]]:
    """A session on UDP that plays `mine`, for now a copy of folk, and a client that listens to it."""
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(predictor.find("folk"), models / "mine.onnx")
    session = Live(
        predictor.load("mine", models), Settings(osc_port=0, osc_target="none", model="mine"), 1, clock.now()
    )
    async with live_stage(tmp_path / "live", session, Resources(models=models)) as stage:
        yield stage.server, stage.client


async def test_a_model_that_plays_is_loaded_anew_only_when_its_file_has_changed(
    jam: tuple[Server, Client], tmp_path: Path
) -> None:
    server, client = jam
    path, before = tmp_path / "models" / "mine.onnx", server.session.predictor
    cli_mine.swap_model(server.osc_port, "mine")
    cli_mine.swap_model(server.osc_port, "mine")
    with pytest.raises(TimeoutError):
        await client.receive("/livegen/model", within=0.5)
    assert server.session.predictor is before
    client.send("/livegen/model", "untrained")
    assert await client.receive("/livegen/model") == ("untrained",)
    client.send("/livegen/model", "untrained")
    with pytest.raises(TimeoutError):
        await client.receive("/livegen/model", within=0.3)
    client.send("/livegen/model", "mine")
    assert await client.receive("/livegen/model") == ("mine",)
    with path.open("ab") as file:
        file.write(b"\x32\x01x")  # the field of a remark, which says nothing to the runtime
    client.send("/livegen/note", 60, 90)
    await client.receive("/livegen/out/next")
    cli_mine.swap_model(server.osc_port, "mine")
    assert await client.receive("/livegen/model") == ("mine",)
    assert server.session.predictor.digest == hashlib.sha256(path.read_bytes()).hexdigest() != before.digest
    client.send("/livegen/note", 62, 90)
    assert len(await client.receive("/livegen/out/next")) == 5


@training
@needs_torch
async def test_watching_trains_beside_a_session_and_swaps_the_model_in(
    jam: tuple[Server, Client],
    command: Callable[..., Result],
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, client = jam

    def rest(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(clock, "rest", rest)
    music = tmp_path / "journals"
    music.mkdir()
    for seed in range(10):
        journal(music / f"{seed}.jsonl", played(seed, 64))
    asked = ("--data", music, "--base", base, "--minutes", 0.05, "--watch", "--osc-port", server.osc_port)
    done = await asyncio.get_running_loop().run_in_executor(None, lambda: command(*asked))
    assert done.exit_code == 130, done.output
    assert await client.receive("/livegen/model") == ("mine",)
    playing = server.session.predictor
    assert isinstance(playing, NetworkPredictor) and playing.metadata["licence"] == "yours"
    assert command("--data", music / "1.jsonl", "--watch", "--base", base).exit_code == 2
