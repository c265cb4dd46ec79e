"""The line in the terminal: its words, and that a terminal shows it while a file does not get it."""

import os
import select
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.cli import status_line
from livegen.settings import Settings
from tests.support.jack import until
from tests.support.jam_process import Jam, jam

SAID = {
    "/livegen/out/turn": ("player",),
    "/livegen/out/heard": (1, 60, 127, 1, ""),
    "/livegen/out/note": (1, 70, 90, 0.5, 1),
    "/livegen/out/tempo": (97.6, 1.0, 0.5, "pulse"),
    "/livegen/out/lateness": (0.31,),
    "/livegen/out/line": ("A2 F G |",),
}


def test_it_tells_how_things_stand() -> None:
    line = status_line.line(SAID, Settings(mode="duet"), 200)
    for part in ("LIVEGEN PLAYS", "█ C4", "Bb4", "duet · folk", "98 bpm", "late 0.3 ms", "A2 F G |"):
        assert part in line
    assert "YOUR TURN" in status_line.line({}, Settings()) and "120 bpm" in status_line.line({}, Settings())


@given(st.integers(1, 200), st.integers(0, 127), st.integers(0, 127))
def test_it_fits_the_terminal(width: int, pitch: int, velocity: int) -> None:
    said = SAID | {"/livegen/out/heard": (1, pitch, velocity, 1, "")}
    line = status_line.line(said, Settings(), width)
    assert len(line) < max(2, width) and "\n" not in line


def seen(screen: int, wanted: bytes, within: float = 30.0) -> bytes:
    """The text that a terminal was sent, until ``wanted`` is in it."""
    text, end = b"", time.monotonic() + within
    while wanted not in text and time.monotonic() < end:
        if select.select([screen], [], [], 0.1)[0]:
            text += os.read(screen, 4096)
    assert wanted in text, text.decode(errors="replace")
    return text


def test_a_terminal_without_the_page_keeps_the_line_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = os.openpty()
    player = Jam(tmp_path, "--no-page", "--model", "untrained", "--mode", "duet", screen=theirs, midi=False)
    try:
        seen(ours, b"YOUR TURN")
        player.send("/livegen/note", 60, 127)
        text = seen(ours, "█ C4".encode())
        assert b"\r\x1b[2K" in text
        player.send("/livegen/temperature", 99.0)  # a sentence: the line makes room for it
        assert b"\r\x1b[2Ktemperature cannot be" in seen(ours, b"0.1 to 2.\r\n")
        player.send("/livegen/mode", "autonomous")
        seen(ours, b"LIVEGEN PLAYS")
    finally:
        assert player.end() == 0
        os.close(ours)
        os.close(theirs)


def test_a_file_or_pipe_gets_plain_sentences(tmp_path: Path) -> None:
    with jam(tmp_path, "--no-page", "--mode", "autonomous", "--model", "untrained", midi=False) as player:
        player.receive("/livegen/out/note")
        until(lambda: "livegen plays\n" in player.said(), what="it is said")
        time.sleep(0.4)  # in which the line would be written again
        assert "\x1b" not in player.said()
