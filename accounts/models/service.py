"""Invitations, keys, the audit, and answers that are given again."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.db import models

from accounts.access import Actor, Capability
from accounts.models.people import ROLE_CHOICES, Member
from common.models import M, Owned, OwnedQuerySet


class AdminOnlyQuerySet(OwnedQuerySet[M]):
    """Rows for administrators only."""

    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.ADMINISTER) else rows.none()


class Invitation(Owned):
    """A single-use link by which a member sets his password; only its hash is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = AdminOnlyQuerySet.as_manager()


class ApiKey(Owned):
    """A key acts as its member, narrowed to one role. Only the SHA-256 of the key is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=255)
    role = models.CharField(max_length=16, choices=ROLE_CHOICES)
    prefix = models.CharField(max_length=16)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = AdminOnlyQuerySet.as_manager()


class AuditEvent(Owned):
    """Who did what to which row, written in the change's own transaction; never changed after."""

    at = models.DateTimeField(auto_now_add=True)
    actor_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=255)
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict)

    objects = AdminOnlyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-at"], name="audit_latest"),
            models.Index(fields=["workspace", "subject_type", "subject_id"], name="audit_subject"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class IdempotentAnswer(Owned):
    """The first answer to a POST with an Idempotency-Key, given again for 24 hours."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    path = models.CharField(max_length=1000)
    body_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True)  # running until then; null when answered
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)

    objects = AdminOnlyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("member", "key", name="idempotency_key_once")]
