"""Handing out many items at once: fairly, only to who may, told, audited, and never in each other's way."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Role
from accounts.models import Absence, Member, MemberRole
from common.errors import Invalid
from notices.models import Notice
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, SamplePlan, Stratum
from qa_reviews.services import spreading
from qa_reviews.services.spreading import Outcome, hand_out, spread
from tests.insights.rows import Rows
from tests.qa_reviews.life import audited, told
from tests.world import Place, World, add_person

WEEK = date(2026, 4, 6)
NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
TODAY = NOW.date()


@dataclass
class Queue:
    """A draw of one plan with three reviewers, and items of one agent that wait for Kim."""

    place: Place
    rows: Rows
    plan: SamplePlan
    draw: Draw
    stratum: Stratum
    kim: Member
    lou: Member
    max: Member

    def items(self, count: int, reviewer: Member | None = None, **more: Any) -> list[QueueItem]:
        return [self.rows.item(self.stratum, reviewer=reviewer, **more) for _ in range(count)]

    def waiting(self) -> dict[str, int]:
        """How many items of the draw each reviewer has."""
        rows = QueueItem.objects.filter(draw=self.draw).select_related("reviewer")
        return Counter(str(item.reviewer) for item in rows)

    def do(self, person: str = "manager", **asked: Any) -> list[Outcome]:
        with time_machine.travel(NOW, tick=False):
            return hand_out(actor=self.place.actor(person), **asked)

    def spread(self, person: str = "manager", **asked: Any) -> list[Outcome]:
        with time_machine.travel(NOW, tick=False):
            return spread(actor=self.place.actor(person), **asked)


@pytest.fixture
def queue(world: World) -> Queue:
    place = world["ours"]
    rows = Rows(place)
    plan = rows.plan()
    people = [add_person(place, name, Role.REVIEWER) for name in ("kim", "lou", "max")]
    for member in people:
        plan.reviewer_rows.create(workspace=place.workspace, member=member)
    draw = rows.draw(plan, WEEK)
    stratum = rows.stratum(draw, place.rows["agent"], place.rows["team"], [], frame=200)
    return Queue(place, rows, plan, draw, stratum, *people)


def absent(queue: Queue, member: Member, days: int = 0) -> None:
    Absence.objects.create(
        workspace=queue.place.workspace,
        member=member,
        starts_on=TODAY + timedelta(days=days),
        ends_on=TODAY + timedelta(days=days + 3),
    )


def test_what_waits_for_one_who_is_away_is_shared_out_evenly(queue: Queue) -> None:
    absent(queue, queue.kim)
    items = queue.items(5, queue.kim)
    queue.items(1, queue.lou)
    done = queue.items(1, queue.kim, state="done")[0]
    found = queue.spread(reviewer_id=queue.kim.pk)
    assert [each.item for each in found] == [item.pk for item in items]
    assert all(each.moved and each.before == queue.kim.pk for each in found)
    assert queue.waiting() == {"Kim": 1, "Lou": 3, "Max": 3}  # 1 + 2 and 0 + 3
    done.refresh_from_db()
    assert done.reviewer_id == queue.kim.pk


def test_loads_of_other_draws_count_and_weights_tilt(queue: Queue) -> None:
    queue.plan.reviewer_rows.filter(member=queue.lou).update(weight=Decimal(2))
    elsewhere = queue.rows.draw(queue.rows.plan(name="Other"), WEEK)
    stratum = queue.rows.stratum(elsewhere, queue.place.rows["agent"], queue.place.rows["team"], [], frame=9)
    for _ in range(2):
        queue.rows.item(stratum, reviewer=queue.max)
    queue.items(7, queue.kim)
    queue.spread(reviewer_id=queue.kim.pk)
    assert queue.waiting() == {"Lou": 6, "Max": 1}  # 6 / 2 beside 2 + 1


def test_the_hash_breaks_ties_whoever_asks(queue: Queue) -> None:
    (item,) = queue.items(1, queue.kim)
    queue.spread(reviewer_id=queue.kim.pk)
    item.refresh_from_db()
    given = sampling.assign(queue.draw.seed, {item.conversation_id: [queue.lou.pk, queue.max.pk]})
    assert item.reviewer_id == given[item.conversation_id]


def test_begun_items_begin_anew(queue: Queue) -> None:
    (item,) = queue.items(1, queue.kim, state="claimed", claimed_at=NOW, from_pool=True)
    queue.spread(reviewer_id=queue.kim.pk)
    item.refresh_from_db()
    assert (item.state, item.claimed_at, item.from_pool) == ("open", None, False)
    assert item.reviewer_id in (queue.lou.pk, queue.max.pk)


def test_only_one_draws_where_one_is_named(queue: Queue) -> None:
    other = queue.rows.draw(queue.plan, WEEK + timedelta(days=7))
    stratum = queue.rows.stratum(other, queue.place.rows["agent"], queue.place.rows["team"], [], frame=9)
    queue.rows.item(stratum, reviewer=queue.kim)
    queue.items(2, queue.kim)
    assert len(queue.spread(reviewer_id=queue.kim.pk, draw_id=other.pk)) == 1
    assert queue.waiting() == {"Kim": 2}


def test_only_one_plans_where_one_is_named(queue: Queue) -> None:
    elsewhere = queue.rows.draw(queue.rows.plan(name="Other"), WEEK)
    stratum = queue.rows.stratum(elsewhere, queue.place.rows["agent"], queue.place.rows["team"], [], frame=9)
    stays = queue.rows.item(stratum, reviewer=queue.kim)
    later = queue.rows.draw(queue.plan, WEEK + timedelta(days=7))
    stratum = queue.rows.stratum(later, queue.place.rows["agent"], queue.place.rows["team"], [], frame=9)
    moves = [queue.rows.item(stratum, reviewer=queue.kim), *queue.items(2, queue.kim)]
    found = queue.spread(reviewer_id=queue.kim.pk, plan_id=queue.plan.pk)
    assert [each.item for each in found if each.moved] == sorted(item.pk for item in moves)
    stays.refresh_from_db()
    assert stays.reviewer_id == queue.kim.pk
    assert len(audited(queue.place, "queue.spread")) == 1


def test_what_nobody_has_is_shared_out_too(queue: Queue) -> None:
    items = queue.items(6)
    queue.items(1, queue.kim)
    found = queue.spread(reviewer_id=None, draw_id=queue.draw.pk)
    assert [each.item for each in found if each.moved] == [item.pk for item in items]
    assert sorted(queue.waiting().values()) == [2, 2, 3]
    with pytest.raises(Invalid) as refused:
        queue.spread(reviewer_id=None)
    assert [(each.pointer, each.code) for each in refused.value.errors] == [("/reviewer", "required")]


def test_nobody_who_may_not_take_it_gets_it(queue: Queue) -> None:
    """Away, of another language, without time for it, the other half's reviewer, or done with it by hand."""
    absent(queue, queue.lou)
    first, second, third = queue.items(3, queue.kim)
    queue.rows.item(queue.stratum, second_of=first, conversation=first.conversation, reviewer=queue.max)
    QueueItem.objects.filter(pk=second.pk).update(declined_by=[queue.max.pk])
    queue.rows.review(
        80, queue.stratum.agent, None, WEEK, conversation=third.conversation, reviewer=queue.max
    )
    found = queue.spread(reviewer_id=queue.kim.pk)
    assert {each.code for each in found} == {"nobody"}
    assert queue.waiting() == {"Kim": 3, "Max": 1}
    assert audited(queue.place, "queue.spread") == []


