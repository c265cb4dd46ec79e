"""A MIDI binding whose outputs only write the time of each message (nanoseconds) to the file that ``api`` names."""

import os
import time


def load() -> None:
    """There is nothing to import."""


class StampedOutput:
    """An output that writes down when each message reached it."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def send_message(self, message: bytes) -> None:
        """Write down the time."""
        os.write(self._file, f"{time.perf_counter_ns()}\n".encode())

    def close_port(self) -> None:
        """There is no port."""

    def delete(self) -> None:
        """There is no client."""


def open_output(api: str, name: str, virtual: bool) -> StampedOutput:
    """An output that writes to the file ``api``."""
    return StampedOutput(api)
