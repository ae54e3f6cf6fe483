"""Filters of a list page that somebody keeps under a name."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.access import Actor
from accounts.models import Member
from common.models import Owned, OwnedQuerySet, Stamped


class SavedViewQuerySet(OwnedQuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> Self:
        """His own, and those that others share. What a view shows is decided when it is opened."""
        rows = self.in_workspace(actor.workspace_id)
        return rows.filter(Q(owner_id=actor.member_id) | Q(shared=True))


class SavedView(Owned, Stamped):
    """A page's query string under a name."""

    class Page(models.TextChoices):
        REVIEWS = "reviews"
        CONVERSATIONS = "conversations"

    page = models.CharField(max_length=32, choices=Page)
    name = models.CharField(max_length=120)
    query = models.TextField(blank=True)
    owner = models.ForeignKey(Member, models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", "owner", "page", "name", name="view_name_once")]
