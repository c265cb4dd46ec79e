"""From tunes to steps to a model file. Tests that need torch are marked `training` and skip without it."""

import dataclasses
import importlib.util
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from livegen.errors import FileError, SettingsError
from livegen.events import Note
from livegen.predictors import memory
from livegen.predictors.encoding import CLASSES, GAPS, PLAYER, START, Encoding, Onset, Step
from livegen.system import run_log
from livegen.training.network import dataset
from livegen.training.network.augmentation import Augmentation, loose
from livegen.training.network.epoch import ALONE, Share, epoch
from livegen.training.recipe import RECIPES, Recipe, load
from livegen.tunes.tune import Bar, Tune

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
training = pytest.mark.training
FIELDS = Step._fields
BEAT = Encoding().gap_index(1.0)


def made(*notes: tuple[float, float, int], bars: tuple[Bar, ...] = (), touched: bool = False) -> Tune:
    """A tune of (onset, duration, pitch)."""
    return Tune("made", tuple(Note(onset, duration, pitch, 90) for onset, duration, pitch in notes), bars, touched)


def scale(start: int, count: int = 40, step: int = 1) -> Tune:
    moves = [0, 2, 4, 5, 7, 9, 11, 12]
    pitches = [start + moves[(n * step) % 8] for n in range(count)]
    return made(*((n * 0.5, 0.5, pitch) for n, pitch in enumerate(pitches)))


def column(whole: dataset.Excerpt, name: str) -> list[int]:
    return [int(each) for each in whole.steps[:, FIELDS.index(name)]]


def test_each_note_is_the_target_of_what_was_heard_before_it() -> None:
    whole = dataset.plain(made((0, 1, 60), (1, 0.25, 64), (1.5, 0.5, 62)))
    assert tuple(whole.steps[0]) == START
    assert column(whole, "pitch") == [0, 61, 65]
    assert list(whole.pitches) == [60, 64, 62]
    assert [GAPS[gap] for gap in whole.gaps[1:]] == [1, 0.5]


def test_the_first_gap_is_not_asked_and_the_first_pitch_follows_a_beat() -> None:
    whole = dataset.plain(made((0, 1, 60), (1, 1, 64)))
    assert whole.gaps[0] == dataset.MASKED
    assert whole.rows[0] == BEAT


def test_a_note_is_described_as_a_live_listener_would() -> None:
    tune = made((0, 1, 60), (1, 0.25, 64), (2, 0.5, 62), (2, 2, 67), (3, 1, 60), touched=True)
    steps = dataset.heard(tune)
    onsets = [Encoding().decode(Step(*row)) for row in steps.tolist()]
    assert [onset.gap for onset in onsets] == [None, 1.0, 1.0, 0.0, 1.0]
    assert [onset.held for onset in onsets] == [0, 0, 0, 1, 1]
    assert onsets[2].released == pytest.approx(0.25, abs=0.1)
    assert onsets[3].released is None
    assert {onset.velocity for onset in onsets} == {92}  # the middle of 88-95
    assert {onset.velocity for onset in map(Encoding().decode, map(Step._make, dataset.heard(scale(60)).tolist()))} == {
        None
    }


def test_the_place_in_the_bar_is_told_only_when_asked() -> None:
    tune = made((0, 1, 60), (1, 1, 62), (2.5, 1, 64), bars=(Bar(-1, "2/2"), Bar(1, "2/2")))
    assert column(dataset.plain(tune), "phase") == [0, 0, 0]
    told = dataset.plain(tune, bars=True)
    assert column(told, "phase") == [0, 1 + 4, 1 + 0]
    assert set(column(told, "metre")[1:]) == {3}  # 2/2 shares the class of 4/4


def test_transposing_moves_pitches_and_nothing_else() -> None:
    whole = dataset.plain(scale(60))
    higher = dataset.transposed(whole, 5)
    assert list(higher.pitches) == [pitch + 5 for pitch in whole.pitches]
    assert column(higher, "pitch") == [0, *(pitch + 5 for pitch in column(whole, "pitch")[1:])]
    assert np.array_equal(higher.steps[:, 1:], whole.steps[:, 1:])
    assert dataset.transposed(whole, 100).pitches.max() == 127


