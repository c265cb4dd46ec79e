"""Takes pictures of the page at four sizes, in its states, in a real run: ``python -m tools.screens``.

They lie in build/screens. Words choose some of them: ``python -m tools.screens phone answer``. At the end all
that lie there are laid out in one picture, a row for each state: docs/screens.jpg or, if words chose,
build/screens/all.jpg.
It needs what ``make test`` sets up: Playwright, and a Chromium on the path.
"""

import base64
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "build" / "screens"
SHOW = """
[preset.verse]
density = 0.6
[preset.chorus]
density = 1.6
[preset.free]
mode = "duet"
[preset.ending]
mode = "autonomous"
[[cue]]
name = "verse"
preset = "verse"
[[cue]]
name = "chorus"
preset = "chorus"
"""
FIRST, SECOND = "dgjhgfd", "dfghjhgfdsd"  # on the page's keyboard: phrases in C
EIGHTH = 180  # milliseconds
TURN = "document.body.dataset.turn"
ANSWERED = "livegen.score.notes.filter(note => note.who === 'player').length"
LAYOUT = """body { margin: 8px; background: #444 } p { display: flex; gap: 8px; margin: 0 0 8px }
img { max-width: 440px; height: 260px; object-fit: contain; object-position: top left }"""
LAY = """async (data) => {
  const image = new Image();
  image.src = `data:image/png;base64,${data}`;
  document.body.lastElementChild.append(image);
  await image.decode();
}"""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Screen(NamedTuple):
    """A size in pixels. ``hands`` are fingers: there is no mouse."""

    width: int
    height: int
    hands: bool


SIZES = {
    "laptop": Screen(1440, 900, False),
    "tablet": Screen(1024, 768, True),
    "sideways": Screen(844, 390, True),
    "phone": Screen(390, 844, True),
}


