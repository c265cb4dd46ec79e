"""The tables of the README and docs/hands.md, made from the settings and the addresses."""

from livegen.control import addresses
from livegen.settings import specs


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
    """A document with each table between its markers ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` renewed."""
    for name, table in (("settings", settings()), ("osc", addresses.reference()), ("controls", controls())):
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, found, rest = text.partition(begin)
        if found:
            text = before + begin + table + end + rest.partition(end)[2]
    return text
