"""The pages of trainings and evaluations: what livegen tells of them, as pictures, sentences and sound."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.support.browser import findings, holds, visit
from tests.support.page_stage import Stage

NOTES = [[0.5 * i, 0.5, 60 + i % 5] for i in range(8)]
LEARNING: dict[str, Any] = {"name": "mine", "unit": "note", "state": "training", "share": None, "sentence": ""}
LEARNING |= {"losses": [[None, 3.0], [None, 2.5]], "age": 1.0}
KEPT = LEARNING | {"state": "kept", "losses": [[None, 3.0], [None, 2.5], [None, 2.25]], "table": "bits 3.0 2.25"}
KEPT |= {"sentence": "It foresees notes better.", "listen": [{"title": "before", "notes": NOTES}]}
EVALUATION = {
    "models": ["folk"],
    "table": "| folk | 2.4 |",
    "age": 60.0,
    "rows": {
        "written": [
            {"name": "folk", "rhythm": 0.6, "pitch": 1.8, "total": 2.4, "by_position": {"1": 3.1, "16": 2.2}},
            {"name": "n-gram", "rhythm": 0.7, "pitch": 2.0, "total": 2.7, "by_position": {"1": 3.4, "16": 2.5}},
        ]
    },
}


# Whether a picture was drawn: anything but the ground.
PAINTED = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 0);
}"""


def test_a_training_is_watched_heard_and_played_with(browser: Browser, stage: Stage) -> None:
    told = [LEARNING]
    with visit(browser, f"{stage.url}evaluation.html") as visitor:
        page = visitor.page
        answer = {"running": True, "possible": "", "said": ""}
        page.route("**/training", lambda route: route.fulfill(json=answer | {"runs": told}))
        page.goto(f"{stage.url}training.html")
        expect(page.get_by_role("heading", name="mine: learning")).to_be_visible()
        expect(page.get_by_role("img", name="3.000 at first, 2.500 at best")).to_be_visible()
        assert page.locator("canvas.plot").evaluate(PAINTED)
        expect(page.get_by_role("button", name="Stop the training")).to_be_visible()
        told[:] = [KEPT]
        expect(page.get_by_text("It foresees notes better.")).to_be_visible()
        expect(page.get_by_role("img", name="2.250 at best")).to_be_visible()
        assert findings(page) == []
        page.get_by_role("button", name="Before").click()
        holds(page, "livegen.player.next > 0")
        holds(page, "livegen.link.connected")
        page.get_by_role("button", name="Play with mine").click()
        assert stage.jam.receive("/livegen/error")  # there is no such model here
        visitor.complaints.clear()


def test_an_evaluation_is_a_picture(browser: Browser, stage: Stage) -> None:
    with visit(browser, f"{stage.url}evaluation.html") as visitor:
        page = visitor.page
        page.route("**/evaluations", lambda route: route.fulfill(json=[EVALUATION]))
        page.reload()
        expect(page.locator(".bars output")).to_have_text(["2.40", "2.70"])
        expect(page.get_by_role("img", name="Bits a note")).to_be_visible()
        assert page.locator("canvas.plot").evaluate(PAINTED)
        assert findings(page) == []
