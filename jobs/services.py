"""The outbox: jobs are rows written with the change that wants them; messages only ring the bell.

A lost, doubled or late message costs nothing: a row is claimed with SKIP LOCKED, done under a lease, and
announced again by the sweeper while it waits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerError

from common.errors import Problem
from jobs.models import Job, ScheduleSlot
from jobs.names import JobName
from jobs.registry import More, Work, handlers, schedules

log = logging.getLogger(__name__)
TRIES = 8
LEASE = timedelta(seconds=300)  # above the hard limit of a task, so that no living one is doubled
IDLE = timedelta(seconds=10)
STRETCH_SECONDS = 120.0  # how long one task goes on with the chunks of a long job
SWEEP_LIMIT = 200


def enqueue(
    *,
    name: JobName,
    key: str,
    args: dict[str, Any] | None = None,
    workspace_id: int | None = None,
    member_id: int | None = None,
) -> Job:
    """The job of this key, written in the caller's transaction; asking again gives the same row. The bell
    rings after the commit."""
    job, created = Job.objects.get_or_create(
        key=key,
        defaults={"name": name, "args": args or {}, "workspace_id": workspace_id, "member_id": member_id},
    )
    if created:
        transaction.on_commit(lambda: ring([job.pk]))
    return job


def ring(job_ids: Iterable[int]) -> None:
    """Tell the workers; a broker that does not answer is left to the sweeper, never to the caller."""
    try:
        for job_id in job_ids:
            current_app.send_task("jobs.work", args=[job_id], retry=False)
    except (BrokerError, OSError):
        log.warning("the broker does not answer; the sweeper will announce the job")


def _now() -> datetime:
    """The database's clock: leases and due dates of several hosts are compared with it."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (now,) = cursor.fetchone()
    return now  # type: ignore[no-any-return]


@transaction.atomic
def claim(*, job_id: int) -> Job | None:
    """The job with a fresh lease, or None when it is done, taken, or not due. Tries are counted here, so
    that one that kills its worker is counted too."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    job = (
        Job.objects.select_for_update(skip_locked=True)
        .filter(free, pk=job_id, state__in=[Job.State.QUEUED, Job.State.RUNNING], due_at__lte=Now())
        .first()
    )
    if job is None:
        return None
    now = _now()
    if job.attempts >= TRIES:
        job.state, job.finished_at, job.error = (
            Job.State.FAILED,
            now,
            job.error or "Its worker died each time.",
        )
        job.save(update_fields=["state", "finished_at", "error"])
        return None
    job.state, job.attempts, job.lease_until = Job.State.RUNNING, job.attempts + 1, now + LEASE
    job.started_at = job.started_at or now
    job.save(update_fields=["state", "attempts", "lease_until", "started_at"])
    return job


def work(*, job_id: int) -> None:
    """Do the job: chunk after chunk, each in one transaction with the mark that it is done."""
    job = claim(job_id=job_id)
    if job is None:
        return
    started = time.monotonic()
    try:
        while _chunk(job_id, job.attempts):
            if time.monotonic() - started > STRETCH_SECONDS:
                Job.objects.filter(pk=job_id, attempts=job.attempts).update(lease_until=None, attempts=0)
                ring([job_id])
                return
    except Problem as problem:  # a refusal will not heal by trying again
        _give_up(job, problem.detail)
    except Exception as error:
        log.exception("job %s (%s) failed at try %s", job.pk, job.name, job.attempts)
        _put_back(job, f"{type(error).__name__}: {error}"[:2000])


@transaction.atomic
def _chunk(job_id: int, attempt: int) -> bool:
    """One chunk; whether there is more. Nothing is done if another worker has taken the job over."""
    job = Job.objects.select_for_update().filter(pk=job_id, attempts=attempt, state=Job.State.RUNNING).first()
    if job is None:
        return False
    more = handlers[JobName(job.name)](Work(job.pk, job.args, job.cursor))
    now = _now()
    if isinstance(more, More):
        job.cursor, job.rows_done, job.rows_total = more.cursor, more.rows_done, more.rows_total
        job.lease_until = now + LEASE
    else:
        job.state, job.finished_at, job.lease_until, job.error = Job.State.DONE, now, None, ""
        job.rows_done = job.rows_total if job.rows_total is not None else job.rows_done
    job.save(
        update_fields=["cursor", "rows_done", "rows_total", "lease_until", "state", "finished_at", "error"]
    )
    return more is not None


def _give_up(job: Job, error: str) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.FAILED, error=error, lease_until=None, finished_at=Now()
    )


def _put_back(job: Job, error: str) -> None:
    if job.attempts >= TRIES:
        _give_up(job, error)
        return
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.QUEUED,
        error=error,
        lease_until=None,
        due_at=Now() + timedelta(seconds=2**job.attempts),
    )


def sweep() -> int:
    """Announce due jobs that nobody works on; how many."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    waiting = Job.objects.filter(
        free, state__in=[Job.State.QUEUED, Job.State.RUNNING], due_at__lte=Now() - IDLE
    ).order_by("due_at")
    found = list(waiting.values_list("pk", flat=True)[:SWEEP_LIMIT])
    ring(found)
    return len(found)


def slot_of(*, now: datetime, every: timedelta) -> datetime:
    """The start of the slot that holds `now`, counted from the epoch."""
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def tick() -> None:
    """Ring each schedule's present slot once, whoever ticks, and sweep. A slot that was missed while nobody
    ticked is caught up by the present one: every scheduled job looks at what is there, not at the clock."""
    now = _now()
    for schedule in schedules:
        slot = slot_of(now=now, every=schedule.every)
        with transaction.atomic():
            _, fresh = ScheduleSlot.objects.get_or_create(schedule=schedule.name, slot=slot)
            if fresh:
                enqueue(name=schedule.name, key=f"{schedule.name}@{slot.isoformat()}")
    sweep()


def last_tick() -> datetime | None:
    """When a schedule last rang, for readiness."""
    return ScheduleSlot.objects.order_by("-rung_at").values_list("rung_at", flat=True).first()


def forget_old(*, days: int = 30) -> int:
    """Delete finished jobs and slots older than that; failed ones stay for the operator."""
    limit = _now() - timedelta(days=days)
    done = Job.objects.filter(state=Job.State.DONE, finished_at__lt=limit).delete()[0]
    return done + ScheduleSlot.objects.filter(rung_at__lt=limit).delete()[0]
