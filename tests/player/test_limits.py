"""The limits hold for all that is played: scales, chords, the left hand, velocities, loops."""

import os
import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from livegen.control.dispatch import dispatch
from livegen.errors import PacketError, SettingsError
from livegen.events import ControlChange, Event, Heard, NoteOff, NoteOn, Prediction
from livegen.listening.voicing import Voicing
from livegen.music import chords, scales
from livegen.music.chords import LeftHand
from livegen.music.drums import CHANNEL
from livegen.osc.packets import Argument, Message
from livegen.player.limits import Limits
from livegen.player.line import Repetition
from livegen.player.modes import MODES
from livegen.predictors.encoding import Step
from livegen.predictors.models import Forecast, State, Untrained, load
from livegen.session.band import Band
from livegen.session.parts import PERFORMER, Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import Chords
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import drive, perform, until
from tests.support.performing import Performing
from tests.support.phrases import phrase

PERFORMANCES = int(os.environ.get("LIVEGEN_PERFORMANCES", "60"))


def limits(**settings: Any) -> Limits:
    voicing = Voicing()
    return Limits(Settings(**settings), LeftHand(), lambda: voicing)


def inside(limits: Limits) -> set[int]:
    allowed = limits.pitches(None)
    return {pitch for pitch in range(128) if allowed.nearest[pitch] == pitch}


# Scales and chords


@pytest.mark.parametrize(
    ("scale", "key", "wanted"),
    [
        ("major", "D", {2, 4, 6, 7, 9, 11, 1}),
        ("Harmonic Minor", "A", {9, 11, 0, 2, 4, 5, 8}),
        ("101010010100", "G", {7, 9, 11, 2, 4}),
        ("0, 3 5,6 7 10", "C", {0, 3, 5, 6, 7, 10}),
        ("aeolian", "bb", {10, 0, 1, 3, 5, 6, 8}),
    ],
)
def test_a_scale_is_named_or_written_as_semitones(scale: str, key: str, wanted: set[int]) -> None:
    assert {pitch % 12 for pitch in inside(limits(scale=scale, key=key))} == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Am7", {9, 0, 4, 7}),
        ("am", {9, 0, 4}),
        ("F#maj7", {6, 10, 1, 5}),
        ("FM7", {5, 9, 0, 4}),
        ("Bb7b9", {10, 11, 2, 5, 8}),
        ("C/E", {0, 4, 7}),
        ("C/D", {0, 2, 4, 7}),
        ("G7sus4", {7, 0, 2, 5}),
        ("E-7", {4, 7, 11, 2}),
        ("Cmin7b5", {0, 3, 6, 10}),
        ("D6/9", {2, 4, 6, 9, 11}),
        ("CmM7", {0, 3, 7, 11}),
    ],
)
def test_a_chord_is_read_from_its_name(name: str, wanted: set[int]) -> None:
    assert chords.classes(name) == wanted


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("scale", "majr", "choose off, major"),
        ("scale", "0 12", "There is no scale"),
        ("scale", "000000000000", "There is no scale"),
        ("key", "H", "C, C# or Db to B, or auto"),
        ("chord", "Hm", "There is no chord"),
        ("chord", "Cmojo", "There is no chord"),
        ("raga", "Nosuch", "There is no raga"),
        ("tonic", "D", "write a tonic as D3"),
        ("tala", "waltz", "choose adi, rupaka, misra chapu or off"),
        ("strictness", 101, "0 to 100 %"),
    ],
)
def test_what_is_no_scale_or_chord_is_refused_in_a_sentence(name: str, value: object, says: str) -> None:
    settings = Settings()
    with pytest.raises(SettingsError, match=says):
        settings.set(name, value)
    assert settings == Settings()


def test_words_with_capitals_and_signs_come_over_osc_but_a_path_does_not() -> None:
    performing = Performing()
    given: list[tuple[str, Argument, str]] = [
        ("chord", "F#m7b5/A", "F#m7b5/A"),
        ("scale", "Minor_Pentatonic", "minor-pentatonic"),
        ("raga", "kalyani", "Mechakalyani"),
        ("tonic", "d3", "D3"),
        ("tala", "misra-chapu", "misra chapu"),
        ("raga", 15.0, "Mayamalavagowla"),
        ("tonic", 50, "50"),
    ]
    for name, value, kept in given:
        dispatch(Message(f"/livegen/{name}", (value,), None), ("127.0.0.1", 1), performing.commands)
        assert getattr(performing.settings, name) == kept
    assert Settings.from_table({"raga": 15, "tonic": 50}).raga == "Mayamalavagowla"
    with pytest.raises(PacketError, match="takes"):
        dispatch(Message("/livegen/raga", ("../x",), None), ("127.0.0.1", 1), performing.commands)
    with pytest.raises(PacketError, match="a-z"):
        dispatch(Message("/livegen/model", ("A/b",), None), ("127.0.0.1", 1), performing.commands)


