"""Plays a music file to livegen, in its own time, as if the performer played it; the journal has it so, too."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from livegen.events import Heard, NoteOff, NoteOn
from livegen.system import clock

_SOON = 0.1  # seconds until the first note


class FilePlayer:
    """One file at a time; another one, or ``stop``, ends it. No note is left on."""

    def __init__(self, hear: Callable[[Heard], None]) -> None:
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Heard] = deque()
        self._start = 0.0
        self._held: set[tuple[int, int]] = set()  # pitch and channel
        self._timer: asyncio.TimerHandle | None = None

    def play(self, events: Iterable[Heard]) -> None:
        """Play events (times from 0, in order) from now on."""
        self.stop()
        self._waiting.extend(events)
        self._start = clock.now() + _SOON
        self._set_timer()

    def stop(self) -> None:
        """Play no more, and release what is held."""
        self._waiting.clear()
        self._set_timer()
        for pitch, channel in sorted(self._held):
            self._hear(NoteOff(clock.now(), pitch, channel))
        self._held.clear()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._start + self._waiting[0].at, self._ring) if self._waiting else None

    def _ring(self) -> None:
        now = clock.now()
        while self._waiting and self._start + self._waiting[0].at <= now + 0.0005:
            event = self._waiting.popleft()
            if isinstance(event, NoteOn):
                self._held.add((event.pitch, event.channel))
            elif isinstance(event, NoteOff):
                self._held.discard((event.pitch, event.channel))
            self._hear(replace(event, at=self._start + event.at))
        self._set_timer()
