"""The patches as packages of Max and Pure Data: whole, of the files that are tested, and the same each time."""

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

from livegen import __version__
from tests.support.parts import require
from tests.support.places import EXAMPLES
from tools import packages


def test_the_max_package_has_what_max_looks_for(tmp_path: Path) -> None:
    packages.max_package(tmp_path)
    folder = packages.max_package(tmp_path)  # over one that is there
    info = json.loads((folder / "package-info.json").read_text(encoding="utf-8"))
    assert (info["name"], info["version"]) == (folder.name, __version__)
    patch = (EXAMPLES / "max" / "livegen.maxpat").read_bytes()
    for place in (f"extras/{info['homepatcher']}", "help/livegen.maxhelp", "patchers/livegen.maxpat"):
        assert (folder / place).read_bytes() == patch
    assert "udpreceive" in (folder / "readme.md").read_text(encoding="utf-8")
    assert "MIT" in (folder / "license.md").read_text(encoding="utf-8")


def test_the_package_of_pure_data_is_one_folder_with_all_parts_of_the_patch(tmp_path: Path) -> None:
    package = packages.deken_package(tmp_path)
    first = package.read_bytes()
    assert package.name == f"livegen[v{__version__}].dek"
    digest, name = package.with_name(f"{package.name}.sha256").read_text(encoding="utf-8").split()
    assert (digest, name) == (hashlib.sha256(first).hexdigest(), f"*{package.name}")
    with zipfile.ZipFile(package) as opened:
        held = {name: opened.read(name) for name in opened.namelist()}
    parts = {f"livegen/{path.name}": path.read_bytes() for path in (EXAMPLES / "puredata").iterdir()}
    assert parts.items() <= held.items() and all(name.startswith("livegen/") for name in held)
    assert {"livegen/livegen-help.pd", "livegen/LICENSE.txt", "livegen/README.md"} <= held.keys()
    assert packages.deken_package(tmp_path).read_bytes() == first


def test_pure_data_opens_what_the_package_adds_without_a_complaint(tmp_path: Path) -> None:
    pd = require("pd")
    with zipfile.ZipFile(packages.deken_package(tmp_path)) as opened:
        opened.extractall(tmp_path)
    patch = tmp_path / "livegen" / "livegen-meta.pd"
    flags = ["-nogui", "-noaudio", "-nomidi", "-nrt", "-noprefs", "-stderr", "-send", "pd quit"]
    done = subprocess.run([pd, *flags, "-open", str(patch)], capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in done.stderr.splitlines() if "priority" not in line]
    assert done.returncode == 0 and complaints == []
