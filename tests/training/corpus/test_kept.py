"""Tunes kept as arrays are those that were read, and are read again when anything has changed."""

from pathlib import Path

import platformdirs
import pytest

from livegen.files.passed_over import PassedOver
from livegen.training.corpus import corpus, kept
from livegen.training.corpus.kept import Read
from tests.support.places import DATA


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache"


class Reader:
    """Reads an ABC file, and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path, self.times = path, 0

    def kept(self) -> Read:
        return kept.kept("book", [self.path], self._read)

    def _read(self) -> Read:
        self.times += 1
        found = corpus.read(self.path, silent=True)
        found.parts.add(self.path.name, "a second voice", 2)
        return Read(found.tunes, found.lost, found.parts)


def _same(a: Read, b: Read) -> bool:
    """Whether two are equal, to the last bit and to the type of each number."""

    def rows(passed_over: PassedOver) -> dict[str, dict[str, int]]:
        return {reason: dict(names) for reason, names in passed_over.reasons.items()}

    return (repr(a.tunes), rows(a.lost), rows(a.parts)) == (repr(b.tunes), rows(b.lost), rows(b.parts))


def test_what_is_kept_is_what_was_read_until_the_file_changes(cache: Path, tmp_path: Path) -> None:
    book = tmp_path / "traps.abc"
    book.write_bytes((DATA / "traps.abc").read_bytes())
    reader = Reader(book)
    first = reader.kept()
    assert len(first.tunes) > 5
    assert first.lost or first.parts
    assert _same(first, reader.kept())
    assert reader.times == 1
    book.write_text("X: 1\nT: another\nM: 3/4\nL: 1/4\nK: C\nC D E | F G A |\n", "utf-8")
    assert [note.pitch for note in reader.kept().tunes[0].notes] == [60, 62, 64, 65, 67, 69]
    assert reader.times == 2
    assert len(list(cache.rglob("*.npz"))) == 1


def test_a_damaged_or_unwritable_cache_only_costs_time(cache: Path, tmp_path: Path) -> None:
    reader = Reader(DATA / "traps.abc")
    first = reader.kept()
    (path,) = cache.rglob("*.npz")
    path.write_bytes(path.read_bytes()[:1000])
    assert _same(first, reader.kept())
    assert reader.times == 2
    for each in cache.rglob("*.npz"):
        each.unlink()
    (cache / "tunes").rmdir()
    (cache / "tunes").write_text("no folder", "utf-8")
    assert _same(first, reader.kept())
    assert reader.times == 3
