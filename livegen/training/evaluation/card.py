"""Measures model files and writes the figures into the card next to them."""

import argparse
from pathlib import Path

from livegen.training.evaluation.evaluate import SAMPLES, EvaluationOptions, evaluate
from livegen.training.model_card import put


def main() -> None:
    """Measure model files and write the figures into the card next to them."""
    options = argparse.ArgumentParser(prog="python -m livegen.training.evaluation.card", description=main.__doc__)
    options.add_argument("models", nargs="+", type=Path)
    options.add_argument("--data", type=Path, help="a folder of held-out tunes in ABC or MIDI (default: the books')")
    options.add_argument("--label", help="what to call that folder in the card")
    options.add_argument(
        "--trained-on", type=Path, help="the collection that the models learnt from (default: the books)"
    )
    options.add_argument("--samples", type=int, default=SAMPLES, help="tunes each makes up")
    given = options.parse_args()
    report = evaluate(given.models, given.data, EvaluationOptions(trained_on=given.trained_on, samples=given.samples))
    report.data = given.label or report.data
    marker = "figures" if given.data is None else f"figures {given.data.name}"
    if given.trained_on is not None:
        marker = f"figures {given.models[0].stem}"
    put(given.models[0].parent / "README.md", marker, report.table())


if __name__ == "__main__":
    main()
