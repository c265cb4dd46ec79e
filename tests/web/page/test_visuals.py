"""The picture for a wall or a stream: it moves with what is played, and there is nothing to click."""

from playwright.sync_api import Browser, expect

from tests.support.browser import findings, holds, visit
from tests.support.page_stage import Stage

PAINTED = """(() => {
  const { canvas } = livegen.wall;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [amber, clear] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) clear += 1;
    else if (data[i] > 120 && data[i] > data[i + 2] * 1.8) amber += 1;
  }
  return { amber, clear: clear / (data.length / 4) };
})()"""

# Whether a chord and the next one end before the line of now, which would strike them through.
CLEAR = """() => {
  const [chord, now, next] = ["chord", "chord-now", "chord-next"].map((id) => document.getElementById(id));
  [now.textContent, next.textContent, chord.hidden, next.parentElement.hidden] = ["Bbm7", "Eb7", false, false];
  return chord.getBoundingClientRect().right < livegen.wall.x(livegen.wall.instant);
}"""


def test_the_wall_shows_what_is_played_on_a_ground_that_is_left_out(browser: Browser, stage: Stage) -> None:
    with visit(browser, f"{stage.url}visuals?transparent") as visitor:
        page = visitor.page
        assert page.locator("button, a, input, select, summary").count() == 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
        for pitch in (60, 64, 67):
            stage.jam.send("/livegen/note", pitch, 90)
        holds(page, f"{PAINTED}.amber > 200")
        holds(page, f"{PAINTED}.clear > 0.5", 20.0)  # not while a beat lights the foot of it
        holds(page, "livegen.score.surprises.length >= 1")
        expect(page.locator("#chord")).to_be_visible(timeout=20_000)
        assert findings(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        holds(page, "livegen.wall.width === 390")
        assert page.evaluate(CLEAR)
        for pitch in (60, 64, 67):
            stage.jam.send("/livegen/note", pitch, 0)
        stage.jam.send("/livegen/panic")
        holds(page, "livegen.score.notes.every(note => note.end !== null)")
