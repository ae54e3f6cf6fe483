"""Grading by keyboard alone: conditions, causes, evidence, remarks, templates, suggestions, active time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from qa_reviews.models import Evidence, Grading, QueueItem, Rating, Remark, Review, SamplePlan
from tests.browser.axe import grave_findings
from tests.browser.bench_card import lay_out
from tests.browser.test_workbench import address, draft, press, saved
from tests.world import Place

SignIn = Callable[[str], Page]


@pytest.fixture
def desk(ours: Place, sign_in: SignIn, live_server: LiveServer) -> Page:
    """The reviewer's waiting item with everything a scorecard can ask, graded blind."""
    lay_out(ours, rule=True)
    page = sign_in("reviewer")
    page.goto(address(live_server, ours))
    return page


@pytest.fixture
def open_desk(ours: Place, sign_in: SignIn, live_server: LiveServer) -> Page:
    """The same, of a plan that hides nothing."""
    lay_out(ours, rule=True)
    SamplePlan.objects.update(blind=False)
    page = sign_in("reviewer")
    page.goto(address(live_server, ours))
    return page


def rating(review: Review, category: str) -> Rating:
    return Rating.objects.get(grading__review=review, category=category)


def drafted(place: Place) -> dict[str, dict[str, Any]]:
    return {each["category"]: each for each in draft(place).draft["ratings"]}


def test_a_whole_review_by_keyboard_alone(ours: Place, desk: Page) -> None:
    press(desk, "j", "1", "r", "2", "o")  # Solution: wrong, since there was no macro, and
    desk.keyboard.type("Guessed")
    press(desk, "Escape", "h", "j", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "e")
    expect(desk.locator("mark.passage")).to_have_text("Sam, sorry")
    press(desk, "j", "m")
    desk.keyboard.type("Say *why* first")
    press(desk, "Escape", "j", "j", "p", "Escape", "l", "j", "1", "c")  # praise without words; Tone: poor
    desk.keyboard.type("Too short #tone")
    press(desk, "Escape", "j", "2")  # what the poor tone asks for
    expect(desk.locator("#category-repair")).to_have_class("category is-rated is-here")
    press(desk, "j", "Enter", "c")
    desk.keyboard.type("4711")
    press(desk, "Escape", "j", "2", "j", "2", "j", "2", "j", "3", "j", "c")
    desk.keyboard.type("On the whole")
    saved(desk)
    press(desk, "Control+Enter")
    desk.wait_for_url("**/queue/")
    review = draft(ours)
    grading = Grading.objects.get(review=review)
    assert (review.state, grading.comment, review.hashtags) == ("submitted", "On the whole", ["tone"])
    assert grading.answers == {"order": "4711", "kind": "Refund"}
    solution = rating(review, "solution")
    assert (solution.option, solution.root_causes) == ("wrong", ["Process > No macro", "Other: Guessed"])
    assert [(each.quote, each.start, each.end) for each in Evidence.objects.all()] == [("Sam, sorry", 3, 13)]
    remarks = [(each.kind, each.body, each.quote) for each in Remark.objects.order_by("pk")]
    assert remarks == [("remark", "Say *why* first", ""), ("praise", "", "")]
    # (0 x 30 + 0 x 20 + 100 x 10 + 100 x 10) / 70, and ten for delight
    assert (review.score, grading.uncapped_score) == (Decimal("38.5714"), Decimal("38.5714"))
    assert rating(review, "tone").suggestion_source == "text rule: Apology"


def test_what_the_answers_ask_for_comes_and_goes_without_the_server(ours: Place, desk: Page) -> None:
    repair, live = desk.locator("#category-repair"), desk.locator("[data-live]")
    expect(repair).to_be_hidden()
    press(desk, "j", "j", "2")
    expect(repair).to_be_visible()
    expect(live).to_have_text("Now to be rated: Made up for the tone")
    expect(desk.locator("[data-total]")).to_have_text("6")
    press(desk, "j", "2", "c")
    desk.keyboard.type("With a voucher")
    saved(desk)
    assert "repair" in drafted(ours)
    press(desk, "Escape", "k", "3")
    expect(repair).to_be_hidden()
    expect(live).to_have_text("No longer asked: Made up for the tone")
    saved(desk)
    assert "repair" not in drafted(ours)
    press(desk, "2")
    expect(repair.locator("textarea")).to_have_value("With a voucher")
    expect(repair.locator("input:checked")).to_have_value("2")


