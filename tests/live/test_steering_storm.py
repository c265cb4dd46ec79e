"""Every control at once, at random, on a live server: nothing fails or hangs, and the journal replays bit for bit."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from livegen.events import ControlChange, NoteOff, NoteOn, ProgramChange
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.osc import packets
from livegen.player.modes import MODES
from livegen.predictors.models import Untrained
from livegen.settings import specs
from livegen.system import clock
from tests.support.osc_traffic import bundle, time_tag
from tests.support.steady import steady as steady
from tests.support.steered_server import Playing
from tests.support.steered_server import playing as playing
from tests.support.waiting import until

NUMBERS = [one for one in specs() if one.live and one.low is not None and one.name not in ("channel_in", "late")]
WORDS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("ramp", ("temperature", 0.3, 0.9, 2.0)),
    ("ramp", ("lowest", 30.0, 50.0, 1.0)),
    ("cue", ("next",)),
    ("cue", ("1",)),
    ("preset", ("calm",)),
    ("learn", ("touch",)),
    ("forget", ()),
    ("panic", ()),
    ("reset", ()),
)


def packet(chance: random.Random) -> bytes:
    """One message: a setting, a mode, a note, or any other word."""
    kind = chance.random()
    if kind < 0.4:
        one = chance.choice(NUMBERS)
        return packets.encode(f"/livegen/{one.name}", float(one.at(chance.random())))
    if kind < 0.5:
        return packets.encode("/livegen/mode", chance.choice(list(MODES)))
    if kind < 0.7:
        return packets.encode("/livegen/note", chance.randint(48, 72), chance.choice((0, 90)))
    word, args = chance.choice(WORDS)
    return packets.encode(f"/livegen/{word}", *args)


def storm(playing: Playing, chance: random.Random) -> None:
    """One thing that somebody does."""
    server, now = playing.server, clock.now()
    deeds: list[Callable[[], object]] = [
        lambda: server.hear_from_thread(ControlChange(now, chance.choice((20, 21, 64, 74)), chance.randrange(128))),
        lambda: server.hear_from_thread(ProgramChange(now, chance.choice((4, 5)))),
        lambda: server.hear_from_thread(NoteOn(now, chance.choice((36, 37, 60)), 90, chance.choice((1, 10)))),
        lambda: playing.client.socket.sendto(packet(chance), playing.client._server),
        lambda: playing.client.socket.sendto(
            bundle(
                *[packet(chance) for _ in range(chance.randint(1, 6))],
                tag=chance.choice((1, time_tag(clock.date().timestamp() + chance.random() * 0.2))),
            ),
            playing.client._server,
        ),
    ]
    chance.choice(deeds)()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_storm_of_controls(playing: Playing, seed: int) -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    chance = random.Random(seed)
    playing.client.send("/livegen/controls", 1)
    end = clock.now() + 2.0
    while clock.now() < end:
        storm(playing, chance)
        await asyncio.sleep(chance.random() * 0.01)
    for pitch in range(36, 73):
        for channel in (1, 10):
            playing.server.hear_from_thread(NoteOff(clock.now(), pitch, channel))
    await asyncio.sleep(0.3)
    playing.client.send("/livegen/panic")
    await until(lambda: playing.server.session.hushed)
    await asyncio.sleep(0.1)  # in which nothing begins
    assert faults == []
    assert not len(playing.server.session.ledger)
    (path,) = (one for one in playing.folder.glob("*.jsonl"))
    playing.server.journal.flush()
    take = record.read(path)
    assert {"together", "cue", "set", "heard"} <= {entry[0] for entry in take.entries}
    assert take.cut == 0
    assert Replay(take, lambda name: Untrained()).run().differs is None
