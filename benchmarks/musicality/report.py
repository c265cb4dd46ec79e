"""The tables, as Markdown, and the same as JSON."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.musicality import phrase_ends, scoring
from benchmarks.musicality.performance import KINDS
from benchmarks.musicality.phrase_ends import Count
from benchmarks.musicality.scoring import CHANCE, LIVEGEN, SIDES, Figure

Counts = Mapping[float, Sequence[tuple[phrase_ends.Performance, Count]]]  # by patience


def criteria_table(found: Sequence[Figure]) -> str:
    """A row for each measure, and the score."""
    rows = [
        "| | criterion | measured as | livegen | ± | real | repeated | chance | target | met | score |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for figure in found:
        measure = figure.measure
        sign = "≥" if measure.target > measure.zero else "≤"
        values = [_number(figure.values[side]) for side in SIDES]
        values.insert(1, _number(figure.error))
        met = "" if figure.value is None else "yes" if figure.met else "no"
        cells = [measure.number, measure.title, measure.text, *values, f"{sign} {measure.target:.2f}", met]
        rows.append(f"| {' | '.join([*cells, _number(figure.score, 2)])} |")
    reached, of = scoring.criteria_met(found)
    scores = {side: scoring.score_of(found, side) for side in SIDES}
    said = ", ".join(f"{side} {_number(scores[side], 0)}" for side in SIDES[1:])
    rows += ["", f"**{reached} of {of} criteria met; score {_number(scores[LIVEGEN], 0)} of 100** ({said})."]
    if behind := [figure.measure.number for figure in found if _behind_chance(figure)]:
        rows += ["", f"No better than chance: {', '.join(behind)}."]
    return "\n".join(rows)


def kinds_table(found: Sequence[Figure], side: str = LIVEGEN) -> str:
    """Each measure by kind of performer."""
    kinds = [kind for kind in KINDS if any(kind in figure.by_kind[side] for figure in found)]
    rows = [f"| {side} | {' | '.join(kinds)} |", f"| --- |{' ---: |' * len(kinds)}"]
    for figure in found:
        values = [_number(figure.by_kind[side].get(kind), 2) for kind in kinds]
        rows.append(f"| {figure.measure.number} {figure.measure.text} | {' | '.join(values)} |")
    return "\n".join(rows)


def ends_table(found: Counts) -> str:
    """A row for each group of performances and each patience."""
    rows = [
        "| performances | patience | notes | ends | precision | recall | F1 | cut-ins in 100 notes | beats to answer |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for patience, counted in found.items():
        for group, counts in _grouped(counted).items():
            all_of = phrase_ends.total(counts)
            cells = [group, f"{patience:g}", str(all_of.notes), str(all_of.hits + all_of.missed)]
            cells += [_number(value, 2) for value in (all_of.precision, all_of.recall, all_of.f1)]
            rows.append(f"| {' | '.join([*cells, _number(all_of.cut_ins_per_100, 2), _number(all_of.wait, 2)])} |")
    return "\n".join(rows)


def criteria_json(found: Sequence[Figure]) -> dict[str, Any]:
    """All figures."""
    reached, of = scoring.criteria_met(found)
    return {
        "score": {side: scoring.score_of(found, side) for side in SIDES},
        "met": reached,
        "criteria": of,
        "measures": [
            {
                "number": figure.measure.number,
                "title": figure.measure.title,
                "measured as": figure.measure.text,
                "target": figure.measure.target,
                "zero": figure.measure.zero,
                **figure.values,
                "error": figure.error,
                "met": figure.met,
                "score": figure.score,
                "by kind": figure.by_kind,
            }
            for figure in found
        ],
    }


def ends_json(found: Counts) -> list[dict[str, Any]]:
    """All counts of phrase ends, with F1 by player where several phrases of each are known."""
    return [
        {"patience": patience, "group": group, **_count_json(phrase_ends.total(counts)), "players": players}
        for patience, counted in found.items()
        for group, counts in _grouped(counted).items()
        for players in [_by_player(counted, group)]
    ]


def _count_json(count: Count) -> dict[str, Any]:
    return {
        "notes": count.notes,
        "ends": count.hits + count.missed,
        "hits": count.hits,
        "cut ins": count.cut_ins,
        "precision": count.precision,
        "recall": count.recall,
        "f1": count.f1,
        "cut ins per 100": count.cut_ins_per_100,
        "wait": count.wait,
    }


def _by_player(counted: Sequence[tuple[phrase_ends.Performance, Count]], group: str) -> dict[str, Any]:
    """F1 and cut-ins of each player, and the spread of F1 over players."""
    found: dict[str, Count] = defaultdict(Count)
    for played, count in counted:
        if played.group == group:
            found[played.player] += count
    f1 = [count.f1 for count in found.values()]
    return {
        "median f1": float(np.median(f1)),
        "lowest f1": min(f1),
        "each": {player: {"f1": count.f1, "cut ins per 100": count.cut_ins_per_100} for player, count in found.items()},
    }


def _grouped(counted: Sequence[tuple[phrase_ends.Performance, Count]]) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = defaultdict(list)
    for played, count in counted:
        found[played.group].append(count)
    return found


def _behind_chance(figure: Figure) -> bool:
    chance = None if figure.measure.guard else figure.values[CHANCE]
    return figure.value is not None and chance is not None and not figure.measure.better(figure.value, chance)


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
