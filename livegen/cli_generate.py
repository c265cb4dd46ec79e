"""`livegen generate KIND`: music written offline, as notation and MIDI. Each kind has a module of its own."""

import click

from livegen.cli_carnatic import carnatic


@click.group()
def generate() -> None:
    """Make up music and write it to files."""


generate.add_command(carnatic)
