"""The share of ABC from `livegen generate` that is well formed, to abc2midi and to livegen's own reader.

python -m benchmarks.studies.notation [--tunes 200] [--seed 1] [--card models/README.md]
"""

import argparse
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import mido  # type: ignore[import-untyped]
from click.testing import CliRunner

from livegen.cli.main import main as livegen
from livegen.system import clock
from livegen.training.model_card import put
from livegen.tunes.abc_reader import read_tune
from livegen.tunes.abc_writer import bar_length
from livegen.tunes.tune import quarters

KINDS = ("abc", "markov", "dice")
FIELDS = "XTMLK"
HEADING = """| `generate` | tunes | header whole | no error | no warning | bars right | MIDI alike | \
ms a tune |
|---|---:|---:|---:|---:|---:|---:|---:|"""


def measure(kind: str, count: int, seed: int, folder: Path) -> str:
    """A row of the table: see ``_checked`` for its columns."""
    asked = ["-n", str(count), "--seed", str(seed), "--out", str(folder)]
    began = clock.now()
    result = CliRunner().invoke(livegen, ["generate", kind, *asked])
    if result.exit_code:
        raise SystemExit(result.output)
    spent = 1000 * (clock.now() - began) / count
    checks = [_checked(path) for path in sorted(folder.glob("*.abc"))]
    shares = [f"{sum(each) / len(checks):.1%}" for each in zip(*checks, strict=True)]
    return f"| {kind} | {len(checks)} | {' | '.join(shares)} | {spent:.0f} |"


def _checked(path: Path) -> tuple[bool, bool, bool, bool, bool]:
    """Header complete; abc2midi without an error, without a warning; every bar as long as the metre; and the MIDI file
    next to it has the pitches that abc2midi makes of the notation."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    header = all(any(line.startswith(f"{field}:") for line in lines) for field in FIELDS)
    theirs = path.with_suffix(".theirs.mid")
    run = subprocess.run(["abc2midi", str(path), "-o", str(theirs)], capture_output=True, text=True, check=False)
    said = run.stdout + run.stderr
    tune = read_tune(text)
    length = bar_length(next(line[2:] for line in lines if line.startswith("M:")))
    starts = [quarters(bar.at) for bar in tune.bars]
    alike = all(b - a == length for a, b in pairwise(starts)) and starts[0] == 0
    return (
        header,
        run.returncode == 0 and "Error" not in said,
        "Warning" not in said,
        alike,
        _pitches(theirs) == _pitches(path.with_suffix(".mid")),
    )


def _pitches(path: Path) -> list[int]:
    return [message.note for message in mido.MidiFile(path) if message.type == "note_on" and message.velocity]


def main() -> None:
    """Make the tunes of each kind and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tunes", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--card", type=Path, help="a README.md to write the table into")
    given = options.parse_args()
    rows = [HEADING]
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(kind, given.tunes, given.seed, Path(folder)))
    print("\n".join(rows))
    if given.card:
        put(given.card, "notation", "\n".join(rows))


if __name__ == "__main__":
    main()
