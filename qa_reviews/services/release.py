"""When agents get to see their reviews (at once, at a set time, by a lead), and telling them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Workspace, WorkspaceSettings
from accounts.services.audit import record
from common.errors import FieldError, Invalid
from jobs.names import JobName
from jobs.services import enqueue
from notices.services import notify_agent
from qa_reviews.models import COUNTED_STATES, Review
from qa_reviews.policies.basics import is_released
from qa_reviews.releasing import next_release

RELEASE_FIELDS = ("held", "release_at", "announced_at")
BATCH = 200
Release = WorkspaceSettings.Release
NOT_TOLD = (Review.Kind.SELF, Review.Kind.CALIBRATION)
"""Kinds of which an agent gets no notice."""


def put_release(*, review: Review, settings: WorkspaceSettings, now: datetime) -> None:
    """Hold the review, or set when it is released, as the workspace says; its caller saves RELEASE_FIELDS.
    A self-review hides nothing from its agent, and a calibration review is never shown to him."""
    review.held, review.release_at = False, None
    if review.kind in NOT_TOLD:
        return
    if settings.release == Release.BY_LEAD:
        review.held = True
    elif settings.release == Release.SCHEDULED:
        zone = settings.workspace.timezone
        review.release_at = next_release(now, zone, settings.release_time, settings.release_weekday)


def announce(*, review: Review) -> None:
    """Tell its agent once, if he may see it by now; its caller saves RELEASE_FIELDS."""
    if put_announced(review=review):
        tell_agent(review=review)


def put_announced(*, review: Review) -> bool:
    """Whether its agent is to be told now; the review notes that he was, and its caller saves it."""
    if review.announced_at is not None or not is_released(review):
        return False
    review.announced_at = timezone.now()
    return True


def tell_agent(*, review: Review) -> None:
    """The notice of a new review. Not of a self-review, nor of calibration."""
    if review.kind not in NOT_TOLD:
        key = f"review:{review.pk}"
        notify_agent(agent_id=review.agent_id, kind="review_submitted", subject=review, key=key)


def waiting(*, actor: Actor) -> QuerySet[Review]:
    """The reviews in the actor's scope that their agents do not see yet: held ones and those whose time has
    not come; never those about himself."""
    unseen = Q(held=True) | Q(release_at__gt=timezone.now())
    rows = Review.objects.visible_to(actor).filter(unseen, state__in=COUNTED_STATES)
    scope = actor.scope(Capability.REVIEW_MANAGE)
    if scope is not None:
        rows = rows.filter(team_id__in=scope)
    own = actor.member.agent_id if actor.member else None
    return rows.exclude(agent_id=own) if own else rows


def release_reviews(*, actor: Actor, review_ids: Collection[int] | None = None) -> int:
    """Release these reviews now, those waiting for their time too; without ids all in scope that are held.
    How many; ones released before are passed over. Refused without the right, Invalid for what the actor
    cannot release."""
    with transaction.atomic():
        actor.require(Capability.REVIEW_MANAGE)
        rows = waiting(actor=actor)
        if review_ids is None:
            rows = rows.filter(held=True)
        else:
            _check_known(actor, list(review_ids))
            rows = rows.filter(pk__in=review_ids)
        found = sorted(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        if found:
            now = timezone.now()
            Review.objects.in_workspace(actor.workspace_id).filter(pk__in=found).update(
                held=False, release_at=now, updated_at=now
            )
            record(actor, "review.released", None, {"reviews": found})
            enqueue(name=JobName.ANNOUNCE_RELEASED, key=f"{JobName.ANNOUNCE_RELEASED}:{uuid4()}")
        return len(found)


def _check_known(actor: Actor, review_ids: list[int]) -> None:
    rows = Review.objects.visible_to(actor).filter(pk__in=review_ids, state__in=COUNTED_STATES)
    own = actor.member.agent_id if actor.member else None
    known = {
        pk
        for pk, team_id, agent_id in rows.values_list("pk", "team_id", "agent_id")
        if actor.covers(Capability.REVIEW_MANAGE, team_id) and agent_id != own
    }
    detail = "There is no such review that you can release."
    errors = [
        FieldError(f"/reviews/{place}", "not_found", detail)
        for place, pk in enumerate(review_ids)
        if pk not in known
    ]
    if errors:
        raise Invalid(errors)


def announce_released() -> int:
    """Tell the agents of reviews whose time has come; how many of up to BATCH."""
    due = Review.objects.filter(_is_due())
    found = Workspace.objects.filter(pk__in=due.values("workspace_id"))
    return sum(_announce_released(workspace) for workspace in found)


def _is_due() -> Q:
    """As in the condition of the index review_to_announce."""
    told = Q(announced_at=None, held=False) & ~Q(state=Review.State.DRAFT)
    return told & Q(release_at__lte=timezone.now(), state__in=COUNTED_STATES)


@transaction.atomic
def _announce_released(workspace: Workspace) -> int:
    rows = Review.objects.in_workspace(workspace.pk).filter(_is_due()).order_by("release_at", "pk")
    found = list(rows.select_for_update(of=("self",), skip_locked=True)[:BATCH])
    for review in found:
        announce(review=review)
    Review.objects.bulk_update(found, ["announced_at"])
    return len(found)
