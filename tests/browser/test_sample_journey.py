"""From a filter to a sample, and from the sample to the reviewer, in a real browser: the explorer, a plan of
its filter with its preview, the draw and its proof, the queue, and the workbench by one key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from common.periods import local_date, start_of
from qa_reviews.models import Draw, QueueItem, SamplePlan
from qa_reviews.selectors.queue import ORDER
from tests.conversations.rows import bring, conversation, message
from tests.world import Place

SignIn = Callable[[str], Page]
ASKED = "Where is my refund?"


@pytest.fixture
def week(ours: Place) -> date:
    """The Monday of the last whole week, in which eight conversations about bills and four about parcels were
    closed. Nothing else waits for anybody."""
    today = local_date(timezone.now(), ours.workspace.timezone)
    monday = start_of(today, "week") - timedelta(days=7)
    bring(
        ours.system,
        *[
            conversation(
                f"j{n}",
                subject=f"Order {n}",
                topic="billing" if n < 8 else "shipping",
                closed_at=f"{monday + timedelta(days=n % 7)}T10:00:00+00:00",
                messages=[message("m1", "customer", 0, ASKED), message("m2", "agent", 2, "Hi Sam")],
            )
            for n in range(12)
        ],
    )
    QueueItem.objects.filter(review=None).delete()
    return monday


def test_from_a_filter_to_the_workbench(
    ours: Place, week: date, sign_in: SignIn, live_server: LiveServer
) -> None:
    page, home = sign_in("lead"), f"{live_server.url}/w/ours"
    page.goto(f"{home}/conversations/")
    page.locator("#filter_topic").fill("billing")
    page.get_by_role("button", name="Show", exact=True).first.click()
    expect(page.locator("tbody tr")).to_have_count(8)
    page.get_by_role("link", name="Make a sample plan of this").click()

    preview = page.locator("#plan-preview")
    expect(page.get_by_label("Topics", exact=False).first).to_have_value("billing")
    expect(preview).to_contain_text("5 would be drawn")
    page.get_by_label("Name", exact=True).fill("Bills")
    page.get_by_role("spinbutton", name="Number", exact=True).fill("3")
    page.get_by_label("Second_Reviewer", exact=True).uncheck()
    expect(preview).to_contain_text("8 of 12 closed conversations match, of 1 agent; 3 would be drawn")
    expect(preview).to_contain_text("1 reviewer, with about 3 to review.")
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_role("heading", name="Bills", level=1)).to_be_visible()
    plan = SamplePlan.objects.get(name="Bills")
    assert plan.filter == {"team": [ours.rows["team"].pk], "topic": ["billing"]}

    page.get_by_role("button", name="Draw now").click()
    page.get_by_role("link", name="Verify").click()
    expect(page.get_by_text("It matches")).to_be_visible()
    draw = Draw.objects.get(plan=plan)
    items = list(draw.items.order_by(*ORDER))
    assert (draw.period_start, draw.frame_total, draw.created_by) == (week, 8, ours.people["lead"])
    assert [item.reviewer for item in items] == [ours.people["reviewer"]] * 3

    page = sign_in("reviewer")
    page.goto(f"{home}/queue/")
    expect(page.get_by_label("Bills")).to_have_attribute("max", "3")
    page.keyboard.press("n")
    page.wait_for_url(f"**/queue/{items[0].pk}/")
    expect(page.locator(".workbench.is-live")).to_be_visible()
    expect(page.locator(".transcript")).to_contain_text(ASKED)
    items[0].refresh_from_db()
    assert (items[0].state, items[0].review.selection) == ("claimed", "random")
