"""A reviewer's day: on to the next, handing back, asking a lead, goals, deadlines, what returns by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import Role
from accounts.models import Absence, Agent, AuditEvent, Member, WorkspaceSettings
from common.errors import Conflict, Invalid, Missing, Refused
from notices.models import Notice
from qa_reviews.judgement import Judgement
from qa_reviews.models import (
    PlanReviewer,
    PlanReviewerTeam,
    QueueItem,
    QueueQuestion,
    Review,
    SamplePlan,
)
from qa_reviews.selectors import queue as selectors
from qa_reviews.selectors.frames import today
from qa_reviews.services import opening, queue
from qa_reviews.templatetags.deadlines import due
from scorecards.models import ScorecardVersion
from tests.qa_reviews.day import made_plan, waiting
from tests.qa_reviews.samples import agent
from tests.world import ApiClient, Place, World, add_person

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    """Nothing waits; the plan of the world names the reviewer."""
    QueueItem.objects.filter(review=None).delete()
    return world["ours"]


@pytest.fixture
def three(ours: Place) -> list[QueueItem]:
    """Three of the reviewer's own, in the order of his queue."""
    return waiting(ours, made_plan(ours), 3, ours.people["reviewer"])


def pooled(place: Place, count: int = 1, **fields: Any) -> list[QueueItem]:
    """Unassigned, of a plan that names the reviewer."""
    plan = made_plan(place)
    PlanReviewer.objects.create(workspace=place.workspace, plan=plan, member=place.people["reviewer"])
    return waiting(place, plan, count, **fields)


def fresh(item: QueueItem) -> QueueItem:
    return QueueItem.objects.get(pk=item.pk)


# --- on to the next -------------------------------------------------------------------------------


def test_one_may_go_on_and_leave_an_item_as_it_is(ours: Place, three: list[QueueItem]) -> None:
    me = ours.actor("reviewer")
    first, second, third = three
    assert queue.next_item(actor=me) == first
    assert queue.next_item(actor=me, after=first.pk) == second
    assert queue.next_item(actor=me, after=second.pk) == third
    assert queue.next_item(actor=me, after=third.pk) == first
    assert {fresh(item).state for item in three} == {"claimed"}


def test_behind_the_own_come_the_unassigned(ours: Place) -> None:
    me = ours.actor("reviewer")
    [one, two] = pooled(ours, 2)
    assert queue.next_item(actor=me) == one
    assert queue.next_item(actor=me, after=one.pk) == two
    queue.finish(item=one)
    assert queue.next_item(actor=me, after=two.pk) is None
    assert queue.next_item(actor=me) == two


def test_somebody_elses_item_is_no_place_to_go_on_from(ours: Place, three: list[QueueItem]) -> None:
    assert queue.next_item(actor=ours.actor("reviewer"), after=ours.rows["done_item"].pk) == three[0]


def test_a_team_named_by_the_plan_takes_from_its_pool(ours: Place) -> None:
    plan = made_plan(ours)
    PlanReviewerTeam.objects.create(workspace=ours.workspace, plan=plan, team=ours.rows["team"])
    [item] = waiting(ours, plan)
    assert queue.next_item(actor=ours.actor("reviewer")) is None  # no role for that team
    assert queue.next_item(actor=ours.actor("other_lead")) is None
    assert queue.next_item(actor=ours.actor("lead")) == item


@pytest.mark.parametrize(
    ("suits", "taken"),
    [
        ({"languages": ["de"]}, False),
        ({"languages": ["de", "PT"]}, True),
        ({"channels": ["CHAT"]}, True),
        ({"channels": ["email"]}, False),
        ({"topics": ["Refunds"], "languages": ["pt"]}, True),
        ({"topics": ["shipping"]}, False),
    ],
)
def test_the_pool_knows_what_one_reviews(ours: Place, suits: dict[str, list[str]], taken: bool) -> None:
    pooled(ours, language="pt_BR", channel="Chat", topic="refunds")
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(**suits)
    ours.people["reviewer"].refresh_from_db()
    assert (queue.next_item(actor=ours.actor("reviewer")) is not None) is taken


