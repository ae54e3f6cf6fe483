"""What returns to the queue by itself: forgotten claims, and the items of members who left."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, MemberRole, Workspace
from accounts.services.audit import record
from qa_reviews.models import QueueItem, Review, SamplePlan
from qa_reviews.policies.queue import WAITING
from qa_reviews.selectors.graders import GRADING_ROLES

SHORTEST_CLAIM = timedelta(hours=1)
"""No workspace's claims lapse sooner."""
State = QueueItem.State


def return_lapsed() -> int:
    """Open the items again whose claim is older than their workspace lets it get, and on which nobody worked
    since; what came from the unassigned goes back to them. How many."""
    old = QueueItem.objects.filter(state=State.CLAIMED, claimed_at__lt=Now() - SHORTEST_CLAIM)
    found = Workspace.objects.filter(pk__in=old.values("workspace_id")).select_related("settings")
    return sum(_return_lapsed(Actor.system(workspace)) for workspace in found)


@transaction.atomic
def _return_lapsed(actor: Actor) -> int:
    since = Now() - timedelta(hours=actor.workspace.settings.claim_hours)
    worked_on = Review.objects.filter(
        queue_item=OuterRef("pk"),
        reviewer=OuterRef("reviewer"),
        state=Review.State.DRAFT,
        updated_at__gte=since,
    )
    rows = QueueItem.objects.visible_to(actor).filter(
        ~Exists(worked_on), state=State.CLAIMED, claimed_at__lt=since
    )
    found = dict(rows.select_for_update(skip_locked=True).values_list("pk", "from_pool"))
    pooled = [pk for pk, from_pool in found.items() if from_pool]
    opened = QueueItem.objects.visible_to(actor).filter(pk__in=found)
    opened.update(state=State.OPEN, claimed_at=None, updated_at=timezone.now())
    opened.filter(pk__in=pooled).update(reviewer=None, from_pool=False)
    if found:
        record(actor, "queue.lapsed", None, {"items": sorted(found)})
    return len(found)


def return_left() -> int:
    """Nobody's are, from now on, the waiting items of members who left or no longer grade, for others of
    their plans to take or leads to hand out. How many."""
    held = QueueItem.objects.filter(_left_behind(), state__in=WAITING)
    found = Workspace.objects.filter(pk__in=held.values("workspace_id"))
    return sum(_return_left(Actor.system(workspace)) for workspace in found)


@transaction.atomic
def _return_left(actor: Actor) -> int:
    rows = QueueItem.objects.visible_to(actor).filter(_left_behind(), state__in=WAITING)
    found = dict(rows.select_for_update(of=("self",), skip_locked=True).values_list("pk", "reviewer_id"))
    QueueItem.objects.visible_to(actor).filter(pk__in=found).update(
        state=State.OPEN, reviewer=None, claimed_at=None, from_pool=False, updated_at=timezone.now()
    )
    if found:
        record(actor, "queue.left", None, {"items": sorted(found), "reviewers": sorted({*found.values()})})
    return len(found)


def _left_behind() -> Q:
    """Of items: whose reviewer has left, or has no role any more that grades; peers need none."""
    left = Member.objects.exclude(deactivated_at=None)
    grading = MemberRole.objects.filter(member=OuterRef("pk"), role__in=GRADING_ROLES)
    others = Member.objects.filter(~Exists(grading))
    standard = Q(draw__plan__kind=SamplePlan.Kind.STANDARD)
    return Q(reviewer__in=left.values("pk")) | (standard & Q(reviewer__in=others.values("pk")))
