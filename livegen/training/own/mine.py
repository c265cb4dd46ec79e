"""A model of one's own playing: a base trained further on a performer's notes, kept only if it is better for them."""

import json
import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import torch

from livegen.errors import FileError
from livegen.predictors.models import NetworkPredictor
from livegen.predictors.quotation import Quotations
from livegen.training.corpus import corpus
from livegen.training.corpus.corpus import Corpus
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.model_card import put
from livegen.training.network import dataset
from livegen.training.network.augmentation import Augmentation
from livegen.training.network.export import export
from livegen.training.network.processes import THREADS
from livegen.training.network.train import POLYPHONIC
from livegen.training.own import intended_rhythm
from livegen.training.own.before_after import examples
from livegen.training.own.division import Division, divide
from livegen.training.own.fine_tune import FineTuneOptions, FineTuning, Music
from livegen.training.own.verdict import Verdict, counted, judge
from livegen.training.own.warm_start import held_rows, network_of
from livegen.tunes.tune import Tune

NAME = "mine"
_PULL = 0.1  # instead of the base's own music, where that cannot be had
Said = Callable[[str], None]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MineOptions:
    """The base of a training, and the options. ``counted``: the model must also be better than an n-gram; ``anyway``:
    it is kept whatever the verdict."""

    base: Path
    manner: FineTuneOptions = field(default_factory=FineTuneOptions)
    name: str = NAME
    about: str = "the performer's own playing"
    counted: bool = False
    anyway: bool = False


@dataclass(frozen=True)
class Made:
    """The result of a training: ``path`` is None if the model was refused."""

    path: Path | None
    verdict: Verdict
    story: str


def make(tunes: Sequence[Tune], plan: MineOptions, out: Path, say: Said = lambda _: None) -> Made:
    """Train the base further with ``tunes``; the model is written into the folder ``out`` if the verdict is good.

    Raises FileError if the tunes are too few or ``out`` cannot be written to, ModelError for an unfit base.
    """
    takes = divide(tunes)
    torch.set_num_threads(THREADS)
    base = NetworkPredictor(plan.base)
    network = network_of(plan.base, base.metadata)
    polyphonic = base.polyphonic or corpus.chord_share(Corpus(takes.learn)) >= POLYPHONIC
    say("reading the base's own music")
    known = _base_music(str(_recipe(base).get("data", "")))
    manner = plan.manner if known else replace(plan.manner, pull=_PULL)
    values = intended_rhythm.values(tunes)
    music = Music(
        [intended_rhythm.IntendedRhythm(tune, polyphonic, values) for tune in takes.learn],
        [intended_rhythm.plain(tune, values) for tune in takes.choose],
        [Augmentation(tune, polyphonic) for tune in known],
    )
    seen = held_rows(network)
    tuning = FineTuning(network, music, manner)
    tuning.run(lambda number, bits, best: say(f"round {number}, {bits:.3f} bits a note (best {best:.3f})"))
    network.settle(seen + tuning.seen)
    about = _about(base, takes, tuning, plan) | {"polyphonic": "true" if polyphonic else "false"}
    with _beside(out) as folder, tuning.run_log.told():
        candidate = Path(folder) / f"{plan.name}.onnx"
        difference = export(network, candidate, about)
        say("listening to what it makes up")
        tuning.run_log.tell(state="judging")
        new = NetworkPredictor(candidate)
        verdict = judge(base, new, takes, values, manner.seed)
        if plan.counted:
            verdict = replace(verdict, ngram=counted(takes))
        path = None if verdict.refusal and not plan.anyway else candidate.replace(out / candidate.name)
        heard = examples(base, new, takes, manner.seed)
        said = verdict.refusal if path is None else verdict.sentence
        tuning.run_log.tell(
            state="refused" if path is None else "kept", sentence=said, table=verdict.table(), listen=heard
        )
    told = _story(base, new, tuning, takes)
    story = f"{plan.name} {told} The file differs from the network by at most {difference:.1e} logits."
    if path is not None:
        put(out / "README.md", f"made {plan.name}", f"- {story}\n\n```\n{verdict.table()}\n```")
    return Made(path, verdict, story)


def _beside(out: Path) -> "tempfile.TemporaryDirectory[str]":
    """A folder within ``out``, so that a file moves from it in one piece."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=out, prefix=f".{NAME}-")
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None


@cache
def _base_music(data: str) -> Sequence[Tune]:
    """The music that a base was trained on, by its name in recipes; () where it is not available."""
    if data != "books":
        return ()
    try:
        whole = corpus.joined(corpus.read_books().values())
    except FileError as error:  # music21 is not installed
        logger.info("%s", error)
        return ()
    return tuple(corpus.divide(whole, HeldOut.load(HELD_OUT)).training.tunes)


def _recipe(base: NetworkPredictor) -> dict[str, object]:
    """The base's recipe, from its file."""
    text = base.metadata.get("recipe", "")
    recipe: dict[str, object] = json.loads(text) if text.startswith("{") else {}
    return recipe


def _licence(base: NetworkPredictor) -> str:
    """The performer's own, as far as the base's leaves it to them."""
    of_base = base.metadata.get("licence", "")
    return "yours" if not of_base or of_base.startswith(("MIT", "yours")) else f"yours, within the base's: {of_base}"


def _about(base: NetworkPredictor, takes: Division, tuning: FineTuning, plan: MineOptions) -> dict[str, str]:
    """The metadata of the new file."""
    manner = tuning.manner
    made = _recipe(base) | {
        "name": plan.name,
        "about": f"{plan.about}, from {base.name}",
        "licence": _licence(base),
        "base": base.name,
        "base_sha256": base.digest,
        "rate": manner.rate,
        "mixed_in": manner.share if not manner.pull else 0.0,
        "pull": manner.pull,
        "seed": manner.seed,
        "trained_rounds": tuning.best,
    }
    runs = base.quotations | Quotations.of(dataset.heard(tune) for tune in takes.learn)
    return {
        "name": plan.name,
        "recipe": json.dumps(made),
        "data": Corpus(takes.learn).digest(),
        "base": base.digest,
        "licence": _licence(base),
        "touch": base.metadata.get("touch", "false"),
        "register": Corpus(takes.learn).register(),
        "pace": Corpus(takes.learn).pace(),
        "runs": runs.to_text(),
    }


def _story(base: NetworkPredictor, new: NetworkPredictor, tuning: FineTuning, takes: Division) -> str:
    """The model's base and training, in a line."""
    notes = Corpus(takes.learn).notes
    return (
        f"learnt from {len(takes.learn)} pieces of yours with {notes:,} notes, on top of {base.name}; "
        f"{len(takes.choose)} more said when to stop, and {len(takes.judge)} were kept for the verdict; "
        f"the best of {len(tuning.log) - 1} rounds was round {tuning.best}. "
        f"SHA-256 {new.digest[:16]}, of {base.name} {base.digest[:16]}."
    )
