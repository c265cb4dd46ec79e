"""`livegen jam`: sets up a live session, introduces it to the musician, and plays until a signal."""

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livegen import __version__
from livegen.charts.chart import Chart
from livegen.cli import app, status_line
from livegen.cli.prepared import Prepared, choose_seed, load_model
from livegen.cli.screen import Screen
from livegen.errors import LivegenError, PortError, SettingsError
from livegen.journal import unfinished
from livegen.journal.record import Journal
from livegen.journal.replay import header
from livegen.music import drums
from livegen.predictors import models
from livegen.session import voices
from livegen.session.any_session import AnySession
from livegen.settings import Settings
from livegen.system import clock, paths, process

if TYPE_CHECKING:
    from livegen.live.server import Server
    from livegen.midi.rig import Rig


async def play(prepared: Prepared, screen: Screen, chart: Chart | None = None, as_app: bool = False) -> Path:
    """Put a session together, and play until a signal, over a chart if there is one. Returns the journal.

    ``as_app``: the browser shows the page, which may end it.

    Raises PortError or SettingsError.
    """
    from livegen.live.resources import Resources  # here, so that the other commands start faster
    from livegen.live.server import open_server

    settings = prepared.settings
    say = _without_turns(screen) if _has_line(settings) else screen.say
    session, seed = _make_session(prepared, say)
    left = unfinished.releases(_folder(settings), clock.date().timestamp())
    journal = _open_journal(session, seed)
    rig = _make_rig(settings, say)
    learned = paths.settings() / "learned.toml"
    resources = Resources(prepared.show, paths.models(), paths.slots(), learned, paths.charts())
    with process.steady_memory():
        server = await open_server(session, journal, say, rig, resources)
        try:
            server.open_page(ends=as_app)
        except (PortError, SettingsError) as error:
            say(f"{error} Meanwhile the music plays on without a page.")
        if chart is not None:
            server.commands.chart_commands.play(chart)
            say(f"Chart: {chart.title}, {len(chart.bars)} bars in {chart.key.name}.")
        if left:
            for event in left:
                rig.send(event)
            say("The last session was cut off while notes sounded; they are ended.")
        _introduce(server, rig.system.sentence, say)
        if as_app and server.page.url:
            app.open_page(server.page.url)
        if _has_line(settings):
            said = server.output.listeners.said
            screen.follow(partial(_line, said, settings), partial(click.echo, nl=False))
        await server.run(last=True)
    return journal.path


def _make_session(prepared: Prepared, say: Callable[[str], None]) -> tuple[AnySession, int]:
    """The session that begins now, and its seed."""
    seed = choose_seed(prepared.settings)
    load = partial(load_model, say=say)
    for name in {each.drums for each in (prepared.settings, *(voice.settings for voice in prepared.voices))}:
        if name != drums.OFF:
            with contextlib.suppress(LivegenError):  # otherwise it is reported when drums are to play
                models.drummer(name)  # read before it is needed
    return voices.assembled(prepared.voices, prepared.settings, load, seed, clock.now()), seed


def _folder(settings: Settings) -> Path:
    """The folder of the journals."""
    return Path(settings.journal) if settings.journal else paths.journals()


def _open_journal(session: AnySession, seed: int) -> Journal:
    """The journal, and next to it a log of what goes wrong inside: the screen may not be read."""
    settings = session.settings
    journal = Journal(_folder(settings), header(session, seed), clock.date(), session.now)
    log = process.Log(journal.path.with_suffix(".log")) if not journal.trouble else logging.NullHandler()
    logging.basicConfig(handlers=[log], level=logging.WARNING)
    return journal


def _make_rig(settings: Settings, say: Callable[[str], None]) -> "Rig":
    """The MIDI ports, not open yet; and real-time priority, if it is wanted and can be had."""
    from livegen.midi import rig as ports

    rig = ports.Rig(ports.find_system(), settings.inputs, settings.outputs, say)
    rig.guard.wished = settings.note_guard
    if settings.realtime and process.take_priority() is None:  # if not, it plays as it can; `livegen doctor` says why
        rig.realtime = rig.guard.realtime = True
        say("livegen runs before other programs.")
    return rig


def _has_line(settings: Settings) -> bool:
    """Whether the terminal keeps a line up to date: it can, and there is no page that shows the same."""
    return not settings.page and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _line(said: status_line.Said, settings: Settings) -> str:
    return status_line.line(said, settings, shutil.get_terminal_size().columns)


def _without_turns(screen: Screen) -> Callable[[str], None]:
    """Shows sentences, except those that say whose turn it is, for the line shows that."""
    return lambda sentence: None if sentence in process.TURNS else screen.say(sentence)


def _introduce(server: "Server", midi: str, say: Callable[[str], None]) -> None:
    """Say what a musician should know before the first note."""
    settings, journal = server.settings, server.journal
    say(f"livegen {__version__}: model {server.session.predictor.name}, mode {settings.mode}")
    for sentence in voices.introduced(server.session):
        say(sentence)
    say(midi)
    listeners = "whoever sends /livegen/listen"
    if settings.osc_target not in ("", "none"):
        listeners = f"{settings.osc_target} and {listeners}"
    say(f"OSC: hears on port {server.osc_port}, speaks to {listeners}.")
    if server.page.url:
        say(f"Page: {server.page.url}")
    say(journal.trouble or f"Journal: {journal.path}")
    journal.trouble = None
    if server.steering.trouble is not None:
        say(server.steering.trouble)
    say("Play a phrase and stop; livegen answers. Ctrl-C ends.")
