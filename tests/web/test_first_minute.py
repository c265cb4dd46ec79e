"""How long the newcomer's first minute is by its own schedule, in virtual time."""

import json
import re

from livegen.events import Event, Heard, NoteOff, NoteOn
from livegen.predictors.models import load
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import ons, turns
from tests.support.places import ROOT

SCRIPT = (ROOT / "livegen/web/page/first_minute.js").read_text(encoding="utf-8")
BEGINS = 0.15  # seconds from the button to the first note
LOOKS = 0.8  # seconds in which a newcomer finds the key that lit up
MOST = 20.0  # seconds from the button to the newcomer's own answer


def constant(name: str) -> list[list[float]]:
    """The value that the script gives a name, as lists of lists, a bare number too."""
    found = re.search(rf"^const {name} = ([^;]+);", SCRIPT, re.MULTILINE)
    assert found is not None
    value = json.loads(found[1])
    return [each if isinstance(each, list) else [each] for each in (value if isinstance(value, list) else [value])]


def test_the_schedule_is_the_scripts() -> None:
    assert f"let at = {BEGINS};" in SCRIPT


def test_a_newcomer_who_takes_time_is_answered_in_twenty_seconds() -> None:
    session, ((beat,),) = Session(load(Settings().model), Settings(), seed=1), constant("BEAT")
    at, shown = BEGINS, list[Heard]()
    for pitch, beats in constant("PHRASE"):
        shown += [NoteOn(at, int(pitch), 88), NoteOff(at + 0.9 * beats * beat, int(pitch))]
        at += beats * beat
    hear(session, shown)
    at, own = end_of_answer(session), list[Heard]()
    for (pitch,) in constant("YOURS"):
        at += LOOKS
        own += [NoteOn(at, int(pitch), 88), NoteOff(at + 0.2, int(pitch))]
    hear(session, own)
    answer = session.advance_until(MOST)
    assert len(ons(answer)) >= 1


def hear(session: Session, phrase: list[Heard]) -> None:
    """Play a phrase, over which livegen plays nothing."""
    for event in phrase:
        assert not ons(session.advance_until(event.at)) and not ons(session.receive(event))


def end_of_answer(session: Session) -> float:
    """Let livegen answer, and return when it is the performer's turn again."""
    out: list[Event] = []
    for tenth in range(int(session.now * 10), int(MOST * 10)):
        out += session.advance_until(tenth / 10)
        if ons(out) and turns(out)[-1][0] == "performer":
            return tenth / 10
    raise AssertionError("no answer, or no end of it")
