"""The journal: whole after a crash, honest after damage, patient with a full disk."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from livegen.errors import FileError
from livegen.events import ControlChange, Heard, NoteOff, NoteOn
from livegen.journal import record
from livegen.midi import midifile

DATE = datetime(2026, 11, 20, 12, 0, 0)
EVENTS: list[Heard] = [NoteOn(10.1, 60, 90, 2, 7), ControlChange(10.25, 64, 127, 2), NoteOff(10.5, 60, 2, 0)]


def written(folder: Path) -> record.Journal:
    journal = record.Journal(folder, {"seed": 5}, DATE, 10.0)
    for event in EVENTS:
        journal.heard(event)
    journal.sent([NoteOn(11.0, 64, 80, 1, 1, 0.5), NoteOff(11.5, 64, 1, 1)])
    journal.noted(12.0, "set", "temperature", 0.5)
    journal.noted(13.0, "panic")
    journal.close()
    return journal


def test_what_was_written_is_read_back_exactly(tmp_path: Path) -> None:
    take = record.read(written(tmp_path).path)
    assert take.header["seed"] == 5
    assert take.heard == [NoteOn(10.1 - 10.0, 60, 90, 2, 7), ControlChange(0.25, 64, 127, 2), NoteOff(0.5, 60, 2, 0)]
    assert take.sent == [NoteOn(1.0, 64, 80, 1, 1), NoteOff(1.5, 64, 1, 1)]
    assert take.changes == [("set", 2.0, "temperature", 0.5), ("panic", 3.0)]
    assert take.cut == 0


def test_ids_of_any_size_and_all_that_is_noted_are_read_back(tmp_path: Path) -> None:
    """A long evening has thousands of notes; each off finds its on."""
    events: list[Heard] = [NoteOn(1.0, 60, 90, 2, 128), NoteOff(1.5, 60, 2, 128), NoteOn(2.0, 61, 90, 16, 70_000)]
    events += [NoteOff(2.5, 61, 16, 70_000), ControlChange(3.0, 64, 127, 16)]
    journal = record.Journal(tmp_path, {}, DATE, 0.0)
    for event in events:
        journal.heard(event)
    journal.sent(events)
    for what in ("panic", "reset", "forget"):
        journal.noted(4.0, what)
    journal.close()
    take = record.read(journal.path)
    assert take.heard == take.sent == events and take.cut == 0
    assert [change[0] for change in take.changes] == ["panic", "reset", "forget"]


def test_a_torn_tail_and_a_damaged_line_cost_only_themselves(tmp_path: Path) -> None:
    path = written(tmp_path).path
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b"\xff\x00" + lines[2][3:]
    path.write_bytes(b"".join(lines)[:-9])
    take = record.read(path)
    assert take.cut == 2
    assert len(take.heard) == 2 and len(take.sent) == 2


@pytest.mark.parametrize("content", [b"", b"hello\n", b"[1]\n", b'{"livegen": 99}\n', b"[" * 100_000])
def test_what_is_no_journal_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(FileError, match="not a journal"):
        record.read(path)
    with pytest.raises(FileError, match="cannot be read"):
        record.read(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_written_does_not_stop_the_music(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = record.Journal(tmp_path / "file" / "folder", {}, DATE, 0.0)
    assert journal.trouble is not None and "the music goes on" in journal.trouble
    journal.heard(NoteOn(1.0, 60, 90))
    journal.close()


def test_a_disk_that_fills_up_loses_nothing_once_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = record.Journal(tmp_path, {}, DATE, 0.0)

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)  # a full disk cannot be had without root
        journal.heard(NoteOn(1.0, 60, 90))
        journal.flush()
        assert journal.trouble is not None and "No space left" in journal.trouble
    journal.close()
    assert record.read(journal.path).heard == [NoteOn(1.0, 60, 90)]


def test_a_disk_that_takes_half_a_line_gets_the_other_half_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = record.Journal(tmp_path, {}, DATE, 0.0)
    write, calls = os.write, 0

    def half(file: int, data: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(28, "No space left on device")
        return write(file, data[: len(data) // 2])

    with monkeypatch.context() as filling:
        filling.setattr(os, "write", half)
        for at in range(4):
            journal.heard(NoteOn(float(at), 60, 90))
        journal.flush()
    journal.flush()  # the disk is not asked again at every note
    assert len(record.read(journal.path).heard) < 4
    journal.heard(NoteOn(4.0, 60, 90))
    journal.close()
    take = record.read(journal.path)
    assert ([event.at for event in take.heard], take.cut) == ([0.0, 1.0, 2.0, 3.0, 4.0], 0)


@pytest.mark.parametrize(
    "line",
    [
        '["heard", "on", Infinity, 60, 90, 1, 0]',
        '["heard", "on", 1.0, 300, 90, 1, 0]',
        '["sent", "off", NaN, 60, 1, 0]',
        '["sent", "on", 1e300, 60, 90, 1, 0]',
        '["run", 1e12]',
    ],
)
def test_an_event_that_cannot_be_is_cut(tmp_path: Path, line: str) -> None:
    path = written(tmp_path).path
    path.write_text(path.read_text() + line + "\n")
    take = record.read(path)
    assert (take.cut, len(take.heard), len(take.sent)) == (1, 3, 2)


def test_after_kill_9_the_journal_holds_what_was_flushed(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, datetime\n"
        "from livegen.journal import record; from livegen.events import NoteOn\n"
        "j = record.Journal(pathlib.Path(sys.argv[1]), {}, datetime.datetime(2026, 1, 1), 0.0)\n"
        "for i in range(10**6):\n"
        "    j.heard(NoteOn(float(i), 60, 90)); j.flush()\n"
        "    if i == 100: print('go', flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"go\n"
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    child.stdout.close()
    (path,) = tmp_path.glob("*.jsonl")
    take = record.read(path)
    assert len(take.heard) > 100
    assert [event.at for event in take.heard] == [float(index) for index in range(len(take.heard))]
    assert take.cut <= 1


def test_a_journal_becomes_a_midi_file_with_both_parts(tmp_path: Path) -> None:
    take = record.read(written(tmp_path).path)
    target = tmp_path / "take.mid"
    midifile.write(target, {"performer": take.heard, "player": take.sent})
    notes = [event for event in midifile.read(target).events if isinstance(event, NoteOn)]
    assert [(note.pitch, note.channel) for note in notes] == [(60, 2), (64, 1)]
