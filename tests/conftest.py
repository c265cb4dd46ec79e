"""Rules for every test: no note is left sounding, the user's own files are not touched, a test's modes are removed.

Hypothesis draws the same examples in each run and sets them no time, so that a suite that passes once passes again;
``--hypothesis-profile random`` draws others.
"""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from livegen.events import NoteOn
from livegen.player.ledger import Ledger
from livegen.player.modes import MODES

hypothesis.settings.register_profile("random", deadline=None)
hypothesis.settings.register_profile("same", deadline=None, derandomize=True)
hypothesis.settings.load_profile("same")


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Each file goes to one process, and those that start JACK servers to the same: two would disturb each other."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "jack" if "mark.jack" in (self.config.rootpath / file).read_text("utf-8") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(autouse=True, scope="session")
def nobodys_configuration(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The user's own configuration is not read, and their slots are not touched."""
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def no_mode_of_ones_own_stays() -> Iterator[None]:
    """A mode that a test registers is removed after the test."""
    before = dict(MODES)
    yield
    if len(MODES) != len(before):
        MODES.clear()
        MODES.update(before)


@pytest.fixture(autouse=True)
def no_note_is_left_sounding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ledgers: list[Ledger] = []
    strike = Ledger.strike

    def watched(self: Ledger, on: NoteOn) -> object:
        if self not in ledgers:
            ledgers.append(self)
        return strike(self, on)

    monkeypatch.setattr(Ledger, "strike", watched)
    yield
    if request.node.get_closest_marker("leaves_notes") is None:
        for ledger in ledgers:
            assert not len(ledger), f"left sounding at the end of the test: {ledger.sounding()}"
