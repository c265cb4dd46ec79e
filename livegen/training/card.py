"""Model cards: what a command measured goes between two markers of a README.md, never in by hand."""

import argparse
import re
from pathlib import Path

from livegen.training.evaluate import SAMPLES, Plan, evaluate


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


def main() -> None:
    """Measure model files and write the figures into the card beside them."""
    options = argparse.ArgumentParser(prog="python -m livegen.training.card", description=main.__doc__)
    options.add_argument("models", nargs="+", type=Path)
    options.add_argument("--data", type=Path, help="a folder of held-out tunes (ABC or MIDI); else the books' own")
    options.add_argument("--label", help="what to call that folder in the card")
    options.add_argument("--trained-on", type=Path, help="the collection that the models learnt from; else the books")
    options.add_argument("--samples", type=int, default=SAMPLES, help="tunes each makes up")
    given = options.parse_args()
    report = evaluate(given.models, given.data, Plan(trained_on=given.trained_on, samples=given.samples))
    report.data = given.label or report.data
    marker = "figures" if given.data is None else f"figures {given.data.name}"
    if given.trained_on is not None:
        marker = f"figures {given.models[0].stem}"
    put(given.models[0].parent / "README.md", marker, report.table())


if __name__ == "__main__":
    main()
