"""Measures how well formed the tunes of a character model are, compared with real tunes and with the model of notes."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from livegen.predictors import models
from livegen.system.clock import now
from livegen.training.characters.abc_check import Check, check
from livegen.training.characters.texts import gather
from livegen.training.evaluation.copies import TOO_LONG, Source, longest
from livegen.training.evaluation.style import Melody
from livegen.training.model_card import put
from livegen.training.network import dataset
from livegen.tunes import abc_reader, abc_writer
from livegen.tunes import maker as tune_maker
from livegen.tunes.abc_fields import AbcError
from livegen.tunes.abc_progress import TuneRequest
from livegen.tunes.abc_writer import Sheet
from livegen.tunes.character_model import CharacterModel, encode
from livegen.tunes.character_writer import CharacterWriter, arranged

TUNES = 200
HEADING = """| tunes | | header whole | abc2midi: no error | no warning | bars right | without pickups | tunes with \
all bars right | repeats closed | copied: median | copied: over 24 | s a tune |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""
Draw = Callable[[np.random.Generator], str]


def bits(model: CharacterModel, tunes: Iterable[str]) -> float:
    """Bits a character of plain tunes, ends included, by the file itself."""
    total = count = 0.0
    for text in tunes:
        state, logits = model.step(model.start(), 0)
        for symbol in [*encode(text), 0]:
            peak = float(logits.max())
            total += peak + float(np.log(np.exp(logits - peak).sum())) - float(logits[symbol])
            count += 1
            state, logits = model.step(state, symbol)
    return total / max(1.0, count) / float(np.log(2))


def copied(source: Source, texts: Iterable[str]) -> tuple[float, float]:
    """The longest run of each tune that a training tune also has, in any key: the median, in pairs of interval and gap;
    and the share of tunes in which it is more than 24."""
    melodies: list[Melody] = []
    for text in texts:
        try:
            melodies.append(_melody(text))
        except AbcError:
            continue
    found = [longest(runs) for runs in source.runs([melody.pairs for melody in melodies])] or [0]
    return float(np.median(found)), float(np.mean(np.array(found) > TOO_LONG))


def _melody(text: str) -> Melody:
    return Melody.of(dataset.heard(abc_reader.read_tune(text)))


def row(name: str, texts: Iterable[str], source: Source) -> str:
    """A row of the table for these tunes."""
    began = now()
    written = list(texts)
    spent = (now() - began) / max(1, len(written))
    with tempfile.TemporaryDirectory() as folder:
        found = [_checked(text, Path(folder) / "tune.abc") for text in written]
    whole = max(1, sum(each.bars for each in found))
    shares = (
        sum(each.header for each in found) / len(found),
        sum(each.plays for each in found) / len(found),
        sum(each.clean for each in found) / len(found),
        sum(each.right for each in found) / whole,
        sum(each.strict for each in found) / whole,
        sum(each.whole for each in found) / len(found),
        sum(each.closed for each in found) / len(found),
    )
    median, over = copied(source, written)
    told = " | ".join(f"{share:.1%}" for share in shares)
    return f"| {name} | {len(found)} | {told} | {median:.0f} | {over:.1%} | {spent:.2f} |"


def _checked(text: str, path: Path) -> Check:
    path.write_text(text, "utf-8")
    return check(path)


def _drawn(draw: Draw, count: int, seed: int) -> Iterable[str]:
    return (draw(np.random.default_rng([seed, number])) for number in range(1, count + 1))


def _characters(model: CharacterModel, temperature: float, raw: bool) -> Draw:
    writer = CharacterWriter(model, temperature)
    return lambda random: arranged(writer.raw(random) if raw else writer.write(TuneRequest(), random), 1)


def _notes(name: str) -> Draw:
    maker = tune_maker.TuneMaker(models.load(name))

    def draw(random: np.random.Generator) -> str:
        form = tune_maker.form(None, None, None, 16, random)
        parts = maker.make(form, random)
        return abc_writer.write(Sheet("Tune", form.key, form.metre, parts, form.kind, tempo=form.tempo))

    return draw


def main() -> None:
    """Draw tunes from a character model and write how well formed they are into the card."""
    options = argparse.ArgumentParser(prog="python -m livegen.training.characters.card", description=main.__doc__)
    options.add_argument("model", type=Path)
    options.add_argument("--data", type=Path, help="the ABC folder it learnt from (default: the books)")
    options.add_argument("--tunes", type=int, default=TUNES)
    options.add_argument("--temperature", type=float, action="append", help="(default: 0.8 and 1.0)")
    options.add_argument("--label", default="", help="what to call the figures in the card (default: the model's name)")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--card", type=Path, help="a README.md to write the table into")
    given = options.parse_args()
    model = CharacterModel(given.model)
    texts = gather(given.data)
    real = texts.validation
    source = Source([_melody("X:1\n" + text).pairs for text in texts.training])
    rows = [HEADING, row("real, held out", (arranged(text, 1) for text in real[: given.tunes]), source)]
    for temperature in given.temperature or (0.8, 1.0):
        for raw in (True, False):
            draw = _characters(model, temperature, raw)
            name = f"characters, {'raw' if raw else 'under the grammar'}, temperature {temperature}"
            rows.append(row(name, _drawn(draw, given.tunes, given.seed), source))
    rows.append(row("notes (folk)", _drawn(_notes("folk"), given.tunes, given.seed), source))
    told = f"{bits(model, real):.3f} bits a character on {len(real)} held-out tunes."
    text = "\n".join([told, "", *rows])
    _put(text, given.card, given.label or given.model.stem)


def _put(text: str, card: Path | None, name: str) -> None:
    """Write the text into the card if there is one, otherwise to the terminal."""
    if card is None:
        sys.stdout.write(text + "\n")
    else:
        put(card, f"characters {name}", text)


if __name__ == "__main__":
    main()