def test_both_halves_never_meet_again(queue: Queue) -> None:
    """Both looks at a conversation are moved at once: to two people."""
    for first in queue.items(6, queue.kim):
        queue.rows.item(queue.stratum, second_of=first, conversation=first.conversation, reviewer=queue.kim)
    queue.spread(reviewer_id=queue.kim.pk)
    for first in QueueItem.objects.filter(draw=queue.draw, second_of=None):
        second = QueueItem.objects.get(second_of=first)
        assert {first.reviewer_id, second.reviewer_id} == {queue.lou.pk, queue.max.pk}


def test_the_chosen_are_handed_to_one(queue: Queue) -> None:
    items = queue.items(3)
    mine = queue.items(1, queue.lou)[0]
    done = queue.items(1, queue.kim, state="done")[0]
    wanted = [*(item.pk for item in items), mine.pk, done.pk, 10**9]
    found = queue.do(item_ids=wanted, reviewer_id=queue.lou.pk)
    assert [each.item for each in found] == wanted
    assert [each.code for each in found] == ["", "", "", "unchanged", "item_done", "not_found"]
    assert queue.waiting() == {"Lou": 4, "Kim": 1}
    assert all(each.reason for each in found if not each.moved)


def test_handing_to_one_asks_what_a_single_hand_over_asks(queue: Queue) -> None:
    (item,) = queue.items(1)
    agent = queue.place.people["agent"]
    outsider = add_person(queue.place, "outsider", Role.REVIEWER, team=queue.place.rows["other_team"])
    absent(queue, queue.max)
    reasons = {
        member.name: queue.do(item_ids=[item.pk], reviewer_id=member.pk)[0].reason
        for member in (agent, outsider, queue.max)
    }
    assert reasons == {
        "Agent": "He does not grade such conversations.",
        "Outsider": "The conversation is outside his teams.",
        "Max": "He is away.",
    }


