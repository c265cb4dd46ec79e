"""Held-out tunes: models are measured on them and must not be trained on them. Only shingles are kept, no notes."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from livegen.training.corpus.families import COMMON, SHARED, shingles
from livegen.tunes.tune import Tune

HELD_OUT = Path(__file__).with_name("held_out.json")


class HeldOut:
    """The shingles of each tune that no shipped model may have seen: ``sets``, one for each tune."""

    def __init__(self, sets: Iterable[frozenset[int]]) -> None:
        self.sets = list(sets)

    @classmethod
    def of(cls, tunes: Iterable[Tune]) -> "HeldOut":
        """The shingles of ``tunes``."""
        return cls(shingles(tune) for tune in tunes)

    @classmethod
    def load(cls, path: Path = HELD_OUT) -> "HeldOut":
        """Read them from a file of hashes."""
        return cls(
            frozenset(int(each, 16) for each in tune) for tune in json.loads(path.read_text(encoding="utf-8"))["tunes"]
        )

    def save(self, path: Path, says: str) -> None:
        """Write them as a file of hashes."""
        tunes = [[f"{shingle:012x}" for shingle in sorted(each)] for each in self.sets]
        lines = ",\n".join(json.dumps(tune, separators=(",", ":")) for tune in tunes)
        path.write_text(f'{{"about": {json.dumps(says)},\n"tunes": [\n{lines}\n]}}\n', encoding="utf-8")

    def __add__(self, other: "HeldOut") -> "HeldOut":
        return HeldOut(self.sets + other.sets)

    def variant_of(self, tunes: Sequence[Tune]) -> list[bool]:
        """For each tune: whether it is a variant of a held-out one."""
        sets = [shingles(tune) for tune in tunes]
        common = {shingle for shingle, count in Counter(s for each in sets for s in each).items() if count >= COMMON}
        kept = [each - common for each in self.sets]
        holders = self._holders
        found: list[bool] = []
        for each in sets:
            own = each - common
            shared = Counter(index for shingle in own for index in holders.get(shingle, ()))
            found.append(any(n >= SHARED * min(len(own), len(kept[index])) for index, n in shared.items()))
        return found

    @cached_property
    def _holders(self) -> dict[int, list[int]]:
        holders: defaultdict[int, list[int]] = defaultdict(list)
        for index, each in enumerate(self.sets):
            for shingle in each:
                holders[shingle].append(index)
        return holders
