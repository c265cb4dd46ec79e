"""Measures from outside whether livegen knows when a phrase is over: does it sound a note before the next one comes?

Livegen should answer in the gaps where a phrase ends, and in no other gap between two notes. Jazz solos are played
through, with the phrase ends that musicologists marked; simulators on lead sheets and pianists pause after each of
their units, as one does who waits for an answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from benchmarks.musicality import cast, exchange, jazz, lines, pianists, runs
from benchmarks.musicality.performance import Grid, Performer
from livegen.events import Heard, Note, NoteOff, NoteOn
from livegen.predictors.protocol import Predictor
from livegen.render import run
from livegen.session.session import Session
from livegen.settings import Settings

SOLOS, SIMULATORS, PIANISTS = "jazz solos", "lead sheets", "pianists"
SIMULATED, PIECES = 40, 34  # songs, and pieces by pianists; half in each part where they are so many
CALLS = 8  # of a song or piece


@dataclass(frozen=True)
class Performance:
    """One performance: its events, its notes, the onsets that end a phrase, and the time limit for the last answer.

    ``player`` names its musician.
    """

    group: str
    player: str
    events: tuple[Heard, ...]
    notes: tuple[Note, ...]
    ends: frozenset[float]
    grid: Grid
    until: float


@dataclass(frozen=True)
class Count:
    """Gaps by what they were and what livegen did; ``waits`` are beats from release to answer where a phrase ended."""

    notes: int = 0
    hits: int = 0
    missed: int = 0
    cut_ins: int = 0
    waits: tuple[float, ...] = field(default=(), repr=False)

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.notes + other.notes,
            self.hits + other.hits,
            self.missed + other.missed,
            self.cut_ins + other.cut_ins,
            self.waits + other.waits,
        )

    @property
    def precision(self) -> float:
        """Of livegen's entries, the share after a phrase's end."""
        return self.hits / max(1, self.hits + self.cut_ins)

    @property
    def recall(self) -> float:
        """Of the phrase ends, the share that was answered before the performer went on."""
        return self.hits / max(1, self.hits + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return 2 * self.hits / max(1, 2 * self.hits + self.missed + self.cut_ins)

    @property
    def cut_ins_per_100(self) -> float:
        """Entries within a phrase, for 100 notes."""
        return 100 * self.cut_ins / max(1, self.notes)

    @property
    def wait(self) -> float | None:
        """Beats until the answer, median."""
        return float(np.median(self.waits)) if self.waits else None


def count(played: Performance, sounded: Sequence[float]) -> Count:
    """The gaps of a performance, given when livegen began a note."""
    chords = lines.struck(played.notes)
    onsets = [chord[0].onset for chord in chords]
    starts = np.asarray(sorted(sounded))
    hits = missed = cut_ins = 0
    waits = []
    for chord, onset, following in zip(chords, onsets, [*onsets[1:], played.until], strict=True):
        index = int(np.searchsorted(starts, onset, "right"))
        answered = index < len(starts) and bool(starts[index] < following)
        if onset in played.ends:
            hits, missed = hits + answered, missed + (not answered)
            if answered:
                released = max(note.onset + note.duration for note in chord)
                waits.append(played.grid.beat(float(starts[index])) - played.grid.beat(released))
        else:
            cut_ins += answered
    return Count(len(onsets), hits, missed, cut_ins, tuple(waits))


def judge(played: Performance, predictor: Predictor, settings: Settings, seed: int) -> Count:
    """Play a performance through in call and response, and count its gaps."""
    session = Session(predictor, settings.model_copy(update={"mode": "call_and_response"}), seed)
    tail = max(0.0, played.until - played.events[-1].at)
    return count(played, [event.at for event in run(session, played.events, tail) if isinstance(event, NoteOn)])


def of_solo(solo: jazz.Solo) -> Performance:
    """A solo as it was played; what comes after its last note is not judged."""
    events: list[Heard] = []
    for note in solo.notes:
        events += [NoteOn(note.onset, note.pitch, note.velocity), NoteOff(note.onset + note.duration, note.pitch)]
    events.sort(key=lambda event: (event.at, isinstance(event, NoteOn)))
    last = solo.notes[-1].onset
    ends = frozenset(note.onset for note, end in zip(solo.notes, solo.ends, strict=True) if end and note.onset < last)
    return Performance(SOLOS, solo.player, tuple(events), solo.notes, ends, solo.grid, last)


def of_performer(performer: Performer, group: str) -> Performance:
    """A performer who waits after each call."""
    calls, events, grid = exchange.arrange(performer, exchange.POLITE, CALLS)
    notes = tuple(chain.from_iterable(call.notes for call in calls))
    ends = frozenset(lines.struck(call.notes)[-1][0].onset for call in calls)
    return Performance(group, performer.source, tuple(events), notes, ends, grid, calls[-1].until)


def performances(data: Path | None, part: str, fewer: int = 1) -> list[Performance]:
    """The performances at hand in a part; ``fewer`` times fewer, for a quick look."""
    if data is None:
        return []
    found: list[Performance] = []

    def taken(source: str) -> bool:
        return part in (cast.ALL, cast.part(source))

    if (path := data / "jazz-phrases" / "solos.jsonl.gz").exists():
        found += [of_solo(solo) for solo in jazz.read(path)[::fewer] if taken(solo.player)]
    if (folder := data / "leadsheets").exists():
        roles = (role for role in cast.styled(cast.sheets(folder)) if taken(role.source))
        found += [of_performer(role.make(1), SIMULATORS) for role in islice(roles, SIMULATED // fewer)]
    if (folder := data / "vienna4x22" / "match").exists():
        names = cast.shuffled(path.stem for path in folder.glob("*.match"))
        performers = (pianists.performer(folder / f"{name}.match") for name in names)
        wanted = (each for each in performers if taken(each.source))
        found += [of_performer(each, PIANISTS) for each in islice(wanted, max(1, PIECES // fewer))]
    return found


def counts(wanted: Sequence[Performance], settings: Settings, jobs: int) -> list[Count]:
    """The gaps of each performance."""
    return list(runs.spread(partial(_judge, settings), wanted, jobs))


def _judge(settings: Settings, played: Performance) -> Count:
    return judge(played, runs.predictor(settings.model), settings, 1)


def total(found: Iterable[Count]) -> Count:
    """All gaps together."""
    return sum(found, Count())
