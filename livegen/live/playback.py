"""Plays known events at their own times, so that a replay can be heard."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from livegen.events import Heard, NoteOff, NoteOn
from livegen.live.output import Output
from livegen.system import clock, process

_SOON = 0.2  # seconds until the first note


async def play(events: Sequence[Heard], out: Output) -> int:
    """Send each event when its time comes, counted from the first; a signal ends it in silence.

    Returns how many were sent.
    """
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    start = clock.now() + _SOON - (events[0].at if events else 0.0)
    sounding: dict[tuple[int, int], NoteOff] = {}
    sent = 0
    with process.signals(loop, stopped.set):
        for event in events:
            due = start + event.at
            if await _stops(stopped, due):
                break
            out.send([replace(event, at=due)])
            sent += 1
            if isinstance(event, NoteOn):
                sounding[event.pitch, event.channel] = NoteOff(due, event.pitch, event.channel, event.id)
            elif isinstance(event, NoteOff):
                sounding.pop((event.pitch, event.channel), None)
    out.send(replace(off, at=clock.now()) for off in sounding.values())
    return sent


async def _stops(stopped: asyncio.Event, due: float) -> bool:
    """Wait until it is due; whether it was stopped first."""
    wait = due - clock.now()
    if wait > 0.0 and not stopped.is_set():
        try:
            async with asyncio.timeout(wait):
                await stopped.wait()
        except TimeoutError:
            return False
    return stopped.is_set()
