"""`livegen generate carnatic`: writes new varisais as sargam and MIDI."""

import secrets
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from livegen.errors import FileError, ModelError
from livegen.events import Event
from livegen.music import raga
from livegen.predictors import models, varisai_network
from livegen.system import paths


@click.command()
@click.option("-n", "number", type=click.IntRange(1, 1000), default=5, help="how many (default 5)")
@click.option("--temperature", type=click.FloatRange(0.1, 2), default=1.0, help="how adventurous (default 1.0)")
@click.option("--seed", type=click.IntRange(min=1), help="same seed, same varisais (default: a new one)")
@click.option("--raga", "name", default="Mayamalavagowla", help="a name or a melakarta's number; see --ragas")
@click.option("--tonic", default="C4", help="the middle Sa: a note (C4 is middle C) or a MIDI pitch (default C4)")
@click.option("--tempo", type=click.FloatRange(20, 480), default=72.0, help="aksharas a minute (default 72)")
@click.option("--just", is_flag=True, help="tune the MIDI files justly, by pitch bend")
@click.option("--out", type=click.Path(path_type=Path), default="generated", help="a folder (default: generated)")
@click.option("--ragas", "list_them", is_flag=True, help="list the ragas that have names here, and end")
def carnatic(  # noqa: PLR0913 (one parameter for each option)
    number: int,
    temperature: float,
    seed: int | None,
    name: str,
    tonic: str,
    tempo: float,
    just: bool,
    out: Path,
    list_them: bool,
) -> None:
    """Make up varisais, exercises of four avartanas of adi tala: shown as sargam, written as MIDI."""
    if list_them:
        _list()
        return
    seed = seed or secrets.randbelow(2**31 - 1) + 1
    scale, sa = raga.find(name), raga.tonic(tonic)
    network, _ = varisai_network.load(_file())
    request = varisai_network.Request(temperature, scale)
    click.echo(f"# {scale.name} (melakarta {scale.melakarta}), adi tala, --seed {seed}")
    title = f"varisai-{scale.name.lower().replace(' ', '-')}-{seed}"
    for count in range(1, number + 1):
        piece = varisai_network.compose(network, np.random.default_rng([seed, count]), request)
        click.echo(f"{count}: {piece}")
        path = out / f"{title}-{count}.mid"
        _write(path, varisai_network.performance(piece, scale, sa, tempo), tempo)
        if just:
            from livegen.music import intonation

            intonation.tune(path, sa)
    click.echo(f"# MIDI: {out / f'{title}-1.mid'}{' and so on' if number > 1 else ''}")


def _file() -> Path:
    """The varisai network that `livegen train carnatic` wrote, otherwise the one that comes with livegen."""
    found = [folder / f"carnatic{varisai_network.ENDING}" for folder in models.folders(paths.models())]
    for path in found:
        if path.exists():
            return path
    raise ModelError("There is not a varisai network; `livegen train carnatic` makes one.")


def _write(path: Path, events: Sequence[Event], tempo: float) -> None:
    from livegen.midi import midifile

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{path.parent} cannot be made ({error.strerror}); choose another folder.") from None
    midifile.write(path, {"varisai": events}, tempo)


def _list() -> None:
    for number, each in enumerate(raga.NAMES, 1):
        click.echo(f"{number:2} {each}")
    for name, (number, up, down) in raga.JANYA.items():
        click.echo(f"{name} (of {number}): {up}, {down}")
