"""Runs of the rules over a period: asked for by people, and every night."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Workspace, WorkspaceSettings
from accounts.services.audit import record
from coaching.models import CoachingRule, CoachingRun
from coaching.selectors.runs import INTERVALS
from common.errors import Conflict, invalid
from common.periods import Period, local_date, period_from, start_of
from insights.query import WEEK_STARTS
from jobs import selectors as jobs
from jobs.models import Job
from jobs.names import JobName
from jobs.services import enqueue

log = logging.getLogger(__name__)
NIGHT_HOUR = 2  # local; imports of the day before have mostly arrived by then
WAITING = (Job.State.QUEUED, Job.State.RUNNING)


@transaction.atomic
def request_run(*, actor: Actor, period: str, period_start: date) -> tuple[CoachingRun, Job]:
    """A run over a finished period with its job; asking again while it waits gives the same.

    Invalid (`not_a_period_start`) for a day on which no period begins, Conflict (`period_open`) before it has
    ended.
    """
    actor.require(Capability.COACHING_MANAGE)
    whole = _finished(actor, period, period_start)
    lock_coaching(actor=actor)
    waiting = _waiting(actor, period, period_start)
    if waiting is not None:
        return waiting
    run = CoachingRun.objects.create(
        workspace_id=actor.workspace_id,
        period=period,
        period_start=whole.first,
        period_end=whole.last,
        requested_by_id=actor.member_id,
    )
    job = _enqueue(actor, run)
    run.job_id = job.pk
    run.save(update_fields=["job_id"])
    record(actor, "coaching_run.requested", run, {"period": period, "period_start": whole.first.isoformat()})
    return run, job


def lock_coaching(*, actor: Actor) -> None:
    """Runs of one workspace go one after another, so that cap and cooldown hold across them."""
    WorkspaceSettings.objects.visible_to(actor).select_for_update(no_key=True).get()


def request_tonight(*, workspace_id: int) -> list[CoachingRun]:
    """The night's runs of a workspace: the last complete week, month, or both, as its rules ask."""
    workspace = Workspace.objects.select_related("settings").filter(pk=workspace_id).first()
    if workspace is None:
        log.info("workspace %s is gone: no night", workspace_id)
        return []
    actor = Actor.system(workspace)
    active = CoachingRule.objects.visible_to(actor).filter(active=True)
    periods = active.order_by("period").values_list("period", flat=True).distinct()
    return [
        request_run(actor=actor, period=period, period_start=_last_complete(workspace, period))[0]
        for period in periods
    ]


def announce_nights(*, now: datetime | None = None) -> int:
    """Ask for the night of each workspace that has active rules and whose day is past two o'clock; once a
    local date. How many it looked at. Two queries and those of its jobs."""
    moment = now or timezone.now()
    ids = CoachingRule.objects.filter(active=True).order_by().values("workspace_id")
    due = 0
    for workspace_id, zone in Workspace.objects.filter(pk__in=ids).values_list("pk", "timezone"):
        local = moment.astimezone(ZoneInfo(zone))
        if local.hour >= NIGHT_HOUR:
            due += 1
            enqueue(
                name=JobName.COACHING_NIGHT,
                key=f"{JobName.COACHING_NIGHT}:{workspace_id}:{local.date()}",
                args={"workspace": workspace_id},
                workspace_id=workspace_id,
            )
    return due


def _finished(actor: Actor, period: str, period_start: date) -> Period:
    """The whole period, which must have ended in the workspace's zone."""
    interval = INTERVALS[period]
    first = start_of(period_start, interval, WEEK_STARTS[actor.workspace.settings.week_start])
    if first != period_start:
        detail = (
            f"A {interval} does not begin on {period_start}; the one that holds this day begins on {first}."
        )
        raise invalid("/period_start", "not_a_period_start", detail)
    whole = period_from(period_start, interval)
    if whole.last >= local_date(timezone.now(), actor.workspace.timezone):
        raise Conflict(
            f"This {interval} lasts until {whole.last}: coaching looks at whole periods only.",
            code="period_open",
        )
    return whole


def _waiting(actor: Actor, period: str, period_start: date) -> tuple[CoachingRun, Job] | None:
    """The run of this period that is still to be done, with its job."""
    rows = CoachingRun.objects.visible_to(actor).filter(state=CoachingRun.State.QUEUED)
    run = rows.filter(period=period, period_start=period_start).order_by("-pk").first()
    job = jobs.job(actor.workspace_id, run.job_id) if run and run.job_id else None
    return (run, job) if run and job and job.state in WAITING else None


def _enqueue(actor: Actor, run: CoachingRun) -> Job:
    return enqueue(
        name=JobName.COACHING_PROPOSE,
        key=f"{JobName.COACHING_PROPOSE}:{run.pk}",
        args={"run": run.pk},
        workspace_id=actor.workspace_id,
        member_id=actor.member_id,
    )


def _last_complete(workspace: Workspace, period: str) -> date:
    interval, week_start = INTERVALS[period], WEEK_STARTS[workspace.settings.week_start]
    this = start_of(local_date(timezone.now(), workspace.timezone), interval, week_start)
    return start_of(this - timedelta(days=1), interval, week_start)
