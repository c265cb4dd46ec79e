"""Every reader is fed damaged input: a little here, and for hours by `make fuzz`; what once found a fault, for ever."""

import random
from pathlib import Path

import pytest

from tools.fuzz.__main__ import TARGETS
from tools.fuzz.search import Search
from tools.fuzz.target import KEPT, Target, kept, simple

COUNTS = {"network": 2, "drummer": 4, "markov": 4, "journal": 4, "http": 15, "websocket": 8, "osc": 60}  # others: 40


@pytest.mark.parametrize("name", TARGETS)
def test_no_reader_fails_on_damaged_input(name: str, tmp_path: Path) -> None:
    search = Search(TARGETS[name], 1)
    result = search.run(tmp_path, len(search.corpus) + COUNTS.get(name, 40), 60.0)
    assert [each for each in result.found if each.kind != "slow"] == []
    assert result.fed > len(kept(name)) and result.kinds > 0


def test_a_fault_is_kept_once_with_its_shortest_input_and_what_is_new_is_damaged_further(tmp_path: Path) -> None:
    def feed(data: bytes, _: Path) -> str:
        if b"!" in data:
            raise ZeroDivisionError(data)
        return "new" if b"x" in data else "old"

    search = Search(Target("none", lambda: [b"a", b"a!!", b"!"], simple(feed), (b"x", b"!")), 1)
    result = search.run(tmp_path, 300, 1e9)
    (found,) = result.found
    assert (found.kind.split("-")[0], found.data) == ("ZeroDivisionError", b"!")
    assert result.fed == 300 and result.kinds == 2
    assert sum(b"x" in data for data in search.corpus) == 1


def test_the_same_seed_damages_alike_and_every_kept_input_has_its_target() -> None:
    target = TARGETS["toml"]
    seeds = target.seeds()
    once, again = ([target.mutate(seeds, random.Random(3), target.words) for _ in range(5)] for _ in range(2))
    assert once == again
    assert not KEPT.is_dir() or {path.name for path in KEPT.iterdir()} <= set(TARGETS)
