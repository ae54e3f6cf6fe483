"""The arithmetic of a number in a real browser: one press from its figure, for all eyes, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import WorkspaceSettings
from tests.browser.axe import grave_findings
from tests.insights.rows import Rows
from tests.world import Place

SignIn = Callable[[str], Page]
MONDAY = date(2026, 4, 6)
DATES = "?from=2026-03-30&to=2026-04-12"
WIDTHS = [(1280, 800), (390, 844)]


@pytest.fixture
def drawn(ours: Place) -> None:
    """Two weeks of three agents, with a history from another tool before."""
    rows, team = Rows(ours), ours.rows["team"]
    plan = rows.plan(name="Weekly sample")
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(headline_plan_id=plan.pk)
    agents = [ours.rows["agent"], rows.agent("Bea Lange", team), rows.agent("Cy Okoro", team)]
    for week in range(2):
        draw = rows.draw(plan, MONDAY - timedelta(weeks=week))
        for place, agent in enumerate(agents):
            rows.stratum(draw, agent, team, [40 + 10 * place, 65], frame=9, band="risk")
            rows.stratum(draw, agent, team, [70, 85, 90, 75 + place, 100], frame=41)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_press_from_the_headline(
    drawn: None, sign_in: SignIn, live_server: LiveServer, theme: str
) -> None:
    page = sign_in("manager")
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{live_server.url}/w/ours/insights/{DATES}")
    page.locator("details.how summary").first.click()
    page.get_by_role("link", name="The whole arithmetic").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("IQS, all work")
    expect(page.get_by_role("heading", name="The range")).to_be_visible()
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert grave_findings(page) == [], (theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (theme, width)
