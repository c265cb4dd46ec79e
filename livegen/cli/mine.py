"""`livegen train mine`: trains a model on one's own playing, once, or again whenever there is more to learn from."""

import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from livegen.cli import extras
from livegen.errors import FileError, LivegenError, ModelError, SettingsError
from livegen.journal import record
from livegen.predictors import models
from livegen.system import clock
from livegen.system import paths as folders

if TYPE_CHECKING:
    from livegen.tunes.tune import Tune

_LOOK = 3.0  # seconds between two looks at the journals
_NICEST = 19
_MINUTES = 5.0  # that it takes at most, if nothing else is said
_JAM = 7331  # where jam hears OSC, if nothing else is said


class Request(NamedTuple):
    """The options of a request; None: the user left it open."""

    seed: int
    minutes: float | None
    base: str | None
    watch: bool
    osc_port: int | None


def train(data: Sequence[Path], out: Path, request: Request) -> None:
    """Train on ``data``, or on jam's journals, and keep in ``out`` what is better. Raises what the training does."""
    _give_way()  # before torch is imported, which alone takes seconds
    with extras.needed():
        from livegen.training.network import lock
        from livegen.training.own import fine_tune, mine
        from livegen.training.own import watch as watching
    lock.hold(folders.runs() / mine.NAME)
    paths = list(data) or [folders.journals()]
    if request.watch and paths[0].is_file():
        raise SettingsError(f"{paths[0]} is a file; with --watch, name the folder that jam keeps its journals in.")
    run = folders.runs() / mine.NAME
    manner = fine_tune.FineTuneOptions(minutes=request.minutes or _MINUTES, seed=request.seed, run=run)
    plan = mine.MineOptions(network(request.base or "folk"), manner)
    once = partial(_make, paths, plan, out)
    try:
        if not request.watch:
            once()
            return
        click.echo("Watching what you play; Ctrl-C ends.")
        swap = partial(swap_model, request.osc_port or _JAM)
        watching.watch(watching.Folder(paths[0]), partial(_and_swap, once, swap), partial(clock.rest, _LOOK))
    except KeyboardInterrupt:
        click.echo("Stopped.")
        raise SystemExit(130) from None


def _give_way() -> None:
    """Give this process the lowest priority, so that it does not disturb a session on the same machine."""
    if hasattr(os, "nice"):
        os.nice(_NICEST)


def _make(paths: Sequence[Path], plan: Any, out: Path) -> Path:  # noqa: ANN401 (its class may not be installed)
    """Train once and show the verdict. Raises ModelError if the model is refused."""
    from rich.console import Console
    from rich.status import Status

    from livegen.training.own import mine

    with Status("reading what you played", console=Console(stderr=True)) as status:
        made = mine.make(own_tunes(paths), plan, out, status.update)
    click.echo(f"{made.story}\n{made.verdict.table()}")
    if made.path is None:
        raise ModelError(f"{made.verdict.refusal}")
    click.echo(f"Trained: {made.path}. Play it with: livegen jam --model {folders.model_name(made.path)}")
    return made.path


def _and_swap(make: Callable[[], Path], swap: Callable[[str], None]) -> None:
    """Train once, and swap in a good model. An error is shown and not raised, for the next time may be better."""
    try:
        swap(folders.model_name(make()))
    except LivegenError as error:
        click.echo(f"livegen: {error}", err=True)


def swap_model(port: int, model: str) -> None:
    """Have a running session, which hears OSC on ``port``, play with ``model``."""
    from livegen.osc import packets

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(packets.encode("/livegen/model", model), ("127.0.0.1", port))


def own_tunes(paths: Sequence[Path]) -> "list[Tune]":
    """The tunes of journals and other music files. Raises FileError if there is no such file or folder."""
    from livegen.training.corpus import corpus
    from livegen.training.own import journals as own_takes

    found = corpus.Corpus()
    for path in _music(paths, (".jsonl", *corpus.ENDINGS)):
        if path.suffix != ".jsonl":
            found.add_file(path)
            continue
        try:
            take = record.read(path)
        except FileError as error:  # other programs write files of that kind too
            click.echo(f"livegen: {error} It is left out.", err=True)
            continue
        settings = take.header.get("settings", {})
        found.tunes += own_takes.tunes(
            own_takes.PlayedJournal(path.stem, take.heard, take.sent, take.changes, settings)
        )
    found.warn()
    return found.tunes


def _music(paths: Sequence[Path], endings: Sequence[str]) -> list[Path]:
    """The files with these endings, without the MIDI files that a session wrote next to its journal."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise FileError(f"There is no {path}; play with `livegen jam` first, or name your music with --data.")
        inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        found += [each for each in inside if each.suffix.lower() in endings]
    journals = {each.with_suffix("") for each in found if each.suffix == ".jsonl"}
    return [each for each in found if each.suffix == ".jsonl" or each.with_suffix("") not in journals]


def network(name: str) -> Path:
    """The file of a network. Raises ModelError if there is none, SettingsError for a model of another kind."""
    path = models.find(name, folders.models())
    if not models.kind_of(path).trains_on:
        raise SettingsError(f"{name} is not a network that can be trained further; name one that is an .onnx file.")
    return path
