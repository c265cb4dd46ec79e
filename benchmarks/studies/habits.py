"""The weights of ``livegen.listening.habits``: ``python -m benchmarks.studies.habits --data DIR`` fits them.

The logarithm of the silence that ends a phrase is a weighted sum of cues. The weights are those that cost least: in
turns a phrase that is broken into costs as many beats of waiting as COSTS says of its kind of performer; in a solo that
is played through an answer within a phrase costs as much as an end without one. The steps from "answered" to "not" are
smoothed, and the sum is made small by gradient descent (Adam: Kingma and Ba 2015). The cues depend on where the rule
heard phrases end, so it is fitted again on what it hears with the weights before (Ross, Gordon and Bagnell 2011).

Only the half of the performers to tune on is used, and more of them than the benchmark plays.
"""

import argparse
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.musicality import cast, drummers, exchange, folk, jazz, lines, phrase_ends, pianists
from benchmarks.musicality.cast import Role
from benchmarks.musicality.performance import DRUMS, Performer
from benchmarks.musicality.phrase_ends import Performance
from livegen.listening import habits, performer, phrase_end
from livegen.listening.phrase_end import PhraseEnd

ROUNDS = 3
MOST = 24  # performers of a kind
# How many beats of waiting a phrase costs that is broken into.
COSTS = {
    **{"jazz": 3.0, "lead sheet": 5.0, "two hands": 1.5, "pianist": 9.0, "folk": 1.5, "beginner": 6.0, "riff": 1.5},
    "drummer": 2.0,
}
SOLO = 20.0  # how much the solos count, a kind of performer in turns being 1
ENTRY, SOLO_ENTRY = 0.1, 0.05  # beats, seconds: from the end that is heard to the answer's first note
SOFT, RIDGE, STEPS, RATE = 0.12, 0.002, 1200, 0.02
CHORD = 0.06  # seconds: so far apart are the notes of a last chord
SOONEST, LATEST = 0.12, 4.0  # seconds: bounds of the silence

Floats = npt.NDArray[np.float64]


class Gap(NamedTuple):
    """One silence: what the rule of cues makes of it (log seconds), the habits' cues, its length (s), whether a phrase
    ended, the length of a beat (s) and the kind of performer."""

    base: float
    cues: list[float]
    silence: float
    ended: bool
    beat: float
    kind: str


class Silence(NamedTuple):
    """What the rule knew at a silence: when the last note began, the silence began and ended, the sum by the cues of
    ``phrase_end`` alone, and all cues."""

    onset: float
    since: float
    until: float
    base: float
    cues: list[float]


class Listener(PhraseEnd):
    """The rule, which keeps what it knew at each silence."""

    def begin(self) -> None:
        """Keep from now on."""
        self.kept: list[Silence] = []
        self._latest: Silence | None = None

    def hear_note(self, at: float, pitch: int, ended: bool) -> None:
        """A note begins."""
        self.finish(at)
        super().hear_note(at, pitch, ended)

    def hear_release(self, at: float) -> None:
        """The last key goes up."""
        super().hear_release(at)
        if self.onset is not None:
            self._latest = Silence(self.onset, at, at, self.of_cues(), self.known_cues(self.onset, at))

    def finish(self, at: float) -> None:
        """The silence, if there is one, is over."""
        if self._latest is not None:
            self.kept.append(self._latest._replace(until=at))
        self._latest = None

    def known_cues(self, onset: float, released: float) -> list[float]:
        """All cues, after a note from ``onset`` to ``released``; 0 for those in turns of who takes none."""
        cues, known = self.cues(), self.habits
        found = [*cues, *known.cues(released - onset)]
        in_turns = known.in_turns(cues[1], released - onset, onset, released) if known.takes_turns else []
        return found + (in_turns or [0.0] * len(habits.IN_TURNS))


