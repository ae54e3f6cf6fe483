"""The queue: taking, skipping, handing over, and two callers who never take the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from accounts.access import Actor, Role
from accounts.models import AuditEvent, Member
from common.errors import Conflict, Invalid, Missing, Refused
from jobs.names import JobName
from jobs.registry import Work, handlers, schedules
from qa_reviews import sampling
from qa_reviews.models import Draw, PlanReviewer, QueueItem
from qa_reviews.selectors import queue as selectors
from qa_reviews.services import queue
from qa_reviews.services.draws import draw_plan
from tests.qa_reviews.samples import WEEK, agent, conversations, plan
from tests.world import Place, World, add_person, build_place


@pytest.fixture
def ours(world: World) -> Place:
    """Without the world's own waiting item."""
    QueueItem.objects.all().delete()
    return world["ours"]


@pytest.fixture
def world(db: None) -> World:
    places = {slug: build_place(slug) for slug in ("ours", "theirs")}
    for place in places.values():
        place.rows["done_item"].review.delete()
    return places


def sampled(place: Place, count: int = 10, **given: object) -> Draw:
    conversations(place, place.rows["agent"], count)
    return draw_plan(actor=place.system, plan_id=plan(place, **given).pk, period_start=WEEK)[0]


def pooled(draw: Draw) -> None:
    draw.items.update(reviewer=None)


# --- next ---------------------------------------------------------------------------------------


def test_next_gives_the_begun_one_again_then_by_deadline_and_hash(ours: Place) -> None:
    draw = sampled(ours)
    me = ours.actor("reviewer")
    order = list(draw.items.order_by("order_hash"))
    last = order.pop()
    draw.items.filter(pk=last.pk).update(due_on=last.due_on - timedelta(days=1))
    for expected in [last, *order]:
        item = queue.next_item(actor=me)
        assert item == expected
        assert queue.next_item(actor=me) == item
        queue.finish(item=item)
    assert queue.next_item(actor=me) is None


def test_next_takes_from_the_pool_of_plans_that_name_him(ours: Place) -> None:
    draw = sampled(ours, per_agent=2)
    pooled(draw)
    assert queue.next_item(actor=ours.actor("second_reviewer")) is None
    item = queue.next_item(actor=ours.actor("reviewer"))
    assert item is not None
    stored = QueueItem.objects.get(pk=item.pk)
    assert (stored.state, stored.reviewer, stored.from_pool) == ("claimed", ours.people["reviewer"], True)
    assert AuditEvent.objects.filter(action="queue.claimed", subject_id=item.pk).count() == 1


def test_nobody_takes_his_own_work_or_what_lies_outside_his_teams(ours: Place) -> None:
    own = agent(ours, "Gil", ours.rows["team"])
    add_person(ours, "gil", Role.REVIEWER, agent=own)
    add_person(ours, "elsewhere", Role.REVIEWER, team=ours.rows["other_team"])
    conversations(ours, own, 3)
    draw = draw_plan(actor=ours.system, plan_id=plan(ours).pk, period_start=WEEK)[0]
    pooled(draw)
    for name in ("gil", "elsewhere"):
        PlanReviewer.objects.create(workspace=ours.workspace, plan=draw.plan, member=ours.people[name])
        assert queue.next_item(actor=ours.actor(name)) is None
        assert selectors.pool_size(ours.actor(name)) == 0
    with pytest.raises(Refused):
        queue.claim(actor=ours.actor("gil"), item_id=draw.items.all()[0].pk)
    assert queue.next_item(actor=ours.actor("reviewer")) is not None


def test_the_second_of_a_pair_never_goes_to_the_first_reviewer(ours: Place) -> None:
    draw = sampled(ours, per_agent=1, second_review_share=Decimal(1))
    first, second = draw.items.get(second_of=None), draw.items.exclude(second_of=None).get()
    assert (first.reviewer, second.reviewer) == (ours.people["reviewer"], None)
    me = ours.actor("reviewer")
    assert queue.next_item(actor=me) == first
    queue.finish(item=first)
    assert queue.next_item(actor=me) is None
    with pytest.raises(Conflict) as refused:
        queue.claim(actor=me, item_id=second.pk)
    assert refused.value.code == "seen_before"