def test_the_key_is_found_in_what_is_played() -> None:
    session = Session(Untrained(), Settings(mode="continuation", scale="major", key="auto"), 1)
    for pitch in (69, 71, 73, 74, 76, 78, 80, 81):  # A major
        session.receive(NoteOn(session.now + 0.3, pitch, 90))
        session.receive(NoteOff(session.now + 0.2, pitch))
    out = until(session, session.now + 20.0)
    assert len(ons(out)) > 10
    assert {on.pitch % 12 for on in ons(out)} <= scales.classes("major", 9)
    session.panic(99.0)


def test_strictness_says_how_many_notes_are_bound() -> None:
    def outside(strictness: float) -> float:
        settings = Settings(mode="autonomous", scale="pentatonic", key="F#", strictness=strictness, loops=0)
        out = ons(drive(Session(Untrained(), settings, 3), [], tail=150.0))  # which knows C major alone
        assert len(out) > 200
        return sum(on.pitch % 12 not in scales.classes("pentatonic", 6) for on in out) / len(out)

    shares = [outside(strictness) for strictness in (0.0, 80.0, 100.0)]
    assert shares[0] == pytest.approx(1.0, abs=0.05)
    assert shares[1] == pytest.approx(0.2, abs=0.06)
    assert shares[2] == 0.0


def test_the_scale_has_the_last_word_and_the_range_gives_way() -> None:
    assert {pitch % 12 for pitch in inside(limits(scale="major", chord="E7"))} == {4, 11, 2}
    assert {pitch % 12 for pitch in inside(limits(scale="major", chord="C#5"))} == {0, 2, 4, 5, 7, 9, 11}
    assert inside(limits(scale="major", lowest=61, highest=61)) == {60, 62}


# In whatever is played


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("polyphonic", [False, True])
def test_no_pitch_or_velocity_lies_outside_whatever_is_played_and_changed(mode: str, polyphonic: bool) -> None:
    """The limits change as the music goes on: from then on no note begins outside the new ones."""
    answered = 0
    for seed in range(PERFORMANCES):
        draw = random.Random(seed)
        settings = Settings(mode=mode, scale="major", quietest=30, loudest=90)
        session = Session(Chords() if polyphonic else Untrained(), settings, seed)
        everything: list[Event] = []
        for count, event in enumerate(perform(seed)):
            answered += check_inside(out := until(session, event.at) + session.receive(event), settings)
            everything += out
            if count % 4 == 0:
                before = settings.model_copy()
                settings.scale = draw.choice(["major", "blues", "whole-tone", "0 1"])
                settings.key = draw.choice(["C", "F#", "Bb"])
                settings.chord = draw.choice(["off", "off", "Am7", "Gdim7"])
                settings.lowest, settings.highest = draw.choice([(36, 96), (60, 71), (90, 48)])
                out = session.settings_changed(session.now)
                for on in ons(out):  # it was due at this very moment
                    assert on.at == session.now
                    assert is_inside(on, before) or is_inside(on, settings)
                everything += out
        answered += check_inside(out := until(session, session.now + 6.0), settings)
        everything += out + session.panic(session.now + 6.0)
        check_order_and_pairs(everything)
    # A harmony sounds only under a top voice, and such music has hardly any.
    assert answered > (1 if mode == "harmonise" else 4) * PERFORMANCES


def is_inside(on: NoteOn | Prediction, settings: Settings) -> bool:
    if isinstance(on, NoteOn) and on.channel == CHANNEL:  # a drum has no pitch
        return settings.quietest <= on.velocity <= settings.loudest
    scale = scales.classes(settings.scale, scales.tonic(settings.key))
    both = scale if settings.chord == "off" else scale & chords.classes(settings.chord) or scale
    low, high = sorted((settings.lowest, settings.highest))
    within = low <= on.pitch <= high and settings.quietest <= on.velocity <= settings.loudest
    return within and on.pitch % 12 in both


def check_inside(out: Sequence[Event], settings: Settings) -> int:
    """The number of notes, each of which is inside."""
    for event in out:
        if isinstance(event, NoteOn | Prediction):
            assert is_inside(event, settings), f"{event} lies outside {settings}"
    return len(ons(out))


@pytest.mark.parametrize("name", ["folk", "piano"])
def test_the_shipped_models_keep_to_a_scale_with_chords_under_their_melody(name: str) -> None:
    model, wanted = load(name), scales.classes("minor-pentatonic", 9)
    together = 0
    for seed in range(4):
        events: list[Heard] = []
        for at in range(12):  # the performer plays chords that lie outside
            events += [NoteOn(at * 0.4, pitch + at % 5, 90) for pitch in (56, 61, 65)]
            events += [NoteOff(at * 0.4 + 0.3, pitch + at % 5) for pitch in (56, 61, 65)]
        settings = Settings(mode="continuation", scale="minor-pentatonic", key="A")
        out = ons(drive(Session(model, settings, seed), events, tail=20.0))
        assert {on.pitch % 12 for on in out} <= wanted
        together += sum(count > 1 for count in Counter(on.at for on in out).values())
    assert together > 10


# The left hand


