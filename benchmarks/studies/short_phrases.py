"""``python -m benchmarks.studies.short_phrases``: how long the answers to short phrases are, and how they end.

Thirty-six phrases made by hand, of 3 to 12 notes at 60 to 180 beats a minute, in 2, 3, 4 and 6, some swung, some
loosely in time, over nothing, a scale, a chord or a raga without a tala. Each is played once, and then in an exchange:
after every phrase the performer leaves as many bars as it has, and the third answer is judged. Shares are over all
answers:

- beside the phrase: the answer's seconds, first onset to last release, over the phrase's; the least, median and most
- short: shares of answers that last less than half as long as the phrase
- stable: the last note is degree 1, 3 or 5 of the key, in the chord, or Sa
- beat: it begins within 0.15 beats of a beat of the performer's metronome
- long: it lasts 1.4 median gaps of the answer or more
- late: it sounds 0.15 beats or more into the bar in which the performer would come in again; after the phrase that is
  judged they do not, so that nothing is cut off
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from livegen.events import Heard, Note, NoteOff, NoteOn, pair
from livegen.predictors.models import load
from livegen.session.session import Session
from livegen.settings import Settings

BEGINS = 1.0  # seconds
HELD = 0.85  # of a gap
SWING = 0.66  # of a beat: the place of an offbeat eighth that is swung
LOOSE = 0.012  # seconds: standard deviation of the onsets of a loose phrase
ON = 0.15  # beats
LONG = 1.4  # median gaps
SECOND_TRY = 3  # exchanges


class Phrase(NamedTuple):
    """A phrase: its gaps in beats, the last of which is the length of its last note, and its bars."""

    pitches: tuple[int, ...]
    gaps: tuple[float, ...]
    bpm: float
    metre: int = 4
    bars: int = 1
    swung: bool = False
    loose: bool = False
    settings: tuple[tuple[str, object], ...] = ()
    stable: tuple[int, ...] = (0, 4, 7)  # pitch classes
    first: float = 0.0  # the beat that it begins on

    @property
    def beat(self) -> float:
        """Seconds."""
        return 60.0 / self.bpm

    def at(self, begins: float, seed: int) -> list[Heard]:
        """The phrase as it is played, from a bar line at ``begins`` (seconds)."""
        loosely, place, events = random.Random(seed), self.first, list[Heard]()
        for pitch, gap in zip(self.pitches, self.gaps, strict=True):
            on, off = (begins + self.beat * self._placed(each) for each in (place, place + HELD * gap))
            on += loosely.gauss(0.0, LOOSE) if self.loose else 0.0
            events += [NoteOn(on, pitch, 90, 1), NoteOff(off, pitch, 1)]
            place += gap
        return sorted(events, key=lambda event: event.at)

    def _placed(self, place: float) -> float:
        within = place % 1.0
        if not self.swung:
            return place
        return place - within + (within * SWING / 0.5 if within < 0.5 else SWING + (within - 0.5) * (1 - SWING) / 0.5)


E_, Q, H = 0.5, 1.0, 2.0
MAJOR = (("scale", "major"), ("key", "C"))
CHORD = (("chord", "Am7"),)
RAGA = (("raga", "mohanam"), ("tala", "off"), ("tonic", "C4"))

_ARCH = (60, 64, 67, 64, 69, 67, 64, 60)
PHRASES = (
    Phrase(_ARCH, (E_,) * 8, 120),
    Phrase(_ARCH, (E_,) * 8, 90, swung=True),
    Phrase(_ARCH, (E_,) * 8, 160, loose=True),
    Phrase(_ARCH, (E_,) * 8, 140, settings=MAJOR),
    Phrase(_ARCH, (E_,) * 8, 120, settings=CHORD, stable=(9, 0, 4, 7)),
    Phrase(_ARCH, (E_,) * 8, 100, settings=RAGA, stable=(0,)),
    Phrase((67, 64, 60), (Q, Q, H), 120),
    Phrase((67, 64, 60), (Q, Q, H), 72, loose=True),
    Phrase((60, 62, 64), (E_, E_, Q), 100, metre=2),
    Phrase((60, 62, 64, 60), (Q,) * 4, 60),
    Phrase((60, 62, 64, 60), (Q,) * 4, 110, settings=MAJOR),
    Phrase((60, 62, 64, 60), (Q,) * 4, 180, settings=CHORD, stable=(9, 0, 4, 7)),
    Phrase((67, 65, 64, 62, 60), (Q, E_, E_, Q, Q), 96, loose=True),
    Phrase((67, 65, 64, 62, 60), (Q, E_, E_, Q, Q), 132, swung=True),
    Phrase((64, 67, 72, 71, 67, 64), (Q, E_, E_, Q, E_, E_), 120, settings=RAGA, stable=(0,)),
    Phrase((64, 65, 67, 67, 65, 64, 62), (Q, E_, E_, E_, E_, E_, E_), 150),
    Phrase((60, 64, 67, 72, 67, 64), (E_,) * 6, 132, metre=3),
    Phrase((67, 69, 67, 64, 65, 62, 60), (Q, E_, E_, Q, E_, E_, H), 150, metre=3, bars=2),
    Phrase((67, 69, 67, 64, 65, 62, 60), (Q, E_, E_, Q, E_, E_, H), 90, metre=3, bars=2, loose=True),
    Phrase((64, 62, 60), (Q, Q, Q), 168, metre=3, settings=MAJOR),
    Phrase((60, 64, 67, 67, 64, 60), (1 / 3, 1 / 3, 1 / 3) * 2, 100, metre=2),
    Phrase((60, 64, 67, 67, 69, 67, 64, 60), (1 / 3, 1 / 3, 1 / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3, 1.0), 110),
    Phrase((67, 67, 65, 64, 62, 60), (2 / 3, 1 / 3, 2 / 3, 1 / 3, 1.0, 1.0), 120, settings=CHORD, stable=(9, 0, 4, 7)),
    Phrase((60, 62, 64, 65, 67, 69, 71, 72), (1 / 4,) * 7 + (5 / 4,), 80, metre=3),
    Phrase((60, 62, 64, 65, 67, 65, 64, 62, 60), (E_,) * 8 + (Q,), 108, metre=5),
    Phrase((60, 63, 65, 66, 65, 63, 60, 58, 60), (E_,) * 8 + (H,), 120, metre=6, swung=True, stable=(0, 3, 7)),
    Phrase((60, 63, 65, 67, 65, 63, 60), (3 / 4, 1 / 4, Q, 3 / 4, 1 / 4, E_, E_), 84, loose=True, stable=(0, 3, 7)),
    Phrase((69, 72, 76, 74, 72, 71, 69, 68, 69), (E_,) * 6 + (Q, Q, H), 140, bars=2, stable=(9, 0, 4), loose=True),
    Phrase((62, 65, 69, 67, 65, 64, 62), (Q, E_, E_, E_, E_, Q, H), 112, metre=6, stable=(2, 5, 9)),
    Phrase((67, 72, 71, 69, 67, 65, 64, 62, 60, 64, 67, 60), (E_,) * 12, 180, metre=6),
    Phrase((67, 72, 71, 69, 67, 65, 64, 62, 60, 64, 67, 60), (E_,) * 12, 66, metre=6, loose=True),
    Phrase((72, 71, 69, 67, 69, 71, 72, 67, 64, 60), (E_,) * 8 + (Q, H), 126, bars=2, settings=MAJOR, loose=True),
    Phrase((67, 64, 67, 69, 67, 64, 62, 60), (E_, Q, E_, E_, E_, Q, Q, Q), 120, bars=2, swung=True, first=1.0),
    Phrase((60, 60, 67, 67, 69, 69, 67), (Q,) * 6 + (H,), 144, bars=2),
    Phrase((60, 60, 67, 67, 69, 69, 67), (Q,) * 6 + (H,), 66, metre=2, bars=4, settings=CHORD, stable=(9, 0, 4, 7)),
    Phrase(
        (64, 67, 69, 72, 69, 67, 64, 62, 60),
        (E_, E_, Q, E_, E_, E_, E_, Q, 3.0),
        76,
        bars=2,
        settings=RAGA,
        stable=(0,),
    ),
)


class Found(NamedTuple):
    """One answer, judged; ``notes`` is how many it has."""

    beside: float
    notes: int
    stable: bool
    beat: bool
    long: bool
    late: bool


def judged(answer: Sequence[Note], phrase: Phrase, begins: float) -> Found:
    """An answer to a phrase that was played from a bar line at ``begins``."""
    call = phrase.at(begins, 0)
    if not answer:
        return Found(0.0, 0, False, False, False, False)
    onsets = sorted({note.onset for note in answer})
    last = max(answer, key=lambda note: (note.onset, note.pitch))
    ended = max(note.onset + note.duration for note in answer)
    gaps = [there - here for here, there in pairwise(onsets)] or [last.duration / LONG]
    beats = (last.onset - begins) / phrase.beat
    over = (ended - begins) / phrase.beat - 2 * phrase.bars * phrase.metre
    return Found(
        (ended - onsets[0]) / (call[-1].at - call[0].at),
        len(onsets),
        last.pitch % 12 in phrase.stable,
        abs(beats - round(beats)) <= ON,
        last.duration >= LONG * median(gaps),
        over >= ON,
    )


def answer(phrase: Phrase, seed: int, times: int, settings: Settings) -> tuple[list[Note], float]:
    """The answer to the phrase when it was played so many times in an exchange, and when the last of them began."""
    session = Session(load(settings.model), settings, seed)
    turn = 2 * phrase.bars * phrase.metre * phrase.beat
    begins = [BEGINS + turn * number for number in range(times)]
    out = []
    for number, begun in enumerate(begins):
        for event in phrase.at(begun, seed + number):
            out += session.advance(event.at)
            out += session.receive(event)
    out += session.advance(begins[-1] + 40.0)
    over = max(event.at for event in phrase.at(begins[-1], seed + times - 1) if isinstance(event, NoteOn))
    played = [event for event in out if isinstance(event, NoteOn | NoteOff)]
    return sorted((note for note in pair(played) if note.onset > over), key=lambda note: note.onset), begins[-1]


def measured(settings: Settings, seeds: int, times: int) -> Iterator[list[Found]]:
    """What was found, phrase by phrase: an answer for each seed."""
    for phrase in PHRASES:
        found = []
        for seed in range(1, seeds + 1):
            own = settings.model_copy()
            for name, value in phrase.settings:
                own.set(name, value)
            found.append(judged(*_with(phrase, answer(phrase, seed, times, own))))
        yield found


def _with(phrase: Phrase, found: tuple[list[Note], float]) -> tuple[list[Note], Phrase, float]:
    return found[0], phrase, found[1]


def row(name: str, found: Sequence[Found]) -> str:
    """A row of the table."""
    beside = [each.beside for each in found]
    shares = [
        sum(each) / len(found)
        for each in (
            [each.beside < 0.5 for each in found],
            [each.stable for each in found],
            [each.beat for each in found],
            [each.long for each in found],
            [each.late for each in found],
        )
    ]
    cells = [f"{min(beside):.2f}", f"{median(beside):.2f}", f"{max(beside):.2f}", *(f"{share:.2f}" for share in shares)]
    return f"| {name} | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of livegen's")
    parser.add_argument("--each", action="store_true", help="a line for every phrase")
    asked = parser.parse_args(arguments)
    settings = Settings()
    for each in asked.set:
        name, _, value = each.partition("=")
        settings.set(name, value)
    print("| | least | beside the phrase | most | short | stable | beat | long | late |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, times in (("once", 1), ("in an exchange", SECOND_TRY)):
        every: list[Found] = []
        for number, found in enumerate(measured(settings, asked.seeds, times)):
            every += found
            if asked.each:
                notes = " ".join(f"{each.notes}" for each in found)
                print(row(f"{name} {number} ({len(PHRASES[number].pitches)} notes: {notes})", found))
        print(row(name, every))
    return 0


if __name__ == "__main__":
    sys.exit(main())
