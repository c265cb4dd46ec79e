"""The drummer with its own sound fed back: ``python -m benchmarks.studies.loop [--minutes 10] [--late 0.012]``.

A performer plays quarters and eighths at 112 beats a minute, each onset about 10 ms off; all that the drummer plays is
heard again so many seconds later on the drums' channel. Printed is for each minute the drummer's tempo (by its hits on
the performer's grid, and by the length of its beat), the share of bars unlike any before, the share of the commonest
bar, and the share of bars that repeat the one before; then ``benchmarks.parts.repeats`` of it all, as a table of
``benchmarks.studies.grooves`` has it of drummers.
"""

import argparse
import itertools
import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.parts.repeats import repeats
from livegen.events import Event, Heard, NoteOff, NoteOn
from livegen.music.drums import CHANNEL, HEARD
from livegen.predictors.drum_encoding import KIT
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings

BPM, START, NEAR = 112.0, 1.0, 0.03
BEAT = 60.0 / BPM
Bar = frozenset[tuple[int, int]]  # sixteenth, key


def performed(minutes: float, seed: int) -> list[Heard]:
    """The performer's notes."""
    draw, place = random.Random(seed), 0.0
    found: list[Heard] = []
    while place * BEAT < minutes * 60.0:
        value = 0.5 if place % 1 else draw.choice((1.0, 1.0, 0.5))
        at, pitch = START + place * BEAT + draw.gauss(0.0, 0.01), 60 + draw.choice((0, 2, 4, 5, 7, 9))
        found += [NoteOn(at, pitch, 85), NoteOff(at + 0.7 * value * BEAT, pitch)]
        place += value
    return sorted(found, key=lambda event: (event.at, isinstance(event, NoteOn)))


def looped(session: Session, heard: Sequence[Heard], late: float) -> tuple[list[NoteOn], list[tuple[float, float]]]:
    """The drummer's hits, which come back ``late``, and by time the length of its beat."""
    waiting, found, lengths = list(heard), [], []
    while waiting:
        due = session.next_due()
        new: list[Event] = session.advance(due) if due is not None and due < waiting[0].at else []
        if not new and (due is None or due >= waiting[0].at):
            new = session.receive(waiting.pop(0))
            lengths.append((session.now, session.player.time.beat.length))
        hits = [each for each in new if isinstance(each, NoteOn) and each.channel == CHANNEL]
        found += hits
        waiting += [NoteOn(each.at + late, each.pitch, each.velocity, each.channel) for each in hits]
        waiting.sort(key=lambda event: event.at)
    return found, lengths


def bars(hits: Sequence[NoteOn]) -> dict[int, Bar]:
    """The hits of each bar."""
    found: dict[int, set[tuple[int, int]]] = {}
    for hit in hits:
        bar, step = divmod(round((hit.at - START) / BEAT * 4), 16)
        found.setdefault(bar, set()).add((step, hit.pitch))
    return {bar: frozenset(each) for bar, each in found.items()}


def counted(hits: Sequence[NoteOn], minutes: float) -> npt.NDArray[np.bool_]:
    """The hits of each bar from the third on, [bars, sixteenths, drums]."""
    found = np.zeros((int(minutes * 60.0 / BEAT / 4), 16, KIT), bool)
    for bar, played in bars(hits).items():
        for step, key in played:
            if bar < len(found):
                found[bar, step, HEARD[key]] = True
    return found[2:]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--late", type=float, default=0.012, help="seconds (default 0.012)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--groove", type=float, default=Settings().groove, help="the setting (default as shipped)")
    asked = parser.parse_args()
    session = Session(Untrained(), Settings(mode="accompany", groove=asked.groove), asked.seed)
    hits, lengths = looped(session, performed(asked.minutes, asked.seed), asked.late)
    print("| minute | beats a minute | within 30 ms | bars | unlike any before | commonest | as the one before |")
    print("| --- " * 7 + "|")
    known: set[Bar] = set()
    for minute in range(int(asked.minutes)):
        since = START + 60.0 * minute
        here = [hit for hit in hits if since <= hit.at < since + 60.0]
        played = list(bars(here).values())
        off = [abs((hit.at - START) / BEAT * 4 - round((hit.at - START) / BEAT * 4)) * BEAT / 4 for hit in here]
        tempo = 60.0 / float(np.median([length for at, length in lengths if since <= at < since + 60.0]))
        new = [bar not in known for bar in played]
        known.update(played)
        same = np.mean([one == other for one, other in itertools.pairwise(played)])
        commonest = Counter(played).most_common(1)[0][1] / len(played)
        print(
            f"| {minute + 1} | {tempo:.1f} | {np.mean(np.array(off) < NEAR):.2f} | {len(played)} | {np.mean(new):.2f}"
            f" | {commonest:.2f} | {same:.2f} |",
            flush=True,
        )
    whole = counted(hits, asked.minutes)
    print("\n| drums | as the bar before | as two before | as four before | unlike all before | the commonest |")
    print("| --- " * 6 + "|")
    for name, count in (("all", None), ("kick and snare", 2)):
        print(f"| {name} | {' | '.join(f'{each:.3f}' for each in repeats([whole[..., :count]]))} |")


if __name__ == "__main__":
    main()
