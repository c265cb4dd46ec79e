"""A model whose steps take too long is not waited for again and again."""

from pathlib import Path

import pytest

from livegen.errors import SettingsError
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.live import deadline
from livegen.live.deadline import SlowStep
from livegen.predictors import models
from livegen.predictors.session_chain import SessionChain
from tests.support.live_stage import live_stage, plain
from tests.support.waiting import until


@pytest.mark.parametrize(("slow", "late"), [("0.05:3", 3), ("0.6:1", 1)], ids=["slow", "hangs"])
async def test_a_chain_answers_until_the_model_is_quick_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: str, late: int
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
        assert server.output.health.late_steps >= late
        await until(lambda: any("The model untrained takes" in sentence for sentence in stage.said))
        client.send("/livegen/reply")
        assert (await client.receive("/livegen/out/turn"))[0] == "player"
        await client.receive("/livegen/out/note")
        while await client.receive("/livegen/model") != ("untrained",):
            pass
        assert any("untrained is quick again" in sentence for sentence in stage.said)
    replayed = Replay(record.read(stage.journal), models.load).run()
    assert replayed.notes and replayed.differs is None, "the change is in the journal"


@pytest.mark.parametrize("wish", ["fast", "-1", "0.1:many", "nan"])
def test_what_is_no_time_is_refused_in_a_sentence(wish: str) -> None:
    with pytest.raises(SettingsError, match=r"such as 0\.2:10"):
        SlowStep({"LIVEGEN_SLOW_STEP": wish})
