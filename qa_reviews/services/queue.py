"""Taking, finishing, skipping and handing over queue items. Two callers never take the same one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Workspace
from accounts.services.audit import record
from common.errors import Conflict, Missing, invalid
from conversations.models import Conversation
from qa_reviews import sampling
from qa_reviews.models import QueueItem, Stratum
from qa_reviews.policies.plans import WAITING, may_claim, may_reassign, may_skip
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import Grader, Takes, graders, takers, takes_of
from qa_reviews.selectors.queue import ORDER, items, mine, pool, seen_before

CLAIM_LASTS = timedelta(hours=4)
State, Reason = QueueItem.State, QueueItem.SkipReason


@transaction.atomic
def next_item(*, actor: Actor) -> QueueItem | None:
    """The item to review now, claimed for the actor: the one he has begun, else his own by deadline and hash
    order, else the first unassigned one that he may take; None when nothing waits."""
    actor.require(Capability.GRADE)
    own = mine(actor)
    for rows in (own.filter(state=State.CLAIMED), own.filter(state=State.OPEN), pool(actor)):
        item = rows.order_by(*ORDER).select_for_update(of=("self",), skip_locked=True).first()
        if item is not None:
            return _take(actor, item)
    return None


@transaction.atomic
def claim(*, actor: Actor, item_id: int) -> QueueItem:
    """This item, locked and claimed for the actor, whose claim starts anew. Raises Missing, Refused for
    another's item or his own work, Conflict once it is closed, or where he saw the conversation before."""
    item = _locked(items(actor), item_id)
    may_claim(actor, item).demand()
    unassigned = item.reviewer_id is None
    if unassigned and QueueItem.objects.visible_to(actor).filter(seen_before(actor), pk=item.pk).exists():
        raise Conflict("You have reviewed this conversation; it needs somebody else.", code="seen_before")
    return _take(actor, item)


def finish(*, item: QueueItem, reviewer_id: int | None = None) -> None:
    """The item is reviewed (by the one who has it, unless another is named); the caller's transaction and
    audit tell of it. Conflict when it is done or skipped already."""
    row = QueueItem.objects.in_workspace(item.workspace_id).select_for_update().get(pk=item.pk)
    if row.state not in WAITING:
        raise Conflict("This queue item is closed already.", code=f"item_{row.state}")
    row.state, row.reviewer_id = State.DONE, reviewer_id or row.reviewer_id
    row.save(update_fields=["state", "reviewer", "updated_at"])


@transaction.atomic
def skip(*, actor: Actor, item_id: int, reason: str, comment: str = "") -> QueueItem:
    """Set the item aside as not reviewable, and draw the next of its stratum in its place; or, for want of
    time, give it back for others to take. Raises Missing, Refused, Conflict."""
    item = _locked(items(actor), item_id)
    may_skip(actor, item).demand()
    item.skip_reason, item.skip_comment = reason, comment
    if reason == Reason.NOT_REVIEWABLE:
        replacement = _set_aside(actor, item)
        changes = {"replaced_by": replacement.pk if replacement else None}
    else:
        changes = {"declined_by": item.reviewer_id}
        _give_back(item)
    record(actor, "queue.skipped", item, {"reason": reason, "comment": comment} | changes)
    return item


@transaction.atomic
def set_aside(*, actor: Actor, item_id: int, comment: str = "") -> None:
    """A reviewed item turned out not to be reviewable (its agent was the wrong one): it no longer counts as
    done, and the next of its stratum is drawn in its place. Whether it may is its caller's to decide."""
    item = _locked(QueueItem.objects.in_workspace(actor.workspace_id).select_related("draw"), item_id)
    item.skip_reason, item.skip_comment = Reason.NOT_REVIEWABLE, comment
    replacement = _set_aside(actor, item)
    changes = {"reason": item.skip_reason, "replaced_by": replacement.pk if replacement else None}
    record(actor, "queue.skipped", item, changes)


@transaction.atomic
def reassign(*, actor: Actor, item_id: int, reviewer_id: int) -> QueueItem:
    """Hand the item to another active member who grades in the conversation's team, and who is neither the
    one it is about nor the other of two reviewers. Raises Missing, Refused, Conflict, Invalid."""
    item = _locked(items(actor), item_id)
    may_reassign(actor, item).demand()
    found = graders(actor, [reviewer_id])
    if not found:
        raise invalid("/reviewer", "not_found", f"There is no member “{reviewer_id}” here who grades.")
    if not takers(found, takes_of(item), today(actor), without=_others(item)):
        detail = (
            "This member cannot review it: it is his own work, outside his teams, or he reviews it already."
        )
        raise invalid("/reviewer", "not_allowed", detail)
    before, item.reviewer_id = item.reviewer_id, reviewer_id
    item.state, item.claimed_at, item.from_pool = State.OPEN, None, False
    item.save(update_fields=["reviewer", "state", "claimed_at", "from_pool", "updated_at"])
    record(actor, "queue.reassigned", item, {"reviewer": [before, reviewer_id]})
    return items(actor).get(pk=item.pk)


