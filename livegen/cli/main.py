"""The commands. Flags are made from the settings; training is imported only when asked for."""

import asyncio
import logging
import os
import secrets
import shutil
import sys
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from livegen import __version__
from livegen.cli import status_line
from livegen.cli.generate import generate
from livegen.cli.lists import doctor, models, ports
from livegen.cli.replay import replay
from livegen.cli.screen import Screen
from livegen.cli.training import evaluate, train
from livegen.control import show
from livegen.control.show import Show
from livegen.errors import EncodingError, LivegenError, ModelError, PortError, SettingsError
from livegen.journal import record
from livegen.journal.replay import header
from livegen.predictors import models as predictor
from livegen.session import voices
from livegen.session.voices import Declared
from livegen.settings import Settings, Spec, specs
from livegen.system import clock, paths, process

if TYPE_CHECKING:
    from livegen.live.server import Server

F = TypeVar("F", bound=Callable[..., Any])
_LONGEST_CONFIG = 64 * 1024  # bytes


class _Commands(click.Group):
    """Says what is wrong in one sentence: exit 2 for the user's mistake, 1 for anything else that failed."""

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


class _Prepared(NamedTuple):
    """What is known before the music begins."""

    settings: Settings
    show: Show
    voices: list[Declared]


def _prepared(config: Path | None, flags: dict[str, str | None]) -> _Prepared:
    """Defaults, then the TOML file, then the flags; and the show and the voices that the file declares."""
    table, played = show.split(_read_config(config), str(config)) if config else ({}, Show())
    table, tables = voices.split(table)
    settings = Settings.from_table(table, str(config))
    given = [name for name, value in flags.items() if value is not None]
    for name in given:
        settings.set(name, flags[name])
    try:
        declared = voices.declared(tables, settings, given)
    except SettingsError as error:
        raise SettingsError(f"In {config}: {error}") from None
    return _Prepared(settings, played, declared)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes()
        if len(text) > _LONGEST_CONFIG:
            raise SettingsError(f"{path} is longer than 64 KiB, which no settings file is; give another.")
        return tomllib.loads(text.decode())
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from None


def _seed(settings: Settings) -> int:
    """The seed that was asked for, else a new one."""
    return settings.seed or secrets.randbelow(2**31 - 1) + 1


def _load(name: str, say: Callable[[str], None]) -> predictor.Predictor:
    """The model, or, said in one sentence, plain scales in its stead."""
    try:
        return predictor.load(name, paths.models())
    except (ModelError, EncodingError) as error:
        say(f"{error} Meanwhile livegen plays plain scales.")
        return predictor.Untrained()


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
    prepared = _prepared(config, flags | {"page": "off"} if no_page else flags)
    screen = Screen(click.echo)
    clock.sharpen_timers()
    process.return_large_blocks()
    try:
        with asyncio.Runner(loop_factory=clock.Loop) as runner:
            journal = runner.run(_perform(prepared, screen))
        if journal.exists():
            _export(journal, journal.with_suffix(".mid"), screen.say)
    finally:
        screen.close()


async def _perform(prepared: _Prepared, screen: Screen) -> Path:
    """Play until a signal. Returns the journal."""
    from livegen.live import server, steering
    from livegen.midi import rig as ports
    from livegen.web import listeners as listeners  # here, so that the other commands start faster

    settings, played, declared = prepared
    say = _without_turns(screen) if _has_line(settings) else screen.say
    seed = _seed(settings)
    began = clock.now()
    session = voices.assembled(declared, settings, partial(_load, say=say), seed, began)
    folder = Path(settings.journal) if settings.journal else paths.journals()
    journal = record.Journal(folder, header(session, seed), clock.date(), began)
    # What goes wrong inside is written beside the journal: the screen may stand still.
    log = (
        logging.FileHandler(journal.path.with_suffix(".log"), delay=True)
        if not journal.trouble
        else logging.NullHandler()
    )
    logging.basicConfig(handlers=[log], level=logging.WARNING)
    holding = partial(steering.Steering, show=played, learned=paths.settings() / "learned.toml")
    player = server.Server(session, journal, say, paths.models(), holding)
    player.commands.slot_commands.keep_in(paths.slots())
    system = ports.find_system()
    rig = ports.Rig(system, settings.inputs, settings.outputs, player.hear_from_thread, say)
    if settings.realtime and process.take_priority() is None:  # refused, it plays as it can; `livegen doctor` says why
        rig.realtime = True
        say("livegen runs before other programs.")
    with process.steady_memory():
        try:
            await player.open(rig)
        except BaseException:
            player.close()
            raise
        try:
            player.open_page()
        except (PortError, SettingsError) as error:
            say(f"{error} Meanwhile the music plays on without a page.")
        _introduce(player, system.sentence, journal, say)
        if _has_line(settings):
            player.out.listeners = listeners.Listeners()
            screen.follow(partial(_line, player.out.listeners.said, settings), partial(click.echo, nl=False))
        await player.run()
    return journal.path


def _has_line(settings: Settings) -> bool:
    """Whether the terminal keeps a line up to date: it can, and there is no page that tells the same."""
    return not settings.page and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _line(said: status_line.Said, settings: Settings) -> str:
    return status_line.line(said, settings, shutil.get_terminal_size().columns)


def _without_turns(screen: Screen) -> Callable[[str], None]:
    """What shows sentences, but for whose turn it is, which the line tells."""
    return lambda sentence: None if sentence in process.TURNS else screen.say(sentence)


def _introduce(player: "Server", midi: str, journal: record.Journal, say: Callable[[str], None]) -> None:
    """What a musician should know before the first note."""
    settings = player.settings
    say(f"livegen {__version__}: model {player.session.predictor.name}, mode {settings.mode}")
    for sentence in voices.introduced(player.session):
        say(sentence)
    say(midi)
    listeners = "whoever sends /livegen/listen"
    if settings.osc_target not in ("", "none"):
        listeners = f"{settings.osc_target} and {listeners}"
    say(f"OSC: hears on port {player.osc_port}, speaks to {listeners}.")
    if player.page is not None:
        say(f"Page: {player.page.url}")
    say(journal.trouble or f"Journal: {journal.path}")
    journal.trouble = None
    if player.steering.trouble is not None:
        say(player.steering.trouble)
    say("Play a phrase and stop; livegen answers. Ctrl-C ends.")


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

    settings, _, declared = _prepared(config, flags)
    if target.exists() and source.exists() and target.samefile(source):
        raise SettingsError(f"{target} would be written over what it is made from; give another name.")
    seed = _seed(settings)
    load = partial(_load, say=lambda text: click.echo(text, err=True))
    session = voices.assembled(declared, settings, load, seed)
    score = offline.render(source, target, session, tail)
    if score.passed_over:
        _say(f"Passed over in {source.name}: {', '.join(score.passed_over)}.")
    _say(f"Wrote {target} (--seed {seed} plays the same again).")


for command in (models, ports, doctor, replay, train, evaluate, generate):
    main.add_command(command)