def test_without_a_name_they_go_to_whom_the_plan_names(queue: Queue) -> None:
    items = queue.items(6)
    found = queue.do(item_ids=[item.pk for item in items], reviewer_id=None)
    assert all(each.moved for each in found)
    assert queue.waiting() == {"Kim": 2, "Lou": 2, "Max": 2}
    queue.plan.reviewer_rows.all().delete()
    (item,) = queue.items(1)
    assert queue.do(item_ids=[item.pk], reviewer_id=None)[0].code == "nobody"


def test_sharing_out_again_moves_nothing_that_is_fair(queue: Queue) -> None:
    items = queue.items(6)
    ids = [item.pk for item in items]
    queue.do(item_ids=ids, reviewer_id=None)
    again = queue.do(item_ids=ids, reviewer_id=None)
    assert {each.code for each in again} == {"unchanged"}
    assert len(audited(queue.place, "queue.handed_out")) == 1


def test_leads_move_what_is_of_their_teams(queue: Queue) -> None:
    other = queue.place.rows["other_team"]
    far = queue.rows.stratum(queue.draw, queue.rows.agent("Far", other), other, [], frame=9)
    theirs = queue.rows.item(far, reviewer=queue.kim)
    near = queue.items(1, queue.kim)[0]
    found = queue.do("lead", item_ids=[near.pk, theirs.pk], reviewer_id=queue.lou.pk)
    assert [each.code for each in found] == ["", "not_found"]
    assert queue.spread("lead", reviewer_id=queue.kim.pk) == []
    theirs.refresh_from_db()
    assert theirs.reviewer_id == queue.kim.pk


def test_a_lead_who_reviews_elsewhere_moves_no_more(queue: Queue) -> None:
    lead = queue.place.people["other_lead"]
    MemberRole.objects.create(workspace=queue.place.workspace, member=lead, role=Role.REVIEWER)
    (item,) = queue.items(1, lead)
    found = queue.do("other_lead", item_ids=[item.pk], reviewer_id=queue.lou.pk)
    assert [each.code for each in found] == ["scope"]
    assert queue.spread("other_lead", reviewer_id=lead.pk) == []


