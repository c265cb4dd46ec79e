"""The division of a performer's tunes: those to learn from, those that say when to stop, and those for the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from livegen.errors import FileError
from livegen.training.corpus.families import fingerprint, shingles, variants
from livegen.training.own import journals
from livegen.tunes.tune import Tune

FEWEST_NOTES = 300
_TUNES = 6  # the takes are cut into this many where the performer never paused
_JUDGE, _CHOOSE = 0.2, 0.15  # of all notes
_LARGE = 0.25  # of all notes: a larger family is learnt from


@dataclass(frozen=True)
class Division:
    """The performer's tunes by use: to learn from, to say when to stop, and for the verdict."""

    learn: list[Tune]
    choose: list[Tune]
    judge: list[Tune]


def divide(tunes: Sequence[Tune]) -> Division:
    """The tunes by use, variants of one another on one side; where that leaves a side empty, tune by tune.

    Raises FileError if there is too little to learn from.
    """
    unique = {fingerprint(tune): tune for tune in tunes if len(tune.notes) > 1}
    usable = [unique[each] for each in sorted(unique)]
    notes = _notes(usable)
    if notes < FEWEST_NOTES:
        raise FileError(
            f"There are {notes} notes of yours to learn from, and it takes {FEWEST_NOTES}; "
            f"play about {FEWEST_NOTES - notes} more and try again."
        )
    usable = journals.at_least(usable, _TUNES)
    takes = _dealt(_families(usable), _LARGE * notes)
    if not (takes.learn and takes.choose and takes.judge):
        takes = _dealt([[tune] for tune in usable], notes)
    return takes


def _notes(tunes: Sequence[Tune]) -> int:
    return sum(len(tune.notes) for tune in tunes)


def _families(tunes: Sequence[Tune]) -> list[list[Tune]]:
    """The tunes, variants together."""
    family = list(range(len(tunes)))
    for a, b in variants([shingles(tune) for tune in tunes]):
        family = [family[a] if each == family[b] else each for each in family]
    return [[tune for tune, each in zip(tunes, family, strict=True) if each == one] for one in dict.fromkeys(family)]


def _dealt(families: Sequence[list[Tune]], largest: float) -> Division:
    """Families one by one to the verdict, then to the choice, until each has its share; the rest is learnt from."""
    takes = Division([], [], [])
    whole = sum(_notes(family) for family in families)
    for family in families:
        part = takes.learn
        if _notes(family) <= largest and _notes(takes.judge) < _JUDGE * whole:
            part = takes.judge
        elif _notes(family) <= largest and _notes(takes.choose) < _CHOOSE * whole:
            part = takes.choose
        part += family
    return takes
