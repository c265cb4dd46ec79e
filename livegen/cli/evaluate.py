"""`livegen evaluate`: measures models; what it needs of the training extra is imported only inside it."""

import json
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livegen.cli import extras
from livegen.cli import mine as mine_command
from livegen.errors import SettingsError
from livegen.predictors import models as predictor
from livegen.predictors import varisai_network as carnatic
from livegen.predictors.drum_predictor import is_drummer
from livegen.system import paths as folders
from livegen.system import run_log

if TYPE_CHECKING:
    from livegen.training.changes.evaluate import ChangesReport
    from livegen.training.drums.evaluate import DrumReport
    from livegen.training.evaluation.claim import Claim
    from livegen.training.evaluation.report import Report
    from livegen.training.own.evaluate import OwnMusic
    from livegen.training.touch.evaluate import TouchReport
    from livegen.training.varisais.evaluate import VarisaiReport

    AnyReport = Report | Claim | VarisaiReport | DrumReport | ChangesReport | TouchReport

_DRAWN = ("name", "rhythm", "pitch", "total", "by_position")
_MINE = "mine"  # the recipe that learns from journals
_SOLOS = 40  # over the charts of as many lead sheets


def _evaluate_changes(data: Path | None, say: Callable[[str], None]) -> "ChangesReport":
    """Measure how well chords are heard, and played over. Raises SettingsError without data."""
    from livegen.cli import solos
    from livegen.training.changes import evaluate as changes

    if data is None:
        raise SettingsError("`livegen evaluate changes` needs --data, a folder of lead sheets in MusicXML.")
    return changes.evaluate(data, say, _SOLOS, solos.solo)


def _evaluate_touch(data: Path | None, say: Callable[[str], None]) -> "TouchReport":
    """Measure the touch. Raises SettingsError without data."""
    from livegen.predictors import own_touch
    from livegen.training.touch import evaluate as touch
    from livegen.training.touch.touch_file import learnt_from

    if data is None:
        raise SettingsError(
            "`livegen evaluate touch` needs --data, a folder of match files such as that of Vienna 4x22."
        )
    unseen = None
    if find_spec("torch") is not None:  # the touch is learnt again without each piece, where its pianists are there
        from livegen.training.touch import train as touch_training

        unseen = touch_training.leaving_out(data, learnt_from(own_touch.SHIPPED))
    return touch.evaluate(data, unseen=unseen, say=say)


_REPORTS: dict[tuple[str, ...], Callable[[Path | None, Callable[[str], None]], "ChangesReport | TouchReport"]] = {
    ("changes",): _evaluate_changes,
    ("touch",): _evaluate_touch,
}


