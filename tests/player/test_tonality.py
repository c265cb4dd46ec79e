"""Tonality: what a model of chords keeps to, and what leads instead of it."""

from statistics import mean

import numpy as np
import pytest

from livegen.events import Heard, NoteOff, NoteOn
from livegen.player.tonality import Tones, belonging
from livegen.predictors.models import load
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import ons
from tests.support.performances import drive

PIANO, FOLK = load("piano"), load("folk")
D_MAJOR = {2, 4, 6, 7, 9, 11, 1}


def in_d() -> list[Heard]:
    """Broken chords in D major, on two hands' range."""
    events: list[Heard] = []
    for index, (root, third) in enumerate([(50, 4), (55, 4), (57, 4), (50, 4)] * 2):
        for step, away in enumerate((0, 12 + third, 19, 24)):
            at = index * 1.0 + step * 0.25
            events += [NoteOn(at, root + away, 70 + 5 * step), NoteOff(at + 0.24, root + away)]
    return events


def outside(notes: list[NoteOn], inside: set[int]) -> float:
    return mean(note.pitch % 12 not in inside for note in notes)


def test_the_key_of_the_notes_is_kept_in_mind() -> None:
    counts = [0.0] * 12
    for tone in (2, 6, 9, 2, 7, 11, 9, 1, 4, 2):
        counts[tone] += 1.0
    likely = belonging(counts)
    assert min(likely[tone] for tone in D_MAJOR) > 0.7 > 0.4 > max(likely[tone] for tone in set(range(12)) - D_MAJOR)
    assert np.ptp(belonging([0.0] * 12)) < 0.1  # nothing is known of no notes


def test_tones_fade_and_a_beat_begins_a_chord() -> None:
    tones = Tones().struck([60, 64], 1.0).struck([67], 1.5)
    assert tones.chord == 0b10010001 and tones.counts[7] == 1.0 > tones.counts[0] > 0.9
    assert tones.struck([65], 2.0).chord == 1 << 5


def test_without_the_memory_it_keeps_to_the_performers_key() -> None:
    answers = {
        kept: ons(drive(Session(PIANO, Settings(mode="continuation", in_key=kept, memory=0.0), 1), in_d(), tail=20.0))
        for kept in (0.0, 1.0)
    }
    assert min(map(len, answers.values())) > 60
    assert outside(answers[1.0], D_MAJOR) < 0.03
    assert outside(answers[1.0], D_MAJOR) < 0.5 * outside(answers[0.0], D_MAJOR)


@pytest.mark.parametrize("values", [{"scale": "blues"}, {"chord": "Dm7"}, {"raga": "mohanam"}])
def test_what_is_set_leads_alone(values: dict[str, str]) -> None:
    one, other = (
        ons(drive(Session(PIANO, Settings(mode="autonomous", in_key=kept, **values), 2), [], tail=8.0))  # type: ignore[arg-type]
        for kept in (0.0, 1.0)
    )
    assert one == other != []


def test_a_model_of_melodies_is_left_alone() -> None:
    one, other = (
        ons(drive(Session(FOLK, Settings(mode="autonomous", in_key=kept), 2), [], tail=8.0)) for kept in (0.0, 1.0)
    )
    assert one == other != []
