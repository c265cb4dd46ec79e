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
KEYS = "dgjhgfdsdfgd"  # on the page's keyboard: a phrase in C
EIGHTH = 190  # milliseconds
ANSWERED = "livegen.score.notes.filter(note => note.who === 'player').length"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main(target: Path) -> None:
    """Start livegen, play a phrase on its page, and take the picture in the midst of the answer."""
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
    """Play, and wait until livegen has answered six notes; a phrase that is answered shortly is played again."""
    page.wait_for_timeout(1000)
    page.keyboard.press("Escape")
    for _ in range(5):
        for key in KEYS:
            page.keyboard.down(key)
            page.wait_for_timeout(EIGHTH * 0.8)
            page.keyboard.up(key)
            page.wait_for_timeout(EIGHTH * 0.2)
        before, end = page.evaluate(ANSWERED), time.monotonic() + 4
        while time.monotonic() < end:
            if page.evaluate(ANSWERED) - before >= 6 and page.evaluate("document.body.dataset.turn") == "player":
                return
            page.wait_for_timeout(20)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
