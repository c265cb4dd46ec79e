"""Playing in a real browser: keys, fingers, answers drawn and heard, panic, reconnection."""

import re
import signal
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Visit, holds, play, visit
from tests.support.jack import until
from tests.support.page_stage import LOUD, LOUDEST, PLAYED, SOUNDING, Stage


def colours(page: Page) -> dict[str, int]:
    """Pixels of each part's colour in the roll left of now; the line of now is coloured, too."""
    found: dict[str, int] = page.evaluate("""() => {
      const roll = document.getElementById("roll");
      const wide = Math.floor(livegen.roll.x(livegen.roll.instant)) - 6;
      const { data } = roll.getContext("2d").getImageData(0, 0, wide, roll.height - 50);
      const count = { performer: 0, player: 0 };
      for (let i = 0; i < data.length; i += 4) {
        if (data[i] > 120 && data[i] > data[i + 2] * 1.8) count.performer += 1;
        if (data[i + 2] > 120 && data[i + 2] > data[i] * 1.8) count.player += 1;
      }
      return count;
    }""")
    return found


def test_what_is_typed_is_answered_drawn_and_heard_until_panic(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        expect(page.locator("#turn")).to_have_text("Your turn")
        assert colours(page)["player"] == 0
        play(page)
        until(lambda: colours(page)["performer"] > 500, what="the phrase is drawn")
        holds(page, f"{PLAYED} >= 2")
        assert page.evaluate(LOUD, 30)
        until(lambda: colours(page)["player"] > 200, what="the answer is drawn")
        page.keyboard.press("Escape")
        holds(page, f"{SOUNDING} === 0")
        holds(page, "livegen.sound.synth.level() < 1e-4", 2.0)
        assert page.evaluate(LOUDEST, 0.3) < 1e-4
        expect(page.locator("#turn")).to_have_text("Your turn")
        notes = page.evaluate("livegen.score.notes")
        assert [note["pitch"] for note in notes if note["who"] == "performer"] == [60, 62, 64, 65, 67, 65, 64, 60]


def test_the_turn_is_told_in_words_and_colour(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        play(visitor.page, "asdf")
        # The colour hangs on the body's attribute; both are looked at in one moment, for an answer may be short.
        expect(visitor.page.locator("body[data-turn=player] #turn")).to_have_text("livegen plays")
        visitor.page.keyboard.press("Escape")
        expect(visitor.page.locator("#turn")).to_have_text("Your turn")


def test_two_fingers_are_two_notes_and_a_glide_plays_on(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url, "tablet", touch=True) as visitor:
        page = visitor.page
        places = [page.locator(f'[data-pitch="{pitch}"]').bounding_box() for pitch in (60, 64)]
        points: list[dict[str, float]] = []
        for number, place in enumerate(places):
            assert place is not None
            points.append({"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] * 0.8, "id": number})
        finger = visitor.context.new_cdp_session(page)
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points})
        holds(page, f"{SOUNDING} === 2")
        right = [points[0], points[1] | {"x": points[1]["x"] + places[1]["width"]}]  # type: ignore[index]
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": right})
        holds(page, "livegen.score.sounding(65).has('performer') && !livegen.score.sounding(64).size")
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        holds(page, f"{SOUNDING} === 0")
        page.keyboard.press("Escape")


def test_keys_are_played_without_a_mouse(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.locator('[data-pitch="60"]').focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.down("Enter")
        holds(page, "livegen.score.sounding(61).has('performer')")
        page.keyboard.up("Enter")
        holds(page, f"{SOUNDING} === 0")
        assert page.locator(":focus").get_attribute("aria-label") == "Db4, computer key W"
        page.keyboard.press("Escape")


def test_a_note_of_this_page_is_drawn_once(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        play(page, "a")
        holds(page, "livegen.score.notes.some(note => note.who === 'performer')")
        page.wait_for_timeout(200)  # in which it could come a second time
        assert page.evaluate("livegen.score.notes.filter(note => note.who === 'performer').length") == 1
        page.keyboard.press("Escape")


def test_what_is_played_elsewhere_is_seen_and_heard_here(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.locator("h1").click()  # a gesture, so that it may sound
        stage.jam.send("/livegen/note", 72, 100)
        holds(page, "livegen.score.sounding(72).has('performer')")
        assert page.evaluate(LOUD, 30)
        lit = re.compile("performer")
        expect(page.locator('[data-pitch="72"]')).to_have_class(lit)
        page.get_by_role("button", name="An octave up").click()  # the keys are drawn anew
        assert lit.search(page.locator('[data-pitch="72"]').get_attribute("class") or "")
        stage.jam.send("/livegen/note", 72, 0)
        holds(page, f"{SOUNDING} === 0")
        page.keyboard.press("Escape")


def test_it_comes_back_when_livegen_does(browser: Browser, tmp_path: Path) -> None:
    first = Stage(tmp_path / "first")
    visitor = None
    try:
        visitor = Visit(browser)
        page = visitor.open(first.url)
        page.keyboard.down("a")
        holds(page, f"{SOUNDING} === 1")
        first.jam.end(signal.SIGKILL)
        expect(page.locator("#turn")).to_have_text("Not connected")
        assert page.evaluate(SOUNDING) == 0
        page.keyboard.up("a")
        again = Stage(tmp_path / "again", port=first.port)
        try:
            expect(page.locator("#turn")).to_have_text("Your turn")
            play(page)
            holds(page, f"{PLAYED} >= 1")
        finally:
            again.jam.end()
        # The browser itself writes down each attempt that nobody answered; nothing else may be there.
        assert all("ERR_CONNECTION" in complaint for complaint in visitor.complaints), visitor.complaints
    finally:
        first.jam.end(signal.SIGKILL)
        if visitor is not None:
            visitor.context.close()


def test_without_web_midi_it_says_so(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        visitor.page.get_by_role("button", name="Use a MIDI keyboard").click()
        expect(visitor.page.locator("#midi-note")).not_to_be_empty()


def test_what_is_likely_surprising_and_decided_is_shown_and_sounds_on_time(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.locator("h1").click()  # a gesture, so that it may sound
        page.evaluate("""async () => {
          await livegen.sound.unlock();
          window.taken = 0; // planned notes, given to the audio clock ahead, that livegen then said it played
          const { synth } = livegen.sound;
          const rename = synth.rename.bind(synth);
          synth.rename = (from, to) => { window.taken += 1; rename(from, to); };
          window.decided = 0;
          setInterval(() => { window.decided = Math.max(window.decided, livegen.score.planned.length); }, 5);
        }""")
        stage.jam.send("/livegen/answer", 4.0)  # enough notes, also where a busy machine tears the phrase apart
        play(page)
        holds(page, "livegen.score.surprises.length === 8")
        holds(page, "livegen.keys.likely.size >= 1")
        assert page.evaluate("[...livegen.keys.likely.values()].reduce((sum, p) => sum + p, 0)") <= 1.001
        holds(page, f"{PLAYED} >= 3")
        page.keyboard.press("Escape")
        assert page.evaluate("window.decided") >= 1
        assert page.evaluate("window.taken") >= 1
        stage.jam.send("/livegen/answer", 1.0)


def test_a_planned_note_that_is_taken_back_never_sounds(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.locator("h1").click()
        page.evaluate("async () => { await livegen.sound.unlock(); livegen.sound.plan(60, 100, 0.2); }")
        assert page.evaluate(LOUD, 30)  # otherwise this test could not fail
        page.wait_for_timeout(2000)
        page.evaluate("() => { livegen.sound.plan(60, 100, 0.2); livegen.sound.unplan(); }")
        assert page.evaluate(LOUDEST, 0.5) < 1e-4


def test_a_keyboard_of_the_browser_plays_unless_livegen_hears_it_itself(browser: Browser, stage: Stage) -> None:
    """Chromium has Web MIDI only where ALSA's sequencer is, so its keyboards are made up here."""
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        page.evaluate("""() => {
          window.made = ["Keystation", "livegen out", "Launchkey"].map((name) => ({ name, onmidimessage: null }));
          navigator.requestMIDIAccess = async () => ({ inputs: new Map(made.map((input, i) => [i, input])) });
          livegen.status.opened("in", "Launchkey:Launchkey MIDI 20:0");
        }""")
        page.get_by_role("button", name="Use a MIDI keyboard").click()
        expect(page.locator("#midi-note")).to_have_text("Playing: Keystation")
        assert page.evaluate("made.map(({ onmidimessage }) => onmidimessage !== null)") == [True, False, False]
        page.evaluate("made[0].onmidimessage({ data: [0x90, 67, 90] })")
        holds(page, "livegen.score.sounding(67).has('performer')")
        page.evaluate("made[0].onmidimessage({ data: [0x90, 67, 0] })")
        holds(page, f"{SOUNDING} === 0")
        page.keyboard.press("Escape")


def test_a_key_or_a_button_says_whose_turn_it_is(browser: Browser, stage: Stage) -> None:
    """livegen answers no silence here, so that it plays when it is told to."""
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        stage.jam.send("/livegen/turn", "pedal")
        play(page, "asdf")
        page.keyboard.press("n")
        expect(page.locator("body[data-turn=player]")).to_be_visible()
        page.get_by_role("button", name="Finish").click()
        expect(page.locator("body[data-turn=performer]")).to_be_visible()
        played = page.evaluate(PLAYED)
        page.get_by_role("button", name="Another answer").click()
        holds(page, f"{PLAYED} > {played}")
        page.keyboard.press("Escape")
        stage.jam.send("/livegen/turn", "auto")
        assert "answers your phrase" in (page.get_by_role("button", name="Your turn").get_attribute("title") or "")
