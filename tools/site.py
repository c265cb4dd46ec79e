"""Puts the pages of the documents' site together, each where its links expect it, and builds it: ``make docs-site``.

The documents stay where they are written, and link to one another as files; so the site's pages lie in the same
folders. A link that leads nowhere ends the build.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "build" / "site" / "pages"
FOLDERS = ("docs", "examples")
FILES = ("README.md", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE")
CARDS = ("models/README.md", "benchmarks/README.md", "requirements/README.md")
API = (
    ("livegen.session.session.Session", "A session: events go in, events due come out."),
    ("livegen.settings.Settings", "Every setting of a session."),
    ("livegen.player.modes", "Modes: who plays when."),
    ("livegen.render", "A session in virtual time."),
    ("livegen.predictors.models", "Models by name."),
    ("livegen.events", "What goes in and comes out."),
)


def gather() -> None:
    """Copy the documents into one tree, and write the page of the names that other programs may use."""
    shutil.rmtree(PAGES, ignore_errors=True)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, PAGES / folder, ignore=shutil.ignore_patterns("__pycache__", "__init__.py"))
    for name in (*FILES, *CARDS):
        (PAGES / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, PAGES / name)
    addresses = PAGES / "docs" / "osc.md"  # whose optional arguments are no links
    addresses.write_text(addresses.read_text(encoding="utf-8").replace("] [", "] \\["), encoding="utf-8")
    parts = [f"## {about}\n\n::: {name}\n" for name, about in API]
    (PAGES / "api.md").write_text("# From Python\n\n" + "\n".join(parts), encoding="utf-8")


def main() -> int:
    """Build the site into build/site/html. Returns mkdocs' exit status."""
    gather()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(ROOT / "mkdocs.yml")]
    status = subprocess.run(command, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, check=False).returncode
    if not status:
        print(f"The site is in {(ROOT / 'build' / 'site' / 'html').relative_to(ROOT)}.")
    return status


if __name__ == "__main__":
    sys.exit(main())
