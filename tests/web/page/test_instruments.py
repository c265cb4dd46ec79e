"""The instruments of the page, rendered offline: equally loud, without beats, never too loud; and the pedal."""

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import holds, visit
from tests.support.page_stage import Stage

RATE = 24000
WINDOW = RATE // 20
LOUDEST = 10 ** (-1 / 20)  # of full scale: -1 dB
TEN = [36, 43, 48, 52, 55, 60, 64, 67, 72, 76]
RENDER = """async ([instrument, pitches, velocity, seconds, rate]) => {
  const { Synth } = await import("/synth.js");
  const context = new OfflineAudioContext(2, rate * seconds, rate);
  const synth = new Synth(context);
  if (pitches.length === 1) synth.wet.gain.value = 0;
  synth.seat("performer", { instrument, volume: 0.8, pan: 0 });
  for (const pitch of pitches) synth.on(String(pitch), "performer", pitch, velocity, 0);
  return Array.from((await context.startRendering()).getChannelData(0));
}"""


def rendered(page: Page, name: str, pitches: list[int], velocity: int, seconds: int) -> NDArray[np.float64]:
    return np.array(page.evaluate(RENDER, [name, pitches, velocity, seconds, RATE]))


def decibels(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """The level of each twentieth of a second."""
    power: NDArray[np.float64] = (samples.reshape(-1, WINDOW) ** 2).mean(1)
    return 10 * np.log10(power + 1e-12)


def test_the_instruments_are_equally_loud_do_not_beat_and_stay_below_the_limit(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        names = page.evaluate("async () => Object.keys((await import('/instruments.js')).INSTRUMENTS)")
        held = {name: rendered(page, name, [60], 90, 3) for name in names}
        peaks = {name: float(np.abs(rendered(page, name, TEN, 127, 1)).max()) for name in names}
    assert len(names) >= 4
    loud = {name: 10 * np.log10((samples[:RATE] ** 2).mean()) for name, samples in held.items()}
    assert max(loud.values()) - min(loud.values()) <= 3.0, loud
    for name, samples in held.items():
        sounding = decibels(samples)[3:]
        assert (sounding - np.minimum.accumulate(sounding)).max() < 1.0, f"{name} rises again"
        spectrum = np.abs(np.fft.rfft(samples[RATE // 2 :]))
        assert abs(float(spectrum.argmax()) / 2.5 - 261.63) < 1.5, name
    assert all(0.1 < peak <= LOUDEST for peak in peaks.values()), peaks


def test_an_instrument_is_chosen_and_remembered(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.locator("#sound-player-instrument").select_option("organ")
        page.locator("#sound-player-volume").fill("0.4")
        page.evaluate("() => livegen.sound.unlock()")
        page.reload()
        expect(page.locator("#sound-player-instrument")).to_have_value("organ")
        assert page.evaluate("livegen.sound.seats.player.volume") == 0.4
        page.evaluate('() => localStorage.setItem(\'seats\', \'{"player": {"instrument": "kazoo"}}\')')
        page.reload()
        expect(page.locator("#sound-player-instrument")).to_have_value("lead")


def test_shift_is_a_pedal_that_holds_what_is_let_go(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        sounding = "livegen.score.sounding(60).has('performer')"
        page.keyboard.down("Shift")
        page.keyboard.press("a")
        holds(page, sounding)
        page.keyboard.up("Shift")
        holds(page, f"!{sounding}")
        page.keyboard.press("a")
        holds(page, f"!{sounding}")
