"""The varisai network, played live: it reads what it hears as svaras in avartanas and continues as a varisai would.

The network's alphabet (``varisai_network.ALPHABET``) is one octave of svaras, a hold, and the bar lines of adi tala,
each in its place. A note is fed as the holds and bar lines since the note before, then its svara. The gap to the next
note is predicted by asking how likely a svara is, then a hold and a svara, and so on. The length of a svara, a matra,
is the commonest of the latest gaps: 1/4 to 2 aksharas.
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

RAGA = "Mayamalavagowla"  # the raga in which varisais are taught
TONIC = 60
MATRAS = (Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(2))  # aksharas
_RECENT = 8  # gaps
_LONGEST = 4  # matras: the longest gap that is predicted
_NEVER = -6.0  # a log probability: a gap that is less likely is not looked into
_FILLED = 8  # matras: a longer gap is a pause and not a hold
_OCTAVE = 6.0  # subtracted from the logit of a svara for each octave of distance
_FOREIGN = -30.0  # the logit of a pitch that is not a svara
_PLACES = [place for place in range(AVARTANA) if place not in (4, 7, AVARTANA - 1)]  # of the eight svaras
_BARS = {4: varisai_network.BAR, 7: varisai_network.BAR, AVARTANA - 1: END}


class VarisaiState(NamedTuple):
    """A line of svaras: the network's state before it is fed the token ``before``, and the place, 0 to 43, of the token
    that comes next. ``octave``: how many octaves the alphabet's Sa is above the tonic."""

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
    """The varisai network in a raga (``scale``) on a middle Sa (``tonic``). Its state is a line of svaras; it has no
    session memory.

    Raises ModelError or EncodingError when the file is not valid.
    """

    polyphonic = False
    reach = 64
    quotations = Quotations()
    default_raga = RAGA
    knows_talas = True

    def __init__(self, path: Path) -> None:
        self._network, about = varisai_network.load(path)
        self.name = path.stem
        self.digest = hashlib.sha256(content(path)).hexdigest()
        self.metadata = {"licence": str(about.get("licence", ""))}
        self.scale, self.tonic = raga.find(RAGA), TONIC

    def in_raga(self, scale: Raga, tonic: int) -> "VarisaiPredictor":
        """The same model in another raga, or on another middle Sa. Their states can be exchanged."""
        if (scale, tonic) == (self.scale, self.tonic):
            return self
        other = copy(self)
        other.scale, other.tonic = scale, tonic
        return other

    def start(self) -> VarisaiState:
        """The state before the first svara."""
        return VarisaiState(self._network.silence())

    def forget(self, state: VarisaiState) -> VarisaiState:
        """The same state: there is no memory to forget."""
        return state

    def step(self, state: VarisaiState, step: Step, memory: float = 1.0) -> tuple[VarisaiState, Forecast]:
        """The line with one more note, and the forecast of the next."""
        if step.pitch:
            if step.gap > 1 and _counts(state.speed)[step.gap - 1] <= _FILLED:
                state = state._replace(speeds=(*state.speeds, _speeds()[step.gap - 1])[-_RECENT:])
            place = (step.phase - 1) / 4 if step.phase else None
            state = self._add_svara(self._add_time(state, step.gap, place), step.pitch - 1)
        return state, self._predict(state)

    def _add_svara(self, line: VarisaiState, pitch: int) -> VarisaiState:
        """Feed the svara of that pitch, or the nearest svara if the pitch is not in the raga."""
        octave, semitone = line.octave, pitch - self.tonic - 12 * line.octave
        if not 0 <= semitone <= 12:
            octave += semitone // 12
            semitone %= 12
        sounds = (*self.scale.semitones, 12)
        token = min(range(SVARAS), key=lambda token: abs(sounds[token] - semitone))
        return self._feed(line._replace(octave=octave), token)

    def _add_time(self, line: VarisaiState, gap: int, place: float | None) -> VarisaiState:
        """Feed the time since the last svara (the gap's class) as holds and bar lines, up to ``place`` (aksharas from
        sam) if that is known."""
        now, count = line.place, _counts(line.speed)[gap - 1] if gap else 1
        if count > _FILLED or not line.speeds:  # a pause: a new line begins
            now = now - now % AVARTANA + (AVARTANA if now % AVARTANA else 0)
            line = line._replace(before=END, place=now % LENGTH)
            count = 1
        for _ in range(count - 1):
            line = self._feed(self._past_bars(line), HOLD)
        line = self._past_bars(line)
        if place is None:
            return line
        wanted = _PLACES[round(place / float(MATRAS[line.speed])) % len(_PLACES)]
        return line._replace(place=line.place - line.place % AVARTANA + wanted)

    def _past_bars(self, line: VarisaiState) -> VarisaiState:
        while (bar := _BARS.get(line.place % AVARTANA)) is not None:
            line = self._feed(line, bar)
        return line

    def _feed(self, line: VarisaiState, token: int) -> VarisaiState:
        """The line with one more token."""
        _, state = self._network.step(self._network.input(line.before, line.place), line.state)
        return line._replace(state=state, before=token, place=(line.place + 1) % LENGTH)

    def _predict(self, line: VarisaiState) -> Forecast:
        gaps = np.full(len(GAPS), -np.inf, dtype=np.float32)
        rows: list[Logits] = []
        held = 0.0  # the log probability that no svara came until there
        for count in range(1, _LONGEST + 1):
            if held > _NEVER:
                line = self._past_bars(line)
                logits, state = self._network.step(self._network.input(line.before, line.place), line.state)
                logits = logits - _log_sum(logits[: HOLD + 1])  # a bar line cannot come here
                rows.append(self._pitches(logits[:SVARAS], line.octave))
                line = line._replace(state=state, before=HOLD, place=(line.place + 1) % LENGTH)
            gaps[_gaps(line.speed)[count - 1]] = held + _log_sum(logits[:SVARAS])
            held += float(logits[HOLD])
        return Forecast(gaps, np.stack(rows)[_rows(line.speed, len(rows))])

    def _pitches(self, svaras: Array, octave: int) -> Logits:
        """The logits of the pitches in every octave, from those of the svaras."""
        found: Logits = (svaras + _away(self.scale, self.tonic + 12 * octave)).max(axis=1)
        return np.maximum(found, _FOREIGN)


