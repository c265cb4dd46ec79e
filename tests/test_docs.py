"""The documents say what is true: tables made from the declarations, links that lead somewhere, doctests that pass.

`LIVEGEN_WRITE_DOCS=1 make test` writes the tables anew, and the layout made of them.
"""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples.openstagecontrol import make_layout
from livegen import __version__, events
from livegen.control import reference
from livegen.music import pitch
from livegen.player.modes import MODES
from livegen.predictors import encoding

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TABLED = (README, ROOT / "docs" / "hands.md")


def test_the_readme_tables_are_those_of_the_declarations() -> None:
    if os.environ.get("LIVEGEN_WRITE_DOCS") == "1":
        for path in TABLED:
            path.write_text(reference.filled(path.read_text()))
    for path in TABLED:
        assert path.read_text() == reference.filled(path.read_text()), "LIVEGEN_WRITE_DOCS=1 make test writes them"
    assert README.read_text() == reference.filled(README.read_text()), "LIVEGEN_WRITE_DOCS=1 make test writes them"
    assert (
        "| `temperature` | 0.1 to 2 | 1.0 |" in README.read_text()
        and "| `lan` | on or off | off |" in README.read_text()
    )
    assert "/livegen/out/next" in README.read_text() and "`patience`" in README.read_text()


def test_the_layout_for_open_stage_control_is_that_of_the_declarations() -> None:
    if os.environ.get("LIVEGEN_WRITE_DOCS") == "1":
        make_layout.FILE.write_text(make_layout.text(), encoding="utf-8")
    committed = make_layout.FILE.read_text(encoding="utf-8")
    assert committed == make_layout.text(), "python examples/openstagecontrol/make_layout.py writes it"


def test_the_readme_names_every_mode_and_the_changelog_the_version() -> None:
    for mode in MODES:
        assert f"| `{mode}` |" in README.read_text()
    assert f"## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md", "models/README.md", "docs/hands.md", "docs/page.md"])
def test_links_lead_to_files_that_are_there(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
        assert (path.parent / target).exists(), f"{document} links to {target}"


def test_every_make_target_in_the_readme_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)", README.read_text()):
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize("module", [events, encoding, pitch])
def test_doctests(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_the_picture_is_what_the_shipped_model_answers(tmp_path: Path) -> None:
    target = tmp_path / "answer.svg"
    subprocess.run([sys.executable, "examples/picture.py", str(target)], cwd=ROOT, check=True, timeout=60)
    assert target.read_text().count("<rect") > 20
    # Not compared byte by byte: another processor may round a logit otherwise.
    assert (ROOT / "docs" / "answer.svg").read_text().startswith(target.read_text()[:60])
