"""The status line of a terminal without the page: whose turn it is, the last notes, tempo, lateness, the answer.

It is formatted here and not by a library of panels, which would take milliseconds from the notes. Pure.
"""

from collections.abc import Mapping

from livegen.music.pitch import pitch_name
from livegen.osc.packets import Argument
from livegen.settings import Settings

_STEPS = " ▁▂▃▄▅▆▇█"

Said = Mapping[str, tuple[Argument, ...]]


def line(said: Said, settings: Settings, width: int = 80) -> str:
    """The line in at most ``width`` characters, from the last message ``said`` at each OSC address."""
    parts = [
        _turn(said),
        f"{_level(said)} {_last(said, '/livegen/out/heard')} → {_last(said, '/livegen/out/note')}",
        f"{settings.mode} · {settings.model}",
        f"{_number(said, '/livegen/out/tempo', settings.tempo):.0f} bpm",
        f"late {_number(said, '/livegen/out/lateness', 0.0):.1f} ms",
        " ".join(str(_first(said, "/livegen/out/line", "")).split()),
    ]
    text = "  ".join(part for part in parts if part)
    return text if len(text) < width else text[: max(0, width - 2)] + "…"


def _turn(said: Said) -> str:
    return "LIVEGEN PLAYS" if _first(said, "/livegen/out/turn", "") == "player" else "YOUR TURN    "


def _level(said: Said) -> str:
    """A bar for the velocity of the last note; blank once it is released."""
    velocity = said.get("/livegen/out/heard", (0, 0, 0))[2]
    return _STEPS[-(-velocity * 8 // 127)] if isinstance(velocity, int) and 0 <= velocity <= 127 else " "


def _last(said: Said, address: str) -> str:
    """The name of the last note, in three places."""
    last = said.get(address, (0, -1))[1]
    return (pitch_name(last) if isinstance(last, int) and last >= 0 else "-").ljust(3)


def _number(said: Said, address: str, otherwise: float) -> float:
    found = _first(said, address, otherwise)
    return float(found) if isinstance(found, int | float) else otherwise


def _first(said: Said, address: str, otherwise: Argument) -> Argument:
    found = said.get(address, ())
    return found[0] if found else otherwise
