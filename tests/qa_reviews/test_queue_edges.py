"""Where items of the queue change hands: questions that stay open, drafts that are left behind, items that
cannot be opened, reviewers who no longer review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Role
from accounts.models import Member, MemberRole
from common.errors import Conflict, Invalid, Refused
from common.refs import Ref
from notices.models import Notice
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.models import PlanReviewer, QueueItem, Review
from qa_reviews.selectors import queue as selectors
from qa_reviews.services import drafts, opening, queue
from qa_reviews.services.plans import end_plan
from scorecards.models import ScorecardVersion
from tests.qa_reviews.day import made_plan, waiting
from tests.qa_reviews.samples import agent
from tests.world import ApiClient, Place, World, add_person

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    """Nothing waits."""
    QueueItem.objects.filter(review=None).delete()
    return world["ours"]


@pytest.fixture
def two(ours: Place) -> list[QueueItem]:
    """Two of the reviewer's own, of a plan that names both reviewers, with more to draw."""
    plan = made_plan(ours)
    for name in ("reviewer", "second_reviewer"):
        PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=ours.people[name])
    return waiting(ours, plan, 2, ours.people["reviewer"], spare=2)


def fresh(item: QueueItem) -> QueueItem:
    return QueueItem.objects.get(pk=item.pk)


def page(browse: Browse, person: str, route: str = "queue", *args: Any) -> str:
    return str(browse(person).get(reverse(route, args=["ours", *args])).content.decode())


# --- questions ------------------------------------------------------------------------------------


def test_anothers_open_question_holds_nobody_up(ours: Place, two: list[QueueItem], browse: Browse) -> None:
    first, _ = two
    queue.ask_lead(actor=ours.actor("reviewer"), item_id=first.pk, text="Is this ours?")
    other = ours.people["second_reviewer"]
    queue.reassign(actor=ours.actor("lead"), item_id=first.pk, reviewer_id=other.pk)
    [later] = waiting(ours, first.draw.plan, 1, other)
    QueueItem.objects.filter(pk=later.pk).update(due_on=first.due_on.replace(day=28))
    him = ours.actor("second_reviewer")
    assert page(browse, "second_reviewer").count('class="row-link"') == 2
    assert queue.next_item(actor=him) == first
    with pytest.raises(Conflict) as refused:
        queue.ask_lead(actor=him, item_id=first.pk, text="And now?")
    assert refused.value.code == "question_open"
    [question] = selectors.open_questions(ours.actor("lead"))
    queue.answer_question(actor=ours.actor("lead"), question_id=question.pk, answer="It is.")
    told = Notice.objects.filter(kind="queue.answered").values_list("recipient", flat=True)
    assert set(told) == {other.pk, ours.people["reviewer"].pk}


def test_a_lead_who_asks_asks_somebody_else(ours: Place) -> None:
    [item] = waiting(ours, made_plan(ours), 1, ours.people["lead"])
    queue.ask_lead(actor=ours.actor("lead"), item_id=item.pk, text="Is this ours?")
    asked = Notice.objects.filter(kind="queue.asked").values_list("recipient__name", flat=True)
    assert list(asked) == ["Manager"]


def test_keys_are_asked_nothing(ours: Place, two: list[QueueItem]) -> None:
    Member.objects.filter(pk=ours.people["lead"].pk).update(kind=Member.Kind.SERVICE)
    queue.ask_lead(actor=ours.actor("reviewer"), item_id=two[0].pk, text="Is this ours?")
    asked = Notice.objects.filter(kind="queue.asked").values_list("recipient__name", flat=True)
    assert list(asked) == ["Manager"]


def test_peers_find_what_they_asked_on_their_home(ours: Place, browse: Browse) -> None:
    [item] = waiting(ours, made_plan(ours, kind="peer"), 1, ours.people["other_agent"])
    queue.ask_lead(actor=ours.actor("other_agent"), item_id=item.pk, text="Is this ours?")
    assert "You asked about 1 conversation" in page(browse, "other_agent", "workspace-home")


# --- drafts that are left behind ----------------------------------------------------------------------

JUDGED = Judgement((Choice("solution", "3"), Choice("tone", "great")))


def opened(place: Place, item: QueueItem, person: str = "reviewer", typed: bool = False) -> Review:
    actor = place.actor(person)
    review = opening.open_item(actor=actor, item_id=item.pk)
    if typed:
        drafts.save_draft(actor=actor, review_id=review.pk, changes=JUDGED.as_json())
    return review


