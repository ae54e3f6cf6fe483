"""The whole round of reviewing in a real browser: three conversations graded with the keyboard alone, one of
them disputed by its agent and answered by the lead; score, history and notices come out right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import WorkspaceSettings
from conversations.models import Message
from notices.models import Notice
from qa_reviews.models import Dispute, Evidence, QueueItem, Rating, Review
from qa_reviews.services.draws import draw_plan
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.world import Place

SignIn = Callable[[str], Page]
# The card: solution weighs 20 in four steps, tone 10 in three; so the second: (2/3 x 20 + 1/2 x 10) / 30.
ROUND = (("4", "3", Decimal(100)), ("3", "2", Decimal("61.1111")), ("2", "3", Decimal("55.5556")))


@pytest.fixture
def queue(ours: Place) -> list[QueueItem]:
    """Three drawn conversations of the agent, each with a question and an answer."""
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(dispute_resolver="lead")
    QueueItem.objects.filter(state__in=["open", "claimed"]).delete()
    Notice.objects.all().delete()
    for row in conversations(ours, ours.rows["agent"], 3):
        for position, (author, text) in enumerate((("customer", "Where is it?"), ("agent", "On its way."))):
            Message.objects.create(
                workspace=ours.workspace,
                conversation=row,
                key=f"m{position}",
                position=position,
                author_type=author,
                text=text,
            )
    draw, _ = draw_plan(actor=ours.system, plan_id=plan(ours, per_agent=3).pk, period_start=WEEK)
    return list(draw.items.order_by("order_hash"))


def test_three_by_keyboard_one_disputed_and_answered(
    ours: Place, queue: list[QueueItem], sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("reviewer")
    _grade_all(page, live_server)
    reviews = {review.queue_item_id: review for review in Review.objects.filter(queue_item__in=queue)}
    assert [reviews[item.pk].score for item in queue] == [score for _, _, score in ROUND]
    assert {item.state for item in QueueItem.objects.filter(pk__in=[item.pk for item in queue])} == {"done"}
    assert Evidence.objects.filter(quote="On its way.").count() == 1
    disputed = reviews[queue[2].pk]

    _dispute(sign_in("agent"), live_server, disputed)
    _answer(sign_in("lead"), live_server, disputed)

    disputed.refresh_from_db()
    assert (disputed.state, disputed.score) == ("resolved", Decimal("77.7778"))
    assert disputed.gradings.count() == 2
    newest = Rating.objects.get(grading__review=disputed, grading__number=2, category="solution")
    assert newest.option == "3"
    told = set(Notice.objects.values_list("kind", "recipient__name"))
    names = {person: ours.people[person].name for person in ("agent", "lead", "reviewer")}
    assert {("review_submitted", names["agent"]), ("dispute_raised", names["lead"])} <= told
    assert {("dispute_resolved", names["agent"]), ("dispute_resolved", names["reviewer"])} <= told
    _read_the_outcome(sign_in("agent"), live_server, disputed)


def _grade_all(page: Page, server: LiveServer) -> None:
    """Only keys from the queue on: the first row, then each form to the next one."""
    page.goto(f"{server.url}/w/ours/queue/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue/*/")
    for place, (solution, tone, _) in enumerate(ROUND):
        address = page.url
        for key in ("j", solution, "j", tone):
            page.keyboard.press(key)
        if place == 2:
            _mark_why(page)
        expect(page.locator("[data-answered]")).to_have_text("2")
        page.keyboard.press("Control+Enter")
        expect(page).not_to_have_url(address)
    page.wait_for_url("**/queue/")


def _mark_why(page: Page) -> None:
    """Back to the first category: a cause, a comment, and the agent's words as evidence."""
    page.keyboard.press("k")
    page.keyboard.press("r")
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("Say when it arrives. #eta")
    page.keyboard.press("Escape")
    page.evaluate("getSelection().selectAllChildren([...document.querySelectorAll('.message-body')].at(-1))")
    page.keyboard.press("e")
    expect(page.locator("#category-solution .quotes")).to_contain_text("On its way.")


def _dispute(page: Page, server: LiveServer, review: Review) -> None:
    page.goto(f"{server.url}/w/ours/inbox/")
    expect(page.locator("main")).to_contain_text("A conversation of yours was reviewed")
    page.goto(f"{server.url}/w/ours/reviews/{review.pk}/")
    expect(page.locator("#judged-solution")).to_contain_text("Say when it arrives.")
    page.get_by_text("Something is not right?").click()
    page.locator("#dispute_rating-solution").select_option("4")
    page.get_by_label("Why?").fill("It left the same hour.")
    page.get_by_role("button", name="Send the dispute").click()
    expect(page.locator("#dispute")).to_contain_text("It left the same hour.")
    assert Dispute.objects.get(review=review).proposed[0]["option"] == "4"


def _answer(page: Page, server: LiveServer, review: Review) -> None:
    page.goto(f"{server.url}/w/ours/reviews/{review.pk}/")
    page.get_by_label("Accept in part").check()
    page.locator("#resolve_rating-solution").select_option("3")
    page.locator("#resolve_comment").fill("You said that it left, not when it arrives.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator("#dispute")).to_contain_text("Accepted in part")


def _read_the_outcome(page: Page, server: LiveServer, review: Review) -> None:
    page.goto(f"{server.url}/w/ours/reviews/{review.pk}/")
    expect(page.locator("#verdict")).to_contain_text("78")
    expect(page.locator("main")).to_contain_text("Say when it arrives.")
    page.get_by_text("What changed").last.click()
    expect(page.locator(".diff").last).to_contain_text("Needs work")
