"""Notes that are handed over before they are due: which are, which are taken back, which are sent as usual."""

from collections.abc import Iterator

import pytest

from livegen.events import Event, Gesture, NoteOff, NoteOn, ProgramChange
from livegen.journal.record import NoJournal
from livegen.live.ahead import Ahead
from livegen.live.output import Destinations, Output
from livegen.midi.in_memory import InMemoryRig
from livegen.settings import Settings
from livegen.system import clock
from tests.support.waiting import until

KICK, SNARE = NoteOn(10.05, 36, 90, 10), NoteOn(10.06, 38, 70, 10)


class ProcessRig(InMemoryRig):
    """A rig that has a process: it writes down what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Event | Gesture | ProgramChange] = []
        self.ahead: list[NoteOn] = []
        self.cancelled: list[NoteOn] = []

    def send(self, event: Event | Gesture | ProgramChange) -> None:
        self.told.append(event)

    def send_ahead(self, on: NoteOn) -> bool:
        self.ahead.append(on)
        return True

    def cancel(self, on: NoteOn) -> None:
        self.cancelled.append(on)

    def take_lates(self) -> list[tuple[float, float]]:
        return [(10.05, 0.25)]


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time, which a test sets."""
    times = [10.0]
    monkeypatch.setattr(clock, "now", lambda: times[0])
    yield times


def test_what_is_decided_is_handed_over_once_and_is_out_when_it_is_struck(time: list[float]) -> None:
    rig = ProcessRig()
    ahead, later = Ahead(rig), NoteOn(11.0, 42, 60, 10)
    ahead.hand([KICK, SNARE, later])
    ahead.hand([KICK, SNARE, later])
    assert rig.ahead == [KICK, SNARE], "one that is far off may still change"
    assert ahead.has(10.05) and not ahead.has(11.0)
    time[0] = 10.07
    ahead.hand([KICK, SNARE, later])
    assert [ahead.takes(on) for on in (KICK, SNARE, later, KICK)] == [True, True, False, False]
    assert not rig.cancelled


def test_what_is_moved_is_taken_back_and_handed_over_anew(time: list[float]) -> None:
    rig = ProcessRig()
    ahead, moved = Ahead(rig), NoteOn(10.08, 36, 90, 10)
    ahead.hand([KICK])
    ahead.hand([moved])
    assert rig.cancelled == [KICK] and rig.ahead == [KICK, moved]
    assert ahead.takes(moved) and not ahead.takes(KICK)


async def test_what_is_moved_too_late_sounds_once_and_what_is_dropped_too_late_is_ended(time: list[float]) -> None:
    rig = ProcessRig()
    ahead, moved = Ahead(rig), NoteOn(10.07, 36, 90, 10)
    ahead.hand([KICK, SNARE])
    time[0] = 10.0595
    ahead.hand([moved])
    assert not rig.cancelled and rig.ahead == [KICK, SNARE]
    assert ahead.takes(moved) and not ahead.takes(moved)
    await until(lambda: bool(rig.told))
    assert rig.told == [NoteOff(time[0], 38, 10)]


def test_the_note_off_before_a_key_is_struck_again_is_the_process_s(time: list[float]) -> None:
    ahead = Ahead(ProcessRig())
    ahead.hand([KICK])
    before, after, other = NoteOff(10.04, 36, 10), NoteOff(10.1, 36, 10), NoteOff(10.04, 38, 10)
    time[0] = 10.045
    assert not ahead.ends(before), "there is time to send it"
    time[0] = 10.06
    assert [ahead.ends(off) for off in (before, after, other)] == [True, False, False]


@pytest.mark.leaves_notes
def test_an_output_sends_what_was_not_handed_over_and_learns_how_late_the_rest_was(time: list[float]) -> None:
    rig = ProcessRig()
    output = Output(Settings(), NoJournal(), lambda sentence: None, Destinations(rig=rig))
    output.hand_ahead([KICK])
    time[0] = 10.06
    output.send([KICK, SNARE])
    assert rig.told == [SNARE]
    output.tell_lateness()
    report = output.health.report(0, 0, 0, trouble=False)
    assert (report.notes, report.latest) == (2, 250.0)
    time[0] = 10.0
    through = Output(Settings(thru=True), NoJournal(), lambda sentence: None, Destinations(rig=ProcessRig()))
    through.hand_ahead([KICK])
    assert not through.ahead.has(KICK.at), "what the performer plays on the same key is mixed in"


def test_a_rig_without_a_process_hands_nothing_over() -> None:
    rig = InMemoryRig()
    rig.open(lambda event, port: None)
    on = NoteOn(clock.now() + 0.1, 36, 90, 10)
    ahead = Ahead(rig)
    ahead.hand([on])
    assert not ahead.takes(on) and not rig.sent
