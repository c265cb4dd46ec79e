"""Builds the app to double-click: ``make app``, or ``python tools/app_build.py`` where there is no make.

PyInstaller puts a Python, the wheel and what that needs into one folder; it builds for the system that it runs on. It
was chosen before briefcase, since all it needs are packages: briefcase fetches a Python and a template for each system.
The environment that it works in is its own, so that nothing but what plays gets into the app.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "app"
_SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def main() -> None:
    """Build it into build/app/dist. Ends with the exit status of what fails."""
    environment = BUILD / "venv"
    if not environment.exists():
        venv.create(environment, with_pip=True)
    python = environment / _SCRIPTS / "python"
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "-q"]
    for pinned in ("run.txt", "app.txt"):
        _run(*pip, "install", "--require-hashes", "-r", ROOT / "requirements" / pinned)
    shutil.rmtree(BUILD / "wheel", ignore_errors=True)
    _run(*pip, "wheel", "--no-deps", "-w", BUILD / "wheel", ROOT)
    _run(*pip, "install", "--no-deps", "--force-reinstall", *(BUILD / "wheel").glob("*.whl"))
    places: list[str | Path] = ["--distpath", BUILD / "dist", "--workpath", BUILD / "work"]
    _run(python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *places, ROOT / "tools/app/livegen.spec")
    print(f"The app is in {(BUILD / 'dist').relative_to(ROOT)}.")


def _run(*command: str | Path) -> None:
    # Elsewhere than here, where Python would find this folder's livegen instead of the wheel's.
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([str(part) for part in command], cwd=BUILD, env=outside, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
