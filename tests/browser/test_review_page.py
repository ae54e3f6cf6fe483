"""One review in a real browser, from the reading of its agent to the answer of the lead; homes beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from conversations.models import Message
from qa_reviews.judgement import Choice, Judgement, Note, Passage
from qa_reviews.models import Dispute, Review
from qa_reviews.services.comments import add_comment
from qa_reviews.services.disputes import raise_dispute
from qa_reviews.services.reviews import revise
from tests.browser.axe import grave_findings
from tests.world import Place

SignIn = Callable[[str], Page]
HTML = "<p>Hi Sam,</p><ul><li>it left <b>on Monday</b></li><li>see <a href='https://example.com'>here</a></li></ul>"
TEXT = "Hi Sam,\n\n- it left on Monday\n- see here"
WIDTHS = [(1280, 800), (390, 844)]


@pytest.fixture
def review(ours: Place) -> Review:
    """Graded twice, with evidence in plain text and across the markup of an HTML message."""
    found: Review = ours.rows["review"]
    Review.objects.filter(pk=found.pk).update(submitted_at=timezone.now(), release_at=timezone.now())
    asked = ours.rows["message"]
    answered = Message.objects.get(conversation=found.conversation, key="m2")
    Message.objects.filter(pk=answered.pk).update(html=HTML, text=TEXT)
    start = TEXT.index("left")
    choices = (
        Choice(
            "solution",
            "2",
            comment="Say **when** it arrives. #eta",
            root_causes=("Did not ask",),
            evidence=(Passage(asked.pk, 7, 18), Passage(answered.pk, start, TEXT.index("see") + 3)),
        ),
        Choice("tone", "great", comment="Warm from the first line"),
    )
    remarks = (Note(answered.pk, "Lovely greeting", "praise", 0, 7), Note(asked.pk, "The real question"))
    revise(
        actor=ours.actor("reviewer"),
        review_id=found.pk,
        reason="Looked again",
        judgement=Judgement(choices, "Ask first, then answer.", {}, remarks),
    )
    return found


@pytest.fixture
def disputed(ours: Place, review: Review) -> Dispute:
    add_comment(actor=ours.actor("agent"), review_id=review.pk, body="Which macro should I have used?")
    add_comment(actor=ours.actor("lead"), review_id=review.pk, body="Coach on ETA", visibility="reviewers")
    return raise_dispute(
        actor=ours.actor("agent"),
        review_id=review.pk,
        kind="ratings",
        comment="I did say that it left on Monday.",
        proposed=(Choice("solution", "4"),),
    )


def address(server: LiveServer, review: Review) -> str:
    return f"{server.url}/w/ours/reviews/{review.pk}/"


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_evidence_is_marked_and_followed_there_and_back(
    review: Review, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("agent")
    page.goto(address(live_server, review))
    solution = page.locator("#judged-solution")
    assert _marked(page, "passage-1") == "where is it"
    assert _marked(page, "passage-2") == "left on Monday see"
    solution.get_by_role("link", name="where is it").click()
    here = page.locator("#passage-1")
    expect(here).to_be_focused()
    expect(here).to_be_in_viewport()
    here.press("Enter")
    expect(solution).to_be_focused()
    expect(solution).to_be_in_viewport()
    page.locator(".remark.is-praise").get_by_role("link").click()
    assert _marked(page, "passage-3") == "Hi Sam,"


def _marked(page: Page, mark: str) -> str:
    parts: Locator = page.locator(f"[data-marks~='{mark}']")
    return " ".join(" ".join(parts.all_inner_texts()).split())


def test_from_reading_to_the_outcome(
    ours: Place, review: Review, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("agent")
    page.goto(address(live_server, review))
    page.get_by_text("Something is not right?").click()
    page.get_by_label("This was not my conversation").check()
    expect(page.locator("#dispute_rating-solution")).to_be_hidden()
    page.get_by_label("I see some ratings differently").check()
    page.locator("#dispute_rating-solution").select_option("4")
    page.get_by_label("Why?").fill("I did say that it left on Monday.")
    page.get_by_role("button", name="Send the dispute").click()
    expect(page.locator("#dispute")).to_contain_text("I did say that it left on Monday.")
    expect(page.locator("#judged-solution")).to_contain_text("You propose: Excellent")

    page = sign_in("lead")
    page.goto(f"{live_server.url}/w/ours/")
    page.get_by_role("link", name="Where is my parcel? (Ana Silva)").click()
    page.get_by_label("Accept in part").check()
    page.locator("#resolve_rating-solution").select_option("3")
    page.locator("#resolve_comment").fill("You said when it left, not when it arrives.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator("#dispute")).to_contain_text("Accepted in part")

    page = sign_in("agent")
    page.goto(f"{live_server.url}/w/ours/")
    expect(page.get_by_role("heading", name="Answers for you")).to_be_visible()
    page.goto(address(live_server, review))
    expect(page.locator("#dispute")).to_contain_text("You said when it left, not when it arrives.")
    expect(page.locator("#verdict")).to_contain_text("78")
    page.get_by_text("What changed").last.click()
    expect(page.locator(".diff").last).to_contain_text("Needs work")
    page.get_by_role("button", name="I have read it").click()
    expect(page.get_by_text("You have acknowledged this review.")).to_be_visible()


def test_rows_of_the_explorer_by_keyboard(review: Review, sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/reviews/?hashtag=eta")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reviews/{review.pk}/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS, ids=["wide", "narrow"])
@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("agent", "reviews/{pk}/"),
        ("lead", "reviews/{pk}/"),
        ("manager", "reviews/?state=disputed&q=Monday"),
        ("agent", ""),
        ("lead", ""),
    ],
)
def test_nothing_grave_and_nothing_overflows(
    review: Review,
    disputed: Dispute,
    sign_in: SignIn,
    live_server: LiveServer,
    person: str,
    path: str,
    size: tuple[int, int],
    scheme: str,
) -> None:
    page = sign_in(person)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{live_server.url}/w/ours/{path.format(pk=review.pk)}")
    for details in page.locator("main details:not(.menu)").all():
        details.evaluate("each => { each.open = true; }")
    assert fits(page)
    assert grave_findings(page) == []
