"""Checks whether the JACK server is alive, and puts its ports away when it has died.

When a JACK server dies nothing is raised, and two things are fatal to this process: to keep sending, because after
16 KiB the driver waits for ever while it holds the GIL; and to free an old port after a new one was opened. Closing a
dead output holds the GIL for a second. So a dead output is never closed, only put away.
"""

import contextlib
import ctypes
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

RING = 1500  # messages that certainly fit into a dead server's ring (16 KiB, 7 bytes a message, minus its content)


def address() -> Path:
    """The socket on which the user's JACK server accepts clients."""
    name = os.environ.get("JACK_DEFAULT_SERVER") or "default"
    uid = os.getuid() if hasattr(os, "getuid") else 0
    return Path("/dev/shm") / f"jack_{name}_{uid}_0"


def is_alive(at: Path) -> bool:
    """Whether a server accepts clients there, now or later. The socket of a killed server stays, but refuses."""
    if not hasattr(socket, "AF_UNIX"):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(at))
        except BlockingIOError:  # too many wait already: it hangs, but is alive
            return True
        except OSError:
            return False
        return True


def put_away(device: object) -> None:
    """Keep a dead or hung device for ever, also when the program ends, so that it is never closed: that would hold the
    GIL for a second or for ever, or crash."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(device))


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Hide the messages that C libraries print meanwhile, such as those about a missing server."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a program without a terminal
        yield
        return
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
