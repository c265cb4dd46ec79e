"""What a frame of the pages costs: ``python -m benchmarks.studies.frames [--voices 16] [--seconds 10]``.

A band that plays by itself is shown by the page and by ``/visuals``, each at 1920 x 1080 in a Chromium of its own. The
time is the processor's on the page's main thread (scripts, styles, layout, painting), so that other programs do not
count; the raster is made in other threads, by the processor where there is no graphics card. It needs Playwright and a
Chromium.
"""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tools.screens import FLAGS, Jam, until

_FRAME = 1000 / 60  # milliseconds
# The times between frames, in milliseconds, while the study looks on.
_WATCH = """() => {
  window.gaps = [];
  let last = performance.now();
  const frame = (now) => { gaps.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""


def band(voices: int) -> str:
    """The configuration of a band that plays by itself."""
    each = '[[voice]]\nname = "v{0}"\nmode = "autonomous"\nmodel = "markov"\nchannel_out = {0}\n'
    return "\n".join(each.format(number) for number in range(1, voices + 1))


def _metrics(session: CDPSession) -> dict[str, float]:
    found: dict[str, Any] = session.send("Performance.getMetrics")
    return {each["name"]: each["value"] for each in found["metrics"]}


def measure(browser: Browser, address: str, seconds: float) -> str:
    """What one page costs."""
    page: Page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(address)
    until(page, "window.livegen?.link.connected", 60.0)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    until(page, "livegen.score.notes.length > 100", 60.0)
    page.evaluate(_WATCH)
    before, drawn = _metrics(session), page.evaluate("(livegen.roll ?? livegen.wall).frames")
    page.wait_for_timeout(1000 * seconds)
    after, frames = _metrics(session), page.evaluate("(livegen.roll ?? livegen.wall).frames") - drawn
    gaps = page.evaluate("gaps")
    notes = page.evaluate("livegen.score.notes.length")
    parts = {name: 1000 * (after[f"{name}Duration"] - before[f"{name}Duration"]) / max(1, frames) for name in _PARTS}
    page.close()
    said = ", ".join(f"{name.lower()} {cost:.2f}" for name, cost in parts.items())
    late = sum(gap > 1.5 * _FRAME for gap in gaps) / max(1, len(gaps))
    return (
        f"{frames / seconds:.1f} frames a second, {notes} notes; processor time of a frame in ms: {said}; "
        f"between frames {statistics.median(gaps):.1f} ms, {late:.0%} later than a frame and a half"
    )


_PARTS = ("Task", "Script", "RecalcStyle", "Layout")


def main() -> None:
    """Measure both pages, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        jam = Jam(Path(folder), band(asked.voices))
        try:
            for path in ("", "visuals"):
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                print(f"/{path}: {measure(browser, jam.address + path, asked.seconds)}")
                browser.close()
        finally:
            jam.end()


if __name__ == "__main__":
    main()
