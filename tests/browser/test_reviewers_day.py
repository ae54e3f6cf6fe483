"""A reviewer's day in a real browser: the next one by one key, handing back, asking a lead and reading the
answer; a peer who grades; nothing grave for axe at both widths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Member
from conversations.models import Message
from qa_reviews.models import QueueItem, QueueQuestion, Review
from tests.browser.axe import grave_findings
from tests.qa_reviews.day import made_plan, waiting
from tests.world import Place

SignIn = Callable[[str], Page]
VIEWS = [((1280, 800), "light"), ((390, 844), "dark")]


@pytest.fixture
def items(ours: Place) -> list[QueueItem]:
    """Three of the reviewer's own, who wants to do four a day."""
    QueueItem.objects.filter(review=None).delete()
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(goal_reviews=4)
    return told(waiting(ours, made_plan(ours, name="Weekly chats"), 3, ours.people["reviewer"]))


def told(found: list[QueueItem]) -> list[QueueItem]:
    for item in found:
        Message.objects.create(
            workspace=item.workspace,
            conversation=item.conversation,
            key="m1",
            position=0,
            author_type="customer",
            text="Where is it?",
        )
    return found


def at(page: Page, item: QueueItem) -> None:
    page.wait_for_url(f"**/queue/{item.pk}/")
    expect(page.locator(".workbench.is-live")).to_be_visible()


def state(item: QueueItem) -> str:
    return str(QueueItem.objects.values_list("state", flat=True).get(pk=item.pk))


def test_the_day_by_keys(
    ours: Place, items: list[QueueItem], sign_in: SignIn, live_server: LiveServer
) -> None:
    first, second, third = items
    page = sign_in("reviewer")
    page.goto(f"{live_server.url}/w/ours/queue/")
    expect(page.get_by_label("Your goal today")).to_have_attribute("max", "4")
    page.keyboard.press("n")
    at(page, first)
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.keyboard.press("a")
    page.get_by_label("Your question").fill("Is this ours?")
    page.get_by_role("button", name="Ask and next").click()
    at(page, second)
    assert QueueQuestion.objects.get().text == "Is this ours?"
    assert Review.objects.get(queue_item=first).draft["ratings"][0]["option"] == "3"
    page.keyboard.press("n")
    at(page, third)
    page.keyboard.press("b")
    page.wait_for_url("**/queue/")
    expect(page.locator("main")).to_contain_text("Waits for an answer")
    assert [state(item) for item in items] == ["open", "claimed", "open"]
    page.keyboard.press("n")
    at(page, second)
    page.keyboard.press("?")
    sheet = page.locator("#keys-sheet")
    for words in ("Ask a lead", "Hand back", "Next, later this one"):
        expect(sheet).to_contain_text(words)


def test_the_answer_stands_above_the_transcript(
    ours: Place, items: list[QueueItem], sign_in: SignIn, live_server: LiveServer
) -> None:
    QueueQuestion.objects.create(
        workspace=ours.workspace, item=items[0], asked_by=ours.people["reviewer"], text="Is this ours?"
    )
    lead = sign_in("lead")
    lead.goto(f"{live_server.url}/w/ours/queue/questions/")
    lead.get_by_role("link", name="Is this ours?").click()
    lead.get_by_label("Your answer").fill("Yes, since March.")
    lead.get_by_role("button", name="Send the answer").click()
    expect(lead.locator("main")).to_contain_text("Nobody waits for an answer")
    page = sign_in("reviewer")
    page.goto(f"{live_server.url}/w/ours/queue/{items[0].pk}/")
    expect(page.locator(".transcript .asked")).to_contain_text("Yes, since March.")
    page.keyboard.press("a")
    expect(page.locator("#ask-dialog")).to_be_visible()


def test_alone_with_an_item_there_is_nothing_to_go_on_to(
    ours: Place, items: list[QueueItem], sign_in: SignIn, live_server: LiveServer
) -> None:
    QueueItem.objects.filter(pk__in=[item.pk for item in items[1:]]).delete()
    page = sign_in("reviewer")
    page.goto(f"{live_server.url}/w/ours/queue/{items[0].pk}/")
    expect(page.locator(".workbench.is-live")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(".toast")).to_contain_text("Nothing else waits for you.")


def test_a_peer_grades_with_the_same_keys(ours: Place, sign_in: SignIn, live_server: LiveServer) -> None:
    plan = made_plan(ours, kind="peer", name="Peers")
    [item] = told(waiting(ours, plan, 1, ours.people["other_agent"]))
    page = sign_in("other_agent")
    page.goto(f"{live_server.url}/w/ours/")
    page.get_by_role("link", name="Queue").first.click()
    page.wait_for_url("**/queue/")
    page.keyboard.press("n")
    at(page, item)
    expect(page.locator(".transcript")).to_contain_text("Where is it?")
    expect(page.get_by_role("button", name="Insert a template")).to_have_count(0)
    for key in ("j", "4", "j", "3"):
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/queue/")
    review = Review.objects.get(queue_item=item)
    assert (review.kind, review.state, review.score) == ("peer", "submitted", 100)


PAGES = [
    ("reviewer", "queue/"),
    ("reviewer", "queue/{item}/"),
    ("reviewer", "queue/{item}/ask/"),
    ("second_reviewer", "queue/"),
    ("lead", "queue/questions/"),
    ("lead", "queue/questions/{question}/"),
]


@pytest.mark.parametrize(("person", "path"), PAGES)
def test_nothing_grave_in_both_themes_and_widths(
    ours: Place,
    items: list[QueueItem],
    sign_in: SignIn,
    live_server: LiveServer,
    person: str,
    path: str,
) -> None:
    question = QueueQuestion.objects.create(
        workspace=ours.workspace,
        item=items[0],
        asked_by=ours.people["reviewer"],
        text="Is this ours, or does it belong to the people who answer the phone in the other building?",
    )
    page = sign_in(person)
    for (width, height), scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        address = path.format(item=items[0].pk, question=question.pk)
        response = page.goto(f"{live_server.url}/w/ours/{address}")
        assert response is not None
        assert response.ok
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, path)
        assert grave_findings(page) == [], (scheme, path)
