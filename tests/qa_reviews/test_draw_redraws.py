"""A period drawn anew: the old draw stays on the ledger, and no work is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agent, AuditEvent
from accounts.services.merging import merge_agent
from common.errors import Conflict, Invalid, Missing, Refused
from conversations.models import Conversation
from qa_reviews.models import Draw, QueueItem, QueueQuestion, Review
from qa_reviews.selectors.ledgers import verify
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput, change_plan, end_plan
from qa_reviews.services.queue import claim, next_item, skip
from qa_reviews.services.raises import raise_quota
from qa_reviews.services.redraws import redraw
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.world import Place, World


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def old(ours: Place) -> Draw:
    """Six of forty, each seen by both reviewers."""
    conversations(ours, ours.rows["agent"], 40)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    sample = plan(ours, per_agent=6, reviewers=members, second_review_share=Decimal(1))
    return draw_plan(actor=ours.actor("manager"), plan_id=sample.pk, period_start=WEEK)[0]


def anew(place: Place, draw: Draw, person: str = "manager", reason: str = "A file came late") -> Draw:
    return redraw(actor=place.actor(person), draw_id=draw.pk, reason=reason)


def firsts(draw: Draw) -> dict[int, QueueItem]:
    rows = draw.items.filter(second_of=None).select_related("reviewer")
    return {each.conversation_id: each for each in rows}


def in_order(draw: Draw) -> list[QueueItem]:
    return sorted(firsts(draw).values(), key=lambda each: each.u)


def reviewed(item: QueueItem, state: str = "submitted") -> Review:
    """A review of the item by its reviewer, who is done with it unless it is a draft."""
    scorecard = item.draw.plan.scorecard
    assert item.reviewer is not None
    assert scorecard is not None
    draft = state == "draft"
    conversation = item.conversation
    review = Review.objects.create(
        workspace=item.workspace,
        conversation=conversation,
        agent=item.agent,
        reviewer=item.reviewer,
        scorecard=scorecard,
        version=scorecard.versions.get(),
        state=state,
        selection="random",
        queue_item=item,
        stratum=item.stratum,
        submitted_at=None if draft else timezone.now(),
        submitted_on=None if draft else conversation.closed_on,
        closed_on=conversation.closed_on,
    )
    QueueItem.objects.filter(pk=item.pk).update(state="claimed" if draft else "done")
    return review


def leave_the_frame(item: QueueItem) -> None:
    Conversation.objects.filter(pk=item.conversation_id).update(status="open")


def test_the_old_draw_stays_readable_and_counts_no_more(ours: Place, old: Draw) -> None:
    before = old.digest
    conversations(ours, ours.rows["agent"], 4)
    new = anew(ours, old)
    old.refresh_from_db()
    assert (new.supersedes_id, new.redraw_reason, new.seed) == (old.pk, "A file came late", old.seed)
    assert (old.digest, old.superseded_at) == (before, new.frame_at)
    assert (old.frame_total, new.frame_total) == (40, 44)
    assert set(old.items.values_list("state", flat=True)) == {"expired"}
    assert set(new.items.values_list("state", flat=True)) == {"open"}
    assert verify(ours.system, old.pk).differences == []
    assert verify(ours.system, new.pk).differences == []
    again, made = draw_plan(actor=ours.actor("manager"), plan_id=old.plan_id, period_start=WEEK)
    assert (again.pk, made) == (new.pk, False)
    event = AuditEvent.objects.get(action="draw.redrawn", subject_id=new.pk)
    assert (event.changes["reason"], event.changes["supersedes"], event.changes["expired"]) == (
        "A file came late",
        old.pk,
        12,
    )


def test_verify_finds_a_draw_that_was_set_aside_by_hand(ours: Place, old: Draw) -> None:
    new = anew(ours, old)
    for draw in (old, new):
        Draw.objects.filter(pk=draw.pk).update(superseded_at=timezone.now())
        assert verify(ours.system, draw.pk).differences == [
            "What supersedes the draw, and when, do not agree."
        ]


def test_reviews_of_what_is_drawn_again_move(ours: Place, old: Draw) -> None:
    item, lost = in_order(old)[0], in_order(old)[5]
    second = QueueItem.objects.get(second_of=item)
    first_look, second_look, gone = reviewed(item), reviewed(second), reviewed(lost)
    leave_the_frame(lost)
    new = anew(ours, old)
    target = firsts(new)[item.conversation_id]
    for review, place in ((first_look, target), (second_look, target.seconds.get())):
        review.refresh_from_db()
        assert (review.queue_item, review.stratum, review.state) == (place, new.strata.get(), "submitted")
        assert (place.state, place.reviewer) == ("done", review.reviewer)
    gone.refresh_from_db()
    assert (gone.queue_item, gone.stratum) == (lost, lost.stratum)
    assert lost.conversation_id not in firsts(new)
    moved = AuditEvent.objects.get(action="draw.redrawn", subject_id=new.pk).changes["moved"]
    assert {each["review"] for each in moved} == {first_look.pk, second_look.pk}
    assert verify(ours.system, new.pk).differences == []


def test_what_is_begun_stays_with_who_began_it(ours: Place, old: Draw) -> None:
    claimed, drafted, lost = in_order(old)[0], in_order(old)[1], in_order(old)[5]
    assert claimed.reviewer is not None
    taken = claim(
        actor=ours.actor("reviewer" if claimed.reviewer == ours.people["reviewer"] else "second_reviewer"),
        item_id=claimed.pk,
    )
    question = QueueQuestion.objects.create(
        workspace=ours.workspace, item=claimed, asked_by=claimed.reviewer, text="Which rule?"
    )
    draft, orphan = reviewed(drafted, "draft"), reviewed(lost, "draft")
    leave_the_frame(lost)
    new = anew(ours, old)
    target = firsts(new)[claimed.conversation_id]
    assert (target.state, target.reviewer, target.claimed_at) == (
        "claimed",
        claimed.reviewer,
        taken.claimed_at,
    )
    question.refresh_from_db()
    assert question.item == target
    draft.refresh_from_db()
    assert draft.queue_item == firsts(new)[drafted.conversation_id]
    assert (draft.queue_item.state, draft.queue_item.reviewer) == ("claimed", drafted.reviewer)
    orphan.refresh_from_db()
    assert (orphan.queue_item, orphan.stratum, orphan.selection) == (None, None, "manual")
    event = AuditEvent.objects.get(action="draw.redrawn", subject_id=new.pk)
    assert event.changes["freed_drafts"] == [orphan.pk]


def test_what_was_set_aside_is_set_aside_again(ours: Place, old: Draw) -> None:
    manager = ours.actor("manager")
    item = in_order(old)[0]
    skip(actor=manager, item_id=item.pk, reason="not_reviewable", comment="Spam")
    replacement = old.items.get(replaces=item)
    skip(actor=manager, item_id=replacement.pk, reason="not_reviewable", comment="Spam, too")
    last = old.items.get(replaces=replacement)
    review = reviewed(last)
    new = anew(ours, old)
    again = firsts(new)
    assert [again[pk].skip_comment for pk in (item.conversation_id, replacement.conversation_id)] == [
        "Spam",
        "Spam, too",
    ]
    assert again[last.conversation_id].replaces == again[replacement.conversation_id]
    review.refresh_from_db()
    assert review.queue_item == again[last.conversation_id]
    assert (again[last.conversation_id].state, review.stratum) == ("done", new.strata.get())
    assert verify(ours.system, new.pk).differences == []


def test_who_had_no_time_is_not_asked_again(ours: Place, old: Draw) -> None:
    old.items.exclude(second_of=None).delete()
    item = in_order(old)[0]
    name = "reviewer" if item.reviewer == ours.people["reviewer"] else "second_reviewer"
    skip(actor=ours.actor(name), item_id=item.pk, reason="no_time")
    new = anew(ours, old)
    assert firsts(new)[item.conversation_id].reviewer != item.reviewer


def test_who_had_no_time_is_not_offered_it_from_the_pool(ours: Place) -> None:
    """Nobody else may take it, so that it stays unassigned: also in the new draw it is not his to take."""
    conversations(ours, ours.rows["agent"], 5)
    sample = plan(ours, per_agent=1)
    first = draw_plan(actor=ours.actor("manager"), plan_id=sample.pk, period_start=WEEK)[0]
    skip(actor=ours.actor("reviewer"), item_id=first.items.get().pk, reason="no_time")
    new = anew(ours, first)
    assert new.items.get().declined_by == [ours.people["reviewer"].pk]
    Draw.objects.exclude(pk=new.pk).filter(superseded_at=None).update(superseded_at=timezone.now())
    QueueItem.objects.exclude(draw=new).update(state="expired")
    assert next_item(actor=ours.actor("reviewer")) is None


def test_reviews_of_an_agent_who_was_merged_move(ours: Place, old: Draw) -> None:
    """The ledger names the agent of then, the new draw the one who stayed: it is the same person's work."""
    item, aside = in_order(old)[:2]
    review = reviewed(item)
    skip(actor=ours.actor("manager"), item_id=aside.pk, reason="not_reviewable", comment="Spam")
    stays = Agent.objects.create(workspace=ours.workspace, source="chat", external_id="ana")
    merge_agent(actor=ours.actor("manager"), agent_id=item.agent_id, into_id=stays.pk)
    new = anew(ours, old)
    target = firsts(new)[item.conversation_id]
    review.refresh_from_db()
    assert (target.agent, target.state, review.queue_item) == (stays, "done", target)
    assert firsts(new)[aside.conversation_id].skip_comment == "Spam"
    assert verify(ours.system, new.pk).differences == []


