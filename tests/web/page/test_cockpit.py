"""Steering from the page (settings, ports, voices, slots, knobs, takes), and the page following other controls."""

import json
import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from livegen.events import NoteOn
from livegen.midi import midifile
from livegen.settings import Settings
from tests.support.browser import findings, holds, play, visit
from tests.support.jack import Peer, fluidsynth, private_jack
from tests.support.page_stage import PLAYED, Stage
from tests.support.places import EXAMPLES


def test_a_setting_moves_on_the_page_and_elsewhere(browser: Browser, stage: Stage) -> None:
    foreign = stage.jam
    with visit(browser, stage.url) as visitor:
        slider = visitor.page.get_by_label("temperature")
        slider.focus()
        visitor.page.keyboard.press("ArrowRight")
        assert foreign.receive("/livegen/temperature") == pytest.approx((1.01,))
        foreign.send("/livegen/temperature", 1.5)
        holds(visitor.page, "document.activeElement.value === '1.5'")
        foreign.send("/livegen/mode", "duet")
        expect(visitor.page.get_by_role("radio", name="duet")).to_have_attribute("aria-checked", "true")
        visitor.page.get_by_role("radio", name="call and response").click()
        assert foreign.receive("/livegen/mode") == ("duet",)
        assert foreign.receive("/livegen/mode") == ("call_and_response",)
        foreign.send("/livegen/temperature", 1.0)


def until_told(stage: Stage, address: str, value: float) -> bool:
    """Whether an address takes a value, of what is said from now on."""
    while stage.jam.receive(address) != pytest.approx((value,)):
        pass
    return True


