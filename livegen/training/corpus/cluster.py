"""Reads the parts of a large folder of music on the workers of a Dask scheduler, where one machine is not enough.

Dask, and not Ray Data: the work is a plain map over parts of a folder, its results are files, and no tensors flow from
the readers to GPUs, which is what Ray Data is made for. Dask is plain Python on every system that livegen runs on, and
its workers are started by SLURM as any other program.
"""

from collections.abc import Iterable, Sequence

from livegen.errors import SettingsError
from livegen.training.corpus.stored import Spread, Task, read_part

_TRIES = 2  # more, of a part whose worker was lost


def over_workers(address: str) -> Spread:
    """Have the parts read by the workers of the scheduler at ``address``, such as tcp://10.0.0.1:8786. They need
    livegen, and the folders of music and of the cache under the same paths.

    Raises SettingsError if Dask is not installed; reading raises it if there is no such scheduler or it has no workers.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise SettingsError("A Dask scheduler needs Dask: pip install 'livegen[cluster]'.") from None

    def spread(tasks: Sequence[Task]) -> Iterable[None]:
        try:
            client = Client(address, timeout="20s")
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"There is no Dask scheduler at {address} ({error}); start one, or name another."
            ) from None
        with client:
            if not client.scheduler_info()["workers"]:
                raise SettingsError(f"The Dask scheduler at {address} has no workers; start some.")
            for future in as_completed(client.map(read_part, tasks, pure=False, retries=_TRIES)):
                yield future.result()

    return spread
