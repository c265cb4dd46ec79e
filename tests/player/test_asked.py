"""What the performer says about turns: your turn, finish your phrase, another answer; by verbs and by a pedal."""

import random
from collections.abc import Callable

import pytest

from livegen.beat.transport import Grid
from livegen.errors import SettingsError
from livegen.events import ControlChange, Event, NoteOff, NoteOn
from livegen.player.modes import MODES
from livegen.predictors.models import load
from livegen.session import verbs
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import Values
from tests.support.output import check_order_and_pairs, ons, turns
from tests.support.performances import PERFORMANCES, perform, until
from tests.support.phrases import phrase, song

ANSWERING = [mode for mode in MODES if mode not in ("autonomous", "duet", "accompany")]  # duet plays along anyway


def listening(mode: str = "call_and_response", **settings: object) -> Session:
    """A session that is in a clock's beat of half a second."""
    session = Session(load("folk"), Settings.from_table({"mode": mode, **settings}), 1)
    session.follow(Grid(0.0, 0.0, 0.5, "clock"))
    return session


def heard(session: AnySession, start: float = 0.0, notes: int = 8) -> list[Event]:
    """What comes while a phrase of so many eighths is played to it, the last key still down."""
    out: list[Event] = []
    for event in phrase(start, notes=notes)[:-1]:
        out += until(session, event.at) + session.receive(event)
    return out


def answered(session: AnySession, end: float = 30.0) -> list[NoteOn]:
    return ons(until(session, end))


@pytest.mark.parametrize("mode", ANSWERING)
def test_the_answer_comes_now_though_a_key_is_down(mode: str) -> None:
    session = listening(mode)
    assert not ons(heard(session)) or mode == "harmonise"
    out = verbs.do(session, "reply", 1.83, ["now"])
    assert turns(out) == [("player", 1.83)]
    assert answered(session)[0].at == 1.83
    session.panic(99.0)


@pytest.mark.parametrize(("when", "begins"), [("beat", 2.5), ("bar", 4.0), ("", 2.5)])
def test_or_on_the_next_beat_or_bar(when: str, begins: float) -> None:
    session = listening()
    heard(session)
    verbs.do(session, "reply", 2.13, [when] if when else [])
    own = answered(session)
    assert own[0].at == pytest.approx(begins)
    assert own[-1].at + own[-1].duration - own[0].at > 1.5  # as long as the phrase, though it waited
    session.panic(99.0)


def test_without_an_argument_it_begins_as_the_setting_says() -> None:
    session = listening(begin="bar")
    heard(session)
    verbs.do(session, "reply", 2.13)
    assert answered(session)[0].at == pytest.approx(4.0)
    session.panic(99.0)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "accompany"])  # which has its own turns
def test_to_nothing_it_begins_something_of_its_own(mode: str) -> None:
    session = listening(mode)
    verbs.do(session, "reply", 1.0)
    own = ons(session.advance_until(60.0))
    assert len(own) > 4 and own[0].at <= 1.5
    if mode not in ("autonomous", "continuation"):  # which go on
        assert 5.0 < own[-1].at + own[-1].duration < 1.0 + 4 * 2.0 + 1.5  # four bars
    session.panic(99.0)


def test_once_it_plays_an_answer_is_not_asked_for_again() -> None:
    session = listening()
    heard(session)
    verbs.do(session, "reply", 1.83)
    assert turns(verbs.do(session, "reply", 2.2)) == []
    assert turns(until(session, 30.0)) and not session.playing
    session.panic(99.0)


def test_another_answer_follows_the_same_phrase_and_is_another() -> None:
    session = listening()
    heard(session)
    session.receive(NoteOff(1.95, 67))
    first = answered(session, 20.0)
    for at in (20.0, 30.0):
        verbs.do(session, "again", at)
        assert session.place.line.pitch == 67 and session.place.line.onset == pytest.approx(at - 0.2, abs=0.8)
        again = answered(session, at + 9.0)
        assert [on.pitch for on in again] != [on.pitch for on in first]
        assert again[-1].at - again[0].at == pytest.approx(first[-1].at - first[0].at, abs=1.1)
        first = again
    session.panic(99.0)


