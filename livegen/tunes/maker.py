"""Whole tunes from a model of notes: drawn under masks, so that bars add up, parts close and the key holds."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from livegen.errors import SettingsError, unknown
from livegen.predictors import sampling
from livegen.predictors.encoding import GAPS, PITCHES, PLAYER, START, Encoding, Onset
from livegen.predictors.memory import PLAYING_TRUST
from livegen.predictors.models import Forecast, Predictor, State
from livegen.predictors.quotation import Run
from livegen.predictors.sampling import Logits
from livegen.tunes.abc_writer import Bar, Key, Tone, bar_length, beat_length

LOWEST, HIGHEST = 60, 83  # middle C to B5
_ENCODING = Encoding()
_FIRST_GAP = _ENCODING.gap_index(1.0)
_HALF, _QUARTER = Fraction(1, 2), Fraction(1, 4)


@dataclass(frozen=True)
class Kind:
    """A type of tune: its metre, and a usual tempo in quarter notes a minute."""

    metre: str
    tempo: int


KINDS = {
    "jig": Kind("6/8", 174),
    "slip jig": Kind("9/8", 174),
    "reel": Kind("4/4", 200),
    "hornpipe": Kind("4/4", 160),
    "polka": Kind("2/4", 120),
    "waltz": Kind("3/4", 150),
}
METRES = {kind.metre: name for name, kind in reversed(KINDS.items())}


@dataclass(frozen=True)
class Form:
    """The form of a tune: its type, metre and key, and its ``bars`` as written, in two parts, each repeated."""

    kind: str
    metre: str
    key: Key
    bars: int = 16

    @property
    def tempo(self) -> int:
        """Quarter notes a minute."""
        return KINDS[self.kind].tempo if self.kind in KINDS else 120


def form(kind: str | None, key: str | None, metre: str | None, bars: int, random: np.random.Generator) -> Form:
    """The form that was asked for; None is drawn. Raises SettingsError if there is no such form."""
    if kind is None and metre is None:
        kind = list(KINDS)[int(random.integers(len(KINDS)))]
    if kind is not None and kind not in KINDS:
        raise SettingsError(unknown("type of tune", kind, KINDS))
    if metre is None:
        metre = KINDS[kind or "jig"].metre
    if metre not in METRES:
        raise SettingsError(f"No tunes are made in {metre}; choose one of {', '.join(METRES)}.")
    if kind is not None and KINDS[kind].metre != metre:
        raise SettingsError(f"A {kind} is in {KINDS[kind].metre}, not {metre}; leave out the type or the metre.")
    if bars % 2 or not 4 <= bars <= 64:
        raise SettingsError(f"A tune has two parts of equal length, 4 to 64 bars in all, not {bars}; choose 16.")
    usual = ("D", "G", "A", "Em", "Ador", "C", "Bm")
    chosen = Key.parse(key or usual[int(random.integers(len(usual)))])
    return Form(kind or METRES[metre], metre, chosen, bars)


class TuneMaker:
    """Draws one tune after another from a model."""

    def __init__(self, predictor: Predictor, temperature: float = 1.0) -> None:
        self._predictor = predictor
        self._temperature = temperature

    def make(self, form: Form, random: np.random.Generator) -> list[list[Bar]]:
        """The bars of each part."""
        return _Making(self._predictor, self._temperature, form, random).parts()


class _Making:
    """One tune while it is drawn."""

    def __init__(self, predictor: Predictor, temperature: float, form: Form, random: np.random.Generator) -> None:
        self._predictor, self._form = predictor, form
        self._temperature, self._random = temperature, random
        self._length = bar_length(form.metre)
        # The last note of a part begins with the last whole beat of its bar, or in 4/4 with the second half.
        self._last = self._length - max(beat_length(form.metre), self._length / 2 if self._length == 4 else Fraction(0))
        reach = sampling.pitch_range(LOWEST, HIGHEST)
        self._in_key = np.where(_classes(form.key.scale), reach, -np.inf).astype(np.float32)
        self._home = np.where(_classes({form.key.tonic}), reach, -np.inf).astype(np.float32)
        third = next(step for step in (4, 3) if (form.key.tonic + step) % 12 in form.key.scale)
        triad = {(form.key.tonic + step) % 12 for step in (0, third, 7)}
        self._first = np.where(_classes(triad), reach, -np.inf).astype(np.float32)
        self._state: State
        self._forecast: Forecast
        self._state, self._forecast = predictor.step(predictor.start(), START, PLAYING_TRUST)
        self._before: int | None = None
        self._held = Fraction(1)  # the length of the last note of a part
        self._run = Run()

    def parts(self) -> list[list[Bar]]:
        """Each part is a row of notes that fills its bars to the last."""
        return [self._part(self._form.bars // 2) for _ in range(2)]

    def _part(self, bars: int) -> list[Bar]:
        found: list[Bar] = []
        bar: list[Tone] = []
        gap = _FIRST_GAP if self._before is None else self._gap_of(self._held)
        at = Fraction(0)
        while len(found) < bars:
            last = len(found) == bars - 1
            pitch = self._note(gap, at, home=last and at == self._last)
            if last and at == self._last:
                duration = self._held = self._length - at
            else:
                gap = self._draw_gap(at, self._last if last else self._length)
                duration = GAPS[gap]
            bar.append(Tone(pitch, duration))
            at += duration
            if at == self._length:
                found.append(bar)
                bar, at = [], Fraction(0)
        return found

    def _draw_gap(self, at: Fraction, end: Fraction) -> int:
        """The length of the note at ``at``, which may last until ``end`` (quarter notes in the bar)."""
        mask = _fitting(at, end)
        logits = self._forecast.gap + mask
        if not np.isfinite(logits).any():  # the model rules out all that fits
            logits = mask
        return sampling.choose(logits, self._random.random(), self._temperature)

    def _note(self, gap: int, at: Fraction, home: bool) -> int:
        """Draw the pitch of the note that comes ``gap`` after the last, at ``at`` in the bar, and step the model with
        it."""
        first = self._before is None
        logits: Logits = self._forecast.pitch[gap] + (self._home if home else self._first if first else self._in_key)
        while True:
            pitch = sampling.choose(logits, self._random.random(), self._temperature)
            onset = Onset(
                pitch,
                None if first else float(GAPS[gap]),
                self._before,
                released=None if first else 1.0,
                held=0,
                phase=float(at),
                metre=self._form.metre,
                who=PLAYER,
            )
            step = _ENCODING.encode(onset)
            run = self._run.then(step)
            if run not in self._predictor.quotations or np.isfinite(logits).sum() == 1:
                break
            logits[pitch] = -np.inf
        self._run, self._before = run, pitch
        self._state, self._forecast = self._predictor.step(self._state, step, PLAYING_TRUST)
        return pitch

    @staticmethod
    def _gap_of(duration: Fraction) -> int:
        return _ENCODING.gap_index(float(duration))


@cache
def _fitting(at: Fraction, end: Fraction) -> Logits:
    """A mask to add to the logits of gaps: 0 for the lengths of a note at ``at`` that ends by ``end``. Kept, since
    fractions are slow and there are few places in a bar."""
    fits = [0 < gap <= end - at and _fits(at, gap) for gap in GAPS]
    mask = np.where(fits, 0.0, -np.inf).astype(np.float32)
    mask.flags.writeable = False
    return mask


def _fits(at: Fraction, gap: Fraction) -> bool:
    """Whether a note of that length may come there: sixteenths and longer, off the eighths only to return to them."""
    if gap.denominator not in (1, 2, 4) or gap < _QUARTER:
        return False
    return (at + gap) % _HALF == 0 or (at % _HALF == 0 and gap in (_QUARTER, 3 * _QUARTER))


def _classes(classes: "frozenset[int] | set[int]") -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each of the 128 pitches, whether it belongs to the pitch classes."""
    return np.isin(np.arange(PITCHES) % 12, sorted(classes))
