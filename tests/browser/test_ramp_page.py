"""The page of new agents in a real browser: nothing axe objects to, and nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import grave_findings
from tests.insights.rows import Rows
from tests.insights.test_ramp import start_five
from tests.world import Place

SignIn = Callable[[str], Page]


@pytest.fixture
def address(ours: Place, live_server: LiveServer) -> str:
    """Four who started ten weeks ago, and one nineteen weeks ago."""
    today = timezone.now().date()
    start_five(Rows(ours), today - timedelta(days=today.weekday(), weeks=10))
    return f"{live_server.url}/w/ours/insights/ramp/"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read_by_all(sign_in: SignIn, address: str, width: int, theme: str) -> None:
    page = sign_in("lead")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"{address}?cohort=month")
    expect(page.get_by_role("heading", level=1)).to_have_text("New agents")
    expect(page.get_by_text("1 of 3 agents: the numbers of so few")).to_be_visible()
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_groups_stand_in_the_address(sign_in: SignIn, address: str) -> None:
    page = sign_in("manager")
    page.goto(address)
    page.get_by_label("Started in the same").select_option("month")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "cohort=month" in page.url
    page.get_by_role("navigation", name="Insights").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Insights")
