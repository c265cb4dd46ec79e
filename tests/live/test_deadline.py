"""A model whose steps take too long is not waited for again and again."""

import asyncio
import itertools
from pathlib import Path

import pytest

from livegen.errors import SettingsError
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.live import deadline
from livegen.live.deadline import SlowStep, Took
from livegen.predictors import models
from livegen.predictors.session_chain import SessionChain
from livegen.system import clock
from tests.support.live_stage import live_stage, plain
from tests.support.waiting import until


@pytest.mark.parametrize("slow", ["0.05:3", "0.6:1"], ids=["slow", "hangs"])
async def test_a_chain_answers_from_the_first_late_step_until_the_model_is_quick_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    monkeypatch.setenv("LIVEGEN_SLOW_STEP", slow)
    monkeypatch.setattr(deadline, "TRY_EVERY", 0.3)
    async with live_stage(tmp_path, plain(deadline=0.02)) as stage:
        session, client, server = stage.server.session, stage.client, stage.server
        for pitch in (60, 62, 64, 65):
            client.send("/livegen/note", pitch, 80)
            client.send("/livegen/note", pitch, 0)
        assert await client.receive("/livegen/model") == ("stand-in",)
        assert isinstance(session.predictor, SessionChain)
        assert server.output.health.late_steps >= 1
        await until(lambda: any("The model untrained takes" in sentence for sentence in stage.said))
        client.send("/livegen/reply")
        assert (await client.receive("/livegen/out/turn"))[0] == "player"
        await client.receive("/livegen/out/note")
        while await client.receive("/livegen/model") != ("untrained",):
            pass
        assert any("untrained is quick again" in sentence for sentence in stage.said)
    replayed = Replay(record.read(stage.journal), models.load).run()
    assert replayed.notes and replayed.differs is None, "the change is in the journal"


async def test_the_bar_before_comes_again_until_the_drummer_is_quick_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = [0.05]
    monkeypatch.setenv("LIVEGEN_SLOW_STEP", "0.05")

    def wait(self: SlowStep) -> float:
        clock.rest(slow[0])
        return slow[0]

    monkeypatch.setattr(SlowStep, "wait", wait)
    monkeypatch.setattr(deadline, "TRY_EVERY", 0.3)
    async with live_stage(tmp_path, plain(mode="accompany", deadline=0.02)) as stage:
        session, client, server = stage.server.session, stage.client, stage.server
        said = asyncio.create_task(client.receive("/livegen/drums"))
        for pitch in itertools.cycle((60, 62, 64, 65)):
            client.send("/livegen/note", pitch, 80)
            client.send("/livegen/note", pitch, 0)
            if (await asyncio.wait([said], timeout=0.25))[0]:
                break
        assert said.result() == ("stand-in",) == (session.settings.drums,)
        assert any("The drummer drums takes" in sentence for sentence in stage.said)
        slow[0] = 0.0
        server.settings.deadline = 2.0
        assert await client.receive("/livegen/drums") == ("drums",)
        assert any("The drummer drums is quick again" in sentence for sentence in stage.said)
    replayed = Replay(record.read(stage.journal), models.load).run()
    assert replayed.differs is None, "the change is in the journal"


def test_once_is_enough_where_it_is_the_models_own_work_and_a_busy_machine_gets_three() -> None:
    assert Took().is_hopeless(0.05, 0.045, 0.02)
    assert Took().is_hopeless(0.6, 0.0, 0.02)
    busy = Took()
    steps = 0.05, 0.05, 0.01, 0.05, 0.05, 0.05
    assert [busy.is_hopeless(took, 0.001, 0.02) for took in steps] == [False] * 5 + [True]
    assert not busy.is_hopeless(0.01, 0.03, 0.02), "in time is in time"


@pytest.mark.parametrize("wish", ["fast", "-1", "0.1:many", "nan"])
def test_what_is_no_time_is_refused_in_a_sentence(wish: str) -> None:
    with pytest.raises(SettingsError, match=r"such as 0\.2:10"):
        SlowStep({"LIVEGEN_SLOW_STEP": wish})
