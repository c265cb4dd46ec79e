"""The commands that need the training extra; it is imported only inside them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livegen.cli import characters, extras, mine, my
from livegen.errors import SettingsError
from livegen.predictors import models as predictor
from livegen.system import paths as folders

if TYPE_CHECKING:
    from livegen.training.network.loop import Progress


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
@click.option("--devices", type=click.IntRange(min=1), help="processes, or GPUs, that share the training (default 1)")
@click.option("--accelerator", type=click.Choice(["cpu", "gpu"]), help="where it computes (default cpu)")
@click.option("--precision", type=click.Choice(["32", "bf16"]), help="of its numbers (default: bf16 on a GPU)")
@click.option("--scheduler", help="address of a Dask scheduler, whose workers read a large --data")
@click.option("--exclude", type=click.Path(path_type=Path), help="leave out every variant of the tunes in this folder")
@click.option("--base", help="`mine`, `my`, `songs`: the model to begin from (`my --base none`: from nothing)")
@click.option("--anyway", is_flag=True, help="`my`: keep the model even if it is not good")
@click.option("--watch", is_flag=True, help="`mine`: stay, train again when you have played more, and swap it in")
@click.option("--osc-port", type=click.IntRange(1, 65535), help="`mine`: where jam hears OSC (default 7331)")
@click.option("--order", type=click.IntRange(1, 5), help="`markov`: how many notes it looks back on (default 3)")
def train(recipe: str, data: tuple[Path, ...], out: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Train a model: `my` (with --data), `folk`, or a recipe's TOML file. Ctrl-C stops; --resume continues.

    `my` trains the shipped model that fits your music (`piano` or `folk`) further, and says how good it became.

    `drums` trains the drummer on takes of drummers, in half an hour.
    `mine` trains a model further on what you played, in minutes, and keeps it only if it is better for your playing.
    `songs` trains `folk` further on lead sheets (with --data), so that it knows both dances and songs.
    `carnatic` learns the Sarali Varisais, in seconds: `livegen generate carnatic` writes new ones.
    `abc` trains a character model, which writes notation, in a quarter of an hour: `livegen generate abc --model abc`
    writes tunes. `markov` counts what follows what, in the tune books or in --data, which takes seconds. `changes`
    counts the chords and melodies of lead sheets, with which livegen hears chords; `over-chords` fits how melodies lie
    on them, with which livegen plays over a chart. `comping` counts in which rhythms chords accompany songs. `touch`
    learns from pianists how loud, how late and how long notes are played.
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
    path = _own(markov.fit(music, out or folders.models(), order or markov.ORDER), out)
    click.echo(f"Trained: {path}. Play it with: livegen jam --model {folders.model_name(path)}")


def _train_mine(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """A model of one's own playing."""
    request = mine.Request(**_meant("mine", options, *mine.Request._fields))
    mine.train(data, out or folders.models(), request)


