"""Exchanges: when the performer is due back, and that answers begin and end in time for it."""

import pytest

from livegen.beat.transport import Grid, Transport
from livegen.events import Event, Heard, NoteOff, NoteOn, TurnChange
from livegen.listening.performer import Performer
from livegen.player.bars import Bars
from livegen.player.exchange import Exchange
from livegen.predictors.models import load
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import until
from tests.support.phrases import song, varisai


def exchange(grid: Grid | None = None) -> Exchange:
    performer = Performer()
    transport = Transport(performer.pulse)
    if grid is not None:
        transport.follow(grid)
    return Exchange(Bars(Settings(), transport, performer))


def after(turns: Exchange, start: float, length: float, period: float) -> None:
    """A phrase that was answered, and the next one."""
    turns.hear_phrase(start)
    turns.answer_phrase(start, length)
    turns.hear_phrase(start + period)


def test_at_first_a_turn_is_as_long_as_the_phrase() -> None:
    assert exchange().due_back(3.0, 4.0, answer=1.0) == 11.0
    assert exchange().due_back(3.0, 4.0, answer=0.5) == 9.0


def test_a_turn_of_equal_length_holds_the_rest_after_the_phrase_as_well() -> None:
    turns = exchange()
    after(turns, 0.0, 7.2, 16.0)
    assert turns.due_back(16.0, 7.5, answer=1.0) == 32.0
    assert turns.due_back(16.0, 3.0, answer=1.0) == 22.0  # another length: a turn of its own
    assert turns.due_back(16.0, 12.0, answer=1.0) == 40.0


def test_who_comes_back_much_later_waits_for_the_answer() -> None:
    turns = exchange()
    after(turns, 0.0, 4.0, 12.0)
    assert turns.due_back(12.0, 4.0, answer=1.0) is None
    after(turns, 12.0, 4.0, 8.0)
    assert turns.due_back(20.0, 4.0, answer=1.0) == 28.0
    turns.forget()
    assert turns.due_back(0.0, 4.0, answer=1.0) == 8.0


def test_a_phrase_whose_last_note_is_let_go_just_before_a_beat_ends_on_it() -> None:
    performer = Performer()
    transport = Transport(performer.pulse)
    transport.grid = Grid(0.0, 0.0, 0.5)
    for number in range(8):
        performer.hear_event(NoteOn(number / 4, 60 + number, 90), 2.0)
        performer.hear_event(NoteOff(number / 4 + 0.2, 60 + number), 2.0)
    bars = Bars(Settings(), transport, performer)
    assert bars.usual_gap == pytest.approx(0.25)
    for length, turn in ((1.95, 2.0), (2.0, 2.0), (2.02, 2.0), (1.84, 2.0), (1.75, 1.75), (1.52, 1.5)):
        assert bars.turn(length) == pytest.approx(max(length, turn) if turn < 2.0 else turn, abs=0.021)


def test_where_a_clock_gives_the_bars_a_turn_is_so_many_bars() -> None:
    turns = exchange(Grid(0.0, 0.0, 0.5, "clock"))  # bars of two seconds
    assert turns.due_back(4.0, 7.1, answer=1.0) == 20.0
    assert turns.due_back(4.0, 8.2, answer=1.0) == 20.0  # the last note reaches a little into the next bar
    assert turns.due_back(4.0, 8.4, answer=1.0) == 24.0
    assert turns.due_back(3.5, 8.0, answer=1.0) == 19.5  # the upbeat comes again


def trade(exchange: bool, **settings: object) -> tuple[list[Event], list[float]]:
    """Four phrases of sixteen beats each, of which the last rests, and as much time between them; what was sent, and
    when each phrase began."""
    events: list[Heard] = []
    starts = [1.0 + 16.0 * number for number in range(4)]
    for start in starts:
        for index in range(31):
            at, pitch = start + 0.25 * index, 60 + (0, 2, 4, 5, 7, 5, 4, 2)[index % 8]
            events += [NoteOn(at, pitch, 90), NoteOff(at + 0.2, pitch)]
    session = Session(load("folk"), Settings.from_table({"exchange": exchange, **settings}), 5)
    out: list[Event] = []
    for event in events:
        out += until(session, event.at)
        out += session.receive(event)
    out += until(session, 90.0) + session.panic(90.0)
    check_order_and_pairs(out)
    return out, starts


def test_in_an_exchange_of_equal_lengths_the_answer_ends_where_the_exchange_does() -> None:
    out, starts = trade(exchange=True)
    ends = [event.at for event in out if isinstance(event, TurnChange) and event.who == "performer"]
    back = [start + 16.0 for start in starts]
    assert len(ends) == 4
    assert back[0] - 0.7 < ends[0] <= back[0]  # the rest was not known yet
    assert ends[1:] == pytest.approx(back[1:], abs=0.01)
    offs = [event.at for event in out if isinstance(event, NoteOff)]
    for start in starts[1:]:
        assert not [at for at in offs if start - 1e-6 <= at < start + 7.0]  # nothing had to be cut off


def test_without_it_the_answer_lasts_as_long_as_the_phrase_from_its_own_late_start() -> None:
    out, _ = trade(exchange=False, ending="cut")
    turns = [event.at for event in out if isinstance(event, TurnChange)]
    assert turns[1] - turns[0] == pytest.approx(7.7)


def test_an_answer_begins_on_a_half_beat_of_the_performers() -> None:
    for events in (song(), song(0.41, 0.3)):
        for seed in range(8):
            session = Session(load("folk"), Settings(), seed)
            out: list[Event] = []
            for event in events:
                session.receive(event)
            while not ons(out):
                out += session.advance(session.next_due() or 0.0)
            assert session.transport.running
            halves = 2 * session.transport.beat_at(ons(out)[0].at)
            assert halves == pytest.approx(round(halves), abs=0.01)
            session.panic(99.0)


def test_after_phrases_of_one_length_the_next_is_answered_sooner_and_still_in_time() -> None:
    """The third song: its answer comes with the half beat that stays empty, or hardly after it."""

    def third(**settings: object) -> tuple[float, float]:
        session = Session(load("folk"), Settings.from_table({"habits": False, **settings}), 1)
        for start in (0.0, 18.0, 36.0):
            for event in song(start=start):
                until(session, event.at)
                session.receive(event)
        entry = ons(until(session, 60.0))[0].at
        halves = 2 * session.transport.beat_at(entry)
        session.panic(99.0)
        return entry, halves - round(halves)

    sooner, off = third()
    later, _ = third(prompt=False)
    assert later - sooner >= 0.24 and sooner > 36.0 + 7.9
    assert -0.01 < off < 0.13


def test_where_a_tala_ends_answers_nobody_is_due_back() -> None:
    def answer(exchange: bool) -> list[Event]:
        settings = {"raga": "Mayamalavagowla", "tonic": "D3", "tempo": 72.0, "exchange": exchange}
        session = Session(load("carnatic"), Settings.from_table(settings), 1)
        for event in varisai(72.0):
            session.receive(event)
        return until(session, 60.0) + session.panic(60.0)

    assert answer(True) == answer(False)
