"""Every address in every example is in the table of addresses, with arguments that it takes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from livegen.control.addresses import METHODS, known
from livegen.osc.patterns import compile_pattern, is_pattern
from tests.support.places import EXAMPLES

TEXTS = {".md", ".toml", ".py", ".pd", ".scd", ".maxpat", ".pde", ".json", ".lua", ".tox"}
ADDRESS = re.compile(r"(?<![\w.])/livegen(?:/[A-Za-z0-9_*?\[\]{},!-]*[A-Za-z0-9_*?\]}])+")
FILES = sorted(path for path in EXAMPLES.rglob("*") if path.suffix in TEXTS)


def addresses(path: Path) -> Iterator[str]:
    """The addresses that a text names, those that Pure Data writes as words too."""
    text = path.read_text(encoding="utf-8")
    yield from ADDRESS.findall(text)
    if path.suffix == ".pd":
        for words in re.findall(r"oscformat(?: -f \w+)? (livegen(?: \w+)+)", text):
            yield "/" + words.replace(" ", "/")


def is_known(address: str) -> bool:
    if is_pattern(address):
        matches = compile_pattern(address)
        return any(matches(method.address) for method in METHODS)
    return known(address) is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_every_address_is_one_of_the_table(path: Path) -> None:
    for address in addresses(path):
        assert is_known(address), f"{path.name} speaks of {address}, which is no address of livegen"


def test_addresses_are_found_where_they_are() -> None:
    """The walk sees what the examples say, in each of their languages."""
    found = {path.name: set(addresses(path)) for path in FILES}
    for name in ("livegen.pd", "livegen.scd", "livegen.maxpat", "build_livegen.py", "livegen.pde", "livegen.json"):
        assert {"/livegen/note", "/livegen/panic"} <= found[name], name
    assert not is_known("/livegen/temprature")
    assert not is_known("/livegen/out/notes")
