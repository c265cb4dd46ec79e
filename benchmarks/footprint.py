"""The cost of the program: its start-up time, its memory, its share of a processor at rest and at work."""

import sys
import time

from benchmarks.parts import children
from benchmarks.parts.children import Child
from benchmarks.parts.client import human
from benchmarks.parts.counts import Counts
from benchmarks.parts.figures import Measure, spread


def footprint(counts: Counts) -> Measure:
    """Start-up by spawning it, memory and processor time as Linux counts them."""
    if not sys.platform.startswith("linux"):
        return Measure("Start-up, memory, processor", notes=["not measured: it is read from /proc, which Linux has"])
    started = []
    for _ in range(counts.rounds):
        with children.livegen() as live:
            started.append(live.started * 1000.0)
    measure = Measure("Start-up (spawn → first answer over OSC), memory, processor", [spread("start-up", started)])
    with children.livegen() as live:
        measure.notes.append(live.said("model"))
        numbers = measure.numbers
        numbers["memory after the start"] = live.memory(), "MiB"
        numbers["processor, idle, before any note"] = idle_share(live, counts.idle_seconds), "% of a core"
        live.client.perform(human(counts.busy_notes, 1))
        numbers[f"memory after {counts.busy_notes:,} notes"] = live.memory(), "MiB"
        used, begun = live.processor(), time.perf_counter()
        live.client.perform(human(counts.busy_notes // 2, 2))
        share = 100.0 * (live.processor() - used) / (time.perf_counter() - begun)
        numbers["processor, at 20 notes/s"] = share, "% of a core"
    return measure


def idle_share(child: Child, seconds: float) -> float:
    """The share of a core that the program uses while nothing happens, in percent."""
    used, begun = child.processor(), time.perf_counter()
    time.sleep(seconds)
    return 100.0 * (child.processor() - used) / (time.perf_counter() - begun)
