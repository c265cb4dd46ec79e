"""What the clock asks of systems that these tests do not run on, by stand-ins for their libraries."""

import ctypes
import sys

import pytest

from livegen.system import clock


class Library:
    """Keeps the calls of its functions."""

    calls: list[tuple[str, tuple[object, ...]]] = []  # noqa: RUF012

    def __getattr__(self, name: str) -> "Function":
        return Function(name)


class Function:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: object) -> int:
        Library.calls.append((self.name, args))
        return 7


def test_windows_is_asked_for_fine_timers_also_while_its_window_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: Library(), raising=False)
    Library.calls.clear()
    clock.sharpen_timers()
    assert Library.calls[0] == ("timeBeginPeriod", (1,))
    name, (process, kind, state, size) = Library.calls[-1]
    assert (name, kind, size) == ("SetProcessInformation", 4, 12)
    assert isinstance(process, ctypes.c_void_p) and process.value == 7
    told = ctypes.cast(state, ctypes.POINTER(ctypes.c_uint32 * 3)).contents  # type: ignore[arg-type]
    assert list(told) == [1, 4, 0], "version, what is decided, and that it is off"


def test_an_older_windows_without_that_function_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: object(), raising=False)
    clock.sharpen_timers()
