"""The pulse's confidence: how it is learnt, and a plot of how reliable it is."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.pulse import judging
from benchmarks.pulse.judging import Told

RIDGE = 1.0
SIDE, EDGE = 260, 46  # pixels of the plot and of its margin
COLOURS = {"plain": "#999999", "learnt": "#1f6fb2"}

Floats = npt.NDArray[np.float64]


def trust(groups: Sequence[Sequence[Told]]) -> tuple[float, ...]:
    """The weights of the cues: a logistic regression of "the beat is right", each group counting alike."""
    told = [each for group in groups for each in group if each.cues]
    counts = np.array([1e4 / len(group) for group in groups for each in group if each.cues])
    cues: Floats = np.array([each.cues for each in told])
    correct = np.array([each.placed for each in told], dtype=float)
    found = np.zeros(cues.shape[1])
    for _ in range(30):
        likely = 1.0 / (1.0 + np.exp(-cues @ found))
        slope = cues.T @ (counts * (likely - correct)) + RIDGE * found
        bend = (cues * (counts * likely * (1.0 - likely))[:, None]).T @ cues + RIDGE * np.eye(len(found))
        found = found - np.linalg.solve(bend, slope)
    return tuple(round(float(weight), 3) for weight in found)


def plot(named: Mapping[str, Sequence[Told]]) -> str:
    """The share of beats that are right against the confidence with which they were told, as SVG: a dot for each tenth,
    as large as it is often told."""
    end = SIDE + EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {end + EDGE} {end + EDGE}" font-family="sans-serif"'
        ' font-size="11">',
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="white" stroke="#cccccc"/>',
        f'<line x1="{EDGE}" y1="{end}" x2="{end}" y2="{EDGE}" stroke="#cccccc" stroke-dasharray="4 3"/>',
        f'<text x="{EDGE + SIDE / 2}" y="{end + 34}" text-anchor="middle">confidence that was told</text>',
        f'<text x="14" y="{EDGE + SIDE / 2}" text-anchor="middle" transform="rotate(-90 14 {EDGE + SIDE / 2})">'
        "share of beats that were right</text>",
    ]
    for tick in (0.0, 0.5, 1.0):
        parts.append(f'<text x="{EDGE + SIDE * tick}" y="{end + 16}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{EDGE - 8}" y="{end - SIDE * tick + 4}" text-anchor="end">{tick:g}</text>')
    for number, (name, told) in enumerate(named.items()):
        colour = COLOURS.get(name, "#333333")
        dots = [(EDGE + SIDE * sure, end - SIDE * share, count) for sure, share, count in judging.bins(told)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        for x, y, count in dots:
            radius = 2.0 + 12.0 * (count / len(told)) ** 0.5
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.6"/>')
        parts.append(f'<text x="{EDGE + 8}" y="{EDGE + 18 + 15 * number}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
