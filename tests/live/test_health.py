"""The numbers of how things stand: lateness, what was dropped, what waits."""

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.journal.record import NoJournal
from livegen.live.health import Health, Report
from livegen.live.output import Output
from livegen.settings import Settings
from livegen.system import clock
from tests.support.live_stage import Stage
from tests.support.live_stage import stage as stage


def test_a_report_is_of_the_notes_since_the_one_before() -> None:
    health = Health()
    for number in range(1, 101):
        health.hear_note(number / 1e4, sent=number < 100)
    first = health.report(2, 3, 4, trouble=True)
    assert (first.p50, first.p99, first.latest, first.in_time) == (5.0, 9.9, 10.0, 0.5)
    assert first[4:11] == (99, 1 + 4, 0, 0, 2, 3, 1)
    assert health.report(2, 3, 0, trouble=False) == Report(
        *(0.0, 0.0, 0.0, 1.0, 99, 1, 0, 0, 2, 3, 0), late_steps=0, isr=1.0, isrw=1.0, staleness=0.0
    )


def test_success_is_counted_by_the_times_at_which_notes_are_due() -> None:
    health = Health()
    for due, stale in ((1.0, 0.0), (2.0, 16.0), (3.0, 40.0), (4.0, 0.0)):
        health.hear_note(0.0, sent=due < 4.0, due=due)
        health.hear_note(0.0, sent=False, due=due)  # of a chord, of which one note sounded
        health.hear_decision(due, stale)
    health.hear_late_step()
    report = health.report(0, 0, 0, trouble=False)
    assert (report.isr, report.isrw, report.staleness) == (0.75, 0.375, 16.0), "one of four did not sound"
    assert report.late_steps == 1


@pytest.mark.leaves_notes
def test_a_note_that_is_too_late_counts_as_dropped() -> None:
    output = Output(Settings(), NoJournal(), lambda sentence: None)
    now = clock.now()
    output.send([NoteOn(now, 60, 90, id=1), NoteOn(now - 5.0, 62, 90, id=2), NoteOff(now, 60, id=1)])
    report = output.health.report(0, 0, 0, trouble=False)
    assert (report.notes, report.dropped) == (1, 1) and report.latest > 4000.0


async def test_it_is_sent_with_what_is_open(stage: Stage) -> None:
    got = Report(*await stage.client.receive("/livegen/out/health"))
    assert (got.dropped, got.waiting, got.trouble) == (0, 0, 0) and got.in_time == 1.0
