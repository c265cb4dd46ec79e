"""Dry runs that keep caches warm: they happen, nobody hears them, and no real note waits for them."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from livegen.errors import ModelError
from livegen.events import NoteOn
from livegen.journal import record
from livegen.live import timer, warm_up
from livegen.live.absent import NoRig
from livegen.live.ahead import Ahead
from livegen.live.server import open_server
from livegen.live.timer import Timer
from livegen.live.warm_up import WarmUp
from livegen.osc import packets
from livegen.predictors.encoding import START, Step
from livegen.predictors.models import Forecast, State, Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady
from tests.support.waiting import until


class Counting(Untrained):
    """Counts its steps; fails once ``broken``."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.broken = False

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        self.steps += step != START
        if self.broken:
            raise ModelError("It broke (for this test).")
        return super().step(state, step)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


async def test_nobody_hears_it_and_it_ends_after_a_while(
    tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch, steady: SteadyTime
) -> None:
    monkeypatch.setattr(warm_up, "LASTS", 0.1)
    model = Counting()
    settings = Settings(osc_port=0, osc_target=f"127.0.0.1:{listener.getsockname()[1]}")
    journal = record.Journal(tmp_path, {}, clock.date(), clock.now())
    server = await open_server(Session(model, settings, 1, clock.now()), journal, lambda sentence: None)
    playing = asyncio.create_task(server.run())
    begun = model.steps
    await asyncio.sleep(0.05)
    assert model.steps == begun  # nobody has played: it costs nothing
    server.after()  # as after a note
    await until(lambda: model.steps - begun >= 5)
    await asyncio.sleep(0.2)
    warmed = model.steps
    await asyncio.sleep(0.1)
    server.stop()
    await playing
    assert model.steps == warmed
    assert not (take := record.read(journal.path)).heard and not take.sent
    with pytest.raises(BlockingIOError):
        listener.recv(100)


async def test_a_stranger_is_not_answered(listener: socket.socket) -> None:
    model = Counting()
    session = Session(model, Settings())
    session.advance(0.0)
    one = WarmUp(session)
    listener.sendto(packets.encode("/livegen/note", 60, 80, 1, 1), one._here)
    await asyncio.sleep(0.02)
    assert model.steps == 0
    one._socket.sendto(packets.encode("/livegen/note", 60, 80, 1, 1), one._here)
    await until(lambda: model.steps == 1)
    one.close()


async def test_a_model_that_fails_in_it_is_left_for_a_real_note_to_tell() -> None:
    model = Counting()
    session = Session(model, Settings())
    session.advance(0.0)
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))
    one = WarmUp(session)
    model.broken = True
    one.go_on()
    await until(lambda: model.steps)
    await asyncio.sleep(0.05)  # in which it could go on
    one.close()
    assert model.steps == 1
    assert not faults


async def test_none_begins_when_a_note_is_about_to_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Counting()
    session = Session(model, Settings())
    one = WarmUp(session)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(session, "next_due", lambda: moment + warm_up.LENGTH / 2)
    one.go_on()
    moment += 2 * warm_up.EVERY  # it is quiet
    await asyncio.sleep(0.05)
    assert model.steps == 0
    monkeypatch.setattr(session, "next_due", lambda: moment + 1.0)
    await until(lambda: model.steps >= 5)
    one.close()


async def test_it_works_ahead_but_keeps_the_path_of_a_note_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "_PIECE", 0.0)  # one at a time
    model = Counting()
    session = Session(model, Settings())
    session.advance(0.0)
    steps: list[int] = []  # of the model, before each piece

    def work_ahead(now: float) -> bool:
        steps.append(model.steps)
        return len(steps) <= 40

    monkeypatch.setattr(session, "work_ahead", work_ahead)
    one = WarmUp(session)
    one.go_on()
    await until(lambda: len(steps) > 40)
    one.close()
    assert steps[0] == 0 and 5 < steps[-1] < 20  # some silent notes between, but not after each piece


async def test_it_does_not_work_ahead_when_a_note_is_about_to_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Counting(), Settings())
    pieces: list[float] = []
    monkeypatch.setattr(session, "work_ahead", pieces.append)
    monkeypatch.setattr(session, "next_due", lambda: clock.now() + warm_up.LENGTH / 2)
    one = WarmUp(session)
    one.go_on()
    await asyncio.sleep(0.05)
    assert not pieces
    one.close()


async def test_the_timer_rings_when_a_note_is_due_and_has_its_path_warmed(
    steady: SteadyTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timer, "_AHEAD", 0.04)  # asyncio's own loop rings late
    tries = [await _rung() for _ in range(5)]
    assert ["warmed", "rang"] in tries
    assert all(each in (["warmed", "rang"], ["rang"]) for each in tries)
    monkeypatch.setattr(timer, "_AHEAD", 0.0)
    assert await _rung() == ["rang"]


async def _rung() -> list[str]:
    """The calls of a timer that is set for a note, never too early."""
    now = clock.now()
    session = Session(Untrained(), Settings(mode="autonomous"), 1, now)
    session.lead = 0.1
    session.advance(now)
    due = session.next_onset
    assert due == now + 0.1
    happened: list[tuple[str, float]] = []

    class Watched(WarmUp):
        def strike(self) -> None:
            happened.append(("warmed", clock.now()))

    watched = Watched(session)
    one = Timer(session, lambda: happened.append(("rang", clock.now())), watched, Ahead(NoRig()))
    one.set()
    one.set()
    await until(lambda: happened and happened[-1][0] == "rang")
    await asyncio.sleep(0.05)  # in which it could ring again
    watched.close()
    assert happened[0][1] >= due - 0.05 and happened[-1][1] >= due
    assert not [event for event in session.panic(due) if isinstance(event, NoteOn)]
    return [what for what, _ in happened]
