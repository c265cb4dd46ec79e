"""A model of a performer's own music: the shipped model that fits it, trained further on a folder of files."""

from collections.abc import Sequence
from pathlib import Path

from livegen.training.corpus import corpus
from livegen.training.corpus.corpus import Corpus
from livegen.training.network.train import POLYPHONIC, gather
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
