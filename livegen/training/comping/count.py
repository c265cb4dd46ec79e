"""Counts the rhythms of comping in accompaniments of songs, for `livegen train comping`. Nothing is drawn."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from livegen.player.comping_learnt import MELODIES, METRES, LearntBars
from livegen.training.changes.songs import fingerprint, is_learnt
from livegen.training.comping.accompaniments import Accompaniment, BarOfChords, bars_of, read_accompaniments

_MOST = 40  # bars of a metre that are kept: the commonest
_EACH = 8.0  # bars for which a song counts
_PRIOR = 30.0  # bars as over all melodies, beside those over one class of melody
_AGAINS = 4.0  # bars that come again as often as bars in general


def count(songs: Iterable[Accompaniment]) -> dict[int, LearntBars]:
    """The rhythms of these songs. Each song counts alike: by the share of its bars."""
    kinds: dict[tuple[int, int, int], float] = defaultdict(float)
    again: dict[tuple[int, int], float] = defaultdict(float)
    held: dict[tuple[int, int], float] = defaultdict(float)
    for song in songs:
        bars = list(bars_of(song))
        known = [bar for bar in bars if bar is not None]
        share = 1.0 / max(8, len(known))
        for each in known:
            kinds[each.beats, each.places, each.melody] += share
            held[each.beats, each.places] += share * each.held
        for bar, after in pairwise(bars):
            if bar is not None and _is_same(bar, after):
                again[bar.beats, bar.places] += share
    return {beats: _bars(beats, kinds, again, held) for beats in METRES}


def _is_same(bar: BarOfChords, after: BarOfChords | None) -> bool:
    return after is not None and (bar.beats, bar.places) == (after.beats, after.places)


def _bars(
    beats: int,
    kinds: Mapping[tuple[int, int, int], float],
    again: Mapping[tuple[int, int], float],
    held: Mapping[tuple[int, int], float],
) -> LearntBars:
    total: dict[int, float] = defaultdict(float)
    for (metre, places, _), share in kinds.items():
        if metre == beats:
            total[places] += share
    chosen = sorted(total, key=lambda places: (-total[places], places))[:_MOST]
    counts = np.array(
        [[kinds.get((beats, places, melody), 0.0) for places in chosen] for melody in MELODIES], np.float64
    )
    sums = counts.sum(axis=0)
    often = counts * _EACH + _PRIOR * sums / sums.sum()
    usual = sum(again.get((beats, places), 0.0) for places in chosen) / sums.sum()
    agains = np.array([again.get((beats, places), 0.0) for places in chosen])
    comes = (agains * _EACH + _AGAINS * usual) / (sums * _EACH + _AGAINS)
    lengths = np.array([held[beats, places] for places in chosen]) / sums
    return LearntBars(tuple(chosen), often / often.sum(axis=1, keepdims=True), comes, lengths)


def train(folder: Path, path: Path) -> Path:
    """Count the half of a folder's songs that is for learning, and write the rhythms. Raises FileError."""
    songs = [song for song in read_accompaniments(folder) if is_learnt(song.name)]
    write(count(songs), [song.name for song in songs], path)
    return path


def write(bars: dict[int, LearntBars], names: Iterable[str], path: Path) -> None:
    """Write the rhythms, with the fingerprints of the songs that they were counted in."""
    arrays: dict[str, Any] = {"songs": np.array(sorted(map(fingerprint, names)))}
    for beats, (places, often, again, held) in bars.items():
        arrays[f"places{beats}"] = np.array(places, np.uint16)
        for name, table in (("often", often), ("again", again), ("held", held)):
            arrays[f"{name}{beats}"] = np.asarray(table, np.float32)
    with path.open("wb") as target:
        np.savez_compressed(target, **arrays)
