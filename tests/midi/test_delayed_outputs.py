"""Outputs that are sent to later than others: in order, and without a note that stays."""

import asyncio

from livegen.beat import delays
from livegen.events import NoteOff, NoteOn
from livegen.midi.output import Outputs
from livegen.midi.rig import Echo
from livegen.system import clock
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady
from tests.support.waiting import until


class Synth:
    """Notes what is sent to it, and when."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []

    def send_message(self, message: bytes) -> None:
        self.heard.append((clock.now(), message))

    def close_port(self) -> None: ...

    def delete(self) -> None: ...


def outputs(wish: str) -> tuple[Outputs, Synth, Synth]:
    out, quick, slow = Outputs(Echo(), lambda: True, lambda: None), Synth(), Synth()
    out.devices = {"Quick One": quick, "slow": slow}
    out.delays = delays.read(wish)
    return out, quick, slow


async def test_an_output_is_sent_to_as_much_later_as_is_wished_and_in_order(steady: SteadyTime) -> None:
    out, quick, slow = outputs("quick=40")
    sent = []
    for pitch in range(60, 80):
        for event in (NoteOn(0.0, pitch, 90), NoteOff(0.0, pitch)):
            sent.append(clock.now())
            out.send(event)
    assert len(slow.heard) == 40
    assert quick.heard == []
    await until(lambda: len(quick.heard) == 40)
    assert [message for _, message in quick.heard] == [message for _, message in slow.heard]
    for (late, _), at in zip(quick.heard, sent, strict=True):
        assert 0.0395 < late - at < 0.2  # each look at the time lets up to a millisecond pass


async def test_who_stops_while_notes_are_delayed_leaves_none_and_plays_none(steady: SteadyTime) -> None:
    out, quick, _ = outputs("quick=40")
    out.send(NoteOn(0.0, 60, 90))
    await until(lambda: quick.heard)
    out.send(NoteOff(0.0, 60))
    out.send(NoteOn(0.0, 62, 90))
    out.quiet()
    await until(lambda: [message for _, message in quick.heard if message[:2] == b"\xb0\x7b"])
    await asyncio.sleep(0.06)  # in which more could come
    kinds = [(message[0] & 0xF0, message[1]) for _, message in quick.heard]
    assert kinds[:2] == [(0x90, 60), (0x80, 60)]
    assert (0x90, 62) not in kinds


async def test_an_output_that_is_gone_gets_nothing_more() -> None:
    out, quick, _ = outputs("quick=20")
    out.send(NoteOn(0.0, 60, 90))
    del out.devices["Quick One"]
    await asyncio.sleep(0.05)
    assert quick.heard == []
