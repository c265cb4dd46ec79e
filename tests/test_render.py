"""The offline shell: a MIDI file in, a MIDI file out, the same session."""

from pathlib import Path

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.midi import midifile
from livegen.player.modes import MODES
from livegen.predictors import models
from livegen.render import render, run
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs
from tests.support.performances import perform


@pytest.fixture(scope="module")
def phrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("midi") / "phrase.mid"
    events = [
        event
        for index, pitch in enumerate((62, 64, 66, 67, 69, 71, 73, 74))
        for event in (NoteOn(index * 0.25, pitch, 100), NoteOff(index * 0.25 + 0.2, pitch))
    ]
    midifile.write(path, {"performer": events})
    return path


@pytest.mark.parametrize("mode", MODES)
def test_a_file_is_answered_the_same_each_time(phrase: Path, tmp_path: Path, mode: str) -> None:
    targets = [tmp_path / "one.mid", tmp_path / "two.mid"]
    for target in targets:
        render(phrase, target, Session(models.load("folk"), Settings(mode=mode, ending="cut"), seed=3), tail=8.0)
    assert targets[0].read_bytes() == targets[1].read_bytes()
    ons = [event for event in midifile.read(targets[0]).events if isinstance(event, NoteOn)]
    assert len(ons) > 8 + 3


def test_the_answer_follows_the_phrase(phrase: Path, tmp_path: Path) -> None:
    score = midifile.read(phrase)
    out = run(Session(models.load("folk"), Settings(), seed=1), score.events, 16.0)
    check_order_and_pairs(out)
    first = next(event for event in out if isinstance(event, NoteOn))
    assert 2.0 < first.at < 3.5


@pytest.mark.parametrize("mode", MODES)
def test_promises_hold_with_the_trained_model(mode: str) -> None:
    model = models.load("folk")
    for seed in range(10):
        out = run(Session(model, Settings(mode=mode), seed), perform(seed), 6.0)
        check_order_and_pairs(out)
        assert out == run(Session(model, Settings(mode=mode), seed), perform(seed), 6.0)
