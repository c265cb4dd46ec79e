"""`livegen generate KIND`: music written offline, as notation and MIDI. Each kind has a module of its own."""

import click


@click.group()
def generate() -> None:
    """Make up music and write it to files."""
