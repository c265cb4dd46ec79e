"""A model of a performer's own music: the shipped model that fits it, trained further on a folder of files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from livegen.predictors import models
from livegen.training.corpus import corpus
from livegen.training.corpus.corpus import Corpus
from livegen.training.network.train import POLYPHONIC, gather
from livegen.training.own import intended_rhythm
from livegen.training.own.division import Division
from livegen.training.own.verdict import Verdict, counted, judge
from livegen.training.recipe import load
from livegen.tunes.tune import Tune

NAME = "my"
ABOUT = "the performer's own music"


def music(data: Path) -> list[Tune]:
    """The tunes in a folder, each once. Raises FileError if there are too few."""
    divided = gather(load(NAME), data)
    return [*divided.training.tunes, *divided.validation.tunes, *divided.test.tunes]


def fitting(tunes: Sequence[Tune]) -> str:
    """The name of the shipped model to begin from: piano for music of two hands, folk for melodies."""
    return "piano" if corpus.chord_share(Corpus(list(tunes))) >= POLYPHONIC else "folk"


def verdict(model: Path, data: Path, seed: int = 0, exclude: Path | None = None) -> Verdict:
    """The verdict on a model that was trained on a folder from nothing, beside the shipped one that fits: on the pieces
    that it never saw, or, in a small folder that has none, on those that said when to stop."""
    divided = gather(load(NAME), data, exclude)
    learnt, chosen, last = divided.training.tunes, divided.validation.tunes, divided.test.tunes
    takes = Division(learnt, chosen, last) if last else Division(learnt, [], chosen)
    values = intended_rhythm.values([*learnt, *chosen, *last])
    name = fitting([*learnt, *chosen, *last])
    found = judge(models.read(models.find(name)), models.read(model), takes, values, seed)
    return replace(found, ngram=counted(takes), other=name)
