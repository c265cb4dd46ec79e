"""Rhythms of comping: those that are learnt come where the music is plain, as often as in songs, and again."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livegen.errors import ModelError
from livegen.player import comping_learnt
from livegen.player.comping_learnt import BUSY, METRES, RESTS, SOME, melody_class, shipped
from livegen.player.comping_rhythm import CompingRhythm, Hit
from livegen.player.feel import BALLAD, BOSSA, DRIVE, PLAIN, SWING
from livegen.player.seeded_random import SeededRandom


def bars(feel: str, beats: int, activity: float, melody: int | None, number: int = 400) -> list[tuple[Hit, ...]]:
    rhythm = CompingRhythm(SeededRandom(5))
    return [rhythm.draw(feel, beats, activity, melody) for _ in range(number)]


def mask(hits: tuple[Hit, ...]) -> int:
    return sum(1 << round(2 * hit.place) for hit in hits)


def again(played: list[tuple[Hit, ...]]) -> float:
    return sum(one == other for one, other in pairwise(played)) / (len(played) - 1)


@pytest.mark.parametrize("beats", METRES)
def test_plain_bars_are_those_of_songs(beats: int) -> None:
    for feel in (PLAIN, BALLAD):
        learnt = bars(feel, beats, 0.4, SOME)
        assert {mask(hits) for hits in learnt} <= set(shipped()[beats].places)
        assert again(learnt) > again(bars(feel, beats, 0.4, None))
    for hits in bars(PLAIN, beats, 0.4, BUSY):
        ends = [hit.place + hit.beats for hit in hits]
        assert all(end <= later.place + 1e-6 for end, later in zip(ends, hits[1:], strict=False)) and ends[-1] <= beats


def test_other_feels_and_metres_are_as_they_are_taught() -> None:
    for feel, beats in ((SWING, 4), (BOSSA, 4), (DRIVE, 4), (SWING, 3), (PLAIN, 5)):
        assert bars(feel, beats, 0.5, SOME, 50) == bars(feel, beats, 0.5, None, 50)


def test_who_is_to_be_busier_plays_more_chords() -> None:
    calm, busy = (sum(map(len, bars(PLAIN, 4, activity, SOME))) for activity in (0.1, 0.8))
    assert busy > 1.4 * calm


def test_the_classes_of_melodies() -> None:
    assert [melody_class(notes) for notes in (0.0, 0.5, 1.0, 2.0)] == [RESTS, SOME, SOME, BUSY]


def test_a_file_without_rhythms_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "comping.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="livegen train comping"):
        comping_learnt.load(path)
    tables: dict[str, Any] = {
        f"{name}{beats}": np.ones(1) for beats in METRES for name in ("places", "often", "again", "held")
    }
    for beats in METRES:
        tables[f"often{beats}"] = np.ones((3, 1))
    tables["places2"] = np.array([1 << 4])  # after the end of the bar
    np.savez(path, allow_pickle=False, **tables)
    with pytest.raises(ModelError, match="other rhythms of comping"):
        comping_learnt.load(path)
