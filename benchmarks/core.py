"""What the session itself costs for a note, without ports: processor time, beside another version of livegen.

    python -m benchmarks.core [--before FOLDER] [--modes NAME,...] [--rounds N] [--notes N] [--count] [--json FILE]

Both versions play the same performer in virtual time, in turn: a few notes the one, a few the other. So what the
machine does meanwhile slows both, and the ratio holds on a busy machine too. With ``--count`` the figures are thousands
of bytecode instructions instead of milliseconds, and the same on any machine.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.latency import machine
from benchmarks.parts.children import ROOT
from benchmarks.parts.figures import Measure, show, spread

PROGRAM = ROOT / "benchmarks" / "parts" / "core_player.py"
MODES = "call_and_response,duet"  # that livegen had from the beginning
PARTS = {"on": "a note begins", "off": "a note ends", "between": "what is done between them"}

TIMES, THOUSANDS = 1e6, 1e3  # nanoseconds in a millisecond, instructions in the figures

Spent = dict[str, list[float]]  # milliseconds, or thousands of instructions, by the kind of event


class _Version:
    """One version of livegen at work."""

    def __init__(self, process: "subprocess.Popen[str]", unit: float) -> None:
        self._process = process
        self._unit = unit

    def play(self, notes: int) -> Spent:
        """What so many more notes cost."""
        given, taken = self._process.stdin, self._process.stdout
        assert given is not None and taken is not None
        given.write(f"{notes}\n")
        given.flush()
        return {kind: [each / self._unit for each in spent] for kind, spent in json.loads(taken.readline()).items()}


@contextlib.contextmanager
def _version(folder: Path, mode: str, count: bool) -> Iterator[_Version]:
    place = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(PROGRAM), mode, *(["--count"] if count else [])]
    with subprocess.Popen(
        command, cwd=folder, env=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _Version(process, THOUSANDS if count else TIMES)
        finally:
            process.kill()


def compared(mode: str, before: Path | None, rounds: int, notes: int, count: bool = False) -> Measure:
    """The cost of each kind of event in a mode; with ``before``, in that version of livegen too, and the ratio.
    ``count``: in thousands of instructions."""
    what = "thousands of bytecode instructions, not milliseconds" if count else "processor time"
    measure = Measure(f"A note in the session, mode {mode}, in virtual time: {what}")
    folders = {"now": ROOT} | ({} if before is None else {"before": before})
    with contextlib.ExitStack() as stack:
        versions = {name: stack.enter_context(_version(folder, mode, count)) for name, folder in folders.items()}
        for version in versions.values():
            version.play(notes)  # as much as the estimates need before they are full
        spent: dict[str, list[Spent]] = {name: [] for name in versions}
        for number in range(rounds):
            order = list(versions) if number % 2 else list(reversed(versions))
            for name in order:
                spent[name].append(versions[name].play(notes))
    for kind, words in PARTS.items():
        for name, each in spent.items():
            measure.spreads.append(spread(f"{words}, {name}", [time for round in each for time in round[kind]]))
        if before is not None:
            measure.floors[f"{words}, now"] = f"{words}, before"
            pairs = zip(spent["now"], spent["before"], strict=True)
            found = median(sum(one[kind]) / sum(other[kind]) for one, other in pairs)
            measure.numbers[f"{words}: in all, now for 1 before (median of the rounds)"] = found, "times"
    return measure


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="a checkout of the version to compare with")
    parser.add_argument("--modes", default=MODES, help=f"comma between (default {MODES})")
    parser.add_argument("--rounds", type=int, default=20, help="of each version (default 20)")
    parser.add_argument("--notes", type=int, default=100, help="in each round (default 100)")
    parser.add_argument("--count", action="store_true", help="bytecode instructions instead of time")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()), highlight=False)
    before = None if asked.before is None else asked.before.resolve()
    measures = [compared(mode, before, asked.rounds, asked.notes, asked.count) for mode in asked.modes.split(",")]
    for measure in measures:
        show(measure, console)
    if asked.json:
        found = {"machine": machine(), "measures": [measure.to_dict() for measure in measures]}
        asked.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
