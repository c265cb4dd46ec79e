"""The model of varisais, played live: what is heard is svaras in avartanas to it, and it goes on as the varisais do.

The network's alphabet (``varisai_network.ALPHABET``) is one octave of svaras, a hold, and the bar lines of adi tala,
each in its place. A note is fed as the holds and bar lines since the note before, and its svara; the gap to the next
note is foreseen by asking how likely a svara is, then a hold and a svara, and so on. The svara's length, a matra, is
what most of the latest gaps were: 1/4 to 2 aksharas.
"""

import hashlib
import math
from copy import copy
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.music import raga
from livegen.music.raga import Raga
from livegen.predictors import varisai_network
from livegen.predictors.encoding import GAPS, PITCHES, Step
from livegen.predictors.onnx_file import content
from livegen.predictors.protocol import Forecast, Predictor
from livegen.predictors.quotation import Quotations
from livegen.predictors.sampling import Logits
from livegen.predictors.varisai_network import AVARTANA, END, HOLD, LENGTH, SVARAS, Array

RAGA = "Mayamalavagowla"  # in which the varisais are taught
TONIC = 60
MATRAS = (Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(2))  # aksharas
_RECENT = 8  # gaps
_LONGEST = 4  # matras: the longest gap that is foreseen
_NEVER = -6.0  # a logarithm: what is as seldom is not looked into
_FILLED = 8  # matras: a gap that is longer is a pause, and no hold
_OCTAVE = 6.0  # what the logit of a svara loses in each octave away
_FOREIGN = -30.0  # the logit of what is no svara
_PLACES = [place for place in range(AVARTANA) if place not in (4, 7, AVARTANA - 1)]  # of the eight svaras
_BARS = {4: varisai_network.BAR, 7: varisai_network.BAR, AVARTANA - 1: END}


class Sung(NamedTuple):
    """A line as the network knows it: its state before it is told the token ``before``, and the place, 0 to 43, of what
    comes next. ``octave``: how many octaves the alphabet's Sa lies above the tonic."""

    state: varisai_network.State
    before: int = END
    place: int = 0
    octave: int = 0
    speeds: tuple[int, ...] = ()  # the latest gaps as indices into MATRAS

    @property
    def speed(self) -> int:
        """The index in ``MATRAS`` of the time from one svara to the next."""
        return max(self.speeds, key=self.speeds.count, default=0)


