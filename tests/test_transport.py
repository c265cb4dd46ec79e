"""The performer's pulse."""

import random

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.predictor import Untrained
from livegen.session import Session
from livegen.settings import Settings
from livegen.transport import Grid, Pulse, Transport


def heard(intervals: list[float], tempo: float = 120.0) -> Pulse:
    pulse = Pulse(tempo)
    for interval in intervals:
        pulse.hear(interval)
    return pulse


@pytest.mark.parametrize("beat", [0.35, 0.45, 0.5, 0.6, 0.75])
def test_the_beat_of_a_plain_rhythm_is_found(beat: float) -> None:
    pulse = heard([beat * value for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 2) * 3])
    assert pulse.beat == pytest.approx(beat, rel=0.03)


def test_the_beat_survives_human_timing() -> None:
    draw = random.Random(1)
    played = [0.6 * value * draw.uniform(0.94, 1.06) for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1) * 4]
    assert heard(played).beat == pytest.approx(0.6, rel=0.06)


def test_the_beat_glides_with_a_slowing_performer() -> None:
    slowing = [0.25 * 1.015**index for index in range(30)]
    assert heard(slowing).beat == pytest.approx(2 * slowing[-1], rel=0.08)


def test_chords_and_silences_say_nothing() -> None:
    assert heard([0.0, 0.01, 60.0, 1e9, -1.0]).beat == 0.5


def test_the_expected_tempo_holds_until_something_is_heard_and_wins_ties() -> None:
    assert Pulse(90.0).beat == pytest.approx(60 / 90)
    assert heard([0.4] * 8, tempo=150).beat == pytest.approx(0.4, rel=0.02)
    assert heard([0.4] * 8, tempo=75).beat == pytest.approx(0.8, rel=0.02)


def test_the_transport_counts_beats_from_a_bar_line() -> None:
    transport = Transport(Pulse(), now=10.0, beats_per_bar=3)
    assert (transport.source, transport.running, transport.tempo) == ("pulse", False, 120.0)
    transport.follow(Grid(at=12.0, beat=4.0, length=0.4, source="clock"))
    assert (transport.source, transport.running) == ("clock", True)
    assert transport.tempo == pytest.approx(150.0)
    assert transport.beat_at(12.6) == pytest.approx(5.5)
    assert transport.time_of(5.5) == pytest.approx(12.6)
    assert transport.next_beat(12.5) == pytest.approx(12.8)
    assert transport.next_beat(12.8) == pytest.approx(12.8)
    assert transport.next_beat(12.5, every=transport.beats_per_bar) == pytest.approx(12.8)
    assert transport.next_beat(12.9, every=transport.beats_per_bar) == pytest.approx(14.0)
    assert transport.next_beat(12.05, every=0.5) == pytest.approx(12.2)


def test_the_next_beat_is_never_past() -> None:
    draw = random.Random(2)
    for _ in range(2000):
        transport = Transport(Pulse(), draw.uniform(0, 1e5))
        transport.follow(Grid(draw.uniform(0, 1e5), draw.uniform(-1e4, 1e4), draw.uniform(0.25, 1.2), "link"))
        at, every = draw.uniform(0, 1e5), draw.choice([0.25, 0.5, 1.0, 3.0, 4.0])
        coming = transport.next_beat(at, every)
        assert at <= coming < at + every * transport.beat + 1e-6
        assert transport.beat_at(coming) / every == pytest.approx(round(transport.beat_at(coming) / every), abs=1e-6)
        assert transport.next_beat(coming, every) == pytest.approx(coming, abs=1e-6)


def test_a_clock_leads_the_pulse_and_gives_it_back() -> None:
    pulse = Pulse()
    transport = Transport(pulse)
    transport.follow(Grid(1.0, 0.0, 0.4, "clock"))
    for count in range(10):
        pulse.hear(0.31)
        transport.hear(1.0 + 0.31 * count, begins=count == 0)
    assert (pulse.beat, transport.grid.at) == (0.4, 1.0)
    transport.follow(Grid(9.0, 20.0, 0.4, "clock", running=False))
    assert (transport.source, transport.running, transport.beat) == ("pulse", False, 0.4)
    for count in range(10):
        pulse.hear(0.31)
        transport.hear(9.1 + 0.31 * count, begins=count == 0)
    assert transport.running
    assert transport.beat == pytest.approx(0.62, rel=0.02)  # two of theirs: nearest to what is expected


def test_the_performers_beats_lie_on_their_onsets_and_bars_begin_with_phrases() -> None:
    session = Session(Untrained(), Settings(metre=3), now=5.0)
    at = 7.3
    for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 2) * 3:
        session.receive(NoteOn(at, 60, 80))
        session.receive(NoteOff(at + 0.1, 60))
        at += 0.42 * value
    transport = session.transport
    assert transport.running
    assert transport.beat == pytest.approx(0.42, rel=0.02)
    assert abs(transport.next_beat(at) - at) % 0.42 == pytest.approx(0.0, abs=0.03)
    again = at + 6.0
    session.receive(NoteOn(again, 60, 80))
    assert transport.next_beat(again, every=transport.beats_per_bar) == pytest.approx(again)
    assert transport.beats_per_bar == 3
    session.reset(again + 1.0)
    assert not transport.running
