"""Pausing, resuming, ending and copying plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.services.audit import record
from qa_reviews.models import QueueItem, SamplePlan
from qa_reviews.policies.plans import may_change, may_plan
from qa_reviews.services.plans.checks import LONGEST_TEXT
from qa_reviews.services.plans.writing import as_input, automatic_from, insert_plan, locked
from qa_reviews.services.queue.rows import drafts_of, free_drafts


class Move(Protocol):
    """Pausing, resuming or ending a plan."""

    def __call__(self, *, actor: Actor, plan_id: int, if_match: str | None = None) -> SamplePlan: ...


@transaction.atomic
def pause_plan(*, actor: Actor, plan_id: int, if_match: str | None = None) -> SamplePlan:
    """No draws until it is resumed; its queue goes on. A paused one stays as it is. Raises Missing, Refused,
    Conflict `plan_ended`, Stale."""
    plan = locked(actor=actor, plan_id=plan_id, if_match=if_match)
    may_change(actor, plan).demand()
    if plan.active:
        plan.active = False
        plan.save(update_fields=["active", "updated_at"])
        record(actor, "plan.paused", plan, {})
    return plan


@transaction.atomic
def resume_plan(*, actor: Actor, plan_id: int, if_match: str | None = None) -> SamplePlan:
    """Draw again, from the running period on: what ended in the pause is not caught up. An active one stays
    as it is. Raises Missing, Refused, Conflict `plan_ended`, Stale."""
    plan = locked(actor=actor, plan_id=plan_id, if_match=if_match)
    may_change(actor, plan).demand()
    if not plan.active:
        plan.active, plan.automatic_from = True, automatic_from(actor=actor, plan=plan)
        plan.save(update_fields=["active", "automatic_from", "updated_at"])
        record(actor, "plan.resumed", plan, {"automatic_from": str(plan.automatic_from)})
    return plan


@transaction.atomic
def end_plan(*, actor: Actor, plan_id: int, if_match: str | None = None) -> SamplePlan:
    """For good: never drawn again, and what nobody has begun expires. One that has ended stays as it is.
    Raises Missing, Refused, Stale."""
    plan = locked(actor=actor, plan_id=plan_id, if_match=if_match)
    may_plan(actor, plan.filter).demand()
    if plan.ended_at is None:
        plan.ended_at, plan.active = timezone.now(), False
        plan.save(update_fields=["ended_at", "active", "updated_at"])
        record(actor, "plan.ended", plan, {"expired": _expire(plan)})
    return plan


def _expire(plan: SamplePlan) -> int:
    """How many items, locked in the order of their ids, as by whoever hands many out."""
    rows = QueueItem.objects.in_workspace(plan.workspace_id)
    waiting = rows.filter(draw__plan=plan, state=QueueItem.State.OPEN).order_by("pk")
    found = list(waiting.select_for_update(of=("self",)).values_list("pk", flat=True))
    free_drafts(drafts_of(found))
    return rows.filter(pk__in=found).update(state=QueueItem.State.EXPIRED, updated_at=plan.ended_at)


@transaction.atomic
def clone_plan(*, actor: Actor, plan_id: int) -> SamplePlan:
    """A copy with a seed of its own, paused and without draws, of a plan in whatever state. Raises Missing,
    Refused."""
    plan = locked(actor=actor, plan_id=plan_id)
    may_plan(actor, plan.filter).demand()
    name = _("Copy of %(name)s") % {"name": plan.name}
    given = replace(as_input(plan), name=name[:LONGEST_TEXT], active=False)
    copy = insert_plan(actor=actor, given=given, unchanged=as_input(plan))
    record(actor, "plan.cloned", copy, {"from": plan.pk})
    return copy
