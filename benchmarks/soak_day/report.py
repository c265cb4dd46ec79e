"""The report of a soak, from its lines: Markdown, for docs/."""

import statistics
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from benchmarks.soak_day.readings import Reading, slope

_COLUMNS = (
    *("until", "RSS MiB", "guards MiB", "descriptors", "threads", "journal MB", "notes played", "late p50 ms"),
    *("latest ms", "longest pause ms", "orphans", "load"),
)


def report(readings: Sequence[Reading], remarks: Sequence[str]) -> str:
    """What was seen, and a row for each hour, of a shorter run for each ten minutes; ``remarks`` come first."""
    if not readings:
        return "\n".join(remarks)
    last = readings[-1]
    step = 60.0 if last.minute > 6 * 60 else 10.0
    rows = [_row(part) for part in _parts(readings, step)]
    table = [f"| {' | '.join(_COLUMNS)} |", "| --- " * len(_COLUMNS) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join((*remarks, "", *_sentences(readings), "", *table))


def _sentences(readings: Sequence[Reading]) -> list[str]:
    last, (rise, error) = readings[-1], slope(readings)
    return [
        f"- {_length(last.minute)}; livegen itself used {last.processor / last.minute / 60:.2f} of a core, at a load "
        f"average of {_range(readings, 'load', '.1f')}.",
        f"- Memory of livegen itself: {_range(readings, 'rss', '.1f')} MiB, after the first ten minutes {rise:+.2f} "
        f"± {error:.2f} MiB an hour. Descriptors {_range(readings, 'descriptors')}, threads "
        f"{_range(readings, 'threads')}, processes that send {_range(readings, 'children')}.",
        f"- livegen played {sum(each.played for each in readings):,} notes; {last.dropped} were dropped, "
        f"{last.late_steps} steps of a model were late, {last.passed_over} notes of performers passed over. The "
        f"journal took {last.journal / 1e6:.1f} MB, and the disk refused it for {sum(e.trouble for e in readings)} s; "
        f"the log of what went wrong has {last.log} bytes.",
        f"- Pauses: the longest answer to a ping took {max(each.answer for each in readings):.0f} ms, the median of "
        f"the minutes' longest {statistics.median(each.answer for each in readings):.1f} ms; {last.unanswered} pings "
        f'had no answer; "held up" was said {last.held_up} times.',
        f"- The foreign listener heard {last.notes:,} notes, and **{last.orphans} were orphans**.",
        f"- Ports plugged in {last.plugged} times; {last.asked} wishes over OSC (settings swept, modes, models, "
        f"slots); {last.pages} times a page was opened, and pages complained {last.complaints} times. Parts of the "
        f"soak itself, JACK among them, were started again {last.restarted} times.",
    ]


def _parts(readings: Sequence[Reading], step: float) -> list[list[Reading]]:
    """The readings of each step of minutes; each is told of at the end of its minute."""
    return [list(part) for _, part in groupby(readings, lambda each: (round(each.minute) - 1) // step)]


def _row(part: Sequence[Reading]) -> list[str]:
    last = part[-1]
    values: list[tuple[Any, str]] = [
        (last.rss, ".1f"),
        (last.guards, ".1f"),
        (last.descriptors, ""),
        (last.threads, ""),
        (last.journal / 1e6, ".2f"),
        (sum(each.played for each in part), ","),
        (statistics.median(each.late_p50 for each in part), ".2f"),
        (max(each.late_max for each in part), ".1f"),
        (max(each.answer for each in part), ".0f"),
        (last.orphans, ""),
        (statistics.fmean(each.load for each in part), ".1f"),
    ]
    return [_length(last.minute), *(format(value, how) for value, how in values)]


def _range(readings: Sequence[Reading], name: str, how: str = "") -> str:
    """The least and the most."""
    of: Callable[[Reading], Any] = lambda each: getattr(each, name)  # noqa: E731
    least, most = min(map(of, readings)), max(map(of, readings))
    return format(most, how) if least == most else f"{format(least, how)} to {format(most, how)}"


def _length(minutes: float) -> str:
    return f"{int(minutes // 60)} h {int(minutes % 60):02} min"
