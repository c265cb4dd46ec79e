"""The architecture enforced: a folder imports only those before it, no circles, no clock or socket where it is pure."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGE = ROOT / "livegen"
ORDER = [
    *(
        "errors",
        "events",
        "music",
        "charts",
        "beat",
        "spec",
        "settings",
        "listening",
        "predictors",
        "player",
        "session",
        "tunes",
    ),
    *("system", "midi", "files", "render", "osc", "control", "journal", "web", "live", "training", "cli", "__main__"),
]
TRAINING = [
    "recipe",
    "model_card",
    "corpus",
    "network",
    "ngrams",
    "evaluation",
    "changes",
    "comping",
    "drums",
    "own",
    "characters",
    "varisais",
    "touch",
]
PURE = {
    "errors",
    "events",
    "music",
    "charts",
    "beat",
    "spec",
    "settings",
    "listening",
    "predictors",
    "player",
    "session",
    "tunes",
    "control",
}
OUTSIDE = {"asyncio", "threading", "socket", "time", "datetime", "rtmidi", "supriya_midi"}
FOR_TRAINING = {*ORDER[: ORDER.index("tunes") + 1], "system", "midi", "files", "training"} - {"session"}
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in SOURCES}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, at whatever depth."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room(module: str) -> str:
    """The folder of livegen that a module is in, or the module itself if it is in no folder."""
    return module.split(".")[1]


def own(path: Path) -> set[str]:
    return {name for name in imports(path) if name in MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_a_folder_imports_only_those_before_it(module: str) -> None:
    here = room(module)
    if here == "__init__":
        return
    for name in own(MODULES[module]):
        assert ORDER.index(room(name)) <= ORDER.index(here), f"{module} imports {name}"
        if here == room(name) == "training" and module.count(".") > 1:
            assert TRAINING.index(name.split(".")[2]) <= TRAINING.index(module.split(".")[2]), (
                f"{module} imports {name}"
            )


def test_no_files_import_each_other_in_a_circle() -> None:
    list(TopologicalSorter({module: own(path) for module, path in MODULES.items()}).static_order())


@pytest.mark.parametrize("module", MODULES)
def test_what_may_be_imported_where(module: str) -> None:
    names = {name.split(".")[0] for name in imports(MODULES[module])}
    assert room(module) == "training" or "torch" not in names
    assert room(module) not in PURE or not names & OUTSIDE
    assert module == "livegen.system.clock" or "time" not in names, "only livegen.system.clock reads the time"
    if room(module) == "training":
        rooms = {room(name) for name in own(MODULES[module])}
        assert rooms <= FOR_TRAINING, f"{module} imports {rooms - FOR_TRAINING}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_prints_but_the_command_line_and_nothing_awaits_where_it_is_pure(module: str) -> None:
    for node in ast.walk(parsed(MODULES[module])):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            assert room(module) == "cli", f"{module}:{node.lineno} prints"
        if isinstance(node, ast.Await | ast.AsyncFunctionDef):
            assert room(module) not in PURE


def test_playing_needs_no_torch() -> None:
    """The whole run time imports, and a session plays, in an interpreter that has no torch."""
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "import livegen.cli.main, livegen.live.server, livegen.render\n"
        "from livegen.session.session import Session; from livegen.settings import Settings\n"
        "from livegen.predictors import models\n"
        "s = Session(models.Untrained(), Settings(mode='autonomous')); assert s.advance(3.0); s.panic(3.0)\n"
        "assert not [m for m in sys.modules if m.startswith(('music21', 'matplotlib', 'onnx.', 'livegen.training'))]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


NAMED_TUPLE = {"_replace", "_asdict", "_make", "_fields", "_field_defaults"}  # public, whatever their names look like


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name not in NAMED_TUPLE


@pytest.mark.parametrize("module", MODULES)
def test_no_object_reaches_into_the_private_members_of_another(module: str) -> None:
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Attribute) and private(node.attr):
            own_member = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            assert own_member, f"{module}:{node.lineno} reaches into {ast.unparse(node)}"
        if isinstance(node, ast.ImportFrom):
            assert not any(private(name.name) for name in node.names), f"{module}:{node.lineno} imports a private name"


NO_NOUN = {"What", "Who", "Whom", "Whose", "Where", "When", "Which", "How"}


@pytest.mark.parametrize("module", MODULES)
def test_no_docstring_begins_with_a_relative_without_a_noun(module: str) -> None:
    """A docstring names its subject ("The time at which ...") or begins with a verb ("Find ...")."""
    for node in ast.walk(parsed(MODULES[module])):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first, *_ = (ast.get_docstring(node) or "").split() or [""]
            assert first not in NO_NOUN, f"{module}:{node.body[0].lineno} begins with {first!r}"
