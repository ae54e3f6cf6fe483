"""The boards and the planner in a real browser: fit for all, and items handed out by one press."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.access import Role
from accounts.models import Absence
from common.periods import start_of
from qa_reviews.models import Draw, QueueItem
from tests.browser.axe import grave_findings
from tests.insights.rows import Rows
from tests.world import Place, add_person

SignIn = Callable[[str], Page]
WIDTHS = [(1280, 800), (390, 844)]


@pytest.fixture
def draw(ours: Place) -> Draw:
    """Last week's, half done; one of its reviewers is away."""
    today = timezone.localdate()
    start = start_of(today, "week") - timedelta(days=7)
    rows, team, other = Rows(ours), ours.rows["team"], ours.rows["other_team"]
    away, there = (add_person(ours, name, Role.REVIEWER) for name in ("zoe", "yan"))
    plan = rows.plan(name="Weekly sample", risk_filter={"csat_max": "2"})
    for member in (away, there):
        plan.reviewer_rows.create(workspace=ours.workspace, member=member)
    made = rows.draw(plan, start)
    bea, cy = rows.agent("Bea Lange", team), rows.agent("Cy Okoro", other)
    rows.stratum(made, ours.rows["agent"], team, [80, 90, 70], frame=30, open_items=1)
    rows.stratum(made, ours.rows["agent"], team, [40], frame=6, band="risk", open_items=1)
    rows.stratum(made, bea, team, [60, 75], frame=20, open_items=2)
    rows.stratum(made, cy, other, [88], frame=12, open_items=3)
    QueueItem.objects.filter(draw=made).update(reviewer=away, due_on=today + timedelta(days=4))
    Absence.objects.create(
        workspace=ours.workspace, member=away, starts_on=today, ends_on=today + timedelta(days=3)
    )
    return made


@pytest.mark.parametrize("path", ["draws/{draw}/board/", "plans/{plan}/board/", "plans/planner/?plan={plan}"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_they_fit_and_can_be_read_by_all(
    draw: Draw, sign_in: SignIn, live_server: LiveServer, path: str, theme: str
) -> None:
    page = sign_in("manager")
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{live_server.url}/w/ours/{path.format(draw=draw.pk, plan=draw.plan_id)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert grave_findings(page) == [], (theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (theme, width)


def test_what_waits_for_the_absent_is_shared_out_by_one_press(
    draw: Draw, ours: Place, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/draws/{draw.pk}/board/")
    expect(page.get_by_text("Zoe is away while 7 conversations wait.")).to_be_visible()
    page.get_by_role("button", name="Share them out").click()
    expect(page.get_by_text("7 conversations moved.")).to_be_visible()
    expect(page.get_by_text("Zoe is away while")).to_have_count(0)
    waiting = QueueItem.objects.filter(draw=draw, state="open")
    assert {item.reviewer_id for item in waiting} == {ours.people["yan"].pk}


def test_the_board_of_a_plan_shares_out(
    draw: Draw, ours: Place, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/plans/{draw.plan_id}/board/")
    page.get_by_role("row", name="Zoe").get_by_role("button", name="Share out").click()
    expect(page.get_by_text("7 conversations moved.")).to_be_visible()
    waiting = QueueItem.objects.filter(draw=draw, state="open")
    assert {item.reviewer_id for item in waiting} == {ours.people["yan"].pk}


def test_ticked_conversations_go_to_one_reviewer(
    draw: Draw, ours: Place, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("lead")
    page.goto(f"{live_server.url}/w/ours/draws/{draw.pk}/board/")
    page.get_by_role("button", name="Tick all").click()
    expect(page.locator("input[name=item]:checked")).to_have_count(4)  # of the lead's team
    page.get_by_role("button", name="Tick all").click()
    expect(page.locator("input[name=item]:checked")).to_have_count(0)
    page.keyboard.press("j")  # to the first row
    page.keyboard.press("Space")
    page.get_by_label("The ticked ones go").select_option(label="to Yan")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("1 conversation moved.")).to_be_visible()
    row = page.get_by_role("row", name="Yan").first
    row.get_by_role("link", name="Show").click()
    assert "reviewer=" in page.url
    expect(page.locator("input[name=item]")).to_have_count(1)
    page.get_by_role("link", name="Show everybody's").click()
    expect(page.locator("input[name=item]")).to_have_count(4)


def test_the_planner_answers_another_question(draw: Draw, sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/plans/planner/?plan={draw.plan_id}")
    expect(page.get_by_role("heading", name="Every agent to ±5")).to_be_visible()
    page.get_by_label("Known to ± points").fill("10")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Every agent to ±10")).to_be_visible()
    page.locator("#buys .chart-data summary").click()
    head = page.locator("#buys .chart-data th[scope=col]")
    assert head.all_inner_texts() == ["Reviews per agent", "Known to ±"]
    page.locator("#agents").get_by_role("link", name="Conversations").click()
    assert "sort=-frame" in page.url
    assert "half_width=10" in page.url
