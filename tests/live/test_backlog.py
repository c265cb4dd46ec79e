"""A flood of notes: what is too old to be answered is passed over, is in the journal, and is said; no note hangs."""

import threading

from livegen.events import NoteOff, NoteOn
from livegen.journal import record
from livegen.live import backlog
from livegen.live.backlog import Backlog
from livegen.system import clock
from tests.support.live_stage import Stage
from tests.support.live_stage import stage as stage
from tests.support.waiting import until

LONG_AGO = 10.0  # seconds


def test_old_notes_of_a_flood_are_left_out_with_their_releases() -> None:
    left_out: list[NoteOn | NoteOff] = []
    waiting = Backlog(left_out.append)
    now = clock.now()
    waiting.append(NoteOn(now, 60, 90), "keys")
    for number in range(backlog.FLOOD + 10):
        waiting.append(NoteOn(now - LONG_AGO, number % 100, 90), "keys")
    waiting.append(NoteOff(now, 3), "keys")
    heard: list[object] = []
    while len(waiting):
        heard += [event for event, _ in waiting.turn()]
    assert waiting.passed_over == 11, "those that come when fewer wait are heard"
    assert NoteOff(now, 3) in left_out and NoteOff(now, 3) not in heard
    assert len(heard) + len(left_out) == backlog.FLOOD + 12, "each is heard, or counted"


def test_without_a_flood_old_notes_are_heard() -> None:
    waiting = Backlog(lambda event: None)
    waiting.append(NoteOn(clock.now() - LONG_AGO, 60, 90), "keys")
    assert [event.pitch for event, _ in waiting.turn() if isinstance(event, NoteOn)] == [60]


async def test_a_flood_is_journalled_and_said_and_a_ping_is_answered_within_it(stage: Stage) -> None:
    count = 3 * backlog.FLOOD

    def flood() -> None:
        for number in range(count):
            stage.server.hear_from_thread(NoteOn(clock.now() - LONG_AGO, 40 + number % 40, 90))
            stage.server.hear_from_thread(NoteOff(clock.now() - LONG_AGO, 40 + number % 40))

    thread = threading.Thread(target=flood)
    thread.start()
    thread.join()  # the loop stands still meanwhile
    stage.client.send("/livegen/ping", 1)
    assert await stage.client.receive("/livegen/pong") == (1,)
    await until(lambda: any("came faster than livegen can answer" in said for said in stage.said), 240.0)
    stage.server.stop()
    await stage.running
    take = record.read(stage.journal)
    passed = [row for row in take.changes if row[0] == record.PASSED]
    assert passed and len(take.heard) + len(passed) == 2 * count
    assert sum(row[2] & 0xF0 == 0x90 for row in passed) == sum(row[2] & 0xF0 == 0x80 for row in passed)
