"""Tests of trading: as many bars each, by the beat, counted, over the form, until the performer leaves a turn empty."""

from typing import Any

import pytest

from livegen.beat.transport import OWN, Grid
from livegen.events import Event, Heard, NoteOff, NoteOn, TurnChange
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import PERFORMANCES, drive, perform
from tests.support.rhythms import melody

BEAT, BAR = 0.5, 2.0


def bars(first: int, count: int, early: float = 0.0) -> list[Heard]:
    """Eighths of the performer's through some bars."""
    events: list[Heard] = []
    for number in range(count * 8):
        at = first * BAR + number * BEAT / 2 - (early if not number else 0.0)
        events += [NoteOn(at, 67 + number % 5, 80), NoteOff(at + 0.2, 67 + number % 5)]
    return events


def traded(events: list[Heard], tail: float = 12.0, **settings: Any) -> list[Event]:
    session = Session(Untrained(), Settings(mode="trade", **settings), 1)
    session.follow(Grid(0.0, 0.0, BEAT, OWN))
    out = drive(session, events, tail)
    check_order_and_pairs(out)
    return out


@pytest.mark.parametrize("trades", [1, 2, 4])
def test_each_has_as_many_bars(trades: int) -> None:
    events = [event for turn in range(3) for event in bars(3 + 2 * trades * turn, trades, early=0.1)]
    out = traded(events, trades=trades)
    for turn in range(3):
        begins = (3 + 2 * trades * turn + trades) * BAR
        ends = begins + trades * BAR
        mine = [on for on in ons(out) if begins - 0.01 <= on.at < ends + 0.1]
        assert mine and mine[0].at < begins + 0.3
        assert mine[-1].at > ends - BAR
    assert not [
        on
        for on in ons(out)
        if not any(0 <= on.at / BAR - 3 - trades - 2 * trades * n < trades + 0.1 for n in range(3))
    ]


def test_the_bars_are_counted() -> None:
    out = traded([*bars(0, 2), *bars(4, 2)], trades=2)
    said = [(round(turn.at / BAR), turn.who, turn.bar, turn.bars) for turn in out if isinstance(turn, TurnChange)]
    assert said[:8] == [
        *[(0, "performer", 1, 2), (1, "performer", 2, 2), (2, "player", 1, 2), (3, "player", 2, 2)],
        *[(4, "performer", 1, 2), (5, "performer", 2, 2), (6, "player", 1, 2), (7, "player", 2, 2)],
    ]


def test_it_does_not_give_way_and_stops_when_a_turn_is_left_empty() -> None:
    busy = traded(bars(0, 8), trades=2)  # they play on through livegen's bars
    assert [on for on in ons(busy) if 2 * BAR + 1.0 < on.at < 4 * BAR]
    out = traded(bars(0, 2), tail=40.0, trades=2)
    assert [on for on in ons(out) if 2 * BAR <= on.at < 4 * BAR + 0.1]
    assert not [on for on in ons(out) if on.at > 4 * BAR + 0.1]
    again = traded([*bars(0, 2), *bars(21, 2)], trades=2)
    assert [on for on in ons(again) if 23 * BAR - 0.01 <= on.at < 25 * BAR + 0.1]


def test_without_a_beat_nothing_is_traded_and_by_the_pulse_it_is() -> None:
    session = Session(Untrained(), Settings(mode="trade", trades=2), 1)
    assert not ons(drive(session, [NoteOn(1.0, 60, 90), NoteOff(1.5, 60)], 12.0))
    free = Session(Untrained(), Settings(mode="trade", trades=2), 1)
    out = drive(free, melody(24), 10.0)
    check_order_and_pairs(out)
    assert ons(out)


def test_no_note_hangs_whatever_is_played() -> None:
    for seed in range(max(4, PERFORMANCES // 10)):
        session = Session(Untrained(), Settings(mode="trade", trades=1 + seed % 3), seed)
        if seed % 2:
            session.follow(Grid(0.0, 0.0, 0.3, OWN))
        check_order_and_pairs(drive(session, perform(seed)))
