"""Ends of the drummer's part: ``python -m benchmarks.studies.drummer_ends FOLDER [--part report] [--set NAME=VALUE]``.

The performances of ``benchmarks.studies.drummer``, straight, broken off at a note that is on a beat, and at one that is
off the beat. Counted are those at whose end the drummer plays: the share in which its part ends with a hit of kick and
crash within a bar of the last release, and in which it ends without one; and the share of those hits that are within
60 ms of a beat as the performer would have gone on.
"""

import argparse
import random
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.beats import COMPOUND, perform
from benchmarks.studies.drummer import BEATS, TAIL, TEMPI, chosen, events_of, tunes_of
from livegen.events import NoteOn
from livegen.music.drums import CHANNEL, CRASH, KICK, KITS
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.tunes.tune import Tune

ON, OFF = "on a beat", "off the beat"
FIRST, LAST = 40, 12  # notes before the one at which a performance may end, and after it
EXACT, APART = 0.05, 0.2  # beats: so near to a beat is on it, so far from it off it
TOGETHER, NEAR = 0.03, 0.06  # seconds in which hits are one, and in which a hit is on a beat
LONGEST = 1.05  # bars
_FINAL = {KITS["gm"].plays[drum] for drum in (KICK, CRASH)}


class End(NamedTuple):
    """The end of one performance: whether the drummer's part ends with a hit within a bar, and that on a beat."""

    hit: bool
    on_beat: bool


def stops(onsets: Sequence[float], beats: Sequence[float], draw: random.Random) -> dict[str, int]:
    """A note on a beat, and one off it, at which to end."""
    places = np.interp(onsets, beats, np.arange(len(beats)))
    off = np.abs(places - np.round(places))
    found = {}
    for how, fits in ((ON, off < EXACT), (OFF, off > APART)):
        numbers = [int(each) for each in np.flatnonzero(fits) if FIRST <= each < len(onsets) - LAST]
        if numbers:
            found[how] = draw.choice(numbers)
    return found


def end_of(hits: Sequence[NoteOn], onset: float, release: float, bar: float, beats: Sequence[float]) -> End | None:
    """The end of a drummer's part, for a performer with a last onset and release (seconds) whose bars last so long;
    None if the drummer did not play."""
    if not any(onset - bar <= on.at <= onset for on in hits):
        return None
    last = max(on.at for on in hits)
    final = {on.pitch for on in hits if on.at >= last - TOGETHER} >= _FINAL
    hit = final and onset <= last <= release + LONGEST * bar
    return End(hit, hit and float(np.min(np.abs(np.array(beats) - last))) <= NEAR)


def measure(tune: Tune, tempi: tuple[float, float], settings: Settings) -> dict[str, End]:
    """The ends of one performance, on and off the beat."""
    played, metre = perform(tune, 1, tempi), tune.bars[0].metre or "4/4"
    mine = settings.model_copy(update={"mode": "accompany", "metre": BEATS[metre]})
    found = {}
    for how, number in stops(played.onsets, played.beats, random.Random(f"{tune.name} {tempi}")).items():
        heard = events_of(played.onsets[: number + 1], played.pitches[: number + 1])
        session, out = Session(Untrained(), mine, 2), []
        for event in heard:
            out += session.advance_until(event.at) + session.receive(event)
        out += session.advance_until(session.now + TAIL)
        hits = [on for on in out if isinstance(on, NoteOn) and on.channel == CHANNEL]
        length = statistics.mean(np.diff(played.beats).tolist())
        bar = length * (BEATS[metre] // 3 if metre in COMPOUND else BEATS[metre])
        end = end_of(hits, played.onsets[number], heard[-1].at, bar, played.beats)
        if end is not None:
            found[how] = end
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=("tune", "report", "all"), default="tune")
    parser.add_argument("--most", type=int, default=24, help="tunes (default 24)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the drummer")
    asked = parser.parse_args()
    settings = Settings()
    for each in asked.set:
        settings.set(*each.split("=", 1))
    ends = [
        measure(tune, tempi, settings)
        for tune in chosen(tunes_of(asked.folder, asked.part), asked.most)
        for tempi in TEMPI
    ]
    print("| the performer ends | performances | with a hit | of these on a beat | without |")
    print("| --- | --- | --- | --- | --- |")
    for how in (ON, OFF):
        found = [each[how] for each in ends if how in each]
        hits = [each for each in found if each.hit]
        share = len(hits) / len(found) if found else 0.0
        exact = statistics.mean(each.on_beat for each in hits) if hits else 0.0
        print(f"| {how} | {len(found)} | {share:.2f} | {exact:.2f} | {1 - share:.2f} |", flush=True)


if __name__ == "__main__":
    main()
