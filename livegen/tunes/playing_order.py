"""The measures of a tune in the order they are played, and the notes and bars that come of it."""

from dataclasses import dataclass, field
from fractions import Fraction

from livegen.events import Note
from livegen.tunes.abc_fields import part_order
from livegen.tunes.tune import MAX_NOTES, Bar, Tune, metre_length


@dataclass(slots=True)
class Entry:
    """A note, or a rest (pitch None). ``duration`` is in quarter notes; ``tied`` joins it to the next of its pitch."""

    pitch: int | None
    duration: Fraction
    tied: bool = False


@dataclass(slots=True)
class Measure:
    """The content of a measure between two bar lines, and the repeats and endings that these mark."""

    entries: list[Entry] = field(default_factory=list)
    metre: str | None = None
    part: str = ""
    ending: frozenset[int] = frozenset()
    opens: bool = False  # a repeat begins here
    closes: bool = False  # a repeat ends here
    ends: bool = False  # a section ends here

    @property
    def length(self) -> Fraction:
        """In quarter notes."""
        return sum((entry.duration for entry in self.entries), Fraction(0))


def performed(measures: list[Measure], parts: str = "") -> list[Measure] | None:
    """The measures with parts, repeats and endings played; None if that makes more than 100,000 notes."""
    by_part: dict[str, list[Measure]] = {}
    for measure in measures:
        by_part.setdefault(measure.part, []).append(measure)
    named = part_order(parts)
    if named and set(named) <= set(by_part):
        played = {part: _repeated(by_part[part]) for part in set(named)}
        sections = [by_part.get("", [])] + [played[part] for part in named]
    else:
        sections = [_repeated(measures)]
    if sum(len(measure.entries) for section in sections for measure in section) > MAX_NOTES:
        return None
    return [measure for section in sections for measure in section]


def _repeated(measures: list[Measure]) -> list[Measure]:
    order: list[Measure] = []
    start, turn, index, notes = 0, 1, 0, 0
    while index < len(measures) and notes <= MAX_NOTES:
        measure = measures[index]
        if index > start and _begins_section(measures[index - 1], measure):
            start, turn = index, 1
        index += 1
        if measure.ending and turn not in measure.ending:
            continue
        order.append(measure)
        notes += len(measure.entries)
        more = bool(measure.ending) and index < len(measures) and bool(measures[index].ending - measure.ending)
        # A first ending that no second follows is repeated, too: what comes after it is the second.
        again = more or not measure.ending or min(measure.ending) == 1
        last = max(measure.ending, default=1) + again
        if (measure.closes or more) and turn < last:
            turn += 1
            index = start
        elif measure.closes and not more:
            start, turn = index, 1
    return order


def _begins_section(before: Measure, measure: Measure) -> bool:
    left_endings = bool(before.ending) and not measure.ending
    return measure.opens or left_endings


def assemble(measures: list[Measure], name: str) -> Tune:
    """The notes of ``measures`` one after the other, ties joined, with their bars."""
    notes: list[Note] = []
    at = Fraction(0)
    onset = at  # of the last note, exact
    tied = False
    for measure in measures:
        for entry in measure.entries:
            if entry.pitch is not None and tied and notes[-1].pitch == entry.pitch:
                notes[-1] = Note(float(onset), float(at + entry.duration - onset), entry.pitch)
            elif entry.pitch is not None:
                onset = at
                notes.append(Note(float(onset), float(entry.duration), entry.pitch))
            tied = entry.pitch is not None and entry.tied
            at += entry.duration
    return Tune(name, tuple(notes), tuple(_bars(measures)))


def _bars(measures: list[Measure]) -> list[Bar]:
    bars: list[Bar] = []
    at = filled = Fraction(0)  # `filled`: how much of the bar the short measures before this one took
    for index, measure in enumerate(measures):
        length, full = measure.length, metre_length(measure.metre)
        following = measures[index + 1].length if index + 1 < len(measures) else Fraction(0)
        if full is None or filled + length > full:
            filled = Fraction(0)
        if full is not None and length < full and not filled and (index == 0 or _is_pickup(measure, following, full)):
            filled = full - length
        if full is not None:
            bars.append(Bar(float(at - filled), measure.metre))
            filled = (filled + length) % full
        at += length
    return bars


def _is_pickup(measure: Measure, following: Fraction, full: Fraction) -> bool:
    """A short measure before a full one leads into it, unless a section ends with it."""
    return following >= full and not measure.closes and not measure.ends
