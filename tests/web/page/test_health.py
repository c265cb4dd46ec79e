"""How things stand, on the page: a line when something is wrong, all numbers behind a button."""

from playwright.sync_api import Browser, expect

from livegen.live.health import Report
from tests.support.browser import visit
from tests.support.page_stage import Stage

WELL = Report(1.0, 2.0, 3.0, 1.0, 40, 0, 0, 0, 1, 1, 0, 0, 1.0, 0.97, 0.9)

# What livegen itself says each second is not to come between.
SILENCED = "() => livegen.link.ears.delete('/livegen/out/health')"


def test_a_line_says_what_is_wrong_and_the_numbers_are_behind_a_button(browser: Browser, stage: Stage) -> None:
    with visit(browser, stage.url) as visitor:
        page = visitor.page
        wrong, numbers = page.locator("p.health"), page.locator("details.health li")
        expect(numbers).to_have_count(len(Report._fields))  # livegen's own, as the page found them
        page.evaluate(SILENCED)
        page.evaluate("all => livegen.health.show(all)", list(WELL))
        expect(wrong).to_be_hidden()
        bad = WELL._replace(dropped=2, late_steps=3, trouble=1)
        page.evaluate("all => livegen.health.show(all)", list(bad))
        expect(wrong).to_have_text(
            "the journal cannot be written; 2 notes were too late and left out; the model is slow (3 late steps)"
        )
        page.evaluate("all => livegen.health.show(all)", list(bad._replace(trouble=0)))
        expect(wrong).to_be_hidden()  # no more than before
        expect(numbers.first).to_be_hidden()
        page.locator("details.health summary").click()
        expect(numbers.nth(Report._fields.index("isrw"))).to_have_text("ISRw: 0.97")
