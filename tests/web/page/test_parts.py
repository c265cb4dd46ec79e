"""The page's own parts, each alone: the synth and the OSC codec."""

import struct
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from livegen.osc import packets
from tests.support.browser import visit
from tests.support.page_stage import Stage

RENDERED = """async () => {
  const { Synth } = await import("/synth.js");
  const context = new OfflineAudioContext(2, 48000 * 3, 48000);
  const synth = new Synth(context);
  synth.on("a", "performer", 69, 100, 0);
  synth.on("b", "player", 57, 100, 1);
  const buffer = await context.startRendering();
  const left = buffer.getChannelData(0);
  const rms = (from, to) => {
    const part = left.slice(from * 48000, to * 48000);
    return Math.sqrt(part.reduce((sum, x) => sum + x * x, 0) / part.length);
  };
  return { first: rms(0.1, 0.9), second: rms(1.1, 1.9), peak: left.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    samples: Array.from(left.slice(4800, 4800 + 32768)) };
}"""


def test_the_synth_is_in_tune_and_does_not_clip(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        sound = visitor.page.evaluate(RENDERED)
    assert sound["first"] > 0.01 and sound["second"] > 0.01
    assert sound["peak"] < 0.95
    spectrum = np.abs(np.fft.rfft(np.array(sound["samples"]) * np.hanning(32768)))
    assert float(spectrum.argmax()) * 48000 / 32768 == pytest.approx(440.0, abs=1.5)


MESSAGES: list[tuple[str, tuple[Any, ...]]] = [
    ("/livegen/note", (60, 100, 1, 2**31 - 1)),
    ("/livegen/temperature", (0.5,)),
    ("/livegen/mode", ("duet",)),
    ("/livegen/out/line", ("S R₂ G♯",)),
    ("/a", ()),
    ("/abc", (-1, "", "abc", 1.5)),
]


def test_the_page_speaks_osc_as_livegen_does(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        for address, args in MESSAGES:
            packet = page.evaluate(
                "async ([a, b]) => Array.from((await import('/osc.js')).encode(a, ...b))", [address, list(args)]
            )
            assert packets.decode(bytes(packet), 0.0) == [packets.Message(address, args)]
            read = page.evaluate(
                "async (p) => (await import('/osc.js')).decode(Uint8Array.from(p).buffer)",
                list(packets.encode(address, *args)),
            )
            assert read == [{"address": address, "args": list(args)}]
        bundle = (
            b"#bundle\0"
            + bytes(8)
            + b"".join(
                struct.pack(">i", len(part)) + part for part in (packets.encode("/a", 1), packets.encode("/b", "two"))
            )
        )
        read = page.evaluate("async (p) => (await import('/osc.js')).decode(Uint8Array.from(p).buffer)", list(bundle))
        assert [message["address"] for message in read] == ["/a", "/b"]
