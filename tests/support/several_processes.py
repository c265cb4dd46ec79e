"""Runs a function in several processes that find each other as those of a training on one machine do."""

import multiprocessing
import os
import socket
import traceback
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue

LONGEST = 120.0  # seconds
TRIES = 5  # of ports: another program may take the one that was free


def in_processes(count: int, work: Callable[[int], None]) -> None:
    """Call ``work`` with its rank in each of ``count`` forked processes. Raises AssertionError if one of them fails."""
    for _ in range(TRIES):
        failures = _attempt(count, work)
        if not any("EADDRINUSE" in each or "address already in use" in each.lower() for each in failures):
            break
    assert not failures, "\n".join(failures)


def _attempt(count: int, work: Callable[[int], None]) -> list[str]:
    context = multiprocessing.get_context("fork")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said: SimpleQueue[str] = context.SimpleQueue()
    children = [context.Process(target=_one, args=(rank, count, port, work, said)) for rank in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join(LONGEST)
    late = [child for child in children if child.is_alive()]
    for child in late:
        child.kill()
        child.join()
    failures = ["a process did not end in time"] if late else []
    while not said.empty():
        failures.append(said.get())
    return failures or [f"a process ended with {child.exitcode}" for child in children if child.exitcode]


def _one(rank: int, count: int, port: int, work: Callable[[int], None], said: "SimpleQueue[str]") -> None:
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": count, "LOCAL_RANK": rank, "NODE_RANK": 0}
    os.environ.update({name: str(value) for name, value in place.items()})
    try:
        work(rank)
    except BaseException:
        said.put(traceback.format_exc())
        raise SystemExit(1) from None
