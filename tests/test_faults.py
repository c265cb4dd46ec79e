"""docs/faults.md and docs/security.md: every fault and threat has its row, and every row a test that exists."""

import re

import pytest

from tests.support.places import ROOT

FAULTS = {*(f"F{number:02}" for number in range(1, 53)), *(f"N{number}" for number in range(1, 7))}
NOT_HERE = "Not here:"


def rows(document: str) -> list[list[str]]:
    """The cells of every row whose first is an identifier."""
    lines = (ROOT / "docs" / document).read_text(encoding="utf-8").splitlines()
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in found if re.fullmatch(r"[A-Z]\d+", row[0])]


def test_every_fault_has_one_row() -> None:
    named = [row[0] for row in rows("faults.md")]
    assert sorted(named) == sorted(FAULTS)


@pytest.mark.parametrize("document", ["faults.md", "security.md"])
def test_every_row_names_tests_that_exist_or_says_why_there_is_none(document: str) -> None:
    assert rows(document)
    for row in rows(document):
        tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[-1])
        assert tests or NOT_HERE in " ".join(row), f"{row[0]} of {document} has no test"
        for path, name in tests:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"def {name}\(", text), f"{row[0]} of {document} names {path}::{name}"
