"""The architecture enforced: imports go downwards; no clock, thread or socket in the core; torch for training alone."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "livegen"
LAYERS = [
    {"errors", "events"},
    {"delays", "rhythm", "pulse", "transport", "clock_follower", "clock_sender", "taps"}
    | {"settings", "ramps", "encoding", "ledger", "desk", "sargam", "raga", "katapayadi", "scales", "chords"}
    | {"harmony", "thru"},
    {"memory", "quotation", "chance", "state_file", "predictor", "sampling", "markov", "modes"}
    | {"characters", "abc_place", "abc_grammar", "character_writer"}
    | {"model_file", "forecast", "markov_model", "abc_writer", "transcript", "tune_maker"}
    | {"timing", "touch", "voicing", "performer", "manner", "loops", "limits", "habits"}
    | {"masks", "line", "composer", "carnatic"}
    | {"bars"}
    | {"carnatic_model", "network_model", "surprise", "slots", "tape", "cadence", "notation", "shadow"},
    {"floor", "player", "session", "part", "lineup", "band", "voices", "verbs", "understudy", "scribe"},
    {"midi", "clock", "process", "precedence"},
    {"port_names", "jack_server", "jack_pulse", "midi_system", "midi_input", "midi_output", "ports", "memory_port"}
    | {"record", "takes"}
    | {
        "intonation",
        "osc",
        "osc_pattern",
        "osc_peers",
        "osc_agenda",
        "osc_endpoint",
        "address",
        "arguments",
        "dispatch",
        "controls",
    }
    | {"slot_store", "show", "net_port"},
    {"link_peer"},
    {"oscquery", "web_guard", "audience", "panel", "backstage", "web_takes", "web", "announce", "web_port"},
    {"reference", "outlet", "asides", "wings", "conductor", "prompter", "caretaker", "rehearsal", "alarm", "keeper"}
    | {"learned", "hands", "timekeeper", "director", "server", "playback", "render", "replay", "doctor"},
    {"folders", "cli_extra", "cli_lists", "cli_replay", "cli_characters", "cli_mine", "cli_training", "cli_tunes"}
    | {"cli_carnatic", "cli_generate", "cli", "__main__"},
]
CORE = set().union(*LAYERS[:4])
ORDER = {module: layer for layer, modules in enumerate(LAYERS) for module in modules}
# Within a layer, these may import those that come before them here.
WITHIN = [
    "delays",
    "rhythm",
    "pulse",
    "transport",
    "clock_follower",
    "clock_sender",
    "taps",
    "desk",
    "thru",
    "sargam",
    "raga",
    "scales",
    "chords",
    "harmony",
    "settings",
    "ramps",
    "sampling",
    "carnatic",
    "memory",
    "quotation",
    "model_file",
    "forecast",
    "markov",
    "markov_model",
    "carnatic_model",
    "network_model",
    "predictor",
    "chance",
    "abc_writer",
    "transcript",
    "notation",
    "tune_maker",
    "abc_place",
    "abc_grammar",
    "characters",
    "character_writer",
    "state_file",
    "modes",
    "cadence",
    "timing",
    "touch",
    "voicing",
    "performer",
    "manner",
    "loops",
    "limits",
    "shadow",
    "habits",
    "masks",
    "line",
    "composer",
    "surprise",
    "slots",
    "tape",
    "floor",
    "player",
    "session",
    "part",
    "lineup",
    "band",
    "voices",
    "verbs",
    "understudy",
    "scribe",
    "port_names",
    "jack_server",
    "jack_pulse",
    "midi_system",
    "midi_input",
    "midi_output",
    "ports",
    "memory_port",
    "record",
    "takes",
    "osc",
    "osc_pattern",
    "osc_peers",
    "net_port",
    "osc_agenda",
    "osc_endpoint",
    "address",
    "arguments",
    "dispatch",
    "controls",
    "show",
    "oscquery",
    "web_guard",
    "audience",
    "panel",
    "backstage",
    "web_takes",
    "web",
    "announce",
    "web_port",
    "outlet",
    "wings",
    "conductor",
    "prompter",
    "caretaker",
    "rehearsal",
    "alarm",
    "keeper",
    "playback",
    "asides",
    "timekeeper",
    "learned",
    "hands",
    "director",
    "server",
    "folders",
    "cli_extra",
    "cli_lists",
    "cli_characters",
    "cli_mine",
    "cli_training",
    "cli_replay",
    "cli_tunes",
    "cli_carnatic",
    "cli_generate",
    "cli",
    "__main__",
]
SOURCES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at whatever depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def own(path: Path) -> set[str]:
    """The modules of livegen that a file imports, by their short names."""
    names = {name.removeprefix("livegen.").split(".")[0] for name in imports(path) if name.startswith("livegen.")}
    return {name for name in names if name in ORDER or name == "training"}


def runtime() -> list[Path]:
    return [path for path in SOURCES if "training" not in path.parts and path.stem != "__init__"]


@pytest.mark.parametrize("path", runtime(), ids=lambda path: path.stem)
def test_imports_go_downwards(path: Path) -> None:
    assert path.stem in ORDER, f"{path.name} has no layer: give it one in this test"
    for name in own(path) - {path.stem}:
        if name == "training":
            assert path.stem in ("cli_characters", "cli_mine", "cli_training", "cli_tunes"), (
                "only the command line may reach training"
            )
        elif ORDER[name] == ORDER[path.stem]:
            assert name in WITHIN and path.stem in WITHIN and WITHIN.index(name) < WITHIN.index(path.stem), (
                f"{path.stem} imports {name} of its own layer"
            )
        else:
            assert ORDER[name] < ORDER[path.stem], f"{path.stem} imports {name}, which lies above it"


def test_training_sees_no_session_and_no_ports() -> None:
    allowed = set().union(*LAYERS[:3]) | {"midi", "clock", "training"}
    for path in (PACKAGE / "training").rglob("*.py"):
        assert own(path) <= allowed, f"{path.name} imports {own(path) - allowed}"


@pytest.mark.parametrize("path", runtime(), ids=lambda path: path.stem)
def test_what_may_be_imported_where(path: Path) -> None:
    names = {name.split(".")[0] for name in imports(path)}
    assert "torch" not in names
    if path.stem in CORE:
        assert not names & {"asyncio", "threading", "socket", "time", "datetime", "rtmidi"}
    if path.stem != "clock":
        assert "time" not in names, f"{path.name} reads the time; livegen.clock does"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_prints_but_the_command_line_and_nothing_awaits_in_the_core(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            assert path.stem == "cli", f"{path.name}:{node.lineno} prints"
        if isinstance(node, ast.Await | ast.AsyncFunctionDef):
            assert path.stem not in CORE


def test_playing_needs_no_torch() -> None:
    """The whole run time imports, and a session plays, in an interpreter that has no torch."""
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "import livegen.cli, livegen.server, livegen.render\n"
        "from livegen.session import Session; from livegen.settings import Settings; from livegen import predictor\n"
        "s = Session(predictor.Untrained(), Settings(mode='autonomous')); assert s.advance(3.0); s.panic(3.0)\n"
        "assert not [m for m in sys.modules if m.startswith(('music21', 'matplotlib', 'onnx.', 'livegen.training'))]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
