"""Ratings proposed by text rules or from outside. They count nowhere until a person submits them."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.access import Actor, Capability
from accounts.models import Agent, Member
from common.models import M, Owned, OwnedQuerySet, Stamped
from conversations.models import Conversation
from scorecards.models import Scorecard


class SuggestionQuerySet(OwnedQuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.GRADE) else rows.none()


class Suggestion(Owned):
    """What an outside scorer proposes for one category of a conversation. The newest of a source stands."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    agent = models.ForeignKey(
        Agent, models.CASCADE, null=True, related_name="+"
    )  # none = whoever is reviewed
    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="+")
    category = models.CharField(max_length=100)
    option = models.CharField(max_length=100, blank=True)  # empty = N/A
    source = models.CharField(max_length=64)
    version = models.CharField(max_length=64, blank=True)
    passages = models.JSONField(default=list)  # [{"message", "start", "end"}]
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "conversation", "scorecard", "category", "source", "agent",
                name="suggestion_once", nulls_distinct=False,
            )
        ]  # fmt: skip


class SuggestionRule(Owned, Stamped):
    """An exact text match that proposes an option; `edition` goes up with every change."""

    class Author(models.TextChoices):
        ANY = "any"
        AGENT = "agent"
        CUSTOMER = "customer"
        BOT = "bot"

    class Match(models.TextChoices):
        ANY = "any"
        ALL = "all"

    name = models.CharField(max_length=120)
    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="+")
    category = models.CharField(max_length=100)
    option = models.CharField(max_length=100, blank=True)  # empty = N/A
    author = models.CharField(max_length=16, choices=Author, default=Author.AGENT)
    languages = ArrayField(models.CharField(max_length=16), default=list)  # none = every language
    match = models.CharField(max_length=8, choices=Match, default=Match.ANY)
    conditions = models.JSONField()  # [{"op": "contains|is|not_contains|is_not", "text"}]
    edition = models.PositiveIntegerField(default=1)
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["workspace", "scorecard"], name="rules_of_scorecard", condition=Q(active=True)
            )
        ]
