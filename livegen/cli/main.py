"""The commands. Flags are made from the settings; training is imported only when it is asked for."""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from livegen import __version__
from livegen.cli.generate import generate
from livegen.cli.jam import play
from livegen.cli.lists import doctor, models, ports
from livegen.cli.prepared import choose_seed, load_model, prepare
from livegen.cli.replay import replay
from livegen.cli.screen import Screen
from livegen.cli.training import evaluate, train
from livegen.errors import LivegenError, SettingsError
from livegen.journal import record
from livegen.session import voices
from livegen.settings import specs
from livegen.spec import Spec
from livegen.system import clock, process

F = TypeVar("F", bound=Callable[..., Any])


class _Commands(click.Group):
    """Reports an error in one sentence: exit 2 for the user's mistake, 1 for any other failure."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's own type)
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo(f"livegen: {error}", err=True)
            ctx.exit(2)
        except LivegenError as error:
            click.echo(f"livegen: {error}", err=True)
            ctx.exit(1)


def _flags(function: F) -> F:
    """A flag for each setting, and --config."""
    for spec in reversed(list(specs())):
        function = click.option(
            f"--{spec.name.replace('_', '-')}",
            spec.name,
            default=None,
            type=str,
            metavar=_metavar(spec),
            help=_help(spec),
        )(function)
    return click.option("--config", type=click.Path(path_type=Path), help="a TOML file of settings")(function)


def _metavar(spec: Spec) -> str:
    return "ON|OFF" if spec.kind is bool else "NAME" if spec.low is None else "NUMBER"


def _help(spec: Spec) -> str:
    default = ("on" if spec.default else "off") if spec.kind is bool else spec.default
    return f"{spec.help} ({spec.range}{f'; default {default}' if default != '' else ''})"


def _say(sentence: str) -> None:
    click.echo(sentence)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="livegen")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A bandmate that performers plug in: play a phrase, and livegen answers."""
    sys.path.insert(0, str(Path.cwd()))  # so that a mode of one's own is found
    if ctx.invoked_subcommand is None:
        ctx.invoke(jam)


@main.command()
@click.option("--no-page", is_flag=True, help="no page, but a line in the terminal that tells how things stand")
@_flags
def jam(config: Path | None = None, no_page: bool = False, **flags: str | None) -> None:
    """Play: hear MIDI and OSC notes, and answer them."""
    prepared = prepare(config, flags | {"page": "off"} if no_page else flags)
    screen = Screen(click.echo)
    clock.sharpen_timers()
    process.return_large_blocks()
    try:
        with asyncio.Runner(loop_factory=clock.Loop) as runner:
            journal = runner.run(play(prepared, screen))
        if journal.exists():
            _export(journal, journal.with_suffix(".mid"), screen.say)
    finally:
        screen.close()


def _export(journal: Path, target: Path, say: Callable[[str], None]) -> None:
    """Write a journal as a MIDI file, if anything was played."""
    from livegen.midi import midifile as midi

    take = record.read(journal)
    if take.heard or take.sent:
        midi.write(target, {"performer": take.heard, "player": take.sent}, marks=take.marks)
        say(f"Recorded: {target}")
    if take.cut:
        say(f"Left out, because the journal is damaged there: {take.cut} line{'s' if take.cut > 1 else ''}.")


@main.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--part",
    type=click.Choice(["all", "take", "phrase"]),
    default="all",
    help="all of it, what was played since the last /livegen/take, or the last phrase",
)
def export(journal: Path, target: Path | None, part: str) -> None:
    """Write a journal as a MIDI file, or as ABC when TARGET ends in .abc."""
    target = target or journal.with_suffix(".mid")
    if part == "all" and target.suffix != ".abc":
        return _export(journal, target, _say)
    from livegen.journal import excerpts

    excerpts.write(journal, target, part)
    _say(f"Wrote {target}.")


@main.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--tail", type=click.FloatRange(0, 600), default=16.0, help="seconds the player may go on (default 16)")
@_flags
def render(source: Path, target: Path, tail: float, config: Path | None, **flags: str | None) -> None:
    """Play a MIDI, MusicXML or ABC file to the player, and write both parts to a MIDI file."""
    from livegen import render as offline

    settings, _, declared = prepare(config, flags)
    if target.exists() and source.exists() and target.samefile(source):
        raise SettingsError(f"{target} would be written over what it is made from; give another name.")
    seed = choose_seed(settings)
    load = partial(load_model, say=lambda text: click.echo(text, err=True))
    session = voices.assembled(declared, settings, load, seed)
    score = offline.render(source, target, session, tail)
    if score.passed_over:
        _say(f"Passed over in {source.name}: {', '.join(score.passed_over)}.")
    _say(f"Wrote {target} (--seed {seed} plays the same again).")


for command in (models, ports, doctor, replay, train, evaluate, generate):
    main.add_command(command)