def test_the_left_hand_sets_the_chord_and_is_not_heard_as_melody() -> None:
    settings = Settings(mode="autonomous", chord="left-hand", zone=54)
    session = Session(Untrained(), settings, 1)
    until(session, 3.0)
    for chord in ((45, 48, 52), (43, 47, 50), (41, 45, 48)):  # A minor, G, F
        start = session.now
        for pitch in chord:
            assert not [e for e in session.receive(NoteOn(start + 0.1, pitch, 90)) if isinstance(e, Prediction)]
        assert session.performer.onset is None
        out = until(session, start + 4.0)
        session.receive(NoteOff(start + 4.0, chord[0]))
        out += until(session, start + 8.0)  # and it stays when keys are let go
        assert len(ons(out)) > 5
        assert {on.pitch % 12 for on in ons(out)} <= {pitch % 12 for pitch in chord}
        for pitch in chord[1:]:
            session.receive(NoteOff(session.now, pitch))
    assert [e for e in session.receive(NoteOn(session.now, 54, 90)) if isinstance(e, Prediction)]
    session.panic(99.0)


def test_a_left_hand_does_not_interrupt_an_answer_and_single_keys_name_no_chord() -> None:
    session = Session(Untrained(), Settings(mode="continuation", chord="left-hand"), 1)
    for event in phrase():
        session.receive(event)
    until(session, 5.0)
    assert session.playing
    session.receive(NoteOn(5.0, 40, 90))
    assert session.playing and not session.performer.left_hand.chord
    session.receive(ControlChange(5.1, 123, 0))
    session.receive(NoteOn(5.2, 45, 90))
    assert not session.performer.left_hand.chord
    session.panic(9.0)


def test_a_left_hand_key_is_released_even_if_the_setting_or_the_channel_changed() -> None:
    session = Session(Untrained(), Settings(chord="left-hand"), 1)
    session.receive(NoteOn(1.0, 40, 90, channel=3))
    session.settings.chord, session.settings.channel_in = "off", 2
    off = NoteOff(2.0, 40, channel=3)
    session.receive(off)
    assert not session.performer.left_hand.holds(off)


def test_in_a_band_a_voice_that_wants_it_takes_the_chord_from_the_left_hand() -> None:
    names = {"lead": "left-hand", "bass": "off"}
    parts = [Part(name, Untrained(), Settings(chord=chord), (PERFORMER,)) for name, chord in names.items()]
    band = Band(parts, 1)
    for pitch in (45, 48, 52):
        band.receive(NoteOn(1.0, pitch, 90))
    assert band.performer.left_hand.chord == {9, 0, 4}
    assert band.performer.onset is None  # the lead's; the bass hears them as melody
    assert any(isinstance(event, Prediction) for event in band.receive(NoteOn(1.5, 72, 90)))
    band.panic(2.0)


# Loops


class Stuck(Untrained):
    """Wants to play one note for ever, or two in turn."""

    def __init__(self, *figure: int) -> None:
        super().__init__()
        self._figure = figure

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        place = 0 if state is None else state
        forecast = super().step(None, step)[1]
        pitch = np.zeros_like(forecast.pitch)
        pitch[:, self._figure[place % len(self._figure)]] = 30.0
        return place + 1, forecast._replace(pitch=pitch)


@pytest.mark.parametrize("figure", [(60,), (60, 64), (60, 62, 64, 65, 67)])
@pytest.mark.parametrize("most", [2, 4])
def test_nothing_is_repeated_more_often_than_loops_says(figure: tuple[int, ...], most: int) -> None:
    def longest(loops: int) -> int:
        settings = Settings(mode="autonomous", loops=loops, in_register=0.0)
        played = [on.pitch for on in ons(drive(Session(Stuck(*figure), settings, 1), [], tail=60.0))]
        assert len(played) > 60
        return max(repeats(played, period) for period in range(1, 9))

    assert longest(0) > 10
    assert longest(most) <= most


def repeats(played: Sequence[int], period: int) -> int:
    """The most times in a row that a figure of so many notes is played."""
    longest = run = 0
    for earlier, later in zip(played, played[period:], strict=False):
        run = run + 1 if earlier == later else 0
        longest = max(longest, run)
    return 1 + longest // period


def test_one_pitch_alone_is_repeated_for_want_of_another() -> None:
    settings = Settings(mode="autonomous", lowest=60, highest=60)
    assert {on.pitch for on in ons(drive(Session(Untrained(), settings, 1), [], tail=20.0))} == {60}


def test_a_loop_knows_its_figures() -> None:
    loop = Repetition()
    for pitch in (60, 62, 60, 62, 60):
        assert loop.closing(3) == []
        loop = loop.then(pitch)
    loop = loop.then(62)
    assert loop.closing(3) == [60]
    assert loop.closing(0) == []


# Density


def test_density_makes_the_player_play_more_or_less() -> None:
    model = load("folk")

    def rate(density: float) -> float:
        settings = Settings(mode="continuation", density=density, own_touch=0.0, habits=False)
        return len(ons(drive(Session(model, settings, 1), phrase(notes=16), tail=30.0))) / 30.0

    rates = [rate(density) for density in (0.25, 0.5, 1.0, 2.0)]
    assert all(later > 1.2 * earlier for earlier, later in pairwise(rates)), rates