def test_another_answer_takes_the_place_of_the_one_that_sounds() -> None:
    session = listening()
    heard(session)
    verbs.do(session, "reply", 1.83)
    out = until(session, 2.6) + verbs.do(session, "again", 2.6, ["now"])
    assert [who for who, _ in turns(out)] == ["performer", "player"]
    own = ons(until(session, 30.0))
    assert own[0].at == 2.6 and own[-1].at + own[-1].duration > 3.9
    session.panic(99.0)


@pytest.mark.parametrize("forgets", [False, True])
def test_another_answer_is_to_the_phrase_also_where_livegen_has_played_on_since(forgets: bool) -> None:
    lines = []
    for same in (True, False):
        session = listening(same_phrase=same)
        heard(session)
        session.receive(NoteOff(1.95, 67))
        answered(session, 20.0)
        if forgets:
            session.forget()
        session.set_mode(MODES["autonomous"], 20.0)
        until(session, 24.0)
        verbs.do(session, "again", 24.0, ["now"])
        lines.append(session.place.line)
        assert answered(session, 25.0)[0].at == 24.0
        session.panic(99.0)
    line, former = lines
    assert former.onset is not None and former.onset > 24.0  # an onset to come, as journals from before have it
    assert line.onset is not None and line.onset < 24.0
    if not forgets:  # then the line of the phrase is gone, too
        assert line.pitch == 67 and line.length is None


def test_without_a_phrase_there_is_none_to_answer_again() -> None:
    session = listening()
    with pytest.raises(SettingsError, match="no phrase of yours"):
        verbs.do(session, "again", 1.0)
    session.panic(99.0)


@pytest.mark.parametrize("verb", ["reply", "again"])
def test_a_word_that_is_no_time_is_named(verb: str) -> None:
    session = listening()
    heard(session)
    with pytest.raises(SettingsError, match="now, or on the next beat or bar; not 'soon'"):
        verbs.do(session, verb, 2.0, ["soon"])
    assert not session.playing


@pytest.mark.parametrize("mode", ["call_and_response", "continuation", "autonomous"])
def test_to_finish_is_to_lead_to_an_end(mode: str) -> None:
    """The last note is a long and stable one on the beat; then there is silence until another phrase."""
    for seed in range(4):
        session = Session(load("folk"), Settings(mode=mode, answer=4.0), seed)
        session.follow(Grid(0.0, 0.0, 0.5, "clock"))
        for event in song():
            session.receive(event)
        until(session, 13.13)
        before = ons(verbs.do(session, "stop", 13.13))
        own = before + answered(session)
        assert own and own[-1].at % 0.5 == pytest.approx(0.0, abs=1e-6)
        assert own[-1].pitch % 12 in (0, 4, 7) and own[-1].duration > 0.55
        assert own[-1].at + own[-1].duration < 13.13 + 2.7 * 0.5
        assert not session.playing
        for event in song(start=31.0):
            until(session, event.at)
            session.receive(event)
        assert answered(session, 50.0)
        session.panic(99.0)


def test_a_phrase_that_is_not_to_be_answered_is_not() -> None:
    session = listening()
    heard(session)
    verbs.do(session, "stop", 1.83)
    session.receive(NoteOff(1.9, 67))
    assert not answered(session, 12.0)
    for event in phrase(12.0):
        session.receive(event)
    assert answered(session, 30.0)
    session.panic(99.0)


def test_where_answers_are_cut_finishing_ends_with_the_note_that_sounds() -> None:
    session = listening("continuation", ending="cut")
    heard(session)
    verbs.do(session, "reply", 1.83)
    until(session, 4.0)
    verbs.do(session, "stop", 4.0)
    assert not answered(session) and not session.playing
    session.panic(99.0)


# The pedal


def press(at: float, control: int = 66) -> list[ControlChange]:
    return [ControlChange(at, control, value) for value in (20, 90, 127)]


