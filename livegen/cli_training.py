"""The commands that need the training extra; it is imported only inside them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from livegen.errors import SettingsError

if TYPE_CHECKING:
    from livegen.training.train import Progress

_MISSING = "Training needs torch and its company: run `make train` in a checkout, or pip install 'livegen[train]'."


def models_folder() -> Path:
    """Where the models that a user trains are kept, and found by name."""
    return platformdirs.user_data_path("livegen", appauthor=False) / "models"


def _runs_folder() -> Path:
    """Where trainings keep their checkpoints, logs and plots."""
    return platformdirs.user_cache_path("livegen", appauthor=False) / "training"


@click.command()
@click.argument("recipe")
@click.option("--data", type=click.Path(path_type=Path), help="a folder of MIDI, MusicXML or ABC; `folk` needs none")
@click.option("--out", type=click.Path(path_type=Path), help="where the model goes (default: where jam finds it)")
@click.option("--seed", type=int, default=1, help="same seed, same model (default 1)")
@click.option("--minutes", type=click.FloatRange(min=0.05), help="stop in time")
@click.option("--epochs", type=click.IntRange(min=1), help="how often to go through the data (default: the recipe's)")
@click.option("--resume", is_flag=True, help="go on where an earlier training was stopped")
@click.option("--exclude", type=click.Path(path_type=Path), help="leave out every variant of the tunes in this folder")
def train(recipe: str, data: Path | None, out: Path | None, resume: bool, **options: Any) -> None:  # noqa: ANN401
    """Train a model: `folk`, `my` (with --data), or a recipe's TOML file. Ctrl-C stops; --resume goes on."""
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
def evaluate(
    models: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    plot: Path | None,
    **options: Any,  # noqa: ANN401
) -> None:
    """Measure models on tunes they were not trained on, beside n-grams; and the tunes that they make up."""
    from rich.console import Console
    from rich.status import Status

    from livegen import predictor

    try:
        from livegen.training.evaluate import Plan
        from livegen.training.evaluate import evaluate as measure
        from livegen.training.picture import draw
    except ImportError:
        raise SettingsError(_MISSING) from None
    paths = [
        Path(name) if name.endswith(".onnx") else predictor.find(name, models_folder()) for name in models or ("folk",)
    ]
    with Status("reading", console=Console(stderr=True)) as status:
        report = measure(paths, data, Plan(**options), status.update)
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else report.table())
    if plot is not None:
        draw(report, plot)
