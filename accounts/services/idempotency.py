"""Idempotency-Key: the first answer again for 24 hours; another body 422; a twin still running 409."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import IdempotentAnswer, Member
from common.errors import Conflict, invalid

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=120)  # longer than any request may run: a killed one frees its key after that


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any


def reserve(*, member: Member, key: str, path: str, body_hash: str) -> IdempotentAnswer | Answer:
    """The stored answer of this key, or its row claimed for the request that is about to run."""
    if len(key) > 255:
        raise invalid("/Idempotency-Key", "too_long", "An Idempotency-Key has at most 255 characters.")
    now = timezone.now()
    with transaction.atomic():
        IdempotentAnswer.objects.filter(member=member, key=key, created_at__lt=now - KEPT).delete()
        row, created = IdempotentAnswer.objects.select_for_update().get_or_create(
            member=member,
            key=key,
            defaults={
                "workspace_id": member.workspace_id,
                "path": path[:1000],
                "body_hash": body_hash,
                "lease_until": now + LEASE,
            },
        )
        if created:
            return row
        if (row.path, row.body_hash) != (path[:1000], body_hash):
            raise invalid(
                "/Idempotency-Key", "key_reused", "This Idempotency-Key was used for another request."
            )
        if row.status is not None:
            return Answer(row.status, row.body)
        if row.lease_until and row.lease_until > now:
            raise Conflict("The same request is still running.", code="idempotency_in_progress")
        row.lease_until = now + LEASE
        row.save(update_fields=["lease_until"])
        return row


def keep(*, row: IdempotentAnswer, status: int, body: Any) -> None:
    """Store the answer, in the transaction of the work it answers."""
    row.status, row.body, row.lease_until = status, body, None
    row.save(update_fields=["status", "body", "lease_until"])


def release(*, row: IdempotentAnswer) -> None:
    """Free the key of a request that was refused or failed: nothing was done, so it may be tried again."""
    IdempotentAnswer.objects.filter(pk=row.pk, status=None).delete()


def forget_old() -> int:
    """Delete answers past their 24 hours; how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
