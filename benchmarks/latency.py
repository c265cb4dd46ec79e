"""The speed of livegen's answers, the lateness of its notes, its use of the machine. Nothing is judged.

    python -m benchmarks.latency [--quick] [--realtime] [--only NAME,...] [--json FILE]

Everything stays on 127.0.0.1. Figures of two runs compare only as ratios to the floor of the same run. Next to
them are the ratios of the last release, from ``parts/kept.json``, and what is slower than then.
"""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import footprint, over_midi, over_osc, stages, steps, timers
from benchmarks.parts import scheduling
from benchmarks.parts.children import ROOT
from benchmarks.parts.counts import FULL, QUICK, Counts
from benchmarks.parts.figures import Measure, show

MEASURES: dict[str, Callable[[Counts], Measure]] = {
    "human": over_osc.human_pace,
    "fast": over_osc.fast,
    "chords": over_osc.ten_at_once,
    "capacity": over_osc.capacity,
    "midi": over_midi.over_midi,
    "steps": steps.steps,
    "timers": timers.lateness,
    "footprint": footprint.footprint,
    "stages": stages.stages,
}
_CLASSES = {"SCHED_OTHER": "ordinary", "SCHED_BATCH": "batch", "SCHED_FIFO": "real-time", "SCHED_RR": "real-time"}


KEPT = ROOT / "benchmarks" / "parts" / "kept.json"  # the ratios of the last release; `--keep` writes those of this run


def machine() -> dict[str, Any]:
    """The machine that the figures depend on: processor, system, load and scheduling class at this moment."""
    found: dict[str, Any] = {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    if hasattr(os, "getloadavg"):
        found["load average"] = [round(load, 2) for load in os.getloadavg()]
    if hasattr(os, "sched_getscheduler"):
        number = os.sched_getscheduler(0)
        names = [words for name, words in _CLASSES.items() if getattr(os, name, None) == number]
        found["scheduling"] = f"{names[0] if names else number}, nice {os.nice(0)}"
    if scheduling.is_wished():
        found["the programs' scheduling"] = "real-time"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def run(counts: Counts, only: list[str], console: Console) -> dict[str, Any]:
    """Measure what is asked for, show it, and return it for the JSON file."""
    before = machine()
    console.print(", ".join(f"{name} {value}" for name, value in before.items()), highlight=False)
    console.print()
    found: dict[str, Any] = {}
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    for name in only:
        measure = MEASURES[name](counts)
        show(measure, console, kept.get(name), kept.get("release", ""))
        found[name] = measure.to_dict()
    after = machine()
    console.print(f"load average now {after.get('load average', 'unknown')}", highlight=False)
    return {"before": before, "after": after, "counts": vars(counts), "measures": found}


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a minute instead of ten, to see that all works")
    options.add_argument("--realtime", action="store_true", help="livegen and its floors run before other programs")
    options.add_argument("--only", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}, comma between")
    options.add_argument("--json", type=Path, default=ROOT / "benchmarks" / "latency.json", help="where they go")
    options.add_argument("--keep", metavar="RELEASE", help="keep this run's ratios as those of a release")
    given = options.parse_args()
    if given.realtime:
        scheduling.wish()
    only = given.only.split(",")
    if unknown := [name for name in only if name not in MEASURES]:
        options.error(f"there is no measure {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the programs under test are ended too
    found = run(QUICK if given.quick else FULL, only, Console(width=None if sys.stdout.isatty() else 110))
    given.json.write_text(json.dumps(found, indent=2) + "\n")
    print(f"Figures: {given.json}")
    if given.keep:
        ratios = {name: each["ratios"] for name, each in found["measures"].items() if each["ratios"]}
        KEPT.write_text(json.dumps({"release": given.keep, **ratios}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
