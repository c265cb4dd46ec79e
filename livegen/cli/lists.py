"""The commands that list the models, the MIDI ports, and the things that work on this machine."""

import json
import sys

import click

from livegen.predictors import models as predictor
from livegen.system import paths


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
def models(as_json: bool) -> None:
    """List the models that can be played."""
    cards, broken = predictor.cards(paths.models())
    if as_json:
        click.echo(json.dumps({"models": cards, "broken": broken}, indent=2))
        return
    for card in cards:
        click.echo(predictor.card_line(card))
    for sentence in broken:
        click.echo(sentence)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
def ports(as_json: bool) -> None:
    """List the MIDI ports."""
    from livegen.midi import rig

    system = rig.find_system()
    found = rig.list_ports(system)
    if as_json:
        click.echo(json.dumps({"system": system.name, "inputs": found.inputs, "outputs": found.outputs}, indent=2))
        return
    click.echo(system.sentence)
    for heading, names in (
        ("Inputs (livegen jam --inputs NAME)", found.inputs),
        ("Outputs (--outputs NAME)", found.outputs),
    ):
        click.echo(f"{heading}:")
        for name in names or ["none"]:
            click.echo(f"  {name}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
def doctor(as_json: bool) -> None:
    """List what works on this machine, and the next thing to do."""
    from livegen.cli import doctor as checks

    report = checks.examine(paths.data())
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        for check in report.checks:
            click.echo(f"{'ok ' if check.good else 'NO '} {check.name}: {check.sentence}")
        click.echo(f"Next: {report.next_step}")
    sys.exit(0 if report.playable else 1)
