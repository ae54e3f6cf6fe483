"""Reviewers and agreement in a real browser: nothing axe objects to, nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import grave_findings
from tests.insights.graders import Gave, give, reviewers
from tests.insights.rows import Rows
from tests.world import Place

SignIn = Callable[[str], Page]
MARCH = "?from=2026-03-01&to=2026-03-31"


@pytest.fixture
def address(ours: Place, live_server: LiveServer) -> str:
    """Five reviewers of thirty-two conversations; the last gives forty points less."""
    rows, dice = Rows(ours), np.random.default_rng(5)
    people = reviewers(rows, ["Una Berg", "Uwe Klein", "Ugo Rossi", "Uta Lang", "Odd Nilsen"])
    gave = []
    for number in range(32):
        level = int(dice.integers(1, 3))
        for place, who in enumerate(people):
            tone = min(level + int(dice.integers(0, 2)), 2) * 50.0 * (place != 4)
            gave.append(Gave(number, who, {"tone": tone, "solution": float(dice.choice([66.6667, 100.0]))}))
    give(rows, [ours.rows["agent"]], ours.rows["team"], gave)
    return f"{live_server.url}/w/ours/insights/"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "seen"), [("reviewers", "Odd Nilsen"), ("agreement", "The conversations that show it most")]
)
def test_it_fits_and_can_be_read_by_all(
    sign_in: SignIn, address: str, width: int, theme: str, name: str, seen: str
) -> None:
    page = sign_in("lead")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"{address}{name}/{MARCH}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name.title())
    expect(page.get_by_text(seen).first).to_be_visible()
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_from_the_tab_to_the_reviews_of_who_stands_out(sign_in: SignIn, address: str) -> None:
    page = sign_in("manager")
    page.goto(f"{address}agreement/{MARCH}")
    page.get_by_role("navigation", name="Insights").get_by_role("link", name="Reviewers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviewers")
    page.goto(f"{address}reviewers/{MARCH}")
    found = page.get_by_role("region", name="Who grades unlike the others")
    expect(found.get_by_role("listitem")).to_have_count(1)
    found.get_by_role("link", name="Odd Nilsen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviews")
    assert "reviewer=" in page.url
