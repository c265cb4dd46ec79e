"""Trainings that the page starts and shows, and what evaluations measured; all of it happens in other processes."""

import asyncio
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from livegen.system import paths, run_log
from livegen.web.downloads import JOURNAL_NAME
from livegen.web.server_info import ServerInfo

TRAINING, EVALUATIONS = "/training", "/evaluations"
MOST = 200  # sessions that are learnt from at once
_LARGEST = MOST * 64  # bytes of a request
_SLOWEST = 10.0  # seconds that it may take to arrive
_PATIENCE, _HURRY = 5.0, 0.5  # seconds between being asked to stop and being ended; the latter when livegen ends
NO_TORCH = (
    "Training needs torch: run `make train` in a checkout, or pip install 'livegen[train]'; then start livegen again."
)
_MOST_NICE = "39"  # more than livegen, whatever its own is; the system takes 19 at most
_LATEST_OUTPUT = 4096  # bytes
_LOWEST = 0x40 if sys.platform == "win32" else 0  # Windows: IDLE_PRIORITY_CLASS


class Trainings:
    """One training at a time, at the lowest priority; it ends when livegen does."""

    def __init__(self, server_info: ServerInfo) -> None:
        self._server_info = server_info
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = False

    async def start(self, request: web.Request) -> web.Response:
        """The answer to a POST whose body names sessions, one a line: livegen learns from them, or why not."""
        names = await _names(request)
        if not 0 < len(names) <= MOST:
            return _sorry(422, f"Choose 1 to {MOST} sessions to learn from.")
        journals = [self._server_info.journal.parent / f"{name}.jsonl" for name in names]
        if not all(JOURNAL_NAME.fullmatch(name) for name in names) or not all(each.is_file() for each in journals):
            return _sorry(404, "One of these sessions is gone; load the page again.")
        if self._starting or self._is_running():
            return _sorry(409, "A training is at work already; wait until it is done, or stop it.")
        self._starting = True
        try:
            refusal = await asyncio.get_running_loop().run_in_executor(None, self._start, journals)
        finally:
            self._starting = False
        return _sorry(501, refusal) if refusal else web.Response(status=202)

    async def stop(self, request: web.Request) -> web.Response:
        """The answer to a DELETE: the training is asked to stop, and ended if it does not."""
        if self._process is None or not self._is_running():
            return _sorry(409, "No training that was started here is at work.")
        await asyncio.get_running_loop().run_in_executor(None, _end, self._process, _PATIENCE)
        return web.Response(status=204)

    async def answer(self, path: str) -> web.Response | None:
        """The answer to a GET; None if the path is none of these."""
        if path not in (TRAINING, EVALUATIONS):
            return None
        read = self._training if path == TRAINING else self._evaluations
        found = await asyncio.get_running_loop().run_in_executor(None, lambda: json.dumps(read()))
        return web.Response(text=found, content_type="application/json", headers={"Cache-Control": "no-store"})

    async def close(self) -> None:
        """End what was started here, in less than a second."""
        if self._process is not None and self._is_running():
            await asyncio.get_running_loop().run_in_executor(None, _end, self._process, _HURRY)

    def _is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self, journals: list[Path]) -> str:
        """Start a training. Returns why it could not be started, or ""."""
        if not has_torch():
            return NO_TORCH
        nice = shutil.which("nice")  # the command gives way by itself too, but only once it has begun
        try:
            paths.runs().mkdir(parents=True, exist_ok=True)
            with _output().open("wb") as output:
                self._process = subprocess.Popen(
                    [*((nice, "-n", _MOST_NICE) if nice else ()), *command(journals)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    creationflags=_LOWEST,
                )
        except OSError as error:
            return f"The training could not be started ({error.strerror})."
        return ""

    def _training(self) -> dict[str, Any]:
        """The facts of all trainings, those of a terminal too."""
        running = self._is_running()
        possible = "" if has_torch() else NO_TORCH
        failed = self._process is not None and self._process.poll() not in (None, 0)
        return {
            "running": running,
            "possible": possible,
            "said": _last_line() if failed else "",
            "runs": run_log.runs(paths.runs()),
        }

    def _evaluations(self) -> list[dict[str, Any]]:
        return run_log.evaluations(paths.evaluations())


async def _names(request: web.Request) -> list[str]:
    """The names in a body; of one that is too large, or does not arrive in time, none."""
    found = bytearray()
    try:
        async with asyncio.timeout(_SLOWEST):
            async for chunk in request.content.iter_any():
                found += chunk
                if len(found) > _LARGEST:
                    return []
    except TimeoutError:
        return []
    return found.decode("ascii", "replace").split()


def has_torch() -> bool:
    """Whether training is installed, without importing it."""
    return importlib.util.find_spec("torch") is not None


def command(journals: Sequence[Path]) -> list[str]:
    """The command that learns from these journals."""
    data = [part for journal in journals for part in ("--data", str(journal.absolute()))]
    return [sys.executable, "-m", "livegen", "train", "mine", *data]


def _output() -> Path:
    return paths.runs() / "page-training.log"


def _last_line() -> str:
    """The last line that a training wrote."""
    try:
        lines = _output().read_bytes()[-_LATEST_OUTPUT:].decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1].removeprefix("livegen: ") if lines else ""


def _end(process: "subprocess.Popen[bytes]", patience: float) -> None:
    """Stop a training as Ctrl-C does, and end it if it takes no notice."""
    if os.name == "nt":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _sorry(status: int, sentence: str) -> web.Response:
    return web.Response(status=status, text=f"{sentence}\n")