def places(*reviews: Review) -> list[tuple[int | None, str]]:
    """Of those that are still there: their items and how they were chosen."""
    rows = Review.objects.filter(pk__in=[each.pk for each in reviews]).order_by("pk")
    return list(rows.values_list("queue_item", "selection"))


@pytest.mark.parametrize("reason", ["not_reviewable", "no_time"])
def test_what_was_only_opened_leaves_no_draft_behind(
    ours: Place, two: list[QueueItem], browse: Browse, reason: str
) -> None:
    review = opened(ours, two[0])
    queue.skip(actor=ours.actor("reviewer"), item_id=two[0].pk, reason=reason)
    assert places(review) == []
    assert "not submitted" not in page(browse, "reviewer", "workspace-home")


def test_what_was_typed_of_a_skipped_one_can_still_be_submitted(ours: Place, two: list[QueueItem]) -> None:
    me = ours.actor("reviewer")
    review = opened(ours, two[0], typed=True)
    queue.skip(actor=me, item_id=two[0].pk, reason="not_reviewable")
    assert places(review) == [(None, "manual")]
    assert drafts.submit(actor=me, review_id=review.pk).state == "submitted"
    assert fresh(two[0]).state == "skipped"


def test_so_it_is_with_the_second_look_and_with_a_plan_that_ends(ours: Place, two: list[QueueItem]) -> None:
    first, other = two
    second = QueueItem.objects.get(pk=first.pk)
    second.pk, second.second_of, second.reviewer = None, first, ours.people["second_reviewer"]
    second.save()
    seconds = opened(ours, second, "second_reviewer", typed=True)
    queue.skip(actor=ours.actor("reviewer"), item_id=first.pk, reason="not_reviewable")
    assert places(seconds) == [(None, "manual")]
    begun = opened(ours, other, typed=True)
    queue.hand_back(actor=ours.actor("reviewer"), item_id=other.pk)
    end_plan(actor=ours.actor("manager"), plan_id=other.draw.plan_id)
    assert (fresh(other).state, places(begun)) == ("expired", [(None, "manual")])


def test_a_peers_draft_goes_with_his_item(ours: Place) -> None:
    [item] = waiting(ours, made_plan(ours, kind="peer"), 1, ours.people["other_agent"])
    review = opened(ours, item, "other_agent", typed=True)
    queue.skip(actor=ours.actor("other_agent"), item_id=item.pk, reason="not_reviewable")
    assert places(review) == []


def test_who_takes_over_finds_no_empty_draft(ours: Place, two: list[QueueItem]) -> None:
    empty, typed = opened(ours, two[0]), opened(ours, two[1], typed=True)
    for item in two:
        other = ours.people["second_reviewer"].pk
        queue.reassign(actor=ours.actor("lead"), item_id=item.pk, reviewer_id=other)
        opened(ours, item, "second_reviewer")
    assert places(empty, typed) == [(None, "manual")]


# --- items that cannot be opened ----------------------------------------------------------------------


def test_an_item_without_a_scorecard_can_be_set_aside_from_the_queue(
    ours: Place, two: list[QueueItem], browse: Browse
) -> None:
    ScorecardVersion.objects.filter(scorecard=ours.rows["scorecard"]).update(state="archived")
    client = browse("reviewer")
    shown = client.get(reverse("workbench", args=["ours", two[0].pk]), follow=True)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "has no published version" in text
    skip = reverse("queue-skip", args=["ours", two[0].pk])
    assert f'href="{skip}"' in text
    assert reverse("queue-ask", args=["ours", two[0].pk]) in client.get(skip).content.decode()


def test_what_is_reviewed_by_hand_is_for_others_to_review(ours: Place, two: list[QueueItem]) -> None:
    me, new = ours.actor("reviewer"), opening.NewReview(conversation=Ref(id=two[0].conversation_id))
    review = opening.create_review(actor=me, new=new, judgement=JUDGED)
    assert queue.next_item(actor=me) == two[0]
    drafts.submit(actor=me, review_id=review.pk)
    assert places(review) == [(None, "manual")]
    assert (fresh(two[0]).state, fresh(two[0]).reviewer) == ("open", None)
    assert queue.next_item(actor=me) == two[1]
    assert queue.next_item(actor=ours.actor("second_reviewer")) == two[0]