def _train_my(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """A model of one's own music."""
    music = _one_folder("my", data)
    if options["base"] == my.NOTHING or music is None:
        path = _train_recipe("my", data, out, options | {"base": None})
        if music is not None:
            my.tell_verdict(path, music, options["seed"], options["exclude"])
        return
    my.train(music, out or folders.models(), _meant("my", options, "seed", "minutes", "base", "anyway"))


def _train_changes(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Count the tables with which chords are heard, in half of the lead sheets of a folder."""
    _meant("changes", options, "seed")
    music = _one_folder("changes", data)
    if music is None:
        raise SettingsError("`livegen train changes` needs --data, a folder of lead sheets in MusicXML.")
    from livegen.listening import chord_tables
    from livegen.training.changes import count

    path = count.train(music, chord_tables.SHIPPED if out is None else out)
    click.echo(f"Counted: {path}. Measure it with: livegen evaluate changes --data {music}")


def _train_comping(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Count the rhythms in which chords accompany songs."""
    _meant("comping", options, "seed")
    music = _one_folder("comping", data)
    if music is None:
        raise SettingsError("`livegen train comping` needs --data, a folder of songs with piano in MusicXML.")
    from livegen.player import comping_learnt
    from livegen.training.comping import count

    path = count.train(music, comping_learnt.SHIPPED if out is None else out)
    click.echo(f"Counted: {path}. Play with it: livegen jam --with bass,chords")


def _train_over_chords(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Fit the weights by which melodies lean to chords, to half of the lead sheets of a folder."""
    _meant("over-chords", options, "seed")
    music = _one_folder("over-chords", data)
    if music is None:
        raise SettingsError("`livegen train over-chords` needs --data, a folder of lead sheets in MusicXML.")
    from livegen.cli import solos
    from livegen.predictors import over_chords

    with extras.needed():
        from livegen.training.changes import lines
    path = lines.train(music, over_chords.SHIPPED if out is None else out, solos.solo)
    click.echo(f"Fitted: {path}. Measure it with: livegen evaluate changes --data {music}")


def _train_drums(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Train the drummer on takes of drummers."""
    meant = _meant("drums", options, "seed", "minutes", "epochs", "resume")
    music = _one_folder("drums", data)
    if music is None:
        raise SettingsError("The drummer learns from a folder of drum takes, such as Groove; give it with --data.")
    with extras.needed():
        from livegen.training.drums import train as drums
        from livegen.training.network.loop import TrainOptions

    def report(progress: "Progress") -> None:
        if progress.share == 1.0 or progress.training == 0.0:
            return
        click.echo(
            f"epoch {progress.epoch}/{progress.epochs}, {progress.held_out:.3f} bits a hit\r", nl=False, err=True
        )

    path = _own(drums.train(music, out or folders.models(), TrainOptions(runs=folders.runs(), **meant), report), out)
    name = path.stem if out is None else path
    click.echo(f"Trained: {path}. Play with it: livegen jam --mode accompany --drums {path}, or --model {name}")


def _train_touch(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """Learn the touch of pianists that livegen plays with where the performer's says nothing."""
    meant = _meant("touch", options, "seed")
    music = _one_folder("touch", data)
    if music is None:
        raise SettingsError("`livegen train touch` needs --data, a folder of match files such as that of Vienna 4x22.")
    with extras.needed():
        from livegen.training.touch import train as touch
    path = touch.train(music, out, meant["seed"])
    click.echo(f"Learnt: {path}. Measure it with: livegen evaluate touch --data {music}")


def _train_songs(data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> None:
    """A network of melodies trained further on songs."""
    from rich.console import Console
    from rich.status import Status

    meant = _meant("songs", options, "seed", "minutes", "base")
    music, base = _one_folder("songs", data), mine.network(meant["base"] or "folk")
    if music is None:
        raise SettingsError("`livegen train songs` needs songs; give a folder of lead sheets with --data.")
    with extras.needed():
        from livegen.training.own import songs
    minutes, run = meant["minutes"] or songs.MINUTES, folders.runs() / songs.NAME
    manner = replace(songs.MANNER, seed=meant["seed"], minutes=minutes, run=run)
    with Status("reading the music", console=Console(stderr=True)) as status:
        path = _own(songs.train(music, base, out or folders.models(), manner, status.update), out)
    click.echo(f"Trained: {path}. Play it with: livegen jam --model {path.stem if out is None else path}")


_RECIPES: dict[str, Callable[[Sequence[Path], Path | None, dict[str, Any]], None]] = {
    "carnatic": _train_carnatic,
    "abc": _train_abc,
    "markov": _train_markov,
    "mine": _train_mine,
    "my": _train_my,
    "changes": _train_changes,
    "over-chords": _train_over_chords,
    "comping": _train_comping,
    "drums": _train_drums,
    "songs": _train_songs,
    "touch": _train_touch,
}


def _own(path: Path, out: Path | None) -> Path:
    """A model in the user's own folder: it never takes the name of one that comes with livegen."""
    if out is not None or path.stem not in predictor.names():
        return path
    kept = path.replace(path.with_stem(f"my-{path.stem}"))
    click.echo(f"{path.stem} is the name of a model that comes with livegen; yours is called {kept.stem}.")
    return kept


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


def _train_recipe(recipe: str, data: Sequence[Path], out: Path | None, options: dict[str, Any]) -> Path:
    """Train what a recipe says. Returns the model, which the first of several processes writes, and reports."""
    where = ("devices", "accelerator", "precision")
    meant = _meant(recipe, options, "seed", "minutes", "epochs", "resume", "exclude", "scheduler", *where)
    music = _one_folder(recipe, data)
    from livegen.training import recipe as recipes

    recipes.load(recipe)  # before torch, which takes seconds
    with extras.needed():
        from livegen.training.network import processes
        from livegen.training.network import train as training
        from livegen.training.network.loop import TrainOptions
    on = processes.Processes(**{name: value for name in where if (value := meant.pop(name)) is not None})
    first = processes.is_first()
    from rich import progress as rich_progress

    text = rich_progress.TextColumn
    columns = (text("{task.description}"), rich_progress.BarColumn(), text("{task.fields[told]}"))
    with rich_progress.Progress(*columns, disable=not first) as bar:
        task = bar.add_task(f"training {recipe}", total=1.0, told="reading the music")

        def report(progress: "Progress") -> None:
            told = f"epoch {progress.epoch}/{progress.epochs}, {progress.held_out:.3f} bits a note"
            told += f" (best {progress.best:.3f}), {_minutes(progress.left)} left"
            bar.update(task, completed=progress.share, told=told)

        try:
            chosen = TrainOptions(runs=folders.runs(), processes=on, **meant)
            path = training.train(recipe, music, out or folders.models(), chosen, report)
        except KeyboardInterrupt:
            bar.stop()
            if first:
                click.echo(_STOPPED)
            raise SystemExit(130) from None
    if not first:
        raise SystemExit(0)
    path = _own(path, out)
    click.echo(f"Trained: {path}. Play it with: livegen jam --model {path.stem if out is None else path}")
    return path


_STOPPED = "Stopped. The same command with --resume continues from the last whole epoch, if there was one."


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