def test_claim_renews_and_refuses(ours: Place) -> None:
    draw = sampled(ours, per_agent=1)
    item = draw.items.get()
    me = ours.actor("reviewer")
    long_ago = timezone.now() - timedelta(hours=3)
    QueueItem.objects.filter(pk=item.pk).update(state="claimed", claimed_at=long_ago)
    renewed = queue.claim(actor=me, item_id=item.pk)
    assert renewed.claimed_at is not None
    assert renewed.claimed_at > long_ago
    with pytest.raises(Missing):
        queue.claim(actor=ours.actor("second_reviewer"), item_id=item.pk)
    with pytest.raises(Refused):
        queue.claim(actor=ours.actor("manager"), item_id=item.pk)
    queue.finish(item=item)
    with pytest.raises(Conflict) as refused:
        queue.claim(actor=me, item_id=item.pk)
    assert refused.value.code == "item_done"
    with pytest.raises(Conflict):
        queue.finish(item=item)


def test_finish_may_name_who_reviewed(ours: Place) -> None:
    item = sampled(ours, per_agent=1).items.get()
    queue.finish(item=item, reviewer_id=ours.people["second_reviewer"].pk)
    item.refresh_from_db()
    assert (item.state, item.reviewer) == ("done", ours.people["second_reviewer"])


# --- skip ---------------------------------------------------------------------------------------


def test_not_reviewable_is_replaced_by_the_next_smallest_hash_of_its_band(ours: Place) -> None:
    draw = sampled(ours, count=9, per_agent=3)
    stratum = draw.strata.get()
    order = [pk for pk, _ in sampling.pick(draw.seed, stratum.frame_ids, 9)]
    item = draw.items.get(conversation=order[1])
    skipped = queue.skip(
        actor=ours.actor("reviewer"), item_id=item.pk, reason="not_reviewable", comment="Spam"
    )
    assert (skipped.state, skipped.skip_reason, skipped.skip_comment) == ("skipped", "not_reviewable", "Spam")
    fresh = draw.items.get(replaces=item)
    assert fresh.conversation_id == order[3]
    assert (fresh.reviewer, fresh.state) == (ours.people["reviewer"], "open")
    assert fresh.u == sampling.unit_hash(draw.seed, order[3])
    assert (fresh.probability, fresh.due_on) == (item.probability, item.due_on)
    queue.skip(actor=ours.actor("reviewer"), item_id=fresh.pk, reason="not_reviewable")
    assert draw.items.get(replaces=fresh).conversation_id == order[4]


def test_a_used_up_frame_gives_no_replacement(ours: Place) -> None:
    draw = sampled(ours, count=1)
    queue.skip(actor=ours.actor("reviewer"), item_id=draw.items.get().pk, reason="not_reviewable")
    assert draw.items.count() == 1


def test_the_replacement_goes_to_whoever_has_least_to_do(ours: Place) -> None:
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    draw = sampled(ours, per_agent=5, reviewers=members)
    draw.items.update(reviewer=ours.people["reviewer"])
    item = draw.items.all()[0]
    queue.skip(actor=ours.actor("reviewer"), item_id=item.pk, reason="not_reviewable")
    assert draw.items.get(replaces=item).reviewer == ours.people["second_reviewer"]


def test_the_second_look_goes_with_its_first(ours: Place) -> None:
    draw = sampled(ours, per_agent=1, second_review_share=Decimal(1))
    first = draw.items.get(second_of=None)
    queue.skip(actor=ours.actor("reviewer"), item_id=first.pk, reason="not_reviewable")
    assert draw.items.get(second_of=first).state == "skipped"


def test_no_time_gives_it_back_to_others(ours: Place) -> None:
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    draw = sampled(ours, count=1, reviewers=members)
    item = draw.items.get()
    one, other = ("reviewer", "second_reviewer")
    if item.reviewer == ours.people[other]:
        one, other = other, one
    queue.skip(actor=ours.actor(one), item_id=item.pk, reason="no_time")
    item.refresh_from_db()
    assert (item.state, item.reviewer, item.skip_reason) == ("open", None, "no_time")
    assert queue.next_item(actor=ours.actor(one)) is None
    assert queue.next_item(actor=ours.actor(other)) == item


