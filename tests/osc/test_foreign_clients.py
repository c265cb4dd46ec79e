"""Foreign OSC clients over real UDP: livegen understands them, and they understand livegen."""

import asyncio
from typing import Any

import pytest

from livegen.control.dispatch import dispatch
from livegen.osc.endpoint import Endpoint, open_endpoint
from livegen.osc.packets import Message
from livegen.osc.peers import Source
from livegen.system import clock
from tests.support import parts
from tests.support.peers import PEERS, PITCHES
from tests.support.performing import Performing


class Answering(Performing):
    """Answers each note by a fifth above it, at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.due: list[float] = []
        self.commands.listen.side_effect = self.listen
        self.commands.note.side_effect = self.note
        self.commands.get.side_effect = lambda name: endpoint.send(f"/livegen/{name}", getattr(self.settings, name))
        self.commands.tell.side_effect = endpoint.send

    def receive(self, message: Message, source: Source) -> None:
        if message.due is not None:
            self.due.append(message.due)
        dispatch(message, source, self.commands)

    def listen(self, host: str, port: int) -> None:
        self.done.append(("listen", host, port))
        self.endpoint.register(host, port, clock.now())

    def note(self, pitch: int, velocity: int, channel: int, id: int, source: Source) -> None:
        self.done.append(("note", pitch, velocity, channel, id))
        if velocity:
            self.endpoint.send("/livegen/out/next", id, pitch + 7, 0.25, velocity, 0.5)
            self.endpoint.send("/livegen/out/note", id, pitch + 7, velocity, 0.5, channel)


@pytest.mark.parametrize("name", PEERS)
async def test_a_foreign_client_plays_and_hears(name: str) -> None:
    performing = Answering(await open_endpoint(0))
    performing.endpoint.start(performing.receive)
    try:
        heard = await PEERS[name](performing.endpoint.port, 0.1)
    finally:
        performing.endpoint.close()
        await asyncio.sleep(0)
    (listen, *done) = performing.done
    assert listen[0] == "listen"
    played: list[tuple[Any, ...]] = []
    for id, pitch in enumerate(PITCHES, 1):
        played += [("note", pitch, 90 + id, 1, id), ("note", pitch, 0, 1, id)]
    assert done == [*played, ("set", "temperature", 0.75), ("panic",)]
    answers: list[tuple[Any, ...]] = []
    for id, pitch in enumerate(PITCHES, 1):
        answers.append(("/livegen/out/next", id, pitch + 7, 0.25, 90 + id, 0.5))
        answers.append(("/livegen/out/note", id, pitch + 7, 90 + id, 0.5, 1))
    assert heard == [*answers, ("/livegen/temperature", 0.75)]
    counters = performing.endpoint.counters
    assert counters.received == counters.handled + counters.late == 12
    assert counters.sent == 9
    if name == "sclang":
        assert len(performing.due) == 9
        assert all(due < 0.21 for due in performing.due)
        assert max(performing.due) > 0.05  # a busy machine may take some of them late


def test_a_missing_part_fails_where_all_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVEGEN_REQUIRE_PARTS", raising=False)
    with pytest.raises(pytest.skip.Exception):
        parts.require("no-such-program")
    monkeypatch.setenv("LIVEGEN_REQUIRE_PARTS", "1")
    with pytest.raises(pytest.fail.Exception):
        parts.require("no-such-program")
