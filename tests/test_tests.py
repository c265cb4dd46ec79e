"""Rules for the tests: no test module imports another, and what several of them share is in tests/support."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.places import ROOT

TESTS = sorted((ROOT / "tests").rglob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The dotted name of everything that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module}.{name.name}" for name in node.names)


def test_nothing_is_imported_from_a_test_module() -> None:
    for path in [*TESTS, *BENCHMARKS]:
        for name in imports(path):
            assert not name.startswith("."), f"{path} imports {name} by a relative path"
            shared = not name.startswith("tests.") or name.startswith("tests.support.")
            assert shared, f"{path} imports {name}; what is shared is in tests/support"


def test_the_folders_of_the_repository_are_spelled_once() -> None:
    for path in TESTS:
        if path.name.startswith("test_") and path != Path(__file__):
            assert "Path(__file__)" not in path.read_text(), f"{path}: tests/support/places.py has the folders"
