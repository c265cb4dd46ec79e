"""Model cards: a command writes its figures between two markers of a README.md; nobody writes them by hand."""

import re
from pathlib import Path


def put(card: Path, name: str, text: str) -> None:
    """Write ``text`` between the markers ``name`` of the card; if there are none, they are added at the end."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    block = f"{begin}\n{text.strip()}\n{end}"
    before = card.read_text("utf-8") if card.exists() else "# Models\n"
    found = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
    if found.search(before):
        after = found.sub(lambda _: block, before, count=1)
    else:
        after = before.rstrip("\n") + f"\n\n{block}\n"
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text(after, "utf-8")
