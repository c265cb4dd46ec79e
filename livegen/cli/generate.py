"""`livegen generate KIND`: music written offline, as notation and MIDI. Each kind has a module of its own."""

import click

from livegen.cli.carnatic import carnatic
from livegen.cli.tunes import abc, dice, markov


@click.group()
def generate() -> None:
    """Make up music and write it to files."""


generate.add_command(abc)
generate.add_command(markov)
generate.add_command(dice)
generate.add_command(carnatic)