class Jam:
    """A running livegen with a show, or with another ``config``, and its page's address."""

    def __init__(self, folder: Path, config: str = SHOW) -> None:
        self.folder = folder
        show = folder / "show.toml"
        show.write_text(config, encoding="utf-8")
        ports = ["--http-port", "0", "--osc-port", "0", "--osc-target", "none", "--inputs", "none", "--outputs", "none"]
        options = ["--config", str(show), "--journal", str(folder), "--seed", "7"]
        command = [sys.executable, "-u", "-m", "livegen", "jam", *ports, *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        lines = (re.search(r"Page: (\S+)", line) for line in self.process.stdout)
        self.address = next(found[1] for found in lines if found)

    def end(self) -> None:
        """End it, also while it stands still."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)


def phrase(page: Page, keys: str) -> None:
    """Play on the computer's keys, an eighth each."""
    for key in keys:
        page.keyboard.down(key)
        page.wait_for_timeout(EIGHTH * 0.8)
        page.keyboard.up(key)
        page.wait_for_timeout(EIGHTH * 0.2)


def until(page: Page, expression: str, seconds: float) -> bool:
    """Wait until an expression is true in the page; returns whether it was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if page.evaluate(f"Boolean({expression})"):
            return True
        page.wait_for_timeout(20)
    return False


def scroll(page: Page, place: str) -> None:
    """Bring a part of the page below what stays at the top."""
    page.evaluate(f"document.getElementById('{place}').scrollIntoView({{ block: 'start' }})")
    page.evaluate("scrollBy(0, -document.querySelector('.top').clientHeight)")


def first(page: Page, jam: Jam) -> None:
    """The first visit: nothing was touched yet."""


def answer(page: Page, jam: Jam) -> None:
    """In the middle of an answer."""
    page.keyboard.press("Escape")
    phrase(page, FIRST)
    for _ in range(4):
        until(page, f"{ANSWERED} > 0 && {TURN} === 'performer'", 5.0)
        before = page.evaluate(ANSWERED)
        phrase(page, SECOND)
        if until(page, f"{ANSWERED} - {before} >= 5 && {TURN} === 'player'", 4.0):
            return


def notes(page: Page, jam: Jam) -> None:
    """The phrase and its answer as staff notation."""
    answer(page, jam)
    until(page, f"{TURN} === 'performer'", 8.0)
    page.evaluate("document.getElementById('sheet-open').click()")
    until(page, "document.querySelector('.staff svg')", 20.0)


def visuals(page: Page, jam: Jam) -> Page:
    """The picture for a wall, while the other page plays."""
    wall = page.context.new_page()
    wall.goto(f"{jam.address}visuals")
    until(wall, "window.livegen?.link.connected", 20.0)
    page.bring_to_front()
    answer(page, jam)
    wall.bring_to_front()
    return wall


def sessions(page: Page, jam: Jam) -> Page:
    """The takes and sessions."""
    answer(page, jam)
    page.evaluate("livegen.link.send('/livegen/take', 'second')")
    answer(page, jam)
    (journal,) = jam.folder.glob("livegen-*.jsonl")
    shutil.copy(journal, jam.folder / "livegen-2026-01-31T21-15-00-1.jsonl")  # an earlier evening's
    page.goto(f"{jam.address}sessions.html")
    until(page, "window.livegen?.sessions[0]?.recorded", 20.0)
    page.get_by_role("checkbox").first.check()
    return page


def more(page: Page, jam: Jam) -> None:
    """A setting is searched."""
    page.evaluate("document.querySelector('#more summary').click()")
    page.get_by_label("Search the settings").fill("pitch")
    scroll(page, "more")


def cockpit(page: Page, jam: Jam) -> None:
    """What is turned on a stage."""
    scroll(page, "cockpit")


def lost(page: Page, jam: Jam) -> None:
    """The line to livegen is lost in the middle of an answer."""
    answer(page, jam)
    jam.process.send_signal(signal.SIGSTOP)
    for _ in range(4):
        page.evaluate("livegen.link.look()")
        page.wait_for_timeout(200)


# A state brings a page there; it returns another one, if that is to be pictured.
STATES: dict[str, Callable[[Page, Jam], Page | None]] = {
    "first": first,
    "answer": answer,
    "notes": notes,
    "cockpit": cockpit,
    "more": more,
    "sessions": sessions,
    "visuals": visuals,
    "lost": lost,
}


@contextmanager
def visited(browser: Browser, address: str, screen: Screen) -> Iterator[Page]:
    """The page at a size, connected."""
    size = {"width": screen.width, "height": screen.height}
    context = browser.new_context(viewport=size, has_touch=screen.hands, is_mobile=screen.hands)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    until(page, "window.livegen?.link.connected", 20.0)
    try:
        yield page
    finally:
        context.close()


def lay_out(browser: Browser, target: Path) -> None:
    """One picture of all that lie in build/screens."""
    page = browser.new_page(viewport={"width": 1300, "height": 100})
    page.set_content(f"<style>{LAYOUT}</style>")
    for state in STATES:
        page.evaluate("document.body.append(document.createElement('p'))")
        for size in SIZES:
            if (path := TARGET / f"{size}-{state}.png").exists():
                page.evaluate(LAY, base64.b64encode(path.read_bytes()).decode())
    page.screenshot(path=target, type="jpeg", quality=60, full_page=True)
    page.close()


def main(words: list[str]) -> None:
    """Take the pictures, of the sizes and states that ``words`` name, or all."""
    sizes = [name for name in SIZES if name in words] or list(SIZES)
    states = [name for name in STATES if name in words] or list(STATES)
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for state in states:
            for size in sizes:
                with tempfile.TemporaryDirectory() as folder:
                    jam = Jam(Path(folder))
                    try:
                        with visited(browser, jam.address, SIZES[size]) as page:
                            pictured = STATES[state](page, jam) or page
                            pictured.screenshot(path=TARGET / f"{size}-{state}.png")
                    finally:
                        jam.end()
        lay_out(browser, TARGET / "all.jpg" if words else ROOT / "docs" / "screens.jpg")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
