"""A flag for each setting, and their help under the headings that the settings have on the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from livegen.settings import specs
from livegen.spec import CHOICE, DRUMS, FEEL, GROUPS, HARMONY, MEMORY, NOTES, START, TIME, WIRES, Spec

_HEADINGS = {
    CHOICE: "What plays, and who plays when",
    FEEL: "How livegen plays with you",
    MEMORY: "What it remembers",
    NOTES: "Which notes it may use",
    HARMONY: "Scales, chords, ragas",
    TIME: "Whose beat",
    DRUMS: "Drums",
    WIRES: "MIDI and OSC",
    START: "Start, page, files",
}
F = TypeVar("F", bound=Callable[..., Any])


class SettingsCommand(click.Command):
    """A command whose help lists the flags of the settings by their groups, and its own flags first."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Called by click for ``--help``."""
        groups = {spec.name: spec.group for spec in specs()}
        rows: dict[str, list[tuple[str, str]]] = {"": [], **{group: [] for group in GROUPS}}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                rows[groups.get(parameter.name or "", "")].append(record)
        for group, listed in rows.items():
            if listed:
                with formatter.section(_HEADINGS.get(group, "Options")):
                    formatter.write_dl(listed)


def with_settings(function: F) -> F:
    """A flag for each setting, and --config."""
    for spec in reversed(list(specs())):
        function = click.option(
            f"--{spec.name.replace('_', '-')}",
            spec.name,
            default=None,
            type=str,
            metavar=_metavar(spec),
            help=_help(spec),
        )(function)
    return click.option("--config", type=click.Path(path_type=Path), help="a TOML file of settings")(function)


def _metavar(spec: Spec) -> str:
    return "ON|OFF" if spec.kind is bool else "NAME" if spec.low is None else "NUMBER"


def _help(spec: Spec) -> str:
    default = ("on" if spec.default else "off") if spec.kind is bool else spec.default
    return f"{spec.help} ({spec.range}{f'; default {default}' if default != '' else ''})"