class VarisaiPredictor(Predictor):
    """The model of varisais in a raga. Its state is a line of svaras: of what was heard it has no other memory.

    Raises ModelError or EncodingError when the file is not what it should be.
    """

    polyphonic = False
    reach = 64
    quotations = Quotations()
    home = RAGA
    knows_talas = True

    def __init__(self, path: Path) -> None:
        self._network, about = varisai_network.load(path)
        self.name = path.stem
        self.digest = hashlib.sha256(content(path)).hexdigest()
        self.metadata = {"licence": str(about.get("licence", ""))}
        self._scale, self._tonic = raga.find(RAGA), TONIC

    def sung_in(self, scale: Raga, tonic: int) -> "VarisaiPredictor":
        """The same model in another raga, or on another middle Sa. States of the one are states of the other."""
        if (scale, tonic) == (self._scale, self._tonic):
            return self
        other = copy(self)
        other._scale, other._tonic = scale, tonic
        return other

    def start(self) -> Sung:
        """Before the first svara."""
        return Sung(self._network.silence())

    def forget(self, state: Sung) -> Sung:
        """There is nothing to forget."""
        return state

    def step(self, state: Sung, step: Step, memory: float = 1.0) -> tuple[Sung, Forecast]:
        """The line with one more note, and how it may go on."""
        if step.pitch:
            if step.gap > 1 and _counts(state.speed)[step.gap - 1] <= _FILLED:
                state = state._replace(speeds=(*state.speeds, _speeds()[step.gap - 1])[-_RECENT:])
            place = (step.phase - 1) / 4 if step.phase else None
            state = self._sing(self._wait(state, step.gap, place), step.pitch - 1)
        return state, self._foresee(state)

    def _sing(self, sung: Sung, pitch: int) -> Sung:
        """Tell the network a svara: the nearest one, if the pitch is none."""
        octave, semitone = sung.octave, pitch - self._tonic - 12 * sung.octave
        if not 0 <= semitone <= 12:
            octave += semitone // 12
            semitone %= 12
        sounds = (*self._scale.semitones, 12)
        token = min(range(SVARAS), key=lambda token: abs(sounds[token] - semitone))
        return self._tell(sung._replace(octave=octave), token)

    def _wait(self, sung: Sung, gap: int, place: float | None) -> Sung:
        """Tell the network the time since the last svara (the gap's class), in holds and bar lines, up to ``place``
        (aksharas from sam) if that is known."""
        now, count = sung.place, _counts(sung.speed)[gap - 1] if gap else 1
        if count > _FILLED or not sung.speeds:  # a pause: the line begins anew
            now = now - now % AVARTANA + (AVARTANA if now % AVARTANA else 0)
            sung = sung._replace(before=END, place=now % LENGTH)
            count = 1
        for _ in range(count - 1):
            sung = self._tell(self._past_bars(sung), HOLD)
        sung = self._past_bars(sung)
        if place is None:
            return sung
        wanted = _PLACES[round(place / float(MATRAS[sung.speed])) % len(_PLACES)]
        return sung._replace(place=sung.place - sung.place % AVARTANA + wanted)

    def _past_bars(self, sung: Sung) -> Sung:
        while (bar := _BARS.get(sung.place % AVARTANA)) is not None:
            sung = self._tell(sung, bar)
        return sung

    def _tell(self, sung: Sung, token: int) -> Sung:
        """The line with one more token."""
        _, state = self._network.step(self._network.input(sung.before, sung.place), sung.state)
        return sung._replace(state=state, before=token, place=(sung.place + 1) % LENGTH)

    def _foresee(self, sung: Sung) -> Forecast:
        gaps = np.full(len(GAPS), -np.inf, dtype=np.float32)
        rows: list[Logits] = []
        held = 0.0  # the logarithm of how likely it is that nothing came until there
        for count in range(1, _LONGEST + 1):
            if held > _NEVER:
                sung = self._past_bars(sung)
                logits, state = self._network.step(self._network.input(sung.before, sung.place), sung.state)
                logits = logits - _log_sum(logits[: HOLD + 1])  # no bar line stands here
                rows.append(self._pitches(logits[:SVARAS], sung.octave))
                sung = sung._replace(state=state, before=HOLD, place=(sung.place + 1) % LENGTH)
            gaps[_gaps(sung.speed)[count - 1]] = held + _log_sum(logits[:SVARAS])
            held += float(logits[HOLD])
        return Forecast(gaps, np.stack(rows)[_rows(sung.speed, len(rows))])

    def _pitches(self, svaras: Array, octave: int) -> Logits:
        """The logits of the svaras as those of the pitches, in every octave."""
        found: Logits = (svaras + _away(self._scale, self._tonic + 12 * octave)).max(axis=1)
        return np.maximum(found, _FOREIGN)


@cache
def _speeds() -> list[int]:
    """For each gap the index of the matra that it is nearest to."""
    return [min(range(len(MATRAS)), key=lambda speed: abs(math.log((gap or 1) / MATRAS[speed]))) for gap in GAPS]


@cache
def _counts(speed: int) -> list[int]:
    """How many matras each gap is."""
    return [round(gap / MATRAS[speed]) for gap in GAPS]


@cache
def _gaps(speed: int) -> list[int]:
    """The indices in ``GAPS`` of one matra, two, and so on."""
    return [GAPS.index(count * MATRAS[speed]) for count in range(1, _LONGEST + 1)]


@cache
def _rows(speed: int, known: int) -> list[int]:
    """Which of the known rows foresees the pitch after each gap."""
    return [min(max(count, 1), known) - 1 for count in _counts(speed)]


@cache
def _away(scale: Raga, sa: int) -> Array:
    """What each token's logit loses as each pitch, [128, 8]: nothing in the octave from ``sa`` up."""
    away = np.full((PITCHES, SVARAS), -np.inf, dtype=np.float32)
    for token, semitone in enumerate((*scale.semitones, 12)):
        for pitch in range((sa + semitone) % 12, PITCHES, 12):
            away[pitch, token] = -_OCTAVE * abs(pitch - sa - semitone) / 12
    return away


def _log_sum(logits: npt.NDArray[np.float32]) -> float:
    peak = float(logits.max())
    return peak + math.log(float(np.exp(logits - peak).sum()))
