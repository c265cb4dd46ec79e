"""An exported session has the tempo and the metre that were followed: a clock's, a tapping foot's, the pulse's own."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import mido  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner

from livegen.cli.main import main
from livegen.journal import record
from livegen.journal.followed import followed
from livegen.journal.replay import Replay
from livegen.midi.in_memory import InMemoryRig
from livegen.predictors.models import Untrained
from livegen.system import clock
from tests.support.bars import Ruler, ruler
from tests.support.live_stage import Stage, live_stage, plain
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady


def journal(path: Path, onsets: list[float], *changes: list[Any], **settings: Any) -> Path:
    """A journal of notes and changes in the order of time."""
    rows: list[list[Any]] = [["begin", 0.0], *changes]
    for at in onsets:
        rows.append(["heard", "on", at, 60, 90, 1, 0])
        rows += [["run", at + 0.04], ["heard", "off", at + 0.1, 60, 1, 0]]
    rows.sort(key=lambda row: row[2] if row[0] == "heard" else row[1])
    header = {"livegen": 1, "began": 1000.0, "start": 1000.0, "seed": 1, "settings": {"metre": 4, **settings}}
    path.write_text("".join(json.dumps(row) + "\n" for row in [header, *rows]))
    return path


def exported(path: Path, *options: str) -> Ruler:
    target = path.with_suffix(".mid")
    done = CliRunner().invoke(main, ["export", str(path), str(target), *options])
    assert done.exit_code == 0, done.output
    return ruler(target)


def on_beats(found: Ruler) -> list[float]:
    """The place of each onset in its bar, in beats."""
    return [place for _, place in found.onsets]


def test_a_clock_at_97_that_begins_later(tmp_path: Path) -> None:
    beat = 60 / 97
    onsets = [5.3 + number * beat for number in range(24)]
    path = journal(tmp_path / "j.jsonl", onsets, ["follow", 5.3, 0.0, beat, "clock", True])
    found = exported(path)
    assert [at for at, _ in found.onsets] == pytest.approx(onsets, abs=0.001)
    assert on_beats(found) == pytest.approx([number % 4 for number in range(24)], abs=0.01)
    phrase = exported(path, "--part", "phrase")
    assert on_beats(phrase) == pytest.approx([number % 4 for number in range(24)], abs=0.01)


def test_a_waltz_that_grows_faster(tmp_path: Path) -> None:
    times = [2.0]
    for number in range(30):
        times.append(times[-1] + 60 / (90 + 2 * number))
    follows = [
        ["follow", at, float(number), after - at, "clock", True] for number, (at, after) in enumerate(pairwise(times))
    ]
    found = exported(journal(tmp_path / "j.jsonl", times[:-1], *follows, metre=3))
    assert on_beats(found) == pytest.approx([number % 3 for number in range(30)], abs=0.01)


def test_a_metre_that_changes(tmp_path: Path) -> None:
    onsets = [1.0 + 0.5 * number for number in range(22)]
    changes = [["follow", 1.0, 0.0, 0.5, "link", True], ["set", 6.9, "metre", 3], ["run", 6.91]]
    found = exported(journal(tmp_path / "j.jsonl", onsets, *changes))
    assert on_beats(found)[:12] == pytest.approx([number % 4 for number in range(12)], abs=0.01)
    assert on_beats(found)[12:] == pytest.approx([number % 3 for number in range(10)], abs=0.01)


@pytest.mark.parametrize("tempo", [75.0, 97.0, 160.0])
def test_the_pulse_that_livegen_heard(tmp_path: Path, tempo: float) -> None:
    beat = 60 / tempo
    onsets = [2.2 + (4 * bar + place) * beat for bar in range(16) for place in (0, 1, 1.5, 2, 3)]
    found = exported(journal(tmp_path / "j.jsonl", onsets))
    assert [at for at, _ in found.onsets] == pytest.approx(onsets, abs=0.001)
    assert all(abs(2 * place - round(2 * place)) < 0.1 for place in on_beats(found))
    gaps = [after - before for before, after in pairwise(found.beats[20:])]
    assert min(abs(sum(gaps) / len(gaps) / beat - times) for times in (0.5, 1, 2)) < 0.01


def test_the_pulse_of_one_who_grows_faster(tmp_path: Path) -> None:
    onsets = [2.0]
    while len(onsets) < 90:
        onsets.append(onsets[-1] + 60 / (90 + 0.8 * len(onsets)))
    found = exported(journal(tmp_path / "j.jsonl", onsets))
    off = [abs(2 * place - round(2 * place)) / 2 for place in on_beats(found)[8:]]
    assert sum(off) / len(off) < 0.008


def test_a_clock_whose_message_comes_late_takes_over(tmp_path: Path) -> None:
    onsets = [1.0 + 0.5 * number for number in range(16)] + [9.3 + 0.4 * number for number in range(16)]
    changes = [["follow", 1.0, 0.0, 0.5, "clock", True], ["follow", 9.31, 0.025, 0.4, "link", True]]
    found = exported(journal(tmp_path / "j.jsonl", onsets, *changes))
    assert on_beats(found)[16:] == pytest.approx([number % 4 for number in range(16)], abs=0.01)


def test_a_beat_that_becomes_sure_holds_for_a_while_before(tmp_path: Path) -> None:
    changes = [["follow", 1.0, 0.0, 0.5, "clock", True], ["follow", 10.0, 18.0, 0.5, "clock", False]]
    changes += [["follow", 40.0, 0.0, 0.6, "clock", True]]
    first, second = followed(record.read(journal(tmp_path / "j.jsonl", [1.0, 40.0], *changes)))
    assert (first.grid.length, second.grid.length) == (0.5, 0.6)
    assert second.start == pytest.approx(24.0, abs=0.1)


def test_a_take_begins_within_a_bar_and_its_bars_are_those_of_the_clock(tmp_path: Path) -> None:
    beat = 60 / 110
    onsets = [3.0 + number * beat for number in range(30)]
    changes = [["follow", 3.0, 0.0, beat, "clock", True], ["take", 3.0 + 9.3 * beat, "two"]]
    found = exported(journal(tmp_path / "j.jsonl", onsets, *changes), "--part", "take")
    assert len(found.onsets) == 20
    assert on_beats(found)[2:] == pytest.approx([number % 4 for number in range(12, 30)], abs=0.01)


def test_programs_bends_and_pressure_are_kept_and_a_replay_passes_over_them(tmp_path: Path) -> None:
    others = [["message", 0.9, 0xC0, 73], ["message", 1.2, 0xE0, 0, 96], ["message", 1.3, 0xD0, 50]]
    others += [["message", 1.4, 0xA0, 60, 7], ["message", 1.5, 0xF0, 1, 2], ["message", 1.6]]
    path = journal(tmp_path / "j.jsonl", [1.0, 1.5, 2.0], *others)
    exported(path)
    (track,) = [track for track in mido.MidiFile(path.with_suffix(".mid")).tracks if track.name == "performer"]
    kinds = [message.type for message in track if not message.is_meta]
    assert kinds[:5] == ["program_change", "note_on", "note_off", "pitchwheel", "aftertouch"]
    assert kinds[5] == "polytouch"
    assert [message.program for message in track if message.type == "program_change"] == [73]
    assert [message.pitch for message in track if message.type == "pitchwheel"] == [4096]
    with_them, without = record.read(path), record.read(journal(tmp_path / "k.jsonl", [1.0, 1.5, 2.0]))
    assert Replay(with_them, lambda name: Untrained()).run() == Replay(without, lambda name: Untrained()).run()


def test_a_take_has_the_program_that_was_chosen_before_it_and_takes_are_markers(tmp_path: Path) -> None:
    others = [["message", 0.5, 0xC0, 5], ["message", 0.6, 0xC0, 73], ["message", 0.7, 0xE0, 0, 96]]
    others += [["message", 0.8, 0xD0, 60], ["message", 0.9, 0xD0, 0], ["message", 4.2, 0xC0, 9]]
    path = journal(tmp_path / "j.jsonl", [1.0, 2.0, 4.0, 5.0], *others, ["take", 0.2, "one"], ["take", 3.0, "two"])
    exported(path, "--part", "take")
    file = mido.MidiFile(path.with_suffix(".mid"))
    (track,) = [track for track in file.tracks if track.name == "performer"]
    kinds = [(message.type, message.time) for message in track if message.type not in ("note_on", "note_off")]
    assert [kind for kind, _ in kinds] == [
        "track_name",
        "program_change",
        "pitchwheel",
        "program_change",
        "end_of_track",
    ]
    assert kinds[1][1] == kinds[2][1] == 0
    assert [message.program for message in track if message.type == "program_change"] == [73, 9]
    assert [message.text for message in file.tracks[0] if message.type == "marker"] == ["take two"]
    exported(path)
    file = mido.MidiFile(path.with_suffix(".mid"))
    assert [message.text for message in file.tracks[0] if message.type == "marker"] == ["take one", "take two"]


@pytest.mark.parametrize(("second", "names"), [(3, ["lead", "bass"]), (2, ["player"])])
def test_the_voices_of_a_band_are_tracks_of_their_own(tmp_path: Path, second: int, names: list[str]) -> None:
    path = journal(tmp_path / "j.jsonl", [1.0])
    header, *lines = path.read_text().splitlines()
    voices = [
        {"name": name, "hears": ["performer"], "model": {}, "settings": {"channel_out": channel}}
        for name, channel in (("lead", 2), ("bass", second))
    ]
    sent = [["sent", "on", 2.0, 72, 90, 2, 1], ["sent", "off", 2.5, 72, 2, 1], ["sent", "on", 2.0, 40, 90, second, 2]]
    rows = [json.loads(header) | {"voices": voices}, *map(json.loads, lines), *sent]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    exported(path)
    file = mido.MidiFile(path.with_suffix(".mid"))
    assert [track.name for track in file.tracks[1:]] == ["performer", *names]
    struck = [sum(message.type == "note_on" for message in track) for track in file.tracks[2:]]
    assert struck == ([1, 1] if len(names) == 2 else [2])


def test_a_journal_of_a_session_that_cannot_be_made_again_has_its_settings_tempo(tmp_path: Path) -> None:
    path = journal(tmp_path / "j.jsonl", [1.0, 1.5], tempo=90.0, metre=5, mode="gone.module:mine", model="gone")
    take = record.read(path)
    take.header["voices"] = [{"name": "a", "hears": ["b"], "settings": {}}]
    (only,) = followed(take)
    assert only.grid.length == pytest.approx(60 / 90)
    assert only.metre == 5


# Live


@pytest.fixture
async def stage(tmp_path: Path, steady: SteadyTime) -> AsyncIterator[Stage]:
    async with live_stage(tmp_path, plain(), midi=True) as running:
        yield running


async def until_time(at: float) -> None:
    await asyncio.sleep(max(0.0, at - clock.now()))


async def test_taps_at_75_and_notes_on_the_beat(stage: Stage) -> None:
    beat, began = 0.8, clock.now() + 0.3
    for number in range(4):
        await until_time(began + number * beat)
        stage.client.send("/livegen/tap")
    for number in range(4, 9):
        await until_time(began + number * beat)
        stage.client.send("/livegen/note", 60 + number, 90)
        await asyncio.sleep(0.1)
        stage.client.send("/livegen/note", 60 + number, 0)
    rig = stage.server.output.rig
    assert isinstance(rig, InMemoryRig)
    for message in (b"\xc1\x05", b"\xe1\x00\x50", b"\xd1\x30"):
        rig.hear_message(message)
    await asyncio.sleep(0.05)
    stage.client.send("/livegen/panic")
    stage.server.stop()
    await stage.running
    found = exported(stage.journal)
    places = on_beats(found)[:5]
    assert [round(place) % 4 for place in places] == [0, 1, 2, 3, 0]
    assert all(abs(place - round(place)) < 0.06 for place in places)
    gaps = [after[0] - before[0] for before, after in zip(found.onsets, found.onsets[1:5], strict=False)]
    assert gaps == pytest.approx([0.8] * 4, abs=0.04)
    tempi = [
        m.tempo
        for track in mido.MidiFile(stage.journal.with_suffix(".mid")).tracks
        for m in track
        if m.type == "set_tempo"
    ]
    assert min(abs(mido.tempo2bpm(tempo) - 75) for tempo in tempi) < 1
    kept = record.read(stage.journal).messages
    assert [type(message).__name__ for message in kept] == ["ProgramChange", "Gesture", "Gesture"]
