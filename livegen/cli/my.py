"""`livegen train my`: trains the shipped model that fits further on a folder of music, and says how good it became."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from livegen.cli import extras, mine
from livegen.errors import ModelError
from livegen.system import paths as folders

NOTHING = "none"  # the base of a model that is trained from the beginning
_MINUTES = 15.0  # that it takes at most, if nothing else is said


def tell_verdict(path: Path, data: Path, seed: int, exclude: Path | None) -> None:
    """Show the verdict on a model that was trained from nothing. It is kept, for it took long, whatever that says."""
    from livegen.training.own import my

    found = my.verdict(path, data, seed, exclude)
    click.echo(f"{found.sentence}\n\n{found.table()}")
    if found.refusal is not None:
        click.echo(f"{found.refusal} It is kept all the same.")


def train(data: Path, out: Path, meant: dict[str, Any]) -> Path:
    """Train, and show the verdict. Raises FileError for too little music, ModelError if the model is refused."""
    from rich.console import Console
    from rich.status import Status

    with extras.needed():
        from livegen.training.own import fine_tune, my
        from livegen.training.own import mine as tuning
    with Status("reading the music", console=Console(stderr=True)) as status:
        tunes = my.music(data)
        base = meant["base"] or my.fitting(tunes)
        click.echo(f"{len(tunes)} pieces; it begins from {base}.")
        options = partial(tuning.MineOptions, name=my.NAME, about=my.ABOUT, counted=True, anyway=meant["anyway"])
        run = folders.runs() / my.NAME
        manner = fine_tune.FineTuneOptions(minutes=meant["minutes"] or _MINUTES, seed=meant["seed"], run=run)
        made = tuning.make(tunes, options(mine.network(base), manner), out, status.update)
    click.echo(f"{made.verdict.sentence}\n\n{made.story}\n{made.verdict.table()}")
    if made.path is None:
        raise ModelError(f"{made.verdict.refusal} It is not kept; with --anyway it is.")
    click.echo(f"Trained: {made.path}. Play it with: livegen jam --model {folders.model_name(made.path)}")
    return made.path