def test_variety_reaches_every_key_and_drops_fields() -> None:
    bars = tuple(Bar(float(at), "4/4") for at in range(0, 20, 4))
    tune = Tune("", scale(60).notes, bars, touched=True)
    variety, random = Augmentation(tune, polyphonic=False), np.random.default_rng(3)
    drawn = [variety.draw(0, random) for _ in range(300)]
    shifts = {(int(each.pitches[0]) - 60) % 12 for each in drawn}
    assert shifts == set(range(12))
    for name in ("phase", "metre", "velocity", "deviation", "released", "held"):
        share = np.mean([not any(column(each, name)) for each in drawn])
        assert 0.35 < share < 0.75, name
    assert any(PLAYER in column(each, "who") for each in drawn)
    classes = np.array([each.steps.max(axis=0) for each in drawn]).max(axis=0)
    assert (classes < np.array(CLASSES)).all()


def test_the_beat_may_be_heard_twice_or_half_as_long() -> None:
    variety, random = Augmentation(scale(60), polyphonic=True), np.random.default_rng(2)
    paces = set()
    for _ in range(80):
        whole = variety.draw(0, random)
        asked = {int(gap) for gap in whole.gaps[1:]}
        assert len(asked) == 1 and {int(row) for row in whole.rows[1:]} == asked
        pace = asked.pop()
        assert abs(float(np.median(column(whole, "gap")[2:])) - 1 - pace) <= 1
        paces.add(float(GAPS[pace]))
    assert paces == {0.25, 0.5, 1.0}


def test_a_performer_is_loose_but_what_is_asked_is_what_was_written() -> None:
    bars = tuple(Bar(float(at), "4/4") for at in range(0, 40, 4))
    written = scale(60, 64).notes
    loose = tidy = articulated = 0
    for touched in (False, True):
        variety, random = Augmentation(Tune("", written, bars, touched), polyphonic=True), np.random.default_rng(2)
        for _ in range(100):
            whole = variety.draw(0, random)
            assert len(set(whole.gaps[1:])) == 1
            assert len(set(whole.pitches - [note.pitch for note in written])) == 1
            kinds = len(set(column(whole, "gap")[2:])), len(set(column(whole, "released")[2:]))
            assert not touched or kinds == (1, 1)  # a recording has a touch of its own
            loose, tidy, articulated = loose + (max(kinds) > 1), tidy + (max(kinds) == 1), articulated + (kinds[1] > 1)
    assert loose > 40 and tidy > 120 and articulated > 15


def test_a_chord_put_in_is_heard_but_never_asked_for() -> None:
    tune = scale(60)
    melody = [note.pitch for note in tune.notes]
    variety, random = Augmentation(tune, polyphonic=False), np.random.default_rng(5)
    shuffled = 0
    for _ in range(400):
        whole = variety.draw(0, random)
        together = whole.steps[:, FIELDS.index("gap")] == 1
        if not together.any():
            assert (whole.gaps[1:] != dataset.MASKED).all()
            continue
        # Whatever the input, the pitches asked for are the melody, moved as a whole, and a chord is never predicted.
        asked = whole.pitches[whole.pitches != dataset.MASKED]
        assert len(set(asked - np.array(melody[: len(asked)]))) == 1
        assert 0 not in whole.gaps
        heard = whole.steps[1:, 0] - 1
        shuffled += int((heard[whole.pitches[:-1] != dataset.MASKED][:5] != asked[: len(heard)][:5]).any())
    assert shuffled > 5


def test_a_polyphonic_tune_asks_for_its_chords_in_any_order() -> None:
    tune = made(*((at, 1.0, pitch) for at in range(20) for pitch in (60, 64, 67)))
    variety, random = Augmentation(tune, polyphonic=True), np.random.default_rng(5)
    drawn = [variety.draw(0, random) for _ in range(60)]
    assert all((each.gaps == 0).sum() == 40 for each in drawn)
    orders = {tuple(int(p - each.pitches[0]) for p in each.pitches[:3]) for each in drawn}
    assert len(orders) > 3


def test_a_tune_played_loosely_asks_for_what_is_written() -> None:
    tune = scale(60, 64)
    written, played = dataset.plain(tune), loose(tune, np.random.default_rng(3))
    assert np.array_equal(played.gaps, written.gaps) and np.array_equal(played.pitches, written.pitches)
    assert len(set(column(played, "deviation"))) > 3 and set(column(played, "phase")) == {0}


