"""The page's drums in a real browser: a kit that sounds, hits on lanes, and the drummer's buttons."""

import contextlib

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import holds, visit
from tests.support.page_stage import Stage

# Each key of a kit alone, rendered offline: its peak, its loudness, and the mean of its spectrum (hertz) by its
# zero crossings.
KIT = """async keys => {
  const { DrumKit } = await import("/drum_kit.js");
  const found = [];
  for (const key of keys) {
    const context = new OfflineAudioContext(1, 24000, 48000);
    new DrumKit(context, context.destination).hit(key, 110);
    const data = (await context.startRendering()).getChannelData(0);
    let [peak, sum, turns] = [0, 0, 0];
    for (let i = 0; i < 4800; i++) {
      peak = Math.max(peak, Math.abs(data[i]));
      sum += data[i] ** 2;
      turns += i > 0 && data[i] * data[i - 1] < 0 ? 1 : 0;
    }
    found.push([peak, Math.sqrt(sum / 4800), turns / 2 / 0.1]);
  }
  return found;
}"""
HITS = "livegen.score.notes.filter(note => note.channel === 10 && note.who === 'player').length"
DRUMS = {"kick": 36, "snare": 38, "closed hat": 42, "open hat": 46, "low tom": 43, "high tom": 50, "crash": 49}


def test_each_drum_sounds_and_none_like_another(stage: Stage, browser: Browser) -> None:
    with visit(browser, stage.url) as visitor:
        found = dict(zip(DRUMS, visitor.page.evaluate(KIT, list(DRUMS.values())), strict=True))
    for name, (peak, loud, _) in found.items():
        assert 0.05 < peak < 0.95, name
        assert loud > 0.01, name
    pitch = {name: hertz for name, (_, _, hertz) in found.items()}
    assert pitch["kick"] < pitch["low tom"] < pitch["high tom"] < pitch["snare"] < pitch["closed hat"]
    assert pitch["kick"] < 120
    assert found["open hat"][1] > 1.3 * found["closed hat"][1]  # it rings on


def test_pads_are_hits_on_lanes_and_no_keys(stage: Stage, browser: Browser) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.keyboard.press("Shift")  # a gesture, so that the browser lets the page sound
        holds(page, "livegen.sound.running")
        for pad in (36, 42, 38):
            hit(page, pad)
        holds(page, "livegen.roll.lanes.drums.length === 3")
        assert page.evaluate("livegen.roll.lanes.drums") == [2, 1, 0]  # cymbals above, the kick below
        assert page.evaluate("livegen.sound.synth.kit.hits") == 3
        assert page.evaluate("livegen.score.sounding(38).size") == 0


def hit(page: Page, pad: int) -> None:
    """Strike a pad, as if it came from elsewhere, and let it go."""
    page.evaluate(
        """pad => {
          for (const hear of livegen.link.ears.get("/livegen/out/heard")) {
            hear(1, pad, 100, 10, "pads");
            hear(1, pad, 0, 10, "pads");
          }
        }""",
        pad,
    )


def test_the_drummers_buttons_steer_it(stage: Stage, browser: Browser) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        panel = page.locator("#drummer")
        on = panel.get_by_role("button", name="Drums")
        expect(on).to_have_attribute("aria-pressed", "false")
        on.click()
        expect(page.locator("#modes [data-value=accompany]")).to_have_attribute("aria-checked", "true")
        expect(on).to_have_attribute("aria-pressed", "true")
        panel.get_by_role("button", name="hard").click()
        expect(panel.get_by_role("button", name="hard")).to_have_attribute("aria-pressed", "true")
        panel.locator("select").select_option("funk")
        expect(page.locator("[data-address='/livegen/style'] select")).to_have_value("funk")
        for _ in range(24):
            page.keyboard.press("a")
            page.wait_for_timeout(250)
            if page.evaluate(HITS):
                break
        holds(page, f"{HITS} > 0")
        panel.get_by_role("button", name="Fill").click()
        on.click()
        expect(page.locator("#modes [data-value=call_and_response]")).to_have_attribute("aria-checked", "true")
        panel.get_by_role("button", name="medium").click()
        panel.locator("select").select_option("any")
        expect(page.locator("[data-address='/livegen/style'] select")).to_have_value("any")
        page.keyboard.press("Escape")
    heard = stage.jam.socket
    patience = heard.gettimeout()
    heard.setblocking(False)
    with contextlib.suppress(BlockingIOError):  # all that was played waits there, and would leave no room
        while True:
            heard.recv(8192)
    heard.settimeout(patience)
