"""`livegen completion`: how a shell completes livegen's commands and flags with the tab key."""

import os
from pathlib import Path

import click

from livegen.errors import SettingsError

# A shell, the file that it reads when it starts, and the line to put there.
_LINES = {
    "bash": ("~/.bashrc", 'eval "$(_LIVEGEN_COMPLETE=bash_source livegen)"'),
    "zsh": ("~/.zshrc", 'eval "$(_LIVEGEN_COMPLETE=zsh_source livegen)"'),
    "fish": ("~/.config/fish/completions/livegen.fish", "_LIVEGEN_COMPLETE=fish_source livegen | source"),
}


@click.command()
@click.argument("shell", type=click.Choice(list(_LINES)), required=False)
def completion(shell: str | None) -> None:
    """Say how your shell completes livegen's commands with the tab key (bash, zsh or fish)."""
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in _LINES:
        raise SettingsError(f"This shell is not known; name one: livegen completion {'|'.join(_LINES)}.")
    file, line = _LINES[name]
    click.echo(f"Add this line to {file}, then open a new terminal:\n\n    {line}\n")