def return_lapsed() -> int:
    """Open the items again whose claim is older than four hours; what came from the pool goes back to it.
    How many."""
    lapsed = QueueItem.objects.filter(state=State.CLAIMED, claimed_at__lt=Now() - CLAIM_LASTS)
    found = Workspace.objects.filter(pk__in=lapsed.values("workspace_id"))
    return sum(_return_lapsed(Actor.system(workspace)) for workspace in found)


@transaction.atomic
def _return_lapsed(actor: Actor) -> int:
    rows = QueueItem.objects.visible_to(actor).filter(state=State.CLAIMED, claimed_at__lt=Now() - CLAIM_LASTS)
    found = dict(rows.select_for_update(skip_locked=True).values_list("pk", "from_pool"))
    pooled = [pk for pk, from_pool in found.items() if from_pool]
    opened = QueueItem.objects.visible_to(actor).filter(pk__in=found)
    opened.filter(pk__in=pooled).update(reviewer=None, from_pool=False)
    opened.update(state=State.OPEN, claimed_at=None, updated_at=Now())
    if found:
        record(actor, "queue.claims_lapsed", None, {"items": sorted(found)})
    return len(found)


def _locked(rows: QuerySet[QueueItem], item_id: int) -> QueueItem:
    item = rows.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None:
        raise Missing
    return item


def _take(actor: Actor, item: QueueItem) -> QueueItem:
    fresh = item.state == State.OPEN
    item.from_pool = item.from_pool or item.reviewer_id is None
    item.reviewer, item.state, item.claimed_at = actor.member, State.CLAIMED, timezone.now()
    item.save(update_fields=["from_pool", "reviewer", "state", "claimed_at", "updated_at"])
    if fresh:
        record(actor, "queue.claimed", item)
    return item


def _give_back(item: QueueItem) -> None:
    if item.reviewer_id is not None:
        item.declined_by = [*item.declined_by, item.reviewer_id]
    item.reviewer, item.state, item.claimed_at, item.from_pool = None, State.OPEN, None, False
    item.save(
        update_fields=[
            "skip_reason",
            "skip_comment",
            "declined_by",
            "reviewer",
            "state",
            "claimed_at",
            "from_pool",
            "updated_at",
        ]
    )


def _set_aside(actor: Actor, item: QueueItem) -> QueueItem | None:
    """Skipped for good. A second look at the same conversation goes with it and is not replaced; the item
    itself is replaced by the next smallest hash of its stratum, until the frame is used up."""
    item.state, item.claimed_at = State.SKIPPED, None
    item.save(update_fields=["state", "claimed_at", "skip_reason", "skip_comment", "updated_at"])
    if item.second_of_id is not None:
        return None
    QueueItem.objects.in_workspace(actor.workspace_id).filter(second_of=item, state__in=WAITING).update(
        state=State.SKIPPED, claimed_at=None, skip_reason=item.skip_reason, updated_at=timezone.now()
    )
    return _replacement(actor, item)


def _replacement(actor: Actor, item: QueueItem) -> QueueItem | None:
    stratum = Stratum.objects.in_workspace(item.workspace_id).select_for_update().get(pk=item.stratum_id)
    first_round = QueueItem.objects.in_workspace(item.workspace_id).filter(stratum=stratum, second_of=None)
    drawn = set(first_round.values_list("conversation_id", flat=True))
    found = sampling.replacement(item.draw.seed, stratum.frame_ids, drawn)
    if found is None:
        return None
    conversation = Conversation.objects.in_workspace(item.workspace_id).get(pk=found[0])
    return QueueItem.objects.create(
        workspace_id=item.workspace_id,
        draw=item.draw,
        stratum=stratum,
        conversation=conversation,
        agent=item.agent,
        team=item.team,
        band=item.band,
        u=found[1],
        probability=item.probability,
        order_hash=sampling.order_hash(item.draw.seed, conversation.pk),
        replaces=item,
        reviewer_id=_least_busy(actor, item, conversation),
        due_on=item.due_on,
    )


def _least_busy(actor: Actor, item: QueueItem, conversation: Conversation) -> int | None:
    """Of the draw's reviewers who may take the conversation, the one with the fewest waiting items."""
    facts = Takes.of(conversation, item.agent.merged_into_id or item.agent_id)
    able = takers(graders(actor, item.draw.allowed_reviewers), facts, today(actor))
    rows = QueueItem.objects.in_workspace(item.workspace_id).filter(state__in=WAITING)
    loads = Counter(rows.filter(reviewer_id__in=[g.id for g in able]).values_list("reviewer_id", flat=True))

    def load(grader: Grader) -> tuple[int, int]:
        return loads[grader.id], grader.id

    return min(able, key=load).id if able else None


def _others(item: QueueItem) -> set[int]:
    """Who has the same conversation as the other of its two reviewers."""
    other_half = Q(second_of=item) | Q(pk=item.second_of_id or 0)
    pair = QueueItem.objects.in_workspace(item.workspace_id).filter(other_half)
    return {member for member in pair.values_list("reviewer_id", flat=True) if member is not None}
