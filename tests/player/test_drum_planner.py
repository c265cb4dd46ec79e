"""Tests of the drummer: in time, following, at an end with the performer, on the performer's kit in answers."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from livegen.events import Event, Heard, NoteOff, NoteOn, Remark
from livegen.music import drums
from livegen.music.drums import CHANNEL
from livegen.predictors.models import Untrained, load
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import PERFORMANCES, drive, perform, until
from tests.support.rhythms import groove, in_order, melody


def accompanied(events: Sequence[Heard], tail: float = 12.0, seed: int = 1, **settings: object) -> list[Event]:
    """The part of a drummer, its order and pairs checked."""
    chosen = Settings(mode="accompany")
    for name, value in settings.items():
        chosen.set(name, value)
    out = drive(Session(Untrained(), chosen, seed), events, tail)
    check_order_and_pairs(out)
    return out


def hits(out: Sequence[Event]) -> list[NoteOn]:
    return [on for on in ons(out) if on.channel == CHANNEL]


def test_a_drummer_plays_with_a_performer_in_time() -> None:
    length = 60.0 / 112.0
    found = hits(accompanied(melody(48), humanise=0.0))
    assert len(found) > 60
    assert found[0].at < 1.0 + 12 * length
    places = np.array([(on.at - 1.0) / length * 4 for on in found if on.at < 1.0 + 48 * length])
    assert np.mean(np.abs(places - np.round(places)) * length / 4 < 0.02) > 0.97
    assert {on.pitch for on in found} <= set(drums.KITS["gm"].plays)


def test_it_stops_within_a_bar_and_comes_in_again() -> None:
    length = 60.0 / 112.0
    end = 1.0 + 32 * length
    again = 1.0 + 56 * length
    out = hits(accompanied(in_order([*melody(32), *melody(32, start=again)])))
    assert not [on for on in out if end + 4 * length < on.at < again]
    assert [on for on in out if end < on.at < end + 4 * length]  # an end of its own
    assert [on for on in out if again < on.at < again + 12 * length]


def test_a_stand_in_goes_on_with_the_bar_that_was_played_when_it_came() -> None:
    length = 60.0 / 112.0
    when = 1.0 + 24 * length
    session = Session(Untrained(), Settings(mode="accompany", humanise=0.0, fills=0.0, groove=0.0), 2)
    out: list[Event] = []
    for event in melody(40):
        if event.at >= when and session.settings.drums != "stand-in":
            session.settings.drums = "stand-in"
            out += session.settings_changed(session.now)
        out += until(session, event.at) + session.receive(event)
    out += session.panic(session.now)

    def bar(start: float) -> set[tuple[int, int]]:
        found = [on for on in hits(out) if start - 0.05 <= on.at < start + 4 * length - 0.05]
        return {(round((on.at - start) / length * 4), on.pitch) for on in found}

    before, again = bar(when - 4 * length), bar(when + 4 * length)
    assert len(before) > 6 and len(before & again) >= 0.8 * len(before | again)


@pytest.mark.parametrize("metre", [2, 3, 4])
def test_it_comes_down_and_ends_with_a_hit_on_a_beat_within_a_bar_of_the_last_note(metre: int) -> None:
    length = 60.0 / 112.0
    last = 1.0 + 24 * length
    events = [*melody(24), NoteOn(last, 67, 80), NoteOff(last + 0.8 * length, 67)]
    found = hits(accompanied(events, humanise=0.0, metre=metre))
    released = max(event.at for event in events)
    assert released < found[-1].at < released + metre * length
    assert {on.pitch for on in found if on.at > found[-1].at - 0.01} == {36, 49}
    place = (found[-1].at - 1.0) / length
    assert abs(place - round(place)) < 0.1


@pytest.mark.parametrize(("beats", "ends_on_beat", "hit"), [(0.0, True, True), (0.5, True, False), (0.5, False, True)])
def test_it_ends_with_a_hit_if_the_last_note_is_on_the_beat(beats: float, ends_on_beat: bool, hit: bool) -> None:
    length, events = 60.0 / 112.0, melody(24)
    for place in {24.0, 24.0 + beats}:
        at = 1.0 + place * length
        events += [NoteOn(at, 67, 80), NoteOff(at + 0.2, 67)]
    found = hits(accompanied(in_order(events), humanise=0.0, fills=0.0, ends_on_beat=ends_on_beat))
    assert len(found) > 20
    assert ({on.pitch for on in found if on.at > found[-1].at - 0.01} == {36, 49}) == hit


def test_a_long_note_gets_silence() -> None:
    assert not hits(accompanied([NoteOn(1.0, 60, 90), NoteOff(13.0, 60)]))


def test_under_a_note_that_is_held_at_the_end_it_comes_down_and_ends_with_a_hit_on_a_bar_line() -> None:
    length, end = 60.0 / 112.0, 1.0 + 32 * 60.0 / 112.0
    held = [*melody(32), NoteOn(end, 60, 80), NoteOff(end + 16 * length, 60)]
    found = hits(accompanied(in_order(held), humanise=0.0))
    assert abs(found[-1].at - end - 8 * length) < 0.05  # two bars after the note began
    assert {on.pitch for on in found if on.at > found[-1].at - 0.01} == {36, 49}
    before, under = (
        np.mean([on.velocity for on in found if since < on.at - end < since + 3.5 * length])
        for since in (-4 * length, 4.4 * length)
    )
    assert under < before - 8


@pytest.mark.parametrize(("alert", "plays_on"), [(True, True), (False, False)])
def test_who_leaves_two_beats_empty_or_is_slow_keeps_their_drummer(alert: bool, plays_on: bool) -> None:
    """The journals of before, when a rest could end the drummer for good, are played as they were."""
    length = 60.0 / 112.0
    rests = in_order([event for bar in range(0, 12, 2) for event in melody(6, start=1.0 + 4 * bar * length)])
    slow = melody(24, tempo=70.0)
    for events, beat in ((rests, length), (slow, 60.0 / 70.0)) if alert else ((rests, length),):
        found = [(on.at - 1.0) / beat for on in hits(accompanied(events, alert=alert))]
        bars = {int(place // 4) for place in found}
        last = int((events[-1].at - 1.0) / beat // 4)
        assert (set(range(2, last)) <= bars) == plays_on


def test_in_six_eight_it_comes_in_within_two_bars_and_is_in_time() -> None:
    length = 0.2  # seconds an eighth
    jig = [0, 1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 14, 15, 17, 18, 19, 20, 21, 23]
    places = [24 * again + each for again in range(2) for each in jig]
    notes = [(NoteOn(1.0 + at * length, 72, 80), NoteOff(1.0 + (at + 0.8) * length, 72)) for at in places]
    found = hits(accompanied(in_order([each for pair in notes for each in pair]), metre=6, humanise=0.0))
    assert found[0].at < 1.0 + 12 * length
    off = np.array([(on.at - 1.0) / length for on in found if on.at < 1.0 + 48 * length])
    assert len(off) > 20
    assert np.mean(np.abs(off - np.round(off)) < 0.15) > 0.95


def test_where_a_phrase_ends_it_fills() -> None:
    """The performer stops for a beat and a half at the end of every other bar."""
    length = 60.0 / 112.0
    notes = [event for bar in range(0, 16, 2) for event in melody(6, start=1.0 + 4 * bar * length)]
    toms = {43, 47, 50}
    shares = {}
    for fills in (1.0, 0.0):
        found = [hits(accompanied(in_order(notes), fills=fills, seed=seed)) for seed in range(3)]
        ends = [on for each in found for on in each if (on.at - 1.0) / length % 8 > 5.9]
        shares[fills] = np.mean([on.pitch in toms for on in ends])
    assert shares[1.0] > 2 * shares[0.0] + 0.05


def test_it_plays_as_loud_as_the_performer() -> None:
    soft, loud = (
        np.mean([on.velocity for on in hits(accompanied(melody(48, velocity=velocity)))]) for velocity in (40, 110)
    )
    assert loud > soft + 15


def test_settings_act() -> None:
    busy, calm = (len(hits(accompanied(melody(64), complexity=each))) for each in (1.0, 0.0))
    assert busy > 1.3 * calm
    hard, gentle = (
        np.mean([on.velocity for on in hits(accompanied(melody(64), intensity=each))]) for each in (1.0, 0.0)
    )
    assert hard > gentle + 10
    assert {on.pitch for on in hits(accompanied(melody(32), kit="td-11"))} <= set(drums.KITS["td-11"].plays)


def test_its_own_sound_that_comes_back_changes_nothing() -> None:
    """Everything that it plays is heard again 12 ms later, on the drums' channel, for as long as it plays."""
    events = melody(160, jitter=0.01)
    session, plain = (Session(Untrained(), Settings(mode="accompany"), 1) for _ in range(2))
    out: list[Event] = []
    echoes: list[Heard] = []
    for event in [*events, NoteOff(100.0, 1)]:
        while True:
            due = session.next_due()
            echo = echoes[0].at if echoes else float("inf")
            if min(due if due is not None else float("inf"), echo) >= event.at:
                break
            new = session.receive(echoes.pop(0)) if due is None or echo <= due else session.advance(due)
            out += new
            echoes += [NoteOn(each.at + 0.012, each.pitch, each.velocity, each.channel) for each in hits(new)]
            echoes.sort(key=lambda each: each.at)
        out += session.receive(event)
    alone = drive(plain, [*events, NoteOff(100.0, 1)], 0.0)
    assert [(on.at, on.pitch) for on in hits(out)] == [(on.at, on.pitch) for on in hits(alone)]
    bars: dict[int, set[tuple[int, int]]] = {}
    for on in hits(out):
        step = round((on.at - 1.0) * 112 / 60 * 4)
        bars.setdefault(step // 16, set()).add((step % 16, on.pitch))
    assert len(set(map(frozenset, bars.values()))) > len(bars) // 4  # it does not only repeat itself


@pytest.mark.parametrize("pads", [(36, 38, 42), (35, 40, 22)])
def test_a_drummer_is_answered_on_their_own_pads(pads: tuple[int, ...]) -> None:
    session = Session(load("folk"), Settings(), 1)
    out = drive(session, groove(2, pads=pads), tail=12.0)
    check_order_and_pairs(out)
    found = ons(out)
    assert len(found) > 8
    assert {on.channel for on in found} == {CHANNEL}
    assert {on.pitch for on in found} <= set(pads)
    assert found[0].at > groove(2)[-1].at


def test_a_drummer_is_answered_at_the_tempo_of_their_phrase_from_a_half_beat_on() -> None:
    """Kick, snare and hat with sixteenths of the hat between them, loosely; held beside the click they played to."""
    draw, beat = random.Random(5), 60.0 / 103.0
    places = [(half / 2, pad) for half in range(64) for pad in (42, *((36,) if half % 4 == 0 else ()))]
    places += [(half / 2 + 1, 38) for half in range(0, 60, 4)] + [(half / 2 + 0.25, 42) for half in range(0, 64, 3)]
    loud = {36: 110, 38: 100, 42: 55}
    events = [
        event
        for place, pad in places
        for at in [1.0 + place * beat + draw.gauss(0.0, 0.012)]
        for event in (NoteOn(at, pad, loud[pad], CHANNEL), NoteOff(at + 0.05, pad, CHANNEL))
    ]
    off = {}
    for exact in (True, False):
        found = ons(drive(Session(load("folk"), Settings(humanise=0.0, exact=exact), 1), in_order(events), tail=25.0))
        answers = [(on.at - 1.0) / beat * 8 for on in found if on.at > 1.0 + 32 * beat]
        assert len(answers) > 20
        off[exact] = max(abs(place - round(place)) for place in answers)
        assert not exact or all(
            abs(place / 2 - round(place / 2)) < 0.1 for place in answers
        )  # it is heard twice as fast
    assert off[True] < 0.1 < 0.3 < off[False]


def test_without_a_drummer_pads_are_not_heard() -> None:
    session = Session(Untrained(), Settings(drums="off"), 1)
    assert not ons(drive(session, groove(2), tail=8.0))
    melodic = Session(load("folk"), Settings(), 1)
    drive(melodic, groove(1), tail=8.0)
    assert melodic.performer.register() is None  # pads have no pitch


def test_a_melody_with_pads_is_answered_by_a_melody() -> None:
    events = in_order([*melody(8, start=1.0), *groove(1, tempo=56.0)[:6]])
    out = ons(drive(Session(load("folk"), Settings(), 1), events, tail=10.0))
    assert out
    assert {on.channel for on in out} == {1}


def test_a_drummer_that_is_not_there_is_reported_once_and_the_session_goes_on() -> None:
    settings = Settings(mode="accompany", drums="nobody")
    out = drive(Session(load("folk"), settings, 1), melody(24), tail=6.0)
    said = [event.text for event in out if isinstance(event, Remark)]
    assert len(said) == 1 and "nobody" in said[0]
    assert ons(out)  # the model accompanies


def test_the_same_seed_plays_the_same_and_another_differs() -> None:
    one, same, other = (accompanied(melody(32), seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert [on.at for on in hits(one)] != [on.at for on in hits(other)]


@pytest.mark.parametrize("mode", ["accompany", "call_and_response", "autonomous"])
def test_every_hit_ends_whatever_is_played(mode: str) -> None:
    played = 0
    for seed in range(max(4, PERFORMANCES // 4)):
        events = [
            replace(event, channel=CHANNEL) if isinstance(event, NoteOn | NoteOff) and event.pitch % 4 else event
            for event in perform(seed)
        ]
        session = Session(load("drums") if mode == "autonomous" else Untrained(), Settings(mode=mode), seed)
        out = drive(session, events)
        check_order_and_pairs(out)
        played += len(ons(out))
    assert played


@pytest.mark.parametrize(("mode", "events"), [("accompany", melody(32, jitter=0.01)), ("call_and_response", groove(2))])
def test_how_often_time_is_passed_changes_nothing(mode: str, events: Sequence[Heard]) -> None:
    whenever_due, often = (
        hits(drive(Session(load("folk"), Settings(mode=mode), 1), events, 8.0, pause)) for pause in (0.0, 0.013)
    )
    assert len(often) > 10
    assert [(on.at, on.pitch, on.velocity) for on in often] == [(on.at, on.pitch, on.velocity) for on in whenever_due]


@pytest.mark.parametrize("punctual", [False, True])
def test_a_hit_is_not_moved_when_it_is_nearly_due(punctual: bool) -> None:
    """By then it is on its way to the process that sends it."""
    session = Session(Untrained(), Settings(mode="accompany", punctual=punctual), 1)
    out: list[Event] = []
    nearly: set[tuple[float, int]] = set()
    for event in [*melody(48, jitter=0.02), None]:
        end = session.now + 0.2 if event is None else event.at
        while (due := session.next_due()) is not None and due < end:
            nearly |= {(on.at, on.pitch) for on in session.foreseen if on.at < due + 0.005}
            out += session.advance(due)
        out += session.receive(event) if event is not None else []
    session.panic(session.now)
    assert len(nearly) > 60
    moved = nearly - {(on.at, on.pitch) for on in hits(out)}
    assert bool(moved) != punctual


@pytest.mark.parametrize("band", [False, True])
def test_a_fill_that_is_asked_for_comes_at_the_end_of_the_bar(band: bool) -> None:
    length, events = 60.0 / 112.0, melody(32)
    asked = 1.0 + 16.6 * length  # early in the fifth bar
    before = [event for event in events if event.at < asked]
    moved = landed = 0
    for seed in range(3):
        found = []
        for word in ("", "fill"):
            settings = Settings(mode="accompany", humanise=0.0, fills=0.0)
            parts = [Part("lead", Untrained(), Settings(), ("performer",)), Part("drums", Untrained(), settings)]
            session: AnySession = Band(parts, seed) if band else Session(Untrained(), settings, seed)
            out: list[Event] = []
            for event in before:
                out += session.advance_until(event.at) + session.receive(event)
            out += session.advance_until(asked)
            out += session.say(word, asked) if word else []
            out += drive(session, events[len(before) :], 6.0)
            found.append([(round((on.at - 1.0) / length * 4), on.pitch) for on in hits(out)])
        plain, filled = ([hit for hit in each if 70 < hit[0] < 81] for each in found)
        assert [hit for hit in found[0] if hit[0] < 70] == [hit for hit in found[1] if hit[0] < 70]
        moved += plain != filled
        landed += bool({36, 49} & {key for step, key in filled if step == 80})
    assert moved == 3
    assert landed >= 2  # on the bar line


def test_rewinding_leaves_the_drummer_in_time() -> None:
    events = melody(48)
    found = []
    for rewound in (False, True):
        session = Session(Untrained(), Settings(mode="accompany", humanise=0.0), 1)
        half = len(events) // 2
        out = drive(session, events[:half], 0.0)
        out += session.rewind(6, session.now) if rewound else []
        out += drive(session, events[half:], 8.0)
        check_order_and_pairs(out)
        found.append([on.at for on in hits(out)])
    assert len(found[0]) > 60
    last = events[-1].at
    for at in found[1]:
        place = (at - 1.0) * 112 / 60 * 4
        assert at > last or abs(place - round(place)) < 0.2  # of a sixteenth
    assert max(later - former for former, later in itertools.pairwise(found[1])) < 1.7