def performers(data: Path, part: str) -> Iterator[Performer]:
    """Performers of all kinds, from a part."""
    sheets = cast.sheets(data / "leadsheets")
    tunes = dict(folk.texts(data / "nottingham"))
    solos = {solo.name: solo for solo in jazz.read(data / "jazz-phrases" / "solos.jsonl.gz")}
    takes = {row["id"]: row for row in drummers.listed(data / "groove")}
    pieces = cast.shuffled(str(path) for path in (data / "vienna4x22" / "match").glob("*.match"))
    scores = (folk.read(title, tunes[title]) for title in cast.shuffled(tunes) if cast.part(title) == part)
    kinds: tuple[Iterable[Role], ...] = (
        cast.styled(sheets),
        cast.two_handed(sheets[::2]),
        (cast.simulated(sheet, cast.BEGINNER, "beginner") for sheet in sheets[1::4]),
        (cast.simulated(cast.in_riffs(sheet), cast.RIFF, "riff") for sheet in sheets[3::4] if sheet.bar == 4),
        (cast.recorded(jazz.performer(solos[name])) for name in cast.shuffled(solos)),
        (cast.recorded(pianists.performer(Path(path))) for path in pieces),
        (cast.simulated(score, cast.FOLK, "folk") for score in scores if score),
        (cast.recorded(drummers.performer(data / "groove", takes[name])) for name in cast.shuffled(takes)[:MOST]),
    )
    for roles in kinds:
        able = (role for role in roles if cast.part(role.source) == part and cast.is_able(role))
        for role in islice(able, MOST):
            yield role.make(1)


def in_turns(played: Performer) -> Iterator[Performance]:
    """A performer who takes turns, politely and in exchanges."""
    for manner in (exchange.POLITE, exchange.TRADE):
        calls, events, grid = exchange.arrange(played, manner)
        ends = frozenset(lines.struck(call.notes)[-1][0].onset for call in calls)
        yield Performance(played.kind, played.source, tuple(events), (), ends, grid, calls[-1].until + 8.0)


def _gaps(played: Performance, rule: Listener, by_stretch: bool) -> Iterator[Gap]:
    rule.begin()
    pads = DRUMS if played.group == "drummer" else None
    heard = performer.Performer(by_habit=True, by_stretch=by_stretch, phrase_end=rule, pads=pads)
    for event in played.events:
        if heard.pulse.due is not None and heard.pulse.due <= event.at:
            heard.pulse.settle()
        heard.hear_event(event, phrase_end.USUAL)
    rule.finish(played.until)
    near = 1e-3 if played.group == phrase_ends.SOLOS else CHORD
    for kept in rule.kept:
        ended = any(abs(kept.onset - end) < near for end in played.ends)
        length = kept.until - kept.since
        if length > 0.0 and (ended or length > SOONEST):
            yield Gap(kept.base, kept.cues, length, ended, played.grid.length(kept.onset), played.group)


def gaps(
    played: Iterable[Performer],
    solos: Iterable[Performance],
    listener: type[Listener] = Listener,
    by_stretch: bool = False,
) -> list[Gap]:
    """All gaps, as such a listener hears them; ``by_stretch``: where it hears phrases end by stretches, too."""
    found = [gap for each in played for turns in in_turns(each) for gap in _gaps(turns, listener(), by_stretch)]
    for solo in solos:
        found += _gaps(solo, listener(), by_stretch)
    return found


def counts(
    kinds: Sequence[str], ended: npt.NDArray[np.bool_], dearer: float = 1.0, in_solo: float = SOLO
) -> tuple[Floats, Floats]:
    """How much each gap counts as an end, and as none; ``dearer``: times COSTS; ``in_solo``: in the place of SOLO."""
    of = np.array(kinds)
    ends, others = np.zeros(len(of)), np.zeros(len(of))
    for kind in dict.fromkeys(kinds):
        mine, number = of == kind, max(1, int((ended & (of == kind)).sum()))
        solo = kind == phrase_ends.SOLOS
        ends[mine & ended] = (in_solo if solo else 1.0) / number
        others[mine & ~ended] = (in_solo if solo else dearer * COSTS[kind]) / number
    return ends, others


