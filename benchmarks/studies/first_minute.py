"""How soon a newcomer's own phrase is answered: ``python -m benchmarks.studies.first_minute [--looks 0.4]``.

In a real Chromium, at the four sizes of ``tools.screens``, by mouse, by touch and by the keyboard alone, each a first
visit: "Hear it play", then the keys that light up, each found ``--looks`` seconds after it lit. The time is the clock's
from the press of the button to livegen's first note after the newcomer's last. It needs Playwright and a Chromium.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.screens import FLAGS, SIZES, Jam, Screen, until, visited

_HANDS = ("mouse", "touch", "keyboard")
_CODES = {60: "a", 64: "d", 67: "g", 69: "h"}  # on the page's keyboard
_GUIDE = "Number(document.querySelector('.key.guide')?.dataset.pitch ?? 0)"
_ANSWERED = "document.getElementById('coach').textContent.includes('livegen answered you')"
_PATIENCE = 60.0  # seconds


def _begin(page: Page, hand: str) -> None:
    button = page.get_by_role("button", name="Hear it play")
    if hand == "keyboard":
        button.focus()
        page.keyboard.press("Enter")
    elif hand == "touch":
        button.tap()
    else:
        button.click()


def _strike(page: Page, hand: str) -> None:
    key = page.locator(".key.guide")
    if hand == "keyboard":
        page.keyboard.press(_CODES[page.evaluate(_GUIDE)], delay=150)
    elif hand == "touch":
        key.tap()
    else:
        key.click(delay=150)


def measure(browser: Browser, address: str, screen: Screen, hand: str, looks: float) -> tuple[float, float]:
    """Seconds until the first key lights up, and until the newcomer is answered. Raises RuntimeError if never."""
    with visited(browser, address, screen._replace(hands=hand == "touch")) as page:
        begun = time.monotonic()
        _begin(page, hand)
        if not until(page, f"{_GUIDE} > 0", _PATIENCE):
            raise RuntimeError("No key lit up.")
        lit = time.monotonic() - begun
        while page.evaluate(f"{_GUIDE} > 0"):
            page.wait_for_timeout(1000 * looks)
            _strike(page, hand)
        if not until(page, _ANSWERED, _PATIENCE):
            raise RuntimeError("The newcomer was not answered.")
        answered = time.monotonic() - begun
        page.evaluate("livegen.link.send('/livegen/panic')")
        page.evaluate("livegen.link.send('/livegen/reset')")
    return lit, answered


def main() -> None:
    """Measure all twelve, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=float, default=0.4, help="seconds in which a key that lit up is found")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        jam = Jam(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            for screen in SIZES.values():
                for hand in _HANDS:
                    lit, answered = measure(browser, jam.address, screen, hand, asked.looks)
                    size = f"{screen.width} x {screen.height}"
                    print(f"{size}, {hand}: {lit:.1f} s to your turn, {answered:.1f} s to your answer", flush=True)
        finally:
            browser.close()
            jam.end()


if __name__ == "__main__":
    main()
