"""The newcomer's first minute: a phrase is shown and answered, then they play what lights up, and are answered.

How long it takes is asked in tests/web/test_first_minute.py, and measured by benchmarks/studies/first_minute.py."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import holds, visit
from tests.support.page_stage import PLAYED, SOUNDING, Stage

CODES = {60: "a", 64: "d", 67: "g", 69: "h"}


def press_guided(page: Page, touch: bool) -> None:
    """Press each key that lights up: with a finger, or with the mouse and the keyboard in turn."""
    for number in range(5):
        guide = page.locator(".key.guide")
        pitch = int(guide.get_attribute("data-pitch") or 0)
        if touch:
            guide.tap()
        elif number % 2:
            page.keyboard.press(CODES[pitch], delay=120)
        else:
            guide.click(delay=120)


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_hear_it_play_then_play(browser: Browser, stage: Stage, size: str) -> None:
    touch = size != "laptop"
    with visit(browser, stage.url, size, touch=touch) as visitor:
        page = visitor.page
        hear = page.get_by_role("button", name="Hear it play")
        hear.tap() if touch else hear.click()
        expect(page.locator("#coach")).to_contain_text("played for you")
        expect(page.locator("#coach")).to_contain_text("livegen's answer")
        expect(page.locator("#coach")).to_contain_text("Your turn")
        for key in "xz":  # the keys are drawn anew, and back
            page.keyboard.press(key)
        before = page.evaluate(PLAYED)
        press_guided(page, touch)
        expect(page.locator("#coach")).to_contain_text("livegen answered you")
        assert page.evaluate(PLAYED) > before
        page.keyboard.press("Escape")
        holds(page, f"{SOUNDING} === 0")
        page.reload()
        holds(page, "window.livegen?.link.connected")
        expect(hear).to_be_hidden()


def test_who_plays_at_once_is_not_shown_round(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.keyboard.press("s")
        expect(page.locator("#first")).to_be_hidden()
        page.keyboard.press("Escape")
