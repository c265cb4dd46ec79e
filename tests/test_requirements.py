"""The pinned requirements: none is a version with a known hole, and all are pinned with their hashes."""

import re

import pytest

from tests.support.places import ROOT

FOLDER = ROOT / "requirements"
PINNED = sorted(path.name for path in FOLDER.glob("*.txt") if path.name != "known_holes.txt")


def version(text: str) -> tuple[int, ...]:
    """The numbers of a version, as far as they are plain."""
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:4])


def pins(name: str) -> dict[str, str]:
    """The version of each package that a file pins."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", text, re.MULTILINE)
    return {package.lower().replace("_", "-"): pinned for package, pinned in found}


def holes(pinned: dict[str, str]) -> list[str]:
    """The known holes of these versions."""
    rows = [line.split() for line in (FOLDER / "known_holes.txt").read_text().splitlines() if line[:1] not in "#"]
    return [hole for package, mended, hole in rows if package in pinned and version(pinned[package]) < version(mended)]


@pytest.mark.parametrize("name", PINNED)
def test_no_pinned_version_has_a_known_hole(name: str) -> None:
    assert pins(name)
    assert not holes(pins(name))


def test_a_version_with_a_hole_is_found() -> None:
    assert holes({"aiohttp": "3.9.3", "idna": "3.10"}) == [
        "CVE-2024-27306",
        "CVE-2024-30251",
        "CVE-2024-42367",
        "CVE-2024-52304",
        "CVE-2025-53643",
    ]
