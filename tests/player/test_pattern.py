"""Tests of the pattern that a drummer keeps."""

import json
import math

import numpy as np
import pytest

from benchmarks.parts.repeats import repeats
from livegen.music.drums import CRASH, KICK, SNARE
from livegen.player import drum_place
from livegen.player.drum_place import DrumPlace
from livegen.player.groove import Groove, Manner, step_of
from livegen.player.pattern import Kept, Pattern, Wanted
from livegen.player.seeded_random import SeededRandom
from livegen.predictors import models
from livegen.predictors.drum_encoding import KIT, REST, Step
from livegen.predictors.drums import Scene

CLOSELY = Wanted(1.0, 0.5, 1.0)
BAR: tuple[Step, ...] = (step_of([(KICK, 9, 7), (CRASH, 9, 7)]), REST, step_of([(SNARE, 9, 7)]), REST)


def played(pattern: Pattern, bars: int, wanted: Wanted = CLOSELY, plain: bool = True) -> list[list[tuple[float, ...]]]:
    """The lean at each step of so many bars, in each of which the same is played."""
    found = []
    for _ in range(bars):
        leans = []
        for place, step in enumerate(BAR):
            leans.append(pattern.lean(place, len(BAR), wanted))
            pattern.keep(place, step, plain)
        found.append(leans)
    return found


def leaning(pattern: Pattern, bars: int, wanted: Wanted = CLOSELY, plain: bool = True) -> int:
    """The bars that lean towards the pattern."""
    return sum(any(any(lean) for lean in leans) for leans in played(pattern, bars, wanted, plain))


def test_a_bar_that_was_played_out_is_leant_to_but_for_its_crash() -> None:
    for seed in range(8):
        pattern = Pattern(SeededRandom(seed))
        first, *_, last = played(pattern, 4)
        assert not any(any(lean) for lean in first)
        assert last[0][KICK] > 0 > last[0][SNARE] and last[0][CRASH] == 0.0
        assert last[2][SNARE] > 0 > last[1][KICK]


def test_a_bar_with_a_fill_is_no_pattern() -> None:
    pattern = Pattern(SeededRandom(1))
    assert leaning(pattern, 12, plain=False) == 0
    assert leaning(pattern, 8) >= 4


def test_who_wants_it_closely_has_it_farther_and_more_often() -> None:
    far, little = (
        np.mean([abs(leans[0][KICK]) for seed in range(8) for leans in played(Pattern(SeededRandom(seed)), 40, wanted)])
        for wanted in (CLOSELY, CLOSELY._replace(closely=0.3))
    )
    assert far > 5 * little > 0


@pytest.mark.parametrize("other", [CLOSELY._replace(density=2.0), CLOSELY._replace(loudness=0.9)])
def test_another_pattern_comes_with_a_section_and_at_once_when_the_performer_changes(other: Wanted) -> None:
    """In a bar of a new pattern nothing leans."""
    new = [8 * 8 - leaning(Pattern(SeededRandom(seed)), 8 * 8) for seed in range(4)]
    assert all(2 <= each <= 30 for each in new)  # eight sections, half of which begin with another, of one bar or two
    kept = {}
    for wanted in (CLOSELY, other):
        patterns = [Pattern(SeededRandom(seed)) for seed in range(8)]
        for pattern in patterns:
            played(pattern, 4)
            pattern.lean(0, len(BAR), wanted)
        kept[wanted] = sum(bool(pattern.kept.steps) for pattern in patterns)
    assert kept[CLOSELY] >= 4 and kept[other] == 0


def test_in_another_metre_the_pattern_is_another() -> None:
    pattern = Pattern(SeededRandom(1))
    played(pattern, 4)
    pattern.lean(0, 3, CLOSELY)
    assert (pattern.kept.steps, pattern.kept.bar, pattern.kept.number) == ((), 3, -1)


def test_a_slot_keeps_the_pattern_and_one_of_before_has_none() -> None:
    """In the middle of a bar, from which both go on alike."""
    model = models.drummer("drums")
    pattern = Pattern(SeededRandom(3))
    for bars in range(12):
        pattern.begin()
        played(pattern, bars)
        for place, step in enumerate(BAR[:2]):
            pattern.lean(place, len(BAR), CLOSELY)
            pattern.keep(place, step, True)
        dice, drawn = SeededRandom(1).place
        place_kept = DrumPlace(model.start(), dice, drawn, 2, model.digest, pattern.kept)
        plain, arrays = json.loads(json.dumps(place_kept.plain())), place_kept.arrays()
        read = drum_place.read(plain, arrays)
        assert read is not None and read.kept == pattern.kept
    without = drum_place.read({key: plain[key] for key in plain if key != "pattern"}, arrays)
    assert without is not None and without.kept == Kept()
    good = plain["pattern"]
    assert good["number"] >= 0
    for damaged in ({"bars": 3}, {"bar": 3}, {"number": -1}, {"number": 2}, {"bar": 0}, {"lean": math.inf}):
        with pytest.raises(ValueError, match="pattern"):
            drum_place.read(plain | {"pattern": good | damaged}, arrays)


def test_a_drummer_repeats_bars_and_does_not_fall_into_one() -> None:
    found = {}
    for closely in (0.0, 1.0):
        random = SeededRandom(5)
        groove, pattern = Groove(models.drummer("drums"), random), Pattern(random)
        hits = np.zeros((32, 16, KIT), bool)
        for step in range(hits.shape[0] * 16):
            bar, place = divmod(step, 16)
            lean = pattern.lean(place, 16, CLOSELY._replace(closely=closely)) if closely else ()
            drawn = groove.draw(Scene(place, 16, 112.0), Manner(0.9, lean=lean))
            pattern.keep(place, drawn, True)
            hits[bar, place] = [velocity > 0 for velocity in drawn.velocity]
        found[closely] = repeats([hits])
    before, two, _, new, commonest = found[1.0]
    assert before > found[0.0][0] and two > found[0.0][1]
    assert 0.1 < new < found[0.0][3] - 0.2
    assert commonest < 0.7
