"""The rig on ports in memory: the pace of sending, the silence at the end, and our own echo, which is ignored."""

import asyncio
import itertools

import pytest

from livegen.events import BEND, ControlChange, Gesture, NoteOff, NoteOn, Received
from livegen.midi import output
from livegen.midi.in_memory import InMemoryRig
from livegen.midi.messages import encode
from livegen.midi.output import BREATH, BURST
from livegen.midi.rig import Echo
from livegen.system import clock


def _spaced(times: list[float]) -> bool:
    """Whether no window of a millisecond holds more than a burst."""
    return all(late - early >= BREATH for early, late in zip(times, times[BURST:], strict=False))


def _made() -> tuple[InMemoryRig, list[tuple[Received, str]]]:
    heard: list[tuple[Received, str]] = []
    port = InMemoryRig()
    port.open(lambda event, name: heard.append((event, name)))
    return port, heard


async def test_a_burst_is_paced_in_order_by_the_event_loop() -> None:
    port, _ = _made()
    began = clock.now()
    notes = [(NoteOn if i % 2 else NoteOff)(0.0, i % 128, *([1] if i % 2 else [])) for i in range(2000)]
    for note in notes:
        port.send(note)
    assert BURST <= len(port.sent) <= BURST * (2 + (clock.now() - began) / BREATH), "the first burst goes out at once"
    for _ in range(1000):
        if len(port.sent) == 2000:
            break
        await asyncio.sleep(0.005)
    assert [message for _, message in port.sent] == [encode(note) for note in notes]
    assert _spaced([at for at, _ in port.sent])


async def test_the_timer_starts_again_after_what_waited_was_forgotten() -> None:
    port, _ = _made()
    for i in range(500):
        port.send(ControlChange(0.0, 1, i % 128))
    port._out.clear()
    before = len(port.sent)
    for i in range(500):
        port.send(ControlChange(0.0, 1, i % 128))
    for _ in range(1000):
        if len(port.sent) == before + 500:
            break
        await asyncio.sleep(0.005)
    assert before < 500 and len(port.sent) == before + 500


def test_without_an_event_loop_the_caller_flushes() -> None:
    port, _ = _made()
    for i in range(200):
        port.send(ControlChange(0.0, 1, i % 128))
    while port.flush():
        pass
    assert len(port.sent) == 200 and _spaced([at for at, _ in port.sent])


def test_a_burst_after_a_pause_of_less_than_a_breath(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two bursts on either side of a boundary must not come together."""
    port, _ = _made()
    times = itertools.count(0, 0.9 * BREATH / BURST)
    monkeypatch.setattr(output, "now", lambda: next(times))
    monkeypatch.setattr(clock, "now", lambda: next(times))
    for i in range(1000):
        port.send(ControlChange(0.0, 1, i % 128))
    assert _spaced([at for at, _ in port.sent])


def test_panic_and_closing_leave_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    port, _ = _made()
    monkeypatch.setattr(output, "now", lambda: 1.0)
    for pitch in range(100):
        port.send(NoteOn(0.0, pitch, 90, 5))
    port.send(NoteOff(0.0, 1, 5))
    port.close()
    assert [message for _, message in port.sent[BURST:]] == [bytes((0x84, 1, 0)), b"\xb4\x40\x00", b"\xb4\x7b\x00"]
    port, _ = _made()
    port.panic()
    assert {message for _, message in port.sent} == {
        bytes((0xB0 + channel, control, 0)) for channel in range(16) for control in (64, 120, 123)
    }


def test_echo() -> None:
    echo = Echo(0.02)
    echo.sent(NoteOn(0.0, 60, 90, 2), 10.0)
    assert echo.is_ours(NoteOn(10.01, 60, 90, 2))
    assert not echo.is_ours(NoteOn(10.03, 60, 90, 2)), "after the window it is a human's"
    assert not echo.is_ours(NoteOn(10.01, 60, 91, 2)) and not echo.is_ours(NoteOn(10.01, 60, 90, 3))
    assert not echo.is_ours(NoteOff(10.01, 60, 2)) and not echo.is_ours(ControlChange(10.01, 60, 90, 2))
    assert not echo.is_ours(Gesture(10.01, BEND, (60, 90), 2))
    echo.sent(NoteOff(0.0, 60, 2), 11.0)
    assert echo.is_ours(NoteOff(11.02, 60, 2))
    assert not echo.is_ours(NoteOff(11.02, 60, 2), held=True), "who holds the key releases it"
    assert echo.dropped == 2
    echo.window = 0.0
    assert not echo.is_ours(NoteOff(11.001, 60, 2))


def test_what_we_sent_and_hear_again_is_dropped() -> None:
    port, heard = _made()
    port.connect(port)
    port.send(NoteOn(0.0, 60, 90))
    port.send(NoteOff(0.0, 60))
    assert heard == [] and port.echo.dropped == 2
    port.hear_message(bytes((0x90, 62, 70)))
    port.send(NoteOn(0.0, 62, 80))
    port.send(NoteOff(0.0, 62))
    assert [type(event) for event, _ in heard] == [NoteOn, NoteOff], "a key that somebody holds is released for sure"


def test_two_memory_ports_hear_each_other() -> None:
    one, heard_one = _made()
    two, heard_two = _made()
    one.connect(two)
    two.connect(one)
    one.send(NoteOn(0.0, 60, 90))
    two.send(NoteOn(0.0, 62, 90))
    assert [event.pitch for event, _ in heard_two if isinstance(event, NoteOn)] == [60]
    assert [event.pitch for event, _ in heard_one if isinstance(event, NoteOn)] == [62]
    assert heard_one[0][1] == "livegen in"
    one.close()
    two.send(NoteOn(0.0, 64, 90))
    assert len([event for event, _ in heard_one if isinstance(event, NoteOn)]) == 1, "a closed port hears nothing"
