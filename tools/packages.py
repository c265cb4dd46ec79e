"""Lays out the patches as Max and Pure Data expect packages: ``make packages``.

For Max a folder to put into its Packages folder (Max 8's layout: package-info.json, extras, help, patchers). For Pure
Data a file that Deken installs, which is a zip of one folder, and its SHA-256 beside it.
"""

import hashlib
import json
import shutil
import sys
import zipfile
from pathlib import Path

from livegen import __version__

ROOT = Path(__file__).resolve().parent.parent
_EXAMPLES = ROOT / "examples"
_ABOUT = "A bandmate that you play with: it hears notes over OSC, and answers with its own."
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip, so that the same files make the same package


def max_package(out: Path) -> Path:
    """Write the Max package into a folder of ``out``, anew. Returns it."""
    folder = out / "max" / "livegen"
    shutil.rmtree(folder, ignore_errors=True)
    patch = _EXAMPLES / "max" / "livegen.maxpat"
    for place in ("extras/livegen.maxpat", "help/livegen.maxhelp", "patchers/livegen.maxpat"):
        (folder / place).parent.mkdir(parents=True)
        shutil.copyfile(patch, folder / place)
    shutil.copyfile(ROOT / "LICENSE", folder / "license.md")
    (folder / "readme.md").write_text(_section("Max"), encoding="utf-8")
    info = {
        "name": "livegen",
        "displayname": "livegen",
        "version": __version__,
        "author": "The livegen authors",
        "description": _ABOUT,
        "tags": ["osc", "midi", "improvisation"],
        "max_version_min": "8.0",
        "max_version_max": "none",
        "os": {
            "macintosh": {"platform": ["x64", "aarch64"], "min_version": "none"},
            "windows": {"platform": ["x64"], "min_version": "none"},
        },
        "homepatcher": "livegen.maxpat",
        "package_extra": {"reverse_domain": "org.livegen", "copyright": "MIT licence"},
    }
    (folder / "package-info.json").write_text(json.dumps(info, indent=2) + "\n", encoding="utf-8")
    return folder


def deken_package(out: Path) -> Path:
    """Write the package of Pure Data into a folder of ``out``. Returns it."""
    folder = _EXAMPLES / "puredata"
    files = {f"livegen/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    files["livegen/livegen-help.pd"] = (folder / "livegen.pd").read_bytes()
    files["livegen/livegen-meta.pd"] = _meta().encode()
    files["livegen/README.md"] = _section("Pure Data").encode()
    files["livegen/LICENSE.txt"] = (ROOT / "LICENSE").read_bytes()
    target = out / "puredata" / f"livegen[v{__version__}].dek"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in sorted(files.items()):
            package.writestr(zipfile.ZipInfo(name, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_name(target.name + ".sha256").write_text(f"{digest} *{target.name}\n", encoding="utf-8")
    return target


def _meta() -> str:
    """The patch in which libraries of Pure Data tell about themselves."""
    lines = (
        "NAME livegen",
        f"VERSION {__version__}",
        "AUTHOR The livegen authors",
        "LICENSE MIT",
        f"DESCRIPTION {_ABOUT}",
    )
    boxes = [f"#X text 10 {10 + 20 * row} {_escaped(line)};" for row, line in enumerate(lines)]
    return (
        "\n".join(
            ["#N canvas 10 10 600 200 10;", "#N canvas 20 20 500 200 META 0;", *boxes, "#X restore 10 10 pd META;"]
        )
        + "\n"
    )


def _escaped(text: str) -> str:
    """Text as a patch file has it."""
    return text.replace(",", " \\,").replace(";", " \\;")


def _section(title: str) -> str:
    """A section of the examples' README, as a text of its own."""
    text = (_EXAMPLES / "README.md").read_text(encoding="utf-8")
    found = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0].strip()
    return f"# livegen for {title}\n\n{_ABOUT}\nStart livegen first; it comes from `pip install livegen`.\n\n{found}\n"


def main() -> int:
    """Write both into build/packages."""
    for made in (max_package(ROOT / "build" / "packages"), deken_package(ROOT / "build" / "packages")):
        print(made.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
