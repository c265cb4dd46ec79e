"""The model `songs`: a base trained further on songs, mixed with the tunes of the books, so that it foresees both."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from livegen.errors import FileError
from livegen.predictors.models import NetworkPredictor
from livegen.predictors.quotation import Quotations
from livegen.training.corpus import corpus
from livegen.training.corpus.corpus import Corpus, Divided
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.model_card import put
from livegen.training.network import dataset
from livegen.training.network.augmentation import Augmentation
from livegen.training.network.export import export
from livegen.training.network.processes import THREADS
from livegen.training.network.train import POLYPHONIC
from livegen.training.own.fine_tune import FineTuneOptions, FineTuning, Music
from livegen.training.own.warm_start import held_rows, network_of
from livegen.tunes.tune import Tune

NAME = "songs"
MINUTES = 20.0
FEWEST = 20  # songs: of fewer none are left to choose the best round by
# All songs in each round, and twice as many notes of the books.
MANNER = FineTuneOptions(rate=0.0003, share=2.0, batch=8, notes=1, patience=12, minutes=MINUTES)
Said = Callable[[str], None]


class Sources(NamedTuple):
    """The songs and the tunes of the books, each divided by families."""

    songs: Divided
    books: Divided

    @property
    def learnt(self) -> Corpus:
        """All that the model was trained on, songs and books."""
        return corpus.joined([self.songs.training, self.books.training])


def gather(data: Path) -> Sources:
    """The songs in a folder, and the books. Raises FileError if there is no music, or too little.

    No song that is a variant of a tune kept for measuring, of the books or of the benchmark, is learnt from.
    """
    books = corpus.divide(corpus.joined(corpus.read_books().values()), HeldOut.load(HELD_OUT))
    kept = HeldOut.of([*books.validation.tunes, *books.test.tunes]) + HeldOut.load(HELD_OUT)
    songs = corpus.divide(corpus.read(data), kept)
    if len(songs.training.tunes) < FEWEST or not songs.validation.tunes:
        count = len(songs.training.tunes)
        raise FileError(f"{data} holds {count} songs to learn from, and it takes {FEWEST}; add more files.")
    return Sources(songs, books)


def train(data: Path, base: Path, out: Path, manner: FineTuneOptions = MANNER, say: Said = lambda _: None) -> Path:
    """Train ``base`` further with the songs in ``data`` and write ``songs.onnx`` into the folder ``out``.

    Raises FileError for unusable music or an unwritable folder, ModelError for an unfit base.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None
    say("reading the music")
    music = gather(data)
    torch.set_num_threads(THREADS)
    read = NetworkPredictor(base)
    network = network_of(base, read.metadata)
    polyphonic = read.polyphonic or corpus.chord_share(music.songs.training) >= POLYPHONIC
    seen = held_rows(network)
    tuning = FineTuning(network, _music(music, polyphonic), manner)
    tuning.run(lambda number, bits, best: say(f"round {number}, {bits:.3f} bits a note (best {best:.3f})"))
    network.settle(seen + tuning.seen)
    path = out / f"{NAME}.onnx"
    difference = export(network, path, _about(read, music, tuning, polyphonic))
    put(out / "README.md", f"made {NAME}", _story(path, read, music, tuning, difference))
    told = f"Round {tuning.best} was the best: {tuning.log[tuning.best]:.3f} bits a note on what was held out."
    tuning.run_log.tell(state="kept", share=1.0, sentence=told)
    return path


def _music(music: Sources, polyphonic: bool) -> Music:
    """As many held-out tunes of the books as songs say with them which round is best."""
    performed = {tune.name: tune for book in corpus.read_books("performed").values() for tune in book.tunes}

    def varied(tunes: list[Tune]) -> list[Augmentation]:
        return [Augmentation(tune, polyphonic, performed.get(tune.name)) for tune in tunes]

    songs, books = music.songs.validation.tunes, music.books.validation.tunes
    held_out = [*songs, *books[:: max(1, len(books) // len(songs))]]
    return Music(
        [Augmentation(tune, polyphonic) for tune in music.songs.training.tunes],
        [dataset.plain(tune) for tune in held_out],
        varied(music.books.training.tunes),
    )


def _about(base: NetworkPredictor, music: Sources, tuning: FineTuning, polyphonic: bool) -> dict[str, str]:
    """The metadata of the file: the base's, and what is new."""
    learnt = music.learnt
    made = json.loads(base.metadata.get("recipe", "{}")) | {
        "name": NAME,
        "about": "songs of 1850-1930 (OpenEWLD), and the dance tunes and airs that folk knows",
        "base": base.name,
        "base_sha256": base.digest,
        "rate": tuning.manner.rate,
        "mixed_in": tuning.manner.share,
        "seed": tuning.manner.seed,
        "trained_rounds": tuning.best,
    }
    return {
        "name": NAME,
        "recipe": json.dumps(made),
        "data": learnt.digest(),
        "base": base.digest,
        "licence": base.metadata.get("licence", ""),
        "polyphonic": "true" if polyphonic else "false",
        "touch": base.metadata.get("touch", "false"),
        "register": learnt.register(),
        "pace": learnt.pace(),
        "runs": (base.quotations | Quotations.of(map(dataset.heard, music.songs.training.tunes))).to_text(),
    }


def _story(path: Path, base: NetworkPredictor, music: Sources, tuning: FineTuning, difference: float) -> str:
    """A line for the model card: the file, its data and its training."""
    digest, songs, log = NetworkPredictor(path).digest[:16], music.songs, tuning.log
    chosen, unseen = len(songs.validation.tunes), len(songs.test.tunes)
    left_out = f" {songs.left_out}" if songs.left_out else ""
    return (
        f"- `{path.name}` (SHA-256 `{digest}`) from {base.name} (`{base.digest[:16]}`), seed {tuning.manner.seed}. "
        f"Trained on {len(songs.training.tunes):,} songs with {songs.training.notes:,} notes, and on tunes of the "
        f"books with {tuning.manner.share:g} notes for each of theirs, chosen on {chosen:,} held-out "
        f"songs and as many tunes; {unseen:,} test songs unseen; {songs.variants} variants of tunes that are "
        f"measured on and {songs.duplicates} duplicates left out. The best of {len(log) - 1} rounds was round "
        f"{tuning.best}: {log[tuning.best]:.3f} bits a note on what was held out, {log[0]:.3f} before.{left_out} "
        f"The file differs from the trained network by at most {difference:.1e} logits in 200 random steps."
    )
