"""The replay's page in a real browser: nothing axe objects to, and nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import grave_findings
from tests.insights.test_replay import QUERY, URL, Past, changed
from tests.world import Place

SignIn = Callable[[str], Page]


@pytest.fixture
def address(ours: Place, live_server: LiveServer) -> str:
    """A draft with two changes over six reviews of two agents."""
    past = Past(ours)
    for solution, tone in (("1", "ok"), ("2", "great"), ("3", "great")):
        past.review({"solution": solution, "tone": tone})
        past.review({"solution": solution, "tone": "poor"}, "other_agent")
    past.version(changed(solution={"weight": "10"}, tone={"weight": "30"}))
    return live_server.url + URL.format(ours.rows["scorecard"].pk) + QUERY


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read_by_all(sign_in: SignIn, address: str, width: int, theme: str) -> None:
    page = sign_in("manager")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Replay of version 2, a draft")
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_period_and_the_order_stand_in_the_address(sign_in: SignIn, address: str) -> None:
    page = sign_in("manager")
    page.goto(address)
    page.locator("section", has=page.locator("#agents-head")).get_by_role("link", name="Change").click()
    assert "sort=change" in page.url
    page.get_by_label("Date that counts").select_option("closed")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "date_axis=closed" in page.url
    expect(page.get_by_role("heading", name="Agents")).to_be_visible()