def fit(found: Sequence[Gap]) -> tuple[float, ...]:
    """The weights of the habits' cues, those of ``phrase_end`` first."""
    values = np.array([gap.cues for gap in found])
    base, silence = np.array([gap.base for gap in found]), np.log([gap.silence for gap in found])
    ended, beat = np.array([gap.ended for gap in found]), np.array([gap.beat for gap in found])
    solo = np.array([gap.kind == phrase_ends.SOLOS for gap in found])
    ends, others = counts([gap.kind for gap in found], ended)
    spread = values.std(0)
    spread[spread == 0.0] = 1.0
    scaled, entry = values / spread, np.where(solo, SOLO_ENTRY, ENTRY * beat)
    weights, mean, square = np.zeros(values.shape[1]), np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for step in range(1, STEPS + 1):
        wait = np.exp(np.clip(base + scaled @ weights, math.log(SOONEST), math.log(LATEST)))
        answered = 1.0 / (1.0 + np.exp(-(silence - np.log(wait + entry)) / SOFT))
        steep = answered * (1.0 - answered) / SOFT * wait / (wait + entry)  # less likely, by log wait
        waiting = np.where(solo, steep, np.where(wait < 3.0 * beat, wait / beat, 0.0))
        slope = scaled.T @ np.where(ended, ends * waiting, -others * steep) + 2 * RIDGE * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope * slope
        rate = RATE * math.cos(0.5 * math.pi * step / (STEPS + 1))
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-9)
    return tuple(round(float(weight), 3) for weight in weights / spread)


def table(part: str, found: Sequence[Gap], weights: Sequence[float]) -> list[str]:
    """A line for each kind: gaps answered within phrases and at their ends, for each end, and the wait, by the rule
    alone."""
    rows = []
    for kind in dict.fromkeys(gap.kind for gap in found):
        mine = [gap for gap in found if gap.kind == kind]
        waits = np.clip([math.exp(gap.base + float(np.dot(gap.cues, weights))) for gap in mine], SOONEST, LATEST)
        ended, beats = np.array([gap.ended for gap in mine]), np.array([gap.beat for gap in mine])
        entry = SOLO_ENTRY if kind == phrase_ends.SOLOS else ENTRY * beats
        answered = waits + entry < [gap.silence for gap in mine]
        within, at_ends = ((answered & such).sum() / ended.sum() for such in (~ended, ended))
        wait = float(np.median((waits / beats)[ended]))
        found_f1 = 2 * at_ends / (1.0 + at_ends + within)
        rows.append(
            f"{part:7} {kind:12} within {within:.3f}, at ends {at_ends:.3f}, F1 {found_f1:.3f}, {wait:.2f} beats"
        )
    return rows


def main() -> None:
    """Fit the weights and print them, with figures of the half to tune on, or of the other."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.studies.habits", description=main.__doc__)
    asked.add_argument("--data", type=Path, required=True, help="the folder of data sets, as docs/musicality.md says")
    asked.add_argument("--report", action="store_true", help="fit nothing; figures of the other half")
    chosen = asked.parse_args()
    part = "report" if chosen.report else "tune"
    solos = [each for each in phrase_ends.performances(chosen.data, part) if each.group == phrase_ends.SOLOS]
    played = list(performers(chosen.data, part))
    first, found = len(habits.WEIGHTS), list[Gap]()
    for number in range(0 if chosen.report else ROUNDS):
        found += gaps(played, solos)
        weights = fit(found)
        habits.WEIGHTS, habits.WEIGHTS_IN_TURNS = weights[:first], weights[first:]
        print(f"round {number + 1}:", habits.WEIGHTS, habits.WEIGHTS_IN_TURNS, sep="\n", flush=True)
    print(*table(part, gaps(played, solos), (*habits.WEIGHTS, *habits.WEIGHTS_IN_TURNS)), sep="\n")


if __name__ == "__main__":
    main()
