"""Whether the JACK server lives, and what to do with its ports when it died.

When a JACK server dies nothing is raised, and two things are deadly to this process: sending on, for after 16 KiB
the driver waits for ever while it holds Python's lock; and collecting an old port after a new one was opened.
Closing a dead output holds that lock for a second. So a dead output is never closed, only put away.
"""

import contextlib
import ctypes
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

RING = 1500  # messages that surely fit into a dead server's ring (16 KiB, 7 bytes a message, less what it held)


def address() -> Path:
    """The socket on which the user's JACK server takes clients."""
    name = os.environ.get("JACK_DEFAULT_SERVER") or "default"
    uid = os.getuid() if hasattr(os, "getuid") else 0
    return Path("/dev/shm") / f"jack_{name}_{uid}_0"


def is_alive(at: Path) -> bool:
    """Whether a server takes clients there, now or later. A killed server's file stays behind, but refuses."""
    if not hasattr(socket, "AF_UNIX"):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(at))
        except BlockingIOError:  # so many wait already: it hangs, but lives
            return True
        except OSError:
            return False
        return True


def put_away(device: object) -> None:
    """Keep a dead or hanging device for ever, also when the program ends, so that nobody closes it: that would hold
    Python's lock for a second, or for ever, or crash."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(device))


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """What C libraries write to the screen when they find no server is not shown meanwhile."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a program without a screen
        yield
        return
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
