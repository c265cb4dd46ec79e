"""Keys, pedals and mode messages as a session hears them: strokes are counted, and what arrives twice is one."""

import os
from collections.abc import Sequence

import pytest

from livegen.events import SOSTENUTO, SUSTAIN, ControlChange, Event, Heard, NoteOff, NoteOn, Prediction
from livegen.midi.messages import decode
from livegen.predictors.models import Untrained
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import Part
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons, turns
from tests.support.performances import drive
from tests.support.phrases import phrase
from tests.support.sounding import Message, pitches_over_time, sequence

SEQUENCES = max(200, int(os.environ.get("LIVEGEN_SEQUENCES", "0")) // 20)  # of a hundred thousand, 5,000


def harmonising(voices: int = 0, **settings: object) -> AnySession:
    chosen = {"mode": "harmonise", "harmony": "octave", "harmonises": "every", "longest": 10.0, "lowest": 0, **settings}
    if voices:
        parts = [Part(f"v{number}", Untrained(), Settings.from_table(chosen)) for number in range(voices)]
        return Band(parts, 1)
    return Session(Untrained(), Settings.from_table(chosen), 1)


def hear(session: AnySession, events: Sequence[Heard]) -> list[list[Event]]:
    """What comes of each event, with what was due before it."""
    return [[*session.advance_until(event.at), *session.receive(event)] for event in events]


def sounds(session: AnySession, events: Sequence[Heard]) -> list[set[int]]:
    """The pitches of the player's that sound after each of the events; then all is ended."""
    ids: dict[int, int] = {}
    found = []
    whole: list[Event] = []
    for out in hear(session, events):
        whole += out
        for event in out:
            if isinstance(event, NoteOn):
                ids[event.id] = event.pitch
            elif isinstance(event, NoteOff):
                del ids[event.id]
        found.append(set(ids.values()))
    check_order_and_pairs(whole + session.panic(session.now))
    return found


def decoded(messages: Sequence[Message]) -> list[Heard]:
    events = [decode(message, at) for at, message in messages]
    return [event for event in events if isinstance(event, NoteOn | NoteOff | ControlChange)]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("voices", [0, 2])
def test_what_sounds_is_what_a_synth_would_sound(voices: int) -> None:
    session = harmonising(voices)
    for seed in range(SEQUENCES // 10 if voices else SEQUENCES):
        messages = sequence(seed, session.now + 0.5)
        expected = [{pitch - 12 for pitch in pitches} for pitches in pitches_over_time(messages)]
        assert sounds(session, decoded(messages)) == expected, seed
        session.reset(session.now)


@pytest.mark.parametrize("release", [(0x80, 60, 0), (0x90, 60, 0)])
def test_a_release_after_the_next_stroke_is_that_of_the_stroke_before(release: tuple[int, int, int]) -> None:
    on, off = bytes((0x90, 60, 90)), bytes(release)
    events = decoded([(0.0, on), (0.5, on), (0.5, off), (1.0, off)])
    assert sounds(harmonising(), events) == [{48}, {48}, {48}, set()]


def test_no_answer_comes_while_the_key_that_was_struck_again_is_down() -> None:
    notes = [*phrase(notes=4), NoteOn(1.0, 70, 90), NoteOn(1.25, 70, 90), NoteOff(1.26, 70)]
    held = drive(Session(Untrained(), Settings(), 1), notes, tail=4.0)
    assert not turns(held)
    let_go = drive(Session(Untrained(), Settings(), 1), [*notes, NoteOff(1.6, 70)], tail=4.0)
    assert [who for who, _ in turns(let_go)][:1] == ["player"]


@pytest.mark.parametrize("channels", [(1, 2), (1, 1), (5, 16)])
@pytest.mark.parametrize("apart", [0.0, 0.003])
def test_a_key_that_arrives_twice_is_heard_once(channels: tuple[int, int], apart: float) -> None:
    """Layers on two channels, two ports, doubled note-ons: the answer is that to the melody alone."""
    twice: list[Heard] = []
    for index, pitch in enumerate((60, 64, 67, 65, 64, 62)):
        for channel, late in zip(channels, (0.0, apart), strict=True):
            at = 0.25 * index
            twice += NoteOn(at + late, pitch, 90, channel), NoteOff(at + 0.2 + late, pitch, channel)
    twice.sort(key=lambda event: event.at)
    once: list[Heard] = []
    for on in ons(twice)[::2]:
        once += on, NoteOff(on.at + 0.2 + apart, on.pitch, on.channel)
    for mode in ("call_and_response", "harmonise"):
        outs = [drive(Session(Untrained(), Settings(mode=mode), 1), events) for events in (once, twice)]
        plain, doubled = ([(on.at, on.pitch) for on in ons(out)] for out in outs)
        assert plain and doubled == plain, mode


def test_a_double_gets_its_prediction_too() -> None:
    """A program that sends notes with ids waits for an answer to each."""
    session = harmonising()
    session.receive(NoteOn(0.0, 60, 90, 1, 11))
    answers = session.receive(NoteOn(0.001, 60, 90, 2, 12))
    session.panic(1.0)
    assert len(answers) == 1 and isinstance(answers[0], Prediction) and answers[0].id == 12


def test_one_stroke_on_two_channels_lasts_as_long_as_the_longer() -> None:
    events: list[Heard] = [NoteOn(0.0, 60, 90, 1), NoteOn(0.0, 60, 90, 2), NoteOff(0.25, 60, 1), NoteOff(2.0, 60, 2)]
    assert sounds(harmonising(), events) == [{48}, {48}, {48}, set()]


def test_a_layer_that_is_still_held_joins_the_next_stroke() -> None:
    events: list[Heard] = [
        *(NoteOn(0.0, 60, 90, 2), NoteOn(1.0, 60, 90, 1), NoteOn(1.0, 60, 90, 2)),
        *(NoteOff(1.1, 60, 1), NoteOff(1.2, 60, 2), NoteOff(1.3, 60, 2)),
    ]
    assert sounds(harmonising(), events) == [{48}] * 5 + [set()]


def test_after_ten_seconds_a_lost_release_is_no_longer_waited_for() -> None:
    events: list[Heard] = [NoteOn(0.0, 60, 90), NoteOn(10.5, 60, 90), NoteOff(10.8, 60)]
    assert sounds(harmonising(), events) == [{48}, {48}, set()]


def pedal_cases() -> list[tuple[str, list[Heard], list[set[int]]]]:
    on, off = NoteOn(0.0, 60, 90), NoteOff(0.2, 60)
    down = ControlChange(0.1, SUSTAIN, 127)
    return [
        ("reset lifts the pedal", [on, down, off, ControlChange(0.3, 121, 0)], [{48}, {48}, {48}, set()]),
        ("all notes off leaves it", [on, down, ControlChange(0.3, 123, 0)], [{48}, {48}, {48}]),
        ("all sound off ends all", [on, down, off, ControlChange(0.3, 120, 0)], [{48}, {48}, {48}, set()]),
        ("omni off", [on, ControlChange(0.3, 124, 0)], [{48}, set()]),
        ("poly on", [on, ControlChange(0.3, 127, 0)], [{48}, set()]),
        ("local control", [on, ControlChange(0.3, 122, 0)], [{48}, {48}]),
        ("another channel", [on, ControlChange(0.3, 123, 0, 2)], [{48}, {48}]),
        ("half a pedal", [ControlChange(0.0, SUSTAIN, 64), on, off], [set(), {48}, {48}]),
        ("less than half", [ControlChange(0.0, SUSTAIN, 63), on, off], [set(), {48}, set()]),
        (
            "sostenuto holds what is down, and no more",
            [
                *(on, ControlChange(0.1, SOSTENUTO, 127), NoteOn(0.15, 64, 90), off, NoteOff(0.3, 64)),
                ControlChange(0.4, SOSTENUTO, 0),
            ],
            [{48}, {48}, {48, 52}, {48, 52}, {48}, set()],
        ),
    ]


@pytest.mark.parametrize(("case", "events", "expected"), pedal_cases())
def test_pedals_and_mode_messages(case: str, events: list[Heard], expected: list[set[int]]) -> None:
    assert sounds(harmonising(), events) == expected, case


def test_the_answer_waits_neither_for_a_pedal_nor_for_keys_that_a_mode_message_ended() -> None:
    for last in (ControlChange(2.3, 123, 0), ControlChange(2.3, 126, 1), ControlChange(2.3, 120, 0)):
        events = [ControlChange(0.0, SUSTAIN, 127), *phrase(), NoteOn(2.0, 70, 90), last]
        session = Session(Untrained(), Settings(), 1)
        begun = [at for who, at in turns(drive(session, events)) if who == "player"]
        assert begun and begun[0] < 4.5
        assert session.performer.pedals == {1: 0.0}


def test_a_key_on_a_channel_that_is_not_heard_changes_nothing() -> None:
    session = harmonising(channel_in=1)
    events: list[Heard] = [
        *(NoteOn(0.0, 60, 90, 1), NoteOn(0.001, 60, 90, 2), NoteOff(0.2, 60, 2)),
        *(ControlChange(0.3, 123, 0, 2), ControlChange(0.3, SUSTAIN, 127, 2), NoteOff(0.5, 60, 1)),
    ]
    assert sounds(session, events) == [{48}] * 5 + [set()]


def test_a_reset_forgets_the_keys() -> None:
    session = harmonising()
    session.receive(NoteOn(0.0, 60, 90))
    session.receive(ControlChange(0.0, SUSTAIN, 127))
    session.reset(1.0)
    assert sounds(session, [NoteOn(2.0, 60, 90), NoteOff(2.5, 60)]) == [{48}, set()]


def test_without_counting_any_release_ends_its_key() -> None:
    events: list[Heard] = [NoteOn(0.0, 60, 90), NoteOn(0.5, 60, 90), NoteOff(0.5, 60), NoteOff(1.0, 60)]
    assert sounds(harmonising(count_strokes=False), events) == [{48}, {48}, set(), set()]
