"""Writes the documents that are made from the source: ``python -m tools.docs``, or ``make docs``.

These are the tables of docs/, from the settings and the addresses, and the layout for Open Stage Control.
tests/test_docs.py fails when a committed file differs from what this writes.
"""

from pathlib import Path

from examples.openstagecontrol import make_layout
from livegen.control import addresses
from livegen.settings import specs

ROOT = Path(__file__).parent.parent
TABLED = tuple(ROOT / "docs" / name for name in ("settings.md", "osc.md", "controls.md"))


def settings() -> str:
    """All settings as a Markdown table."""
    lines = ["| setting | range | default | live | what it does |", "| --- | --- | --- | --- | --- |"]
    for spec in specs():
        default = (
            ("on" if spec.default else "off") if spec.kind is bool else spec.default if spec.default != "" else "none"
        )
        live = "yes" if spec.live else "no"
        lines.append(f"| `{spec.name}` | {spec.range} | {default} | {live} | {spec.help} |")
    return "\n".join(lines) + "\n"


def controls() -> str:
    """The chart of controls as a Markdown table."""
    lines = ["| CC | setting | range | curve | what it does |", "| --- | --- | --- | --- | --- |"]
    rows = [spec for spec in specs() if spec.live and spec.control is not None]
    for spec in sorted(rows, key=lambda spec: spec.control or 0):
        lines.append(f"| {spec.control} | `{spec.name}` | {spec.range} | {spec.curve} | {spec.help} |")
    return "\n".join(lines) + "\n"


def filled(text: str) -> str:
    """A document with the tables between its markers ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` made again."""
    for name, table in (("settings", settings()), ("osc", addresses.reference()), ("controls", controls())):
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, found, rest = text.partition(begin)
        if found:
            text = before + begin + table + end + rest.partition(end)[2]
    return text


def documents() -> dict[Path, str]:
    """The text that each file written here should hold."""
    texts = {path: filled(path.read_text(encoding="utf-8")) for path in TABLED}
    return {**texts, make_layout.FILE: make_layout.text()}


def write() -> None:
    """Write the files that differ from their source, and name them."""
    for path, text in documents().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    write()
