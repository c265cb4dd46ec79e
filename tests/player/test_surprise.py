"""Surprise: sums that can be done by hand, and what a model and its memory make of them."""

import math

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.player.surprise import Surprise
from livegen.predictors import models
from livegen.predictors.encoding import GAPS
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.fixed_models import forecast


def test_surprise_is_what_the_probabilities_say() -> None:
    even = forecast({3: 0.5, 4: 0.5}, {60: 0.25, 62: 0.25, 64: 0.5})
    assert Surprise(even, 3, 60, even, 3).bits() == pytest.approx((1.0 + 2.0, 1.0 + 1.5))
    assert Surprise(even, 4, 64, even, 3).bits() == pytest.approx((1.0 + 1.0, 1.0 + 1.5))
    assert Surprise(even, -1, 60, even, 3).bits() == pytest.approx((2.0, 1.5))  # it follows nothing
    assert Surprise(even, 3, 61, even, 3).bits()[0] == pytest.approx(1.0 + 64.0)  # was held to be impossible
    ((pitch, share),) = Surprise(even, 3, 60, even, 3).likely(1)
    assert pitch == 64 and share == pytest.approx(0.5)
    nothing = forecast({}, {})
    assert Surprise(nothing, 3, 60, nothing, 3).bits() == pytest.approx((math.log2(len(GAPS) * 128),) * 2)
    assert sum(share for _, share in Surprise(even, 3, 60, even, 3).likely(16)) == pytest.approx(1.0)


def test_a_model_is_told_the_surprise_that_plain_sums_find() -> None:
    session = Session(models.load("folk"), Settings(), 1)
    for index, pitch in enumerate([60, 62, 64, 65, 67, 61]):
        before = session.player.progress.heard.forecast
        session.receive(NoteOn(index * 0.25, pitch, 80))
        session.receive(NoteOff(index * 0.25 + 0.2, pitch))
    surprise = session.surprises[-1]
    assert surprise.foreseen is before and before is not None
    gaps, row = ([math.exp(logit) for logit in logits.tolist()] for logits in (before.gap, before.pitch[surprise.gap]))
    bits, entropy = surprise.bits()
    assert bits == pytest.approx(-math.log2(gaps[surprise.gap] / sum(gaps) * row[61] / sum(row)), abs=1e-4)
    expected = -sum(each / sum(odds) * math.log2(each / sum(odds)) for odds in (gaps, row) for each in odds if each)
    assert entropy == pytest.approx(expected, abs=1e-4)
    assert GAPS[surprise.gap] == 0.5


def test_what_comes_back_surprises_less_and_less() -> None:
    session = Session(models.load("folk"), Settings(), 1)
    sums, at = [], 0.0
    for _ in range(4):
        total = 0.0
        for pitch in (60, 67, 62, 69, 64, 71, 65, 61):
            session.receive(NoteOn(at, pitch, 80))
            session.receive(NoteOff(at + 0.2, pitch))
            total, at = total + session.surprises[-1].bits()[0], at + 0.25
        sums.append(total)
    assert sums[3] < sums[1] < sums[0]