def test_a_long_tune_is_learnt_in_pieces_that_begin_anew() -> None:
    variety, random = Augmentation(scale(60, 700), polyphonic=True), np.random.default_rng(2)
    assert [variety.length(piece) for piece in variety.form(random)] == [320, 320, 60]
    for piece in variety.form(random):
        whole = variety.draw(piece, random)
        assert tuple(whole.steps[0]) == START and whole.gaps[0] == dataset.MASKED
        assert column(whole, "interval")[1] == column(whole, "gap")[1] == 0


def test_batches_hold_every_piece_once_and_mask_what_they_pad() -> None:
    tunes = [scale(60, count) for count in (5, 9, 30, 300, 31)]
    varieties = [Augmentation(tune, polyphonic=True) for tune in tunes]
    batches = list(epoch(varieties, 2, np.random.default_rng(1)))
    asked = sum(int((batch.pitches != dataset.MASKED).sum()) for batch in batches)
    assert asked == 5 + 9 + 30 + 300 + 31
    assert all(batch.steps.shape[:2] == batch.gaps.shape == batch.rows.shape for batch in batches)


def test_pieces_with_chords_put_in_share_batches_with_others_as_long() -> None:
    varieties = [Augmentation(scale(60, 30), polyphonic=False) for _ in range(200)]
    made = list(epoch(varieties, 8, np.random.default_rng(1)))
    heard = sum(int((batch.steps[..., FIELDS.index("pitch")] > 0).sum()) for batch in made)
    assert max(batch.steps.shape[1] for batch in made) > 60
    assert heard / sum(batch.gaps.size for batch in made) > 0.8


def test_processes_share_the_pieces_and_keep_step() -> None:
    varieties = [Augmentation(scale(60, count), polyphonic=True) for count in range(20, 61)]
    whole, *parts = (
        list(epoch(varieties, 4, np.random.default_rng(3), share))
        for share in (ALONE, *(Share(n, 3) for n in range(3)))
    )
    assert [len(part) for part in parts] == [4, 4, 4] and len(whole) == 11
    counts = [
        Counter((batch.pitches != dataset.MASKED).sum(axis=1).tolist()) for part in (whole, *parts) for batch in part
    ]
    assert sum(counts[:11], Counter()) == Counter(range(20, 61))
    together = sum(counts[11:], Counter())
    assert set(together) == set(range(20, 61)) and together.total() == 42  # one piece twice, so that all have as many
    for one, other in zip(parts[0], parts[1], strict=True):
        assert abs(one.gaps.shape[1] - other.gaps.shape[1]) <= 8


def test_a_tune_is_now_and_then_seen_as_it_is_performed() -> None:
    varieties = [Augmentation(scale(60, 20), False, scale(60, 40)), Augmentation(scale(60, 20), False)]
    random = np.random.default_rng(1)
    lengths = [[each.length(piece) for _ in range(200) for piece in each.form(random)] for each in varieties]
    assert set(lengths[0]) == {20, 40} and 0.2 < lengths[0].count(40) / 200 < 0.5
    assert set(lengths[1]) == {20}


def test_the_memory_is_told_but_now_and_then() -> None:
    tune = scale(60, 60)
    variety, random = Augmentation(tune, polyphonic=False), np.random.default_rng(4)
    drawn = [variety.draw(0, random) for _ in range(200)]
    forgetful = sum(not each.memory for each in drawn)
    assert 5 < forgetful < 40
    batch = dataset.stack(drawn)
    assert [bool(each.any()) for each in batch.common] == [each.memory for each in drawn]


def test_drums_are_not_transposed() -> None:
    variety, random = Augmentation(scale(60, 30), False, None, transpose=False), np.random.default_rng(4)
    assert {int(variety.draw(0, random).pitches[0]) for _ in range(40)} == {60}


