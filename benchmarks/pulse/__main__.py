"""``python -m benchmarks.pulse [fit]``: how often the beat is right outside dance music; or learns the tables."""

import argparse
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.musicality import cast, runs
from benchmarks.pulse import calibration, fit, judging
from benchmarks.pulse.judging import Told
from benchmarks.pulse.performances import BOOKS, GROUPS, JUDGED, SHEETS, Played, performances
from livegen.beat import rhythm
from livegen.beat.pulse import CUES
from livegen.beat.rhythm import SETS

TABLES = Path(rhythm.__file__).with_name("rhythm_tables.py")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pulse", description=__doc__)
    parser.add_argument("what", nargs="?", default="judge", choices=("judge", "fit"))
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets, as docs/musicality.md says")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--plot", type=Path, help="write a plot of the confidence, as SVG")
    parser.add_argument("--every", type=int, default=1, help="judge one performance of so many")
    parser.add_argument("--part", choices=cast.PARTS[:2], default=cast.REPORT, help="the half that is judged")
    asked = parser.parse_args(arguments)
    if asked.what == "fit":
        learnt = _learn(asked.data, asked.jobs)
        TABLES.write_text(learnt, "utf-8")
        return
    played = [each for each in performances(asked.data, asked.part) if each.group in JUDGED][:: asked.every]
    told = {name: _hear(played, name, asked.jobs) for name in SETS}
    for name, heard in told.items():
        print(*table(f"{asked.part:6} {name:6}", played, heard), sep="\n")
    if asked.plot:
        whole = {name: [each for heard in told[name] for each in heard] for name in reversed(SETS)}
        asked.plot.write_text(calibration.plot(whole), "utf-8")


def _hear(played: Sequence[Played], name: str, jobs: int) -> list[list[Told]]:
    return list(runs.spread(partial(_heard, name), played, jobs))


def _heard(name: str, played: Played) -> list[Told]:
    return judging.hear(played, SETS[name])


def table(name: str, played: Sequence[Played], told: Sequence[Sequence[Told]]) -> list[str]:
    """The figures of each kind of music, the mean over performances, and those of the confidence."""
    lines = []
    for group in JUDGED:
        for slow in (False, True) if group == SHEETS else (None,):
            found = [
                heard
                for each, heard in zip(played, told, strict=True)
                if each.group == group and heard and slow in (None, each.slow)
            ]
            level = np.mean([judging.right(heard) for heard in found])
            placed = np.mean([judging.placed(heard) for heard in found])
            how = "" if slow is None else ", slow" if slow else ", others"
            lines.append(f"{name} {group + how:20} {len(found):4}  level right {level:.3f}  and in place {placed:.3f}")
    whole = [each for heard in told for each in heard]
    sure = [each for each in whole if each.sure >= 0.85]
    lines.append(
        f"{name} expected calibration error {judging.calibration_error(whole):.3f}; told at 0.85 or more:"
        f" {len(sure) / len(whole):.1%}, of these in place {judging.placed(sure):.3f}"
    )
    return lines


def _learn(data: Path, jobs: int) -> str:
    """The tables from the half to tune on; the confidence last, as it depends on the others."""
    played = performances(data, cast.TUNE)
    learnt = fit.learn(played)
    judged = [each for each in played if each.group in JUDGED][::2]
    judged += [each for each in played if each.group == BOOKS][::6]  # so that jigs are not told from songs alone
    # Weights of any size make the pulse note its cues.
    rhythms = learnt._replace(trust=(0.0,) * CUES).rhythms()
    told = list(runs.spread(partial(_heard_by, rhythms), judged, jobs))
    groups = [[t for each, heard in zip(judged, told, strict=True) if each.group == g for t in heard] for g in GROUPS]
    return learnt._replace(trust=calibration.trust(groups)).text()


def _heard_by(rhythms: rhythm.Rhythms, played: Played) -> list[Told]:
    return judging.hear(played, rhythms)


if __name__ == "__main__":
    os.nice(10)
    main()
