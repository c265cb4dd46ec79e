"""The soak of a day counts correctly: what sounds, what grew, what was asked. (It is not run here: it takes a day.)"""

import random
from pathlib import Path

import pytest

from benchmarks.soak_day import readings
from benchmarks.soak_day.ears import ORPHAN, Ledger
from benchmarks.soak_day.hands import phrase
from benchmarks.soak_day.readings import Reading
from benchmarks.soak_day.report import report
from benchmarks.soak_day.wishes import SWEPT, Wishes
from livegen.settings import Settings, specs

EMPTY = Reading(*(0,) * len(Reading._fields))


def test_a_key_that_sounds_too_long_is_one_orphan_and_one_that_ended_is_none() -> None:
    ledger = Ledger()
    for now, message in ((0.0, (0x90, 60, 80)), (1.0, (0x90, 62, 80)), (2.0, (0x80, 62, 0)), (2.0, (0x91, 64, 80))):
        ledger.hear(message, now)
    ledger.hear((0xB1, 123, 0), 3.0)
    assert (ledger.notes, ledger.sounding) == (3, 1)
    for now in (ORPHAN - 1.0, ORPHAN + 1.0, ORPHAN + 60.0):
        ledger.look(now)
    assert ledger.orphans == 1
    ledger.hear((0x90, 60, 0), 100.0)
    assert ledger.sounding == 0


def test_a_pulled_port_takes_what_sounded_with_it() -> None:
    ledger = Ledger()
    ledger.hear((0x90, 60, 80), 0.0)
    ledger.pull()
    ledger.look(100.0)
    assert (ledger.sounding, ledger.orphans) == (0, 0)


def test_a_phrase_leaves_no_key_and_no_pedal_down() -> None:
    for seed in range(20):
        ledger, pedal = Ledger(), 0
        for _, message in sorted(phrase(random.Random(seed), 0), key=lambda each: each[0]):
            ledger.hear(message, 0.0)
            pedal = message[2] if message[:2] == (0xB0, 64) else pedal
        assert ledger.notes >= 5 and (ledger.sounding, pedal) == (0, 0)


def test_each_minute_is_read_as_it_was_written_and_a_torn_line_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "readings.tsv"
    written = [EMPTY._replace(minute=float(number), rss=150.5, journal=1000 * number) for number in range(3)]
    for each in written:
        readings.write(path, each)
    with path.open("a") as file:
        file.write("4\t150")
    assert readings.read(path) == written


def test_the_slope_is_that_of_the_memory_after_the_first_minutes() -> None:
    minutes = [float(number) for number in range(1, 121)]
    grown = [EMPTY._replace(minute=each, rss=500.0 if each < 10 else 150.0 + each / 30) for each in minutes]
    assert readings.slope(grown) == pytest.approx((2.0, 0.0), abs=1e-6)


def test_the_report_has_a_row_for_each_ten_minutes_and_says_what_was_found() -> None:
    minutes = [EMPTY._replace(minute=each + 0.002, played=7, orphans=each // 20) for each in range(1, 31)]
    text = report(minutes, ["Begun once."])
    assert text.startswith("Begun once.") and "**1 were orphans**" in text and "played 210 notes" in text
    assert [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| 0 h")] == [
        "0 h 10 min",
        "0 h 20 min",
        "0 h 30 min",
    ]


def test_every_setting_is_swept_and_put_back_and_every_key_let_go() -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    wishes = Wishes(lambda address, *values: asked.append((address.removeprefix("/livegen/"), values)), 1, 1.0)
    for half in range(40_000):
        wishes.turn(half / 2)
    wishes.end()
    plain = Settings()
    last = {name: values for name, values in asked if name in Settings.model_fields}
    swept = {one.name for one in SWEPT}
    assert swept <= set(last)
    assert {name: values for name, values in last.items() if name in swept} == {
        name: (getattr(plain, name),) for name in swept
    }
    assert {one.name for one in specs() if one.live and one.low is not None} - swept == {
        *("longest", "late", "deadline", "channel_in")
    }
    held = {(values[0], values[2]): values[1] for name, values in asked if name == "note"}
    assert set(held.values()) == {0}
