"""Real-time priority of the programs that are measured: all of them take it or none, floor and livegen alike."""

import os

from livegen.system import process

_WISH = "LIVEGEN_BENCHMARK_REALTIME"  # in the environment, for the programs that a benchmark starts


def wish() -> None:
    """From now on each program that is measured takes real-time priority."""
    os.environ[_WISH] = "1"


def is_wished() -> bool:
    """Whether the programs are to take it."""
    return os.environ.get(_WISH, "0") not in ("", "0")


def begin() -> None:
    """In a program that is measured: take priority, if that is wished. Raises RuntimeError if it is refused."""
    if is_wished() and (refused := process.take_priority()):
        raise RuntimeError(refused)
