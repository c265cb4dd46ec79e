"""The player's expression where the performer's touch says nothing: alone, and after keys without dynamics."""

import random
from itertools import pairwise
from statistics import mean, pstdev

import pytest

from livegen.events import Heard, NoteOff, NoteOn
from livegen.predictors.models import load
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import ons
from tests.support.performances import answer, drive

FOLK = load("folk")


def alone(**values: float) -> list[NoteOn]:
    return ons(drive(Session(FOLK, Settings(mode="autonomous", **values), 3), [], tail=40.0))  # type: ignore[arg-type]


def phrase(velocities: list[int]) -> list[Heard]:
    """A melody in quarter and half beats, whose velocities come round."""
    draw = random.Random(2)
    events: list[Heard] = []
    at = 0.0
    for index in range(24):
        pitch, gap = 60 + draw.choice([0, 2, 4, 5, 7, 9]), draw.choice([0.25, 0.25, 0.5])
        events += [NoteOn(at, pitch, velocities[index % len(velocities)]), NoteOff(at + 0.8 * gap, pitch)]
        at += gap
    return events


def exact(notes: list[NoteOn]) -> float:
    """The share of the onsets that are a whole number of twelfths of a beat (half a second) after the first."""
    twelfths = [(note.at - notes[0].at) * 24 for note in notes[1:]]
    return mean(abs(each - round(each)) < 0.01 for each in twelfths)


def test_alone_it_plays_as_pianists_do() -> None:
    notes = alone()
    velocities = [note.velocity for note in notes]
    assert len(notes) > 60 and 5.0 < pstdev(velocities) < 16.0 and abs(mean(velocities) - 80) < 12
    steps = [abs(b - a) for a, b in pairwise(velocities)]
    assert mean(steps) < pstdev(velocities) * 1.1  # loudness comes and goes; it does not jump at random
    shares = [note.duration / (after.at - note.at) for note, after in pairwise(notes)]
    assert pstdev(shares) > 0.15 and max(shares) < 1.4
    assert exact(notes) < 0.2


@pytest.mark.parametrize("values", [{"own_touch": 0.0}, {"touch": 0.0}])
def test_without_it_all_is_straight_and_exact(values: dict[str, float]) -> None:
    notes = alone(**values)
    assert {note.velocity for note in notes} == {80}
    assert exact(notes) == 1.0


def test_keys_without_dynamics_are_answered_with_dynamics_at_their_level() -> None:
    played = ons(answer(phrase([100]), FOLK))
    flat = ons(answer(phrase([100]), FOLK, own_touch=0.0))
    assert {note.velocity for note in flat} == {100}
    velocities = [note.velocity for note in played]
    assert len(played) > 10 and pstdev(velocities) > 3.0 and abs(mean(velocities) - 100) < 10


def test_a_performer_with_dynamics_leads_alone() -> None:
    phrases = phrase([100, 70, 85, 74])
    assert ons(answer(phrases, FOLK)) == ons(answer(phrases, FOLK, own_touch=0.0)) != []


def test_alone_the_piano_holds_the_pedal_in_many_beats() -> None:
    def held(**values: float) -> float:
        """The share of the notes that sound on when another onset comes."""
        alone = Session(load("piano"), Settings(mode="autonomous", **values), 3)  # type: ignore[arg-type]
        notes = ons(drive(alone, [], tail=20.0))
        onsets = sorted({note.at for note in notes})
        after = dict(pairwise(onsets))
        return mean(note.at + note.duration > after[note.at] + 0.05 for note in notes if note.at in after)

    assert held() > 0.15 and held(own_touch=0.0) == 0.0


def test_the_top_of_a_chord_is_louder_than_the_rest() -> None:
    piano = Session(load("piano"), Settings(mode="autonomous"), 3)
    chords: dict[float, list[NoteOn]] = {}
    for note in ons(drive(piano, [], tail=12.0)):
        chords.setdefault(note.at, []).append(note)
    several = [sorted(chord, key=lambda note: note.pitch) for chord in chords.values() if len(chord) > 1]
    assert len(several) > 3
    assert mean(chord[-1].velocity - chord[0].velocity for chord in several) > 5.0