def test_another_agents_work_in_the_same_conversation_is_new(ours: Place, old: Draw) -> None:
    """What was set aside or reviewed was the assignee's work. Once it counts as that of who wrote most, who
    may be the reviewer himself, it is drawn like any other."""
    item, aside = in_order(old)[:2]
    assert item.reviewer is not None
    review, bo = reviewed(item), ours.rows["other_agent"]
    skip(actor=ours.actor("manager"), item_id=aside.pk, reason="not_reviewable", comment="Not hers")
    Conversation.objects.filter(agent=ours.rows["agent"]).update(most_active_agent=bo)
    ours.people["other_agent"].agent = None
    ours.people["other_agent"].save()
    item.reviewer.agent = bo
    item.reviewer.save()
    change_plan(actor=ours.actor("manager"), plan_id=old.plan_id, changes={"reviewee": "most_active"})
    new = anew(ours, old)
    again = firsts(new)
    assert {each.state for each in again.values()} == {"open"}
    assert {each.skip_reason for each in again.values()} == {""}
    assert item.reviewer not in {each.reviewer for each in again.values()}
    review.refresh_from_db()
    assert review.queue_item == item
    assert verify(ours.system, new.pk).differences == []


def test_a_redraw_keeps_its_part_of_the_month(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 40)
    sample = plan(ours, per_agent=8, period="month", weekly_parts=True)
    week = draw_plan(actor=ours.actor("manager"), plan_id=sample.pk, period_start=WEEK)[0]
    change_plan(actor=ours.actor("manager"), plan_id=sample.pk, changes={"weekly_parts": False})
    new = anew(ours, week)
    assert (new.terms["quota"]["part"], new.items.count()) == ([1, 4], 2)


