"""One browser and one livegen for all tests of the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.page_stage import Stage


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_was_said(stage: Stage) -> None:
    """A test hears what is said while it runs."""
    stage.jam.overhear()


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    running = Stage(tmp_path_factory.mktemp("stage"))
    yield running
    assert running.jam.end() == 0, running.jam.said()
