"""Listening pairs: a phrase from a tune that no model was trained on, and a model's answer with its memory and without.

python examples/listening/make.py [MODEL ...] writes MODEL-memory.mid and MODEL-plain.mid beside this file, the performer on
one track, the player on another. It needs the training extra, which brings the book of tunes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from livegen import midi, predictor, render
from livegen.events import Heard, NoteOff, NoteOn
from livegen.session import Session
from livegen.settings import Settings

BEAT = 0.5  # seconds
BEATS = 32.0  # of the phrase
SEED = 7


def phrase() -> list[Heard]:
    """The beginning of a tune of the books' test part, its repeat played, the beats a little louder."""
    from livegen.training import corpus
    from livegen.training.held_out import HELD_OUT, HeldOut

    parts = corpus.divide(corpus.joined(corpus.read_books().values()), HeldOut.load(HELD_OUT))
    tested = {tune.name for tune in parts.test.tunes}
    performed = [tune for tune in corpus.read_books("performed")["oneill"].tunes if tune.name in tested]
    tune = next(tune for tune in performed if tune.bars[0].metre == "4/4" and tune.notes[-1].onset > 2 * BEATS)
    events: list[Heard] = []
    for note in tune.notes:
        if note.onset < BEATS:
            loud = 96 if note.onset % 1 == 0 else 78
            events.append(NoteOn(note.onset * BEAT, note.pitch, loud))
            events.append(NoteOff((note.onset + 0.9 * note.duration) * BEAT, note.pitch))
    return sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))


def pair(name: str, folder: Path, heard: list[Heard]) -> Iterator[Path]:
    """Write both answers of one model; yields the files."""
    model = predictor.load(name)
    for strength, word in ((1.0, "memory"), (0.0, "plain")):
        settings = Settings(memory=strength, tempo=60 / BEAT)
        out = render.run(Session(model, settings, SEED), heard, tail=BEATS * BEAT + 4)
        path = folder / f"{name}-{word}.mid"
        midi.write(path, {"performer": heard, "player": out}, settings.tempo)
        yield path


if __name__ == "__main__":
    heard = phrase()
    for name in sys.argv[1:] or ["folk", "piano"]:
        for path in pair(name, Path(__file__).parent, heard):
            print(f"wrote {path.name}")