def test_of_two_plans_that_draw_the_same_one_goes_to_somebody_else(ours: Place, two: list[QueueItem]) -> None:
    twin = QueueItem.objects.get(pk=two[0].pk)
    [other] = waiting(ours, made_plan(ours, name="Other"), 1)
    twin.pk, twin.draw, twin.stratum = None, other.draw, other.stratum
    twin.save()
    review = opened(ours, two[0], typed=True)
    drafts.submit(actor=ours.actor("reviewer"), review_id=review.pk)
    assert (fresh(two[0]).state, fresh(two[0]).reviewer) == ("done", ours.people["reviewer"])
    assert (fresh(twin).state, fresh(twin).reviewer) == ("open", None)


# --- who no longer reviews, and who never did -----------------------------------------------------------


def test_who_no_longer_grades_keeps_nothing(ours: Place, two: list[QueueItem], api: Api) -> None:
    MemberRole.objects.filter(member=ours.people["reviewer"]).update(role=Role.AGENT)
    assert api("reviewer").post("reviews", {"queue_item": two[0].pk}).status_code == 403
    assert queue.return_left() == 2
    assert [fresh(item).reviewer for item in two] == [None, None]
    [peers] = waiting(ours, made_plan(ours, kind="peer"), 1, ours.people["other_agent"])
    assert queue.return_left() == 0
    assert fresh(peers).reviewer == ours.people["other_agent"]


def test_nobody_takes_by_its_address_what_lies_outside_his_teams(
    ours: Place, two: list[QueueItem], browse: Browse
) -> None:
    other = add_person(ours, "elsewhere", Role.REVIEWER, team=ours.rows["other_team"])
    PlanReviewer.objects.create(workspace=ours.workspace, plan=two[0].draw.plan, member=other)
    QueueItem.objects.update(reviewer=None)
    with pytest.raises(Refused, match="outside your teams"):
        queue.claim(actor=ours.actor("elsewhere"), item_id=two[0].pk)
    assert browse("elsewhere").get(reverse("workbench", args=["ours", two[0].pk])).status_code == 403


def test_who_is_handed_one_is_told(ours: Place, two: list[QueueItem]) -> None:
    other = ours.people["second_reviewer"]
    queue.reassign(actor=ours.actor("lead"), item_id=two[0].pk, reviewer_id=other.pk)
    [told] = Notice.objects.filter(kind="queue.given")
    assert (told.recipient, told.parameters) == (other, {"items": 1, "by": ours.people["lead"].pk})


def test_the_weights_of_the_plan_decide_who_gets_a_replacement(ours: Place, two: list[QueueItem]) -> None:
    other = ours.people["second_reviewer"]
    draw = two[0].draw
    draw.allowed_reviewers = [ours.people["reviewer"].pk, other.pk]
    draw.save()
    PlanReviewer.objects.filter(plan=draw.plan, member=other).update(weight=9)
    waiting(ours, made_plan(ours), 3, other)
    queue.skip(actor=ours.actor("reviewer"), item_id=two[0].pk, reason="not_reviewable")
    assert QueueItem.objects.get(replaces=two[0]).reviewer == other


def test_whose_conversation_it_is_reviews_nobody_in_it(ours: Place, browse: Browse) -> None:
    """Drawn for whoever wrote most in it: its assignee would know what the customer said."""
    writer, assignee = agent(ours, "Wim", ours.rows["team"]), ours.people["other_agent"]
    plan = made_plan(ours, kind="peer", reviewee="most_active")
    [item] = waiting(ours, plan, 1, agent=writer)
    item.conversation.agent = assignee.agent
    item.conversation.save()
    with pytest.raises(Invalid) as refused:
        queue.reassign(actor=ours.actor("manager"), item_id=item.pk, reviewer_id=assignee.pk)
    assert "own conversation" in refused.value.errors[0].detail
    QueueItem.objects.filter(pk=item.pk).update(reviewer=assignee)
    assert browse("other_agent").get(reverse("workbench", args=["ours", item.pk])).status_code == 403


def test_the_pool_offers_nobody_his_own_conversations(ours: Place) -> None:
    writer = agent(ours, "Wim", ours.rows["team"])
    me = add_person(ours, "gil", Role.REVIEWER, agent=agent(ours, "Gil"))
    plan = made_plan(ours, reviewee="most_active")
    PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=me)
    [item] = waiting(ours, plan, 1, agent=writer)
    item.conversation.agent = me.agent
    item.conversation.save()
    assert queue.next_item(actor=ours.actor("gil")) is None


# --- one's own reviewing -----------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["agent", "reviewer"])
def test_the_queue_leads_to_ones_own_reviewing(ours: Place, browse: Browse, person: str) -> None:
    link = f'href="{reverse("settings-reviewing", args=["ours"])}"'
    main = page(browse, person).split("<main")[1]
    assert link in main
