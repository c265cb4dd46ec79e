"""Takes the picture of the page in a real run: `python examples/page_picture.py docs/page.png`.

It needs what `make test` sets up: Playwright, and a Chromium on the path.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

SIZE: ViewportSize = {"width": 1240, "height": 775}
FIRST, SECOND = "dgjhgfd", "dfghjhgfdsd"  # on the page's keyboard: phrases in C
EIGHTH = 180  # milliseconds
TURN = "document.body.dataset.turn"
ANSWERED = "livegen.score.notes.filter(note => note.who === 'player').length"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main(target: Path) -> None:
    """Start livegen, play a phrase on its page, and take the picture in the middle of the answer."""
    with tempfile.TemporaryDirectory() as folder:
        ports = ["--http-port", "0", "--osc-port", "0", "--osc-target", "none", "--inputs", "none", "--outputs", "none"]
        command = [sys.executable, "-u", "-m", "livegen", "jam", *ports, "--journal", folder, "--seed", "7"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as jam:
            assert jam.stdout is not None
            try:
                address = next(found[1] for line in jam.stdout if (found := re.search(r"Page: (\S+)", line)))
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                    page = browser.new_page(viewport=SIZE)
                    page.goto(address)
                    play(page)
                    page.screenshot(path=target)
                    browser.close()
            finally:
                jam.terminate()


def play(page: Page) -> None:
    """Play a phrase, wait for the answer, play another, and wait until livegen is in the middle of its answer."""
    page.wait_for_timeout(1000)
    page.keyboard.press("Escape")
    phrase(page, FIRST)
    for _ in range(4):
        until(page, f"{ANSWERED} > 0 && {TURN} === 'performer'", 5.0)
        before = page.evaluate(ANSWERED)
        phrase(page, SECOND)
        if until(page, f"{ANSWERED} - {before} >= 5 && {TURN} === 'player'", 4.0):
            return


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
        if page.evaluate(expression):
            return True
        page.wait_for_timeout(20)
    return False


if __name__ == "__main__":
    main(Path(sys.argv[1]))
