"""How well exported models foresee held-out tunes, beside the Markov models of the same training tunes."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from livegen.encoding import START, Step
from livegen.markov import Markov, Score
from livegen.predictor import OnnxPredictor, Predictor
from livegen.sampling import Logits
from livegen.training import corpus as corpora
from livegen.training import dataset
from livegen.training.corpus import Corpus, Divided
from livegen.training.dataset import Excerpt
from livegen.training.held_out import HELD_OUT, HeldOut

SHIFTS = tuple(shift for shift in range(-6, 6) if shift)  # semitones
HEADINGS = "model rhythm pitch total top-1-rhythm top-3-rhythm top-1-pitch top-3-pitch transposed".split()
Said = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """One model's figures: bits per note, shares (0 to 1) of notes among its first guess and first three, and how many
    bits more it needs in the worst of the eleven other keys (None: not measured)."""

    name: str
    rhythm: float
    pitch: float
    top_1_rhythm: float
    top_3_rhythm: float
    top_1_pitch: float
    top_3_pitch: float
    transposed: float | None = None

    @property
    def total(self) -> float:
        """Bits per note, rhythm and pitch."""
        return self.rhythm + self.pitch


@dataclass
class Report:
    """What was measured on which tunes."""

    data: str
    tunes: int
    notes: int  # predicted: the first of each tune is given
    rows: list[Row] = field(default_factory=list)

    def table(self) -> str:
        """As a table in Markdown."""
        lines = [" | ".join(HEADINGS), "|".join(["---"] + ["---:"] * (len(HEADINGS) - 1))]
        for row in self.rows:
            bits = [f"{each:.3f}" for each in (row.rhythm, row.pitch, row.total)]
            shares = (row.top_1_rhythm, row.top_3_rhythm, row.top_1_pitch, row.top_3_pitch)
            moved = "" if row.transposed is None else f"{row.transposed:+.3f}"
            lines.append(" | ".join([row.name, *bits, *(f"{share:.0%}" for share in shares), moved]))
        head = f"{self.data}: {self.tunes} tunes, {self.notes} notes predicted; bits per note, the lower the better\n"
        return head + "\n" + "\n".join(f"| {line} |" for line in lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """As numbers."""
        rows = [asdict(row) | {"total": row.total} for row in self.rows]
        return {"data": self.data, "tunes": self.tunes, "notes": self.notes, "rows": rows}


def evaluate(
    models: Sequence[Path],
    data: Path | None = None,
    *,
    baseline: bool = True,
    transposed: bool = True,
    say: Said = lambda _: None,
) -> Report:
    """Measure model files on the tunes in ``data`` as written; None: on the books' own held-out tunes.

    Tunes with bars are also measured with the place in the bar told, written ones also as a performer might play them.
    With ``baseline`` also Markov models of order 1 to 5 of the books' training tunes. ``say`` hears what is measured.
    Raises ModelError for a model that cannot be used, FileError for tunes that cannot be read.
    """
    predictors = [OnnxPredictor(path) for path in models]
    divided = _books() if baseline or data is None else None
    held_out = corpora.read(data) if data is not None else _known(divided).validation
    label = data.name if data is not None else "the books' held-out tunes"
    held_out = Corpus([tune for tune in held_out.tunes if len(tune.notes) > 1])
    excerpts = [dataset.plain(tune) for tune in held_out.tunes]
    report = Report(label, len(excerpts), sum(len(each) - 1 for each in excerpts))
    for predictor in predictors:
        say(predictor.name)
        report.rows.append(measure(predictor, excerpts, SHIFTS if transposed else ()))
        if any(tune.bars for tune in held_out.tunes):
            told = [dataset.plain(tune, bars=True) for tune in held_out.tunes]
            report.rows.append(measure(predictor, told, (), f"{predictor.name}, told the bar"))
        if not any(tune.touched for tune in held_out.tunes):
            random = np.random.default_rng(0)
            played = [dataset.loose(tune, random) for tune in held_out.tunes]
            report.rows.append(measure(predictor, played, (), f"{predictor.name}, played loosely"))
    if baseline:
        say("Markov")
        report.rows += markov_rows(_known(divided).training, held_out)
    return report


def measure(predictor: Predictor, excerpts: Sequence[Excerpt], shifts: Sequence[int], name: str = "") -> Row:
    """A predictor's figures, and what it loses when the same tunes come ``shifts`` semitones higher."""
    scores = [score for excerpt in excerpts for score in scores_of(predictor, excerpt)]
    row = summed(name or predictor.name, scores)
    moved = [
        summed("", [s for each in excerpts for s in scores_of(predictor, dataset.transposed(each, shift))]).total
        for shift in shifts
    ]
    return Row(**asdict(row) | {"transposed": max(moved) - row.total}) if moved else row


def scores_of(predictor: Predictor, excerpt: Excerpt) -> list[Score]:
    """How well each note but the first was foreseen."""
    found: list[Score] = []
    state, forecast = predictor.step(predictor.start(), START)
    for index in range(1, len(excerpt)):
        state, forecast = predictor.step(state, Step(*excerpt.steps[index].tolist()))
        gap, pitch = int(excerpt.gaps[index]), int(excerpt.pitches[index])
        found.append(Score(*_judge(forecast.gap, gap), *_judge(forecast.pitch[gap], pitch)))
    return found


def markov_rows(training: Corpus, held_out: Corpus) -> list[Row]:
    """Markov models of order 1 to 5 of the training tunes. They know no key: transposing changes nothing."""
    markov = Markov(dataset.heard(tune) for tune in training.tunes)
    by_order: list[list[Score]] = [[] for _ in range(markov.order + 1)]
    for tune in held_out.tunes:
        for scores, more in zip(by_order, markov.scores(dataset.heard(tune)), strict=True):
            scores += more
    return [summed(f"Markov, order {order}", scores) for order, scores in enumerate(by_order) if order]


def summed(name: str, scores: Sequence[Score]) -> Row:
    """The mean of many notes."""
    table = np.array(scores, dtype=np.float64).reshape(-1, 4)
    rhythm, pitch = table[:, 0].mean(), table[:, 2].mean()
    tops = [float((table[:, column] < top).mean()) for column in (1, 3) for top in (1, 3)]
    return Row(name, float(rhythm), float(pitch), *tops)


def _judge(logits: Logits, true: int) -> tuple[float, int]:
    values = np.asarray(logits, dtype=np.float64)
    highest = values.max()
    bits = (highest + np.log(np.exp(values - highest).sum()) - values[true]) / np.log(2)
    return float(bits), int((values > values[true]).sum())


def _books() -> Divided:
    return corpora.divide(corpora.joined(corpora.read_books().values()), HeldOut.load(HELD_OUT))


def _known(divided: Divided | None) -> Divided:
    assert divided is not None
    return divided
