"""Notes over OSC whose client sends no releases, such as a line in a terminal: when each counts as released. Pure.

A note of a client that has never sent a release lasts HELD seconds. Once it is clear that its client sends none (it
struck a key again, or MANY notes, and released nothing) its notes last BRIEF seconds. A client that has released a note
is trusted to release all. A command in a terminal takes another port each time; such ports of a host are one client
here, which may hold a note for LONG seconds if it has released one.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from livegen.osc.peers import Source

HELD, BRIEF, LONG = 2.0, 0.5, 5.0  # seconds
MANY = 3  # notes
_APART = 0.05  # seconds: notes nearer than this are a chord, or doubled
_MOST = 256  # clients that are remembered
_MOST_HELD = 64  # notes; a key held beyond them keeps a phrase open as any that is stuck

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Key(NamedTuple):
    """A key that is down."""

    pitch: int
    channel: int


@dataclass
class _Client:
    """A client: whether it has released notes, the number of its notes since, and whether it releases none."""

    once: bool = False  # all ports of a host that have sent one message
    releases: bool = False
    without: bool = False
    notes: int = 0
    latest: float = -1e9  # when its last note began

    @property
    def wait(self) -> float | None:
        """Seconds until its notes count as released; None: it releases them."""
        if self.without:
            return BRIEF
        if not self.releases:
            return HELD
        return LONG if self.once else None

    def strike(self, at: float, again: bool) -> None:
        """A note begins; ``again``: on a key that is down."""
        if at - self.latest >= _APART:
            self.notes += 1
            self.without = self.without or again or self.notes >= MANY
        self.latest = at

    def release(self) -> None:
        """A note is released."""
        self.releases, self.without, self.notes = True, False, 0


class _Struck(NamedTuple):
    at: float
    source: Source
    id: int
    strokes: int = 1  # that have no release yet


class Unreleased:
    """The keys that wait for a release which may never come. Times are seconds."""

    def __init__(self) -> None:
        self._clients: dict[Source, _Client] = {}
        self._once: dict[str, _Client] = {}  # by host
        self._seen: dict[Source, float | None] = {}  # ports that sent one message: when, if it was a note-on
        self._held: dict[Key, _Struck] = {}

    def strike(self, source: Source, key: Key, id: int, at: float) -> None:
        """A client strikes a key."""
        client = self._client(source, at)
        if client.releases and not client.once:
            return
        before = self._held.pop(key, None)
        again = before is not None and self._of(before.source) is client
        client.strike(at, again)
        if len(self._held) < _MOST_HELD:
            self._held[key] = _Struck(at, source, id, 1 if before is None else before.strokes + 1)

    def release(self, source: Source, key: Key) -> None:
        """A client releases a key, whoever struck it."""
        self._held.pop(key, None)
        self._client(source, None).release()

    def due(self) -> float | None:
        """The time at which a note counts as released; None if none does."""
        return min((at for at in map(self._over, self._held.values()) if at is not None), default=None)

    def take(self, now: float) -> list[tuple[Key, int]]:
        """The keys that count as released by now, once for each stroke, with the ids of their notes; they no longer
        wait."""
        over = [key for key, struck in self._held.items() if (at := self._over(struck)) is not None and at <= now]
        ended = [(key, self._held.pop(key)) for key in over]
        return [(key, struck.id) for key, struck in ended for _ in range(struck.strokes)]

    def _over(self, struck: _Struck) -> float | None:
        wait = self._of(struck.source).wait
        return None if wait is None else struck.at + wait

    def _of(self, source: Source) -> _Client:
        found = self._clients.get(source) or self._once.get(source[0])
        if found is None:
            found = _Client(once=True)
            _add(self._once, source[0], found)
        return found

    def _client(self, source: Source, at: float | None) -> _Client:
        """The client that strikes a key ``at`` a time, or releases one: a client of its own from its second message on.

        Until then its note was its host's.
        """
        found = self._clients.get(source)
        if found is not None:
            return found
        if source not in self._seen:
            _add(self._seen, source, at)
            return self._of(source)
        began = self._seen.pop(source)
        found = _Client(releases=began is None)
        if began is not None:
            found.strike(began, again=False)
            host = self._of(source)
            host.notes = max(0, host.notes - 1)
        _add(self._clients, source, found)
        return found


def _add(table: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Remember, and forget the oldest of too many."""
    if len(table) >= _MOST:
        del table[next(iter(table))]
    table[key] = value
