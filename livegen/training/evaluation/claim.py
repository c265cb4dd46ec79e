"""The claim of the experiment that livegen grew out of, in figures: Markov chains can only repeat what is in the data,
an LSTM remembers further back. Side by side on the same tunes: dice, Markov chains of order 1 to 5, and models."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livegen.errors import FileError, SettingsError
from livegen.predictors.models import Predictor
from livegen.training.corpus.corpus import Corpus
from livegen.training.evaluation import samples
from livegen.training.evaluation.dice import Game, is_minor, measures
from livegen.training.evaluation.metric import cell
from livegen.training.evaluation.report import markdown
from livegen.training.evaluation.samples import FromMarkov, FromPredictor, Improviser
from livegen.training.evaluation.scores import Row, Scores, predict
from livegen.training.evaluation.style import METRICS, Melody, Reference, Style
from livegen.training.network import dataset
from livegen.training.ngrams.markov_tables import ORDER, MarkovTables
from livegen.tunes.abc_writer import Bar, Key
from livegen.tunes.tune import Tune, metre_length

DICE = "dice"
_SEED = 0
_ENCODING = dataset.ENCODING


# The metrics of style on the page, with a heading where it differs from the metric's own.
_SHOWN = ("copied_median", "copied_p90", "copied_most", "covered", "rep8", "rep16", "in_scale", "on_the_bar")
_HEADINGS = {"covered": "in runs >= 12"}


@dataclass(frozen=True)
class Method:
    """One way of making tunes: the scores of its predictions (None: it makes none), and the style of its tunes."""

    name: str
    prediction: Row | None
    style: Style


@dataclass(frozen=True)
class Claim:
    """The figures of methods on ``tunes`` held-out tunes of ``data``; ``real`` is the style of those tunes."""

    data: str
    tunes: int
    samples: int
    methods: list[Method]
    real: Style

    def table(self) -> str:
        """The claim as a page of Markdown."""
        headings = ["made by", "bits a note", *(_HEADINGS.get(name, METRICS[name].heading) for name in _SHOWN)]
        lines = [_line(method.name, method.prediction, method.style) for method in self.methods]
        lines.append(_line("the real tunes", None, self.real))
        said = (
            f"{self.data}: bits a note on {self.tunes} held-out tunes, and {self.samples} tunes made up by each, as "
            "long as held-out ones and begun with their first note. Copied: the longest run of pairs (interval and "
            "gap) that stands in a training tune too; rep8, rep16: patterns of 8 and 16 pairs that come again."
        )
        return f"{said}\n\n{markdown(headings, lines)}\n"

    def to_dict(self) -> dict[str, Any]:
        """The claim as numbers."""
        rungs = [
            {
                "name": method.name,
                "foresight": method.prediction and method.prediction.to_dict(),
                "style": method.style.to_dict(),
            }
            for method in self.methods
        ]
        return {"data": self.data, "tunes": self.tunes, "samples": self.samples, "rungs": rungs} | {
            "real": self.real.to_dict()
        }

    def draw(self, path: Path) -> None:
        """Write bits a note, the share copied and the share of repeats as a PNG. Raises FileError."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(12, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        names = [method.name for method in self.methods] + ["the real tunes"]
        styles = [method.style for method in self.methods] + [self.real]
        bits = [method.prediction.total if method.prediction else 0.0 for method in self.methods]
        panels: list[tuple[str, list[float]]] = [
            ("bits a note (less is better)", [*bits, 0.0]),
            ("share of notes in copied runs of 12 or more", [style["covered"] for style in styles]),
            ("patterns of 8 that come again", [style["rep8"] for style in styles]),
        ]
        for index, (axes, (title, values)) in enumerate(zip(figure.subplots(1, 3, sharey=True), panels, strict=True)):
            bars = axes.barh(names, values, color=f"C{index}")
            axes.bar_label(bars, [f"{value:.2f}" if value or index else "none" for value in values], padding=2)
            axes.set(title=title)
            axes.margins(x=0.15)
        axes.invert_yaxis()
        try:
            figure.savefig(path, dpi=90, format="png")
        except OSError as error:
            raise FileError(f"The picture {path} cannot be written ({error.strerror}); choose another.") from None


