"""The process: signals that end it as often as they come, and a log that stops nothing."""

import asyncio
import contextlib
import logging
import os
import re
import resource
import signal
import socket
import time
from pathlib import Path

import pytest

from livegen.journal import record
from livegen.system import process
from livegen.system.process import Log
from tests.support.jack import until
from tests.support.jam_process import Jam


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    logger = logging.Logger("of this test")
    logger.addHandler(Log(tmp_path / "no such folder" / "session.log"))
    logger.error("what failed")
    log = Log(tmp_path / "session.log")
    logger.addHandler(log)
    logger.error("what failed")
    log.close()
    assert "what failed" in (tmp_path / "session.log").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["session.log"]


async def test_every_signal_within_calls_stop_and_after_it_the_former_handler_is_back() -> None:
    stopped = asyncio.Event()
    before = signal.getsignal(signal.SIGTERM)
    with process.signals(asyncio.get_running_loop(), stopped.set):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(30):
            await stopped.wait()
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="only POSIX has SIGHUP")
def test_a_terminal_that_closes_and_says_so_again_and_again_leaves_a_whole_recording(tmp_path: Path) -> None:
    """A window that closes sends SIGHUP more than once; the second came while livegen was closing, and ended it."""
    player = Jam(tmp_path, midi=False)
    player.send("/livegen/note", 60, 90)
    player.receive("/livegen/out/next")
    while player.process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            player.process.send_signal(signal.SIGHUP)
        time.sleep(0.0005)
    assert player.end() == 0, player.said()
    assert record.read(player.journal()).entries[-1][0] == "end"
    assert player.journal().with_suffix(".mid").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lets one process limit another")
def test_where_no_more_files_may_be_opened_browsers_are_refused_and_the_music_goes_on(tmp_path: Path) -> None:
    player = Jam(tmp_path, "--page", "on", "--http-port", "0", midi=False)
    browsers: list[socket.socket] = []
    try:
        until(lambda: "Page: http" in player.said(), what="the page is served")
        found = re.search(r"Page: http://[^:]+:(\d+)", player.said())
        assert found is not None
        used = max(int(entry.name) for entry in Path(f"/proc/{player.process.pid}/fd").iterdir())
        resource.prlimit(player.process.pid, resource.RLIMIT_NOFILE, (used + 3, used + 3))
        for _ in range(20):
            browsers.append(socket.create_connection(("127.0.0.1", int(found[1])), 10))
        time.sleep(0.5)  # in which it is asked to accept more than it can
        player.send("/livegen/note", 60, 90)
        player.receive("/livegen/out/next")
        assert player.process.poll() is None
    finally:
        for browser in browsers:
            browser.close()
        code = player.end()
    assert code == 0, player.said()
    assert "Traceback" not in player.said()
