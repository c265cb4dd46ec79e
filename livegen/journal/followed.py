"""The beat of a session as it was followed: the grids of a clock, of Link, of taps, or of the performer's own pulse.

A journal holds the grids of clocks and taps; the pulse is found again from the notes, by a replay that plays nothing.
"""

import contextlib
import math
from dataclasses import replace
from typing import Any, NamedTuple

from livegen.beat.transport import PULSE, Grid
from livegen.errors import LivegenError
from livegen.events import NoteOn
from livegen.journal.record import Recording
from livegen.journal.replay import Replay
from livegen.predictors.models import Untrained
from livegen.session.change_names import SET, VOICE

_EARLY = 0.05  # beats: a beat that a clock or a tap gives may be a little earlier than its message
_PICKUP = 0.3  # beats: as in ``Transport``, an onset this long after a beat is on it
_BACK = 16.0  # seconds before a beat was sure for which it holds too
_SETTLES = 3.0  # seconds in which a pulse that has just become sure may still be wrong; what it became then holds
_PLAIN = {"name": "untrained"}
_OWN = ("mode", "model")  # what a replay that plays nothing needs not


class Stretch(NamedTuple):
    """From ``start`` (seconds of the journal) on the beats are where ``grid`` has them, and ``metre`` make a bar."""

    start: float
    grid: Grid
    metre: int


def followed(take: Recording) -> list[Stretch]:
    """The stretches of a session in order; the first holds for all before it, too. At least one.

    Where no beat was sure the one before holds, or for 16 s the next.
    """
    found = _felt(take)
    sure: list[Stretch] = []
    unsure_since: float | None = 0.0
    begins = math.inf  # when a beat that is sure began to be
    for stretch in found:
        if not stretch.grid.running:
            unsure_since = stretch.start if unsure_since is None else unsure_since
            continue
        if unsure_since is not None:
            begins = stretch.start
            stretch = stretch._replace(start=max(unsure_since, begins - _BACK))
            unsure_since = None
        elif stretch.grid.source == sure[-1].grid.source == PULSE and stretch.start < begins + _SETTLES:
            stretch = stretch._replace(start=sure.pop().start)
        sure.append(stretch)
    return sure or found[-1:]


def _felt(take: Recording) -> list[Stretch]:
    """Each grid from the time on from which it held, whether it was sure or not."""
    settings = take.header.get("settings", {})
    tempo, metre = float(settings.get("tempo", 120.0)), int(settings.get("metre", 4))
    found = [Stretch(0.0, Grid(0.0, 0.0, 60.0 / tempo, running=False), metre)]
    with contextlib.suppress(LivegenError):  # a journal of a session that cannot be made again has a steady beat
        replay = Replay(_without_models(take), lambda name: Untrained())
        onset = 0.0
        for entry, _ in replay.steps():
            now = entry[1] if isinstance(entry[1], int | float) else entry[1].at
            if entry[0] == "heard" and isinstance(entry[1], NoteOn):
                onset = now
            session = replay.session
            grid, metre = session.transport.grid, session.transport.beats_per_bar
            grid = grid._replace(at=grid.at - replay.began)
            if (grid, metre) != (found[-1].grid, found[-1].metre):
                start = now if grid == found[-1].grid else _start(grid, onset, now)
                found.append(Stretch(max(found[-1].start, start), grid, metre))
    return found


def _start(grid: Grid, onset: float, now: float) -> float:
    """The time from which a grid holds that was taken up ``now``, after an ``onset``."""
    if grid.source != PULSE:
        return min(now, grid.at) - _EARLY * grid.length
    return min(now, onset - _PICKUP * grid.length) if grid.running else now


def _without_models(take: Recording) -> Recording:
    """The journal as one of a session that listens and plays scales: all that the beat depends on is the same."""
    header: dict[str, Any] = {**take.header, "model": _PLAIN}
    header["settings"] = {name: value for name, value in header.get("settings", {}).items() if name not in _OWN}
    if voices := header.get("voices"):
        header["voices"] = [
            voice | {"model": _PLAIN, "settings": {k: v for k, v in voice["settings"].items() if k not in _OWN}}
            for voice in voices
        ]
    return replace(take, header=header, entries=[entry for entry in take.entries if not _is_own(entry)])


def _is_own(entry: tuple[Any, ...]) -> bool:
    return (entry[0] == SET and entry[2] in _OWN) or (entry[0] == VOICE and entry[3] in _OWN)
