"""A strong n-gram model of intervals and gaps, as a baseline for the networks.

As in IDyOM (Pearce 2005), a long-term part learnt from the training tunes and a short-term part that learns inside the
tune, each over several views of the notes, are combined: the rhythm's parts by a weighted mean, the pitch's by a
weighted geometric mean. The weights depend on the entropy of each part, as there, and also on the length of the match
that the short-term part found, which did better; weights and kinds of mean were chosen on the books' held-out tunes
(``fit``). It knows no key: a view is a row of intervals, of gaps, of both, or of the pitches of this tune. The factors
are those of the networks: the gap, then the pitch given the gap.
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import platformdirs

from livegen.predictors.encoding import GAPS, PITCHES, Step
from livegen.system.files import written_whole
from livegen.training.corpus.corpus import Corpus
from livegen.training.network import dataset
from livegen.training.ngrams import weights as chosen
from livegen.training.ngrams.tables import (
    BLOCK,
    CUTS,
    Chain,
    Floats,
    Ints,
    NoteScore,
    View,
    contexts_of,
    normal,
    note_scores,
    short_term,
)

VERSION = 1  # of the kept tables
PITCH, GAP = Step._fields.index("pitch"), Step._fields.index("gap")
INTERVALS = 2 * PITCHES - 1  # -127 to 127
# The long-term views: the tokens of the contexts, how many, the symbol, what is given with it.
LONG_TERM = {
    "gap after pairs": ("pair", 5, "gap", None),
    "gap after gaps": ("gap", 12, "gap", None),
    "interval after pairs": ("pair", 5, "interval", "gap"),
    "interval after intervals": ("interval", 7, "interval", None),
}


class Tokens(NamedTuple):
    """A tune as rows of tokens for its views, [n] each; -1 where the first note has none. Several tunes of one
    ``length`` are one after another."""

    pitch: Ints
    gap: Ints  # index in GAPS
    interval: Ints  # + 127
    pair: Ints  # interval and gap
    length: int

    @classmethod
    def of(cls, steps: Ints) -> "Tokens":
        """From steps [n, 10], or those of several tunes [b, n, 10]."""
        pitch, gap = steps[..., PITCH] - 1, steps[..., GAP] - 1
        gap[..., :1] = -1
        interval = np.full(pitch.shape, -1, dtype=np.int64)
        interval[..., 1:] = np.diff(pitch) + PITCHES - 1
        pair = np.where(interval < 0, -1, interval * 64 + gap)
        return cls(pitch.ravel(), gap.ravel(), interval.ravel(), pair.ravel(), pitch.shape[-1])


class Parts(NamedTuple):
    """The probabilities of each part, [parts, r, symbols], and the longest match of the short-term part [r]."""

    predicted: Floats
    longest: Ints


class NGram:
    """Gap and pitch of the next note from all notes of the tune so far, and from the training tunes."""

    def __init__(self, chains: dict[str, Chain]) -> None:
        self._chains = chains

    @classmethod
    def learn(cls, tunes: Iterable[Ints]) -> "NGram":
        """Count in the steps of training tunes, [n, 10] each."""
        whole = [Tokens.of(steps) for steps in tunes if len(steps) > 1]
        chains: dict[str, Chain] = {}
        for name, (tokens, order, symbol, given) in LONG_TERM.items():
            contexts: list[list[npt.NDArray[np.uint64]]] = [[] for _ in range(order + (2 if given else 1))]
            for tune in whole:
                known = getattr(tune, given)[1:] if given else None
                for each, hashes in zip(contexts, contexts_of(getattr(tune, tokens)[:-1], order, known), strict=True):
                    each.append(hashes)
            symbols = np.concatenate([np.empty(0, np.int64), *(getattr(tune, symbol)[1:] for tune in whole)])
            chains[name] = Chain.count([np.concatenate([np.empty(0, np.uint64), *each]) for each in contexts], symbols)
        return cls(chains)

    def gaps(self, steps: Ints, places: Ints) -> Floats:
        """Probabilities [r, len(GAPS)] of the gap of the notes at ``places`` [r] (consecutive, 1 to n; n is the note
        after ``steps`` [n, 10]), each from the notes before it."""
        return combined(
            self.gap_parts(Tokens.of(steps), places),
            chosen.RHYTHM_WEIGHTS,
            chosen.RHYTHM_SHARPNESS,
            chosen.RHYTHM_GEOMETRIC,
        )

    def pitches(self, steps: Ints, places: Ints, gaps: Ints) -> Floats:
        """Probabilities [r, 128] of the pitch at ``places``, whose gaps are ``gaps`` [r]."""
        parts = self.pitch_parts(Tokens.of(steps), places, gaps)
        return combined(parts, chosen.PITCH_WEIGHTS, chosen.PITCH_SHARPNESS, chosen.PITCH_GEOMETRIC)

    def next_gaps(self, steps: Ints) -> Floats:
        """Probabilities [b, len(GAPS)] of the gap of the note after each of several tunes [b, n, 10], n ≥ 1."""
        return self.gaps(steps, np.arange(1, len(steps) + 1) * steps.shape[1])

    def next_pitches(self, steps: Ints, gaps: Ints) -> Floats:
        """Probabilities [b, 128] of the pitch of that note, whose gap is of ``gaps`` [b]."""
        return self.pitches(steps, np.arange(1, len(steps) + 1) * steps.shape[1], gaps)

    def scores(self, steps: Ints) -> list[NoteScore]:
        """The score of every note of ``steps`` but the first."""
        found: list[NoteScore] = []
        tokens = Tokens.of(steps)
        for start in range(1, len(steps), BLOCK):
            places = np.arange(start, min(start + BLOCK, len(steps)))
            gap, pitch = tokens.gap[places], tokens.pitch[places]
            found += note_scores(self.gaps(steps, places), gap, self.pitches(steps, places, gap), pitch)
        return found

    def gap_parts(self, tune: Tokens, places: Ints) -> Parts:
        """Each part's probabilities of the gaps."""
        base = np.full((len(places), len(GAPS)), 1.0 / len(GAPS))
        parts = [self._long_term(name, tune, places, base) for name in LONG_TERM if name.startswith("gap")]
        pairs, longest = short_term(View(tune.gap, tune.pair), places, base, length=tune.length)
        gaps, _ = short_term(View(tune.gap, tune.gap), places, base, length=tune.length)
        return Parts(np.stack([*parts, pairs, gaps]), longest)

    def pitch_parts(self, tune: Tokens, places: Ints, gaps: Ints) -> Parts:
        """Each part's probabilities of the pitches, given the gaps."""
        before = tune.pitch[places - 1]
        there = np.arange(PITCHES) - before[:, None] + PITCHES - 1  # the interval that leads to each pitch
        rows = np.arange(len(places))[:, None]
        base = np.zeros((len(places), INTERVALS))
        base[rows, there] = 1.0 / PITCHES
        parts = [self._long_term(name, tune, places, base, gaps) for name in LONG_TERM if name.startswith("interval")]
        pairs, longest = short_term(View(tune.interval, tune.pair, tune.gap), places, base, gaps, tune.length)
        intervals, _ = short_term(View(tune.interval, tune.interval), places, base, length=tune.length)
        even = np.full((len(places), PITCHES), 1.0 / PITCHES)
        pitches, _ = short_term(View(tune.pitch, tune.pitch), places, even, length=tune.length)
        return Parts(normal(np.stack([*(part[rows, there] for part in [*parts, pairs, intervals]), pitches])), longest)

    def _long_term(self, name: str, tune: Tokens, places: Ints, base: Floats, gaps: Ints | None = None) -> Floats:
        tokens, order, _, given = LONG_TERM[name]
        known: Ints | None = None
        rows = -1, max(1, tune.length)
        if given and gaps is not None:
            whole = np.zeros(len(tune.pitch), dtype=np.int64)
            whole[places - 1] = gaps
            known = whole.reshape(rows)
        contexts = contexts_of(getattr(tune, tokens).reshape(rows), order, known)
        return self._chains[name].predict([hashes.ravel()[places - 1] for hashes in contexts], base)

    def save(self, path: Path) -> None:
        """Write the tables to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {}
        for name, chain in self._chains.items():
            arrays |= chain.to_arrays(name)
        with written_whole(path) as part, part.open("wb") as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, path: Path) -> "NGram":
        """Read the tables from a file. Raises OSError, ValueError, KeyError or BadZipFile if they are not whole."""
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return cls(
                {
                    name: Chain.from_arrays(arrays, name, order + (2 if given else 1))
                    for name, (_, order, _, given) in LONG_TERM.items()
                }
            )


def combined(parts: Parts, weights: Floats, sharpness: float, geometric: bool) -> Floats:
    """The weighted mean of the parts, geometric or not, [r, symbols].

    A part weighs ``weights`` [parts, lengths] at the length of the match, over its relative entropy (its entropy as a
    share of the highest possible) to the power of ``sharpness``: Pearce 2005, with weights of its own. Those of a
    geometric mean need not add up to one: parts that agree may be believed more than each of them.
    """
    logs = np.log(np.maximum(parts.predicted, 1e-12))
    entropy = -(parts.predicted * logs).sum(axis=2) / np.log(parts.predicted.shape[2])
    share = weights[:, np.digitize(parts.longest, CUTS)] * np.maximum(entropy, 1e-3) ** -sharpness
    if not geometric:
        return normal((share[:, :, None] * parts.predicted / share.sum(axis=0)[:, None]).sum(axis=0))
    mean = (share[:, :, None] * logs).sum(axis=0)
    return normal(np.exp(mean - mean.max(axis=1, keepdims=True)))


def learnt(training: Corpus, folder: Path | None = None) -> NGram:
    """The n-gram of these training tunes: kept in ``folder`` (default: the user's cache) from the first time on."""
    folder = folder or platformdirs.user_cache_path("livegen", appauthor=False) / "ngram"
    path = folder / f"{training.digest()[:24]}-{VERSION}.npz"
    try:
        return NGram.load(path)
    except (OSError, ValueError, KeyError, BadZipFile):
        found = NGram.learn(dataset.heard(tune) for tune in training.tunes)
    with contextlib.suppress(OSError):  # a full disk or a folder that cannot be written: it is only slower
        found.save(path)
    return found
