"""`livegen generate abc`, `markov` and `dice`: makes up tunes by a model or by dice, and writes them as scores.

``SCORE_FORMATS`` is the table of those formats: a row is a file ending and the function that writes a tune so.
"""

import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
import numpy as np
from click.core import ParameterSource

from livegen.cli import characters, extras, progress
from livegen.cli.carnatic import carnatic
from livegen.errors import FileError, SettingsError
from livegen.midi import midifile
from livegen.predictors import models
from livegen.system import paths
from livegen.tunes import abc_writer
from livegen.tunes import maker as tune_maker
from livegen.tunes.abc_progress import TuneRequest
from livegen.tunes.abc_writer import Bar, Key, Sheet
from livegen.tunes.character_model import CharacterModel
from livegen.tunes.character_writer import CharacterWriter

F = TypeVar("F", bound=Callable[..., Any])
Draw = Callable[[tune_maker.Form, np.random.Generator], list[list[Bar]]]
_TRIES = 40  # forms
_MANY = 40  # tunes that are worth the start of other processes


def _options(function: F) -> F:
    """The options of all kinds of generation."""
    for option in reversed(
        (
            click.option("-n", "number", type=click.IntRange(1, 1000), default=5, help="how many (default 5)"),
            click.option("--seed", type=click.IntRange(min=1), help="same seed, same tunes (default: a new one)"),
            click.option("--type", "kind", help=f"{', '.join(tune_maker.KINDS)} (default: any)"),
            click.option("--key", help="such as D, Em, Ador, Bb (default: a usual one)"),
            click.option("--metre", help=f"{', '.join(tune_maker.METRES)} (default: the type's)"),
            click.option("--bars", type=int, default=16, help="as written, in two repeated parts (default 16)"),
            click.option("--out", type=click.Path(path_type=Path), default="generated", help="(default: generated)"),
        )
    ):
        function = option(function)
    return function


