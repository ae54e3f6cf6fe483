"""Setting queue items aside, and what is drawn in their place."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import record
from conversations.models import Conversation
from qa_reviews import sampling
from qa_reviews.models import PlanReviewer, QueueItem, Review, SamplePlan, Stratum
from qa_reviews.policies.queue import WAITING, may_skip
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import ONE, Grader, graders_like, takers, takes_of
from qa_reviews.selectors.queue import items
from qa_reviews.services.queue.rows import (
    PLACE_FIELDS,
    UNTOUCHED,
    drafts_of,
    free_drafts,
    lock_drafts,
    locked_item,
    others_of,
)

State, Reason = QueueItem.State, QueueItem.SkipReason
SKIP_FIELDS = ("state", "claimed_at", "skip_reason", "skip_comment", "updated_at")


@transaction.atomic
def skip(*, actor: Actor, item_id: int, reason: str, comment: str = "") -> QueueItem:
    """Set the item aside as not reviewable, and draw the next of its stratum in its place; or, for want of
    time, give it back for others to take. Raises Missing, Refused, Conflict."""
    lock_drafts(item_id)
    item = locked_item(rows=items(actor), item_id=item_id)
    may_skip(actor, item).demand()
    item.skip_reason, item.skip_comment = reason, comment
    if reason == Reason.NOT_REVIEWABLE:
        replacement = _set_aside(actor, item)
        changes = {"replaced_by": replacement.pk if replacement else None}
    else:
        changes = {"declined_by": item.reviewer_id}
        _decline(item)
    record(actor, "queue.skipped", item, {"reason": reason, "comment": comment} | changes)
    return item


@transaction.atomic
def set_aside(*, actor: Actor, item_id: int, comment: str = "") -> None:
    """A reviewed item turned out not to be reviewable (its agent was the wrong one): it no longer counts as
    done, and the next of its stratum is drawn in its place. Whether it may is its caller's to decide."""
    rows = QueueItem.objects.in_workspace(actor.workspace_id).select_related("draw__plan", "agent")
    item = locked_item(rows=rows, item_id=item_id)
    item.skip_reason, item.skip_comment = Reason.NOT_REVIEWABLE, comment
    replacement = _set_aside(actor, item)
    changes = {"reason": item.skip_reason, "replaced_by": replacement.pk if replacement else None}
    record(actor, "queue.skipped", item, changes)


def pass_on(*, actor: Actor, review: Review) -> None:
    """What waits in its reviewer's own queue of the very work that he reviewed just now, by hand or for
    another plan: nobody reviews it twice, so that others may take it. One query where nothing does."""
    same = Q(agent=review.agent_id) | Q(agent__merged_into=review.agent_id)
    waiting = QueueItem.objects.in_workspace(review.workspace_id).filter(
        same,
        reviewer=review.reviewer_id,
        conversation=review.conversation_id,
        state__in=WAITING,
        draw__plan__kind=SamplePlan.Kind.STANDARD,
    )
    for item in waiting.order_by("pk").select_for_update(of=("self",)):
        _decline(item)
        record(actor, "queue.passed_on", item, {"review": review.pk})


def _decline(item: QueueItem) -> None:
    """Nobody's, and not offered again to who had it."""
    drafts_of([item.pk]).filter(UNTOUCHED).delete()
    if item.reviewer_id is not None:
        item.declined_by = [*item.declined_by, item.reviewer_id]
    item.reviewer, item.state, item.claimed_at, item.from_pool = None, State.OPEN, None, False
    item.save(update_fields=[*PLACE_FIELDS, "skip_reason", "skip_comment", "declined_by"])


def _set_aside(actor: Actor, item: QueueItem) -> QueueItem | None:
    """Skipped for good. A second look at the same conversation goes with it and is not replaced; the item
    itself is replaced by the next smallest hash of its stratum, until the frame is used up."""
    item.state, item.claimed_at = State.SKIPPED, None
    item.save(update_fields=SKIP_FIELDS)
    free_drafts(drafts_of([item.pk]))
    if item.second_of_id is not None:
        return None
    QueueItem.objects.in_workspace(actor.workspace_id).filter(second_of=item, state__in=WAITING).update(
        state=State.SKIPPED, claimed_at=None, skip_reason=item.skip_reason, updated_at=timezone.now()
    )
    return _replacement(actor, item) if item.draw.superseded_at is None else None


def _replacement(actor: Actor, item: QueueItem) -> QueueItem | None:
    stratum = Stratum.objects.in_workspace(item.workspace_id).select_for_update().get(pk=item.stratum_id)
    first_round = QueueItem.objects.in_workspace(item.workspace_id).filter(stratum=stratum, second_of=None)
    drawn = set(first_round.values_list("conversation_id", flat=True))
    found = sampling.replacement(item.draw.seed, stratum.frame_ids, drawn)
    if found is None:
        return None
    fresh = QueueItem(
        workspace_id=item.workspace_id,
        draw=item.draw,
        stratum=stratum,
        conversation=Conversation.objects.in_workspace(item.workspace_id).get(pk=found[0]),
        agent=item.agent,
        team=item.team,
        band=item.band,
        u=found[1],
        probability=item.probability,
        order_hash=sampling.order_hash(item.draw.seed, found[0]),
        replaces=item,
        due_on=item.due_on,
    )
    if item.draw.terms.get("assignment") != SamplePlan.Assignment.POOL:
        fresh.reviewer_id = _least_busy(actor, fresh)
    fresh.save(force_insert=True)
    return fresh


def _least_busy(actor: Actor, item: QueueItem) -> int | None:
    """Of the draw's reviewers who may take the item, the one with the fewest that wait, by his weight."""
    on = today(actor)
    allowed = graders_like(actor, item.draw.plan, on, item.draw.allowed_reviewers)
    able = takers(allowed, takes_of(item), on, without=others_of(item=item))
    rows = QueueItem.objects.in_workspace(item.workspace_id).filter(state__in=WAITING)
    loads = Counter(rows.filter(reviewer_id__in=[g.id for g in able]).values_list("reviewer_id", flat=True))
    named = PlanReviewer.objects.in_workspace(item.workspace_id).filter(plan=item.draw.plan_id)
    weights = dict(named.values_list("member_id", "weight"))

    def load(grader: Grader) -> tuple[Decimal, int]:
        return loads[grader.id] / weights.get(grader.id, ONE), grader.id

    return min(able, key=load).id if able else None
