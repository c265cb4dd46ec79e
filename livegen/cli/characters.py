"""Character models on the command line: `livegen train abc`, and `livegen generate abc` with such a model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np

from livegen.errors import FileError, SettingsError
from livegen.events import NoteOff, NoteOn
from livegen.midi import midifile
from livegen.predictors import models
from livegen.tunes import abc_progress, character_model
from livegen.tunes.abc_progress import TuneRequest
from livegen.tunes.abc_writer import beat_length
from livegen.tunes.character_writer import CharacterWriter, arranged
from livegen.tunes.maker import KINDS

if TYPE_CHECKING:
    from livegen.training.network.loop import Progress, TrainOptions

TEMPERATURE = 0.8  # the default
_TEMPO = 120  # quarter notes a minute
_VELOCITY = 80


def train(data: Path | None, out: Path, options: "TrainOptions") -> Path:
    """Train a character model and show its progress; ctrl-C ends the program. Raises the errors of the training."""
    from rich import progress as rich_progress

    from livegen.training.characters import train as character_training

    text = rich_progress.TextColumn
    columns = (text("{task.description}"), rich_progress.BarColumn(), text("{task.fields[told]}"))
    with rich_progress.Progress(*columns) as bar:
        task = bar.add_task("training abc", total=1.0, told="reading the tunes")

        def report(progress: "Progress") -> None:
            told = f"epoch {progress.epoch}/{progress.epochs}, {progress.held_out:.3f} bits a character"
            bar.update(task, completed=progress.share, told=f"{told} (best {progress.best:.3f})")

        try:
            return character_training.train(data, out, options, report)
        except KeyboardInterrupt:
            bar.stop()
            click.echo("Stopped. The same command with --resume continues from the last whole epoch, if there was one.")
            raise SystemExit(130) from None


def find(name: str, extra: Path) -> Path | None:
    """The file of a character model; None if there is none of that name."""
    if name.endswith(".onnx"):
        return Path(name) if character_model.is_character_model(Path(name)) else None
    paths = (folder / character_model.FOLDER / f"{name}.onnx" for folder in models.folders(extra))
    return next((path for path in paths if path.is_file()), None)


class Task(NamedTuple):
    """The tunes to write: ``number`` of them into the folder ``out``; ``raw``: without the grammar."""

    number: int
    seed: int
    out: Path
    raw: bool = False


def write(writer: CharacterWriter, name: str, asked: TuneRequest, task: Task) -> None:
    """Write each tune as NAME-SEED-COUNT.abc and .mid. Raises SettingsError for a request that no tune can meet."""
    if task.raw and asked != TuneRequest():
        raise SettingsError("With --raw the model writes what it will; leave out --type, --key, --metre and --bars.")
    abc_progress.check(asked)
    for count in range(1, task.number + 1):
        random = np.random.default_rng([task.seed, count])
        path = task.out / f"{name}-{task.seed}-{count}.abc"
        made = {"N": f"made by livegen: {name}, seed {task.seed}"}
        if task.raw:
            text, tempo = arranged(writer.raw(random), count, made), _TEMPO
        else:
            written = writer.write(asked, random)
            tempo, speed = _speed(written)
            text = arranged(written, count, made | {"Q": speed})
        try:
            path.write_text(text, "utf-8")
        except OSError as error:
            raise FileError(f"{path} cannot be written ({error.strerror}); choose another folder.") from None
        click.echo(f"{count}: {_line(text, 'T')} in {_line(text, 'K')}, {_line(text, 'M')}: {path}{_play(path, tempo)}")


def _speed(written: str) -> tuple[int, str]:
    """The tempo of such a tune: in quarter notes a minute, and as the field Q."""
    tempo = KINDS[_line(written, "R")].tempo if _line(written, "R") in KINDS else _TEMPO
    beat = beat_length(_line(written, "M"))
    unit = {1: "1/4", 2: "1/2"}.get(int(beat) if beat.denominator == 1 else 0, f"{beat / 4}")
    return tempo, f"{unit}={round(tempo / beat)}"


def _play(path: Path, tempo: int) -> str:
    """Write the notation also as a MIDI file. Returns the end of the sentence that reports it."""
    from livegen.tunes import abc_reader
    from livegen.tunes.abc_fields import AbcError

    try:
        tune = abc_reader.read_tune(path.read_text("utf-8"), "performed")
    except AbcError as error:
        path.with_suffix(".mid").unlink(missing_ok=True)  # of an earlier tune
        return f" alone, for there is no MIDI file of it ({error})"
    seconds = 60 / tempo
    events: list[NoteOn | NoteOff] = []
    start = min(0.0, tune.bars[0].at) if tune.bars else 0.0
    for note in tune.notes:
        events.append(NoteOn((note.onset - start) * seconds, note.pitch, _VELOCITY))
        events.append(NoteOff((note.onset + note.duration - start) * seconds, note.pitch))
    midifile.write(path.with_suffix(".mid"), {tune.name: _in_order(events)}, float(tempo))
    return " and .mid"


def _in_order(events: Sequence[NoteOn | NoteOff]) -> list[NoteOn | NoteOff]:
    """The events by time; at equal times note-offs first."""
    return sorted(events, key=lambda event: (round(event.at, 6), isinstance(event, NoteOn)))


def _line(text: str, letter: str) -> str:
    """The value of a field, "" if there is none."""
    return next((line[2:] for line in text.splitlines() if line.startswith(f"{letter}:")), "")