@click.command()
@click.argument("models", nargs=-1)
@click.option(
    "--data", type=click.Path(path_type=Path), help="held-out ABC, MIDI or MusicXML files (default: the books')"
)
@click.option("--trained-on", type=click.Path(path_type=Path), help="what the models learnt from (default: the books)")
@click.option(
    "--samples", type=click.IntRange(0, 10_000), default=100, help="tunes each makes up (default 100; 0: none)"
)
@click.option("--baseline/--no-baseline", default=True, help="also the n-grams of the same training tunes")
@click.option("--transposed/--no-transposed", default=True, help="also what other keys cost")
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="also a picture, as a PNG")
@click.option("--claim", is_flag=True, help="with dice and Markov chains of order 1 to 5: who copies, who remembers?")
def evaluate(
    models: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    plot: Path | None,
    claim: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Measure models on tunes they were not trained on, next to n-grams; and the tunes that they make up.

    `carnatic`, which knows no other music than varisais, is measured by those that it makes up. `changes` measures how
    well chords are heard and foreseen in the lead sheets of --data, and how melodies and solos lie on them.
    `touch` measures how near livegen's own touch is to pianists that it was not learnt from.
    `drums` is measured on drum takes (--data), next to n-grams and the last bar repeated.
    A model of your own music, with that music as --data (`mine`: your journals), is measured on the pieces that it
    never heard, beside the model that it began from and an n-gram of the others.
    """
    from rich.console import Console
    from rich.status import Status

    if models in _REPORTS:
        with Status("reading", console=Console(stderr=True)) as status:
            found = _REPORTS[models](data, status.update)
        _keep(models, found)
        click.echo(json.dumps(found.to_dict(), indent=2) if as_json else found.table())
        return
    paths = [predictor.find(name, folders.models()) for name in models or ("folk",)]
    report: Report | Claim | VarisaiReport | DrumReport
    if any(is_drummer(path) for path in paths):
        with Status("reading", console=Console(stderr=True)) as status:
            report = _evaluate_drummer(paths, data, options["trained_on"], status.update)
        _keep(models, report)
        click.echo(json.dumps(report.to_dict(), indent=2) if as_json else report.table())
        return
    with extras.needed():
        from livegen.training.evaluation import evaluate as training
        from livegen.training.varisais import evaluate as carnatic_evaluation
    plan = training.EvaluationOptions(**options)
    with Status("reading", console=Console(stderr=True)) as status:
        if claim:
            report = training.claim(paths, data, plan, status.update)
        elif data is None and {path.suffix for path in paths} == {carnatic.ENDING}:
            report = carnatic_evaluation.evaluate(paths, plan, status.update)
        elif (own := _own_music(paths, data, plan.trained_on)) is not None:
            from livegen.training.own import evaluate as own_evaluation

            report = own_evaluation.evaluate(own, plan, status.update)
        else:
            report = training.evaluate(paths, data, plan, status.update)
    _keep(models or ("folk",), report)
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else report.table())
    if plot is not None:
        report.draw(plot)
        click.echo(f"Wrote {plot}.", err=True)


def _keep(models: Sequence[str], report: "AnyReport") -> None:
    """Keep a report for the page: its tables, and the bits of each model, which are drawn."""
    rows = report.to_dict().get("rows", {})
    drawn = {}
    if _is_drawn(rows):
        drawn = {form: [{name: row[name] for name in _DRAWN} for row in each] for form, each in rows.items()}
    facts = {"models": list(models), "table": report.table(), "rows": drawn}
    run_log.keep_evaluation(folders.evaluations(), facts)


def _is_drawn(rows: object) -> bool:
    """Whether these are the rows of models in forms of notation, which have bits a note."""
    return isinstance(rows, dict) and all(
        isinstance(each, list) and all("by_position" in row for row in each) for each in rows.values()
    )


def _own_music(paths: Sequence[Path], data: Path | None, trained_on: Path | None) -> "OwnMusic | None":
    """The user's music for a model that learnt from it, from --data or, for `mine`, the journals; None for others."""
    if len(paths) > 1 or trained_on is not None or paths[0].suffix != ".onnx":
        return None
    from livegen.training.corpus import sources
    from livegen.training.own import evaluate as own_evaluation
    from livegen.training.recipe import load

    model = predictor.read(paths[0])
    name = own_evaluation.recipe_of(model).get("name")
    if name == _MINE:
        tunes = mine_command.own_tunes([data or folders.journals()])
    elif name in own_evaluation.OWN and data is not None:
        tunes = sources.read(load(str(name)), data).tunes
    else:
        return None
    return own_evaluation.parted(model, tunes, folders.models())


def _evaluate_drummer(
    paths: Sequence[Path], data: Path | None, trained_on: Path | None, say: Callable[[str], None]
) -> "DrumReport":
    """Measure one drummer. Raises SettingsError if there are several models, or no takes were given."""
    from livegen.training.drums import evaluate as drums

    if len(paths) > 1:
        raise SettingsError("A drummer is measured alone; name one model.")
    if data is None:
        raise SettingsError("A drummer is measured on drum takes; give a folder of MIDI files with --data.")
    return drums.evaluate(paths[0], data, trained_on, say)
