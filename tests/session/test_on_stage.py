"""Situations found by playing live, kept as tests: what a performer did, and what livegen must do."""

from functools import partial
from itertools import pairwise
from statistics import mean

import pytest

from livegen.events import SUSTAIN, ControlChange, Heard, NoteOff, NoteOn, Prediction
from livegen.player.modes import MODES, Situation, Turn
from livegen.predictors import models
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import ons, turns
from tests.support.performances import drive, session
from tests.support.phrases import phrase

FOLK = models.load("folk")


def notes(gaps: list[float], share: float = 0.4, start: float = 0.0) -> list[Heard]:
    """Notes that follow each other after the gaps, each sounding for a share of its gap."""
    events: list[Heard] = []
    at = start
    for index, gap in enumerate(gaps):
        pitch = 60 + index * 5 % 12
        events += [NoteOn(at, pitch, 90), NoteOff(at + share * gap, pitch)]
        at += gap
    return events


def answers(events: list[Heard], mode: str = "call_and_response", tail: float = 8.0) -> int:
    return sum(who == "player" for who, _ in turns(drive(session(mode), events, tail)))


@pytest.mark.parametrize(
    "gaps",
    [
        [0.2] * 16 + [0.5] * 60,
        [0.2] * 16 + [0.4] * 30,
        [0.1] * 16 + [0.5] * 30,
        [0.1] * 16 + [0.8] * 30,
        [1.2] * 20,
        [1.5] * 20,
    ],
)
def test_a_performer_who_slows_down_is_not_interrupted_at_every_note(gaps: list[float]) -> None:
    assert 1 <= answers(notes(gaps)) <= 4


@pytest.mark.parametrize(("pause", "least"), [(1.6, 6), (2.5, 6), (4.0, 6)])
def test_phrases_with_pauses_between_are_each_answered(pause: float, least: int) -> None:
    gaps = ([0.2] * 7 + [pause]) * 6
    events = notes(gaps, share=0.1)
    assert least <= answers(events) <= 6


@pytest.mark.parametrize("spread", [0.03, 0.08, 0.15])
def test_strummed_chords_are_chords(spread: float) -> None:
    events: list[Heard] = []
    for chord in range(16):
        for string, pitch in enumerate((40, 47, 52, 56, 59, 64)):
            at = chord * 0.6 + spread * string / 5
            events += [NoteOn(at, pitch, 90), NoteOff(chord * 0.6 + 0.4, pitch)]
    player = session("call_and_response")
    out = drive(player, sorted(events, key=lambda event: event.at), tail=8.0)
    assert len(turns(out)) == 2
    assert player.performer.wait(2.0) == pytest.approx(1.2, abs=0.1)


@pytest.mark.parametrize("events", [[], [NoteOn(0.0, 60, 90), NoteOff(6.0, 60)], notes([1.2] * 8)])
def test_the_player_is_no_machine_gun(events: list[Heard]) -> None:
    for seed in range(6):
        played = ons(drive(Session(FOLK, Settings(mode="continuation"), seed), events, tail=60.0))
        played = played or ons(drive(Session(FOLK, Settings(mode="autonomous"), seed), events, tail=60.0))
        gaps = [later.at - note.at for note, later in pairwise(played)]
        assert min(gaps) >= 0.099


def test_a_lost_note_off_costs_one_wait_and_a_reset_cures_it() -> None:
    events: list[Heard] = [NoteOn(0.0, 30, 90)]  # never released
    starts = [0.2, 22.0, 44.0]
    for start in starts:
        events += notes([0.25] * 8, start=start)
    begun = [at for who, at in turns(drive(session("call_and_response"), events, tail=12.0)) if who == "player"]
    assert [at - start < 3.5 for at, start in zip(begun, starts, strict=True)] == [False, True, True]
    player = session("call_and_response")
    player.receive(NoteOn(0.0, 60, 90))
    player.reset(1.0)
    assert not player.performer.held


def test_a_pedal_that_stays_down_costs_nothing() -> None:
    events: list[Heard] = [ControlChange(0.0, SUSTAIN, 127), *notes([0.25] * 8), *notes([0.25] * 8, start=22.0)]
    begun = [at for who, at in turns(drive(session("call_and_response"), events, tail=12.0)) if who == "player"]
    assert begun[0] < 3.5 and begun[1] < 25.5


