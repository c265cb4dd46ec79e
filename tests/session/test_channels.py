"""Channels as a session hears them: each note on its own, the drums', and one that nobody listens to."""

from collections.abc import Callable

import pytest

from livegen.events import SUSTAIN, ControlChange, Heard, NoteOff, NoteOn, Prediction, Remark
from livegen.listening.zones import configuration
from livegen.predictors.models import Untrained
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import Part
from livegen.session.session import Session
from livegen.settings import Settings


def session(**settings: object) -> Session:
    return Session(Untrained(), Settings.from_table(settings), 1)


def band(**settings: object) -> Band:
    parts = [Part(name, Untrained(), Settings.from_table({**settings})) for name in ("one", "two")]
    return Band(parts, 1)


def melody(channels: list[int], start: float = 0.0) -> list[Heard]:
    events: list[Heard] = []
    for index, channel in enumerate(channels):
        at = start + 0.25 * index
        events += [NoteOn(at, 60 + index % 12, 90, channel), NoteOff(at + 0.2, 60 + index % 12, channel)]
    return events


def predictions(session: AnySession, events: list[Heard]) -> int:
    """The number of notes that were heard."""
    out = [each for event in events for each in (*session.advance_until(event.at), *session.receive(event))]
    return sum(isinstance(each, Prediction) and not each.voice for each in out + session.panic(session.now))


@pytest.mark.parametrize("channel_in", [0, 1])
def test_every_note_of_a_configured_zone_is_heard(channel_in: int) -> None:
    notes = melody([2 + index % 15 for index in range(30)])
    assert predictions(session(channel_in=channel_in), [*configuration(0.0), *notes]) == 30
    assert predictions(session(channel_in=3), [*configuration(0.0), *notes]) == 2


def test_every_note_that_goes_round_is_heard() -> None:
    notes = melody([2 + index % 15 for index in range(30)])
    assert predictions(session(), notes) == 30
    assert predictions(session(count_strokes=False), notes) == 28, "as it was in 0.1.0"
    assert predictions(session(), melody([1, 1, 10] * 5)) == 10, "drums beside a melody are not"


def test_the_pedal_of_the_manager_holds_every_note_of_its_zone() -> None:
    player = session(mode="harmonise", harmony="octave")
    events: list[Heard] = [
        *configuration(0.0),
        *(NoteOn(0.1, 60, 90, 5), ControlChange(0.2, SUSTAIN, 127, 1), NoteOff(0.3, 60, 5)),
    ]
    for event in events:
        player.receive(event)
    assert len(player.ledger) == 1
    player.receive(ControlChange(0.4, SUSTAIN, 0, 1))
    assert not len(player.ledger)
    player.receive(NoteOn(0.5, 62, 90, 6))
    player.receive(ControlChange(0.6, 123, 0, 1))
    assert not len(player.ledger)


@pytest.mark.parametrize("made", [session, band])
def test_who_plays_on_channel_10_alone_without_drums_is_told_once_what_to_set(
    made: Callable[..., AnySession],
) -> None:
    player = made(drums="off")
    said = [each for event in melody([10] * 9) for each in player.receive(event)]
    assert said == [
        Remark(
            0.5,
            "You play on MIDI channel 10, and livegen takes that for drums and does not hear it;"
            " set channel_in to 10 to be heard.",
        )
    ]
    assert predictions(session(channel_in=10, drums="off"), melody([10] * 9)) == 9


def test_who_plays_where_channel_in_does_not_listen_is_told() -> None:
    player = session(channel_in=2)
    (said,) = [each for event in melody([1] * 9) for each in player.receive(event)]
    assert isinstance(said, Remark)
    assert "You play on MIDI channel 1, and livegen hears channel 2 alone; set channel_in to 1" in said.text


def test_drums_beside_a_melody_are_no_mistake() -> None:
    player = session()
    events = melody([10, 10, 1, 10, 10, 1] * 4)
    assert not [each for event in events for each in player.receive(event) if isinstance(each, Remark)]
    player.panic(10.0)
