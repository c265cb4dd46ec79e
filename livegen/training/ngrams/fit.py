"""Chooses the weights of the n-gram's parts, and the kind of mean, on held-out tunes of the books.

It takes every third of them, as written and with repeats played, since the n-gram is measured on both.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from livegen.training.corpus import corpus
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.network import dataset
from livegen.training.ngrams.ngram import NGram, Parts, Tokens
from livegen.training.ngrams.tables import CUTS, Floats, Ints

WEIGHTS = Path(__file__).with_name("weights.py")
STEPS = 40  # of L-BFGS
EACH = 3  # one tune in so many
KEPT_CLOSE = 1e-5  # how strongly the weights are held to one another, for lengths that are rare


class Fitted:
    """The best weights and sharpness of one kind of mean, and the bits per note that they give."""

    def __init__(self, parts: Parts, true: Ints, geometric: bool) -> None:
        self._predicted = torch.as_tensor(np.maximum(parts.predicted, 1e-12))
        self._logs = self._predicted.log()
        entropy = -(self._predicted * self._logs).sum(2) / np.log(parts.predicted.shape[2])
        self._entropy = entropy.clamp(1e-3)
        self._length = torch.as_tensor(np.digitize(parts.longest, CUTS))
        self._true = torch.as_tensor(true)
        self.geometric = geometric
        shape = len(parts.predicted), len(CUTS) + 1
        self._even = -float(np.log(shape[0]))
        self._weights = torch.full(shape, self._even, dtype=torch.float64, requires_grad=True)
        self._sharpness = torch.zeros((), dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.LBFGS([self._weights, self._sharpness], max_iter=STEPS, line_search_fn="strong_wolfe")

        def closure() -> torch.Tensor:
            optimiser.zero_grad()
            loss = self._bits() + KEPT_CLOSE * ((self._weights - self._even) ** 2).sum()
            loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
            return loss

        optimiser.step(closure)  # type: ignore[no-untyped-call, unused-ignore]
        self.bits = float(self._bits().detach())
        weights = self._weights.detach().exp()
        self.weights: Floats = (weights if geometric else weights / weights.sum(0)).numpy()
        self.sharpness = float(self._sharpness.detach())

    def _bits(self) -> torch.Tensor:
        share = self._weights.exp()[:, self._length] * self._entropy.pow(-self._sharpness)
        if not self.geometric:
            share = share / share.sum(0)
        share = share[:, :, None]
        places = torch.arange(len(self._true))
        if self.geometric:
            logs = torch.log_softmax((share * self._logs).sum(0), 1)[places, self._true]
        else:
            logs = (share * self._predicted).sum(0)[places, self._true].log()
        return -logs.mean() / float(np.log(2))


def best(parts: Sequence[Parts], true: Sequence[Ints]) -> list[Fitted]:
    """Both kinds of mean fitted to many tunes, the better one first."""
    whole = Parts(
        np.concatenate([each.predicted for each in parts], axis=1), np.concatenate([p.longest for p in parts])
    )
    fitted = [Fitted(whole, np.concatenate(true), geometric) for geometric in (False, True)]
    return sorted(fitted, key=lambda each: each.bits)


def main() -> None:
    """Fit on the books' held-out tunes and write the weights into ``weights.py``."""
    torch.set_num_threads(1)
    divided = corpus.divide(corpus.joined(corpus.read_books().values()), HeldOut.load(HELD_OUT))
    ngram = NGram.learn(dataset.heard(tune) for tune in divided.training.tunes)
    written = divided.validation.tunes[::EACH]
    played = {tune.name: tune for book in corpus.read_books("performed").values() for tune in book.tunes}
    both = [*written, *(played[tune.name] for tune in written if tune.name in played)]
    tunes = [Tokens.of(dataset.heard(tune)) for tune in both]
    places = [np.arange(1, len(tune.pitch)) for tune in tunes]
    rhythm = best(
        [ngram.gap_parts(tune, each) for tune, each in zip(tunes, places, strict=True)], [t.gap[1:] for t in tunes]
    )
    melody = best(
        [ngram.pitch_parts(tune, each, tune.gap[1:]) for tune, each in zip(tunes, places, strict=True)],
        [tune.pitch[1:] for tune in tunes],
    )
    lines = ['"""The weights of the parts of the n-gram. Written by ``python -m livegen.training.ngrams.fit``.', ""]
    for name, kinds in (("rhythm", rhythm), ("pitch", melody)):
        told = ", ".join(f"{'geometric' if each.geometric else 'arithmetic'} {each.bits:.4f}" for each in kinds)
        lines.append(f"Bits per note of the {name} on {len(both)} of the books' held-out tunes: {told}.")
    lines += ['"""', "", "import numpy as np", ""]
    for name, fitted in (("RHYTHM", rhythm[0]), ("PITCH", melody[0])):
        lines += [f"{name}_GEOMETRIC = {fitted.geometric}", f"{name}_SHARPNESS = {fitted.sharpness:.3f}"]
        lines += [f"{name}_WEIGHTS = np.array(", "    ["]
        lines += ["        [" + ", ".join(f"{weight:.3f}" for weight in row) + "]," for row in fitted.weights]
        lines += ["    ]", ")"]
    WEIGHTS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
