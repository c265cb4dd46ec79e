"""Damaged and hostile input to every reader of livegen's: ``python -m tools.fuzz [NAME ...]``, by night.

    make fuzz [ARGS="--seconds 60 --seed 2 toml journal"]

Each target is fed in a process of its own, 10^6 inputs (of models fewer) or ``--seconds``, whichever is over first;
its memory and the time of each input are bounded. Good input is damaged: bits, numbers, words, pieces of other input.
What leads to an answer not seen before is damaged further. With ``--guided``, where atheris is installed, libFuzzer
chooses, by the lines of livegen that an input reaches. A fault is an exception that no reader may raise, an input
that takes seconds, a process that dies. Faults lie in build/fuzz; whoever mends one puts its input into
tests/data/fuzz/TARGET, where tests feed it for ever.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tools.fuzz import models, music, texts, wire
from tools.fuzz.search import HERE, Found, Result, Search, save, write
from tools.fuzz.target import Target

ROOT = Path(__file__).parents[2]
TARGETS: dict[str, Target] = {
    target.name: target for target in (*wire.TARGETS, *texts.TARGETS, *music.TARGETS, *models.TARGETS)
}
_MEMORY = 4 << 30  # bytes of addresses that a process may have
_GRACE = 180.0  # seconds that a process may be late with its end before it is taken to hang


def run(target: Target, arguments: argparse.Namespace) -> Result:
    """Feed a target in processes of its own: one that dies is a fault, and another goes on with another seed."""
    end, seed = time.monotonic() + arguments.seconds, arguments.seed
    whole = Result(0, 0, 0.0, [])
    while (left := end - time.monotonic()) > 1.0:
        count = (arguments.count or target.inputs) - whole.fed
        if count <= 0:
            break
        with tempfile.TemporaryDirectory() as folder:
            flags = ["--count", str(count), "--seconds", str(left), "--seed", str(seed)]
            part = _fed(target.name, Path(folder), left, flags + ["--guided"] * arguments.guided)
        kinds = {each.kind: each for each in (*whole.found, *part.found)}
        whole = Result(
            whole.fed + part.fed, max(whole.kinds, part.kinds), max(whole.slowest, part.slowest), [*kinds.values()]
        )
        seed += 1000
    return whole


def _fed(name: str, folder: Path, seconds: float, flags: Sequence[str]) -> Result:
    command = [sys.executable, "-m", "tools.fuzz", name, "--here", str(folder), *flags]
    try:
        done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=seconds + _GRACE, check=False)
        died, told = done.returncode, done.stderr.decode("utf-8", "replace")[-4000:]
    except subprocess.TimeoutExpired:
        died, told = -9, "It did not end."
    result = folder / "result.json"
    if result.exists():
        fed, kinds, slowest, found = json.loads(result.read_text(encoding="utf-8"))
        return Result(fed, kinds, slowest, [Found(kind, told, bytes.fromhex(data)) for kind, told, data in found])
    here = folder / HERE
    return Result(1, 0, 0.0, [Found(f"died-{died}", told, here.read_bytes() if here.exists() else b"")])


def here(target: Target, arguments: argparse.Namespace) -> None:
    """In the process of a target: feed it, and write down what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    search = Search(target, arguments.seed)
    if arguments.guided:
        from tools.fuzz.guided import run as guided  # atheris may not be there

        guided(search, arguments)
    else:
        write(search.run(arguments.here, arguments.count, arguments.seconds), arguments.here)


def main(given: Sequence[str] | None = None) -> int:
    """Feed the targets that are named, or all. 1 if there is a fault."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    options.add_argument("--count", type=int, default=0, help="inputs of each target")
    options.add_argument("--seconds", type=float, default=1800.0, help="of each target, at most")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--guided", action="store_true", help="by atheris")
    options.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args(given)
    if unknown := [name for name in arguments.names if name not in TARGETS]:
        options.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in arguments.names or TARGETS]
    if arguments.here is not None:
        here(chosen[0], arguments)
        return 0
    faults = 0
    print("| target | inputs | kinds of answer | slowest | faults |\n| --- | --- | --- | --- | --- |", flush=True)
    for target in chosen:
        result = run(target, arguments)
        faults += len(result.found)
        row = f"{result.fed:,} | {result.kinds} | {result.slowest * 1000:.0f} ms | {len(result.found)}"
        print(f"| {target.name} | {row} |", flush=True)
        for each in result.found:
            print(f"    {save(each, ROOT / 'build' / 'fuzz' / target.name)}", file=sys.stderr, flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
