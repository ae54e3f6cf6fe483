"""Signal words in the settings, at both widths."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import grave_findings
from tests.world import Place

SIZES = [(1280, 800), (390, 844)]


def test_an_administrator_changes_a_list_and_takes_the_default_again(
    ours: Place, sign_in: Callable[[str], Page], live_server: LiveServer
) -> None:
    page = sign_in("admin")
    page.goto(f"{live_server.url}/w/ours/settings/")
    page.get_by_role("link", name="Signals").click()
    _looks_right(page)
    page.get_by_role("link", name="Cancellation: German").click()
    words = page.get_by_label("Words and phrases, one a line")
    words.fill("kündig*\nich gehe")
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row", name="Cancellation: German")
    expect(row.get_by_text("Your own")).to_be_visible()
    page.get_by_role("link", name="Cancellation: German").click()
    expect(words).to_have_value("kündig*\nich gehe")
    _looks_right(page)
    page.get_by_role("button", name="Use the default again").click()
    page.get_by_role("dialog").get_by_role("button", name="Use the default again").click()
    expect(page.get_by_text("The default list is back.")).to_be_visible()
    expect(page.get_by_text("Your own")).to_have_count(0)


def _looks_right(page: Page) -> None:
    """At both widths and in both themes; the page stays as it is."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if width == 390 else "light")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert grave_findings(page) == [], width
