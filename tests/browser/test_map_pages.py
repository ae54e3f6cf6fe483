"""IQS and CSAT, and the benchmarks, in a real browser: nothing axe objects to, nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.services.references import give_published
from tests.browser.axe import grave_findings
from tests.insights.rows import Rows
from tests.insights.test_quality_map import HIGH, LOW, MONDAY, Cast
from tests.world import Place

SignIn = Callable[[str], Page]
DATES = "?from=2026-04-06&to=2026-04-12"


@pytest.fixture
def address(ours: Place, live_server: LiveServer) -> str:
    """Four agents, one in each part, and one who is between."""
    rows = Rows(ours)
    draw = rows.draw(rows.plan(), MONDAY)
    settings = ours.workspace.settings
    settings.headline_plan_id = draw.plan_id
    settings.save()
    cast = Cast(rows, draw, ours.rows["team"])
    for name, scores, satisfied in (
        ("Gill Ross", HIGH, 10),
        ("Lena Brandt", LOW, 10),
        ("Bert Claes", HIGH, 2),
        ("Nils Holm", LOW, 2),
        ("Una Mota", [40, 90, 65, 70, 95, 60], 6),
    ):
        cast.agent(name, scores, satisfied, channel="chat", topic="billing")
    give_published(actor=ours.system)
    return f"{live_server.url}/w/ours/insights/"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_they_fit_and_can_be_read_by_all(sign_in: SignIn, address: str, width: int, theme: str) -> None:
    page = sign_in("lead")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for path, heading in (("iqs-csat", "IQS and CSAT"), ("benchmarks", "Benchmarks")):
        page.goto(f"{address}{path}/{DATES}")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert grave_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_numbers_of_the_map_are_one_key_away(sign_in: SignIn, address: str) -> None:
    page = sign_in("manager")
    page.goto(f"{address}iqs-csat/{DATES}")
    chart = page.locator("#quality-map")
    expect(chart.locator("svg.chart-wide > text", has_text="Bert Claes")).to_be_visible()
    chart.get_by_text("Show the numbers").press("Enter")
    row = chart.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Bert Claes"))
    expect(row).to_contain_text("by the book, but not liked")
    page.get_by_role("link", name="Their sources").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Benchmarks")


def test_who_administers_changes_a_figure(sign_in: SignIn, address: str) -> None:
    page = sign_in("admin")
    page.goto(f"{address}benchmarks/")
    page.get_by_role("link", name="Companies that track IQS, %").click()
    page.get_by_label("Value, 0 to 100").fill("41")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="Companies that track IQS")).to_contain_text("41")
