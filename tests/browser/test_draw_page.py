"""A draw's ledger in a real browser: it fits, all can read it, and it is raised, redrawn and verified."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from qa_reviews.models import Draw
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput
from qa_reviews.services.raises import raise_quota
from tests.browser.axe import grave_findings
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.world import Place

SignIn = Callable[[str], Page]
WIDTHS = [(1280, 800), (390, 844)]


@pytest.fixture
def draw(ours: Place) -> Draw:
    """Two agents, bands, second looks, raised once."""
    for owner in ("agent", "other_agent"):
        conversations(ours, ours.rows[owner], 6, tags=["vip"])
        conversations(ours, ours.rows[owner], 20)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    sample = plan(
        ours,
        per_agent=3,
        risk_filter={"tag": "vip"},
        second_review_share=Decimal("0.2"),
        reviewers=members,
    )
    manager = ours.actor("manager")
    made = draw_plan(actor=manager, plan_id=sample.pk, period_start=WEEK)[0]
    quota = QuotaInput(value=Decimal(4))
    return raise_quota(
        actor=manager, draw_id=made.pk, quota=quota, reason="The new team is to be known better"
    )


@pytest.mark.parametrize("path", ["", "raise/", "redraw/"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read_by_all(
    draw: Draw, sign_in: SignIn, live_server: LiveServer, path: str, theme: str
) -> None:
    page = sign_in("manager")
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{live_server.url}/w/ours/draws/{draw.pk}/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for summary in page.locator("main details:not([open]) > summary").all():
        summary.click()
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert grave_findings(page) == [], (theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (theme, width)


def test_verified_raised_and_drawn_anew(draw: Draw, sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/draws/{draw.pk}/")
    page.get_by_role("link", name="Verify").click()
    expect(page.get_by_text("It matches")).to_be_visible()
    page.get_by_role("link", name="Raise the quota").click()
    page.get_by_label("New quota").fill("6")
    page.get_by_label("Reason").fill("Still not enough")
    page.get_by_role("button", name="Raise").click()
    expect(page.get_by_text("Still not enough")).to_be_visible()
    expect(page.get_by_text("6 conversations of each agent")).to_be_visible()
    page.get_by_role("link", name="Draw anew").click()
    page.get_by_role("button", name="Draw anew").click()
    page.get_by_label("Reason").fill("A file came late")
    page.get_by_role("button", name="Draw anew").click()
    expect(page.get_by_text("A file came late")).to_be_visible()
    page.get_by_role("link", name="the former draw").click()
    expect(page.get_by_text("counts in no number")).to_be_visible()
    page.get_by_role("link", name="Go to the draw that counts").click()
    expect(page.get_by_text("A file came late")).to_be_visible()
