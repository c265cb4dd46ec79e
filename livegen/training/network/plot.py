"""The loss of a training as a picture."""

from collections.abc import Sequence
from pathlib import Path


def plot(log: Sequence[tuple[float, float]], path: Path, name: str, unit: str = "note") -> None:
    """Bits per ``unit`` against epochs, training and held out, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    epochs = range(1, len(log) + 1)
    axes.plot(epochs, [trained for trained, _ in log], label="training (dropout, varied)")
    axes.plot(epochs, [held_out for _, held_out in log], label="held out")
    axes.set(title=name, xlabel="epoch", ylabel=f"bits per {unit}")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=100)
