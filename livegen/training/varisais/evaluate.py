"""Measures varisai networks by the varisais that they write, for `livegen evaluate carnatic`: they predict no other
music."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from livegen.errors import SettingsError
from livegen.predictors import varisai_network
from livegen.predictors.varisai_network import Network, Request, training_tokens
from livegen.training.evaluation.evaluate import EvaluationOptions
from livegen.training.varisais.card import TEMPERATURES, Figures, measure, row, table
from livegen.training.varisais.train import Tokens, bits

LEARNT = "the 13 training varisais"
_SEED = 1


@dataclass(frozen=True)
class VarisaiReport:
    """The figures of varisai networks: bits a token of the varisais that they learnt, by model, and the figures of each
    row."""

    samples: int
    learnt: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Figures] = field(default_factory=dict)

    def table(self) -> str:
        """As Markdown."""
        told = [f"{name}: {each:.3f} bits a token of {LEARNT}." for name, each in self.learnt.items()]
        made = f"{self.samples} varisais of each, drawn in adi tala and ended on Sa:" if self.samples else ""
        return "\n\n".join([*told, *filter(None, [made]), table([row(*each) for each in self.figures.items()])])

    def to_dict(self) -> dict[str, Any]:
        """As numbers."""
        figures = {name: asdict(each) for name, each in self.figures.items()}
        return {"data": LEARNT, "samples": self.samples, "bits": self.learnt, "figures": figures}

    def draw(self, path: Path) -> None:
        """Raise SettingsError: there is no picture of varisais."""
        raise SettingsError(f"There is no picture of varisais for {path.name}; leave out --plot.")


def evaluate(
    models: Sequence[Path], plan: EvaluationOptions, say: Callable[[str], None] = lambda _: None
) -> VarisaiReport:
    """Measure varisai networks; ``plan.samples`` varisais are drawn at each temperature. Raises ModelError for a file
    that is not valid."""
    networks = {path.stem if len(models) == 1 else str(path): varisai_network.load(path)[0] for path in models}
    found = VarisaiReport(plan.samples)
    found.figures[LEARNT] = measure(list(training_tokens()))
    for name, network in networks.items():
        found.learnt[name] = float(np.mean([bits(network, tokens) for tokens in training_tokens()]))
        for temperature in TEMPERATURES if plan.samples else ():
            say(f"{name}, temperature {temperature}")
            found.figures[f"{name}, temperature {temperature}"] = measure(_drawn(network, temperature, plan.samples))
    return found


def _drawn(network: Network, temperature: float, count: int) -> list[Tokens]:
    return [
        varisai_network.draw(network, np.random.default_rng([_SEED, each]), Request(temperature))
        for each in range(count)
    ]
