"""The time that each stage takes between a datagram and its answer, in a server in this process.

Only note-ons count, because releases take another path. Each stage's time holds that of the stages within it, and of
the timers themselves (a microsecond or so for each).
"""

import asyncio
import functools
import importlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.parts.client import LOOPBACK, Client, Cue, human
from benchmarks.parts.counts import Counts
from benchmarks.parts.figures import Measure, spread
from livegen.errors import ModelError
from livegen.journal.record import Journal
from livegen.live.server import open_server
from livegen.predictors import models
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from livegen.system.event_loop import Loop

_PAUSE = 0.02  # seconds between two notes of the part that is not hot, as a fast performer plays

# The functions to time: the depth below the stages above, the module, the name there.
STAGES = (
    (0, "osc.endpoint", "Endpoint.datagram_received"),
    (1, "osc.endpoint", "decode"),
    (1, "live.server", "dispatch"),
    (2, "journal.record", "Journal.heard"),
    (2, "session.session", "Session.receive"),
    (3, "session.session", "Session._run"),
    (3, "listening.performer", "Performer.hear_event"),
    (3, "player.player", "Player.consider"),
    (3, "player.composer", "Composer.heard"),
    (4, "predictors.encoding", "Encoding.encode"),
    (4, "predictors.network", "NetworkPredictor.step"),
    (4, "player.draw", "Draw.next_note"),
    (5, "predictors.sampling", "choose"),
    (3, "player.composer", "Composer.duration"),
    (2, "live.output", "Output.send"),
    (3, "osc.endpoint", "encode"),
    (3, "osc.endpoint", "Endpoint._transmit"),
    (3, "journal.record", "Journal.sent"),
    (2, "live.server", "Server.after"),
    (0, "journal.record", "Journal.flush"),
    (0, "session.dry_run", "DryRun.hear_note"),
    (0, "session.dry_run", "DryRun.play_note"),
)
BETWEEN = ("Journal.flush", "DryRun.hear_note", "DryRun.play_note")  # what is done between notes


class _Times:
    """Milliseconds by stage, noted while ``counting``, and always of what is done between notes."""

    def __init__(self) -> None:
        self.by_stage: dict[str, list[float]] = {stage: [] for _, _, stage in STAGES}
        self.counting = False

    def watch(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""
        times = self.by_stage[stage]

        @functools.wraps(function)
        def timed(*args: Any, **named: Any) -> Any:  # noqa: ANN401 (whatever the stage takes)
            begun = time.perf_counter_ns()
            try:
                return function(*args, **named)
            finally:
                if self.counting or stage in BETWEEN:
                    times.append((time.perf_counter_ns() - begun) / 1e6)

        return timed


def stages(counts: Counts) -> Measure:
    """Notes one after another, and notes with pauses between them."""
    measure = Measure("Where the time goes, from a datagram to its answer (stages within stages, in process)")
    for label, pause, notes in (("hot", 0.0, counts.busy_notes), ("20 ms pauses", _PAUSE, counts.human)):
        with asyncio.Runner(loop_factory=Loop) as runner, _timed() as times:
            name = runner.run(_perform(human(notes, 1), pause, times))
        for depth, _, stage in STAGES:
            if times.by_stage[stage]:
                measure.spreads.append(spread(f"{label}: {'· ' * depth}{stage}", times.by_stage[stage]))
    measure.notes.append(f"model {name}, journal on; note-ons only; the last two are done between notes")
    return measure


@contextmanager
def _timed() -> Iterator[_Times]:
    """Every stage's times while this lasts. A stage that no longer exists is left out."""
    times = _Times()
    with ExitStack() as patches:
        for _, module, stage in STAGES:
            holder: Any = importlib.import_module(f"livegen.{module}")
            *owners, name = stage.split(".")
            for owner in owners:
                holder = getattr(holder, owner, None)
            if hasattr(holder, name):
                patches.enter_context(mock.patch.object(holder, name, times.watch(stage, getattr(holder, name))))
        yield times


async def _perform(cues: list[Cue], pause: float, times: _Times) -> str:
    """Give a server these datagrams; the name of its model."""
    listener = Client()
    try:
        model = models.load(Settings().model)
    except ModelError:
        model = models.Untrained()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(osc_port=0, osc_target=f"{LOOPBACK}:{listener.port}")
        journal = Journal(Path(folder), {}, clock.date(), clock.now())
        session = Session(model, settings, seed=1, now=clock.now())
        server = await open_server(session, journal, lambda sentence: None)
        endpoint = server.output.endpoint
        playing = asyncio.create_task(server.run())
        await asyncio.sleep(0.1)
        for cue in cues:
            times.counting = cue.id > 0
            endpoint.datagram_received(cue.datagram, (LOOPBACK, 1))
            times.counting = False
            await asyncio.sleep(pause if cue.id else 0)
            listener.drain()
        server.stop()
        await playing
    listener.close()
    return model.name
