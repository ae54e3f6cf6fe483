"""Telling members something, in the transaction of what happened; and noting that they read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member
from common.errors import Missing
from common.models import Owned
from notices.models import Notice

Parameters = Mapping[str, Any]


def notify(
    *, recipients: Iterable[int], kind: str, subject: Owned, key: str, parameters: Parameters | None = None
) -> None:
    """One notice for each of these members. The same key is told to a member once. `parameters` must be JSON.
    One query."""
    notify_each(parameters=dict.fromkeys(recipients, parameters or {}), kind=kind, subject=subject, key=key)


def notify_each(*, parameters: Mapping[int, Parameters], kind: str, subject: Owned, key: str) -> None:
    """As `notify`, with parameters of their own for each member id. One query."""
    Notice.objects.bulk_create(
        [
            Notice(
                workspace_id=subject.workspace_id,
                recipient_id=member_id,
                kind=kind,
                subject_type=str(subject._meta.model_name),
                subject_id=subject.pk,
                parameters=dict(given),
                key=key,
            )
            for member_id, given in parameters.items()
        ],
        ignore_conflicts=True,
    )


def notify_agent(
    *, agent_id: int, kind: str, subject: Owned, key: str, parameters: Parameters | None = None
) -> None:
    """As `notify`, for the member who is this agent; nobody where the agent has no active member.
    Two queries."""
    members = Member.objects.in_workspace(subject.workspace_id).filter(agent_id=agent_id, deactivated_at=None)
    recipients = members.values_list("pk", flat=True)
    notify(recipients=recipients, kind=kind, subject=subject, key=key, parameters=parameters)


@transaction.atomic
def mark_read(*, actor: Actor, notice_id: int) -> Notice:
    """The actor's own notice, read from now on. Missing (404) for anything else."""
    notice = Notice.objects.visible_to(actor).select_for_update().filter(pk=notice_id).first()
    if notice is None:
        raise Missing
    _set_read(Notice.objects.visible_to(actor).filter(pk=notice.pk))
    return notice


def mark_all_read(*, actor: Actor) -> int:
    """All of the actor's notices; how many were unread."""
    return _set_read(Notice.objects.visible_to(actor))


def _set_read(rows: models.QuerySet[Notice]) -> int:
    return rows.filter(read_at=None).update(read_at=timezone.now())
