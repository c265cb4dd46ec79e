"""A session that was killed while notes sounded: the next one ends them, by what the journal says."""

import os
from pathlib import Path

from livegen.events import ControlChange, NoteOff, NoteOn
from livegen.journal import unfinished
from livegen.journal.record import Journal
from livegen.system import clock

DEAD = 2**22 + 1  # more than Linux gives as a number of a process


def cut_off(folder: Path, process: int = DEAD, ended: bool = False) -> None:
    """A journal in which a note and a pedal of the performer's and a note of the player's are left."""
    journal = Journal(folder, {}, clock.date(), 0.0)
    journal.heard(NoteOn(1.0, 60, 90))
    journal.heard(ControlChange(1.0, 64, 127))
    journal.sent([NoteOn(2.0, 70, 90, 2), NoteOn(2.0, 72, 90, 2), NoteOff(3.0, 72, 2)])
    if ended:
        journal.noted(4.0, "end")
    journal.close()
    journal.path.rename(journal.path.with_name(f"livegen-2026-01-01T00-00-00-{process}.jsonl"))


def found(folder: Path, later: float = 0.0) -> list[str]:
    now = max((path.stat().st_mtime for path in folder.iterdir()), default=0.0) + later
    return [type(event).__name__ for event in unfinished.releases(folder, now)]


def test_what_the_journal_leaves_sounding_is_ended(tmp_path: Path) -> None:
    cut_off(tmp_path)
    events = unfinished.releases(tmp_path, max(path.stat().st_mtime for path in tmp_path.iterdir()))
    assert [(event.pitch, event.channel) for event in events if isinstance(event, NoteOff)] == [(60, 1), (70, 2)]
    assert [(event.control, event.channel) for event in events if isinstance(event, ControlChange)] == [
        (64, 1),
        (123, 1),
        (123, 2),
    ]


def test_nothing_is_ended_of_a_session_that_ended_or_plays_or_is_long_ago(tmp_path: Path) -> None:
    for number, (process, ended, later) in enumerate(
        ((DEAD, True, 0.0), (os.getpid(), False, 0.0), (DEAD, False, 1e6))
    ):
        folder = tmp_path / str(number)
        cut_off(folder, process, ended)
        assert found(folder, later) == []


def test_a_damaged_journal_and_no_journal_end_nothing(tmp_path: Path) -> None:
    assert unfinished.releases(tmp_path / "none such", 0.0) == []
    (tmp_path / f"livegen-2026-{DEAD}.jsonl").write_bytes(b"\x00\xff")
    assert found(tmp_path) == []
