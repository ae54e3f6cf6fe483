"""Reads of the queue: what waits for a member, and what he may take."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.access import Actor, Capability
from common.errors import Missing
from qa_reviews.models import PlanReviewer, QueueItem, Review
from qa_reviews.policies.plans import WAITING

ORDER = ("due_on", "order_hash", "id")
"""By deadline, then in the order of the draw's hash."""

CLOSED_REVIEWS = (Review.State.DRAFT, Review.State.RETRACTED)


def items(actor: Actor) -> QuerySet[QueueItem]:
    """The items the actor sees, with all that is shown of them. One query."""
    return QueueItem.objects.visible_to(actor).select_related(
        "conversation", "agent", "team", "reviewer", "draw__plan"
    )


def item(actor: Actor, item_id: int) -> QueueItem:
    """One of them, or Missing. One query."""
    found = items(actor).filter(pk=item_id).first()
    if found is None:
        raise Missing
    return found


def mine(actor: Actor) -> QuerySet[QueueItem]:
    """What waits for the actor, open or claimed. Order it by `ORDER`. One query."""
    return items(actor).filter(reviewer_id=actor.member_id, reviewer__isnull=False, state__in=WAITING)


def pool(actor: Actor) -> QuerySet[QueueItem]:
    """The unassigned that the actor may take: of plans that name him, in his teams, neither about himself
    nor seen or declined by him before. One query."""
    if actor.member is None:
        return QueueItem.objects.none()
    me, scope = actor.member, actor.scope(Capability.GRADE)
    plans = PlanReviewer.objects.in_workspace(actor.workspace_id).filter(member=me).values("plan_id")
    in_scope = Q() if scope is None else Q(conversation__team_id__in=scope)
    rows = items(actor).filter(in_scope, reviewer=None, state=QueueItem.State.OPEN, draw__plan_id__in=plans)
    if me.agent_id is not None:
        rows = rows.exclude(agent_id=me.agent_id)
    return rows.exclude(declined_by__contains=[me.pk]).exclude(seen_before(actor))


def seen_before(actor: Actor) -> Q:
    """Items whose conversation the actor has reviewed, or has as the other of two reviewers."""
    others = QueueItem.objects.in_workspace(actor.workspace_id).filter(reviewer_id=actor.member_id)
    reviewed = Review.objects.in_workspace(actor.workspace_id).filter(
        conversation=OuterRef("conversation"),
        agent=OuterRef("agent"),
        reviewer_id=actor.member_id,
        kind=Review.Kind.STANDARD,
    )
    return (
        Q(Exists(others.filter(pk=OuterRef("second_of"))))
        | Q(Exists(others.filter(second_of=OuterRef("pk"))))
        | Q(Exists(reviewed.exclude(state__in=CLOSED_REVIEWS)))
    )


def waiting(actor: Actor) -> int:
    """How many items wait for the actor; the rail shows it. One query."""
    if actor.member_id is None:
        return 0
    return QueueItem.objects.visible_to(actor).filter(reviewer_id=actor.member_id, state__in=WAITING).count()


def pool_size(actor: Actor) -> int:
    """How many unassigned items the actor may take. One query."""
    return pool(actor).count()


def progress(actor: Actor) -> tuple[int, int]:
    """Of the draws in which something waits for the actor: how many of his items are done, and of how many.
    One query."""
    own = QueueItem.objects.visible_to(actor).filter(reviewer_id=actor.member_id, reviewer__isnull=False)
    draws = own.filter(state__in=WAITING).values("draw_id")
    done = Q(state=QueueItem.State.DONE)
    found = own.filter(draw_id__in=draws).aggregate(
        done=Count("pk", filter=done), total=Count("pk", filter=done | Q(state__in=WAITING))
    )
    return found["done"], found["total"]