def test_by_pace_alone_a_stuck_pedal_costs_one_wait() -> None:
    events: list[Heard] = [ControlChange(0.0, SUSTAIN, 127), *notes([0.25] * 8), *notes([0.25] * 8, start=22.0)]
    by_pace = Session(FOLK, Settings(phrase_cues=False), 1)
    begun = [at for who, at in turns(drive(by_pace, events, tail=12.0)) if who == "player"]
    assert begun[0] > 10.0 and begun[1] < 25.5


def test_a_half_damper_pedal_does_not_hold_the_phrase_open() -> None:
    plain = notes([0.25] * 8)
    noisy = [*plain, *(ControlChange(2.0 + tick * 0.1, SUSTAIN, tick % 20, 1) for tick in range(60))]
    assert turns(drive(session("call_and_response"), noisy))[0] == turns(drive(session("call_and_response"), plain))[0]


def test_a_continuation_stays_in_the_performers_register() -> None:
    for low in (40, 66, 84):
        events = [
            event
            for index in range(12)
            for event in (NoteOn(index * 0.25, low + index % 8, 90), NoteOff(index * 0.25 + 0.2, low + index % 8))
        ]
        played = ons(drive(Session(FOLK, Settings(mode="continuation"), 1), events, tail=120.0))
        last_minute = [note.pitch for note in played if note.at > 60.0]
        assert abs(mean(last_minute) - (low + 3.5)) < 8.0
        assert max(last_minute.count(pitch) for pitch in set(last_minute)) < len(last_minute) / 2


def test_the_tempo_is_taken_up_live() -> None:
    player = session("autonomous")
    player.settings.tempo = 60.0
    player.settings_changed(0.0)
    slow = len(ons(player.advance(30.0)))
    player.panic(30.0)
    assert slow < 0.7 * len(ons(drive(session("autonomous"), [], tail=30.0)))


def test_a_changed_range_holds_from_the_next_note() -> None:
    player = Session(FOLK, Settings(mode="autonomous"), 1)
    player.advance(5.0)
    player.settings.lowest, player.settings.highest = 84, 90
    player.settings_changed(player.now)
    assert {84 <= note.pitch <= 90 for note in ons(player.advance(20.0))} == {True}
    player.panic(20.0)


def test_patience_raised_during_an_answer_does_not_end_it() -> None:
    player = session("call_and_response")
    for event in phrase():
        player.receive(event)
    out = player.advance(3.0)
    player.settings.patience = 8.0
    out += player.settings_changed(3.0) + player.advance(20.0)
    assert [who for who, _ in turns(out)] == ["player", "performer"]


def test_settings_changed_late_do_not_turn_time_back() -> None:
    player = session("autonomous")
    out = player.advance(2.0)
    player.settings.mode = "autonomous"
    out += player.settings_changed(3.3) + player.advance(5.0) + player.panic(5.0)
    assert [event.at for event in out] == sorted(event.at for event in out)


def test_a_pedal_lifted_on_a_channel_no_longer_heard_is_lifted() -> None:
    player = session("call_and_response")
    player.receive(ControlChange(0.0, SUSTAIN, 127, 1))
    player.settings.channel_in = 2
    player.receive(ControlChange(1.0, SUSTAIN, 0, 1))
    assert not player.performer.pedals


def test_the_predicted_velocity_is_the_one_that_is_played() -> None:
    events = [event for index in range(8) for event in phrase(index * 0.25, notes=1, velocity=20 + index * 12)]
    out = drive(session("continuation"), events, tail=3.0)
    said = [event for event in out if isinstance(event, Prediction)][-1]
    assert (ons(out)[0].pitch, ons(out)[0].velocity) == (said.pitch, said.velocity)


class Broken:
    """A mode that fails once."""

    def __init__(self, mode: str, at_call: int) -> None:
        self._mode, self._left = MODES[mode], at_call

    def __call__(self, situation: Situation, settings: Settings) -> Turn:
        self._left -= 1
        if self._left == 0:
            raise ZeroDivisionError
        return self._mode(situation, settings)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("at_call", range(2, 60, 7))
def test_a_mode_that_fails_loses_no_note_off(mode: str, at_call: int) -> None:
    """Its failure may come between the note-offs and the note-ons of one moment."""
    player = session(mode)
    out = player.set_mode(Broken(mode, at_call), 0.0)
    for event in [*phrase(), *phrase(start=6.0)]:
        for call in (partial(player.advance, event.at), partial(player.receive, event)):
            try:
                out += call()
            except ZeroDivisionError:
                out += player.panic(player.now)
    out += player.panic(player.now)
    struck = [event.id for event in out if isinstance(event, NoteOn)]
    assert struck == sorted(event.id for event in out if isinstance(event, NoteOff))
