"""The tempo and the bars of exported files: each beat that was followed is a beat of the file."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from livegen.beat.transport import CLOCK, PULSE, Grid
from livegen.events import Event, NoteOff, NoteOn
from livegen.journal.bar_lines import conductor
from livegen.journal.followed import Stretch
from livegen.midi import midifile
from tests.support.bars import Ruler, ruler

EXACT = 0.003  # seconds


def written(folder: Path, stretches: list[Stretch], start: float, end: float) -> Ruler:
    """The ruler of a file with a note each half second."""
    notes = [NoteOn(0.5 * number, 60, 90) for number in range(int(2 * (end - start)) + 1)]
    parts: list[Event] = [*notes, *(NoteOff(on.at + 0.1, 60) for on in notes)]
    midifile.write(folder / "x.mid", {"performer": parts}, conductor(stretches, start, end))
    found = ruler(folder / "x.mid")
    assert [at for at, _ in found.onsets] == pytest.approx([on.at for on in notes], abs=0.001)  # no time is moved
    return found


def nearest(times: list[float], at: float) -> float:
    return min(abs(at - time) for time in times)


@pytest.mark.parametrize("start", [0.0, 0.003, 0.05, 0.31, 0.618, 0.62, 2.4, 7.77, 100.0])
@pytest.mark.parametrize(("tempo", "metre"), [(97.0, 4), (75.0, 3), (240.0, 7), (50.0, 1)])
def test_a_steady_clock(tmp_path: Path, start: float, tempo: float, metre: int) -> None:
    beat = 60 / tempo
    grid = Grid(7.77, 0.0, beat, CLOCK)
    found = written(tmp_path, [Stretch(0.0, grid, metre)], start, start + 20.0)
    first = next(number for number in range(-200, 400) if 7.77 + number * metre * beat >= start)
    expected = [7.77 + number * metre * beat - start for number in range(first, first + 4)]
    assert all(nearest(found.bars, at) < EXACT + 0.002 for at in expected if at < 19)
    later = [at for at in found.bars if at > expected[0] + EXACT]
    assert all(
        nearest([7.77 + number * metre * beat - start for number in range(-50, 200)], at) < EXACT for at in later
    )


def test_a_tempo_that_changes_is_a_tempo_map_and_bars_go_on(tmp_path: Path) -> None:
    times, beat = [1.0], 0.5
    stretches = []
    for number in range(40):
        stretches.append(Stretch(times[-1] - 0.1, Grid(times[-1], float(number), beat), 4))
        times.append(times[-1] + beat)
        beat *= 1.02
    found = written(tmp_path, stretches, 0.0, times[-2])
    assert all(nearest(found.beats, at) < EXACT for at in times[:-3])
    assert all(nearest(found.bars, at) < EXACT for at in times[:-3:4])
    assert len(found.bars) < 14


def test_where_a_clock_takes_over_its_bars_hold(tmp_path: Path) -> None:
    pulse, led = Grid(1.0, 0.0, 0.5, PULSE), Grid(9.3, 0.0, 0.4, CLOCK)
    found = written(tmp_path, [Stretch(0.9, pulse, 4), Stretch(9.28, led, 3)], 0.0, 20.0)
    assert all(nearest(found.bars, at) < EXACT for at in (1.0, 3.0, 5.0, 7.0, 9.3, 10.5, 11.7, 18.9))
    between = [at for at in found.bars if 7.1 < at < 9.2]
    assert between in ([], [pytest.approx(9.0, abs=EXACT)])


def test_what_is_rounded_does_not_add_up() -> None:
    times = [0.0]
    for number in range(20_000):
        times.append(times[-1] + (0.3333334, 0.4000004)[number % 2])
    stretches = [
        Stretch(at - 0.01, Grid(at, float(number), after - at, CLOCK), 4)
        for number, (at, after) in enumerate(pairwise(times))
    ]
    made = conductor(stretches, 0.0, times[-2])
    assert made.tempo_map.seconds(960 * 19_000) == pytest.approx(times[19_000], abs=0.0005)


@pytest.mark.parametrize("seed", range(60))
def test_any_row_of_grids(tmp_path: Path, seed: int) -> None:
    """Within a stretch every beat is a beat, and every bar line a bar line; no time is moved."""
    chance = random.Random(seed)
    stretches: list[Stretch] = []
    at = chance.uniform(0.0, 3.0)
    for _ in range(chance.randint(1, 8)):
        length = 60 / chance.uniform(50, 240)
        grid = Grid(at + chance.uniform(-2, 2), chance.uniform(-3, 40), length, chance.choice((PULSE, CLOCK)))
        stretches.append(Stretch(at, grid, chance.randint(1, 7)))
        at += chance.choice((0.2, 2.0, 12.0)) * chance.uniform(0.5, 2.0)
    start = chance.choice((0.0, chance.uniform(0.0, at)))
    found = written(tmp_path, stretches, start, at + 4.0)
    ends = [stretch.start for stretch in stretches[1:]] + [at + 4.0]
    for (begins, grid, metre), end in zip(stretches, ends, strict=True):
        count = int(grid.beat + (max(start, begins) - grid.at) / grid.length) + 2
        while (time := grid.at + (count - grid.beat) * grid.length) < end - grid.length:
            assert nearest(found.beats, time - start) < EXACT
            if count % metre == 0:
                assert nearest(found.bars, time - start) < EXACT
            count += 1
    lengths = [stretch.grid.length for stretch in stretches]
    gaps = [after - before for before, after in pairwise(found.beats[2:])]
    assert all(0.45 * min(lengths) < gap < 1.55 * max(lengths) for gap in gaps)