def test_a_raised_draw_is_redrawn_by_the_plans_terms(ours: Place, old: Draw) -> None:
    raise_quota(actor=ours.actor("manager"), draw_id=old.pk, quota=QuotaInput(value=Decimal(9)))
    change_plan(actor=ours.actor("manager"), plan_id=old.plan_id, changes={"second_review_share": Decimal(0)})
    new = anew(ours, old)
    old.refresh_from_db()
    assert (old.items.count(), new.items.count(), new.raises) == (18, 6, [])
    assert verify(ours.system, old.pk).differences == []


def test_a_reason_is_required(ours: Place, old: Draw) -> None:
    for reason in ("", "  \n"):
        with pytest.raises(Invalid) as wrong:
            anew(ours, old, reason=reason)
        assert [(each.pointer, each.code) for each in wrong.value.errors] == [("/reason", "required")]
    assert Draw.objects.filter(plan=old.plan_id).count() == 1


def refusal(call: Any) -> str:
    with pytest.raises(Conflict) as refused:
        call()
    return refused.value.code


def test_who_may_redraw_and_when(world: World, ours: Place, old: Draw) -> None:
    with pytest.raises(Refused):
        anew(ours, old, "lead")
    with pytest.raises(Missing):
        anew(world["theirs"], old)
    new = anew(ours, old)
    assert refusal(lambda: anew(ours, old)) == "draw_superseded"
    asked = QuotaInput()
    assert (
        refusal(lambda: raise_quota(actor=ours.actor("manager"), draw_id=old.pk, quota=asked))
        == "draw_superseded"
    )
    third = anew(ours, new, reason="And again")
    assert third.supersedes == new
    end_plan(actor=ours.actor("manager"), plan_id=old.plan_id)
    assert refusal(lambda: anew(ours, third)) == "plan_ended"
