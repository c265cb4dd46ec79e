"""An hour alone: does a model that plays by itself fall into one note, a loop or a corner of its range, or run dry?

    python -m benchmarks.studies.hour [MODEL ...] [--data FOLDER] [--hours 1] [--seeds 3] [--card FILE]

The session plays in virtual time, in autonomous mode, at 120 beats a minute. Each five minutes of it are compared with
stretches as long of held-out tunes, played one after another with their repeats: a figure is within the corpus if it
lies between the 1st and the 99th of a hundred of those.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen import render
from livegen.events import NoteOn
from livegen.predictors import models
from livegen.predictors.encoding import Encoding
from livegen.predictors.models import Predictor
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.training.corpus import corpus, sources
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.evaluation.evaluate import collection_of
from livegen.training.evaluation.report import markdown
from livegen.training.evaluation.style import Melody, repeated
from livegen.training.model_card import put
from livegen.tunes.tune import Tune

WINDOW = 300.0  # seconds
STRETCHES = 300  # of the corpus
_BEAT = 0.5  # seconds
_LONGEST_PERIOD = 16  # notes of a loop
_ENCODING = Encoding()


class Played(NamedTuple):
    """Notes in order: onsets in seconds, and pitches."""

    onsets: npt.NDArray[np.float64]
    pitches: npt.NDArray[np.int64]


def notes_a_minute(played: Played) -> float:
    """Density."""
    return len(played.pitches) / (WINDOW / 60)


def patterns(played: Played) -> float:
    """The share of patterns of eight pairs of interval and gap that were heard before in the window."""
    gaps = [_ENCODING.gap_index(gap / _BEAT) for gap in np.diff(played.onsets)]
    return repeated(Melody(played.pitches, np.array([-1, *gaps])), 8)


def one_note(played: Played) -> float:
    """The most times that one pitch is struck in a row."""
    return float(max((len(list(each)) for _, each in itertools.groupby(played.pitches.tolist())), default=0))


def loop(played: Played) -> float:
    """The most notes in a row that only repeat the 1 to 16 notes before them: a loop that does not let go."""
    longest = 0
    gaps = np.array([0, *(_ENCODING.gap_index(gap / _BEAT) for gap in np.diff(played.onsets))])
    for period in range(1, _LONGEST_PERIOD + 1):
        same = (played.pitches[period:] == played.pitches[:-period]) & (gaps[period:] == gaps[:-period])
        runs = (len(list(each)) for alike, each in itertools.groupby(same.tolist()) if alike)
        longest = max(longest, max(runs, default=0))
    return float(longest)


def lowest(played: Played) -> float:
    """The pitch below which one note in twenty lies."""
    return float(np.percentile(played.pitches, 5))


def highest(played: Played) -> float:
    """The pitch above which one note in twenty lies."""
    return float(np.percentile(played.pitches, 95))


def different(played: Played) -> float:
    """The number of pitches used."""
    return float(len(np.unique(played.pitches)))


FIGURES: dict[str, Callable[[Played], float]] = {
    "notes a minute": notes_a_minute,
    "patterns of 8 heard before": patterns,
    "one note in a row": one_note,
    "notes in a loop": loop,
    "5 % lie below": lowest,
    "5 % lie above": highest,
    "different pitches": different,
}
# More of these than the corpus has is a fault; less is none.
_ONLY_TOO_MUCH = {"patterns of 8 heard before", "one note in a row", "notes in a loop"}


def windows(played: Played) -> Iterator[Played]:
    """Whole windows of the notes played, one after another."""
    end = played.onsets[-1] if len(played.onsets) else 0.0
    for begin in np.arange(0.0, end - WINDOW + 1.0, WINDOW):
        inside = (played.onsets >= begin) & (played.onsets < begin + WINDOW)
        yield Played(played.onsets[inside], played.pitches[inside])


def alone(model: Predictor, seconds: float, seed: int) -> Played:
    """The notes that a model plays by itself."""
    session = Session(model, Settings(mode="autonomous"), seed)
    ons = [event for event in render.run(session, [], seconds) if isinstance(event, NoteOn)]
    return Played(np.array([on.at for on in ons]), np.array([on.pitch for on in ons], dtype=np.int64))


def stretches(tunes: Sequence[Tune], count: int, seed: int = 0) -> Iterator[Played]:
    """Windows of tunes in random order, a bar of rest between them, at 120 beats a minute."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        onsets: list[float] = []
        pitches: list[int] = []
        begin = 0.0
        while begin < WINDOW:
            tune = tunes[int(random.integers(len(tunes)))]
            onsets += [begin + _BEAT * note.onset for note in tune.notes]
            pitches += [note.pitch for note in tune.notes]
            begin += _BEAT * (max(note.onset + note.duration for note in tune.notes) + 4.0)
        order = np.lexsort((pitches, onsets))
        played = Played(np.array(onsets)[order], np.array(pitches, dtype=np.int64)[order])
        yield Played(played.onsets[played.onsets < WINDOW], played.pitches[played.onsets < WINDOW])


def held_out(model: Predictor, data: Path | None) -> list[Tune]:
    """Tunes of the kind that the model learnt from, but not the same: of the books, performed, or of a collection."""
    recipe = collection_of([model])
    if recipe is not None and data is not None:
        return corpus.divide(sources.read(recipe, data)).validation.tunes
    if data is not None:
        return corpus.read(data, "performed").tunes
    whole = corpus.joined(corpus.read_books("performed").values())
    return corpus.divide(whole, HeldOut.load(HELD_OUT)).validation.tunes


def compare(model: Predictor, hours: float, seeds: int, tunes: Sequence[Tune]) -> str:
    """A table: each figure of the model's windows next to those of the corpus."""
    made = [each for seed in range(1, seeds + 1) for each in windows(alone(model, hours * 3600.0, seed))]
    real = list(stretches([tune for tune in tunes if len(tune.notes) > 1], STRETCHES))
    lines = []
    for name, figure in FIGURES.items():
        own, theirs = np.array([figure(each) for each in made]), np.array([figure(each) for each in real])
        low, high = np.percentile(theirs, (1, 99))
        outside = own > high if name in _ONLY_TOO_MUCH else (own < low) | (own > high)
        spread = f"{np.median(own):.4g} [{own.min():.4g}, {own.max():.4g}]"
        corridor = f"{np.median(theirs):.4g} [{low:.4g}, {high:.4g}]"
        lines.append([name, spread, corridor, f"{int(outside.sum())} of {len(own)}"])
    said = f"`{model.name}`, {hours:g} h alone with each of {seeds} seeds, by windows of 5 minutes; median and range."
    headings = ["figure", "the model", "held-out tunes: median, 1st to 99th of 100", "windows outside"]
    return f"{said}\n\n{markdown(headings, lines)}"


def main() -> None:
    """Measure models, and print the tables or write them into a card."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.studies.hour", description=__doc__.splitlines()[0])
    options.add_argument("models", nargs="*", default=["folk"])
    options.add_argument("--data", type=Path, help="tunes to compare with; a collection, for a model trained on one")
    options.add_argument("--hours", type=float, default=1.0)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--card", type=Path, help="a README.md that takes the tables")
    given = options.parse_args()
    for name in given.models:
        model = models.load(name)
        table = compare(model, given.hours, given.seeds, held_out(model, given.data))
        print(table)
        if given.card is not None:
            put(given.card, f"hour {model.name}", table)


if __name__ == "__main__":
    main()
