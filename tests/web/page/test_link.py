"""The page's connection: the page shows its true state, also when the network or livegen hesitates."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import Visit, holds, visit
from tests.support.page_stage import Stage
from tests.support.wire import wire

TREE = "**/livegen"
HELD = """
window.held = []; // what the page sends stays here until it is let go
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) { held ? held.push([this, data]) : send.call(this, data); };
window.letGo = () => { for (const [socket, data] of held.splice(0)) send.call(socket, data); held = null; };
"""


@contextmanager
def visitor_of(browser: Browser) -> Iterator[Visit]:
    """A visitor who has gone nowhere yet, and whose page may complain of what the test does to it."""
    visitor = Visit(browser)
    try:
        yield visitor
    finally:
        visitor.context.close()


def held_tree(page: Page, url: str) -> Route:
    """Go there, and hold the page's question for the tree back."""
    asked: list[Route] = []
    page.route(TREE, lambda route: asked.append(route))
    page.goto(url)
    for _ in range(500):
        if asked:
            return asked[0]
        page.wait_for_timeout(30)
    raise AssertionError("the page does not ask for the tree")


@pytest.fixture
def temperature(stage: Stage) -> Iterator[float]:
    """A temperature to set, which is not the one that is set, and is taken back."""
    yield 1.5
    stage.jam.send("/livegen/temperature", 1.0)
    stage.jam.send("/livegen/ping", 4711)
    while stage.jam.receive("/livegen/pong") != (4711,):
        pass  # what was said until now is no business of the next test


def test_what_is_said_while_the_tree_is_on_its_way_is_newer(browser: Browser, stage: Stage, temperature: float) -> None:
    """The ports are told once, half a second after the start, which is when a browser that starts with it comes."""
    with visitor_of(browser) as visitor:
        page = visitor.page
        route = held_tree(page, stage.url)
        old = route.fetch()
        page.evaluate("livegen.link.on('/livegen/temperature', (value) => (window.heard = value))")
        stage.jam.send("/livegen/temperature", temperature)
        holds(page, f"window.heard === {temperature}")
        route.fulfill(response=old)
        holds(page, "livegen.link.connected")
        expect(page.get_by_label("temperature")).to_have_value(str(temperature))
        assert visitor.complaints == []


def test_the_tree_is_read_only_when_livegen_knows_that_the_page_listens(
    browser: Browser, stage: Stage, temperature: float
) -> None:
    """Else what is said between the two is lost."""
    with visitor_of(browser) as visitor:
        page = visitor.page
        page.add_init_script(HELD)
        page.goto(stage.url)
        holds(page, "window.held?.length")
        page.wait_for_timeout(500)  # in which a tree could be read
        stage.jam.send("/livegen/temperature", temperature)
        stage.jam.receive("/livegen/temperature")
        page.evaluate("letGo()")
        holds(page, "livegen.link.connected")
        expect(page.get_by_label("temperature")).to_have_value(str(temperature))
        assert visitor.complaints == []


def test_a_tree_that_does_not_come_is_asked_for_again(browser: Browser, stage: Stage) -> None:
    with visitor_of(browser) as visitor:
        page = visitor.page
        refused: list[Route] = []

        def refuse(route: Route) -> None:
            refused.append(route)
            if len(refused) > 2:
                route.continue_()
            else:
                route.abort()

        page.route(TREE, refuse)
        visitor.open(stage.url)
        expect(page.get_by_label("temperature")).to_be_visible()
        assert len(refused) == 3
        assert all("ERR_FAILED" in complaint for complaint in visitor.complaints), visitor.complaints


def test_a_page_that_lost_livegen_while_it_read_the_tree_is_not_connected(browser: Browser, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with visitor_of(browser) as visitor:
        page = visitor.page
        route = held_tree(page, stage.url)
        tree = route.fetch()
        page.evaluate("livegen.link.onState((is) => (window.ever ||= is))")
        stage.jam.end(signal.SIGKILL)
        holds(page, "livegen.link.socket?.readyState !== WebSocket.OPEN")
        route.fulfill(response=tree)
        page.wait_for_timeout(500)  # in which the tree is read
        assert page.evaluate("[livegen.link.connected, Boolean(window.ever)]") == [False, False]


def test_a_line_that_went_dead_is_left_for_another(browser: Browser, stage: Stage, temperature: float) -> None:
    """A network that went and came back has told neither side that it dropped their connection."""
    with wire(stage.port) as line, visit(browser, line.url) as visitor:
        page = visitor.page
        page.evaluate("livegen.link.onState((is) => (window.states = [...(window.states ?? []), is]))")
        line.cut()
        stage.jam.send("/livegen/temperature", temperature)
        # The browser's other lines are dead too, and it tries to read the tree over each of them.
        expect(page.get_by_label("temperature")).to_have_value(str(temperature))
        assert page.evaluate("window.states") == [False, True]


def test_a_livegen_that_stands_still_is_not_connected_until_it_goes_on(browser: Browser, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        with visit(browser, stage.url) as visitor:
            page = visitor.page
            stage.jam.process.send_signal(signal.SIGSTOP)
            look_often(page)
            expect(page.locator("#turn")).to_have_text("Not connected")
            expect(page.locator("#coach")).to_be_hidden()  # what it says was true before
            page.set_viewport_size({"width": 390, "height": 844})
            assert (
                page.locator("#says").evaluate("(bar) => getComputedStyle(bar).opacity") == "1"
            )  # it lies over others
            holds(page, "livegen.link.socket?.readyState === WebSocket.CONNECTING")  # again, and nobody answers
            stage.jam.process.send_signal(signal.SIGCONT)
            expect(page.locator("#turn")).to_have_text("Your turn")
            expect(page.locator("#coach")).to_be_visible()
    finally:
        stage.jam.process.send_signal(signal.SIGCONT)
        assert stage.jam.end() == 0, stage.jam.said()


def test_a_page_to_which_nothing_is_said_stays_connected(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.evaluate("livegen.link.onState((is) => (window.states = [...(window.states ?? []), is]))")
        look_often(page)
        assert page.evaluate("window.states ?? []") == []


def look_often(page: Page) -> None:
    """Have the page look at whether it hears anything, as often as makes it give up a line that is dead."""
    for _ in range(4):
        page.evaluate("livegen.link.look()")
        page.wait_for_timeout(300)
