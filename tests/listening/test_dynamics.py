"""Dynamics and articulation: those of the performer, and those that a model learnt."""

import random
from collections import Counter
from statistics import correlation, mean

import numpy as np
import pytest

from livegen.events import Heard, NoteOff, NoteOn, Prediction
from livegen.listening.dynamics import Articulation, Dynamics
from livegen.listening.performer import Performer
from livegen.player.modes import MODES
from livegen.predictors.encoding import PLAYER, Step
from livegen.predictors.models import Forecast, State, Touch
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import Values, encoding
from tests.support.output import check_order_and_pairs, gaps, ons
from tests.support.performances import answer, drive, perform
from tests.support.phrases import swung


def accented(velocities: list[int], gap: float = 0.25, notes: int = 48) -> list[Heard]:
    """Even notes whose velocities come round again and again, each with its own small unevenness."""
    draw = random.Random(1)
    events: list[Heard] = []
    for index in range(notes + 1):
        pitch, velocity = 60 + index * 5 % 12, velocities[index % len(velocities)] + draw.randint(-4, 4)
        events += [NoteOn(index * gap, pitch, velocity), NoteOff(index * gap + 0.7 * gap, pitch)]
    return events


@pytest.mark.parametrize(
    "velocities", [[100, 60], [60, 100], [110, 60, 80, 60], [60, 70, 60, 110], [110, 60, 70, 60, 70, 60]]
)
def test_accents_are_answered_where_the_performer_has_them(velocities: list[int]) -> None:
    played = ons(answer(accented(velocities), tail=30.0))
    wanted = [velocities[round(note.at / 0.25) % len(velocities)] for note in played]
    assert correlation([note.velocity for note in played], wanted) > 0.85
    assert min(wanted) - 5 <= min(note.velocity for note in played)
    assert max(note.velocity for note in played) <= max(wanted) + 5
    assert mean(note.velocity for note in played) == pytest.approx(mean(wanted), abs=4.0)


def test_touch_says_how_far_the_accents_are_followed() -> None:
    def range_of(touch: float) -> int:
        played = [note.velocity for note in ons(answer(accented([110, 50]), touch=touch))]
        return max(played) - min(played)

    assert range_of(0.0) == 0 < range_of(0.5) < 0.7 * range_of(1.0)


def test_high_notes_are_louder_if_the_performers_are() -> None:
    dynamics, draw = Dynamics(), random.Random(2)
    for _ in range(32):
        pitch = draw.randint(55, 79)
        dynamics.hear_note(30 + pitch - 55 + draw.randint(-3, 3), draw.choice((0.0, 0.5)), pitch)
    low, high = (dynamics.velocity(0.0, pitch, 0.0, 0.5)[0] for pitch in (58, 76))
    assert 8.0 < high - low < 20.0


def test_what_accents_and_height_do_not_explain_moves_smoothly_and_as_far_as_the_performers() -> None:
    dynamics, draw = Dynamics(), random.Random(3)
    for _ in range(200):
        dynamics.hear_note(round(draw.gauss(80, 10)), 0.0, 60)
    velocities, lean = [], 0.0
    for _ in range(4000):
        velocity, lean = dynamics.velocity(0.0, 60, lean, draw.random())
        velocities.append(velocity)
    assert correlation(velocities, velocities[1:] + velocities[:1]) > 0.5
    assert np.std(velocities) == pytest.approx(10.0, rel=0.35)
    quiet = Dynamics()
    quiet.hear_note(33, 0.0, 60)
    assert {quiet.velocity(0.5, 72, 0.0, draw.random())[0] for _ in range(9)} == {33.0}


def test_the_answer_begins_as_loud_as_the_performer_ended() -> None:
    dynamics = Dynamics()
    for velocity in range(40, 104, 4):
        dynamics.hear_note(velocity, 0.0, 60)
    first, _ = dynamics.velocity(0.0, 60, dynamics.lean, 0.5)
    assert first > dynamics.mean + 10


def test_short_notes_may_be_staccato_and_long_ones_legato() -> None:
    articulation = Articulation()
    for _ in range(4):
        articulation.hear_length(0.2, 0.5)
        articulation.hear_length(1.0, 2.0)
    assert articulation.share(0.5, 1.0) == pytest.approx(0.2) and articulation.share(2.0, 1.0) == pytest.approx(1.0)
    assert articulation.share(0.5, 0.0) == articulation.share(2.0, 0.0) == 0.9
    assert articulation.share(1.0, 1.0) == pytest.approx(0.6)  # of which nothing was heard


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_staccato_is_answered_staccato(share: float) -> None:
    events: list[Heard] = []
    for index in range(24):
        events += [NoteOn(index * 0.25, 60 + index % 7, 80), NoteOff(index * 0.25 + share * 0.25, 60 + index % 7)]
    played = ons(answer(sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))))
    assert mean(note.duration for note in played) == pytest.approx(share * 0.25, rel=0.05)