class Split(NamedTuple):
    """Tunes to measure on, their label, and the tunes that dice and chains learn from."""

    label: str
    held_out: Sequence[Tune]
    training: Corpus


def measure(
    predictors: Sequence[Predictor], split: Split, count: int, say: Callable[[str], None] = lambda _: None
) -> Claim:
    """Measure dice, Markov chains of order 1 to 5, and ``predictors``; ``count`` tunes are made up by each."""
    label, tunes, training = split
    reference = Reference(_melodies(training.tunes), _melodies(tunes))
    chosen = samples.paired(tunes, count, _SEED)
    say(DICE)
    methods = [Method(DICE, None, reference.style(DICE, list(_thrown(chosen, training))))]
    for name, improviser, row in _ways(predictors, tunes, training, say):
        made = []
        for index, tune in enumerate(chosen):
            steps = samples.improvise(improviser, tune, np.random.default_rng([_SEED, index]))
            made.append(Melody.of(steps, samples.metre_of(tune)))
        methods.append(Method(name, row, reference.style(name, made)))
    return Claim(label, len(tunes), count, methods, reference.style("the real tunes", _melodies(tunes)))


def _ways(
    predictors: Sequence[Predictor], tunes: Sequence[Tune], training: Corpus, say: Callable[[str], None]
) -> Iterator[tuple[str, Improviser, Row]]:
    heard = [dataset.heard(tune) for tune in training.tunes]
    for order in range(1, ORDER + 1):
        name = f"Markov, order {order}"
        say(name)
        markov = MarkovTables(heard, order)
        scores = [np.array(markov.scores(dataset.heard(tune))[order], dtype=np.float64) for tune in tunes]
        yield name, FromMarkov(markov), Scores(name, scores).row()
    for predictor in predictors:
        say(predictor.name)
        excerpts = [dataset.plain(tune) for tune in tunes]
        yield predictor.name, FromPredictor(predictor), predict(predictor, excerpts).row()


def _melodies(tunes: Sequence[Tune]) -> list[Melody]:
    return [Melody.of(dataset.heard(tune), samples.metre_of(tune)) for tune in tunes if len(tune.notes) > 1]


def _thrown(chosen: Sequence[Tune], training: Corpus) -> Iterator[Melody]:
    """For each tune, one by dice of the same length and metre; none where the corpus has too few such tunes."""

    @cache
    def game(metre: str, bars: int, minor: bool) -> Game | None:
        try:
            return Game(training.tunes, metre, bars, minor)
        except SettingsError:
            return None

    for index, tune in enumerate(chosen):
        metre, bars = samples.metre_of(tune), len(measures(tune))
        found = game({"2/2": "4/4"}.get(metre, metre), bars, is_minor(tune)) if metre and bars else None
        if found is not None:
            thrown = found.throw(np.random.default_rng([_SEED, index]), Key.parse("C"))
            yield melody_of(thrown, metre)


def melody_of(bars: Sequence[Bar], metre: str | None) -> Melody:
    """The notes of written bars, one after another."""
    pitches: list[int] = []
    gaps: list[int] = []
    since = None
    for tone in (tone for bar in bars for tone in bar):
        if tone.pitch is not None:
            gaps.append(-1 if since is None else _ENCODING.gap_index(float(since)))
            pitches.append(tone.pitch)
            since = tone.duration
        elif since is not None:
            since += tone.duration
    length = metre_length(metre)
    return Melody(np.array(pitches), np.array(gaps), None if length is None else float(length))


def _line(name: str, row: Row | None, style: Style) -> list[str]:
    bits = "-" if row is None else f"{row.total:.3f}"
    return [name, bits, *(cell(METRICS[each], style.figures[each], "-") for each in _SHOWN)]
