"""Tests of bass and chords: over a chart, by ear, in time, at an end with the performer, and never hanging."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from livegen.beat.transport import OWN, Grid
from livegen.events import Event, Heard, NoteOff, NoteOn
from livegen.music.chord_symbol import read
from livegen.predictors.models import Untrained
from livegen.session import verbs
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import PERFORMANCES, drive, perform
from tests.support.rhythms import melody

BLUES = "key: F\nstyle: {}\n| F7 | Bb7 | F7 | Cm7 F7 |\n| Bb7 | Bdim7 | F7 | D7 |\n| Gm7 | C7 | F7 | C7 |\n"
ROOTS = [5, 10, 5, 0, 10, 11, 5, 2, 7, 0, 5, 0]  # at the bar lines
BEAT = 0.5


def eighths(bars: int, pitch: int = 77, velocity: int = 80) -> list[Heard]:
    """A performer who repeats one high note on the beats, from time 0.25 on."""
    events: list[Heard] = []
    for number in range(4 * bars):
        at = number * BEAT
        events += [NoteOn(max(0.05, at), pitch, velocity), NoteOff(at + 0.4, pitch)]
    return events


def played(part: str, chart: str, events: Sequence[Heard], tail: float = 0.0, **settings: Any) -> list[Event]:
    """The part over a chart whose first bar begins at time 0, its order and pairs checked."""
    session = Session(Untrained(), Settings(mode="accompany", part=part, lowest=28, highest=79, **settings), 3)
    session.follow(Grid(0.0, 0.0, BEAT, OWN))
    out = verbs.do(session, "chart_text", 0.0, (chart,)) if chart else []
    out += drive(session, events, tail)
    check_order_and_pairs(out)
    return out


def at_beat(out: Sequence[Event], beat: float) -> list[NoteOn]:
    return [on for on in ons(out) if abs(on.at - beat * BEAT) < 0.06]


@pytest.mark.parametrize("style", ["swing", "folk", "bossa", "ballad", "rock"])
def test_the_bass_has_the_root_where_a_chord_comes(style: str) -> None:
    out = played("bass", BLUES.format(style), eighths(13))
    notes = ons(out)
    assert {on.pitch for on in notes} <= set(range(28, 56))
    right = [any(on.pitch % 12 == ROOTS[bar] for on in at_beat(out, 4 * bar)) for bar in range(1, 12)]
    assert sum(right) >= 9 if style == "swing" else all(right)  # a walking line may meet a bar line on another note
    assert right[3] and right[4] and right[6]  # other chords than before
    per_bar = len(notes) / 13
    assert per_bar > 3.2 if style == "swing" else 0.9 < per_bar < 7


def test_a_walking_bass_leads_into_the_next_root() -> None:
    out = played("bass", BLUES.format("swing"), eighths(13))
    notes = ons(out)
    leads = []
    for bar in (1, 2, 4, 5, 7, 8, 9, 10):
        on = at_beat(out, 4 * bar)[0]
        former = [each for each in notes if each.at < on.at - 0.1][-1]
        leads.append(abs(on.pitch - former.pitch) in (1, 2, 5, 7))
    assert sum(leads) >= 7
    assert not [one for one, other in pairwise(notes) if one.pitch == other.pitch][3:]


def colours(symbol: str) -> set[int]:
    """The pitch classes of a chord, its ninth and its thirteenth."""
    chord = read(symbol)
    assert chord is not None
    return {*chord.classes, *((chord.root + step) % 12 for step in (2, 9))}


@pytest.mark.parametrize("style", ["swing", "folk", "bossa"])
def test_chords_are_those_of_the_chart_and_under_the_melody(style: str) -> None:
    out = played("chords", BLUES.format(style), eighths(13))
    by_time: dict[float, set[int]] = {}
    for on in ons(out):
        by_time.setdefault(on.at, set()).add(on.pitch)
    symbols = "F7 Bb7 F7 Cm7 Bb7 Bdim7 F7 D7 Gm7 C7 F7 C7".split()
    assert len(by_time) > 10
    for at, pitches in by_time.items():
        place = at / BEAT / 4
        near = {symbols[int(place + early) % 12] for early in (-0.02, 0.0, 0.3)} | ({"F7"} if 3 <= place < 4 else set())
        assert any({pitch % 12 for pitch in pitches} <= colours(symbol) for symbol in near), (place, pitches)
        assert 2 <= len(pitches) <= 4 and max(pitches) <= 79


def test_they_stop_within_a_bar_without_a_chart_and_stay_over_one() -> None:
    for part in ("bass", "chords"):
        out = played(part, "", eighths(8), tail=8.0, chord="Am7")
        assert ons(out)[-1].at < 8 * 2.0 + 2.1
        over = played(part, BLUES.format("folk"), eighths(8), tail=12.0, stays=3)
        assert 8 * 2.0 + 3.0 < ons(over)[-1].at < 8 * 2.0 + 6.2


def test_they_play_as_loud_as_the_performer_and_lighter_while_they_are_busy() -> None:
    soft, loud = (
        sum(on.velocity for on in found) / len(found)
        for velocity in (40, 110)
        if (found := ons(played("chords", BLUES.format("swing"), eighths(13, velocity=velocity))))
    )
    assert loud > soft + 15
    calm = [event for number, event in enumerate(eighths(39)) if number // 2 % 8 == 0]
    busy = eighths(39)
    chart = BLUES.format("swing")
    sparse, full = ({on.at for on in ons(played("chords", chart, each, stays=8))} for each in (busy, calm))
    assert len(full) > 1.1 * len(sparse)


def test_by_ear_the_bass_follows_the_chords_that_are_played() -> None:
    events: list[Heard] = []
    for bar in range(16):
        chord = (60, 64, 67) if bar % 2 == 0 else (65, 69, 72)
        for half in (0, 1):
            at = bar * 2.0 + half * 1.0 + 0.01
            for pitch in chord:
                events += [NoteOn(at, pitch, 80), NoteOff(at + 0.9, pitch)]
    events.sort(key=lambda event: (event.at, isinstance(event, NoteOn)))
    out = played("bass", "", events)
    found = [on.pitch % 12 for bar in range(4, 16) for on in ons(out) if 0 <= on.at - bar * 2.0 < 0.3]
    assert found and sum(one == (0 if bar % 2 == 0 else 5) for bar, one in enumerate(found)) >= 10


def test_in_a_raga_there_are_no_chords_and_a_fixed_chord_needs_no_chart() -> None:
    found = ons(played("bass", "", eighths(6), chord="E7"))
    assert found and {on.pitch % 12 for on in found} <= {4, 8, 11, 2, 3, 5, 6, 9, 10}
    assert found[0].pitch % 12 == 4


@pytest.mark.parametrize("part", ["bass", "chords"])
def test_no_note_hangs_whatever_is_played_while_charts_change(part: str) -> None:
    notes = 0
    for seed in range(max(4, PERFORMANCES // 5)):
        draw = random.Random(seed)
        session = Session(Untrained(), Settings(mode="accompany", part=part), seed)
        if seed % 2:
            session.follow(Grid(0.0, 0.0, 0.4, OWN))
        out: list[Event] = []
        for event in perform(seed):
            out += session.advance_until(event.at)
            if draw.random() < 0.08:
                verb, args = draw.choice(
                    [("chart_text", (BLUES.format(draw.choice(["swing", "folk"])),)), ("chart_text", ("",))]
                )
                out += verbs.do(session, verb, session.now, args)
            if draw.random() < 0.05:
                session.settings.set("part", draw.choice(["bass", "chords", "drums"]))
                out += session.settings_changed(session.now)
            out += session.receive(event)
        end = session.now + 6.0
        out += session.advance_until(end) + session.panic(end)
        check_order_and_pairs(out)
        notes += len(ons(out))
    assert notes > 20


def test_the_same_seed_plays_the_same() -> None:
    one, same = (played("bass", BLUES.format("swing"), melody(32)) for _ in range(2))
    assert one == same and ons(one)


def test_over_a_chart_they_end_on_the_tonic() -> None:
    for part, wanted in (("bass", {5}), ("chords", {5, 9, 0, 2})):
        out = played(part, "key: F\n| F | Bb | Gm7 | C7 |\n| A7 | D7 | G7 | C7 |\n", eighths(8), tail=16.0, stays=2)
        last = ons(out)[-1].at
        assert last > 8 * 2.0 + 2.0
        assert {on.pitch % 12 for on in ons(out) if on.at > last - 0.05} <= wanted


def test_a_guess_is_played_as_what_is_least_wrong() -> None:
    """Three notes of a melody alone leave the chord open; sevenths that are played are heard in both settings."""
    for chords, alike in ((((60,), (65,), (62,), (69,)) * 3, False), (((48, 64, 67, 70), (53, 69, 72, 75)) * 6, True)):
        events: list[Heard] = []
        for bar, pitches in enumerate(chords):
            for pitch in pitches:
                events += [NoteOn(max(0.05, bar * 2.0), pitch, 80), NoteOff(bar * 2.0 + 1.9, pitch)]
        events.sort(key=lambda event: (event.at, isinstance(event, NoteOn)))
        found = [[on.pitch for on in ons(played("chords", "", events, safe_chords=safe))] for safe in (True, False)]
        assert len(found[0]) > 8 and (found[0] == found[1]) == alike
