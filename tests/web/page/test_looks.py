"""The page's looks, to eyes and to screen readers."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import SIZES, findings, holds, play, visit
from tests.support.page_stage import PLAYED, SOUNDING, Stage


@pytest.mark.parametrize("size", SIZES)
def test_it_is_accessible_and_fits_at_each_size(browser: Browser, stage: Stage, size: str) -> None:
    with visit(browser, stage.url, size, touch=size != "laptop") as visitor:
        page = visitor.page
        play(page)
        holds(page, f"{PLAYED} >= 2")
        page.keyboard.press("Escape")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SIZES[size][0]
        assert findings(page) == []


def test_nothing_moves_that_was_laid_out(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        play(page, "asd")
        holds(page, f"{PLAYED} >= 1")
        page.keyboard.press("Escape")
        shift = page.evaluate("""() => new Promise(done => {
          let sum = 0;
          new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
            .observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done(sum), 300);
        })""")
        assert shift < 0.05


def test_sixteen_voices_leave_time_for_each_frame(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.locator("#keys").click()  # a gesture, so that it may sound
        cost = page.evaluate("""async () => {
          const { roll, score, sound } = livegen;
          await sound.unlock();
          const now = performance.now() / 1000;
          for (let i = 0; i < 400; i++) {
            score.notes.push({ who: i % 2 ? "player" : "performer", pitch: 40 + (i * 7) % 50, velocity: 90,
              start: now - i / 50, end: now - i / 50 + 0.1, id: i });
          }
          for (let i = 0; i < 16; i++) {
            sound.on("player", 48 + i, 80);
            score.on("player", 48 + i, 80, now, i);
          }
          const costs = [];
          for (let i = 0; i < 60; i++) {
            const begin = performance.now();
            roll.draw(now + i / 60);
            costs.push(performance.now() - begin);
          }
          sound.panic();
          score.silence(now);
          return Math.min(...costs);
        }""")
        assert cost < 8  # milliseconds, half a frame's, at best: the machine is busy with tests


def test_who_is_refused_reads_why(browser: Browser, stage: Stage) -> None:
    page = browser.new_page()
    page.goto(f"http://elsewhere.localhost:{stage.port}/")
    expect(page.get_by_role("main")).to_contain_text("it is not reached by that name")
    assert findings(page) == []
    page.close()


# Whether the name of an octave is the same with a note in its place as without one.
WHOLE = """() => {
  const { roll, score } = livegen;
  const now = performance.now() / 1000;
  const dot = roll.canvas.width / roll.width;
  const named = () => {
    roll.draw(now);
    const [left, top, wide, high] = [4, roll.y(72) - 4, 20, 8].map((place) => Math.round(place * dot));
    return roll.pen.getImageData(left, top, wide, high).data.join();
  };
  [roll.low, roll.high] = [55, 79]; // where it comes to rest
  const without = named();
  score.notes.push({ who: "player", pitch: 72, velocity: 100, start: now - 60, end: now, id: 1, channel: 1 });
  return named() === without;
}"""


def test_the_name_of_an_octave_is_never_cut(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        assert visitor.page.evaluate(WHOLE)


MOVED = """async () => {
  const { roll } = livegen;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  while ((roll.now() / roll.past) % 1 > 0.8) await pause(50); // the page that stands still is about to be turned
  const at = roll.now();
  const before = roll.x(at);
  await pause(300);
  return roll.x(at) - before;
}"""


def test_who_wants_less_motion_has_a_roll_that_stands_still(browser: Browser, stage: Stage) -> None:
    for calm in (True, False):
        with visit(browser, stage.url, calm=calm) as visitor:
            visitor.page.keyboard.down("a")
            holds(visitor.page, f"{SOUNDING} === 1")
            moved = visitor.page.evaluate(MOVED)
            visitor.page.keyboard.up("a")
            visitor.page.keyboard.press("Escape")
        assert moved == 0 if calm else moved < -5
