"""Writing the audit: one event in the transaction of the change it tells of."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.access import Actor
from accounts.models import AuditEvent


def record(
    actor: Actor, action: str, subject: models.Model | None, changes: dict[str, Any] | None = None
) -> None:
    """One audit row: who (member, key), what ("review.submitted"), on which row, with before and after where
    something changed. `changes` must be JSON."""
    AuditEvent.objects.create(
        workspace_id=actor.workspace_id,
        actor_member_id=actor.member_id,
        actor_name=actor.name,
        api_key_id=actor.key_id,
        action=action,
        subject_type=str(subject._meta.model_name) if subject is not None else "workspace",
        subject_id=subject.pk if subject is not None else actor.workspace_id,
        changes=changes or {},
    )
