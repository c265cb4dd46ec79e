"""What is written down each minute, and the file that keeps it: a line with names, then a line a minute."""

import os
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Reading(NamedTuple):
    """A minute. Counts go from the beginning on, except those that say "in the minute"."""

    minute: float
    rss: float  # MiB, of livegen itself
    guards: float  # MiB, of its children together
    descriptors: int
    threads: int
    children: int
    processor: float  # seconds, of livegen itself
    journal: int  # bytes
    log: int  # bytes that livegen wrote down of what went wrong
    played: int  # notes, in the minute
    late_p50: float  # ms, the median of the seconds of the minute
    late_max: float  # ms, in the minute
    dropped: int
    passed_over: int
    late_steps: int
    trouble: int  # seconds of the minute in which the disk refused the journal
    answer: float  # ms, the longest answer to a ping in the minute: how long livegen stood still at most
    unanswered: int  # pings
    held_up: int  # times that livegen said so
    notes: int  # that the foreign listener heard
    sounding: int
    orphans: int
    plugged: int  # ports
    asked: int  # over OSC
    pages: int
    complaints: int  # of pages
    restarted: int  # parts of the soak itself, JACK among them
    load: float  # average of the machine


class Process(NamedTuple):
    """What a process uses: MiB, numbers, seconds."""

    rss: float
    descriptors: int
    threads: int
    processor: float


def process(pid: int) -> Process:
    """What Linux says of it. Raises OSError if it is gone."""
    folder = Path(f"/proc/{pid}")
    said = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    ticks = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    return Process(
        int(said["VmRSS"].split()[0]) / 1024,
        len(list((folder / "fd").iterdir())),
        int(said["Threads"]),
        sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"),
    )


def children(pid: int) -> list[int]:
    """The processes that it started and that run."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for path in threads for each in path.read_text().split()]


def write(path: Path, reading: Reading) -> None:
    """Add a line; the first time the names before it."""
    lines = [] if path.exists() else ["\t".join(Reading._fields)]
    lines.append("\t".join(f"{value:.6g}" if isinstance(value, float) else str(value) for value in reading))
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def read(path: Path) -> list[Reading]:
    """All that was written; a line that was cut off is left out."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    kinds = [Reading.__annotations__[name] for name in Reading._fields]
    whole = [line for line in lines if len(line) == len(kinds)]
    return [Reading(*(kind(float(value)) for kind, value in zip(kinds, line, strict=True))) for line in whole]


def slope(readings: Sequence[Reading], after: float = 10.0) -> tuple[float, float]:
    """MiB of memory an hour, and its standard error (least squares), the first minutes left out; NaN for too few."""
    kept = [each for each in readings if each.minute > after]
    if len(kept) < 3:
        return float("nan"), float("nan")
    hours, memory = [each.minute / 60 for each in kept], [each.rss for each in kept]
    rise, begin = statistics.linear_regression(hours, memory)
    left = sum((m - begin - rise * h) ** 2 for h, m in zip(hours, memory, strict=True))
    middle = statistics.fmean(hours)
    spread = sum((h - middle) ** 2 for h in hours)
    return rise, (left / (len(kept) - 2) / spread) ** 0.5
