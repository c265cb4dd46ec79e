"""livegen's answers over OSC next to a bare echo's: the same performance to both, round by round in turn."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.parts import children
from benchmarks.parts.children import Child
from benchmarks.parts.client import Cue, chords, human, note, steady, verb
from benchmarks.parts.counts import Counts
from benchmarks.parts.figures import Measure, Spread, spread

ECHO, LIVEGEN = "echo", "livegen"
_OUTSTANDING = 16
_CHORD = 10


@dataclass
class Heard:
    """All rounds of one program: latencies (ms) by round, unanswered notes, how late the client itself sent (ms)."""

    rounds: list[list[float]]
    missing: int
    behind: list[float]

    def pooled(self) -> list[float]:
        """The latencies of all rounds."""
        return [latency for latencies in self.rounds for latency in latencies]


def _alternate(counts: Counts) -> Iterator[tuple[str, Child, int]]:
    """Echo and livegen in turn: name, program, round."""
    with children.echo() as floor, children.livegen() as live:
        for number in range(counts.rounds):
            yield ECHO, floor, number
            yield LIVEGEN, live, number
            live.client.say(verb("reset"))  # so that it does not answer while the echo is measured
            time.sleep(counts.rest_seconds)


def _perform(counts: Counts, score: list[list[Cue]]) -> tuple[dict[str, Heard], str]:
    """Play the score of each round to both; the answers, and the name of the model."""
    heard = {ECHO: Heard([], 0, []), LIVEGEN: Heard([], 0, [])}
    said = ""
    for name, program, number in _alternate(counts):
        played = program.client.perform(score[number])
        heard[name].rounds.append(played.latencies())
        heard[name].missing += played.missing
        heard[name].behind += [late / 1e6 for late in played.behind]
        said = program.said("model") or said
    return heard, said


def _measure(title: str, counts: Counts, score: list[list[Cue]]) -> Measure:
    heard, said = _perform(counts, score)
    rows = [spread(name, each.pooled(), each.missing) for name, each in heard.items()]
    return Measure(title, rows, notes=[said, _rounds(heard), _client(heard)], floors={LIVEGEN: ECHO})


def _rounds(heard: dict[str, Heard]) -> str:
    """The medians of each round, which show how steady the machine was."""
    medians = {name: " ".join(f"{spread('', each).p50:.3f}" for each in all.rounds) for name, all in heard.items()}
    return "p50 by round, ms: " + "; ".join(f"{name} {text}" for name, text in medians.items())


def _client(heard: dict[str, Heard]) -> str:
    late = spread("", [late for each in heard.values() for late in each.behind])
    return f"the client itself sent late by p50 {late.p50:.3f}, p99 {late.p99:.3f} ms (not part of the latency)"


def human_pace(counts: Counts) -> Measure:
    """A performer's own pace, 20 notes a second on average."""
    score = [human(counts.human, seed) for seed in range(counts.rounds)]
    return _measure("OSC note in → prediction out, 20 notes/s with a performer's gaps", counts, score)


def fast(counts: Counts) -> Measure:
    """1000 notes a second, in an open loop: are all answered?"""
    score = [steady(counts.steady, 1000.0)] * counts.rounds
    return _measure("OSC note in → prediction out, 1000 notes/s, open loop", counts, score)


def ten_at_once(counts: Counts) -> Measure:
    """Chords of ten notes, back to back: their first and their last answer, from sending the first note."""
    first: dict[str, list[float]] = {ECHO: [], LIVEGEN: []}
    last: dict[str, list[float]] = {ECHO: [], LIVEGEN: []}
    missing = {ECHO: 0, LIVEGEN: 0}
    said = ""
    for name, program, _ in _alternate(counts):
        played = program.client.perform(chords(counts.chords, _CHORD))
        said = program.said("model") or said
        missing[name] += played.missing
        for chord in range(counts.chords):
            ids = range(1 + chord * _CHORD, 1 + (chord + 1) * _CHORD)
            came = [played.came[id] for id in ids if id in played.came]
            if len(came) == _CHORD:
                begun = played.sent[ids[0]]
                first[name].append((min(came) - begun) / 1e6)
                last[name].append((max(came) - begun) / 1e6)
    rows: list[Spread] = []
    for which, times in (("first", first), ("last", last)):
        rows += [spread(f"{name}, {which}", each, missing[name]) for name, each in times.items()]
    title = "OSC chords of ten notes, every 300 ms: sending the first note → its first and last answer"
    floors = {f"{LIVEGEN}, {which}": f"{ECHO}, {which}" for which in ("first", "last")}
    return Measure(title, rows, notes=[said, "missing counts notes, the other columns chords"], floors=floors)


def capacity(counts: Counts) -> Measure:
    """Notes a second, when sixteen are always unanswered."""
    score = [note(48 + id % 37, 80, id) for id in range(1, counts.capacity + 1)]
    rates: dict[str, list[float]] = {ECHO: [], LIVEGEN: []}
    missing = {ECHO: 0, LIVEGEN: 0}
    said = ""
    for name, program, _ in _alternate(counts):
        came, seconds = program.client.press(score, _OUTSTANDING)
        rates[name].append(came / seconds if seconds else 0.0)
        missing[name] += len(score) - came
        said = program.said("model") or said
    numbers = {f"{name}, best round": (max(each), "notes/s") for name, each in rates.items()}
    numbers |= {f"{name}, worst round": (min(each), "notes/s") for name, each in rates.items()}
    numbers |= {f"{name}, unanswered": (float(count), "notes") for name, count in missing.items()}
    title = f"Capacity: {_OUTSTANDING} notes outstanding, {counts.capacity:,} notes a round"
    return Measure(title, numbers=numbers, notes=[said])
