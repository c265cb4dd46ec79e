"""The commands that need the training extra; it is imported only inside them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livegen.cli import characters, extras, mine
from livegen.errors import SettingsError
from livegen.predictors import models as predictor
from livegen.predictors import varisai_network as carnatic
from livegen.system import paths as folders

if TYPE_CHECKING:
    from livegen.training.evaluation.claim import Claim
    from livegen.training.evaluation.report import Report
    from livegen.training.network.loop import Progress
    from livegen.training.varisais.evaluate import VarisaiReport


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
@click.option("--resume", is_flag=True, help="continue where an earlier training was stopped")
@click.option("--exclude", type=click.Path(path_type=Path), help="leave out every variant of the tunes in this folder")
@click.option("--base", help="`mine`: the model to begin from (default folk)")
@click.option("--watch", is_flag=True, help="`mine`: stay, train again when you have played more, and swap it in")
@click.option("--osc-port", type=click.IntRange(1, 65535), help="`mine`: where jam hears OSC (default 7331)")
@click.option("--order", type=click.IntRange(1, 5), help="`markov`: how many notes it looks back on (default 3)")
def train(recipe: str, data: tuple[Path, ...], out: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Train a model: `folk`, `my` (with --data), or a recipe's TOML file. Ctrl-C stops; --resume continues.

    `mine` trains a model further on what you played, in minutes, and keeps it only if it is better for your playing.
    `carnatic` learns the Sarali Varisais, in seconds: `livegen generate carnatic` writes new ones.
    `abc` trains a character model, which writes notation, in a quarter of an hour: `livegen generate abc --model abc`
    writes tunes. `markov` counts what follows what, in the tune books or in --data, which takes seconds.
    """
    of_its_own = _RECIPES.get(recipe)
    if of_its_own is not None:
        of_its_own(data, out, options)
    else:
        _train_recipe(recipe, data, out, options)


def _train_carnatic(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """The published experiment reproduced, and the model that `livegen generate carnatic` writes with."""
    meant = _meant("carnatic", options | {"data": data}, "seed")
    with extras.needed():
        from livegen.training.varisais import train as carnatic
    path = carnatic.write(out or folders.models(), meant["seed"], click.echo)
    click.echo(f"Trained: {path}. It writes: livegen generate carnatic")


def _train_abc(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Train a character model on the books or a folder of ABC files."""
    meant = _meant("abc", options, "seed", "minutes", "epochs", "resume")
    music = _one_folder("abc", data)
    with extras.needed():
        from livegen.training.network.loop import TrainOptions
    path = characters.train(music, out or folders.models(), TrainOptions(runs=folders.runs(), **meant))
    name = path.stem if out is None else path
    click.echo(f"Trained: {path}. It writes: livegen generate abc --model {name}")


def _train_markov(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Count what follows what. Nothing is drawn, so every seed gives the same model, and it is too fast to be
    stopped."""
    order = _meant("markov", options, "seed", "order")["order"]
    music = _one_folder("markov", data)
    with extras.needed():
        from livegen.training.ngrams import markov
    path = markov.fit(music, out or folders.models(), order or markov.ORDER)
    click.echo(f"Trained: {path}. Play it with: livegen jam --model {folders.model_name(path)}")


def _train_mine(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """A model of one's own playing."""
    request = mine.Request(**_meant("mine", options, *mine.Request._fields))
    mine.train(data, out or folders.models(), request)


_RECIPES: dict[str, Callable[[Sequence[Path], Path | None, dict[str, Any]], None]] = {
    "carnatic": _train_carnatic,
    "abc": _train_abc,
    "markov": _train_markov,
    "mine": _train_mine,
}


def _meant(recipe: str, options: dict[str, Any], *names: str) -> dict[str, Any]:
    """The options of these names. Raises SettingsError if another was given, which means nothing to the recipe."""
    for name, value in options.items():
        if value and name not in names:
            raise SettingsError(f"--{name.replace('_', '-')} means nothing to `livegen train {recipe}`; leave it out.")
    return {name: options[name] for name in names}


def _one_folder(recipe: str, data: Sequence[Path]) -> Path | None:
    """The path that --data named, None if it was not given. Raises SettingsError if it was given more than once."""
    if len(data) > 1:
        raise SettingsError(f"`livegen train {recipe}` takes one --data; put the music into one folder.")
    return data[0] if data else None


def _train_recipe(recipe: str, data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Train what a recipe says."""
    meant = _meant(recipe, options, "seed", "minutes", "epochs", "resume", "exclude")
    music = _one_folder(recipe, data)
    with extras.needed():
        from livegen.training.network import train as training
        from livegen.training.network.loop import TrainOptions
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
            chosen = TrainOptions(runs=folders.runs(), **meant)
            path = training.train(recipe, music, out or folders.models(), chosen, report)
        except KeyboardInterrupt:
            bar.stop()
            click.echo("Stopped. The same command with --resume continues from the last whole epoch, if there was one.")
            raise SystemExit(130) from None
    click.echo(f"Trained: {path}. Play it with: livegen jam --model {path.stem if out is None else path}")


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
@click.option("--claim", is_flag=True, help="with dice and Markov chains of order 1 to 5: who copies, who remembers?")
def evaluate(
    models: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    plot: Path | None,
    claim: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Measure models on tunes they were not trained on, next to n-grams; and the tunes that they make up.

    `carnatic`, which knows no other music than varisais, is measured by those that it makes up.
    """
    from rich.console import Console
    from rich.status import Status

    with extras.needed():
        from livegen.training.evaluation import evaluate as training
        from livegen.training.varisais import evaluate as carnatic_evaluation
    paths = [predictor.find(name, folders.models()) for name in models or ("folk",)]
    plan = training.EvaluationOptions(**options)
    report: Report | Claim | VarisaiReport
    with Status("reading", console=Console(stderr=True)) as status:
        if claim:
            report = training.claim(paths, data, plan, status.update)
        elif data is None and {path.suffix for path in paths} == {carnatic.ENDING}:
            report = carnatic_evaluation.evaluate(paths, plan, status.update)
        else:
            report = training.evaluate(paths, data, plan, status.update)
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else report.table())
    if plot is not None:
        report.draw(plot)
