"""Trainings that a page starts: one at a time, in a process that gives way, and refused in one sentence."""

import asyncio
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from livegen.system import paths
from livegen.web import trainings
from tests.support.waiting import until
from tests.support.web_stage import WebStage, web_stage

WAITS = "import os, time; print(os.nice(0) if hasattr(os, 'nice') else 19, flush=True); time.sleep(600)"


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WebStage]:
    monkeypatch.setattr(paths, "runs", lambda: tmp_path / "runs")
    monkeypatch.setattr(trainings, "has_torch", lambda: True)
    async with web_stage(tmp_path) as running:
        yield running


async def ask(stage: WebStage, method: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Status and sentence of the answer."""

    def answer() -> tuple[int, str]:
        request = urllib.request.Request(f"{stage.http}/training", body.encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as found:
                return found.status, found.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(answer)


async def test_one_training_runs_at_the_lowest_priority_until_it_is_stopped(
    stage: WebStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def waiting(journals: Sequence[Path]) -> list[str]:
        asked.extend(journals)
        return [sys.executable, "-c", WAITS]

    monkeypatch.setattr(trainings, "command", waiting)
    name = stage.server.journal.path.stem
    assert (await ask(stage, "POST", name))[0] == 202
    assert asked == [stage.server.journal.path]
    assert (await ask(stage, "POST", name))[0] == 409
    assert (await stage.json("/training"))["running"]
    told = tmp_path / "runs" / "page-training.log"
    await until(lambda: told.read_text().strip() == "19")
    assert (await ask(stage, "DELETE"))[0] == 204
    assert not (await stage.json("/training"))["running"]
    assert (await ask(stage, "DELETE"))[0] == 409
    monkeypatch.setattr(trainings, "command", lambda _: [sys.executable, "-c", "print('livegen: Play more.'); exit(2)"])
    assert (await ask(stage, "POST", name))[0] == 202
    for _ in range(600):
        found = await stage.json("/training")
        if not found["running"]:
            break
        await asyncio.sleep(0.05)
    assert found["said"] == "Play more."


async def test_what_cannot_be_learnt_from_is_refused(stage: WebStage, monkeypatch: pytest.MonkeyPatch) -> None:
    own = stage.server.journal.path.stem
    (stage.server.journal.path.parent / "another.jsonl").touch()
    assert (await ask(stage, "POST", "another"))[0] == 404  # no journal of a session
    assert (await ask(stage, "POST"))[0] == 422
    assert (await ask(stage, "POST", "\n".join([own] * (trainings.MOST + 1))))[0] == 422
    for name in ("../../etc/passwd", "livegen-2020", f"{own} ../{own}", "--data"):
        assert (await ask(stage, "POST", name))[0] == 404
    assert (await ask(stage, "POST", own, Origin="http://evil.example"))[0] == 403
    monkeypatch.setattr(trainings, "has_torch", lambda: False)
    assert await ask(stage, "POST", own) == (501, f"{trainings.NO_TORCH}\n")
    assert (await stage.json("/training"))["possible"] == trainings.NO_TORCH


def test_the_command_is_one_that_a_terminal_takes(tmp_path: Path) -> None:
    journals = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    told = trainings.command(journals)[1:]
    assert told == ["-m", "livegen", "train", "mine", "--data", str(journals[0]), "--data", str(journals[1])]
