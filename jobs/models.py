"""Operator tables: every job is a row first; the Celery message is only a doorbell."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models


class Job(models.Model):
    """One piece of work, written in the business transaction that wants it done."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"  # eight tries used up: operators see it

    key = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=64)
    args = models.JSONField(default=dict)
    workspace_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)  # who asked for it
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField(db_default=TransactionNow())
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    cursor = models.JSONField(default=dict)
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=TransactionNow())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="job_waiting",
                condition=models.Q(state__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"


class ScheduleSlot(models.Model):
    """A moment of a schedule that has been rung; unique, so that each slot happens once, whoever ticks."""

    schedule = models.CharField(max_length=64)
    slot = models.DateTimeField()
    rung_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        constraints = [models.UniqueConstraint("schedule", "slot", name="slot_once")]
