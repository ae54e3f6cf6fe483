"""Reads of keys, settings, the audit and jobs."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.access import Actor, Capability
from accounts.models import ApiKey, AuditEvent, WorkspaceSettings
from common.errors import Missing
from jobs import selectors as jobs
from jobs.models import Job


def api_keys(actor: Actor) -> QuerySet[ApiKey]:
    """Keys with their members, for administrators. One query."""
    return ApiKey.objects.visible_to(actor).select_related("member", "created_by")


def audit_events(actor: Actor) -> QuerySet[AuditEvent]:
    """What was done here, for administrators. One query."""
    return AuditEvent.objects.visible_to(actor)


def settings_of(actor: Actor) -> WorkspaceSettings:
    """The workspace's row of settings. One query."""
    return WorkspaceSettings.objects.visible_to(actor).select_related("workspace").get()


def job_for(actor: Actor, job_id: int) -> Job:
    """A job that the actor asked for, or any of the workspace if he imports, plans or coaches. One query."""
    found = jobs.job(actor.workspace_id, job_id)
    watching = (Capability.IMPORT, Capability.PLAN_MANAGE, Capability.COACHING_MANAGE)
    if found is None or not (
        any(actor.can(capability) for capability in watching) or found.member_id == actor.member_id
    ):
        raise Missing()
    return found