def test_a_new_setting_appears_by_itself(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.evaluate("""async () => {
          const tree = await (await fetch("/livegen")).json();
          tree.CONTENTS.shimmer = { FULL_PATH: "/livegen/shimmer", TYPE: "f", ACCESS: 3, VALUE: [0.25],
            DESCRIPTION: "how it shimmers", RANGE: [{ MIN: 0, MAX: 1 }], TAGS: ["Light"] };
          livegen.cockpit.show(tree);
        }""")
        expect(page.get_by_label("shimmer")).to_have_value("0.25")
        page.get_by_text("More: every other setting").click()
        expect(page.get_by_role("heading", name="Light")).to_be_visible()
        search = page.get_by_label("Search the settings")
        search.fill("how it shimmers")
        expect(page.get_by_label("shimmer")).to_be_visible()
        expect(page.get_by_label("lowest")).to_be_hidden()
        search.fill("lowest pitch")
        expect(page.get_by_label("lowest")).to_have_attribute("aria-valuetext", "C2")


def test_a_fader_of_the_stage_says_in_words_what_it_means(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        density = visitor.page.get_by_label("How many notes")
        stage.jam.send("/livegen/density", 0.5)
        expect(density).to_have_attribute("aria-valuetext", "half as many")
        assert density.evaluate("(fader) => [fader.min, fader.value, fader.max].map(Number)") == [-2, -1, 2]
        density.fill("1")
        assert until_told(stage, "/livegen/density", 2.0)
        expect(density).to_have_attribute("aria-valuetext", "twice as many")
        stage.jam.send("/livegen/density", 1.0)


def test_every_live_setting_is_there(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        missing = visitor.page.evaluate("""async () => {
          const nodes = Object.values((await (await fetch("/livegen")).json()).CONTENTS);
          const settings = nodes.filter((node) => node.ACCESS === 3 && node.TYPE?.length === 1);
          return settings.map((node) => node.FULL_PATH).filter((path) => !livegen.cockpit.shown.has(path));
        }""")
        assert set(missing) <= {"/livegen/preset", "/livegen/take"}  # which have panels of their own


def test_the_take_and_the_phrase_are_saved(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        play(page, "asdf")
        holds(page, f"{PLAYED} >= 1")
        page.keyboard.press("Escape")
        with page.expect_download() as take:
            page.get_by_role("button", name="Take .mid").click()
        take.value.save_as(tmp_path / "take.mid")
        notes = [event for event in midifile.read(tmp_path / "take.mid").events if isinstance(event, NoteOn)]
        assert {60, 62, 64, 65} <= {note.pitch for note in notes}
        with page.expect_download() as phrase:
            page.get_by_role("button", name="Phrase ABC").click()
        phrase.value.save_as(tmp_path / "phrase.abc")
        assert "K:" in (tmp_path / "phrase.abc").read_text()
        with visitor.context.expect_page() as opened:
            page.get_by_role("link", name="All takes and sessions").click()
        sessions = opened.value
        expect(sessions.locator(".about").first).to_contain_text("notes of yours")
        sessions.get_by_role("button", name="Play").first.click()
        holds(sessions, "livegen.player.recorded && livegen.player.next > 0")
        holds(sessions, "livegen.player.synth.level() > 0.002")
        sessions.get_by_role("button", name="Stop").click()
        holds(sessions, "livegen.player.synth.voices.size === 0")
        sessions.get_by_role("checkbox").first.check()
        expect(sessions.locator("#train-command")).to_contain_text("livegen train mine --data")
        assert findings(sessions) == []


@pytest.mark.jack
def test_ports_are_shown_with_lights_and_a_synth_takes_over_the_sound(browser: Browser, tmp_path: Path) -> None:
    with private_jack() as jack, fluidsynth() as synth:
        stage = Stage(tmp_path, "--outputs", synth.partition(":")[0], midi=True)
        try:
            with visit(browser, stage.url) as visitor, Peer("keys", "out", True) as keys:
                page = visitor.page
                jack.connect("keys:out", "livegen:livegen in")
                expect(page.locator("#rig")).to_contain_text("hears livegen in")
                expect(page.locator("#rig")).to_contain_text(f"plays {synth.partition(':')[0]}")
                expect(page.get_by_role("switch", name="livegen")).to_have_attribute("aria-checked", "false")
                expect(page.get_by_role("switch", name="you")).to_have_attribute("aria-checked", "true")
                expect(page.locator("#sound-note")).to_be_visible()
                light = page.locator("#rig li", has_text="hears livegen in").locator(".light")
                light.evaluate("""(light) => new MutationObserver(() => {
                  window.lit ||= light.classList.contains("on"); // it is on for a moment only
                }).observe(light, { attributes: true })""")
                keys.play(0x90, 64, 100)
                holds(page, "window.lit")
                keys.play(0x80, 64, 0)
                holds(page, "livegen.score.notes.some(note => note.pitch === 64 && note.end !== null)")
                page.get_by_role("switch", name="livegen").click()  # somebody's choice goes first
                expect(page.get_by_role("switch", name="livegen")).to_have_attribute("aria-checked", "true")
        finally:
            stage.jam.end()


# The seats in the sound of a band whose bass and chords accompany, and of a performer on the bass's channel.
SEATS = """async () => {
  const { voiceParts } = await import("/voices.js");
  const voice = (mode, part, channel) => ({ CONTENTS: { mode: { VALUE: [mode] }, part: { VALUE: [part] },
    channel_out: { VALUE: [channel] } } });
  const band = { CONTENTS: { lead: voice("duet", "drums", 1), bass: voice("accompany", "bass", 2),
    chords: voice("accompany", "chords", 3) } };
  livegen.sound.band(voiceParts(band));
  return [...[1, 2, 3].map((channel) => livegen.sound.seatOf("player", channel)), livegen.sound.seatOf("performer", 2)];
}"""
# The colours of the keys that two voices sound; what one has decided stays while another decides.
COLOURS = """() => {
  const { score } = livegen;
  const now = performance.now() / 1000;
  score.plan({ pitch: 40, velocity: 90, start: now + 1, end: now + 2, channel: 2 });
  score.plan({ pitch: 64, velocity: 90, start: now + 1.5, end: now + 2, channel: 3 });
  const decided = score.planned.length;
  score.on("player", 40, 90, now, 1, 2);
  score.on("player", 64, 90, now, 2, 3);
  const found = decided === 2 ? [score.colour(40), score.colour(64)] : [];
  score.silence(now);
  return found;
}"""


def test_each_voice_of_a_band_has_its_settings_and_ears(browser: Browser, tmp_path: Path) -> None:
    stage = Stage(tmp_path, "--config", str(EXAMPLES / "band.toml"))
    try:
        with visit(browser, stage.url) as visitor:
            page = visitor.page
            # A voice whose mode changes has another sound.
            for mode, seat in (("accompany", "drums"), ("duet", "player")):
                stage.jam.send("/livegen/voice/bass/mode", mode)
                holds(page, f"(livegen.sound.parts.get(2) ?? 'player') === '{seat}'")
            assert page.evaluate(SEATS) == ["player", "bass", "chords", "performer"]
            expect(page.locator("#legend-voices")).to_have_text(re.compile(r"lead\s+bass\s+chords"))
            assert page.evaluate(COLOURS) == ["voice-2", "voice-3"]
            names = page.locator("#voices summary").all_text_contents()
            assert names[0] == "lead" and len(names) > 1
            page.locator("#voices summary").nth(1).click()
            box = page.locator("#voices details").nth(1)
            before = box.get_by_role("button", name="performer").get_attribute("aria-pressed")
            box.get_by_role("button", name="performer").click()
            after = {"true": "false", "false": "true"}[str(before)]
            expect(box.get_by_role("button", name="performer")).to_have_attribute("aria-pressed", after)
            page.get_by_role("button", name="bass: set whom it hears").click()
            expect(page.locator(".band [data-arrow='lead bass']")).to_have_class("answered")
            page.get_by_role("button", name="chords, heard by bass").click()
            expect(page.locator(".band [data-arrow='chords bass']")).to_have_count(1)
            page.get_by_role("button", name="lead, heard by bass").click()
            expect(page.locator(".band [data-arrow='lead bass']")).to_have_count(0)
            page.get_by_role("button", name="bass: set whom it hears").click()
            expect(page.locator(".band [aria-pressed=true]")).to_have_count(0)
            box.get_by_label("temperature").fill("0.6")
            assert stage.jam.receive(f"/livegen/voice/{names[1]}/temperature") == pytest.approx((0.6,))
    finally:
        stage.jam.end()


def test_a_slot_is_saved_recalled_and_cleared(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        slot = page.locator(".slots button").nth(4)
        play(page, "asd")
        page.get_by_role("button", name="Save to").click()
        slot.click()
        expect(slot).to_have_class("full")
        assert 5 in stage.jam.receive("/livegen/out/slots")
        slot.click()  # recalls
        page.get_by_role("button", name="Clear").click()
        slot.click()
        expect(slot).not_to_have_class("full")
        page.keyboard.press("Escape")


def test_a_knob_is_bound_by_pointing_at_a_setting(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        before = page.get_by_label("temperature").input_value()
        page.get_by_role("button", name="Bind a knob").click()
        page.get_by_label("temperature").click()
        expect(page.locator("#rig")).to_contain_text("Now move the knob or fader for temperature")
        assert page.get_by_label("temperature").input_value() == before
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Bind a knob")).to_have_attribute("aria-pressed", "false")


def test_every_name_that_can_be_chosen_is_one(stage: Stage) -> None:
    with urllib.request.urlopen(f"{stage.url}livegen") as answer:
        nodes = json.load(answer)["CONTENTS"]
    ranges = {name: (node.get("RANGE") or [None])[0] or {} for name, node in nodes.items()}
    named = {name: found["VALS"] for name, found in ranges.items() if "VALS" in found}
    assert {"mode", "model", "scale", "key", "raga", "tala", "harmony", "begin", "end", "sync"} <= set(named)
    for name, values in named.items():
        for value in values:
            Settings().set(name, value)