def test_a_suggestion_is_taken_over_with_its_passages_and_kept_beside_the_rating(
    ours: Place, open_desk: Page
) -> None:
    press(open_desk, "j", "j", "t")
    expect(open_desk.locator("#category-tone .quotes a")).to_have_text("sorry for the wait")
    expect(open_desk.locator("#category-tone input:checked")).to_have_value("3")
    press(open_desk, "u")
    expect(open_desk.locator("#category-tone .quotes")).to_have_count(0)
    expect(open_desk.locator("#category-tone input:checked")).to_have_count(0)
    press(open_desk, "k", "t")
    expect(open_desk.locator("[role=status].toasts")).to_contain_text("Nothing is suggested here.")


def test_blind_until_it_is_revealed_and_that_is_kept(ours: Place, desk: Page) -> None:
    expect(desk.locator("[data-suggestion]")).to_have_count(0)
    press(desk, "j", "3")
    desk.get_by_role("button", name="Reveal").click()
    desk.locator("#reveal-dialog").get_by_role("button", name="Reveal").click()
    expect(desk.locator("#category-tone [data-suggestion]")).to_contain_text("Suggested: Good")
    assert draft(ours).revealed_at is not None
    expect(desk.locator("#category-solution input:checked")).to_have_value("right")


def test_templates_are_found_by_typing_and_people_and_hashtags_offered(ours: Place, desk: Page) -> None:
    Review.objects.filter(pk=ours.rows["review"].pk).update(hashtags=["shipping", "refund"])
    press(desk, "j", "i")
    desk.keyboard.type("number")
    expect(desk.get_by_role("option")).to_have_count(1)
    press(desk, "Enter")
    comment = desk.locator("#category-solution textarea")
    expect(comment).to_have_value("Ask for the order number first. #shipping")
    desk.keyboard.type(" @Man")
    expect(desk.get_by_role("option", name="@Manager")).to_be_visible()
    press(desk, "Enter")
    desk.keyboard.type("#ref")
    expect(desk.get_by_role("option", name="#refund")).to_be_visible()
    press(desk, "Tab")
    expect(comment).to_have_value("Ask for the order number first. #shipping @Manager #refund ")
    desk.locator("#category-solution").get_by_role("button", name="Preview").click()
    expect(desk.locator("#category-solution .preview .mention")).to_have_text("@Manager")


def test_active_time_pauses_when_nobody_is_there(ours: Place, desk: Page) -> None:
    draft_row = draft(ours)
    Review.objects.filter(pk=draft_row.pk).update(created_at=timezone.now() - timedelta(hours=1))
    desk.evaluate(
        """async () => {
          const { ActiveTime } = await import("/static/qa_reviews/active-time.js");
          let now = performance.now();
          performance.now = () => now;
          let shown = 0;
          const time = new ActiveTime(10, (seconds) => (shown = seconds));
          const pass = (seconds) => ((now += seconds * 1000), time.count());
          pass(20);
          const busy = shown;
          pass(600);
          const idle = shown;
          time.sign();
          pass(5);
          window.found = [busy, idle, shown];
        }"""
    )
    assert desk.evaluate("window.found") == [30, 40, 45]
    press(desk, "j", "3")
    saved(desk)
    assert (draft(ours).active_seconds or 0) < 60


def test_another_agent_of_the_conversation_can_be_reviewed_instead(ours: Place, desk: Page) -> None:
    press(desk, "j", "3")
    desk.get_by_text("1 other agent took part").click()
    desk.get_by_role("button", name="Review Bo Lind instead").click()
    desk.wait_for_url("**/edit/")
    expect(desk.locator("#category-solution input:checked")).to_have_value("right")
    mine = Review.objects.filter(reviewer=ours.people["reviewer"])
    review = mine.get(conversation=ours.rows["unreviewed"])
    assert (review.agent, review.queue_item) == (ours.rows["other_agent"], None)
    assert QueueItem.objects.get(pk=ours.rows["queue_item"].pk).state == "skipped"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(open_desk: Page, scheme: Any, width: int) -> None:
    open_desk.emulate_media(color_scheme=scheme)
    open_desk.set_viewport_size({"width": width, "height": 844})
    press(open_desk, "j", "1", "r", "1", "Escape", "h", "j", "e", "m")
    open_desk.keyboard.type("So it is")
    assert grave_findings(open_desk) == []
    press(open_desk, "Escape", "l", "j", "1", "c")
    assert grave_findings(open_desk) == []
