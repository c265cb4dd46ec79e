"""Delays of outputs, so that a quick synth is in time with a slow one: the setting ``delays``."""

_MOST = 500.0  # milliseconds
TAKES = "name=milliseconds (0 to 500), comma between; a part of an output's name is enough"


def named(wish: str) -> str:
    """The setting unchanged, if it is valid. Raises ValueError."""
    read(wish)
    return wish


def read(wish: str) -> list[tuple[str, float]]:
    """Parts of outputs' names, in small letters, and seconds. Raises ValueError."""
    found = []
    for part in wish.split(","):
        if part.strip():
            name, sign, milliseconds = part.rpartition("=")
            late = float(milliseconds)
            if not sign or not name.strip() or not 0.0 <= late <= _MOST:
                raise ValueError("no delay of an output")
            found.append((name.strip().lower(), late / 1000.0))
    return found


def of(delays: list[tuple[str, float]], output: str) -> float:
    """The delay of that output in seconds: that of the first part of a name that fits."""
    return next((late for name, late in delays if name in output.lower()), 0.0)
