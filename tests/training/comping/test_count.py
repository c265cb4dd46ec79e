"""The rhythms of comping in songs: which bars count, how often they come, over which melody, and again."""

from pathlib import Path

import pytest

from livegen.errors import FileError
from livegen.events import Note
from livegen.player import comping_learnt
from livegen.player.comping_learnt import BUSY, RESTS, SOME
from livegen.training.comping import count
from livegen.training.comping.accompaniments import Accompaniment, bars_of, read_accompaniments
from livegen.tunes.tune import Bar, Tune

HALVES, WALTZ = 0b00010001, 0b00010100  # chords on the first and third beat; on the second and third of three


def song(*bars: tuple[str, tuple[float, ...], int, int]) -> Accompaniment:
    """A song of bars: the metre, where chords are struck, of how many notes, and how many notes are sung."""
    piano, voice, lines, at = list[Note](), list[Note](), list[Bar](), 0.0
    for metre, places, size, sung in bars:
        lines.append(Bar(at, metre))
        beats = int(metre[0])
        piano += [Note(at + place, 0.5, 48 + 4 * number) for place in places for number in range(size)]
        voice += [Note(at + beats * number / sung, 0.4, 72) for number in range(sung)]
        at += beats
    return Accompaniment("a song", tuple(voice), Tune("a song", tuple(piano), tuple(lines)))


def test_a_bar_is_where_chords_are_struck_how_long_they_are_held_and_what_is_sung() -> None:
    found = list(
        bars_of(
            song(
                ("4/4", (0.0, 2.0), 3, 0),
                ("3/4", (1.0, 2.0), 3, 3),
                ("4/4", (0.0, 1.0), 1, 4),  # single notes are no chords
                ("4/4", (0.0, 1 / 3), 3, 4),  # thirds of a beat are no places
                ("6/8", (0.0,), 3, 0),
                ("4/4", (0.0, 2.0), 3, 8),
            )
        )
    )
    assert [None if each is None else (each.beats, each.places, each.melody) for each in found] == [
        (4, HALVES, RESTS),
        (3, WALTZ, SOME),
        None,
        None,
        None,
        (4, HALVES, BUSY),
    ]
    assert found[0] is not None and found[0].held == pytest.approx(0.25)
    assert found[1] is not None and found[1].held == pytest.approx(0.5)


def test_what_is_counted_is_written_and_read(tmp_path: Path) -> None:
    sung = [("4/4", (0.0, 2.0), 3, 8)] * 40 + [("4/4", (0.0,), 3, 0)] * 20
    waltz = [("3/4", (1.0, 2.0), 3, 3)] * 8 + [("2/4", (0.0,), 3, 2)] * 8
    tables = count.count([song(*sung, *waltz), song(*sung)])
    path = tmp_path / "comping.npz"
    count.write(tables, ["a song"], path)
    four = comping_learnt.load(path)[4]
    halves, whole = (four.places.index(places) for places in (HALVES, 0b1))
    assert four.often[BUSY, halves] > 1.2 * four.often[RESTS, halves]
    assert four.often[RESTS, whole] > 1.2 * four.often[BUSY, whole]
    assert four.often.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0], abs=1e-5)
    assert four.again[halves] > four.again[whole] and four.held[halves] == pytest.approx(0.25, abs=1e-5)
    assert comping_learnt.load(path)[3].places == (WALTZ,)


def test_a_folder_without_songs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds no songs with piano"):
        list(read_accompaniments(tmp_path))