def test_nobody_grades_whom_he_was_merged_with(ours: Place) -> None:
    twin = agent(ours, "Twin")
    me = add_person(ours, "gil", Role.REVIEWER, agent=agent(ours, "Gil"))
    Agent.objects.filter(pk=twin.pk).update(merged_into=me.agent)
    plan = made_plan(ours)
    PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=me)
    [item] = waiting(ours, plan, agent=twin)
    assert queue.next_item(actor=ours.actor("gil")) is None
    with pytest.raises(Refused, match="own work"):
        queue.claim(actor=ours.actor("gil"), item_id=item.pk)
    with pytest.raises(Invalid) as refused:
        queue.reassign(actor=ours.actor("manager"), item_id=item.pk, reviewer_id=me.pk)
    assert "own work" in refused.value.errors[0].detail


def test_a_claim_is_one_statement_beside_its_audit(
    ours: Place, django_assert_num_queries: Callable[..., Any]
) -> None:
    pooled(ours)
    me = ours.actor("reviewer")
    with django_assert_num_queries(4):  # savepoint, take, audit, release
        assert queue.next_item(actor=me) is not None


# --- handing back ---------------------------------------------------------------------------------


def test_what_was_assigned_stays_his_when_he_hands_it_back(ours: Place, three: list[QueueItem]) -> None:
    me = ours.actor("reviewer")
    review = opening.open_item(actor=me, item_id=three[0].pk)
    given = queue.hand_back(actor=me, item_id=three[0].pk)
    assert (given.state, given.reviewer, given.claimed_at) == ("open", me.member, None)
    assert opening.open_item(actor=me, item_id=three[0].pk) == review
    assert AuditEvent.objects.filter(action="queue.handed_back", subject_id=three[0].pk).count() == 1


def test_what_was_nobodys_is_nobodys_again(ours: Place) -> None:
    [item] = pooled(ours)
    me = ours.actor("reviewer")
    queue.next_item(actor=me)
    given = queue.hand_back(actor=me, item_id=item.pk)
    assert (given.state, given.reviewer, given.from_pool) == ("open", None, False)
    assert queue.next_item(actor=me) == item  # it was not declined


def test_only_what_is_his_and_begun_is_handed_back(ours: Place, three: list[QueueItem]) -> None:
    with pytest.raises(Conflict) as refused:
        queue.hand_back(actor=ours.actor("reviewer"), item_id=three[0].pk)
    assert refused.value.code == "not_claimed"
    with pytest.raises(Refused):
        queue.hand_back(actor=ours.actor("lead"), item_id=three[0].pk)
    with pytest.raises(Missing):
        queue.hand_back(actor=ours.actor("second_reviewer"), item_id=three[0].pk)


# --- asking ---------------------------------------------------------------------------------------


def test_what_is_asked_stands_last_until_it_is_answered(ours: Place, three: list[QueueItem]) -> None:
    me = ours.actor("reviewer")
    first, second, third = three
    question = queue.ask_lead(actor=me, item_id=first.pk, text="  Is this ours? ")
    assert (question.text, fresh(first).state, fresh(first).reviewer) == ("Is this ours?", "open", me.member)
    assert queue.next_item(actor=me) == second
    for item in (second, third):
        queue.finish(item=item)
    [other] = pooled(ours)
    assert queue.next_item(actor=me) == other
    queue.finish(item=other)
    assert queue.next_item(actor=me) == first
    queue.answer_question(actor=ours.actor("lead"), question_id=question.pk, answer="It is.")
    answered = QueueQuestion.objects.get(pk=question.pk)
    assert (answered.answer, answered.answered_by) == ("It is.", ours.people["lead"])


def test_the_leads_of_the_team_are_told_and_then_who_asked(ours: Place, three: list[QueueItem]) -> None:
    question = queue.ask_lead(actor=ours.actor("reviewer"), item_id=three[0].pk, text="Is this ours?")
    asked = Notice.objects.filter(kind="queue.asked").values_list("recipient__name", flat=True)
    assert list(asked) == ["Lead"]
    queue.answer_question(actor=ours.actor("manager"), question_id=question.pk, answer="Yes.")
    told = Notice.objects.filter(kind="queue.answered").values_list("recipient__name", flat=True)
    assert list(told) == ["Reviewer"]


def test_notices_of_questions_go_by_what_one_may_see_when_they_are_read(
    ours: Place, three: list[QueueItem], api: Api
) -> None:
    question = queue.ask_lead(actor=ours.actor("reviewer"), item_id=three[0].pk, text="Is this ours?")
    [shown] = api("lead").get("notices").json()["results"]
    assert shown["title"] == "Reviewer asks about a conversation"
    assert f"/queue/questions/{question.pk}/" in shown["url"]
    queue.answer_question(actor=ours.actor("lead"), question_id=question.pk, answer="Yes.")
    [shown] = api("reviewer").get("notices").json()["results"]
    assert shown["title"] == "Your question about a conversation was answered"
    QueueItem.objects.filter(pk=three[0].pk).update(reviewer=ours.people["manager"])
    assert api("reviewer").get("notices").json()["results"] == []
    assert api("lead").get("notices").json()["results"] == []  # answered: nothing to do


