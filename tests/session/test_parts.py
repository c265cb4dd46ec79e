"""The parts of a band: their names, and the parts that each one hears."""

import pytest

from livegen.errors import SettingsError
from livegen.events import NoteOff, NoteOn
from livegen.predictors.models import Untrained
from livegen.session.parts import PERFORMER, Parts, Voice
from livegen.session.session import Session
from livegen.settings import Settings


def parts(**hears: str) -> Parts:
    """Voices of these names, each of which hears those in its words."""
    return Parts(
        [
            Voice(name, Session(Untrained(), Settings(), number), tuple(heard.split()), 17 + number)
            for number, (name, heard) in enumerate(hears.items())
        ]
    )


def teachers(voices: Parts) -> list[str]:
    """Those that teach all the beat."""
    return [voice.name for voice in voices.voices if voice.session.performer.teaches]


def listeners(voices: Parts, name: str) -> list[str]:
    return [voice.name for voice in voices.listeners[name]]


def test_each_is_heard_by_those_who_want_to_and_one_teaches_the_beat() -> None:
    voices = parts(drone="bass performer", lead=PERFORMER, bass=PERFORMER, chords=PERFORMER)
    assert voices.names == ["drone", "lead", "bass", "chords"]
    assert listeners(voices, PERFORMER) == ["drone", "lead", "bass", "chords"]
    assert listeners(voices, "bass") == ["drone"] and listeners(voices, "lead") == []
    assert teachers(voices) == ["lead"], "the first that answers the performer, and no other"
    voices.let_hear("lead", ["bass"])
    assert listeners(voices, "bass") == ["drone", "lead"]
    assert teachers(voices) == ["bass"]
    voices.let_hear("bass", [])
    voices.let_hear("chords", [])
    assert teachers(voices) == []


def test_who_answers_another_waits_for_no_release() -> None:
    voices = parts(lead=PERFORMER, bass="lead")
    lead = voices.find("lead").session
    lead.receive(NoteOn(1.0, 60, 90))
    voices.let_hear("lead", [PERFORMER, "bass"])
    assert lead.performer.held, "it answers the same one still"
    voices.let_hear("lead", ["bass", PERFORMER])
    assert not lead.performer.held
    lead.receive(NoteOff(1.5, 60))


def test_what_cannot_be_heard_is_said() -> None:
    voices = parts(lead=PERFORMER, bass="lead")
    for name, hears, said in (
        ("flute", ["lead"], "no voice 'flute'; there are lead, bass"),
        ("lead", ["flute"], "cannot hear 'flute'; there are performer, lead, bass"),
        ("lead", ["lead"], "leave it out"),
    ):
        with pytest.raises(SettingsError, match=said):
            voices.check(name, hears)