@cache
def _speeds() -> list[int]:
    """For each gap, the index of the nearest matra."""
    return [min(range(len(MATRAS)), key=lambda speed: abs(math.log((gap or 1) / MATRAS[speed]))) for gap in GAPS]


@cache
def _counts(speed: int) -> list[int]:
    """For each gap, its number of matras."""
    return [round(gap / MATRAS[speed]) for gap in GAPS]


@cache
def _gaps(speed: int) -> list[int]:
    """The indices in ``GAPS`` of one matra, two, and so on."""
    return [GAPS.index(count * MATRAS[speed]) for count in range(1, _LONGEST + 1)]


@cache
def _rows(speed: int, known: int) -> list[int]:
    """For each gap, which of the known rows predicts the pitch after it."""
    return [min(max(count, 1), known) - 1 for count in _counts(speed)]


@cache
def _away(scale: Raga, sa: int) -> Array:
    """The change of each token's logit at each pitch, [128, 8]: 0 in the octave from ``sa`` up, -inf for another
    svara."""
    away = np.full((PITCHES, SVARAS), -np.inf, dtype=np.float32)
    for token, semitone in enumerate((*scale.semitones, 12)):
        for pitch in range((sa + semitone) % 12, PITCHES, 12):
            away[pitch, token] = -_OCTAVE * abs(pitch - sa - semitone) / 12
    return away


def _log_sum(logits: npt.NDArray[np.float32]) -> float:
    peak = float(logits.max())
    return peak + math.log(float(np.exp(logits - peak).sum()))
