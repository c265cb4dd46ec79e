"""The chord in a real browser: the one that is heard, and the one of a chart with the next."""

import re

from playwright.sync_api import Browser, expect

from tests.support.browser import visit
from tests.support.page_stage import Stage


def test_the_chord_that_is_played_is_shown_and_that_of_a_chart(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        expect(page.locator("#chord")).to_be_hidden()
        for key in "adgk":  # C E G C, which is no other chord however slowly the keys go down
            page.keyboard.down(key)
        expect(page.locator("#chord-now")).to_have_text("C")
        for key in "adgk":
            page.keyboard.up(key)
        page.evaluate("livegen.link.send('/livegen/chart', 'blues-in-bb')")
        expect(page.locator("#chord")).to_have_text(re.compile(r"Bb7\s[\s\S]*Eb7"))  # both at one moment
        page.evaluate("livegen.link.send('/livegen/chart', 'off')")
        page.keyboard.press("Escape")
