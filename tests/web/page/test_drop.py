"""A music file is dropped on the page, or chosen: livegen hears it, or says in one sentence why not."""

import base64

from playwright.sync_api import Browser, expect

from tests.support.browser import Visit, holds, visit
from tests.support.page_stage import PLAYED, Stage
from tests.support.places import DATA

FLUTE = DATA / "cases" / "midi" / "flute-90bpm-3-4.mid"
HEARD = "livegen.score.notes.filter(note => note.who === 'performer').length"
DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  const place = document.querySelector("#roll");
  place.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true }));
  const dropping = document.body.classList.contains("dropping");
  place.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  return dropping && !document.body.classList.contains("dropping");
}"""


def drop(visitor: Visit, name: str, content: bytes) -> None:
    """Drop a file on the piano roll."""
    assert visitor.page.evaluate(DROP, [name, base64.b64encode(content).decode()])


def test_a_file_that_is_dropped_is_heard_drawn_and_stopped_by_panic(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        before = visitor.page.evaluate(HEARD)
        drop(visitor, "flute.mid", FLUTE.read_bytes())
        expect(visitor.page.get_by_text("livegen hears flute.mid: 16 notes")).to_be_visible()
        holds(visitor.page, f"{HEARD} >= {before + 3}")
        visitor.page.get_by_role("button", name="Panic").click()
        visitor.page.wait_for_timeout(300)
        count = visitor.page.evaluate(HEARD)
        visitor.page.wait_for_timeout(1500)
        assert visitor.page.evaluate(HEARD) == count < before + 16


def test_a_file_that_is_chosen_is_answered(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        before = visitor.page.evaluate(PLAYED)
        with visitor.page.expect_file_chooser() as chooser:
            visitor.page.get_by_role("button", name="Play a file to livegen").click()
        tune = b"X:1\nT:four\nM:4/4\nL:1/8\nQ:1/4=240\nK:C\nCDEF|\n"
        chooser.value.set_files({"name": "four.abc", "mimeType": "text/plain", "buffer": tune})
        expect(visitor.page.get_by_text("livegen hears four.abc: 4 notes")).to_be_visible()
        holds(visitor.page, f"{PLAYED} > {before}")
        visitor.page.get_by_role("button", name="Panic").click()


def test_what_is_no_music_is_refused_in_a_sentence(browser: Browser, stage: Stage) -> None:
    visitor = Visit(browser)
    try:
        visitor.open(stage.url)
        drop(visitor, "photo.png", b"\x89PNG" + bytes(100))
        expect(visitor.page.get_by_text("photo.png is not a MIDI, MusicXML or ABC file")).to_be_visible()
        drop(visitor, "large.mid", bytes(4 * 2**20 + 1))
        expect(visitor.page.get_by_text("large.mid is larger than 4 MiB")).to_be_visible()
    finally:
        visitor.context.close()
