"""A model of one's own playing: what is read of a session, how it is divided, trained on, judged, and swapped in."""

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

from livegen import cli, cli_training, clock, midi, predictor, record
from livegen.encoding import GAPS, PERFORMER, Step
from livegen.errors import FileError, ModelError
from livegen.events import Event, Heard, Note, NoteOff, NoteOn
from livegen.predictor import Forecast, OnnxPredictor, State, Untrained
from livegen.server import Server
from livegen.session import Session as Live
from livegen.settings import Settings
from livegen.training import dataset, meant, own_takes
from livegen.training.families import shingles, variants
from livegen.training.own_division import divide
from livegen.training.own_takes import Session
from livegen.training.tune import Tune
from livegen.training.watch import ENOUGH, Folder, watch
from tests.test_server import Client

if TYPE_CHECKING:
    from livegen.training.mine import Made

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
training = pytest.mark.training
FIELDS = Step._fields
GAP = FIELDS.index("gap")


def played(seed: int, count: int, start: float = 1.0, scale: tuple[int, ...] = (0, 2, 4, 5, 7, 9, 11)) -> list[Heard]:
    """A melody that walks along a scale and comes back to what it played; not quite in time."""
    random = np.random.default_rng(seed)
    riff = random.integers(-2, 3, 8).tolist()
    events: list[Heard] = []
    at, place = start, int(random.integers(7, 14))
    for number in range(count):
        place = int(np.clip(place + (riff[number % 8] if number % 32 < 24 else random.integers(-2, 3)), 0, 20))
        pitch = 48 + 12 * (place // len(scale)) + scale[place % len(scale)]
        gap = 0.5 if number % 4 == 3 else 0.25
        events += [NoteOn(at, pitch, int(random.integers(60, 100))), NoteOff(at + 0.8 * gap, pitch)]
        at += gap + float(random.normal(0, 0.008))
    return events


def take(seed: int, count: int, name: str = "") -> Tune:
    return own_takes.tunes(Session(name or str(seed), played(seed, count)))[0]


def journal(path: Path, heard: list[Heard], more: list[str] | None = None) -> None:
    """A journal as a session writes it."""
    lines = [json.dumps({"livegen": 1, "settings": {"tempo": 120.0}})]
    for each in heard:
        values = [each.at, each.pitch, each.velocity] if isinstance(each, NoteOn) else [each.at, each.pitch]  # type: ignore[union-attr]
        lines.append(json.dumps(["heard", "on" if isinstance(each, NoteOn) else "off", *values, 1, 0]))
    path.write_text("\n".join(lines + (more or [])) + "\n")


# What is read of a session


class Listener(Untrained):
    """Writes down what the session tells a model of the performer's notes."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Step] = []

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        if step.who == PERFORMER:
            self.heard.append(step)
        return super().step(state, step, memory)


def perform(events: list[Heard], listener: Listener, slower_at: float) -> list[NoteOn | NoteOff]:
    """What a live session plays in between, to which another tempo is told at ``slower_at``."""
    session = Live(listener, Settings(tempo=140.0), 3)
    sent: list[Event] = []
    for event in events:
        if event.at >= slower_at and session.settings.tempo != 90.0:
            session.settings.set("tempo", 90.0)
            sent += session.settings_changed(slower_at)
        while (due := session.next_due()) is not None and due < event.at:
            sent += session.advance(due)
        sent += session.receive(event)
    sent += session.panic(events[-1].at + 1)
    return [each for each in sent if isinstance(each, NoteOn | NoteOff)]


def test_a_journal_is_counted_in_beats_as_the_session_counted() -> None:
    """Also where the player answers in between, at a tempo that is not the expected one, and with chords."""
    events = [*played(1, 40), *played(2, 40, start=16.3), *played(3, 30, start=36.0)]
    for event in events[10:14]:
        if isinstance(event, NoteOn):
            events += [NoteOn(event.at + 0.012, event.pitch - 12, 70), NoteOff(event.at + 0.1, event.pitch - 12)]
    events = [replace(event, at=event.at * 1.13) for event in sorted(events, key=lambda each: each.at)]
    listener = Listener()
    sent = perform(events, listener, 38.0)
    assert any(isinstance(each, NoteOn) for each in sent)
    changes = [("set", 38.0, "tempo", 90.0), ("set", 39.0, "top_p", 0.9)]
    tunes = own_takes.tunes(Session("take", events, sent, changes, {"tempo": 140.0, "mode": "duet"}))
    steps = np.concatenate([dataset.heard(tune) for tune in tunes])
    live = np.array(listener.heard)
    assert len(steps) == len(live) == sum(isinstance(event, NoteOn) for event in events)
    firsts = np.cumsum([0, *(len(tune.notes) for tune in tunes[:-1])])
    later = np.setdiff1d(np.arange(len(steps)), firsts)
    met = [at for at in later if live[at, GAP] == 1 != steps[at, GAP]]  # sounded with a note of the player's
    assert len(met) <= 1 and len(tunes) == 1
    later = np.setdiff1d(later, met)
    for name in ("gap", "deviation"):
        column = FIELDS.index(name)
        assert np.array_equal(steps[later, column], live[later, column]), name
    assert (steps[:, GAP] == 1).sum() == 2  # chords
    assert sorted(steps[:, FIELDS.index("velocity")]) == sorted(live[:, FIELDS.index("velocity")])


def test_a_note_that_met_one_of_the_player_is_no_chord() -> None:
    events = played(1, 20)
    ons = [event for event in events if isinstance(event, NoteOn)]
    sent = [NoteOn(ons[9].at - 0.01, 40, 80)]
    (tune,) = own_takes.tunes(Session("", events, sent))
    assert len({note.onset for note in tune.notes}) == 20


def test_a_long_silence_and_a_reset_begin_another_tune_and_drums_are_not_heard() -> None:
    events = [*played(1, 20), *played(2, 20, start=30.0)]
    assert [len(tune.notes) for tune in own_takes.tunes(Session("", events))] == [20, 20]
    answered: list[Heard] = [NoteOn(at, 60, 80) for at in np.arange(7.0, 30.0, 2.0).tolist()]
    assert [len(tune.notes) for tune in own_takes.tunes(Session("", events, answered))] == [40]
    reset = own_takes.tunes(Session("", played(1, 40), changes=[("reset", 5.0), ("set",), ("set", 0.5, "tempo", "x")]))
    assert len(reset) == 2
    drums: list[Heard] = [replace(event, channel=10) for event in played(3, 40)]
    assert own_takes.tunes(Session("", drums)) == []
    assert len(own_takes.tunes(Session("", drums, settings={"channel_in": 10}))) == 1


def test_what_a_session_left_as_midi_is_not_read_beside_its_journal(tmp_path: Path) -> None:
    journal(tmp_path / "one.jsonl", played(1, 40))
    both: dict[str, list[Heard]] = {"performer": played(1, 40), "player": played(9, 40)}
    midi.write(tmp_path / "one.mid", both)
    midi.write(tmp_path / "other.mid", {"me": played(5, 50)})
    (tmp_path / "one.log").write_text("")
    (tmp_path / "settings.jsonl").write_text('{"of": "another program"}\n')
    assert sorted(len(tune.notes) for tune in cli_training._own_tunes([tmp_path])) == [40, 50]
    with pytest.raises(FileError, match="livegen jam"):
        cli_training._own_tunes([tmp_path / "nowhere"])


# How it is divided


def test_variants_stay_together_and_every_tune_is_used_once() -> None:
    tunes = [take(seed, 60) for seed in range(12)]
    higher = [
        Tune("again", tuple(replace(note, pitch=note.pitch + 3) for note in (*tune.notes[:50], Note(99, 1, 70))))
        for tune in tunes[:4]
    ]
    takes = divide([*tunes, *higher])
    parts = [takes.learn, takes.choose, takes.judge]
    assert sum(map(len, parts)) == 16 and all(parts)
    place = {id(tune): number for number, part in enumerate(parts) for tune in part}
    whole = [tune for part in parts for tune in part]
    pairs = variants([shingles(tune) for tune in whole])
    assert len(pairs) >= 4
    assert all(place[id(whole[a])] == place[id(whole[b])] for a, b in pairs)
    notes = [sum(len(tune.notes) for tune in part) for part in parts]
    assert notes[0] > sum(notes) / 2


def test_one_long_take_is_cut_and_one_tune_played_over_and_over_is_still_divided() -> None:
    long = divide([take(1, 400)])
    assert long.learn and long.choose and long.judge
    assert sum(len(tune.notes) for part in (long.learn, long.choose, long.judge) for tune in part) == 400
    assert all(tune.notes[0].onset == 0 for tune in long.learn)
    same = take(1, 60)
    again = [
        Tune(str(n), tuple(replace(note, onset=note.onset * (1 + n / 50)) for note in same.notes)) for n in range(8)
    ]
    assert len(divide(again).judge) >= 1


def test_too_little_says_how_much_more_to_play() -> None:
    with pytest.raises(FileError, match=r"120 notes of yours .* takes 300; play about 180 more"):
        divide([take(1, 60), take(2, 60)])


# What was meant


def loosely(seed: int, *beats: float) -> Tune:
    """A tune in a steady beat whose note values are those, one after the other, each a few per cent off."""
    random = np.random.default_rng(seed)
    onsets = np.cumsum([0.0, *(np.resize(beats, 199) * random.normal(1.0, 0.06, 199))])
    return Tune("", tuple(Note(float(at), 0.2, 60 + n % 5, 80) for n, at in enumerate(onsets)), touched=True)


def test_a_value_played_seldom_beside_one_played_often_is_that_one() -> None:
    tunes = [loosely(seed, 0.5, 0.5, 1.0) for seed in range(3)]
    values = meant.values(tunes)
    asked = meant.plain(tunes[0], values)
    heard = dataset.plain(tunes[0])
    assert len(set(heard.gaps.tolist())) > 4
    assert {float(GAPS[gap]) for gap in asked.gaps[1:]} == {0.5, 1.0}
    assert np.array_equal(asked.rows[1:], asked.gaps[1:]) and asked.rows[0] == heard.rows[0]
    assert asked.gaps[0] == dataset.MASKED and np.array_equal(asked.steps, heard.steps)
    drawn = [meant.Played(tunes[0], False, values).draw(0, np.random.default_rng(n)) for n in range(30)]
    drawn_gaps = {int(gap) for each in drawn for gap in each.gaps[1:]} - {dataset.MASKED}
    assert {float(GAPS[gap]) for gap in drawn_gaps} == {0.25, 0.5, 1.0, 2.0}
    assert max(len(set(each.steps[2:, GAP].tolist())) for each in drawn) > 4


def test_values_played_as_often_as_their_neighbours_and_what_was_written_stay() -> None:
    swung = [loosely(seed, 2 / 3, 0.5, 3 / 4) for seed in range(3)]
    values = meant.values(swung)
    for beats in (2 / 3, 0.5, 3 / 4):
        gap = dataset.ENCODING.gap_index(beats)
        assert values[gap] == gap
    written = replace(loosely(1, 0.5), touched=False)
    assert np.array_equal(meant.values([written]), np.arange(len(GAPS)))
    assert np.array_equal(meant.plain(written, meant.values([loosely(1, 0.5)])).gaps, dataset.plain(written).gaps)


# The base, and training on


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that learnt nothing yet, of two layers and with a touch."""
    import torch

    from livegen.training.export import export
    from livegen.training.network import Network, Shape

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

    from livegen.training.export import export, largest_difference
    from livegen.training.warm_start import held_rows, network_of

    metadata = OnnxPredictor(base).metadata
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

    from livegen.training.fine_tune import FineTuning, Manner, Music
    from livegen.training.warm_start import network_of

    fresh = network_of(base, OnnxPredictor(base).metadata)
    own, known = ([dataset.Variety(take(seed, 64), False) for seed in seeds] for seeds in (range(4), range(4, 20)))

    def tuned(**manner: Any) -> tuple[FineTuning, float]:
        network = copy.deepcopy(fresh)
        start = [each.detach().clone() for each in network.parameters()]
        music = Music(own, [dataset.plain(take(99, 64))], known)
        tuning = FineTuning(network, music, replace(Manner(rate=0.01, notes=256, rounds=1, batch=1), **manner))
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


def own(count: int = 10) -> list[Tune]:
    return [take(seed, 64) for seed in range(count)]


@pytest.fixture(scope="module")
def made(base: Path, tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, Made]":
    from livegen.training import mine
    from livegen.training.fine_tune import Manner

    out = tmp_path_factory.mktemp("models")
    return out, mine.make(own(), mine.Plan(base, Manner(rate=0.02, rounds=12, notes=600)), out)


@training
@needs_torch
def test_a_base_that_hears_the_performer_becomes_theirs(base: Path, made: "tuple[Path, Made]") -> None:
    out, result = made
    assert result.verdict.refusal is None, result.verdict.table()
    assert result.path == out / "mine.onnx" and {each.name for each in out.iterdir()} == {"mine.onnx", "README.md"}
    model, before = OnnxPredictor(result.path), OnnxPredictor(base)
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
    from livegen.training import mine
    from livegen.training.fine_tune import Manner

    first = OnnxPredictor(made[0] / "mine.onnx")
    assert json.loads(first.metadata["recipe"])["pull"] > 0  # what its base learnt is not at hand
    asked: list[str] = []

    def music(data: str) -> list[Tune]:
        asked.append(data)
        return own(4)

    monkeypatch.setattr(mine, "_base_music", music)
    other = [take(seed, 64) for seed in range(50, 57)]
    result = mine.make(other, mine.Plan(made[0] / "mine.onnx", Manner(rate=0.005, rounds=4, notes=300)), tmp_path)
    assert result.path is not None, result.verdict.table()
    again = OnnxPredictor(result.path)
    recipe = json.loads(again.metadata["recipe"])
    assert (asked, recipe["pull"], recipe["mixed_in"]) == (["folder"], 0.0, 2.0)
    assert len(again.quotations | first.quotations) == len(again.quotations) > len(first.quotations)


@training
@needs_torch
def test_a_model_that_fell_into_one_note_is_refused_and_not_written(base: Path, tmp_path: Path) -> None:
    from livegen.training import mine
    from livegen.training.fine_tune import Manner

    random = np.random.default_rng(1)
    drone = [
        Tune(str(n), tuple(Note(0.5 * at + 0.01 * random.random(), 0.4, 60 + n) for at in range(50)), touched=True)
        for n in range(8)
    ]
    drone = [replace(tune, notes=tune.notes[: 50 - index]) for index, tune in enumerate(drone)]
    result = mine.make(drone, mine.Plan(base, Manner(rate=0.05, rounds=15, notes=500)), tmp_path)
    assert result.verdict.refusal is not None and "fell into one note" in result.verdict.refusal
    assert result.path is None and list(tmp_path.iterdir()) == []


@training
@needs_torch
def test_a_model_that_became_no_better_is_refused(made: "tuple[Path, Made]", tmp_path: Path) -> None:
    """Far too high a rate makes it worse at once: it ends as it began, after two rounds."""
    from livegen.training import mine
    from livegen.training.fine_tune import Manner

    plan = mine.Plan(made[0] / "mine.onnx", Manner(rate=0.1, rounds=9, notes=300, patience=2))
    result = mine.make(own(), plan, tmp_path)
    assert result.verdict.refusal is not None and "no better than the base" in result.verdict.refusal
    assert "the best of 2 rounds was round 0" in result.story
    assert result.verdict.bits[1] == pytest.approx(result.verdict.bits[0], abs=0.001)
    assert list(tmp_path.iterdir()) == []


@training
@needs_torch
def test_the_verdict_knows_loops_and_few_notes_but_leaves_a_performer_their_own() -> None:
    from livegen.training.bootstrap import Difference
    from livegen.training.verdict import Manners, Verdict

    rich, looping, few = Manners(3.0, 12, 18, 0.1), Manners(2.5, 8, 12, 0.9), Manners(1.3, 3, 4, 0.2)
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
    """How far the commands of a test gave way, who share its process and must not do so."""
    return []


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nice: list[int]) -> Callable[..., Result]:
    """`livegen train mine` in this process, which is not to become the least of all."""
    monkeypatch.setattr(cli_training, "models_folder", lambda: tmp_path / "models")
    monkeypatch.setattr(cli_training, "_runs_folder", lambda: tmp_path / "runs")
    monkeypatch.setattr(os, "nice", nice.append, raising=False)

    def run(*args: object) -> Result:
        return CliRunner().invoke(cli.main, ["train", "mine", *map(str, args)])

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
    assert OnnxPredictor(tmp_path / "models" / "mine.onnx").metadata["licence"] == "yours"
    few = command("--data", music / "1.jsonl", "--base", base)
    assert few.exit_code == 1 and "play about 236 more" in few.output
    for wrong in (("--base", "nosuch"), ("--data", tmp_path / "nowhere")):
        assert command(*wrong).exit_code == 1
    assert command("--epochs", 3).exit_code == 2
    assert CliRunner().invoke(cli.main, ["train", "my", "--watch"]).exit_code == 2


