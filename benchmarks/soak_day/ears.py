"""``python -m benchmarks.soak_day.ears FOLDER``: a foreign MIDI program that keeps its own account of what sounds.

One of its ports is connected to livegen's own output; another, which livegen opens by name, is plugged and
pulled at random. A key that sounds for half a minute is an orphan: livegen plays no note longer than ten seconds, and
no performer of the soak holds one longer.
"""

import random
import subprocess
import sys
from pathlib import Path

from benchmarks.soak_day.child import turns
from tests.support.jack import Peer

ORPHAN = 30.0  # seconds
PLUGGED = "soak-synth"  # the name by which livegen opens the port that comes and goes
_STAYS, _AWAY = (60.0, 240.0), (5.0, 20.0)  # seconds
_SILENT = 120.0  # seconds without a message after which the wire is laid again
_SOON = 2.0  # seconds between two tries to lay it


class Ledger:
    """The keys that sound at one port, since when (seconds), and what was counted."""

    def __init__(self) -> None:
        self.notes = 0
        self.orphans = 0
        self._on: dict[tuple[int, int], float] = {}
        self._named: set[tuple[int, int]] = set()

    def hear(self, message: tuple[int, ...], now: float) -> None:
        """One message that came."""
        status, first, second = (*message, 0, 0)[:3]
        kind, key = status & 0xF0, (status & 0x0F, first)
        if kind == 0x90 and second:
            self.notes += 1
            self._on[key] = now
        elif kind in (0x80, 0x90):
            self._forget(key)
        elif kind == 0xB0 and first in (120, 123):
            for each in [each for each in self._on if each[0] == key[0]]:
                self._forget(each)

    def _forget(self, key: tuple[int, int]) -> None:
        self._on.pop(key, None)
        self._named.discard(key)

    def look(self, now: float) -> None:
        """Count each key once that has sounded too long."""
        late = {key for key, since in self._on.items() if now - since > ORPHAN} - self._named
        self._named |= late
        self.orphans += len(late)

    def pull(self) -> None:
        """The port is pulled, and with it whatever sounded at it."""
        self._on.clear()
        self._named.clear()

    @property
    def sounding(self) -> int:
        """The keys that sound now."""
        return len(self._on)


class Port:
    """A port and its ledger; it is there, or pulled."""

    def __init__(self, client: str) -> None:
        self.ledger = Ledger()
        self.heard_at = -_SILENT
        self._client = client
        self.peer: Peer | None = Peer(client, "in", False)

    def listen(self, now: float) -> None:
        """Take what came."""
        if self.peer is not None:
            came = self.peer.heard
            for message in came:
                self.ledger.hear(message, now)
            self.heard_at = now if came else self.heard_at
            came.clear()
        self.ledger.look(now)

    def swap(self) -> None:
        """Pull it, or plug it in again."""
        if self.peer is None:
            self.peer = Peer(self._client, "in", False)
        else:
            self.peer.close()
            self.peer = None
            self.ledger.pull()


def wire() -> bool:
    """Connect livegen's own output to the first port, where it is there; whether it is connected now."""
    listed = subprocess.run(["jack_lsp"], capture_output=True, text=True, check=False).stdout.splitlines()
    source = next((name for name in listed if name.endswith(":livegen out")), "")
    done = (
        subprocess.run(["jack_connect", source, "soak-ears:in"], capture_output=True, check=False) if source else None
    )
    return done is not None and done.returncode == 0


def main(folder: Path) -> None:
    """Listen until the end."""
    draw, counts = random.Random(), {"plugged": 0, "wired": 0}
    wired, named = Port("soak-ears"), Port(PLUGGED)
    swap_at = wire_at = 0.0

    def state() -> dict[str, int]:
        ledgers = [port.ledger for port in (wired, named)]
        return counts | {
            name: sum(getattr(each, name) for each in ledgers) for name in ("notes", "orphans", "sounding")
        }

    for now in turns(folder / "ears.json", state):
        for port in (wired, named):
            port.listen(now)
        if not swap_at:
            swap_at = now + draw.uniform(*_STAYS)
        if now >= swap_at:
            named.swap()
            counts["plugged"] += named.peer is not None
            swap_at = now + draw.uniform(*(_AWAY if named.peer is None else _STAYS))
        if now >= wire_at and now - wired.heard_at > _SILENT:
            is_wired = wire()
            counts["wired"] += is_wired
            wire_at = now + (_SILENT if is_wired else _SOON)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
