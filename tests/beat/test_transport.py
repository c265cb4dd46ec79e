"""The transport: one grid of beats and bars, from the performer's pulse or from a clock."""

import random

import pytest

from livegen.beat.pulse import Pulse
from livegen.beat.rhythm import LEARNT, PLAIN
from livegen.beat.transport import Grid, Transport
from livegen.events import NoteOff, NoteOn
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings


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
    session = Session(Untrained(), Settings())
    session.follow(Grid(1.0, 0.0, 0.4, "clock"))
    play(session, 2.0, [0.31] * 10)
    assert (session.performer.pulse.beat, session.transport.grid.at) == (0.4, 1.0)
    session.follow(Grid(9.0, 20.0, 0.4, "clock", running=False))
    assert (session.transport.source, session.transport.running, session.transport.beat) == ("pulse", False, 0.4)
    play(session, 9.1, [0.31] * 20)
    assert session.transport.running
    assert session.transport.beat == pytest.approx(0.62, rel=0.02)  # they are eighths


def play(session: Session, at: float, gaps: list[float]) -> float:
    """Notes after one another; when the next would be due."""
    for gap in gaps:
        session.receive(NoteOn(at, 60, 80))
        session.receive(NoteOff(at + 0.1, 60))
        at += gap
    return at


def test_the_performers_beats_lie_on_their_onsets_and_bars_begin_with_phrases() -> None:
    session = Session(Untrained(), Settings(metre=3), now=5.0)
    transport = session.transport
    end = play(session, 7.3, [0.42 * value for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1) * 3])
    assert transport.running
    assert transport.beat == pytest.approx(0.42, rel=0.01)
    assert transport.next_beat(end - 0.1) == pytest.approx(end, abs=0.01)
    assert transport.next_beat(7.25, every=3) == pytest.approx(7.3, abs=0.02)
    assert transport.next_beat(end - 0.1, every=3) == pytest.approx(end, abs=0.01)  # 18 beats are 6 bars
    again = end + 20.0
    session.receive(NoteOn(again, 60, 80))
    session.player.settle()
    assert transport.next_beat(again - 0.1, every=3) == pytest.approx(again, abs=0.02)
    session.reset(again + 1.0)
    assert not transport.running


def test_an_onset_is_weighed_when_its_chord_is_complete_and_before_anything_is_decided() -> None:
    """Weighing takes as long as an answer: the notes of a chord do not wait for it."""
    listens, plays = Session(Untrained(), Settings()), Session(Untrained(), Settings(mode="duet"))
    for session in listens, plays:
        for number in range(3):
            session.receive(NoteOn(1.0 + 0.009 * number, 60 + 4 * number, 80))
    assert listens.next_due() == listens.performer.pulse.due == pytest.approx(1.03)
    assert plays.next_due() == pytest.approx(1.018)  # a note of its own is to be decided
    grid = listens.transport.grid
    plays.advance(1.018, promptly=True)
    assert plays.performer.pulse.due is None
    listens.advance(1.029)
    assert listens.transport.grid is grid
    listens.advance(1.04)
    assert listens.transport.grid is not grid and listens.performer.pulse.due is None


def test_another_way_to_find_the_beat_is_taken_up_at_once_and_not_taken_back() -> None:
    session = Session(Untrained(), Settings(pulse="plain"))
    play(session, 1.0, [0.5] * 8)
    assert session.performer.pulse.rhythms is PLAIN
    session.settings.set("pulse", "learnt")
    session.settings_changed(5.5)
    assert session.performer.pulse.rhythms is LEARNT
    assert session.performer.pulse.confidence == 0.0
    session.rewind(4, 5.6)
    assert session.performer.pulse.rhythms is LEARNT
    play(session, 6.0, [0.6 * value for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1) * 4])
    assert session.transport.beat == pytest.approx(0.6, rel=0.01)


def test_a_grid_is_followed_where_the_pulse_is_sure() -> None:
    for confidence, sure in ((0.55, False), (0.65, True)):
        transport = Transport(Pulse(120.0, LEARNT))
        transport.hear_onset(1.0, begins=True)
        transport.pulse.confidence = confidence
        transport.settle()
        assert transport.running is sure
