"""The drummer that knows this session alone."""

import numpy as np
import pytest

from livegen.music.drums import CLOSED, KICK, SNARE
from livegen.player.groove import Groove, Manner
from livegen.player.seeded_random import SeededRandom
from livegen.predictors.drum_encoding import KIT, Step
from livegen.predictors.drums import Scene
from livegen.predictors.models import drummer
from livegen.predictors.session_drummer import SessionDrummer


def bar(groove: Groove, steps: int) -> list[Step]:
    return [groove.draw(Scene(place, steps, 110.0), Manner(0.05)) for place in range(steps)]


@pytest.mark.parametrize("steps", [12, 16])
def test_it_goes_on_with_the_bar_that_the_drummer_before_it_played(steps: int) -> None:
    former = Groove(drummer("drums"), SeededRandom(3))
    for _ in range(2):
        played = [former.draw(Scene(place, steps, 110.0), Manner()) for place in range(steps)]
    ours = Groove(drummer("stand-in"), SeededRandom(4))
    ours.go_on_after(former.state.steps)
    again = bar(ours, steps), bar(ours, steps)
    assert sum(len(step.drums) for step in played) > 4
    for heard in again:
        assert [step.drums for step in heard] == [step.drums for step in played]
        loud = [(a.velocity[d], b.velocity[d]) for a, b in zip(heard, played, strict=True) for d in a.drums]
        assert np.mean([abs(one - other) for one, other in loud]) < 2.0  # classes; it wanders a little


def test_before_there_is_a_bar_it_plays_a_plain_beat() -> None:
    played = bar(Groove(SessionDrummer(), SeededRandom(1)), 16)
    assert [place for place, step in enumerate(played) if step.velocity[KICK]] == [0, 8]
    assert [place for place, step in enumerate(played) if step.velocity[SNARE]] == [4, 12]
    assert [place for place, step in enumerate(played) if step.velocity[CLOSED]] == list(range(0, 16, 2))
    assert all(len(step.velocity) == KIT for step in played)