def test_where_a_team_has_no_lead_managers_are_asked(ours: Place, three: list[QueueItem]) -> None:
    Member.objects.filter(pk=ours.people["lead"].pk).update(deactivated_at=timezone.now())
    queue.ask_lead(actor=ours.actor("reviewer"), item_id=three[0].pk, text="Is this ours?")
    asked = Notice.objects.filter(kind="queue.asked").values_list("recipient__name", flat=True)
    assert list(asked) == ["Manager"]


def test_one_question_at_a_time(ours: Place, three: list[QueueItem]) -> None:
    me = ours.actor("reviewer")
    with pytest.raises(Invalid) as empty:
        queue.ask_lead(actor=me, item_id=three[0].pk, text="  ")
    assert empty.value.errors[0].pointer == "/text"
    question = queue.ask_lead(actor=me, item_id=three[0].pk, text="Is this ours?")
    with pytest.raises(Conflict) as twice:
        queue.ask_lead(actor=me, item_id=three[0].pk, text="Is it?")
    assert twice.value.code == "question_open"
    lead = ours.actor("lead")
    queue.answer_question(actor=lead, question_id=question.pk, answer="Yes.")
    with pytest.raises(Conflict) as again:
        queue.answer_question(actor=lead, question_id=question.pk, answer="No.")
    assert again.value.code == "answered"
    queue.ask_lead(actor=me, item_id=three[0].pk, text="Since when?")
    queue.finish(item=three[1])
    with pytest.raises(Conflict) as closed:
        queue.ask_lead(actor=me, item_id=three[1].pk, text="Late?")
    assert closed.value.code == "item_done"


def test_leads_see_the_questions_of_their_teams(ours: Place, three: list[QueueItem]) -> None:
    question = queue.ask_lead(actor=ours.actor("reviewer"), item_id=three[0].pk, text="Is this ours?")
    seen = {
        person: list(selectors.open_questions(ours.actor(person)))
        for person in ("admin", "manager", "lead", "other_lead", "reviewer", "agent")
    }
    expected = {"admin": [question], "manager": [question], "lead": [question]}
    assert seen == expected | {"other_lead": [], "reviewer": [], "agent": []}
    with pytest.raises(Missing):
        queue.answer_question(actor=ours.actor("other_lead"), question_id=question.pk, answer="Yes.")
    with pytest.raises(Refused):
        queue.answer_question(actor=ours.actor("reviewer"), question_id=question.pk, answer="Yes.")
    queue.finish(item=three[0])
    assert list(selectors.open_questions(ours.actor("lead"))) == []


# --- what returns by itself -----------------------------------------------------------------------


def test_claims_lapse_after_the_hours_of_the_workspace(ours: Place, three: list[QueueItem]) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(claim_hours=2)
    hours = timezone.now() - timedelta(hours=2, minutes=1)
    rows = QueueItem.objects.filter(pk__in=[item.pk for item in three])
    rows.update(state="claimed", claimed_at=hours)
    QueueItem.objects.filter(pk=three[2].pk).update(claimed_at=timezone.now() - timedelta(hours=1))
    review = opening.create_review(
        actor=ours.actor("reviewer"),
        new=opening.NewReview(queue_item=three[1].pk),
        judgement=Judgement(),
    )
    QueueItem.objects.filter(pk=three[1].pk).update(claimed_at=hours)
    assert review.updated_at > hours
    assert queue.return_lapsed() == 1
    assert [fresh(item).state for item in three] == ["open", "claimed", "claimed"]  # the second is worked on
    Review.objects.filter(pk=review.pk).update(updated_at=hours)
    assert queue.return_lapsed() == 1
    assert fresh(three[1]).state == "open"


def test_what_members_who_left_had_is_nobodys(ours: Place, three: list[QueueItem]) -> None:
    queue.next_item(actor=ours.actor("reviewer"))
    queue.finish(item=three[2])
    assert queue.return_left() == 0
    PlanReviewer.objects.create(
        workspace=ours.workspace, plan=three[0].draw.plan, member=ours.people["second_reviewer"]
    )
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(deactivated_at=timezone.now())
    assert queue.return_left() == 2
    assert [(fresh(item).state, fresh(item).reviewer) for item in three[:2]] == [("open", None)] * 2
    assert fresh(three[2]).reviewer == ours.people["reviewer"]
    assert queue.next_item(actor=ours.actor("second_reviewer")) == three[0]
    assert AuditEvent.objects.get(action="queue.left").changes["reviewers"] == [ours.people["reviewer"].pk]


