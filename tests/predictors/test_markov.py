"""The Markov model played live: predictions from its file, learning in a session, files that it refuses."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from livegen.errors import EncodingError, ModelError
from livegen.events import NoteOff, NoteOn
from livegen.predictors import models
from livegen.predictors.encoding import GAPS, START, Encoding, Onset, Step
from livegen.predictors.markov import MarkovPredictor, pack
from livegen.predictors.protocol import MarkovState, with_memory_of
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.training.ngrams.markov_tables import MarkovTables

ENCODING = Encoding()
TUNE = [60, 62, 64, 65, 67, 64, 60, 67, 65, 64, 62, 60] * 3
GAP = ENCODING.gap_index(0.5)


def steps(pitches: list[int], gaps: list[float] | None = None) -> list[Step]:
    """Eighth notes, if nothing else is said."""
    gaps = gaps or [0.5] * (len(pitches) - 1)
    found = [ENCODING.encode(Onset(pitches[0]))]
    moves = zip(pairwise(pitches), gaps, strict=True)
    return found + [ENCODING.encode(Onset(after, gap, before)) for (before, after), gap in moves]


def random_tunes(count: int, seed: int = 1) -> list[list[Step]]:
    random = np.random.default_rng(seed)
    return [
        steps((60 + random.integers(-2, 3, 80).cumsum()).tolist(), random.choice([0.25, 0.5, 1.0], 79).tolist())
        for _ in range(count)
    ]


def arrays(tunes: list[list[Step]]) -> list[np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
    return [np.array(tune, dtype=np.int64) for tune in tunes]


def write(folder: Path, tunes: list[list[Step]], order: int = 3, **about: str) -> Path:
    path = folder / "chain.npz"
    firsts = np.bincount([tune[0].pitch - 1 for tune in tunes], minlength=128)
    metadata = {"licence": "none", "recipe": '{"order": 3}', **about}
    path.write_bytes(pack(*MarkovTables(arrays(tunes), order).levels(), firsts, metadata))
    return path


@pytest.mark.parametrize("order", range(1, 6))
def test_without_memory_the_file_foresees_what_the_model_does(tmp_path: Path, order: int) -> None:
    tunes = random_tunes(12)
    markov, model = MarkovTables(arrays(tunes), order), MarkovPredictor(write(tmp_path, tunes, order))
    state, _ = model.step(model.start(), START)
    for count, step in enumerate(random_tunes(1, seed=2)[0][:30], 1):
        state, forecast = model.step(state, step, 0.0)
        heard = arrays(random_tunes(1, seed=2))[0][:count]
        assert np.allclose(np.exp(forecast.gap), markov.gaps(heard), atol=1e-5)
        for gap in (0, GAP, 17, 40):
            assert np.allclose(np.exp(forecast.pitch[gap]), markov.pitches(heard, gap), atol=1e-4)


def test_forecasts_are_probabilities_and_states_are_values(tmp_path: Path) -> None:
    model = MarkovPredictor(write(tmp_path, random_tunes(5)))
    state, forecast = model.step(model.start(), START)
    states: list[tuple[MarkovState, Step, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]] = []
    for step in steps([0, 127, 64, 64, 0, 127, 64, 64, 0, 127, 3]) + steps(TUNE):
        before = state
        state, forecast = model.step(state, step, 1.0)
        assert forecast.gap.shape == (len(GAPS),) and np.asarray(forecast.pitch).shape == (len(GAPS), 128)
        assert np.exp(forecast.gap).sum() == pytest.approx(1.0, abs=1e-4)
        assert np.allclose(np.exp(np.asarray(forecast.pitch)).sum(axis=1), 1.0, atol=1e-4)
        states.append((before, step, np.asarray(forecast.pitch)))
    for before, step, pitch in states:
        assert np.array_equal(model.step(before, step, 1.0)[1].pitch, pitch)


def test_it_learns_from_what_is_played_as_far_as_the_memory_says(tmp_path: Path) -> None:
    """Leaps that no training tune has: after they came twice, they are expected, and not with the memory off."""
    model = MarkovPredictor(write(tmp_path, random_tunes(10)))
    riff = steps([60, 71, 55, 66, 50] * 3, [0.5, 0.5, 0.5, 0.5, 1.0] * 2 + [0.5] * 4)
    state = model.start()
    for step in riff[:11]:
        state, _ = model.step(state, step)
    here = riff[11]  # 71, after which 55 came every time
    seen = [float(np.exp(model.step(state, here, strength)[1].pitch[GAP][55])) for strength in (0.0, 0.5, 1.0)]
    assert seen[0] < 0.01 and seen[0] < seen[1] < seen[2] and seen[2] > 0.15
    other = float(np.exp(model.step(state, here, 1.0)[1].pitch[ENCODING.gap_index(2.0)][55]))
    assert 0.05 < other < seen[2]  # the same leap after another gap is likely too, but less so
    forgotten = float(np.exp(model.step(model.forget(state), here)[1].pitch[GAP][55]))
    assert forgotten == pytest.approx(seen[0], rel=1e-6)


def test_it_learns_the_rhythm_that_is_played(tmp_path: Path) -> None:
    model = MarkovPredictor(write(tmp_path, [steps(TUNE)] * 3))
    state = model.start()
    for step in steps([60, 62, 64] * 5, [0.5, 0.5, 3.0] * 4 + [0.5, 0.5]):
        state, forecast = model.step(state, step)
    gaps = np.exp(forecast.gap)
    assert gaps[ENCODING.gap_index(3.0)] > 0.3 > 0.05 > gaps[ENCODING.gap_index(2.0)]


def test_another_models_memory_is_taken_over(tmp_path: Path) -> None:
    model, folk = MarkovPredictor(write(tmp_path, random_tunes(3))), models.load("folk")
    state = folk.start()
    for step in steps(TUNE):
        state, _ = folk.step(state, step)
    assert with_memory_of(state, model.start()).memory is state.memory
    mine, _ = model.step(model.start(), steps(TUNE)[0])
    assert with_memory_of(mine, folk.start()).memory is mine.memory


def test_found_loaded_and_listed_beside_networks(tmp_path: Path) -> None:
    path = write(tmp_path, random_tunes(3), polyphonic="true")
    assert models.find("chain", tmp_path) == path
    model = models.load("chain", tmp_path)
    assert isinstance(model, MarkovPredictor) and model.polyphonic and len(model.digest) == 64
    assert models.load("chain", tmp_path, model) is model
    card = {card["name"]: card for card in models.cards(tmp_path)[0]}["chain"]
    assert card["licence"] == "none" and card["recipe"] == {"order": 3} and card["sha256"] == model.digest


def test_a_broken_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    good = write(tmp_path, random_tunes(3)).read_bytes()
    bad = tmp_path / "bad.npz"
    for content in (b"", b"no", good[:200], good[: len(good) // 2], good[: len(good) // 2] + b"?" + good[-200:]):
        bad.write_bytes(content)
        with pytest.raises(ModelError, match=r"bad\.npz"):
            models.load("bad", tmp_path)
    assert any("bad.npz" in sentence for sentence in models.cards(tmp_path)[1])


@pytest.mark.parametrize("name", ["gap 0 symbols", "move 2 followers", "gap 1 counts", "move 1 discount", "firsts"])
def test_a_file_whose_tables_do_not_fit_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, random_tunes(3))
    with np.load(path) as file:
        tables = dict(file)
    tables[name] = tables[name] + 300 if name.endswith("discount") else tables[name][:-1]
    np.savez(path, **tables)
    with pytest.raises(ModelError, match="not a Markov model"):
        MarkovPredictor(path)


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    theirs = json.loads(ENCODING.to_json()) | {"version": 99}
    with pytest.raises(EncodingError, match="99"):
        MarkovPredictor(write(tmp_path, random_tunes(3), encoding=json.dumps(theirs)))


def test_same_tunes_same_file(tmp_path: Path) -> None:
    one = write(tmp_path, random_tunes(3)).read_bytes()
    assert write(tmp_path, random_tunes(3)).read_bytes() == one


def test_a_session_plays_it(tmp_path: Path) -> None:
    """A phrase of eighths is answered with notes of which most move as the training tunes do."""
    model = MarkovPredictor(write(tmp_path, [steps([60 + pitch for pitch in TUNE]) for _ in range(3)]))
    session = Session(model, Settings(mode="call_and_response"), seed=2)
    for index, pitch in enumerate(TUNE[:12]):
        session.receive(NoteOn(0.25 * index, pitch, 80))
        session.receive(NoteOff(0.25 * index + 0.2, pitch))
    out = session.advance(12.0) + session.panic(12.0)
    played = [event.pitch for event in out if isinstance(event, NoteOn)]
    assert len(played) > 5
    assert np.mean([abs(b - a) <= 7 for a, b in pairwise(played)]) > 0.8