class Learnt(Values):
    """Foresees half beats, and how they are played: loud, short and late, or as given."""

    def __init__(self, velocity: int = 12, length: int = 3, deviation: int = 7) -> None:
        super().__init__(0.5)
        heads = [np.full((len(encoding.beats), n), -30.0, dtype=np.float32) for n in (16, 12, 11)]
        for head, peak in zip(heads, (velocity, length, deviation), strict=True):
            head[:, peak] = 10.0
        self._touch = Touch(*heads)

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        after, forecast = super().step(state, step)
        return after, forecast._replace(touch=self._touch)


def test_a_model_that_learnt_a_touch_decides_how_its_notes_are_played() -> None:
    model = Learnt()
    out = drive_alone(model)
    played = ons(out)
    assert {note.velocity for note in played} == {12 * 8 + 4}
    assert {round(note.duration, 6) for note in played[1:]} == {round(3 / 11 * 0.25, 6)}
    assert {step.velocity for step in model.steps if step.who == PLAYER} == {13}
    # Two classes of eleven late, each time: the gaps are even, and the first alone is longer.
    assert gaps(out)[0] == pytest.approx(0.25 * 1.1) and gaps(out)[5] == pytest.approx(0.25)
    assert {step.deviation for step in model.steps if step.who == PLAYER and step.gap} == {8}


def drive_alone(model: Learnt) -> list[NoteOn | Heard]:
    return [
        event
        for event in drive(Session(model, Settings(mode="autonomous", follow=0.0), 1), [], tail=10.0)
        if isinstance(event, NoteOn | NoteOff)
    ]


@pytest.mark.parametrize("touch", [0.0, 0.5, 1.0])
def test_its_level_is_moved_to_the_performers(touch: float) -> None:
    events = [
        event
        for index in range(32)
        for event in (NoteOn(index * 0.25, 60 + index % 7, 44), NoteOff(index * 0.25 + 0.2, 60 + index % 7))
    ]
    out = answer(events, Learnt(), touch=touch)
    played = ons(out)
    assert mean(note.velocity for note in played) == pytest.approx(100 + touch * (44 - 100), abs=1.0)
    share = 3 / 11 + touch * (0.8 - 3 / 11)
    assert mean(note.duration for note in played[1:]) == pytest.approx(share * 0.25, rel=0.05)
    assert [note.at % 0.25 for note in played] == pytest.approx([0.025 * touch] * len(played), abs=1e-4)


def test_its_own_accents_stay_when_its_level_moves() -> None:
    class Accents(Learnt):
        def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
            after, forecast = super().step(state, step)
            assert forecast.touch is not None
            velocity = np.full_like(forecast.touch.velocity, -30.0)
            velocity[:, 13 if after % 2 else 7] = 10.0
            return after, forecast._replace(touch=forecast.touch._replace(velocity=velocity))

    played = ons(answer(swung(0.5), Accents(), tail=30.0))[20:]
    loud, soft = (mean(note.velocity for note in played[first::2]) for first in (0, 1))
    assert abs(loud - soft) == pytest.approx(48, abs=3)
    assert (loud + soft) / 2 == pytest.approx(80, abs=4)


@pytest.mark.parametrize("mode", MODES)
def test_the_promises_hold_for_a_model_with_a_touch_too(mode: str) -> None:
    for seed in range(12):
        events = perform(seed)
        runs = [
            drive(Session(Learnt(deviation=seed % 11), Settings(mode=mode), seed), events, pause=pause)
            for pause in (0.0, 0.013)
        ]
        check_order_and_pairs(runs[0])
        assert runs[0] == runs[1]


def test_the_prediction_says_what_is_played() -> None:
    out = answer(accented([110, 60, 80, 60]), tail=3.0)
    said = [event for event in out if isinstance(event, Prediction)][-1]
    first = ons(out)[0]
    assert (first.pitch, first.velocity) == (said.pitch, said.velocity)


def test_the_top_voice_is_as_much_louder_as_the_performers() -> None:
    performer = Performer()
    for index in range(10):
        for pitch, velocity in ((60, 50), (64, 60), (67, 90)):
            performer.hear_event(NoteOn(index * 0.5, pitch, velocity), 2.0)
        for pitch in (60, 64, 67):
            performer.hear_event(NoteOff(index * 0.5 + 0.4, pitch), 2.0)
    assert performer.dynamics.balance(1.0) == 35 and performer.dynamics.balance(0.0) == 0
    assert Counter(each[0] for each in performer.dynamics._played) == Counter({90: 10})
