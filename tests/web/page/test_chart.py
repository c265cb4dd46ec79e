"""The chart on the page: dropped, large, the bar that plays lit, steered by its buttons; on a telephone, too."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import SIZES, findings, holds, visit
from tests.support.page_stage import Stage

TEXT = "title: Two Rooms\nkey: Eb\nmetre: 4/4\ntempo: 120\n[A]\n| Ebmaj7 | Cm7 F7 |\n[B]\n| Fm7 | Bb7 |\n"
DROP = """text => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "rooms.txt"));
  const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector("#roll").dispatchEvent(drop);
}"""
HEIGHTS = """["chord-now", "chord-next"].map(
  (id) => parseFloat(getComputedStyle(document.getElementById(id)).fontSize))"""
ROOM = """document.getElementById("first-hear").getBoundingClientRect().top
  - document.getElementById("chart-bars").getBoundingClientRect().bottom"""
LIT = "document.querySelectorAll('#chart-bars [aria-current]').length === 1"


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_a_chart_is_dropped_shown_large_and_steered(browser: Browser, stage: Stage, size: str) -> None:
    with visit(browser, stage.url, size, touch=size == "phone") as visitor:
        page = visitor.page
        page.evaluate("livegen.link.send('/livegen/sync', 'own')")
        page.evaluate(DROP, TEXT)
        expect(page.locator("#charts")).to_contain_text("livegen plays over Two Rooms: 4 bars in Eb.")
        expect(page.locator("#chart-bars li")).to_have_text(["AEbmaj7", "Cm7F7", "BFm7", "Bb7"])
        holds(page, LIT)
        page.get_by_role("button", name="Go to section B, bar 3").click()
        page.get_by_role("button", name="Stay").click()
        page.get_by_role("button", name="Transpose up").click()
        expect(page.locator("#chart-bars li").first).to_have_text("AEmaj7")
        expect(page.get_by_role("button", name="Stay")).to_have_attribute("aria-pressed", "true")
        heights = page.evaluate(HEIGHTS)
        assert min(heights) >= (40 if size == "laptop" else 25)  # pixels
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
        assert findings(page) == []
        page.evaluate("livegen.link.send('/livegen/chart', 'rhythm')")
        expect(page.locator("#chart-bars li")).to_have_count(32)
        assert page.evaluate(ROOM) >= 0, "a newcomer's buttons lie over the bars"
        page.evaluate("livegen.link.send('/livegen/chart', 'off')")
        expect(page.locator("#chart")).to_be_hidden()
        page.evaluate("livegen.link.send('/livegen/sync', 'auto')")
        page.keyboard.press("Escape")
