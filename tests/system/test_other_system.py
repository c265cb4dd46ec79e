"""livegen without what Windows and macOS lack: it plays, and ends as it should."""

import sys
from pathlib import Path

import pytest

from livegen.events import NoteOn
from livegen.journal import record
from tests.support.jam_process import jam


@pytest.mark.skipif(sys.platform != "linux", reason="this is such a system")
def test_livegen_plays_without_signal_handlers_locks_scheduling_and_file_sockets(tmp_path: Path) -> None:
    with jam(tmp_path, midi=False, module="tests.support.other_system") as player:
        player.send("/livegen/note", 60, 90)
        assert 0 <= player.receive("/livegen/out/next")[1] <= 127
        player.send("/livegen/note", 60, 0)
        assert player.receive("/livegen/out/note")[0] > 0
    heard = record.read(player.journal()).heard
    assert [event.pitch for event in heard if isinstance(event, NoteOn)] == [60]
    assert player.journal().with_suffix(".mid").exists(), "a signal ends it, and not its process alone"
