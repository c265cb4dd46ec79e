"""Whether the programs that are measured run before others. All of them do or none: floor and livegen alike."""

import os

from livegen.system import process

_WISH = "LIVEGEN_BENCHMARK_REALTIME"  # in the environment, for the programs that a benchmark starts


def wish() -> None:
    """From now on each program that is measured takes precedence."""
    os.environ[_WISH] = "1"


def is_wished() -> bool:
    """Whether they are to."""
    return os.environ.get(_WISH, "0") not in ("", "0")


def begin() -> None:
    """In a program that is measured: take precedence, if that is wished. Raises RuntimeError if it is refused."""
    if is_wished() and (refused := process.take_priority()):
        raise RuntimeError(refused)
