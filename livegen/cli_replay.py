"""`livegen replay JOURNAL`: a session played again from its journal."""

import json
from functools import partial
from pathlib import Path

import click

from livegen import predictor, record
from livegen.cli_training import models_folder
from livegen.errors import SettingsError


@click.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="play with this setting instead; may be repeated"
)
@click.option("--json", "as_json", is_flag=True, help="for programs")
def replay(journal: Path, target: Path | None, changes: tuple[str, ...], as_json: bool) -> None:
    """Play a journal's session again, bit for bit, and write it as a MIDI file.

    With --set it tells what would have been played, had a setting been another: --set temperature=0.8.
    """
    from livegen import midi
    from livegen import replay as replays

    take = record.read(journal)
    player = replays.Replay(take, partial(predictor.load, extra=models_folder()), _changes(changes))
    played = player.run()
    target = target or journal.with_suffix(".replay.mid")
    midi.write(target, {"performer": take.heard, "player": played.played})
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
    if played.differs is not None and not changes:
        click.get_current_context().exit(1)


def _changes(given: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE pairs. Raises SettingsError."""
    changes = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign:
            raise SettingsError(f"--set takes NAME=VALUE, as in --set temperature=0.8; it got {each:.40}.")
        changes[name.strip().replace("-", "_")] = value.strip()
    return changes