def test_a_recorded_touch_is_asked_for_and_a_made_up_one_is_not() -> None:
    """Velocity and microtiming of the next note, and its length, which is known a note later."""
    notes = tuple(Note(0.5 * index, 0.1 * (1 + index % 4), 60 + index % 5, 40 + index) for index in range(40))
    for touched in (True, False):
        variety, random = Augmentation(Tune("", notes, (), touched), polyphonic=False), np.random.default_rng(2)
        drawn = [variety.draw(0, random) for _ in range(30)]
        touch = dataset.stack(drawn).touch
        assert (touch >= 0).any() == touched
    plainly = dataclasses.replace(dataset.sequence(dataset.cues(Tune("", notes, (), True))), touched=True)
    touch = dataset.stack([plainly]).touch[0]
    assert [int(each) for each in touch[:3, 0]] == [(40 + index) // 8 for index in range(3)]
    lengths = [int(0.1 * (1 + index % 4) / 0.5 * 11 + 1e-9) for index in range(38)]
    assert touch[:-2, 1].tolist() == lengths and touch[-1, 1] == -1


def test_a_recipe_is_built_in_or_a_file(tmp_path: Path) -> None:
    assert load("folk") is RECIPES["folk"]
    path = tmp_path / "tiny.toml"
    path.write_text('name = "tiny"\nhidden = 16\n')
    assert load(str(path)).hidden == 16
    path.write_text('name = "tiny"\nhiden = 16\n')
    with pytest.raises(SettingsError, match="hiden"):
        load(str(path))
    path.write_text("name = ")
    with pytest.raises(SettingsError, match="TOML"):
        load(str(path))
    with pytest.raises(SettingsError, match="folk, my"):
        load("jazz")


TINY = 'name = "tiny"\nembedding = 8\nhidden = 16\nwidth = 8\nbatch = 2\nepochs = 4\nrate = 0.02\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recipe, and the music for it."""
    (tmp_path / "tiny.toml").write_text(TINY)
    music = tmp_path / "music"
    music.mkdir()
    letters = "CDEFGABc"
    for number in range(8):
        melody = "".join(letters[(number * 3 + n * (1 + number % 3)) % 8] + "|" * (n % 8 == 7) for n in range(80))
        (music / f"{number}.abc").write_text(f"X:1\nM:4/4\nL:1/8\nK:C\n{melody}\n")
    return tmp_path


@training
@needs_torch
def test_a_small_model_is_trained_exported_and_plays(folder: Path) -> None:
    from livegen.predictors.models import NetworkPredictor
    from livegen.training.network.loop import Progress, TrainOptions
    from livegen.training.network.train import train

    told: list[Progress] = []
    options = TrainOptions(seed=3, runs=folder / "runs")
    path = train(str(folder / "tiny.toml"), folder / "music", folder / "out", options, told.append)
    assert path == folder / "out" / "tiny.onnx"
    predictor = NetworkPredictor(path)
    _, forecast = predictor.step(predictor.start(), START)
    assert forecast.gap.shape == (len(GAPS),) and np.asarray(forecast.pitch).shape == (len(GAPS), 128)
    assert (predictor.name, predictor.polyphonic) == ("tiny", False)
    assert json.loads(predictor.metadata["recipe"])["seed"] == 3
    assert len(predictor.metadata["data"]) == 64
    assert told[-1].epoch == 4 and told[-1].share == 1.0
    assert told[-1].held_out < 0.8 * next(each.held_out for each in told if each.epoch == 1)
    assert (folder / "runs" / "tiny" / "loss.png").stat().st_size > 1000
    card = (folder / "out" / "README.md").read_text()
    assert card.count("tiny.onnx") == 1 and f"{told[-1].best:.3f} bits" in card


@training
@needs_torch
def test_a_model_trained_without_the_memory_answers_alike_whatever_it_tells(folder: Path) -> None:
    from livegen.predictors.models import NetworkPredictor
    from livegen.training.network.loop import TrainOptions
    from livegen.training.network.train import train

    recipe = folder / "plain.toml"
    recipe.write_text(TINY.replace("epochs = 4", "epochs = 1") + "memory = false\n")
    options = TrainOptions(seed=3, runs=folder / "runs")
    predictor = NetworkPredictor(train(str(recipe), folder / "music", folder / "out", options, lambda _: None))
    state = predictor.start()
    for step in dataset.heard(scale(60, 30)).tolist():
        remembering, with_memory = predictor.step(state, Step(*step), 1.0)
        _, without = predictor.step(state, Step(*step), 0.0)
        assert np.array_equal(with_memory.gap, without.gap) and np.array_equal(with_memory.pitch, without.pitch)
        state = remembering
    assert not Augmentation(scale(60), False, memory=False).draw(0, np.random.default_rng(1)).memory


@training
@needs_torch
def test_recordings_with_chords_make_a_model_that_foresees_chords(folder: Path) -> None:
    from livegen.events import NoteOff, NoteOn
    from livegen.midi.midifile import write
    from livegen.predictors.models import NetworkPredictor
    from livegen.training.network.loop import TrainOptions
    from livegen.training.network.train import train

    takes = folder / "takes"
    takes.mkdir()
    for take in range(5):
        events: list[NoteOn | NoteOff] = []
        for beat in range(50):
            for member, pitch in enumerate((60, 64, 67)):
                at = beat * 0.5 + member * 0.008  # fingers are never quite together
                events += [NoteOn(at, pitch + beat % (4 + take), 70), NoteOff(at + 0.3, pitch + beat % (4 + take))]
        write(takes / f"{take}.mid", {"take": sorted(events, key=lambda event: event.at)})
    path = train(str(folder / "tiny.toml"), takes, folder / "out", TrainOptions(epochs=12, runs=folder), lambda _: None)
    predictor = NetworkPredictor(path)
    assert predictor.polyphonic
    state, _ = predictor.step(predictor.start(), START)
    _, after_one = predictor.step(state, Encoding().encode(Onset(60, velocity=70, held=0)))
    assert after_one.gap.argmax() == 0


@training
@needs_torch
def test_a_stopped_training_goes_on_as_if_never_stopped(folder: Path) -> None:
    import torch

    from livegen.training.network.loop import Progress, TrainOptions
    from livegen.training.network.train import Training, gather

    recipe = load(str(folder / "tiny.toml"))
    divided = gather(recipe, folder / "music")

    def stop(progress: Progress) -> None:
        told.append(progress)
        if [each.epoch for each in told].count(2) == 2:  # the second epoch is over, the third has begun
            raise KeyboardInterrupt

    told: list[Progress] = []
    whole = Training(recipe, divided, TrainOptions(runs=folder / "whole"))
    whole.run(lambda _: None)
    stopped = Training(recipe, divided, TrainOptions(runs=folder / "stopped"))
    with pytest.raises(KeyboardInterrupt):
        stopped.run(stop)
    states = {log["state"]: len(log["losses"]) for log in run_log.runs(folder / "stopped")}
    assert states == {"stopped": 2}
    resumed = Training(recipe, divided, TrainOptions(runs=folder / "stopped", resume=True))
    assert len(resumed.log) == 2
    resumed.run(lambda _: None)
    assert resumed.log == whole.log
    (done,) = run_log.runs(folder / "stopped")
    assert (done["state"], done["share"]) == ("kept", 1.0) and "was the best" in done["sentence"]
    assert [tuple(each) for each in done["losses"]] == whole.log
    for a, b in zip(resumed.network.parameters(), whole.network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert torch.equal(resumed.seen, whole.seen)


@training
@needs_torch
def test_what_is_exported_is_the_best_epoch_and_not_the_last(folder: Path) -> None:
    import torch

    from livegen.predictors.models import NetworkPredictor
    from livegen.training.network.loop import TrainOptions
    from livegen.training.network.train import Training, gather

    recipe = load(str(folder / "tiny.toml"))
    run = Training(recipe, gather(recipe, folder / "music"), TrainOptions(epochs=1, runs=folder))
    run.run(lambda _: None)
    best = run.network.gap.bias.detach().clone()
    with torch.no_grad():
        run.network.gap.bias += 5.0
        run.network.gap.weight.zero_()
    path, _ = run.finish(folder)
    assert torch.equal(run.network.gap.bias, best)
    assert NetworkPredictor(path).name == "tiny"


@training
@needs_torch
def test_a_training_of_other_data_is_not_resumed(folder: Path) -> None:
    from livegen.training.network.loop import TrainOptions
    from livegen.training.network.train import Training, gather

    recipe = load(str(folder / "tiny.toml"))
    divided = gather(recipe, folder / "music")
    Training(recipe, divided, TrainOptions(runs=folder, epochs=1)).run(lambda _: None)
    other = TrainOptions(runs=folder, resume=True, seed=2)
    with pytest.raises(SettingsError, match="another recipe, seed or data"):
        Training(recipe, divided, other)


@training
@needs_torch
def test_time_bounds_a_training(folder: Path) -> None:
    from livegen.training.network.loop import TrainOptions
    from livegen.training.network.train import Training, gather

    recipe = load(str(folder / "tiny.toml"))
    run = Training(recipe, gather(recipe, folder / "music"), TrainOptions(minutes=0.01, epochs=9999, runs=folder))
    run.run(lambda _: None)
    assert 1 <= len(run.log) < 1000
    assert run.spent < 10


@training
@needs_torch
def test_too_little_music_gets_one_sentence(folder: Path) -> None:
    from livegen.training.network.train import gather

    files = sorted((folder / "music").glob("*.abc"))
    for path in files[5:]:
        path.unlink()
    with pytest.raises(FileError, match=r"5 usable tunes with 400 notes .*; training needs at least 3 with 500"):
        gather(load("my"), folder / "music")
    for path in files[2:5]:
        path.unlink()
    for path in files[:2]:
        path.write_text(path.read_text() + "CDEF" * 100 + "\n")
    with pytest.raises(FileError, match="2 usable tunes with 960 notes"):
        gather(load("my"), folder / "music")
    with pytest.raises(FileError, match="--data"):
        gather(load("my"), None)


@training
@needs_torch
def test_live_steps_and_training_agree() -> None:
    """The whole-sequence pass that is trained and the single step that is exported are one function."""
    import torch

    from livegen.training.network.batch_memory import recall
    from livegen.training.network.network import Batch, Network, Shape

    torch.manual_seed(1)
    network = Network(Shape(embedding=8, hidden=12, width=8, layers=2, touch=True)).eval()
    network.settle(torch.ones(sum(CLASSES)))
    random = np.random.default_rng(1)
    low = np.array(Step(pitch=60, interval=32, gap=11)) * (np.array(CLASSES) > 40)
    steps = low + random.integers(0, np.minimum(CLASSES, 3), size=(1, 60, len(CLASSES)))
    rows = random.integers(10, 13, size=(1, 60))
    told = recall(steps, rows)
    assert told.common.any(axis=-1).mean() > 0.7  # so much comes back that the memory is worth a test
    heard = memory.EMPTY
    with torch.no_grad():
        logits = network(Batch(*(torch.from_numpy(each) for each in (steps, rows, *told))))
        h, c = network.zero_state()
        for index in range(60):
            heard = memory.hear_step(heard, Step(*steps[0, index].tolist()))
            recalled = [torch.from_numpy(each) for each in memory.look_up(heard).arrays()]
            event = torch.from_numpy(steps[:, index])
            gap, pitch, h, c, *touch = network.step(event, (recalled[0], recalled[1]), torch.ones(1), h, c)
            assert torch.allclose(gap[0], logits.gap[0, index], atol=1e-5)
            assert torch.allclose(pitch[rows[0, index]], logits.pitch[0, index], atol=1e-5)
            for live, trained in zip(touch, logits.touch, strict=True):
                assert torch.allclose(live[rows[0, index]], trained[0, index], atol=1e-5)


@training
@needs_torch
def test_classes_never_trained_count_as_unknown() -> None:
    import torch

    from livegen.training.network.network import Network, Shape

    network = Network(Shape(embedding=8, hidden=12, width=8)).eval()
    seen = torch.zeros(sum(CLASSES), dtype=torch.int64)
    seen[[0, 61, 62]] = 1  # the start, and two pitches
    network.settle(seen)
    h, c = network.zero_state()
    common, by_gap = (torch.from_numpy(each) for each in memory.NOTHING.arrays())
    with torch.no_grad():
        steps = Step(pitch=61), Step(pitch=61, velocity=9, released=3, phase=40)
        plain, touched = (network.step(torch.tensor([step]), (common, by_gap), torch.ones(1), h, c) for step in steps)
        octave = network.table[61 + 12], network.table[61]
    assert torch.equal(plain[0], touched[0])
    assert torch.equal(*octave)


@training
@needs_torch
def test_a_file_that_answers_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from livegen.errors import ModelError
    from livegen.training.network import export
    from livegen.training.network.network import Network, Shape

    network = Network(Shape(embedding=8, hidden=12, width=8))
    network.settle(torch.ones(sum(CLASSES)))
    path = tmp_path / "good.onnx"
    assert export.export(network, path, {"name": "good"}) <= 1e-4
    with torch.no_grad():
        network.gap.bias += 0.01
    assert export.largest_difference(network, path) == pytest.approx(0.01, rel=0.01)
    with torch.no_grad():
        network.gap.bias[0] = float("nan")
    assert not export.largest_difference(network, path) <= export.TOLERANCE
    monkeypatch.setattr(export, "largest_difference", lambda *_: 0.01)
    with pytest.raises(ModelError, match="differs"):
        export.export(network, tmp_path / "bad.onnx", {"name": "bad"})
    assert sorted(each.name for each in tmp_path.iterdir()) == ["good.onnx"]


def test_the_recipe_folk_guards_the_benchmark() -> None:
    assert RECIPES["folk"].guard and RECIPES["folk"].data == "books"
    assert isinstance(RECIPES["folk"], Recipe)
