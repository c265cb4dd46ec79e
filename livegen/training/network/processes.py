"""The processes and devices that a training runs on, through Lightning Fabric.

One process on the CPU, unless the command says otherwise. ``torchrun`` and SLURM start the processes themselves, and
say in environment variables how many there are on how many machines; otherwise Fabric starts them by running the same
command again.
"""

import logging
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Literal, TypeVar

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy
from torch import Tensor

from livegen.errors import SettingsError

# Of torch. Networks this small gain a quarter from a second one, and lose all of it, many times over, where another
# program wants the processor too: the threads wait for each other at every step.
THREADS = 1
_PATIENCE = timedelta(hours=12)  # while one process reads the music of all


@dataclass(frozen=True)
class Processes:
    """``devices`` processes on each of ``nodes`` machines, one for each GPU or each on one core; ``precision`` in which
    the network computes (None: 32 bits on a CPU, bfloat16 on a GPU; the weights always have 32)."""

    devices: int = 1
    nodes: int = 1
    accelerator: Literal["cpu", "gpu"] = "cpu"
    precision: Literal["32", "bf16"] | None = None

    @property
    def world(self) -> int:
        """The number of processes on all machines."""
        return self.devices * self.nodes


def in_environment(asked: Processes, environment: Mapping[str, str] = os.environ) -> Processes:
    """The processes that ``torchrun`` or SLURM has started, if one of them has, else those that were ``asked`` for.

    Raises SettingsError if the two contradict each other.
    """
    if "TORCHELASTIC_RUN_ID" in environment:
        starter, devices, nodes = "torchrun", "LOCAL_WORLD_SIZE", "GROUP_WORLD_SIZE"
    elif "SLURM_NTASKS" in environment and environment.get("SLURM_JOB_NAME") not in ("bash", "interactive"):
        starter, devices, nodes = "SLURM", "SLURM_NTASKS_PER_NODE", "SLURM_NNODES"
    else:
        return asked
    started = Processes(
        int(environment.get(devices, 1)), int(environment.get(nodes, 1)), asked.accelerator, asked.precision
    )
    if asked.devices not in (1, started.devices):
        raise SettingsError(
            f"{starter} has started {started.devices} processes on this machine and --devices says {asked.devices}; "
            "leave --devices out."
        )
    return started


def is_first(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether this process is the one that reports and writes: the first of its training, or the only one."""
    ranks = ("RANK", "SLURM_PROCID", "LOCAL_RANK")
    return environment.get(next((name for name in ranks if name in environment), ""), "0") == "0"


@cache
def start(asked: Processes) -> Fabric:
    """Start the other processes, or meet them. The same call in one process gives the same Fabric.

    Raises SettingsError if there is no such device, or the processes do not find each other.
    """
    processes = in_environment(asked)
    halves = (processes.precision or ("bf16" if processes.accelerator == "gpu" else "32")) == "bf16"
    if halves and processes.accelerator == "cpu" and torch.backends.mkldnn.enabled and not _has_halves():
        raise SettingsError("This processor does not compute in bfloat16; leave --precision out.")
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice for those who write programs
        try:
            fabric = Fabric(
                accelerator=processes.accelerator,
                devices=processes.devices,
                num_nodes=processes.nodes,
                strategy=DDPStrategy(timeout=_PATIENCE) if processes.world > 1 else "auto",
                precision="bf16-mixed" if halves else "32-true",
            )
            fabric.launch()
        except (RuntimeError, ValueError) as error:
            raise SettingsError(f"The training cannot start its processes: {str(error).splitlines()[0]}") from None
    torch.set_num_threads(THREADS)
    return fabric


Found = TypeVar("Found")


def one_first(fabric: Fabric, work: Callable[[], Found]) -> Found:
    """The same ``work`` in every process, first in one alone, which keeps for the others what takes long to read."""
    found = work() if fabric.is_global_zero else None
    fabric.barrier()
    return work() if found is None else found


def _has_halves() -> bool:
    return bool(getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", bool)())


def summed(fabric: Fabric, values: Tensor) -> Tensor:
    """The sum over all processes, the same in each."""
    if fabric.world_size == 1:
        return values
    total: Tensor = fabric.all_reduce(values.to(fabric.device), reduce_op="sum")
    return total.cpu()
