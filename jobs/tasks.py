"""The only two Celery tasks: work on a row, and the clock's tick."""

from __future__ import annotations

from celery import shared_task

from jobs import services


@shared_task(name="jobs.work")
def work(job_id: int) -> None:
    services.work(job_id=job_id)


@shared_task(name="jobs.tick", expires=30)
def tick() -> None:
    services.tick()
