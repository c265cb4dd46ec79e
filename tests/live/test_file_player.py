"""A file that is played to livegen is heard in its own time, is in the journal, and leaves no key down."""

import asyncio
from itertools import pairwise

import pytest

from livegen.events import Heard, NoteOff, NoteOn
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.predictors.models import Untrained
from tests.support.live_stage import Stage
from tests.support.live_stage import stage as stage
from tests.support.waiting import until

PHRASE: list[Heard] = sorted(
    [event for n in range(6) for event in (NoteOn(0.2 * n, 60 + n, 90), NoteOff(0.2 * n + 0.15, 60 + n))],
    key=lambda event: event.at,
)


def heard(stage: Stage) -> list[Heard]:
    stage.server.journal.flush()
    return record.read(stage.journal).heard


async def test_a_file_is_heard_in_its_time_answered_and_replayed(stage: Stage) -> None:
    stage.server.commands.file_player.play(PHRASE)
    await stage.client.receive("/livegen/out/note")
    stage.client.send("/livegen/panic")
    stage.client.send("/livegen/ping", 3)
    await stage.client.receive("/livegen/pong")
    found = heard(stage)
    assert [type(event) for event in found] == [type(event) for event in PHRASE]
    steps = [after.at - before.at for before, after in pairwise(found)]
    assert steps == pytest.approx([after.at - before.at for before, after in pairwise(PHRASE)], abs=0.02)
    assert Replay(record.read(stage.journal), lambda name: Untrained()).run().differs is None


@pytest.mark.parametrize("how", ["panic", "another file", "the end"])
async def test_a_file_that_is_stopped_leaves_no_key_down(stage: Stage, how: str) -> None:
    player = stage.server.commands.file_player
    player.play([NoteOn(0.0, 60, 90), NoteOn(0.0, 64, 90), NoteOff(30.0, 60), NoteOff(30.0, 64)])
    await until(lambda: len(heard(stage)) == 2)
    if how == "panic":
        stage.client.send("/livegen/panic")
    elif how == "another file":
        player.play([])
    else:
        stage.server.stop()
        await stage.running
    await until(lambda: len(heard(stage)) == 4)
    assert [(type(event), event.pitch) for event in heard(stage)[2:]] == [(NoteOff, 60), (NoteOff, 64)]  # type: ignore[union-attr]
    await asyncio.sleep(0.05)
    assert len(heard(stage)) == 4
