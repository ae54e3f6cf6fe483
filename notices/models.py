"""Inbox rows, what goes out of them by e-mail and chat, who wants to be told how, and where the chat is."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.access import Actor, Capability
from accounts.models import AdminOnlyQuerySet, Member, Workspace
from common.models import Owned, OwnedQuerySet, Stamped


class Delivery(Owned):
    """One e-mail to a member, or one message in the workspace's chat, telling one or more notices.

    Sent at least once: a worker that dies after sending and before noting it leaves the row pending, and it
    is sent again with the same Message-ID."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        CHAT = "chat"
        TEST = "test"  # an administrator's test message to the chat

    class State(models.TextChoices):
        PENDING = "pending"  # `due_at` says when; while somebody sends it, when his lease ends
        SENT = "sent"
        DROPPED = "dropped"  # nothing left to tell; `error` says why
        DEAD = "dead"  # refused for good, or eight tries used up

    channel = models.CharField(max_length=8, choices=Channel)
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")  # of an e-mail
    message_id = models.CharField(max_length=255)  # the same at every try
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    objects = AdminOnlyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="deliveries_due", condition=Q(state="pending")),
            models.Index(fields=["member", "-created_at"], name="deliveries_of_member"),
            models.Index(fields=["workspace", "-id"], name="deliveries_latest"),
        ]


class NoticeQuerySet(OwnedQuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.in_workspace(actor.workspace_id).filter(recipient_id=actor.member_id or 0)


class Notice(Owned):
    """Something a member should know, or (without recipient) the workspace's chat; what it says is looked up
    again when it is read or sent."""

    recipient = models.ForeignKey(Member, models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    parameters = models.JSONField(default=dict)
    key = models.CharField(max_length=255)  # the same thing is told once
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    in_inbox = models.BooleanField(default=True)  # as its recipient wanted when it was written
    waiting = models.BooleanField(default=False)  # to be put into an e-mail or chat message
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("recipient", "key", name="notice_once"),
            models.UniqueConstraint(
                "workspace", "key", name="notice_in_chat_once", condition=Q(recipient=None)
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_unread", condition=Q(read_at=None)),
            models.Index(fields=["workspace", "recipient"], name="notice_waiting", condition=Q(waiting=True)),
        ]


class ChoiceQuerySet(OwnedQuerySet["NoticeChoice"]):
    def visible_to(self, actor: Actor) -> Self:
        """His own, and the workspace's."""
        rows = self.in_workspace(actor.workspace_id)
        return rows.filter(Q(member=None) | Q(member_id=actor.member_id or 0))


class NoticeChoice(Owned, Stamped):
    """How a member wants to be told of a kind; without member, what the workspace wants unless he says."""

    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=64)
    inbox = models.BooleanField()
    email = models.BooleanField()
    locked = models.BooleanField(default=False)  # members' own choices do not count

    objects = ChoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workspace", "member", "kind", name="notice_choice_once", nulls_distinct=False
            ),
            models.CheckConstraint(name="only_workspaces_lock", condition=Q(member=None) | Q(locked=False)),
        ]


class ChatQuerySet(OwnedQuerySet["ChatWebhook"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.ADMINISTER) else rows.none()


class ChatWebhook(Owned, Stamped):
    """Where a workspace's chat takes messages. The address is a secret: whoever knows it can post there."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="+")
    url = models.TextField()
    kinds = ArrayField(models.CharField(max_length=64), default=list)  # what is told there
    failures = models.PositiveIntegerField(default=0)  # tries in a row
    problem = models.TextField(blank=True)  # of the last try
    paused_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)  # when a message last arrived

    objects = ChatQuerySet.as_manager()
