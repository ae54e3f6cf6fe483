"""Where each role starts: what needs him, what is new about his work, and how it goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from qa_reviews.judgement import Choice
from qa_reviews.models import QueueItem, QueueQuestion, Review
from qa_reviews.services.comments import add_comment
from qa_reviews.services.disputes import raise_dispute
from qa_reviews.services.queue import answer_question, ask_lead
from tests.world import Place, World

Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def review(ours: Place) -> Review:
    found: Review = ours.rows["review"]
    Review.objects.filter(pk=found.pk).update(submitted_at=timezone.now(), release_at=timezone.now())
    return found


def home(browse: Browse, person: str) -> str:
    response = browse(person).get("/w/ours/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_reviewer_finds_his_queue(browse: Browse) -> None:
    text = home(browse, "reviewer")
    assert "1 conversation waits in your queue." in text
    assert "Review the next one" in text
    assert "You have 1 draft that is not submitted." in home(browse, "second_reviewer")


def test_disputes_wait_for_those_who_may_answer_them(ours: Place, review: Review, browse: Browse) -> None:
    raise_dispute(
        actor=ours.actor("agent"),
        review_id=review.pk,
        kind="ratings",
        comment="No",
        proposed=(Choice("solution", "4"),),
    )
    for person in ("manager", "lead", "reviewer"):
        text = home(browse, person)
        assert "1 dispute waits for your answer." in text
        assert f"/w/ours/reviews/{review.pk}/#resolve" in text
    for person in ("other_lead", "second_reviewer", "agent"):
        assert "waits for your answer" not in home(browse, person)


@pytest.fixture
def question(ours: Place) -> QueueQuestion:
    item = ours.rows["queue_item"]
    return ask_lead(actor=ours.actor("reviewer"), item_id=item.pk, text="Is this one for us?")


def test_leads_find_what_reviewers_ask(question: QueueQuestion, browse: Browse) -> None:
    for person in ("manager", "lead"):
        text = home(browse, person)
        assert "1 reviewer&#x27;s question waits for your answer." in text
        assert f"/w/ours/queue/questions/{question.pk}/" in text
    for person in ("other_lead", "reviewer", "agent"):
        assert "question waits" not in home(browse, person)


def test_a_reviewer_sees_whether_his_question_was_answered(
    ours: Place, question: QueueQuestion, browse: Browse
) -> None:
    words = "You asked about 1 conversation; the answer is still to come."
    assert words in home(browse, "reviewer")
    assert words not in home(browse, "second_reviewer")
    answer_question(actor=ours.actor("lead"), question_id=question.pk, answer="It is")
    text = home(browse, "reviewer")
    assert words not in text
    assert "Answers for you" in text


def test_a_goal_is_told_to_who_set_one(ours: Place, browse: Browse) -> None:
    assert "Your goal" not in home(browse, "reviewer")
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(goal_reviews=5, goal_period="week")
    text = home(browse, "reviewer")
    assert "Reviews this week" in text
    assert 'max="5"' in text


def test_leads_see_the_samples_under_way(ours: Place, browse: Browse) -> None:
    for person in ("manager", "lead"):
        text = home(browse, person)
        assert "Samples under way" in text
        assert f"/w/ours/draws/{ours.rows['draw'].pk}/board/" in text
    for person in ("reviewer", "agent"):
        assert "Samples under way" not in home(browse, person)


def test_an_agent_finds_what_was_assigned_to_him(ours: Place, browse: Browse) -> None:
    item: QueueItem = ours.rows["queue_item"]
    QueueItem.objects.filter(pk=item.pk).update(reviewer=ours.people["other_agent"])
    text = home(browse, "other_agent")
    assert "1 conversation waits in your queue." in text
    assert "Review the next one" in text
    assert "Review the next one" not in home(browse, "agent")


def test_held_reviews_wait_for_leads(review: Review, browse: Browse) -> None:
    Review.objects.filter(pk=review.pk).update(held=True)
    words = "1 review is held back until you release it."
    assert words in home(browse, "lead")
    assert words not in home(browse, "other_lead")
    assert words not in home(browse, "reviewer")


def test_an_agent_finds_new_reviews_until_he_has_answered(review: Review, browse: Browse) -> None:
    text = home(browse, "agent")
    assert "New about your work" in text
    assert "Where is my parcel?" in text
    assert "reviewed by Reviewer" in text
    assert "What needs you" not in text
    browse("agent").post(f"/w/ours/reviews/{review.pk}/", {"action": "acknowledge"})
    assert "You have read and answered everything." in home(browse, "agent")


def test_an_agent_finds_what_others_answered(ours: Place, review: Review, browse: Browse) -> None:
    assert "Answers for you" not in home(browse, "agent")
    add_comment(actor=ours.actor("reviewer"), review_id=review.pk, body="Ask me")
    assert "Answers for you" in home(browse, "agent")


@pytest.mark.parametrize(
    ("person", "title"),
    [("manager", "The last weeks"), ("lead", "The last weeks"), ("agent", "Your last weeks")],
)
def test_a_trend_for_those_who_see_numbers(browse: Browse, person: str, title: str) -> None:
    text = home(browse, person)
    assert title in text
    assert "<svg" in text


def test_a_reviewer_gets_no_numbers_of_others(browse: Browse) -> None:
    assert "The last weeks" not in home(browse, "reviewer")


def test_an_agent_reaches_home_from_the_rail(browse: Browse) -> None:
    assert 'data-key="h"' in home(browse, "agent")
