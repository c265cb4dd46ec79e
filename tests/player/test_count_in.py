"""Tests of the count-in: a bar of clicks, then band, chart and trade begin together, in the tempo that is set."""

from typing import Any

from livegen.beat.transport import CLOCK, Grid
from livegen.events import Event, NoteOff, NoteOn
from livegen.music.drums import CHANNEL
from livegen.player.count_in import KEY
from livegen.predictors.models import Untrained
from livegen.session import verbs, voices
from livegen.session.any_session import AnySession
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons

CHART = "key: C\nmetre: 3/4\nstyle: folk\n| Am | F | G7 | C |\n"


def trio(**given: Any) -> AnySession:
    settings = Settings(metre=3, **given)
    return voices.assembled(voices.with_parts([], settings, ["bass", "chords"]), settings, lambda name: Untrained(), 1)


def clicks(out: list[Event]) -> list[float]:
    return [round(on.at, 3) for on in ons(out) if on.channel == CHANNEL and on.pitch == KEY]


def counted(session: AnySession, at: float = 1.0, tail: float = 10.0) -> list[Event]:
    out = session.advance_until(at) + verbs.do(session, "count_in", at)
    out += session.advance_until(at + tail) + session.panic(at + tail)
    check_order_and_pairs(out)
    return out


def test_a_bar_is_counted_and_the_band_begins_with_the_chart() -> None:
    session = trio(tempo=120.0)
    verbs.do(session, "chart_text", 0.0, (CHART,))
    out = counted(session)
    assert clicks(out) == [1.05, 1.55, 2.05]
    bass = [on for on in ons(out) if on.channel == 2]
    assert abs(bass[0].at - 2.55) < 0.03 and bass[0].pitch % 12 == 9  # the first beat of the chart
    assert [on.pitch % 12 for bar in (1, 2, 3) for on in bass if abs(on.at - 2.55 - 1.5 * bar) < 0.03] == [5, 7, 0]
    assert min(on.at for on in ons(out) if on.channel == 3) > 2.5
    assert max(on.at for on in ons(out)) < 2.55 + 6 * 1.5  # nobody plays: four bars, and the end


def test_by_a_clock_it_is_counted_on_its_bars() -> None:
    session = trio()
    session.follow(Grid(0.0, 0.0, 0.4, CLOCK))
    assert clicks(counted(session)) == [1.2, 1.6, 2.0]


def test_a_trade_begins_where_it_was_counted_in() -> None:
    session = Session(Untrained(), Settings(mode="trade", trades=1, tempo=120.0), 1)
    out = verbs.do(session, "count_in", 0.0)
    for number in range(8):  # from the fourth beat on: the bar that is theirs begins at 2.05
        at = 2.05 + number * 0.25
        out += session.advance_until(at)
        out += session.receive(NoteOn(at, 60 + number % 3, 80)) + session.receive(NoteOff(at + 0.2, 60 + number % 3))
    out += session.advance_until(20.0) + session.panic(20.0)
    mine = [on for on in ons(out) if on.channel == 1]
    assert mine and 4.0 <= mine[0].at < 4.4 and mine[-1].at < 6.2


def test_a_panic_ends_the_counting() -> None:
    session = trio()
    out = verbs.do(session, "count_in", 0.0) + session.advance_until(0.3) + session.panic(0.3)
    out += session.advance_until(6.0)
    assert len(clicks(out)) == 1
