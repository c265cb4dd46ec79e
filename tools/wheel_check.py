"""Builds wheel and sdist, and tries them as a new user would: ``make wheel-check``.

For each Python that is here, in a venv of its own and outside this folder, the wheel is installed with what it needs;
`livegen doctor --json` must report MIDI, and a phrase over JACK must be answered. The sdist must build the same wheel.
Needs jackd. Takes minutes, so it is no test of the suite.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from livegen.system import clock
from tests.support.jack import Jack, Peer, private_jack, until
from tests.support.jam_process import own_output

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
INSIDE = (
    "livegen/models/folk.onnx",
    "livegen/models/piano.onnx",
    "livegen/models/drums.onnx",
    "livegen/web/page/index.html",
    "livegen/charts/book/",
    "livegen/shared/examples/puredata/livegen.pd",
    "livegen/shared/docs/page.png",
)
PHRASE = (60, 62, 64, 65, 67)
_STARTED = 60.0  # seconds that livegen has to start


def main() -> int:
    """Build, look inside, install, play. Returns the number of things that went wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        wheel = _built(folder)
        wrong = _missing(wheel) + _twine(folder)
        for python in PYTHONS:
            found = shutil.which(f"python{python}")
            works = found and subprocess.run([found, "-c", "import ensurepip"], capture_output=True, check=False)
            if not found or not works or works.returncode:
                print(f"Python {python}: not here, not run")
                continue
            wrong += _tried(found, wheel, folder / python)
    return wrong


def _built(folder: Path) -> Path:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "build", "-q", "-o", folder, ROOT], check=True)  # the wheel is built from the sdist
    wheel = next(folder.glob("*.whl"))
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; the sdist builds it")
    return wheel


def _missing(wheel: Path) -> int:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    missing = [wanted for wanted in INSIDE if not any(name.startswith(wanted) for name in names)]
    print(f"missing from the wheel: {', '.join(missing) or 'nothing'}")
    metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    relative = re.findall(r"\]\((?!\w+:|#)[^)]+\)", metadata)
    print(f"links of the description that lead nowhere: {', '.join(relative) or 'none'}")
    return len(missing) + len(relative)


def _twine(folder: Path) -> int:
    uv = Path(sys.executable).with_name("uv")
    command: list[str | Path] = [uv, "tool", "run", "-q", "twine", "check", "--strict", *folder.glob("livegen-*")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "PASSED" not in done.stdout + done.stderr and "FAILED" not in done.stdout + done.stderr:
        print("twine could not be had, so the description was not checked")
        return 0
    print((done.stdout + done.stderr).strip())
    return done.returncode


def _tried(python: str, wheel: Path, folder: Path) -> int:
    """Install the wheel for one Python, and play with it. Returns the number of things that went wrong."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    name = folder.name
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    installed = subprocess.run(
        [scripts / "python", "-m", "pip", "install", "-q", wheel], capture_output=True, text=True, check=False
    )
    if installed.returncode:
        print(f"Python {name}: not installed: {installed.stderr.strip().splitlines()[-1]}")
        return 1
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | home
    with private_jack() as jack:
        environment |= {key: os.environ[key] for key in ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER")}
        report = subprocess.run(
            [scripts / "livegen", "doctor", "--json"], capture_output=True, text=True, env=environment, check=False
        )
        midi = {check["name"]: check for check in json.loads(report.stdout)["checks"]}["midi"]
        heard = _answer(jack, scripts / "livegen", environment, folder)
    print(f"Python {name}: MIDI {'works' if midi['good'] else 'does not'}; a phrase was answered with {heard} notes")
    return (not midi["good"]) + (not heard)


def _answer(jack: Jack, livegen: Path, environment: dict[str, str], folder: Path) -> int:
    """The number of notes that answer a phrase over JACK."""
    flags = ["--seed", "1", "--page", "off", "--osc-port", "7391", "--osc-target", "none"]
    process = subprocess.Popen([livegen, "jam", *flags], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        return notes_answered(jack)
    finally:
        process.terminate()
        process.wait(20)


def notes_answered(jack: Jack) -> int:
    """Play a phrase to the livegen that starts on this JACK. Returns the number of notes that answer it."""
    with Peer("keys", "out", True) as keys, Peer("synth", "in", False) as synth:
        end = clock.now() + _STARTED
        while not any(port.endswith(":livegen out") for port in jack.ports()):
            assert clock.now() < end, "livegen's ports did not appear"
            clock.rest(0.3)  # JACK's dummy server stands still when it is asked over and over
        jack.connect("keys:out", "livegen:livegen in")
        jack.connect(own_output(jack), "synth:in")
        for pitch in PHRASE:
            keys.play(0x90, pitch, 90)
            clock.rest(0.2)
            keys.play(0x80, pitch, 0)
            clock.rest(0.05)
        until(lambda: any(status & 0xF0 == 0x90 for status, *_ in synth.heard), 20, "livegen answers")
        clock.rest(3.0)
        return sum(status & 0xF0 == 0x90 for status, *_ in synth.heard)


if __name__ == "__main__":
    sys.exit(main())
