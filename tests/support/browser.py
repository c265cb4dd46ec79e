"""A real browser: the system's Chromium, driven by Playwright; its requests and complaints are recorded."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.parts import require

SIZES = {"phone": (390, 844), "sideways": (844, 390), "tablet": (820, 1180), "laptop": (1440, 900)}
# No sandbox, since tests may run as root in a container; nothing that the browser itself would ask of the network.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--disable-default-apps",
]  # fmt: skip


PATIENT = 60.0  # seconds; a test that passes never waits so long
expect.set_options(timeout=1000 * PATIENT)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, or skip the test where there is none."""
    program = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def holds(page: Page, expression: str, seconds: float = PATIENT) -> None:
    """Wait until an expression is true in the page. (Playwright's own waiting needs `eval`, which our pages forbid.)"""
    end = time.monotonic() + seconds
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < end, f"waited {seconds} s in vain until {expression}"
        page.wait_for_timeout(30)


class Visit:
    """One visitor's page. ``complaints`` are console errors and uncaught exceptions, ``hosts`` whom it asked."""

    def __init__(self, browser: Browser, size: str = "laptop", touch: bool = False, calm: bool = False) -> None:
        width, height = SIZES[size]
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=touch,
            reduced_motion="reduce" if calm else "no-preference",
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(1000 * PATIENT)
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))
        self.page.on("websocket", lambda socket: self.hosts.add(urlsplit(socket.url).hostname or ""))

    def open(self, url: str) -> Page:
        """Go there, and wait until the page is connected to livegen."""
        self.page.goto(url)
        holds(self.page, "window.livegen?.link.connected")
        return self.page


@contextlib.contextmanager
def visit(browser: Browser, url: str, size: str = "laptop", touch: bool = False, calm: bool = False) -> Iterator[Visit]:
    """A page that is open; afterwards it must have asked this machine alone, and complained of nothing."""
    visitor = Visit(browser, size, touch, calm)
    try:
        visitor.open(url)
        yield visitor
        assert visitor.complaints == []
        assert visitor.hosts <= {"127.0.0.1", ""}  # "": what the page made itself
    finally:
        visitor.context.close()


def findings(page: Page) -> list[tuple[str, str]]:
    """What axe finds that keeps people out: each rule, and the first element that breaks it."""
    found: Any = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found]


def play(page: Page, keys: str = "asdfgfda", held: int = 120, between: int = 40) -> None:
    """Play on the computer's keys; times in milliseconds."""
    for key in keys:
        page.keyboard.down(key)
        page.wait_for_timeout(held)
        page.keyboard.up(key)
        page.wait_for_timeout(between)
