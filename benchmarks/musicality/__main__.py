"""``python -m benchmarks.musicality [rolls|ends]``: how good a bandmate livegen is; docs/musicality.md explains."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.musicality import cast, exchange, handmade, phrase_ends, report, rolls, runs, scoring
from benchmarks.musicality.exchange import DUET, HARMONISE, POLITE, Exchange
from benchmarks.musicality.performance import KINDS, Performer
from livegen.errors import LivegenError
from livegen.settings import Settings, specs
from livegen.training.model_card import put

DATA = Path("../shared/data")
ROLLS = 12
QUICK = 40  # times fewer performances for phrase ends


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0, or 2 for a setting that is not valid."""
    asked = _parser().parse_args(arguments)
    settings = Settings()
    for each in specs() if asked.formerly else ():
        if each.formerly is not None:
            settings.set(each.name, each.formerly)
    try:
        for pair in asked.set:
            name, _, value = pair.partition("=")
            settings.set(name, value)
        runs.predictor(settings.model)
    except LivegenError as error:
        print(error, file=sys.stderr)
        return 2
    began = time.perf_counter()
    performers = _performers(asked)
    if asked.what == "rolls":
        print(*rolls.write(asked.out, _rolls(performers, settings)), sep="\n")
        return 0
    tables, found = _measured(asked, performers, settings)
    took, busy = time.perf_counter() - began, sum(os.times()[:4])
    who = len({each.name for _, each in performers})
    print(*tables, f"{who} performers, {took:.0f} s, of one processor {busy:.0f} s", sep="\n\n")
    if asked.write:
        put(asked.write, "formerly" if asked.formerly else "musicality", "\n\n".join(tables))
    if asked.json:
        text = json.dumps({"part": asked.part, "seeds": asked.seeds, "settings": asked.set, **found}, indent=1)
        asked.json.write_text(text + "\n", "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.musicality", description="How good a bandmate it is.")
    parser.add_argument("what", nargs="?", default="all", choices=("all", "criteria", "ends", "rolls"))
    parser.add_argument("--data", type=Path, default=DATA if DATA.exists() else None, help="the folder of data sets")
    parser.add_argument("--part", choices=cast.PARTS, default=cast.ALL, help="tune on one half, report on the other")
    parser.add_argument(
        "--kind", choices=KINDS, action="append", help="only these performers; may be given several times"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one performer of each kind, one seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of livegen's")
    parser.add_argument(
        "--formerly", action="store_true", help="with each setting as livegen played without it (0.1.0)"
    )
    parser.add_argument("--patience", type=float, action="append", help="for phrase ends; may be given several times")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--write", type=Path, help="write the tables between the markers of this document")
    parser.add_argument("--out", type=Path, default=Path("rolls"), help="the folder for the piano rolls")
    return parser


def _performers(asked: argparse.Namespace) -> list[tuple[int, Performer]]:
    """Seeds and performers; with no data at all those made by hand."""
    roles, missing = cast.roles(asked.data)
    for sentence in missing:
        print(sentence, file=sys.stderr)
    seeds = range(1, 2 if asked.quick or asked.what == "rolls" else asked.seeds + 1)
    if not roles:
        print("No data: four performers made by hand stand in.", file=sys.stderr)
        return [(seed, performer) for seed in seeds for performer in handmade.performers(seed)]
    wanted = [role for role in roles if asked.part in (cast.ALL, cast.part(role.source))]
    if asked.kind:
        wanted = [role for role in wanted if role.kind in asked.kind]
    if asked.quick:
        wanted = [next(role for role in wanted if role.kind == kind) for kind in dict.fromkeys(r.kind for r in wanted)]
    return [(seed, role.make(seed)) for seed in seeds for role in wanted]


def _measured(
    asked: argparse.Namespace, performers: list[tuple[int, Performer]], settings: Settings
) -> tuple[list[str], dict[str, Any]]:
    tables: list[str] = []
    found: dict[str, Any] = {}
    if asked.what in ("all", "criteria"):
        figures = scoring.figures(runs.samples(runs.takes(performers), settings, asked.jobs))
        tables += [report.criteria_table(figures), report.kinds_table(figures)]
        found |= report.criteria_json(figures)
    if asked.what in ("all", "ends") and (counts := _ends(asked, settings)):
        tables.append(report.ends_table(counts))
        found["phrase ends"] = report.ends_json(counts)
    return tables, found


def _ends(asked: argparse.Namespace, settings: Settings) -> report.Counts:
    performances = phrase_ends.performances(asked.data, asked.part, QUICK if asked.quick else 1)
    if not performances:
        return {}
    return {
        patience: list(zip(performances, phrase_ends.counts(performances, with_patience, asked.jobs), strict=True))
        for patience in asked.patience or [settings.patience]
        for with_patience in [settings.model_copy(update={"patience": patience})]
    }


def _rolls(performers: Sequence[tuple[int, Performer]], settings: Settings) -> Iterator[list[Exchange]]:
    """Twelve: kinds in turn, taking turns; the last three in duet and harmonise."""
    by_kind = {kind: [each for _, each in performers if each.kind == kind] for kind in KINDS}
    in_turn = [found[number] for number in range(len(performers)) for found in by_kind.values() if number < len(found)]
    melodic = [each for each in in_turn if not each.drums]
    wanted = [(each, POLITE) for each in in_turn[: ROLLS - 3]]
    wanted += [(each, setting) for each, setting in zip(melodic[1:], (DUET, DUET, HARMONISE), strict=False)]
    for performer, setting in wanted:
        yield exchange.play(performer, setting, runs.predictor(settings.model), settings, 1)


if __name__ == "__main__":
    sys.exit(main())
