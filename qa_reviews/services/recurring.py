"""Drawing what is due: each period of each plan once, whoever looks at the clock, and however late."""

from __future__ import annotations

import logging
from datetime import date, datetime
from time import monotonic

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.selectors import actors_of
from common.errors import Problem
from jobs.names import JobName
from jobs.services import enqueue
from notices.models import Notice
from notices.services import notify
from qa_reviews.models import SamplePlan
from qa_reviews.policies.plans import may_plan
from qa_reviews.selectors.cycles import DRAWN_BY_CLOCK, due_draws, workspaces_due
from qa_reviews.services.draws import draw_plan

NOT_DRAWN = "plan.not_drawn"
log = logging.getLogger(__name__)


def announce_due(*, job_id: int, now: datetime | None = None) -> int:
    """Ask for the draws of each workspace in which some are due; how many those are. Two queries and those of
    the jobs."""
    found = workspaces_due(now or timezone.now())
    for workspace in found:
        enqueue(
            name=JobName.DRAW_WORKSPACE,
            key=f"{JobName.DRAW_WORKSPACE}:{workspace.pk}:{job_id}",
            args={"workspace": workspace.slug},
            workspace_id=workspace.pk,
        )
    return len(found)


def draw_due(*, actor: Actor, now: datetime | None = None, seconds: float | None = None) -> int:
    """Draw what is due in the workspace, oldest first, each on its own; how many draws were made. A plan that
    cannot be drawn is logged and told to who plans it, and stops no other; its later periods wait. After
    `seconds` the rest is left for the next call."""
    started, made, failed = monotonic(), 0, set[int]()
    for day, plan_id in due_draws(actor, now or timezone.now()):
        if plan_id in failed:
            continue
        fresh = _drawn(actor, plan_id, day)
        if fresh is None:
            failed.add(plan_id)
            continue
        made += fresh
        if seconds is not None and made and monotonic() - started > seconds:
            break
    return made


def _drawn(actor: Actor, plan_id: int, day: date) -> bool | None:
    """Whether the draw was made now; None where it cannot be."""
    try:
        with transaction.atomic():
            return draw_plan(actor=actor, plan_id=plan_id, period_start=day, automatic=True)[1]
    except Problem as problem:
        log.warning("plan %s is due for %s, and is not drawn: %s", plan_id, day, problem.detail)
    except Exception:
        log.exception("plan %s is due for %s, and cannot be drawn", plan_id, day)
    _tell(actor, plan_id, day)
    return None


def _tell(actor: Actor, plan_id: int, day: date) -> None:
    """Once for each period, everybody who may do something about it; not where the plan was paused or ended
    meanwhile."""
    plan = SamplePlan.objects.visible_to(actor).filter(**DRAWN_BY_CLOCK, pk=plan_id).first()
    key = f"not_drawn:{plan_id}:{day}"
    if (
        plan is None
        or Notice.objects.in_workspace(actor.workspace_id).filter(kind=NOT_DRAWN, key=key).exists()
    ):
        return
    able = [pk for pk, each in actors_of(actor.workspace).items() if may_plan(each, plan.filter).allowed]
    notify(recipients=able, kind=NOT_DRAWN, subject=plan, key=key)
