"""`livegen replay JOURNAL`: plays a session again from its journal."""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from livegen.errors import SettingsError
from livegen.events import Heard
from livegen.journal import record
from livegen.predictors import models
from livegen.settings import Settings
from livegen.system import paths
from livegen.system.event_loop import Loop


@click.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="play with this setting instead; may be repeated"
)
@click.option("--play", is_flag=True, help="also let livegen's part be heard, over MIDI and OSC, in its own time")
@click.option("--json", "as_json", is_flag=True, help="for programs")
def replay(journal: Path, target: Path | None, changes: tuple[str, ...], play: bool, as_json: bool) -> None:
    """Play a journal's session again, bit for bit, and write it as a MIDI file.

    With --set it says what would have been played, had a setting been another: --set temperature=0.8.
    """
    from livegen.journal import replay as replays
    from livegen.midi import midifile

    take = record.read(journal)
    player = replays.Replay(take, partial(models.load, extra=paths.models()), _changes(changes))
    played = player.run()
    target = target or journal.with_suffix(".replay.mid")
    midifile.write(target, {"performer": take.heard, "player": played.played})
    if as_json:
        told = {
            "notes": played.notes,
            "same": played.differs is None if not changes else None,
            "events": played.expected,
            "unreadable": take.cut,
            "midi": str(target),
        }
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(replays.sentence(player, played))
        click.echo(f"Wrote {target}.")
        if take.cut:
            click.echo(f"The journal is damaged in {take.cut} place{'s' if take.cut > 1 else ''}.")
    if play:
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(_play(played.played, player.session.settings))
    if played.differs is not None and not changes:
        click.get_current_context().exit(1)


async def _play(events: Sequence[Heard], settings: Settings) -> None:
    """Let the events be heard, over MIDI and OSC."""
    from livegen.live import playback
    from livegen.live.output import Destinations, Output
    from livegen.midi import rig as ports
    from livegen.osc.endpoint import open_endpoint

    def say(sentence: str) -> None:
        click.echo(sentence, err=True)

    rig = ports.Rig(ports.find_system(), "none", settings.outputs, say)
    endpoint = await open_endpoint(0, settings.osc_target, lan=False)
    output = Output(settings, record.NoJournal(), say, Destinations(endpoint, rig))
    try:
        rig.open(lambda event, port: None)
        await playback.play(events, output)
    finally:
        rig.panic()
        rig.close()
        endpoint.close()


def _changes(given: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE pairs. Raises SettingsError."""
    changes = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign:
            raise SettingsError(f"--set takes NAME=VALUE, as in --set temperature=0.8; it got {each:.40}.")
        changes[name.strip().replace("-", "_")] = value.strip()
    return changes