@training
@needs_torch
def test_a_refused_model_ends_the_command_with_its_reason(
    command: Callable[..., Result], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livegen.training import mine
    from livegen.training.bootstrap import Difference
    from livegen.training.verdict import Manners, Verdict

    usual = Manners(3.0, 12, 18, 0.1)
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
    now = clock.now()
    settings = Settings(osc_port=0, osc_target="none", model="mine")
    session = Live(predictor.load("mine", models), settings, 1, now)
    server = Server(session, record.Journal(tmp_path / "live", {}, clock.date(), now), lambda _: None, models)
    await server.open(None)
    client = Client(server.osc_port)
    client.send("/livegen/listen")
    running = asyncio.create_task(server.run())
    client.send("/livegen/ping", 1)
    assert await client.receive("/livegen/pong") == (1,)
    yield server, client
    server.stop()
    await running
    client.socket.close()


async def test_a_model_that_plays_is_loaded_anew_only_when_its_file_has_changed(
    jam: tuple[Server, Client], tmp_path: Path
) -> None:
    server, client = jam
    path, before = tmp_path / "models" / "mine.onnx", server.session.predictor
    cli_training._tell_jam(server.osc_port, "mine")
    cli_training._tell_jam(server.osc_port, "mine")
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
    cli_training._tell_jam(server.osc_port, "mine")
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
    assert isinstance(playing, OnnxPredictor) and playing.metadata["licence"] == "yours"
    assert command("--data", music / "1.jsonl", "--watch", "--base", base).exit_code == 2