class _Request(NamedTuple):
    """The options of a request; None: the user left it open."""

    number: int
    seed: int | None
    kind: str | None
    key: str | None
    metre: str | None
    bars: int
    out: Path

    def begin(self) -> int:
        """Make the folder. Returns the seed: a new one if none was asked for. Raises FileError."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"{self.out} cannot be made ({error.strerror}); choose another folder.") from None
        return self.seed or secrets.randbelow(2**31 - 1) + 1


def _write_characters(path: Path, temperature: float | None, raw: bool, request: _Request) -> None:
    """Write tunes of a character model; their length is left to the model, unless --bars is given."""
    given = click.get_current_context().get_parameter_source("bars") is ParameterSource.COMMANDLINE
    asked = TuneRequest(
        request.kind, Key.parse(request.key) if request.key else None, request.metre, request.bars if given else None
    )
    writer = CharacterWriter(CharacterModel(path), temperature or characters.TEMPERATURE)
    seed = request.begin()
    characters.write(writer, path.stem, asked, characters.Task(request.number, seed, request.out, raw))
    click.echo(f"# the same again: --seed {seed}")


@click.command()
@_options
@click.option("--model", default="folk", help="one of `livegen models`, or `abc`, a character model (default folk)")
@click.option(
    "--temperature", type=click.FloatRange(0.1, 2), help="how adventurous (default 1.0; character model: 0.8)"
)
@click.option("--raw", is_flag=True, help="with a character model: whatever it writes, well formed or not")
def abc(model: str, temperature: float | None, raw: bool, **asked: Any) -> None:  # noqa: ANN401
    """Make up tunes with a model of notes, or a character model, and write them as ABC and MIDI."""
    path = characters.find(model, paths.models())
    if path is not None:
        _write_characters(path, temperature, raw, _Request(**asked))
        return
    if raw:
        raise SettingsError(
            f"--raw means nothing to the model {model}, which writes notes; name a character model, such as abc."
        )
    ready = partial(_model_draw, model, temperature or 1.0)
    _make(model, ready(), _Request(**asked), ready)


@click.command()
@_options
@click.option("--model", default="markov", help="another Markov model's name or file (default markov)")
@click.option("--temperature", type=click.FloatRange(0.1, 2), default=1.0, help="how adventurous (default 1.0)")
def markov(model: str, temperature: float, **asked: Any) -> None:  # noqa: ANN401
    """Make up tunes with a Markov chain, and write them as ABC and MIDI."""
    ready = partial(_model_draw, model, temperature)
    _make("markov", ready(), _Request(**asked), ready)


@cache
def _model_draw(model: str, temperature: float) -> Draw:
    return tune_maker.TuneMaker(models.load(model, paths.models()), temperature).make


@click.command()
@_options
@click.option("--data", type=click.Path(path_type=Path), help="a folder of ABC, MIDI or MusicXML (default: the books)")
def dice(data: Path | None, **asked: Any) -> None:  # noqa: ANN401
    """Throw dice for each bar of a tune, as in the musical dice game, and write ABC and MIDI."""
    with extras.needed("The dice game needs the tune books"):
        from livegen.training.corpus import corpus
        from livegen.training.evaluation.dice import Game, is_minor_key
    with progress.shown("reading the tunes") as done:
        tunes = corpus.read(data).tunes if data else corpus.joined(corpus.read_books(reading=done).values()).tunes
    games: dict[tuple[str, int, bool, str], Game | SettingsError] = {}

    def throw(form: tune_maker.Form, random: np.random.Generator) -> list[list[Bar]]:
        kind = form.metre, form.bars, is_minor_key(form.key), form.kind
        if kind not in games:
            try:
                games[kind] = Game(tunes, *kind)
            except SettingsError as error:
                games[kind] = error
        game = games[kind]
        if isinstance(game, SettingsError):
            raise game
        bars = game.throw(random, form.key)
        return [bars[: form.bars // 2], bars[form.bars // 2 :]]

    _make("dice", throw, _Request(**asked))


def _make(name: str, draw: Draw, request: _Request, ready: Callable[[], Draw] | None = None) -> None:
    """Make the tunes and write each as NAME-SEED-COUNT, in every score format. ``ready`` gives ``draw`` in another
    process: with it, many tunes are made on all cores."""
    seed = request.begin()
    request = request._replace(seed=seed)
    with progress.shown(f"making {request.number} tunes") as done:
        for count, line in enumerate(_lines(name, draw, request, ready), 1):
            click.echo(line)
            done(count / request.number)
    click.echo(f"# the same again: --seed {seed}")


def _lines(name: str, draw: Draw, request: _Request, ready: Callable[[], Draw] | None) -> Iterator[str]:
    """A line for each tune, made when it is asked for."""
    counts, cores = range(1, request.number + 1), os.cpu_count() or 1
    if ready is None or request.number < _MANY or cores == 1:
        yield from (_make_one(name, draw, request, count) for count in counts)
        return
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as processes:
        yield from processes.map(partial(_make_elsewhere, name, ready, request), counts, chunksize=8)


def _make_elsewhere(name: str, ready: Callable[[], Draw], request: _Request, count: int) -> str:
    return _make_one(name, ready(), request, count)


def _make_one(name: str, draw: Draw, request: _Request, count: int) -> str:
    """Make and write one tune. Returns a line about it."""
    random = np.random.default_rng([request.seed or 0, count])
    form, parts = _drawn(draw, request, random)
    stem = Path(name).stem
    title = f"{form.kind.capitalize()} {count} of {request.seed}"
    made = f"made by livegen: {stem}, seed {request.seed}"
    sheet = Sheet(title, form.key, form.metre, parts, form.kind, made, form.tempo)
    path = request.out / f"{stem}-{request.seed}-{count}"
    for ending, write in SCORE_FORMATS.items():
        write(path.with_name(path.name + ending), sheet, count)
    return f"{count}: {form.kind} in {form.key}, {form.metre}: {path}{' and '.join(SCORE_FORMATS)}"


def _drawn(draw: Draw, request: _Request, random: np.random.Generator) -> tuple[tune_maker.Form, list[list[Bar]]]:
    """A form and its parts. A form that was left open and cannot be made is drawn again."""
    for _ in range(_TRIES):
        form = tune_maker.form(request.kind, request.key, request.metre, request.bars, random)
        try:
            return form, draw(form, random)
        except SettingsError as error:
            refused = error
    raise refused


def _write_abc(path: Path, sheet: Sheet, number: int) -> None:
    """Write the tune as ABC with that number. Raises FileError."""
    try:
        path.write_text(abc_writer.write(sheet, number), "utf-8")
    except OSError as error:
        raise FileError(f"{path} cannot be written ({error.strerror}); choose another folder.") from None


def _write_midi(path: Path, sheet: Sheet, number: int) -> None:
    """Write the tune as a MIDI file. Raises FileError."""
    midifile.write(path, {sheet.title: abc_writer.performance(sheet)}, float(sheet.tempo))


SCORE_FORMATS: dict[str, Callable[[Path, Sheet, int], None]] = {".abc": _write_abc, ".mid": _write_midi}


@click.group()
def generate() -> None:
    """Make up music and write it to files."""


generate.add_command(abc)
generate.add_command(markov)
generate.add_command(dice)
generate.add_command(carnatic)