def test_the_absent_are_given_nothing(ours: Place) -> None:
    me, other = ours.people["reviewer"], ours.people["second_reviewer"]
    plan = made_plan(ours)
    [item] = waiting(ours, plan, 1, me, spare=2)
    item.draw.allowed_reviewers = [me.pk, other.pk]
    item.draw.save()
    day = today(ours.system)
    Absence.objects.create(workspace=ours.workspace, member=other, starts_on=day, ends_on=day)
    queue.skip(actor=ours.actor("reviewer"), item_id=item.pk, reason="not_reviewable")
    replaced = QueueItem.objects.get(replaces=item)
    assert replaced.reviewer == me
    with pytest.raises(Invalid) as refused:
        queue.reassign(actor=ours.actor("lead"), item_id=replaced.pk, reviewer_id=other.pk)
    assert refused.value.errors[0].detail == "He is away."
    Absence.objects.update(member=me)
    queue.skip(actor=ours.actor("reviewer"), item_id=replaced.pk, reason="not_reviewable")
    assert QueueItem.objects.get(replaces=replaced).reviewer == other


def test_a_pool_stays_one_when_an_item_is_replaced(ours: Place) -> None:
    plan = made_plan(ours, assignment="pool")
    PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=ours.people["reviewer"])
    [item] = waiting(ours, plan, 1, spare=1)
    me = ours.actor("reviewer")
    queue.next_item(actor=me)
    queue.skip(actor=me, item_id=item.pk, reason="not_reviewable")
    assert QueueItem.objects.get(replaces=item).reviewer is None


# --- how far he is --------------------------------------------------------------------------------


def test_progress_by_plan_and_cycle(ours: Place, three: list[QueueItem]) -> None:
    plan = three[0].draw.plan
    waiting(ours, plan, 1, ours.people["second_reviewer"])
    [earlier] = waiting(ours, made_plan(ours, name="Sooner"), 1, ours.people["reviewer"])
    QueueItem.objects.filter(pk=earlier.pk).update(due_on=earlier.due_on - timedelta(days=2))
    queue.finish(item=three[1])
    found = selectors.cycles(ours.actor("reviewer"))
    assert [(each.plan, each.done, each.total, each.left) for each in found] == [
        ("Sooner", 0, 1, 1),
        ("Day", 1, 3, 2),
    ]
    assert found[0].due_on == earlier.due_on - timedelta(days=2)
    assert found[1].period.first == three[0].draw.period_start


def test_a_goal_counts_his_own_reviews_of_the_day_or_week(ours: Place) -> None:
    me = ours.people["reviewer"]
    assert selectors.goal(ours.actor("reviewer")) is None
    Member.objects.filter(pk=me.pk).update(goal_reviews=2, goal_period="day")
    me.refresh_from_db()
    day = today(ours.system)
    Review.objects.filter(pk=ours.rows["review"].pk).update(submitted_on=day)
    found = selectors.goal(ours.actor("reviewer"))
    assert found is not None
    assert (found.done, found.target, found.is_reached) == (1, 2, False)
    Review.objects.filter(pk=ours.rows["review"].pk).update(submitted_on=day - timedelta(days=7))
    Member.objects.filter(pk=me.pk).update(goal_period="week")
    me.refresh_from_db()
    found = selectors.goal(ours.actor("reviewer"))
    assert found is not None
    assert (found.done, found.period) == (0, "week")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-2, "overdue for 2 days"),
        (-1, "overdue since yesterday"),
        (0, "due today"),
        (1, "due tomorrow"),
        (3, "due in 3 days"),
    ],
)
def test_deadlines_in_words(days: int, words: str) -> None:
    day = date(2026, 4, 15)
    assert due(day + timedelta(days=days), day) == words


# --- the scorecard --------------------------------------------------------------------------------


def test_a_plan_without_a_scorecard_takes_the_one_that_is_offered(ours: Place) -> None:
    SamplePlan.objects.update(scorecard=None)
    [item] = waiting(ours, made_plan(ours, scorecard=None), 1, ours.people["reviewer"])
    review = opening.open_item(actor=ours.actor("reviewer"), item_id=item.pk)
    assert review.scorecard == ours.rows["scorecard"]
    assert (review.kind, review.queue_item) == ("standard", item)


