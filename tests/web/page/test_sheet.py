"""The last phrase and its answer as staff notation, in a real browser; what the page weighs."""

import gzip

from playwright.sync_api import Browser, expect

from tests.support.browser import holds, play, visit
from tests.support.page_stage import PLAYED, Stage
from tests.support.places import ROOT

PAGE = ROOT / "livegen" / "web" / "page"
NOTATION = "abcjs.js"
PARTS = """async (text) => (await import("/sheet.js")).parts(text)"""
TUNE = """X:1
T:one
M:4/4
L:1/8
K:C
V:1 name=performer
CD EF | z4 | z4 | z4 |]
V:2 name=player
z4 | z2 G2 | A4 | z4 |]
"""


def test_phrase_and_answer_are_shown_as_notes_by_a_module_that_is_loaded_then(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        play(page, "adgk", between=60)
        holds(page, f"{PLAYED} >= 1")
        page.keyboard.press("Escape")
        assert NOTATION not in asked
        page.get_by_role("button", name="As notes").click()
        for who in ("performer", "player"):
            holds(page, f"document.querySelector('.staff.{who} .abcjs-note')")
        assert NOTATION in asked
        page.get_by_role("button", name="Keep").click()
        expect(page.locator("#sheet .note")).to_contain_text("Kept. Slot ")
        own = "livegen.score.notes.filter(note => note.who === 'performer').length"
        before = page.evaluate(own)
        page.get_by_role("button", name="More like this").click()
        holds(page, f"{own} > {before}")
        page.keyboard.press("Escape")
        holds(page, "livegen.score.notes.every(note => note.end !== null)")
        page.set_viewport_size({"width": 844, "height": 390})  # there the staves take the place of the keys
        expect(page.locator("#keys")).to_be_hidden()
        holds(page, "document.getElementById('sheet').clientHeight > 250")
        page.get_by_role("button", name="Close").click()
        expect(page.locator("#sheet")).to_be_hidden()
        expect(page.locator("#keys")).to_be_in_viewport()
        page.get_by_role("button", name="As notes").click()
        expect(page.locator("#sheet")).to_be_visible()
        shown, answered = page.evaluate(PARTS, TUNE)
        assert (shown["name"], shown["abc"].splitlines()[-1]) == ("performer", "CD EF |]")
        assert (answered["name"], answered["abc"].splitlines()[-1].split()) == ("player", ["z2", "G2", "|", "A4", "|]"])


def test_the_page_is_light_without_the_notation_and_ships_its_licence() -> None:
    files = [path for path in PAGE.iterdir() if path.name not in (NOTATION, "abcjs.LICENSE")]
    assert sum(path.stat().st_size for path in files) <= 300_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= 100_000
    licence = (PAGE / "abcjs.LICENSE").read_text(encoding="utf-8")
    assert "MIT" in licence or "Permission is hereby granted, free of charge" in licence
