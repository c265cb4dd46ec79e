"""`livegen examples`: writes the patches, settings files and documents that come with livegen into a folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from livegen.errors import SettingsError
from livegen.system import paths

_WRITTEN = ("examples", "docs")
_LEFT_OUT = {"__init__.py", "__pycache__", "rolls"}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("livegen-examples"))
def examples(folder: Path) -> None:
    """Write the examples (patches, modes, settings) and the documents into FOLDER, by default livegen-examples.

    A file of yours that is there already stays as it is.
    """
    written, kept = 0, []
    try:
        for source, place in _files():
            target = folder / place
            if target.exists():
                if target.read_bytes() != source.read_bytes():
                    kept.append(place)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            written += 1
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written ({error.strerror}); name another folder.") from None
    click.echo(f"{written} files written into {folder}. Begin with {folder / 'examples' / 'README.md'}.")
    if kept:
        click.echo(f"Kept as they are, for they were changed: {', '.join(str(place) for place in kept)}.")


def _files() -> Iterator[tuple[Path, Path]]:
    """Each file, and its place in the folder that is written."""
    root = paths.shared()
    for name in _WRITTEN:
        for path in sorted((root / name).rglob("*")):
            place = path.relative_to(root)
            if path.is_file() and not _LEFT_OUT.intersection(place.parts):
                yield path, place
