"""The documents say what is true: tables made from the declarations, links that lead somewhere, doctests that pass.

`make docs` writes the tables and the layout; these tests only compare.
"""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples.openstagecontrol import make_layout
from livegen import __version__, events
from livegen.music import pitch
from livegen.player.modes import MODES
from livegen.predictors import encoding
from tests.support.places import ROOT
from tools import docs

README = ROOT / "README.md"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("examples/*.md"),
        ROOT / "models" / "README.md",
    )
)


SETTINGS, OSC = ROOT / "docs" / "settings.md", ROOT / "docs" / "osc.md"


def test_the_tables_are_those_of_the_declarations() -> None:
    for path in docs.TABLED:
        assert path.read_text(encoding="utf-8") == docs.documents()[path], "`make docs` writes the tables"
    told = SETTINGS.read_text(encoding="utf-8")
    assert "| `temperature` | 0.1 to 2 | 1.0 |" in told and "| `lan` | on or off | off |" in told
    assert "/livegen/out/next" in OSC.read_text(encoding="utf-8") and "`patience`" in told


def test_the_layout_for_open_stage_control_is_that_of_the_declarations() -> None:
    committed = make_layout.FILE.read_text(encoding="utf-8")
    assert committed == docs.documents()[make_layout.FILE], "`make docs` writes the layout"


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_what_is_typed_into_a_shell_survives_zsh() -> None:
    """Without quotes zsh takes brackets for a pattern, finds no file, and runs nothing."""
    texts = [*DOCUMENTS, *(str(path.relative_to(ROOT)) for path in ROOT.glob("livegen/**/*.py"))]
    bare = re.compile(r"""\b(?:install|run|--from) [^\s"'`]*\w\[\w+\]""")
    assert [bare.findall(f"pip install livegen{extra}") for extra in ("[link]", "")] == [["install livegen[link]"], []]
    assert {text: found for text in texts if (found := bare.findall((ROOT / text).read_text(encoding="utf-8")))} == {}


def test_the_readme_names_every_mode_and_the_changelog_the_version() -> None:
    for mode in MODES:
        assert f"| `{mode}` |" in README.read_text()
    assert f"## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_that_are_there(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
        assert (path.parent / target).exists(), f"{document} links to {target}"


def test_the_map_names_what_is_in_the_source() -> None:
    """A file in ARCHITECTURE.md exists, and the names that follow it in its row are defined in it."""
    package = ROOT / "livegen"
    layers = ARCHITECTURE.read_text().partition("## The layers")[2].partition("## The path")[0]
    for folder in package.glob("*/__init__.py"):
        assert f"| `{folder.parent.name}/` |" in layers
    files, names = 0, 0
    for row in ARCHITECTURE.read_text().splitlines():
        text = ""
        for word in re.findall(r"`([\w./]+)`", row):
            if "/" in word or word.endswith(".py"):
                path = next((base / word for base in (package, ROOT) if (base / word).exists()), None)
                assert path is not None, f"ARCHITECTURE.md names {word}"
                text = path.read_text() if path.is_file() else ""
                files += 1
            elif text:
                for name in word.split("."):
                    defined = rf"^\s*(async def |def |class |){name}\b\s*[(:=\[]"
                    assert re.search(defined, text, re.MULTILINE), f"ARCHITECTURE.md names {word} in {row}"
                    names += 1
    assert files > 60 and names > 60


def test_every_make_target_in_the_readme_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)", README.read_text() + (ROOT / "CONTRIBUTING.md").read_text()):
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
