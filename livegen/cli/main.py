"""The commands. Flags are made from the settings; training is imported only when it is asked for."""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from livegen import __version__
from livegen.charts.text import write_chart
from livegen.cli import app, progress
from livegen.cli.charts import charts, the_chart
from livegen.cli.completion import completion
from livegen.cli.evaluate import evaluate
from livegen.cli.examples import examples
from livegen.cli.generate import generate
from livegen.cli.jam import play
from livegen.cli.latency import latency
from livegen.cli.lists import doctor, models, ports
from livegen.cli.prepared import choose_seed, load_model, prepare
from livegen.cli.replay import replay
from livegen.cli.screen import Screen, printable
from livegen.cli.setting_flags import SettingsCommand, with_settings
from livegen.cli.training import train
from livegen.errors import LivegenError, NoSuchChartError, NoSuchModelError, SettingsError
from livegen.journal import record
from livegen.player import modes
from livegen.session import verbs, voices
from livegen.settings import Settings
from livegen.system import clock, process
from livegen.system.event_loop import Loop

_MOST_BEATS = 16  # of a bar
_OPENED = 10.0  # seconds that a browser has to take an address


class _Commands(click.Group):
    """Reports an error in one sentence: exit 2 for the user's mistake, 1 for any other failure, 130 after Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's own type)
        try:
            return super().invoke(ctx)
        except (SettingsError, NoSuchModelError, NoSuchChartError) as error:
            click.echo(printable(f"livegen: {error}"), err=True)
            ctx.exit(2)
        except LivegenError as error:
            click.echo(printable(f"livegen: {error}"), err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            ctx.exit(130)


def _say(sentence: str) -> None:
    click.echo(sentence)


_CHART = "play over this chart: a name that `livegen charts` lists, a file, or a link of iReal Pro's"
_with_band = click.option(
    "--with",
    "behind",
    metavar="PARTS",
    help="a band behind whatever mode is chosen: drums, bass, chords, or several with commas between them",
)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="livegen")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A bandmate that performers plug in: play a phrase, and livegen answers."""
    sys.path.insert(0, str(Path.cwd()))  # so that a mode of one's own is found
    if ctx.invoked_subcommand is None:
        ctx.invoke(jam)


@main.command(cls=SettingsCommand)
@click.option("--no-page", is_flag=True, help="no page, but a line in the terminal that tells how things stand")
@click.option("--chart", help=_CHART)
@click.option("--app", "as_app", is_flag=True, help="open the page in the browser, with a button that ends livegen")
@_with_band
@with_settings
def jam(config: Path | None = None, no_page: bool = False, as_app: bool = False, **flags: str | None) -> None:
    """Play: hear MIDI and OSC notes, and answer them."""
    try:
        _jam(config, flags | {"page": "off"} if no_page else flags, as_app)
    except LivegenError as error:
        if as_app:
            app.show_trouble(str(error))
        raise


def _jam(config: Path | None, flags: dict[str, str | None], as_app: bool) -> None:
    chart = flags.pop("chart", None)
    wanted = None if chart is None else the_chart(chart)
    behind = flags.pop("behind", None)
    prepared = prepare(config, flags)
    port = prepared.settings.http_port
    if as_app and app.is_playing(port):
        _say(f"livegen plays already, at http://127.0.0.1:{port}/")
        app.open_page(f"http://127.0.0.1:{port}/").join(_OPENED)
        return
    if behind:
        prepared = prepared._replace(voices=voices.with_parts(prepared.voices, prepared.settings, _parts(behind)))
    screen = Screen(click.echo)
    clock.sharpen_timers()
    process.return_large_blocks()
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            journal = runner.run(play(prepared, screen, wanted, as_app))
        if journal.exists():
            _export(journal, journal.with_suffix(".mid"), screen.say)
    finally:
        screen.close()


def _export(journal: Path, target: Path, say: Callable[[str], None]) -> None:
    """Write a journal as a MIDI file, if anything was played."""
    from livegen.journal import excerpts

    take = record.read(journal)
    if take.heard or take.sent:
        excerpts.write_midi(excerpts.excerpt(take, journal.stem), target)
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


@main.command(cls=SettingsCommand)
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--tail", type=click.FloatRange(0, 600), default=16.0, help="seconds that livegen may go on (default 16)")
@click.option("--chart", help=_CHART)
@_with_band
@with_settings
def render(
    source: Path, target: Path, tail: float, config: Path | None, chart: str | None = None, **flags: str | None
) -> None:
    """Play a MIDI, MusicXML or ABC file to livegen, and write both parts to a MIDI file."""
    from livegen import render as offline

    behind = flags.pop("behind", None)
    settings, _, declared = prepare(config, flags)
    if behind:
        declared = voices.with_parts(declared, settings, _parts(behind))
    if behind or settings.mode == modes.accompany.__name__:
        _take_metre(settings, source)
    if target.exists() and source.exists() and target.samefile(source):
        raise SettingsError(f"{target} would be written over what it is made from; give another name.")
    seed = choose_seed(settings)
    load = partial(load_model, say=lambda text: click.echo(text, err=True))
    wanted = None if chart is None else the_chart(chart)
    if wanted is not None:
        settings.set("metre", wanted.beats)
    session = voices.assembled(declared, settings, load, seed)
    if wanted is not None:
        verbs.do(session, "chart_text", 0.0, (write_chart(wanted),))
    with progress.shown(f"playing {source.name}") as played:
        score = offline.render(source, target, session, tail, offline.Audience(_say, played))
    if score.passed_over:
        _say(f"Passed over in {source.name}: {', '.join(score.passed_over)}.")
    _say(f"Wrote {target} (--seed {seed} plays the same again).")


def _parts(text: str) -> list[str]:
    """The parts that ``--with`` names."""
    return [part.strip().lower() for part in text.split(",") if part.strip()]


def _take_metre(settings: Settings, source: Path) -> None:
    """A drummer plays in the bars of the file, unless the setting ``metre`` says otherwise."""
    from livegen.files import music_file

    beats, _, unit = (music_file.read_score(source).metre or "").partition("/")
    if settings.metre == Settings.model_fields["metre"].default and unit in ("4", "8") and int(beats) <= _MOST_BEATS:
        settings.metre = int(beats)


for command in (charts, completion, examples, models, ports, doctor, latency, replay, train, evaluate, generate):
    main.add_command(command)
