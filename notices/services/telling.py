"""Telling members something, in the transaction of what happened; and noting that they read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member
from common.errors import Missing
from common.models import Owned
from jobs.models import Job
from jobs.names import JobName
from jobs.services import enqueue
from notices import selectors
from notices.models import Notice

Parameters = Mapping[str, Any]


def notify(
    *, recipients: Iterable[int], kind: str, subject: Owned, key: str, parameters: Parameters | None = None
) -> None:
    """One notice for each of these members, and one in the workspace's chat where it wants the kind. The same
    key is told to a member once. `parameters` must be JSON; `by` in it is the member who did it. Three
    queries, and those of one job where something is to be sent."""
    shared = parameters or {}
    _tell(dict.fromkeys(recipients, shared), shared, kind=kind, subject=subject, key=key)


def notify_each(*, parameters: Mapping[int, Parameters], kind: str, subject: Owned, key: str) -> None:
    """As `notify`, with parameters of their own for each member id."""
    _tell(parameters, {}, kind=kind, subject=subject, key=key)


def notify_agent(
    *, agent_id: int, kind: str, subject: Owned, key: str, parameters: Parameters | None = None
) -> None:
    """As `notify`, for the member who is this agent; where the agent has no active member, only the chat is
    told. Two queries more."""
    members = Member.objects.in_workspace(subject.workspace_id).filter(agent_id=agent_id, deactivated_at=None)
    recipients = members.values_list("pk", flat=True)
    notify(recipients=recipients, kind=kind, subject=subject, key=key, parameters=parameters)


def _tell(each: Mapping[int, Parameters], shared: Parameters, *, kind: str, subject: Owned, key: str) -> None:
    choices = selectors.choices_of_members(subject.workspace_id, kind, list(each))
    made = [
        _notice(
            *(member_id, kind, subject, key, given),
            in_inbox=choices[member_id].inbox,
            waiting=choices[member_id].email,
        )
        for member_id, given in each.items()
    ]
    if selectors.chat_wants(subject.workspace_id, kind):
        made.append(_notice(None, kind, subject, key, shared, in_inbox=False, waiting=True))
    Notice.objects.bulk_create(made, ignore_conflicts=True)
    if any(notice.waiting for notice in made):
        ask_delivery(workspace_id=subject.workspace_id)


def _notice(
    recipient_id: int | None,
    kind: str,
    subject: Owned,
    key: str,
    parameters: Parameters,
    *,
    in_inbox: bool,
    waiting: bool,
) -> Notice:
    return Notice(
        workspace_id=subject.workspace_id,
        recipient_id=recipient_id,
        kind=kind,
        subject_type=str(subject._meta.model_name),
        subject_id=subject.pk,
        parameters=dict(parameters),
        key=key,
        in_inbox=in_inbox,
        waiting=waiting,
    )


def ask_delivery(*, workspace_id: int, member_id: int | None = None) -> Job:
    """Ring for a worker that sends what waits here, after the commit; the sweep comes by every minute
    anyhow. Each call is a job of its own: one that runs already may be past the new rows."""
    return enqueue(
        name=JobName.DELIVER_NOTICES,
        key=f"{JobName.DELIVER_NOTICES}:{workspace_id}:{uuid4().hex}",
        args={"workspace": workspace_id},
        workspace_id=workspace_id,
        member_id=member_id,
    )


@transaction.atomic
def mark_read(*, actor: Actor, notice_id: int) -> Notice:
    """The actor's own notice, read from now on. Missing (404) for anything else."""
    notice = Notice.objects.visible_to(actor).select_for_update().filter(pk=notice_id).first()
    if notice is None:
        raise Missing
    _set_read(Notice.objects.visible_to(actor).filter(pk=notice.pk))
    notice.refresh_from_db(fields=["read_at"])
    return notice


def mark_all_read(*, actor: Actor) -> int:
    """All of the actor's notices; how many were unread."""
    return _set_read(Notice.objects.visible_to(actor))


def _set_read(rows: models.QuerySet[Notice]) -> int:
    """What was read in the inbox needs no e-mail any more."""
    return rows.filter(read_at=None).update(read_at=timezone.now(), waiting=False)