@pytest.mark.parametrize("name", ["nobody", "theirs", "left"])
def test_strangers_are_given_nothing(queue: Queue, world: World, name: str) -> None:
    (item,) = queue.items(1)
    pk = {"nobody": 10**9, "theirs": world["theirs"].people["reviewer"].pk, "left": queue.max.pk}[name]
    if name == "left":
        Member.objects.filter(pk=pk).update(deactivated_at=NOW)
    with pytest.raises(Invalid) as refused:
        queue.do(item_ids=[item.pk], reviewer_id=pk)
    assert refused.value.errors[0].pointer == "/reviewer"


def test_what_one_who_left_had_can_be_shared_out(queue: Queue) -> None:
    queue.items(2, queue.kim)
    Member.objects.filter(pk=queue.kim.pk).update(deactivated_at=NOW)
    assert [each.moved for each in queue.spread(reviewer_id=queue.kim.pk)] == [True, True]


def test_a_neighbours_draw_and_too_many_items_are_refused(queue: Queue, world: World) -> None:
    with pytest.raises(Invalid):
        queue.spread(reviewer_id=queue.kim.pk, draw_id=world["theirs"].rows["draw"].pk)
    with pytest.raises(Invalid):
        queue.spread(reviewer_id=queue.kim.pk, plan_id=world["theirs"].rows["plan"].pk)
    with pytest.raises(Invalid):
        queue.do(item_ids=range(1, spreading.MOST_ITEMS + 2), reviewer_id=None)


def test_it_is_audited_once_and_told_to_each(queue: Queue) -> None:
    lead = queue.place.people["lead"]
    queue.plan.reviewer_rows.create(workspace=queue.place.workspace, member=lead)
    queue.plan.reviewer_rows.filter(member=queue.max).delete()
    items = queue.items(4, queue.kim)
    with time_machine.travel(NOW, tick=False):
        found = spread(actor=queue.place.actor("lead"), reviewer_id=queue.kim.pk, draw_id=queue.draw.pk)
    (change,) = audited(queue.place, "queue.spread")
    assert change["items"] == [[each.item, queue.kim.pk, each.reviewer] for each in found]
    assert len(change["items"]) == len(items)
    assert told(queue.place, "queue.given") == {"lou"}  # not who did it, nor whose they were
    notice = Notice.objects.get(kind="queue.given")
    assert notice.parameters == {"items": 2, "by": lead.pk}


def test_the_notice_is_worded_and_goes_with_its_item(queue: Queue, browse: Any) -> None:
    (item,) = queue.items(1)
    queue.do(item_ids=[item.pk], reviewer_id=queue.lou.pk)
    page = browse("lou").get("/w/ours/inbox/").content.decode()
    assert "Manager handed you 1 conversation to review" in page
    QueueItem.objects.filter(pk=item.pk).update(reviewer=queue.max)
    assert "handed you" not in browse("lou").get("/w/ours/inbox/").content.decode()


def test_queries_do_not_grow_with_items(queue: Queue) -> None:
    def count(items: int) -> int:
        queue.items(items, queue.kim)
        with CaptureQueriesContext(connection) as found:
            queue.spread(reviewer_id=queue.kim.pk)
        return len(found)

    few = count(4)
    assert count(40) <= few + 1  # the notices' e-mails are asked for once more or less


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_move_the_same_items_never_block_each_other_for_ever(queue: Queue) -> None:
    items = [item.pk for item in queue.items(30, queue.kim)]
    barrier = Barrier(4)

    def move(place: int) -> list[Outcome]:
        try:
            barrier.wait()
            wanted = items if place % 2 else items[::-1]
            return hand_out(
                actor=queue.place.actor("manager"),
                item_ids=wanted,
                reviewer_id=(queue.lou if place % 2 else queue.max).pk,
            )
        finally:
            connection.close()
            close_old_connections()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(move, range(4)))
    assert all(len(each) == 30 for each in found)
    holders = set(QueueItem.objects.filter(pk__in=items).values_list("reviewer_id", flat=True))
    assert len(holders) == 1  # one of them came last, and moved them all
    moves = [change["items"] for change in audited(queue.place, "queue.handed_out")]
    assert {len(each) for each in moves} == {30}
