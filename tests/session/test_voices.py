"""Voices as musicians declare them: what is read, what is refused, on which channels they play."""

from collections.abc import Sequence
from typing import Any

import pytest

from livegen.cli.prepared import prepare
from livegen.errors import SettingsError
from livegen.events import Event, NoteOn
from livegen.music.drums import CHANNEL
from livegen.predictors.models import load
from livegen.session import voices
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons
from tests.support.performances import drive
from tests.support.places import EXAMPLES
from tests.support.rhythms import melody

EXAMPLE = EXAMPLES / "band.toml"


def test_the_example_declares_three_voices_that_play() -> None:
    settings, _, declared = prepare(EXAMPLE, {"temperature": "0.5", "mode": "duet"})
    assert [(one.name, one.hears[0], one.settings.channel_out) for one in declared] == [
        ("lead", "performer", 1),
        ("bass", "lead", 2),
        ("chords", "performer", 3),
    ]
    assert declared[0].settings is settings
    assert [one.settings.mode for one in declared] == ["duet"] * 3  # a flag counts more than the first voice's table
    assert {one.settings.temperature for one in declared} == {0.5}
    assert [one.settings.model for one in declared] == ["folk", "markov", "piano"]
    session = voices.assembled(declared, settings, load, 1)
    for number in range(12):
        session.advance(0.3 * number)
        session.receive(NoteOn(0.3 * number, 60 + number, 90))
    out = session.advance(20.0) + session.panic(20.0)
    assert {event.channel for event in out if isinstance(event, NoteOn)} == {1, 2, 3}


def test_a_drummer_stands_behind_whatever_plays() -> None:
    settings = Settings(mode="call_and_response")
    session = voices.assembled(voices.with_parts([], settings, ["drums"]), settings, load, 1)
    assert session.names == ["lead", "drums"]
    events = melody(32)
    out = drive(session, events, 12.0)
    check_order_and_pairs(out)
    channels = [on.channel for on in ons(out)]
    assert channels.count(CHANNEL) > 20 and channels.count(1) > 4
    assert settings.mode == "call_and_response" and settings.channel_out == 1
    declared = prepare(EXAMPLES / "drums.toml", {}).voices
    assert [(one.name, one.settings.mode) for one in declared] == [
        ("lead", "call_and_response"),
        ("drums", "accompany"),
    ]
    with pytest.raises(SettingsError, match="two called drums"):
        voices.with_parts(declared, settings, ["drums"])


def test_voices_take_channels_of_their_own() -> None:
    tables = [{"name": f"v{number}"} for number in range(15)] + [{"name": "bass", "channel_out": 3}]
    settings = Settings()
    declared = voices.declared(tables, settings)
    channels = [one.settings.channel_out for one in declared]
    assert channels[0] == 1 and channels[-1] == 3 and 10 not in channels
    assert len(set(channels[:14])) == 14


@pytest.mark.parametrize(
    ("table", "because"),
    [
        ([{"hears": []}], "A voice needs a name"),
        ([{"name": "Big Band"}], "A voice needs a name"),
        ([{"name": "a"}, {"name": "a"}], "There are two called a"),
        ([{"name": "performer"}], "two called performer"),
        ([{"name": "a", "hears": ["b"]}], "The voice a cannot hear 'b'; there are performer, a"),
        ([{"name": "a", "hears": ["a"]}], "leave it out"),
        ([{"name": "a", "hears": "performer"}], "hears a list of names"),
        ([{"name": "a", "tempo": 90}], "tempo is the same for all voices"),
        ([{"name": "a", "osc_port": 90}], "osc_port is the same for all voices"),
        ([{"name": "a", "temprature": 1}], "did you mean temperature"),
        ([{"name": "a"}, {"name": "b", "touch": 7}], "touch cannot be '7'"),
        ([{"name": f"v{number}"} for number in range(65)], "at most 64"),
        ({"name": "a"}, r"\[\[voice\]\] tables"),
    ],
)
def test_what_is_wrong_with_a_voice_is_said(table: Any, because: str) -> None:
    with pytest.raises(SettingsError, match=because):
        voices.declared(voices.split({"voice": table})[1], Settings())


def on_channel(out: Sequence[Event], channel: int) -> list[NoteOn]:
    return [on for on in ons(out) if on.channel == channel]


def test_a_trio_stands_behind_the_lead_and_plays_on_while_it_answers() -> None:
    settings = Settings(mode="call_and_response", candidates=1)
    declared = voices.with_parts([], settings, ["drums", "bass", "chords"])
    assert [one.name for one in declared] == ["lead", "drums", "bass", "chords"]
    assert [one.settings.channel_out for one in declared] == [1, CHANNEL, 2, 3]
    session = voices.assembled(declared, settings, load, 1)
    out = drive(session, melody(32), 12.0)
    check_order_and_pairs(out)
    answer = on_channel(out, 1)
    middle = (answer[0].at + answer[-1].at) / 2
    assert len(answer) > 4 and middle > melody(32)[-1].at + 1.5 * 4 * 60.0 / 112.0
    for channel in (2, 3, CHANNEL):
        notes = on_channel(out, channel)
        assert len(notes) > 8
        assert [on for on in notes if middle < on.at < answer[-1].at]  # while livegen answers
    alone = voices.assembled(declared, settings, load, 1)
    for voice in alone.voices:
        voice.settings.ensemble = False
    end = melody(32)[-1].at
    assert not [on for on in on_channel(drive(alone, melody(32), 12.0), 2) if on.at > end + 4 * 60.0 / 112.0]
    with pytest.raises(SettingsError, match="no part 'flute'; there are drums, bass, chords"):
        voices.with_parts([], settings, ["flute"])
