"""The lateness of scheduled notes: a whole server that plays by itself, and bare deadlines on livegen's event loop.

Run as a program of its own (``python -m benchmarks.timers SECONDS DEADLINES``), it prints its figures as JSON.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from unittest import mock

from benchmarks.parts import scheduling
from benchmarks.parts.children import ROOT
from benchmarks.parts.client import LOOPBACK, Client
from benchmarks.parts.counts import Counts
from benchmarks.parts.figures import Measure, spread
from livegen.errors import ModelError
from livegen.events import Event, NoteOff, NoteOn
from livegen.journal.record import Journal
from livegen.live.output import Output
from livegen.live.server import open_server
from livegen.predictors import models
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from livegen.system.event_loop import Loop

_STEP = 0.005  # seconds between bare deadlines, on average


def lateness(counts: Counts) -> Measure:
    """Notes and bare deadlines: the time at which each happened less the time it was due. Below zero is too early."""
    command = [sys.executable, "-m", "benchmarks.timers", str(counts.playing_seconds), str(counts.deadlines)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"The timers could not be measured: {done.stderr[-2000:]}")
    found = json.loads(done.stdout)
    said = f"model {found.pop('model')}, mode autonomous, journal on"
    measure = Measure("Lateness of what is scheduled", notes=[said])
    for name, times in found.items():
        measure.spreads.append(spread(name, times))
        measure.numbers[f"{name}: too early"] = float(sum(late < 0.0 for late in times)), f"of {len(times)}"
    return measure


async def _bare(count: int) -> list[float]:
    """Deadlines one after another; how late each was, milliseconds."""
    loop, draw, late = asyncio.get_running_loop(), random.Random(1), []
    for _ in range(count):
        happened: asyncio.Future[float] = loop.create_future()
        due = loop.time() + _STEP * draw.uniform(0.8, 1.2)
        loop.call_at(due, _happen, happened)
        late.append((await happened - due) * 1000.0)
    return late


def _happen(happened: asyncio.Future[float]) -> None:
    happened.set_result(clock.now())


class _Watched(Output):
    """An output that records how late each note-on and note-off is handed to it, milliseconds."""

    def watch(self, ons: list[float], offs: list[float]) -> None:
        """Note lateness here."""
        self._kinds: dict[type, list[float]] = {NoteOn: ons, NoteOff: offs}

    def send(self, events: Iterable[Event]) -> None:
        """Note, then send."""
        events = list(events)
        now = clock.now()
        for event in events:
            if type(event) in self._kinds:
                self._kinds[type(event)].append((now - event.at) * 1000.0)
        super().send(events)


async def _playing(seconds: float, model: models.Predictor) -> tuple[list[float], list[float]]:
    """A server in autonomous mode, OSC and journal on: lateness of its note-ons and of its note-offs."""
    listener = Client()
    ons: list[float] = []
    offs: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(mode="autonomous", osc_port=0, osc_target=f"{LOOPBACK}:{listener.port}", tempo=240.0)
        journal = Journal(Path(folder), {}, clock.date(), clock.now())
        session = Session(model, settings, seed=1, now=clock.now())
        with mock.patch("livegen.live.server.Output", _Watched):
            server = await open_server(session, journal, lambda sentence: None)
        watched = server.output
        assert isinstance(watched, _Watched)
        watched.watch(ons, offs)
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, watched.watch, [], [])  # the silence at the end was not scheduled
        loop.call_later(seconds, server.stop)
        await server.run()
    listener.close()
    return ons, offs


def _main(seconds: float, deadlines: int) -> None:
    try:
        model = models.load(Settings().model)
    except ModelError:
        model = models.Untrained()

    scheduling.begin()
    with asyncio.Runner() as runner:
        default = runner.run(_bare(deadlines))
    clock.sharpen_timers()
    with asyncio.Runner(loop_factory=Loop) as runner:
        ours = runner.run(_bare(deadlines))
        ons, offs = runner.run(_playing(seconds, model))
    print(
        json.dumps(
            {
                "model": model.name,
                "asyncio's own loop, bare deadlines": default,
                "livegen's loop, bare deadlines": ours,
                "livegen plays, note-ons": ons,
                "livegen plays, note-offs": offs,
            }
        )
    )


if __name__ == "__main__":
    _main(float(sys.argv[1]), int(sys.argv[2]))
