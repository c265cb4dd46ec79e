"""The loss after each epoch of a short training of `folk` on some of its tunes, by seed: for one process, and for
several with as many tunes a step together.

    python -m benchmarks.studies.curves --batch 32
    torchrun --nproc-per-node 2 -m benchmarks.studies.curves --batch 16
"""

import tempfile
from pathlib import Path

import click

from livegen.system.clock import cpu, now
from livegen.training.corpus.corpus import Corpus, Divided
from livegen.training.network.loop import TrainOptions
from livegen.training.network.processes import Processes, start
from livegen.training.network.train import Training, gather
from livegen.training.recipe import load


def some(divided: Divided, tunes: int) -> Divided:
    """The first ``tunes`` to train on, and an eighth as many to measure with."""
    return Divided(Corpus(divided.training.tunes[:tunes]), Corpus(divided.validation.tunes[: tunes // 8]), Corpus([]))


@click.command()
@click.option("--batch", default=16, help="tunes a step of each process")
@click.option("--tunes", default=400)
@click.option("--epochs", default=6)
@click.option("--seeds", default=3)
def main(batch: int, tunes: int, epochs: int, seeds: int) -> None:
    """Print bits a note on held-out tunes after each epoch, and what it took."""
    fabric = start(Processes())
    recipe = load("folk").model_copy(update={"batch": batch})
    divided = some(gather(recipe, None), tunes)
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as runs:
            run = Training(recipe, divided, TrainOptions(seed=seed, epochs=epochs, runs=Path(runs)))
            clock, worked = now(), cpu()
            run.run(lambda _: None)
            if fabric.is_global_zero:
                losses = " ".join(f"{held_out:.3f}" for _, held_out in run.log)
                print(f"{fabric.world_size} x {batch}, seed {seed}: {losses}; ", end="")
                print(f"{now() - clock:.0f} s, {cpu() - worked:.0f} of one processor", flush=True)
            fabric.barrier()


if __name__ == "__main__":
    main()
