"""Inbox rows: kind, recipient, subject and parameters; put into words when shown."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.access import Actor
from accounts.models import Member
from common.models import Owned, OwnedQuerySet


class NoticeQuerySet(OwnedQuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.in_workspace(actor.workspace_id).filter(recipient_id=actor.member_id or 0)


class Notice(Owned):
    """Something a member should know; what it says is looked up again when it is read."""

    recipient = models.ForeignKey(Member, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    parameters = models.JSONField(default=dict)
    key = models.CharField(max_length=255)  # the same thing is told once
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("recipient", "key", name="notice_once")]
        indexes = [models.Index(fields=["recipient", "-id"], name="notice_unread", condition=Q(read_at=None))]