def test_only_its_reviewer_or_a_planner_of_its_team_skips_it(ours: Place) -> None:
    item = sampled(ours, count=1).items.get()
    for stranger in ("second_reviewer", "other_lead"):
        with pytest.raises(Missing):
            queue.skip(actor=ours.actor(stranger), item_id=item.pk, reason="not_reviewable")
    queue.skip(actor=ours.actor("lead"), item_id=item.pk, reason="not_reviewable")
    with pytest.raises(Conflict) as refused:
        queue.skip(actor=ours.actor("reviewer"), item_id=item.pk, reason="not_reviewable")
    assert refused.value.code == "item_skipped"


# --- reassign -----------------------------------------------------------------------------------


def test_reassign(ours: Place) -> None:
    item = sampled(ours, count=1).items.get()
    second = ours.people["second_reviewer"]
    given = queue.reassign(actor=ours.actor("lead"), item_id=item.pk, reviewer_id=second.pk)
    assert (given.reviewer, given.state) == (second, "open")
    assert queue.next_item(actor=ours.actor("second_reviewer")) == item
    event = AuditEvent.objects.get(action="queue.reassigned")
    assert event.changes == {"reviewer": [ours.people["reviewer"].pk, second.pk]}


def test_reassign_refuses_who_cannot_review_it(ours: Place, world: World) -> None:
    draw = sampled(ours, per_agent=1, second_review_share=Decimal(1))
    second = draw.items.exclude(second_of=None).get()
    own = add_person(ours, "self", Role.REVIEWER)
    Member.objects.filter(pk=ours.people["agent"].pk).update(agent=None)
    Member.objects.filter(pk=own.pk).update(agent=ours.rows["agent"])
    expected = {
        ours.people["agent"].pk: "not_found",  # does not grade
        world["theirs"].people["reviewer"].pk: "not_found",
        ours.people["other_lead"].pk: "not_allowed",  # outside his teams
        own.pk: "not_allowed",  # his own work
        ours.people["reviewer"].pk: "not_allowed",  # has the first look
    }
    for member, code in expected.items():
        with pytest.raises(Invalid) as wrong:
            queue.reassign(actor=ours.actor("manager"), item_id=second.pk, reviewer_id=member)
        assert [(e.pointer, e.code) for e in wrong.value.errors] == [("/reviewer", code)]


# --- lapsed claims ------------------------------------------------------------------------------


def test_claims_lapse_after_four_hours(ours: Place) -> None:
    draw = sampled(ours, count=3)
    mine, taken, fresh = draw.items.all()
    old, young = timezone.now() - timedelta(hours=4, minutes=1), timezone.now() - timedelta(hours=3)
    QueueItem.objects.filter(pk=mine.pk).update(state="claimed", claimed_at=old)
    QueueItem.objects.filter(pk=taken.pk).update(state="claimed", claimed_at=old, from_pool=True)
    QueueItem.objects.filter(pk=fresh.pk).update(state="claimed", claimed_at=young)
    handlers[JobName.RETURN_LAPSED_CLAIMS](Work(0, {}, {}))
    for item in (mine, taken, fresh):
        item.refresh_from_db()
    assert (mine.state, mine.reviewer, mine.claimed_at) == ("open", ours.people["reviewer"], None)
    assert (taken.state, taken.reviewer, taken.from_pool) == ("open", None, False)
    assert fresh.state == "claimed"
    assert queue.return_lapsed() == 0
    assert [s.every for s in schedules if s.name == JobName.RETURN_LAPSED_CLAIMS] == [timedelta(minutes=1)]


# --- many at once -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_callers_never_take_the_same_item() -> None:
    place = build_place("ours")
    QueueItem.objects.filter(review=None).delete()
    members = [add_person(place, f"grader{n}", Role.REVIEWER) for n in range(50)]
    conversations(place, place.rows["agent"], 60)
    sample = plan(place, per_agent=60, reviewers=tuple(each.pk for each in members))
    draw = draw_plan(actor=place.system, plan_id=sample.pk, period_start=WEEK)[0]
    pooled(draw)
    actors = [place.actor(f"grader{n}") for n in range(50)]
    together = Barrier(10)

    def takes(ten: list[Actor]) -> list[int | None]:
        together.wait()
        try:
            return [item.pk if (item := queue.next_item(actor=each)) else None for each in ten]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        taken = [pk for pks in pool.map(takes, [actors[n::10] for n in range(10)]) for pk in pks]
    assert None not in taken
    assert len(set(taken)) == 50
    assert draw.items.filter(state="claimed").count() == 50
    assert draw.items.values("reviewer").exclude(reviewer=None).distinct().count() == 50
