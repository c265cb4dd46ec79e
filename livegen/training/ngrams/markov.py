"""Fits a Markov model on the tune books or on a folder of music, and writes the model file."""

import hashlib
import json
from pathlib import Path

import numpy as np

from livegen import __version__
from livegen.errors import FileError, ModelError
from livegen.predictors.encoding import PITCHES
from livegen.predictors.markov import ORDERS, pack
from livegen.predictors.quotation import Quotations
from livegen.system.files import written_whole
from livegen.training.corpus import corpus
from livegen.training.corpus.corpus import Divided
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.model_card import put
from livegen.training.network import dataset
from livegen.training.ngrams.markov_tables import MarkovTables

NAME = "markov"
ORDER = 3  # 5 predicts 3 % better live, and its file is two and a half times as large
FEWEST_TUNES, FEWEST_NOTES = 1, 100
POLYPHONIC = 0.05  # the share of chord onsets from which a model counts as polyphonic
FREE = "MIT (trained on public-domain music only)"


def gather(data: Path | None) -> Divided:
    """The books' training tunes, as the networks have them; or all tunes of a folder. Raises FileError."""
    if data is None:
        return corpus.divide(corpus.joined(corpus.read_books().values()), HeldOut.load(HELD_OUT))
    whole = corpus.read(data)
    whole.tunes = [tune for tune in whole.tunes if len(tune.notes) > 1]
    if len(whole.tunes) < FEWEST_TUNES or whole.notes < FEWEST_NOTES:
        raise FileError(
            f"{data} holds {len(whole.tunes)} usable tunes with {whole.notes} notes; a Markov model needs at least "
            f"{FEWEST_NOTES} notes, so add more files."
        )
    return Divided(whole, corpus.Corpus(), corpus.Corpus(), left_out=whole.left_out)


def fit(data: Path | None, out: Path, order: int = ORDER) -> Path:
    """Write ``markov.npz`` into the folder ``out``. Raises FileError for data that cannot be used."""
    if order not in ORDERS:
        raise ModelError(f"A Markov model looks back on {ORDERS[0]} to {ORDERS[-1]} notes, not {order}; choose one.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None
    divided = gather(data)
    training = divided.training
    tunes = [dataset.heard(tune) for tune in training.tunes]
    about = {
        "livegen": __version__,
        "name": NAME,
        "recipe": json.dumps({"name": NAME, "order": order, "data": "books" if data is None else "folder"}),
        "data": training.digest(),
        "licence": FREE if data is None else "as the training data's owner decides",
        "polyphonic": "true" if corpus.chord_share(training) >= POLYPHONIC else "false",
        "register": training.register(),
        "pace": training.pace(),
        "runs": Quotations.of(tunes).to_text(),
    }
    firsts = np.bincount([tune.notes[0].pitch for tune in training.tunes], minlength=PITCHES)
    path = out / f"{NAME}.npz"
    try:
        with written_whole(path) as part:
            part.write_bytes(pack(*MarkovTables(tunes, order).levels(), firsts, about))
    except OSError as error:
        raise ModelError(f"{path} cannot be written ({error.strerror}); choose another folder.") from None
    put(out / "README.md", f"made {NAME}", _story(path, divided, order))
    return path


def _story(path: Path, divided: Divided, order: int) -> str:
    """A line for the model card: the file, its data and its order."""
    training = divided.training
    left_out = f" {divided.left_out}" if divided.left_out else ""
    return (
        f"- `{path.name}` (SHA-256 `{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}`): order {order}, trained on "
        f"{len(training.tunes):,} tunes with {training.notes:,} notes (SHA-256 `{training.digest()[:16]}`); "
        f"{divided.variants} variants of the benchmark's tunes and {divided.duplicates} duplicates left out.{left_out}"
    )