@pytest.mark.parametrize("pedal", [66, 64, 67])
def test_by_pedal_only_the_pedal_says_whose_turn_it_is(pedal: int) -> None:
    session = listening(turn="pedal", turn_pedal=pedal, begin="freely")
    heard(session)
    session.receive(NoteOff(1.95, 67))
    assert not answered(session, 20.0)
    for event in phrase(20.0):
        until(session, event.at)
        session.receive(event)
    out = [event for each in press(22.5, pedal) for event in session.receive(each)]
    assert turns(out) == [("player", 22.5)]
    session.receive(ControlChange(22.7, pedal, 0))
    own = answered(session, 26.0)
    assert own[0].at < 23.6 and own[-1].at > 25.0
    for each in press(26.0, pedal):
        session.receive(each)
    assert session.playing  # to its end
    late = answered(session, 60.0)
    assert not session.playing and all(on.at < 27.3 for on in late)
    session.panic(99.0)


def test_by_pedal_the_whole_turn_is_answered_with_its_pauses() -> None:
    """Two phrases and a pause between them, 6.5 seconds in all."""
    session = listening(turn="pedal", exchange=False)
    for event in (*phrase(0.0), *phrase(4.5)):
        assert not ons(until(session, event.at))
        session.receive(event)
    verbs.do(session, "reply", 6.5, ["now"])
    own = answered(session)
    assert 5.5 < own[-1].at + own[-1].duration - own[0].at < 7.5
    session.panic(99.0)


@pytest.mark.parametrize("mode", ["duet", "autonomous", "harmonise"])
def test_by_pedal_the_modes_that_play_along_do(mode: str) -> None:
    session = listening(mode, turn="pedal")
    assert ons(heard(session))
    session.panic(99.0)


def test_another_pedal_says_nothing() -> None:
    session = listening()
    heard(session)
    for control in (64, 66, 67):
        assert not [event for each in press(1.8, control) for event in session.receive(each)]
    assert not session.playing


# Several voices


def test_in_a_band_those_answer_who_answer_the_performer() -> None:
    def part(name: str, *hears: str, **settings: object) -> Part:
        return Part(name, Values(0.5), Settings.from_table(settings), hears)

    band = Band(
        [part("lead", "performer"), part("bass", "lead", channel_out=2), part("pad", "performer", channel_out=3)]
    )
    heard(band)
    out = verbs.do(band, "reply", 1.83, ["now"]) + band.advance_until(2.0)
    assert {on.channel for on in ons(out)} == {1, 3}
    out = verbs.do(band, "stop", 2.0) + band.advance_until(20.0)
    assert max(on.at for on in ons(out) if on.channel != 2) < 2.0 + 2.7 * 0.5
    band.panic(99.0)


# Whatever is asked, and whenever


def saying(session: AnySession, seed: int) -> list[Event]:
    """A random performance, in which the performer also says things."""
    draw = random.Random(seed)
    out: list[Event] = []
    asked: list[Callable[[], list[Event]]] = [
        lambda: verbs.do(session, "reply", session.now, draw.choice([[], ["now"], ["beat"], ["bar"]])),
        lambda: verbs.do(session, "stop", session.now),
        lambda: verbs.do(session, "again", session.now) if session.performer.phrase_start is not None else [],
        lambda: [event for each in press(session.now) for event in session.receive(each)],
        lambda: verbs.do(session, "rewind", session.now, [3]),
        lambda: verbs.do(session, "panic", session.now),
    ]
    for event in perform(seed):
        out += until(session, event.at) + session.receive(event)
        if draw.random() < 0.3:
            out += draw.choice(asked)()
    end = session.now + 6.0
    return out + until(session, end) + session.panic(end)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("turn", ["auto", "pedal"])
def test_the_promises_hold_whatever_is_asked(mode: str, turn: str) -> None:
    played = 0
    for seed in range(PERFORMANCES // 5):
        once, again = (
            saying(Session(Values(0.5), Settings.from_table({"mode": mode, "turn": turn}), seed), seed)
            for _ in range(2)
        )
        check_order_and_pairs(once)
        assert once == again
        played += len(ons(once))
    assert played > PERFORMANCES // 20
