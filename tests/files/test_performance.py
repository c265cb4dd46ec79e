"""A music file as livegen hears it: all notes in time, without the silence at the beginning."""

from pathlib import Path

import pytest

from livegen.errors import FileError
from livegen.events import ControlChange, Event, NoteOff, NoteOn
from livegen.files import performance
from livegen.midi import midifile
from tests.support.places import DATA


def test_a_file_begins_with_its_first_note_and_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    played: list[Event] = [
        ControlChange(0.5, 7, 99),
        ControlChange(1.0, 64, 127),
        NoteOn(2.0, 60, 90, 3),
        NoteOff(2.5, 60, 3),
    ]
    midifile.write(tmp_path / "x.mid", {"part": [*played, ControlChange(3.0, 64, 0)]})
    found = performance.read(tmp_path / "x.mid")
    expected = [ControlChange(0.0, 64, 127), NoteOn(0.0, 60, 90, 3), NoteOff(0.5, 60, 3), ControlChange(1.0, 64, 0)]
    assert found.events == expected
    assert (found.notes, found.seconds) == (1, 1.0)
    assert performance.parsed(performance.written(found)) == found


@pytest.mark.parametrize(
    ("path", "notes"), [("midi/flute-90bpm-3-4.mid", 16), ("abc/cr-alone.abc", 8), ("musicxml/called.xml", 4)]
)
def test_every_format_is_read(path: str, notes: int) -> None:
    assert performance.read(DATA / "cases" / path).notes >= min(notes, 4)


def test_a_file_without_notes_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    midifile.write(tmp_path / "x.mid", {"part": [ControlChange(0.5, 64, 99)]})
    with pytest.raises(FileError, match=r"x\.mid has no notes; choose another file\."):
        performance.read(tmp_path / "x.mid")
    monkeypatch.setattr(performance, "MOST_EVENTS", 3)
    midifile.write(tmp_path / "y.mid", {"part": [NoteOn(0.1 * n, 60, 9) for n in range(3)]})
    with pytest.raises(FileError, match="more than"):
        performance.read(tmp_path / "y.mid")
