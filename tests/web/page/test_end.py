"""The button that ends livegen: there where livegen is an app, and not at the first touch."""

from playwright.sync_api import Browser, expect

from tests.support.browser import visit
from tests.support.page_stage import Stage

# Both in one step, for the second is to come within seconds.
PRESS_TWICE = """button => {
  button.click();
  const asks = button.textContent;
  button.click();
  return [asks, button.textContent];
}"""


def test_the_button_that_ends_livegen_is_the_apps_alone_and_wants_two_presses(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        expect(visitor.page.locator("#end")).to_be_hidden()
    with visit(browser, f"{stage.url}#app") as visitor:
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        found = visitor.page.locator("#end button").evaluate(PRESS_TWICE)
        assert found == ["Press again to end", "End livegen"]
        expect(visitor.page.locator("#end [role=status]")).to_contain_text("Ctrl-C")  # the answer of one that is no app
        assert asked.count(f"POST {stage.url}end") == 1
        assert all("403" in complaint for complaint in visitor.complaints)
        visitor.complaints.clear()  # of the browser itself, on the refusal
