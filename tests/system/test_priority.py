"""Real-time priority: taken for the threads that play, and refused without harm."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.jack import until
from tests.support.jam_process import jam

_TRY = """
import os, resource, threading
from livegen.system import process
{before}
has = lambda: os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO
print(process.take_priority())
print(has())
thread = threading.Thread(target=lambda: print(has()))
thread.start()
thread.join()
"""

linux = pytest.mark.skipif(not hasattr(os, "SCHED_FIFO"), reason="only Linux has SCHED_FIFO")


def tried(before: str = "") -> list[str]:
    """A program that takes priority: the answer, whether it has it, and whether its thread has it."""
    done = subprocess.run(
        [sys.executable, "-c", _TRY.format(before=before)], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def may() -> bool:
    """Whether this machine grants it."""
    return tried()[0] == "None"


@linux
def test_it_is_taken_for_one_thread_or_refused_with_a_sentence() -> None:
    said, has, inherited = tried()
    assert inherited == "False"
    assert (said == "None") == (has == "True")
    assert said == "None" or "audio" in said


@linux
@pytest.mark.parametrize(
    "before",
    [
        "resource.setrlimit(resource.RLIMIT_RTTIME, (10**6, 10**6))",
        "resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0)); os.getuid() or os.setuid(65534)",
    ],
)
def test_where_it_is_refused_or_would_be_deadly_all_goes_on_as_before(before: str) -> None:
    said, has, _ = tried(before)
    assert "does not let you" in said and has == "False"


@linux
def test_a_jam_has_it_in_the_threads_that_play_unless_it_is_not_wished(tmp_path: Path) -> None:
    for wish in "on", "off":
        (tmp_path / wish).mkdir()
        with jam(tmp_path / wish, "--realtime", wish) as playing:
            number = playing.process.pid
            policies = dict(_policies(number))
            taken = {task for task, policy in policies.items() if policy & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO}
            granted = wish == "on" and may()
            assert (number in taken) == granted
            assert granted or not taken
            until(lambda: "Play a phrase" in playing.said(), 30.0, "all was said")
            assert ("before other programs" in playing.said()) == granted


def _policies(process: int) -> Iterator[tuple[int, int]]:
    """Its threads, each with its scheduling policy."""
    for path in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            yield int(path.name), os.sched_getscheduler(int(path.name))
