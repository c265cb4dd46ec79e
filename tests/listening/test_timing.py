"""Swing and spread: the player is late where the performer is late, and never drifts."""

import random
from itertools import pairwise
from statistics import median, pstdev

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.listening.performer import Performer
from livegen.listening.timing import Timing
from livegen.predictors.encoding import CLASSES, PLAYER, Encoding
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import Values
from tests.support.output import gaps, ons
from tests.support.performances import answer, drive
from tests.support.phrases import swung

encoding = Encoding()


@pytest.mark.parametrize("beat", [0.4, 0.5, 0.6])
@pytest.mark.parametrize("share", [0.56, 0.6, 0.63])
def test_a_swing_is_answered_with_the_same_swing_where_the_performers_long_note_falls(
    share: float, beat: float
) -> None:
    events = swung(share, beat=beat)
    out = answer(events)
    played = gaps(out)
    assert len(played) > 20
    assert median([first / (first + second) for first, second in pairwise(played) if first > second]) == pytest.approx(
        share, abs=0.02
    )
    longer = [gap > beat / 2 for gap in played]
    assert all(this != that for this, that in pairwise(longer))
    for note, gap in zip(ons(out), played, strict=False):
        beats = (note.at / beat) % 1.0  # of the performer's, whose notes began at 0
        assert beats == pytest.approx(0.0 if gap > beat / 2 else share, abs=0.02) or beats > 0.98


def test_straight_playing_is_answered_straight_and_exactly() -> None:
    played = gaps(answer(swung(0.5)))
    assert max(played) - min(played) < 1e-9


def test_touch_says_how_far() -> None:
    assert max(gaps(answer(swung(0.6), touch=0.0))) == pytest.approx(0.25, abs=0.005)
    half = gaps(answer(swung(0.6), touch=0.5))
    assert max(half) / (max(half) + min(half)) == pytest.approx(0.55, abs=0.01)


def test_triplets_of_the_model_are_not_swung_again() -> None:
    played = gaps(answer(swung(0.6), Values(2 / 3, 1 / 3)))
    assert {round(gap, 2) for gap in played} == {0.33, 0.17}


def test_two_to_one_is_left_to_the_note_values() -> None:
    timing = Timing()
    for index in range(40):
        timing.hear_gap((1 / 3, 1 / 6)[index % 2], beat=1 / 3)  # a quarter and an eighth
    assert timing.swing == 0.5
    for index in range(40):
        timing.hear_gap((1 / 3, 1 / 6)[index % 2], beat=1 / 2)  # the beat divided by two to one
    assert timing.swing == pytest.approx(2 / 3)
    assert timing.straight(1 / 3) == 1 / 3  # which the note values say


def test_unevenness_is_no_swing() -> None:
    for seed in range(20):
        timing, draw = Timing(), random.Random(seed)
        for _ in range(60):
            timing.hear_gap(0.25 + draw.gauss(0.0, 0.02), 0.5)
            assert timing.swing == 0.5


def test_too_few_pairs_are_no_swing() -> None:
    def learnt(pairs: int) -> float:
        performer = Performer()
        for event in swung(0.6, pairs):
            performer.hear_event(event, 2.0)
        return performer.timing.swing

    assert learnt(3) == 0.5
    assert learnt(5) == pytest.approx(0.6)


def test_swung_eighths_between_quarters_are_found() -> None:
    performer = Performer()
    at = 0.0
    for index in range(48):
        performer.hear_event(NoteOn(at, 60, 80), 2.0)
        performer.hear_event(NoteOff(at + 0.1, 60), 2.0)
        at += (0.3, 0.2, 0.5)[index % 3]
    assert performer.timing.swing == pytest.approx(0.6)
    assert performer.timing.unit(performer.pulse.beat) * performer.pulse.beat == pytest.approx(0.5, rel=0.05)


def test_the_model_hears_the_note_values_and_not_the_swing() -> None:
    spy = Values(0.5)
    answer(swung(0.6), spy, tail=10.0)
    halves = 1 + encoding.gap_index(0.5)
    theirs = [step.gap for step in spy.steps[1:] if step.who != PLAYER]
    ours = [step for step in spy.steps[1:] if step.who == PLAYER]
    assert theirs[-16:] == [halves] * 16
    assert {step.gap for step in ours[1:]} == {halves}
    assert {step.deviation for step in ours[1:]} == {1 + CLASSES.deviation // 2 - 1}


@pytest.mark.parametrize(("share", "jitter"), [(0.5, 0.0), (0.5, 0.012), (0.6, 0.008)])
def test_500_notes_do_not_drift(share: float, jitter: float) -> None:
    session = Session(Values(0.5), Settings(mode="continuation", follow=0.0, candidates=1), 1)
    out = drive(session, swung(share, jitter=jitter), tail=160.0)
    onsets = [note.at for note in ons(out)][:501]
    assert len(onsets) == 501
    half = session.performer.pulse.beat / 2
    off = [at - onsets[0] - index * half for index, at in enumerate(onsets)]
    assert max(off) - min(off) < 0.1 * 2 * half + 0.1  # swing, and twice 2 standard deviations of at most 25 ms
    assert abs(median(off[:50]) - median(off[-50:])) < 0.005 + jitter / 3


def test_the_spread_is_the_performers_and_is_capped() -> None:
    def spread(jitter: float, beat: float = 1.0) -> float:
        timing = Timing()
        draw = random.Random(5)
        onsets = [index * beat / 2 + draw.gauss(0.0, jitter) for index in range(200)]
        for first, second in pairwise(onsets):
            timing.hear_gap(second - first, beat)
        return timing.spread(beat / 2)

    assert spread(0.0) < 1e-9
    assert spread(0.01) == pytest.approx(0.01, rel=0.35)
    assert spread(0.035, beat=2.0) == pytest.approx(0.025)
    assert spread(0.05, beat=0.3) == pytest.approx(0.05 * 0.15)
    played = gaps(answer(swung(0.5, jitter=0.008), tail=120.0))
    assert pstdev(played) == pytest.approx(0.008 * 2**0.5, rel=0.5)
    assert (
        max(gaps(answer(swung(0.5, jitter=0.008), touch=0.0))) - min(gaps(answer(swung(0.5, jitter=0.008), touch=0.0)))
        < 1e-9
    )


def test_a_note_that_a_duet_has_fixed_stays_where_it_is() -> None:
    session = Session(Values(0.5), Settings(mode="duet", follow=0.0), 1)
    events = swung(0.6, pairs=12)
    for event in events[:40]:
        session.advance(event.at)
        session.receive(event)
    due = session.next_onset
    while due is None or due - session.now < 0.09:
        session.advance(session.next_due() or 0.0)
        due = session.next_onset
    session.receive(NoteOn(session.now + 0.002, 40, 80))
    session.advance(session.now)
    assert session.next_onset == due
    session.panic(session.now + 1.0)
