"""The offline shell: a MIDI file in, a MIDI file out, the same session."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from livegen.cli.main import main
from livegen.events import NoteOff, NoteOn
from livegen.midi import midifile
from livegen.midi.midifile import Conductor
from livegen.midi.tempo_map import TempoMap
from livegen.player.modes import MODES
from livegen.predictors import models
from livegen.render import render, run
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs
from tests.support.performances import perform
from tests.support.rhythms import melody


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


def test_a_drummer_plays_in_the_bars_of_the_file(tmp_path: Path) -> None:
    """In three, kicks are on the first beat; with --metre 4 they would go round."""
    bars = Conductor(TempoMap.steady(112.0), (midifile.metre_row(0, "3/4"),))
    midifile.write(tmp_path / "in.mid", {"me": melody(60)}, bars)
    kicks: list[int] = []
    asked = ["render", str(tmp_path / "in.mid"), str(tmp_path / "out.mid"), "--with", "drums"]
    asked += ["--groove", "0", "--seed"]  # each bar anew: a pattern may have a kick on the third beat, too
    for seed in ("1", "2", "3", "4"):  # which beats are kicked is drawn: one seed alone may draw few of the first
        done = CliRunner().invoke(main, [*asked, seed])
        assert done.exit_code == 0, done.output
        found = midifile.read(tmp_path / "out.mid").beats
        kicks += [round(note.onset - 1.0 * 112 / 60) % 3 for note in found if (note.pitch, note.channel) == (36, 10)]
    assert len(kicks) > 10
    assert kicks.count(0) > 1.4 * max(kicks.count(1), kicks.count(2))


def test_a_trio_is_written_as_tracks_with_their_programs(tmp_path: Path) -> None:
    source, target = tmp_path / "melody.mid", tmp_path / "both.mid"
    midifile.write(source, {"performer": melody(24)})
    asked = ["render", str(source), str(target), "--with", "bass,drums,chords", "--chart", "blues-in-f", "--tail", "2"]
    done = CliRunner().invoke(main, [*asked, "--seed", "2"])
    assert done.exit_code == 0, done.output
    score = midifile.read(target)
    assert [track.name for track in score.tracks if track.name != "performer"][-3:] == ["bass", "drums", "chords"]
    channels = {event.channel for event in score.events if isinstance(event, NoteOn)}
    assert {2, 3, 10} <= channels
    rows = {track.name: [message for _, message in track.rows] for track in score.tracks}
    assert bytes((0xC1, 32)) in rows["bass"] and bytes((0xC2, 0)) in rows["chords"]
    refused = CliRunner().invoke(main, ["render", str(source), str(target), "--with", "flute"])
    assert refused.exit_code == 2 and "there are drums, bass, chords" in refused.output
