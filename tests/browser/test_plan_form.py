"""The form of a plan in a real browser: by keyboard, with its live preview, narrow, in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from qa_reviews.models import SamplePlan
from qa_reviews.services.plans import end_plan
from tests.browser.axe import grave_findings
from tests.qa_reviews.samples import conversations, plan
from tests.world import Place

SignIn = Callable[[str], Page]
VIEWS = [((1280, 800), "light"), ((390, 844), "dark"), ((1280, 800), "dark"), ((390, 844), "light")]


def test_only_what_is_chosen_shows_and_the_preview_follows(
    ours: Place, sign_in: SignIn, live_server: LiveServer
) -> None:
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 7)
    conversations(ours, ours.rows["agent"], 20, day=monday)
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/plans/new/?channel=chat&closed_from=2026-01-01")
    expect(page.get_by_text("so they were left out: Closed from")).to_be_visible()
    preview = page.locator("#plan-preview")
    expect(preview).to_contain_text("20 of 20 closed conversations match")
    expect(preview).to_contain_text("5 would be drawn")

    days, parts = page.get_by_label("Days of a period"), page.get_by_label(re.compile("weekly parts"))
    expect(days).to_be_hidden()
    page.get_by_label("Month", exact=True).check()
    expect(parts).to_be_visible()
    page.get_by_label("Number of days").check()
    expect(days).to_be_visible()
    expect(parts).to_be_hidden()
    page.get_by_label("Week", exact=True).check()
    page.get_by_role("spinbutton", name="Number", exact=True).fill("7")
    expect(preview).to_contain_text("7 would be drawn")
    page.get_by_label("Agents, each other's work").check()
    expect(page.get_by_label("Agents may grade their own team")).to_be_visible()
    page.get_by_label("Reviewers", exact=True).check()

    name = page.get_by_label("Name", exact=True)
    name.fill("From the keyboard")
    name.press("Enter")
    expect(page.get_by_role("heading", name="From the keyboard")).to_be_visible()
    made = SamplePlan.objects.get(name="From the keyboard")
    assert (made.quota, made.period, made.filter) == (Decimal(7), "week", {"channel": ["chat"]})


def test_a_wrong_answer_is_named_above_and_at_its_field(
    ours: Place, sign_in: SignIn, live_server: LiveServer, troubles: list[str]
) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/plans/new/")
    page.get_by_label("Name", exact=True).fill("Nothing")
    page.get_by_role("spinbutton", name="Number", exact=True).fill("0")
    page.get_by_role("button", name="Save the plan").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Number: Must lie between 1 and 1000.")
    summary.get_by_role("link").click()
    expect(page.get_by_role("spinbutton", name="Number", exact=True)).to_be_focused()
    troubles[:] = [each for each in troubles if "422" not in each]


def test_a_plan_is_paused_and_ended_with_a_warning(
    ours: Place, sign_in: SignIn, live_server: LiveServer
) -> None:
    sample = plan(ours)
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/plans/{sample.pk}/")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="End the plan").click()
    expect(page.get_by_text("The plan has ended. Copy it to sample on.")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["plans/", "plans/new/", "plans/{plan}/", "plans/{plan}/edit/", "plans/{ended}/"]
)
def test_nothing_grave_in_both_themes_and_widths(
    ours: Place, sign_in: SignIn, live_server: LiveServer, path: str
) -> None:
    ended = plan(ours, name="Over")
    end_plan(actor=ours.system, plan_id=ended.pk)
    page = sign_in("manager")
    for (width, height), scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        response = page.goto(
            f"{live_server.url}/w/ours/{path.format(plan=ours.rows['plan'].pk, ended=ended.pk)}"
        )
        assert response is not None
        assert response.ok
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, path)
        assert grave_findings(page) == [], (scheme, path)
