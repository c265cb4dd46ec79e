"""Voices as musicians declare them: what is read, what is refused, on which channels they play."""

from typing import Any

import pytest

from livegen.cli.prepared import prepare
from livegen.errors import SettingsError
from livegen.events import NoteOn
from livegen.predictors.models import load
from livegen.session import voices
from livegen.settings import Settings
from tests.support.places import EXAMPLES

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
