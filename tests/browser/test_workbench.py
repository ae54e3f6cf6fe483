"""The workbench in a real browser: by keyboard from the first category to the next item, drafts that survive
trouble, and two tabs where it is narrow."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from conversations.models import Message
from qa_reviews.models import Evidence, QueueItem, Rating, Review
from tests.world import Place

SignIn = Callable[[str], Page]
ASK = "Bitte 👍🏽 prüfen:\n  wo ist das Paket?"


@pytest.fixture
def desk(ours: Place, sign_in: SignIn, live_server: LiveServer) -> Page:
    """The reviewer's waiting item, opened."""
    Message.objects.create(
        workspace=ours.workspace,
        conversation=ours.rows["unreviewed"],
        key="m1",
        position=0,
        author_type="customer",
        author_name="Sam",
        text=ASK,
    )
    page = sign_in("reviewer")
    page.goto(address(live_server, ours))
    return page


def address(live_server: LiveServer, place: Place) -> str:
    return f"{live_server.url}/w/ours/queue/{place.rows['queue_item'].pk}/"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved")


def draft(place: Place) -> Review:
    return Review.objects.get(queue_item=place.rows["queue_item"])


# --- by keyboard ----------------------------------------------------------------------------------------


def test_from_the_first_category_to_the_next_item_by_keyboard(ours: Place, desk: Page) -> None:
    done = ours.rows["done_item"]
    review = ours.rows["review"]
    Review.objects.filter(pk=review.pk).update(queue_item=None, stratum=None, selection="manual")
    Review.objects.filter(pk=review.pk).update(reviewer=ours.people["manager"])
    QueueItem.objects.filter(pk=done.pk).update(state="open")
    press(desk, "j", "3", "c")
    desk.keyboard.type("Asked first. 1 2 3 j k")
    press(desk, "Escape", "j", "2")
    expect(desk.locator("[data-score-value]")).to_have_text("61")
    expect(desk.locator("[data-answered]")).to_have_text("2")
    press(desk, "Control+Enter")
    desk.wait_for_url(f"**/queue/{done.pk}/")
    submitted = draft(ours)
    assert (submitted.state, submitted.score) == ("submitted", Decimal("61.1111"))
    solution = Rating.objects.get(grading__review=submitted, category="solution")
    assert (solution.option, solution.comment) == ("3", "Asked first. 1 2 3 j k")


def test_not_applicable_causes_and_undo(ours: Place, desk: Page) -> None:
    press(desk, "j", "1", "r")
    desk.keyboard.press("Space")
    press(desk, "Escape", "k", "j", "0")
    saved(desk)
    ratings = {rating["category"]: rating for rating in draft(ours).draft["ratings"]}
    assert ratings["solution"]["root_causes"] == ["Wrong product"]
    assert ratings["tone"]["na"] is True
    press(desk, "u", "u", "u")
    saved(desk)
    expect(desk.locator("[data-answered]")).to_have_text("0")
    press(desk, "u")
    expect(desk.locator("[data-answered]")).to_have_text("0")


def test_what_is_missing_is_shown_at_its_category_with_focus(ours: Place, desk: Page) -> None:
    press(desk, "j", "3", "Control+Enter")
    tone = desk.locator("#category-tone")
    expect(tone).to_contain_text("Choose an option or N/A.")
    expect(tone).to_be_focused()
    assert draft(ours).state == "draft"
    press(desk, "3")
    expect(tone).not_to_contain_text("Choose an option or N/A.")


def test_selected_words_become_evidence_in_code_points(ours: Place, desk: Page) -> None:
    press(desk, "j", "3")
    desk.evaluate(
        """() => {
          const text = document.querySelector(".message-body").firstChild;
          const range = document.createRange();
          range.setStart(text, text.data.indexOf("prüfen"));
          range.setEnd(text, text.data.indexOf("ist") + 3);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    press(desk, "e")
    expect(desk.locator("#category-solution .quotes a")).to_have_text("prüfen:\n  wo ist")
    press(desk, "j", "3", "Control+Enter")
    desk.wait_for_url("**/queue/")
    assert Evidence.objects.get().quote == "prüfen:\n  wo ist"


def test_skipping_goes_on_to_the_next(ours: Place, desk: Page) -> None:
    press(desk, "s")
    desk.get_by_role("button", name="Skip and next").click()
    desk.wait_for_url("**/queue/")
    assert QueueItem.objects.get(pk=ours.rows["queue_item"].pk).state == "skipped"


def test_the_sheet_lists_the_keys(desk: Page) -> None:
    press(desk, "?")
    expect(desk.locator("#keys-sheet")).to_contain_text("Selected words as evidence")


# --- the draft ------------------------------------------------------------------------------------------


def test_the_draft_is_there_again_after_a_reload(desk: Page) -> None:
    press(desk, "j", "3")
    desk.locator("#review-comment").fill("Good pace")
    saved(desk)
    desk.reload()
    expect(desk.locator("#review-comment")).to_have_value("Good pace")
    expect(desk.locator("[data-score-value]")).to_have_text("67")


def test_the_older_tab_is_told_and_overwrites_nothing(
    ours: Place, desk: Page, live_server: LiveServer, troubles: list[str]
) -> None:
    other = desk.context.new_page()
    other.goto(address(live_server, ours))
    press(other, "j", "4")
    saved(other)
    press(desk, "j", "1")
    expect(desk.locator("[data-stopped]")).to_contain_text("saved in another tab")
    expect(desk.locator("[data-saved]")).to_have_attribute("data-state", "stale")
    press(desk, "n")
    expect(desk.get_by_text("Not saved: open elsewhere")).to_have_count(2)  # beside the score, and as a toast
    assert draft(ours).draft["ratings"][0]["option"] == "4"
    forget(troubles, "412")


def test_a_dropped_connection_loses_nothing(ours: Place, desk: Page, troubles: list[str]) -> None:
    desk.context.set_offline(True)
    press(desk, "j", "4")
    expect(desk.locator("[data-saved]")).to_have_attribute("data-state", "offline")
    press(desk, "2")
    desk.context.set_offline(False)
    saved(desk)
    assert draft(ours).draft["ratings"][0]["option"] == "2"
    forget(troubles, "ERR_INTERNET_DISCONNECTED")


def test_a_lost_answer_is_not_taken_for_another_tab(ours: Place, desk: Page, troubles: list[str]) -> None:
    """The server has saved, its answer never came: the next try finds its own words and goes on."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.route("**/api/v1/**", lose, times=1)
    press(desk, "j", "4")
    expect(desk.locator("[data-saved]")).to_have_attribute("data-state", "offline")
    press(desk, "3")
    saved(desk)
    kept = draft(ours)
    assert (kept.draft["ratings"][0]["option"], kept.draft_number) == ("3", 2)
    forget(troubles, "ERR_FAILED", "412")


def forget(troubles: list[str], *expected: str) -> None:
    """Take out the browser's own words on the errors that the test provoked."""
    assert troubles
    troubles[:] = [line for line in troubles if not any(part in line for part in expected)]


# --- narrow ------------------------------------------------------------------------------


def test_two_tabs_when_narrow_with_the_score_always_in_sight(desk: Page) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    bar, message, category = (
        desk.locator(".grading-bar"),
        desk.locator(".message").first,
        desk.locator("#category-solution"),
    )
    for tab, shown, hidden in (("Scorecard", category, message), ("Conversation", message, category)):
        desk.get_by_role("button", name=tab).click()
        expect(shown).to_be_visible()
        expect(hidden).to_be_hidden()
        expect(bar).to_be_in_viewport()
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
