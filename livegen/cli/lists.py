"""The commands that list the models, the MIDI ports, and the things that work on this machine."""

import json
import sys

import click

from livegen.cli.screen import printable
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
    from livegen.midi.daw_ports import keyboards, left_alone
    from livegen.midi.names import is_synth

    system = rig.find_system()
    found = rig.list_ports(system)
    if as_json:
        click.echo(json.dumps({"system": system.name, "inputs": found.inputs, "outputs": found.outputs}, indent=2))
        return
    click.echo(system.sentence)
    heard, for_daws = keyboards(found.inputs, system.name)
    played = [name for name in found.outputs if is_synth(name)][:1]
    _list("Inputs", "livegen hears it by itself", "--inputs", found.inputs, heard)
    _list("Outputs", "livegen plays to it by itself", "--outputs", found.outputs, played)
    if for_daws:
        click.echo(left_alone(for_daws))


def _list(heading: str, taken: str, flag: str, names: list[str], by_itself: list[str]) -> None:
    click.echo(f"{heading}:")
    for name in names:
        told = taken if name in by_itself else f"livegen jam {flag} {json.dumps(printable(name), ensure_ascii=False)}"
        click.echo(f"  {printable(name)}  ({click.style(told, fg='green' if name in by_itself else None)})")
    if not names:
        click.echo("  none")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.option("--play", is_flag=True, help="also play five notes to the MIDI outputs, and measure how long they take")
def doctor(as_json: bool, play: bool) -> None:
    """List what works on this machine, and the next thing to do."""
    from livegen.cli import doctor as checks

    report = checks.examine(paths.data(), play)
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        for check in report.checks:
            mark = click.style("ok ", fg="green") if check.good else click.style("NO ", fg="red", bold=True)
            click.echo(f"{mark} {click.style(check.name, bold=True)}: {check.sentence}")
        click.echo(f"{click.style('Next:', bold=True)} {report.next_step}")
    sys.exit(0 if report.playable else 1)
