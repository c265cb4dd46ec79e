"""Takes away what Windows and macOS do not have: `pytest -p tests.support.other_system tests/osc`, and, run as a
program, `livegen` without it: `python -m tests.support.other_system jam`.

No handlers of signals in the event loop, no fcntl, no resource, no scheduling classes, no sockets of the file system.
"""

import asyncio
import os
import socket
import sys
from typing import Any, NoReturn

_pair, _UNIX = socket.socketpair, socket.AF_UNIX


def _none(*_: object) -> NoReturn:
    raise NotImplementedError


# asyncio wakes itself by such a pair.
def _connected(*_: Any, **__: Any) -> tuple[socket.socket, socket.socket]:
    return _pair(_UNIX)


for _module in ("fcntl", "resource"):
    sys.modules[_module] = None  # type: ignore[assignment]
_scheduling = [name for name in dir(os) if name.startswith(("sched_", "SCHED_")) and "affinity" not in name]
for _name in [*_scheduling, "nice"]:  # Python asks for the affinity itself
    delattr(os, _name)
asyncio.SelectorEventLoop.add_signal_handler = _none  # type: ignore[method-assign, assignment]
asyncio.SelectorEventLoop.remove_signal_handler = _none  # type: ignore[method-assign, assignment]
socket.socketpair = _connected
del socket.AF_UNIX

if __name__ == "__main__":
    from livegen.__main__ import run

    run()