def test_where_none_is_offered_it_says_what_to_do(ours: Place, browse: Browse) -> None:
    ScorecardVersion.objects.filter(workspace=ours.workspace).update(state="archived")
    [item] = waiting(ours, made_plan(ours, scorecard=None), 1, ours.people["reviewer"])
    with pytest.raises(Conflict) as refused:
        opening.open_item(actor=ours.actor("reviewer"), item_id=item.pk)
    assert refused.value.code == "no_scorecard_offered"
    assert "ask a lead" in refused.value.detail
    assert fresh(item).state == "open"
    page = browse("reviewer").get(reverse("workbench", args=["ours", item.pk]), follow=True)
    assert "ask a lead" in page.content.decode()


# --- by API and on pages --------------------------------------------------------------------------


def test_the_day_by_api(ours: Place, three: list[QueueItem], api: Api) -> None:
    me, lead = api("reviewer"), api("lead")
    first, second, _ = three
    assert me.post("queue/next").json()["id"] == first.pk
    assert me.post("queue/next", {"after": first.pk}).json()["id"] == second.pk
    assert me.post("queue/next", {"behind": 1}).status_code == 422
    back = me.post(f"queue/{second.pk}/hand-back").json()
    assert (back["state"], back["reviewer"]["name"]) == ("open", "Reviewer")
    assert me.post(f"queue/{second.pk}/hand-back").json()["type"] == "urn:plumbline:not_claimed"
    asked = me.post(f"queue/{first.pk}/ask", {"text": "Is this ours?"})
    assert (asked.status_code, asked.json()["answer"]) == (201, "")
    [question] = lead.get("queue/questions").json()["results"]
    assert (question["id"], question["authorized_actions"]) == (asked.json()["id"], ["answer"])
    assert question["conversation"]["id"] == first.conversation_id
    answered = lead.post(f"queue/questions/{question['id']}/answer", {"answer": "It is."})
    assert (answered.status_code, answered.json()["answered_by"]["name"]) == (200, "Lead")
    listed = {row["id"]: row["questions"] for row in me.get("queue").json()["results"]}
    assert [each["answer"] for each in listed[first.pk]] == ["It is."]
    assert listed[second.pk] == []


def test_the_queue_page_says_how_far_he_is(ours: Place, three: list[QueueItem], browse: Browse) -> None:
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(goal_reviews=4)
    queue.ask_lead(actor=ours.actor("reviewer"), item_id=three[0].pk, text="Is this ours?")
    shown = browse("reviewer").get(reverse("queue", args=["ours"])).content.decode()
    assert "Your goal today" in shown
    assert "Waits for an answer" in shown
    assert "Is this ours?" in shown
    assert shown.count('class="row-link"') == 2
    answer = reverse("question-answer", args=["ours", QueueQuestion.objects.get().pk])
    lead = browse("lead")
    assert "Is this ours?" in lead.get(reverse("question-list", args=["ours"])).content.decode()
    assert lead.post(answer, {"answer": ""}).status_code == 422
    assert lead.post(answer, {"answer": "It is."}).status_code == 302
    shown = browse("reviewer").get(reverse("queue", args=["ours"])).content.decode()
    assert shown.count('class="row-link"') == 3
    assert "Answered" in shown
    bench = browse("reviewer").get(reverse("workbench", args=["ours", three[0].pk])).content.decode()
    assert "It is." in bench


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("manager", "To the plans"),
        ("second_reviewer", "Pick a conversation"),
        ("agent", "when they are assigned to you"),
    ],
)
def test_an_empty_queue_says_what_to_do(ours: Place, browse: Browse, person: str, words: str) -> None:
    assert words in browse(person).get(reverse("queue", args=["ours"])).content.decode()


def test_handing_back_and_asking_without_scripts(ours: Place, three: list[QueueItem], browse: Browse) -> None:
    client = browse("reviewer")
    client.get(reverse("workbench", args=["ours", three[0].pk]))
    assert fresh(three[0]).state == "claimed"
    ask = reverse("queue-ask", args=["ours", three[0].pk])
    assert client.get(ask).status_code == 200
    assert client.post(ask, {"text": "Is it?"}).status_code == 302
    assert QueueQuestion.objects.get().text == "Is it?"
    client.get(reverse("workbench", args=["ours", three[1].pk]))
    assert client.post(reverse("queue-hand-back", args=["ours", three[1].pk])).status_code == 302
    assert fresh(three[1]).state == "open"
