"""The outbox: jobs are rows, messages are doorbells, and nothing is done twice or lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery, current_app
from django.db.models.functions import Now

from common.errors import Conflict
from jobs import registry, services
from jobs.models import Job, ScheduleSlot
from jobs.names import JobName
from jobs.registry import More, Work

NAME = JobName.FORGET_ANSWERS


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Work]:
    """A handler of our own in place of the real one; it notes its calls."""
    seen: list[Work] = []
    monkeypatch.setitem(registry.handlers, NAME, lambda work: seen.append(work))
    return seen


@pytest.mark.django_db
def test_the_same_key_is_one_job(calls: list[Work]) -> None:
    first = services.enqueue(name=NAME, key="k", args={"a": 1})
    assert services.enqueue(name=NAME, key="k", args={"a": 2}).pk == first.pk
    services.work(job_id=first.pk)
    services.work(job_id=first.pk)  # a doubled message
    assert [call.args for call in calls] == [{"a": 1}]
    first.refresh_from_db()
    assert (first.state, first.attempts, first.lease_until) == ("done", 1, None)
    assert first.finished_at is not None


@pytest.mark.django_db
def test_a_leased_job_is_left_alone_and_a_lapsed_lease_is_taken_over(calls: list[Work]) -> None:
    job = services.enqueue(name=NAME, key="k")
    assert services.claim(job_id=job.pk) is not None
    services.work(job_id=job.pk)
    assert calls == []
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    services.work(job_id=job.pk)
    assert len(calls) == 1


@pytest.mark.django_db
def test_a_long_job_goes_on_where_its_last_chunk_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def chunk(work: Work) -> More | None:
        at = work.cursor.get("at", 0)
        seen.append(at)
        return More({"at": at + 10}, rows_done=at + 10, rows_total=30) if at < 20 else None

    monkeypatch.setitem(registry.handlers, NAME, chunk)
    job = services.enqueue(name=NAME, key="k")
    services.work(job_id=job.pk)
    job.refresh_from_db()
    assert seen == [0, 10, 20]
    assert (job.state, job.rows_done, job.rows_total) == ("done", 30, 30)


@pytest.mark.django_db
def test_a_failing_job_is_tried_eight_times_with_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(work: Work) -> None:
        Job.objects.create(key=f"half written {work.job_id}", name=NAME)
        raise RuntimeError("boom")

    monkeypatch.setitem(registry.handlers, NAME, fail)
    job = services.enqueue(name=NAME, key="k")
    pauses = []
    for _ in range(services.TRIES + 2):
        services.work(job_id=job.pk)
        job.refresh_from_db()
        if job.state == "queued":
            pauses.append((job.due_at - datetime.now(UTC)).total_seconds())
            Job.objects.filter(pk=job.pk).update(due_at=Now())
    assert (job.state, job.attempts, job.error) == ("failed", services.TRIES, "RuntimeError: boom")
    assert pauses == sorted(pauses)
    assert len(pauses) == services.TRIES - 1
    assert not Job.objects.filter(key__startswith="half written").exists()


@pytest.mark.django_db
def test_a_refusal_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(work: Work) -> None:
        raise Conflict("The plan is gone.")

    monkeypatch.setitem(registry.handlers, NAME, refuse)
    job = services.enqueue(name=NAME, key="k")
    services.work(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("failed", 1, "The plan is gone.")


@pytest.mark.django_db
def test_a_job_that_kills_its_worker_ends_as_failed(calls: list[Work]) -> None:
    job = services.enqueue(name=NAME, key="k")
    for _ in range(services.TRIES):
        assert services.claim(job_id=job.pk) is not None  # and the worker dies here
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert services.claim(job_id=job.pk) is None
    job.refresh_from_db()
    assert job.state == "failed"
    assert calls == []


@pytest.mark.django_db
def test_each_slot_rings_once_whoever_ticks(calls: list[Work]) -> None:
    services.tick()
    services.tick()
    assert ScheduleSlot.objects.count() == len(registry.schedules) > 0
    assert Job.objects.count() == len(registry.schedules)
    assert services.last_tick() is not None


def test_slots_are_counted_from_the_epoch() -> None:
    now = datetime(2026, 3, 2, 10, 59, 59, tzinfo=UTC)
    assert services.slot_of(now=now, every=timedelta(hours=1)) == datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.django_db
def test_the_sweeper_announces_what_nobody_works_on(calls: list[Work]) -> None:
    waiting = services.enqueue(name=NAME, key="waiting")
    services.enqueue(name=NAME, key="fresh")
    Job.objects.filter(pk=waiting.pk).update(due_at=Now() - timedelta(seconds=11))
    assert services.sweep() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_costs_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
    away.conf.broker_transport_options = current_app.conf.broker_transport_options
    monkeypatch.setattr(services, "current_app", away)
    job = services.enqueue(name=NAME, key="k")
    assert job.state == "queued"
    assert "the broker does not answer" in caplog.text
