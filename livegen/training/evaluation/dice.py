"""The musical dice game over a corpus: each bar of a new tune is drawn from the bars at that place in tunes
of the same metre and length, moved to one key. It does not know what it has written before: the baseline of all
models."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, islice

import numpy as np

from livegen.errors import SettingsError
from livegen.training.evaluation.samples import metre_of
from livegen.tunes.abc_writer import Bar, Key, Tone, bar_length
from livegen.tunes.tune import Tune, metre_length

FEWEST = 2  # tunes that each bar is drawn from
CENTRE = 72  # the pitch that bars are moved near
_SAME = {"2/2": "4/4"}
_TICKS = 960  # in a quarter note
_WRITABLE = {1, 2, 3, 4, 6, 8, 12}  # parts of a quarter note


class Game:
    """The bars of a corpus by place, for one metre and length, in major or in minor, of one type of tune ("": any)."""

    def __init__(self, tunes: Iterable[Tune], metre: str, bars: int, minor: bool, kind: str = "") -> None:
        """Tunes of an unknown type are used where there are fewer than two of ``kind``. Raises SettingsError
        if these are too few as well."""
        rows: dict[bool, list[list[Bar]]] = {True: [], False: []}  # by whether the tune is known to be of the kind
        for tune in tunes:
            near = bars <= len(tune.bars) <= bars + 1 and _metre(tune) == metre and is_minor(tune) == minor
            found = measures(tune) if near and (not kind or tune.kind in ("", kind)) else []
            if len(found) == bars:
                rows[tune.kind == kind].append(centred(found, tonic(tune)))
        chosen = rows[True] if kind and len(rows[True]) >= FEWEST else rows[True] + rows[False]
        if len(chosen) < FEWEST:
            raise SettingsError(
                f"There are {len(chosen)} tunes{f' for a {kind}' if kind else ''} of {bars} bars in {metre} in a "
                f"{'minor' if minor else 'major'} key, too few to throw dice for; ask for another type, metre, key or "
                "number of bars, or give more music."
            )
        self._places = [list(place) for place in zip(*chosen, strict=True)]

    def throw(self, random: np.random.Generator, key: Key) -> list[Bar]:
        """One bar for each place, in that key."""
        up = (key.tonic + 6) % 12 - 6
        return [_moved(place[int(random.integers(len(place)))], up) for place in self._places]


def measures(tune: Tune) -> list[list[Tone]]:
    """The whole bars of a tune, rests filled in, a pickup and the bar it shortens made whole; [] if a length in it
    cannot be written."""
    found: list[list[Tone]] = []
    notes = [(_ticks(note.onset), _ticks(note.onset + note.duration), note.pitch) for note in tune.notes]
    over_by = list(accumulate((end for _, end, _ in notes), max))  # when all up to each note are over
    for bar in tune.bars:
        metre, begin = metre_length(bar.metre), _ticks(bar.at)
        if metre is None or (not found and notes and begin < notes[0][0]):
            continue
        if (metre * _TICKS).denominator != 1:
            return []
        length, at = int(metre * _TICKS), 0
        tones: list[Tone] = []
        for onset, end, pitch in islice(notes, bisect_right(over_by, begin), None):
            if onset - begin >= length:
                break
            since, until = max(onset - begin, at), min(end - begin, length)
            if until <= since:
                continue
            if since > at:
                tones.append(Tone(None, Fraction(since - at, _TICKS)))
            tones.append(Tone(pitch, Fraction(until - since, _TICKS)))
            at = until
        if at < length:
            tones.append(Tone(None, Fraction(length - at, _TICKS)))
        if any(tone.duration.denominator not in _WRITABLE for tone in tones):
            return []
        found.append(tones)
    return found


def tonic(tune: Tune) -> int:
    """The tonic of a tune: the pitch class of its last note."""
    return tune.notes[-1].pitch % 12


def is_minor(tune: Tune) -> bool:
    """Whether the minor third above its tonic sounds longer than the major."""
    lasting: Counter[int] = Counter()
    for note in tune.notes:
        lasting[(note.pitch - tonic(tune)) % 12] += round(48 * note.duration)
    return lasting[3] > lasting[4]


def centred(bars: Sequence[Bar], home: int) -> list[Bar]:
    """The bars transposed from the tonic ``home`` to C, in the octave nearest to the middle of the staff."""
    pitches = [tone.pitch for bar in bars for tone in bar if tone.pitch is not None]
    away = CENTRE + home - float(np.mean(pitches or [CENTRE]))
    return [_moved(bar, 12 * round(away / 12) - home) for bar in bars]


def _moved(bar: Bar, up: int) -> Bar:
    return [tone if tone.pitch is None else tone._replace(pitch=tone.pitch + up) for tone in bar]


def is_minor_key(key: Key) -> bool:
    """Whether the key has a minor third above its tonic."""
    return (key.tonic + 3) % 12 in key.scale


def _ticks(beats: float) -> int:
    """Beats in 960ths: exact for all that can be written here, and no such length for the rest."""
    return round(beats * _TICKS)


def _metre(tune: Tune) -> str | None:
    metre = metre_of(tune)
    same = _SAME.get(metre or "", metre)
    alike = all(metre_length(bar.metre) == bar_length(same) for bar in tune.bars) if same else False
    return same if alike else None
