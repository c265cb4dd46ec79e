"""The commands that need the training extra; it is imported only inside them."""

import json
import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from livegen import cli_characters, clock, predictor, record
from livegen.errors import FileError, LivegenError, ModelError, SettingsError

if TYPE_CHECKING:
    from livegen.training.train import Progress
    from livegen.training.tune import Tune

_MISSING = "Training needs torch and its company: run `make train` in a checkout, or pip install 'livegen[train]'."
_LOOK = 3.0  # seconds between two looks at the journals
_NICEST = 19
_MINUTES = 5.0  # that `train mine` takes at most, if nothing else is said


def models_folder() -> Path:
    """Where the models that a user trains are kept, and found by name."""
    return platformdirs.user_data_path("livegen", appauthor=False) / "models"


def _journals_folder() -> Path:
    """Where `livegen jam` keeps its journals."""
    return platformdirs.user_data_path("livegen", appauthor=False) / "journals"


def _runs_folder() -> Path:
    """Where trainings keep their checkpoints, logs and plots."""
    return platformdirs.user_cache_path("livegen", appauthor=False) / "training"


@click.command()
@click.argument("recipe")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="a folder of MIDI, MusicXML or ABC; `folk` needs none; `mine`: also journals, several (default: jam's)",
)
@click.option("--out", type=click.Path(path_type=Path), help="where the model goes (default: where jam finds it)")
@click.option("--seed", type=int, default=1, help="same seed, same model (default 1)")
@click.option("--minutes", type=click.FloatRange(min=0.05), help="stop in time (`mine`: default 5)")
@click.option("--epochs", type=click.IntRange(min=1), help="how often to go through the data (default: the recipe's)")
@click.option("--resume", is_flag=True, help="go on where an earlier training was stopped")
@click.option("--exclude", type=click.Path(path_type=Path), help="leave out every variant of the tunes in this folder")
@click.option("--base", help="`mine`: the model to begin from (default folk)")
@click.option("--watch", is_flag=True, help="`mine`: stay, train again when you have played more, and swap it in")
@click.option("--osc-port", type=click.IntRange(1, 65535), help="`mine`: where jam hears OSC (default 7331)")
@click.option("--order", type=click.IntRange(1, 5), help="`markov`: how many notes it looks back on (default 3)")
def train(recipe: str, data: tuple[Path, ...], out: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Train a model: `folk`, `my` (with --data), or a recipe's TOML file. Ctrl-C stops; --resume goes on.

    `mine` trains a model on with what you played, in minutes, and keeps it only if it is better for your playing.
    `carnatic` learns the Sarali Varisais, in seconds: `livegen generate carnatic` writes new ones.
    `abc` learns to write notation letter by letter, in ten minutes: `livegen generate abc --model abc` writes tunes.
    `markov` counts what follows what, in the tune books or in --data, which takes seconds.
    """
    if recipe == "carnatic":
        _train_carnatic(out or models_folder(), options.pop("seed"), options | {"data": data})
        return
    if recipe == "abc":
        _train_abc(data, out, options)
        return
    if recipe == "markov":
        _train_markov(data, out or models_folder(), options.pop("order"), options)
        return
    _refuse(recipe, {"order": options.pop("order")})
    of_mine = {name: options.pop(name) for name in ("base", "watch", "osc_port")}
    if recipe == "mine":
        _refuse(recipe, {name: options.pop(name) for name in ("epochs", "resume", "exclude")})
        _train_mine(data, out or models_folder(), **of_mine, **options)
        return
    _refuse(recipe, of_mine)
    if len(data) > 1:
        raise SettingsError(f"The recipe {recipe} takes one --data; put the music into one folder.")
    _train_recipe(recipe, data[0] if data else None, out, **options)


def _train_carnatic(out: Path, seed: int, others: dict[str, Any]) -> None:
    """The published experiment reproduced, and the model that `livegen generate carnatic` writes with."""
    _refuse("carnatic", others)
    try:
        from livegen.training import carnatic
    except ImportError:
        raise SettingsError(_MISSING) from None
    click.echo(f"Trained: {carnatic.write(out, seed, click.echo)}. It writes: livegen generate carnatic")


def _train_abc(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """A model of characters, of the books or a folder of ABC files."""
    _refuse("abc", {name: options.pop(name) for name in ("base", "watch", "osc_port", "order", "exclude")})
    if len(data) > 1:
        raise SettingsError("`livegen train abc` takes one --data; put the tunes into one folder.")
    try:
        from livegen.training.train import TrainOptions
    except ImportError:
        raise SettingsError(_MISSING) from None
    chosen = TrainOptions(runs=_runs_folder(), **options)
    path = cli_characters.train(data[0] if data else None, out or models_folder(), chosen)
    name = path.stem if out is None else path
    click.echo(f"Trained: {path}. It writes: livegen generate abc --model {name}")


def _refuse(recipe: str, options: dict[str, Any]) -> None:
    """Raises SettingsError if an option was given that means nothing there."""
    for name, value in options.items():
        if value:
            raise SettingsError(f"--{name.replace('_', '-')} means nothing to `livegen train {recipe}`; leave it out.")


def _train_markov(data: Sequence[Path], out: Path, order: int | None, others: dict[str, Any]) -> None:
    """Count what follows what; nothing in it is drawn or stopped."""
    others.pop("seed")
    _refuse("markov", others)
    if len(data) > 1:
        raise SettingsError("`livegen train markov` takes one --data; put the music into one folder.")
    try:
        from livegen.training import markov_fit
    except ImportError:
        raise SettingsError(_MISSING) from None
    path = markov_fit.fit(data[0] if data else None, out, order or markov_fit.ORDER)
    click.echo(f"Trained: {path}. Play it with: livegen jam --model {_named(path)}")


def _train_recipe(recipe: str, data: Path | None, out: Path | None, resume: bool, **options: Any) -> None:  # noqa: ANN401
    """Train what a recipe says."""
    try:
        from livegen.training import train as training
    except ImportError:
        raise SettingsError(_MISSING) from None
    from rich import progress as rich_progress

    text = rich_progress.TextColumn
    columns = (text("{task.description}"), rich_progress.BarColumn(), text("{task.fields[told]}"))
    with rich_progress.Progress(*columns) as bar:
        task = bar.add_task(f"training {recipe}", total=1.0, told="reading the music")

        def report(progress: "Progress") -> None:
            told = f"epoch {progress.epoch}/{progress.epochs}, {progress.held_out:.3f} bits a note"
            told += f" (best {progress.best:.3f}), {_minutes(progress.left)} left"
            bar.update(task, completed=progress.share, told=told)

        try:
            chosen = training.TrainOptions(resume=resume, runs=_runs_folder(), **options)
            path = training.train(recipe, data, out or models_folder(), chosen, report)
        except KeyboardInterrupt:
            bar.stop()
            click.echo("Stopped. The same command with --resume goes on from the last whole epoch, if there was one.")
            raise SystemExit(130) from None
    click.echo(f"Trained: {path}. Play it with: livegen jam --model {path.stem if out is None else path}")


def _train_mine(  # noqa: PLR0913 (one parameter for each option)
    data: Sequence[Path],
    out: Path,
    seed: int,
    minutes: float | None,
    base: str | None,
    watch: bool,
    osc_port: int | None,
) -> None:
    """Train a model of one's own playing, once or whenever there is more to learn from."""
    _give_way()  # before torch is imported, which alone takes seconds
    try:
        from livegen.training import fine_tune, lock, mine
        from livegen.training import watch as watching
    except ImportError:
        raise SettingsError(_MISSING) from None
    lock.hold(_runs_folder() / mine.NAME)
    paths = list(data) or [_journals_folder()]
    if watch and paths[0].is_file():
        raise SettingsError(f"{paths[0]} is a file; with --watch, name the folder that jam keeps its journals in.")
    manner = fine_tune.Manner(minutes=minutes or _MINUTES, seed=seed)
    plan = mine.Plan(_network(base or "folk"), manner)
    once = partial(_make_mine, paths, plan, out)
    try:
        if not watch:
            once()
            return
        click.echo("Watching what you play; Ctrl-C ends.")
        told = partial(_tell_jam, osc_port or 7331)
        watching.watch(watching.Folder(paths[0]), partial(_and_swap, once, told), partial(clock.rest, _LOOK))
    except KeyboardInterrupt:
        click.echo("Stopped.")
        raise SystemExit(130) from None


def _give_way() -> None:
    """Have this process wait for all others, so that a session beside it is not disturbed."""
    if hasattr(os, "nice"):
        os.nice(_NICEST)


def _make_mine(paths: Sequence[Path], plan: Any, out: Path) -> Path:  # noqa: ANN401 (its class may not be installed)
    """Train once and show the verdict. Raises ModelError if the model is refused."""
    from rich.console import Console
    from rich.status import Status

    from livegen.training import mine

    with Status("reading what you played", console=Console(stderr=True)) as status:
        made = mine.make(_own_tunes(paths), plan, out, status.update)
    click.echo(f"{made.story}\n{made.verdict.table()}")
    if made.path is None:
        raise ModelError(f"{made.verdict.refusal}")
    click.echo(f"Trained: {made.path}. Play it with: livegen jam --model {_named(made.path)}")
    return made.path


def _named(path: Path) -> str:
    """What `--model` takes for a file."""
    return path.stem if path.parent == models_folder() else str(path.resolve())


def _and_swap(make: Callable[[], Path], tell: Callable[[str], None]) -> None:
    """Train; a good model is swapped in, and what is wrong is said, for the next time may be better."""
    try:
        tell(_named(make()))
    except LivegenError as error:
        click.echo(f"livegen: {error}", err=True)


def _tell_jam(port: int, model: str) -> None:
    """Have a running session play with ``model``."""
    from livegen import osc

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(osc.encode("/livegen/model", model), ("127.0.0.1", port))


def _own_tunes(paths: Sequence[Path]) -> "list[Tune]":
    """The tunes of journals and other music files. Raises FileError if there is no such file or folder."""
    from livegen.training import corpus, own_takes

    found: list[Tune] = []
    for path in _music(paths, (".jsonl", *corpus.ENDINGS)):
        if path.suffix != ".jsonl":
            found += corpus.read(path).tunes
            continue
        try:
            take = record.read(path)
        except FileError as error:  # other programs write files of that kind too
            click.echo(f"livegen: {error} It is left out.", err=True)
            continue
        settings = take.header.get("settings", {})
        found += own_takes.tunes(own_takes.Session(path.stem, take.heard, take.sent, take.changes, settings))
    return found


def _music(paths: Sequence[Path], endings: Sequence[str]) -> list[Path]:
    """The files of such kinds; not the MIDI files that a session left beside its journal."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise FileError(f"There is no {path}; play with `livegen jam` first, or name your music with --data.")
        inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        found += [each for each in inside if each.suffix.lower() in endings]
    journals = {each.with_suffix("") for each in found if each.suffix == ".jsonl"}
    return [each for each in found if each.suffix == ".jsonl" or each.with_suffix("") not in journals]


def _network(name: str) -> Path:
    """The file of a network. Raises ModelError if there is none, SettingsError for a model of another kind."""
    path = predictor.find(name, models_folder())
    if path.suffix != ".onnx":
        raise SettingsError(f"{name} is not a network that can be trained further; name one that is an .onnx file.")
    return path


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


@click.command()
@click.argument("models", nargs=-1)
@click.option(
    "--data", type=click.Path(path_type=Path), help="held-out ABC, MIDI or MusicXML files (default: the books')"
)
@click.option("--trained-on", type=click.Path(path_type=Path), help="what the models learnt from (default: the books)")
@click.option(
    "--samples", type=click.IntRange(0, 10_000), default=100, help="tunes each makes up (default 100; 0: none)"
)
@click.option("--baseline/--no-baseline", default=True, help="also the n-grams of the same training tunes")
@click.option("--transposed/--no-transposed", default=True, help="also what other keys cost")
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="also a picture, as a PNG")
@click.option("--claim", is_flag=True, help="beside dice and Markov chains of order 1 to 5: who copies, who remembers?")
def evaluate(
    models: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    plot: Path | None,
    claim: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Measure models on tunes they were not trained on, beside n-grams; and the tunes that they make up."""
    from rich.console import Console
    from rich.status import Status

    try:
        from livegen.training import evaluate as training
    except ImportError:
        raise SettingsError(_MISSING) from None
    paths = [predictor.find(name, models_folder()) for name in models or ("folk",)]
    measure = training.claim if claim else training.evaluate
    with Status("reading", console=Console(stderr=True)) as status:
        report = measure(paths, data, training.Plan(**options), status.update)
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else report.table())
    if plot is not None:
        report.draw(plot)
