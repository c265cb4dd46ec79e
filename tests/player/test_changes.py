"""Playing over changes: the chord of each note, of the chart or as it is heard; strong beats; when a chart begins."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from livegen.beat.transport import CLOCK, OWN, Grid
from livegen.charts.text import read_chart
from livegen.errors import SettingsError
from livegen.events import Event, NoteOff, NoteOn
from livegen.music.chord_symbol import Chord, read
from livegen.player.changes import Spot
from livegen.predictors import over_chords
from livegen.predictors.models import Untrained, load
from livegen.session import verbs
from livegen.session.band import Band
from livegen.session.parts import PERFORMER, Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import PERFORMANCES, drive, perform, until

CHART = "key: C\n[A]\n| C | Fm |\n[B]\n| F#7 | G7 |\n"
CLASSES = ({0, 4, 7}, {5, 8, 0}, {6, 10, 1, 4}, {7, 11, 2, 5})


def playing(source: str = OWN, mode: str = "autonomous", **settings: Any) -> Session:
    """A session whose beat lasts half a second; the first is at time 0."""
    session = Session(Untrained(), Settings(mode=mode, **settings), 1)
    session.follow(Grid(0.0, 0.0, 0.5, source))
    return session


def do(session: Session | Band, verb: str, at: float, *args: Any) -> list[Event]:
    return verbs.do(session, verb, at, args)


def outside(events: Sequence[Event], began: float = 0.0, bars: Sequence[set[int]] = CLASSES) -> list[NoteOn]:
    """The notes that do not belong to the chord of their time; those at a bar line may belong to either."""
    found = []
    for on in ons(events):
        bar, place = divmod((on.at - began) / 2.0, 1.0)
        allowed = bars[int(bar) % len(bars)] | (bars[int(bar - 1) % len(bars)] if place < 1e-6 else set())
        if on.pitch % 12 not in allowed:
            found.append(on)
    return found


def test_with_chord_auto_every_note_belongs_to_the_chord_of_its_time() -> None:
    session = playing(chord="auto")
    do(session, "chart_text", 0.0, CHART)
    out = until(session, 40.0) + session.panic(40.0)
    assert len(ons(out)) > 40 and not outside(out)


def test_a_chart_begins_at_the_next_bar_line() -> None:
    session = playing()
    until(session, 3.1)
    do(session, "chart_text", 3.1, CHART)
    session.panic(3.2)
    changes = session.player.changes
    assert [_name(changes.harmony(at)) for at in (4.01, 6.01, 8.01, 10.01, 12.01)] == "C Fm F#7 G7 C".split()


def _name(harmony: Any) -> str:
    return "" if harmony is None or harmony.now is None else str(harmony.now.name(harmony.key))


def test_without_a_beat_it_begins_with_the_first_note() -> None:
    session = Session(Untrained(), Settings(tempo=120.0), 1)
    do(session, "chart_text", 0.0, CHART)
    session.receive(NoteOn(5.3, 60, 90))
    session.receive(NoteOff(5.4, 60))
    changes = session.player.changes
    assert [_name(changes.harmony(at)) for at in (5.35, 7.5, 9.5)] == "C Fm F#7".split()
    waiting = Session(Untrained(), Settings(tempo=120.0), 1).player.changes
    waiting.play(read_chart(CHART), 0.7)
    assert [_name(waiting.harmony(at)) for at in (0.8, 3.0, 5.0)] == ["C", "C", "C"]
    session.receive(NoteOn(5.8, 60, 90))
    assert _name(changes.harmony(7.5)) == "Fm"


def test_a_midi_clocks_song_position_moves_the_chart() -> None:
    session = playing()
    do(session, "chart_text", 3.0, CHART)
    session.follow(Grid(4.0, 8.0, 0.5, CLOCK))
    changes = session.player.changes
    assert _name(changes.harmony(4.1)) == "F#7"
    session.follow(Grid(4.5, 4.0, 0.5, CLOCK))
    assert _name(changes.harmony(4.6)) == "Fm"
    session.follow(Grid(5.0, 5.0, 0.5, CLOCK, running=False))  # it stops; the beat goes on
    assert _name(changes.harmony(5.1)) == "Fm"
    session.panic(5.2)


def test_sections_vamps_and_keys_are_changed_at_the_bar_line() -> None:
    session = playing()
    changes = session.player.changes
    do(session, "chart_text", 0.0, CHART)
    do(session, "section", 0.5, "B")
    assert [_name(changes.harmony(at)) for at in (1.9, 2.1, 4.1, 6.1)] == "C F#7 G7 C".split()
    do(session, "vamp", 2.5, "A")
    assert [_name(changes.harmony(at)) for at in (4.1, 6.1, 8.1)] == "C Fm C".split()
    do(session, "vamp", 5.0)
    do(session, "transpose", 5.0, 2)
    assert [_name(changes.harmony(at)) for at in (6.1, 8.1)] == "Gm G#7".split()
    do(session, "chart_text", 8.5, "")
    session.panic(8.6)
    assert changes.chart is None


def test_the_bar_the_section_and_the_key_that_play_are_told() -> None:
    session = playing()
    changes = session.player.changes
    assert changes.spot(0.0) == Spot()
    until(session, 2.1)
    do(session, "chart_text", 2.1, CHART)
    assert [changes.spot(at)[:3] for at in (2.2, 4.1, 6.1, 8.1, 10.1, 12.1)] == [
        (1, 4, 1), (1, 4, 1), (2, 4, 1), (3, 4, 2), (4, 4, 2), (1, 4, 1)
    ]  # fmt: skip
    do(session, "vamp", 2.3, "B")
    do(session, "transpose", 2.3, -3)
    assert changes.spot(8.1) == Spot(3, 4, 2, 2, -3)
    do(session, "vamp", 5.0)
    assert changes.spot(8.1)[3] == 0
    do(session, "chart_text", 8.5, "")
    session.panic(8.6)
    assert changes.spot(8.7) == Spot()


def test_what_needs_a_chart_says_so() -> None:
    session = playing()
    for verb, args in (("section", ("A",)), ("vamp", ("A",)), ("transpose", (1,))):
        with pytest.raises(SettingsError, match="No chart is played"):
            do(session, verb, 0.0, *args)
    with pytest.raises(SettingsError, match=r"The chart cannot be read: .*'Hm'"):
        do(session, "chart_text", 0.0, "| Hm |")
    session.panic(0.1)


def test_the_next_chord_is_known_before_it_comes() -> None:
    session = playing()
    do(session, "chart_text", 0.0, CHART)
    session.panic(0.1)
    found = session.player.changes.harmony(1.5)
    assert found is not None and found.next is not None
    assert (found.next.name(), found.certainty) == ("Fm", 1.0)
    assert found.wait == pytest.approx(1.0, abs=1e-3)


def test_without_a_chart_the_chord_is_heard() -> None:
    session = Session(Untrained(), Settings(mode="duet", chord="auto"), 1)
    session.follow(Grid(0.0, 0.0, 0.5, OWN))
    out: list[Event] = []
    for bar, chord in enumerate(((45, 48, 52), (50, 53, 57), (40, 44, 47, 50), (45, 48, 52)) * 3):
        for pitch in chord:
            out += session.advance_until(bar * 2.0) + session.receive(NoteOn(bar * 2.0, pitch, 80))
        out += session.advance_until(bar * 2.0 + 1.9)
        found = session.player.changes.harmony(bar * 2.0 + 1.0)
        assert found is not None and found.certainty > 0.9
        assert found.now is not None and found.now.name() == ("Am", "Dm", "E7", "Am")[bar % 4]
        for pitch in chord:
            out += session.receive(NoteOff(bar * 2.0 + 1.9, pitch))
    out += session.panic(24.0)
    late = [on for on in ons(out) if on.at > 2.0 and 0.3 < on.at % 2.0 < 1.9]
    classes = [{9, 0, 4}, {2, 5, 9}, {4, 8, 11, 2}, {9, 0, 4}]
    assert len(late) > 10
    assert sum(on.pitch % 12 in classes[int(on.at / 2.0) % 4] for on in late) / len(late) > 0.9


def on_beats(strength: float) -> float:
    """The share of chord tones among the notes on beats that ``folk`` plays over a chart."""
    hits = count = 0
    for seed in range(3):
        session = Session(load("folk"), Settings(mode="autonomous", chord_tones=strength, tempo=120.0), seed + 1)
        session.follow(Grid(0.0, 0.0, 0.5, OWN))
        do(session, "chart_text", 0.0, "| C | F | G7 | C |")
        for on in ons(until(session, 48.0) + session.panic(48.0)):
            beat = on.at / 0.5
            if abs(beat - round(beat)) < 0.05:
                count += 1
                chord = ({0, 4, 7}, {5, 9, 0}, {7, 11, 2, 5}, {0, 4, 7})[round(beat) // 4 % 4]
                hits += on.pitch % 12 in chord
    assert count > 60
    return hits / count


def test_notes_on_beats_are_drawn_to_the_chord() -> None:
    assert on_beats(1.0) > on_beats(0.0) + 0.15


def test_a_forecast_is_told_the_chord_or_notes_on_beats_are_drawn_to_it() -> None:
    """The chord is C major until second 2; a beat lasts half a second."""
    even = np.zeros(128, np.float32)
    for lines in (True, False):
        session = playing(chord_lines=lines)
        do(session, "chart_text", 0.0, CHART)
        session.panic(0.1)
        changes, drawn = session.player.changes, []
        for moment in (1.0, 1.25):
            changes.moment = moment
            told = changes.told(even, 62, 0.5).copy()
            changes.draw(told)
            drawn.append(told)
        on, between = drawn
        assert not even.any() and on[64] > on[65] + 1.0
        assert (between[64] > between[66] + 1.0) == lines and (on[67] == on[60]) != lines
        session.settings.chord_tones = 0.0
        assert not changes.told(even, 62, 0.5).any()


def test_a_note_a_little_before_a_chord_is_told_that_chord() -> None:
    """The bar line of F minor is at 2.0 seconds; a beat lasts half a second. Without the setting all is as it was."""
    even = np.zeros(128, np.float32)
    for strong in (True, False):
        session = playing(strong_beats=strong)
        do(session, "chart_text", 0.0, CHART)
        session.panic(0.1)
        changes, told = session.player.changes, {}
        for moment in (1.75, 1.96, 2.0):
            changes.moment = moment
            told[moment] = changes.told(even, 62, 0.5)
        assert (told[1.96][65] > told[1.96][67] + 0.5) == strong  # F, and G that belongs to C alone
        assert told[1.75][67] > told[1.75][65] and told[2.0][65] > told[2.0][67] + 0.5
        last = over_chords.moment(chord_of_chart("Fm"), 4.0, 4, 62, 0.5)
        assert (told[2.0] == over_chords.shipped(former=not strong).told(even, last)).all()


def chord_of_chart(name: str) -> Chord:
    chord = read(name)
    assert chord is not None
    return chord


def test_an_answer_over_a_chart_ends_on_the_chord_that_sounds_then() -> None:
    """Over A flat an answer to a phrase in C does not end in C."""
    for lines, ends in ((True, {8, 0, 3}), (False, {0, 4, 7})):
        last = []
        for seed in range(4):
            session = Session(load("folk"), Settings(tempo=120.0, chord_lines=lines), seed)
            session.follow(Grid(0.0, 0.0, 0.5, OWN))
            do(session, "chart_text", 0.0, "| C | Ab | Ab | Ab |")
            phrase = [
                event
                for at, pitch in enumerate((60, 64, 67, 64, 65, 62, 60))
                for event in (NoteOn(at * 0.25, pitch, 80), NoteOff(at * 0.25 + 0.2, pitch))
            ]
            last.append(ons(drive(session, phrase, tail=6.0))[-1])
        assert all(on.pitch % 12 in ends for on in last)


def test_a_chart_changes_nothing_where_the_settings_leave_it_out() -> None:
    """No random number more is drawn, so a journal from before replays."""
    played = []
    for chart in ("", CHART):
        session = playing(chord_tones=0.0)
        do(session, "chart_text", 0.0, chart)
        played.append([(on.at, on.pitch, on.velocity) for on in ons(until(session, 20.0))])
        session.panic(20.0)
    assert played[0] == played[1] and len(played[0]) > 10


@pytest.mark.parametrize("seed", range(PERFORMANCES // 10))
def test_random_performances_over_charts_that_change_keep_the_promises(seed: int) -> None:
    draw = random.Random(seed)
    settings = Settings(
        mode=draw.choice(("call_and_response", "duet", "autonomous")), chord=draw.choice(("auto", "off"))
    )
    session = Band(
        [Part("one", Untrained(), settings), Part("two", Untrained(), settings.model_copy(), (PERFORMER,))], 1
    )
    out: list[Event] = []
    for event in perform(seed):
        out += session.advance_until(event.at) + session.receive(event)
        verb, *args = draw.choice(
            (("chart_text", CHART), ("chart_text", ""), ("section", "B"), ("vamp", "A"), ("vamp",), ("transpose", 5))
        )
        try:
            out += do(session, verb, session.now, *args)
        except SettingsError as error:
            assert "No chart is played" in str(error)
    out += session.advance_until(session.now + 8.0) + session.panic(session.now + 8.0)
    check_order_and_pairs(out)


def test_a_rewind_takes_back_what_was_heard_of_chords() -> None:
    session = playing(mode="call_and_response")
    first = [NoteOn(0.0, pitch, 80) for pitch in (60, 64, 67)]
    drive(session, first, tail=0.2)
    before = session.player.changes.harmony(1.9)
    second = [NoteOn(2.0, pitch, 80) for pitch in (55, 59, 62, 65)]
    for event in second:
        session.receive(event)
    session.advance(2.4)
    assert _name(session.player.changes.harmony(2.4)) == "G7" and _name(before) == "C"
    session.rewind(4, 2.5)
    assert _name(session.player.changes.harmony(2.4)) == "C"
