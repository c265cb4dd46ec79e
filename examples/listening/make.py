"""Listening pairs: a phrase that no model was trained on, and a model's answer with its memory and without.

python examples/listening/make.py [SCORES] writes folk-memory.mid and folk-plain.mid next to this file, the performer
on one track, the player on another; with SCORES, the folder of OpenScore Lieder, also piano-memory.mid and
piano-plain.mid. It needs the training extra, which brings the book of tunes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from livegen import render
from livegen.events import Heard, NoteOff, NoteOn
from livegen.midi import midifile
from livegen.predictors import models
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.training.corpus import corpus, sources
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.recipe import load
from livegen.tunes.tune import Tune

BEAT = 0.5  # seconds
BEATS = 32.0  # of the phrase
SEED = 7


def folk_tune() -> Tune:
    """A tune of the books' test part in four time, its repeats played."""
    parts = corpus.divide(corpus.joined(corpus.read_books().values()), HeldOut.load(HELD_OUT))
    tested = {tune.name for tune in parts.test.tunes}
    performed = [tune for tune in corpus.read_books("performed")["oneill"].tunes if tune.name in tested]
    return next(tune for tune in performed if tune.bars[0].metre == "4/4" and tune.notes[-1].onset > 2 * BEATS)


def song(scores: Path) -> Tune:
    """The piano part of a song of the test part, in four time and of middling density."""
    songs = corpus.divide(sources.read(load("piano"), scores)).test.tunes
    fit = [tune for tune in songs if tune.bars[0].metre == "4/4" and tune.notes[-1].onset > 2 * BEATS]
    return next(tune for tune in fit if 3 < len(tune.notes) / tune.notes[-1].onset < 5)


def phrase(tune: Tune) -> list[Heard]:
    """The first beats of a tune, those on the beat a little louder."""
    events: list[Heard] = []
    for note in tune.notes:
        if note.onset < BEATS:
            loud = 96 if note.onset % 1 == 0 else 78
            events.append(NoteOn(note.onset * BEAT, note.pitch, loud))
            events.append(NoteOff((note.onset + 0.9 * note.duration) * BEAT, note.pitch))
    return sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))


def pair(name: str, heard: list[Heard], folder: Path) -> Iterator[Path]:
    """Write both answers of one model; yields the files."""
    model = models.load(name)
    for strength, word in ((1.0, "memory"), (0.0, "plain")):
        settings = Settings(memory=strength, tempo=60 / BEAT)
        out = render.run(Session(model, settings, SEED), heard, tail=BEATS * BEAT + 4)
        path = folder / f"{name}-{word}.mid"
        midifile.write(path, {"performer": heard, "player": out}, settings.tempo)
        yield path


if __name__ == "__main__":
    tunes = {"folk": folk_tune()}
    if len(sys.argv) > 1:
        tunes["piano"] = song(Path(sys.argv[1]))
    for name, tune in tunes.items():
        for path in pair(name, phrase(tune), Path(__file__).parent):
            print(f"wrote {path.name}, from {tune.name}")
