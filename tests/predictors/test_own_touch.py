"""livegen's own touch: what a draw gives, and what it depends on."""

from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from livegen.errors import ModelError
from livegen.predictors import own_touch
from livegen.predictors.own_touch import Manner, Place

UNIFORM = [(each + 0.5) / 200 for each in range(200)]


@pytest.mark.parametrize("touch", own_touch.shipped())
def test_a_loud_note_is_followed_by_a_loud_one(touch: own_touch.OwnTouch) -> None:
    loud, soft = (
        mean(touch.next(Manner(loud=last, before=last, pitch=62), Place(0.5, 1.0, 64), draw).loud for draw in UNIFORM)
        for last in (1.5, -1.5)
    )
    assert loud > soft + 1.0


def test_a_note_before_its_own_pitch_is_let_go_in_time() -> None:
    touch = own_touch.shipped().melody
    again, other = (mean(touch.length(Manner(uniform=draw), 1.0, again) for draw in UNIFORM) for again in (True, False))
    assert again < other - 0.1


def test_a_larger_draw_gives_a_larger_value_and_the_same_one_the_same() -> None:
    head = own_touch.shipped().melody.velocity
    drawn = [head.draw((0.0,) * 8, draw) for draw in UNIFORM]
    assert drawn == sorted(drawn) and drawn == [head.draw((0.0,) * 8, draw) for draw in UNIFORM]
    step = float(head.values[1] - head.values[0])
    assert head.values[0] - step <= drawn[0] and drawn[-1] <= head.values[-1] + step
    assert len(set(drawn)) == len(drawn)


def test_one_uniform_number_serves_three_draws() -> None:
    """The draws for loudness, lateness and length that come of one number are independent."""
    touch, random = own_touch.shipped().melody, np.random.default_rng(1)
    found = []
    for draw in random.random(2000):
        manner = touch.next(Manner(pitch=62), Place(0.5, 1.5, 64), float(draw))
        found.append((manner.loud, touch.lateness(manner), touch.length(manner, 0.5, again=False)))
    together = np.corrcoef(np.array(found).T)
    assert np.abs(together - np.eye(3)).max() < 0.08


@pytest.mark.parametrize("what", ["nothing", "another shape", "no number"])
def test_a_file_without_a_touch_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "touch.npz"
    with np.load(own_touch.SHIPPED) as found:
        arrays = dict(found)
    if what == "nothing":
        path.write_bytes(b"PK")
    else:
        changed = arrays["melody_late_out"]
        arrays["melody_late_out"] = changed[:, :3] if what == "another shape" else changed * np.nan
        np.savez(path, **arrays)
    with pytest.raises(ModelError, match="livegen train touch"):
        own_touch.load(path)


def test_the_pedal_holds_until_the_next_beat_in_some_of_the_beats() -> None:
    touch = own_touch.shipped().chords
    rings = [touch.rings(Manner(foot=draw), 3.25, 0.5, 1.0) for draw in UNIFORM]
    assert set(rings) == {0.0, 0.75 * 0.5 + touch.lifted}
    assert sum(map(bool, rings)) / len(rings) == pytest.approx(touch.pedal, abs=0.01)
    assert not any(touch.rings(Manner(foot=draw), 3.25, 0.5, 0.0) for draw in UNIFORM)
    # Within a beat the foot stays where it is.
    begun = touch.next(Manner(pitch=62), Place(0.5, 1.0, 64), 0.3)
    assert (
        touch.next(begun, Place(0.5, 1.5, 65), 0.7).foot
        == begun.foot
        != touch.next(begun, Place(1.0, 2.0, 65), 0.7).foot
    )


def test_melodies_have_no_pedal() -> None:
    assert not own_touch.shipped().melody.pedal
