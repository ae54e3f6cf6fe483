"""Scorecards and their versions. A published version never changes: the database refuses it."""

from __future__ import annotations

from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.access import Actor, Capability
from accounts.models import Member
from common.models import M, Owned, OwnedQuerySet, Stamped


class ScorecardQuerySet(OwnedQuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        """Scorecards are the workspace's; an agent reads the version of his own review through the review."""
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.SCORECARD_READ) else rows.none()


class Scorecard(Owned, Stamped):
    """A named form; what it asks stands in its versions."""

    name = models.CharField(max_length=255)
    pass_mark = models.DecimalField(max_digits=7, decimal_places=4, null=True)  # none = the workspace's
    bands = models.JSONField(default=list)  # [{"from": "90", "label"}], highest first; words for a score
    offer_when = models.JSONField(default=dict)  # which conversations it is offered for (offering.py)
    rank = models.IntegerField(default=0)  # lower ones are offered first
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pass_mark_in_range", condition=Q(pass_mark=None) | Q(pass_mark__range=(0, 100))
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ScorecardVersion(Owned, Stamped):
    """One version: draft -> published -> archived. `definition` is the normalised JSON (definition.py)."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    definition = models.JSONField()
    published_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("scorecard", "number", name="version_number_once"),
            models.CheckConstraint(
                name="published_has_time", condition=Q(state="draft") | Q(published_at__isnull=False)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["published", "archived"])
                & (
                    pgtrigger.Q(old__definition__df=pgtrigger.F("new__definition"))
                    | pgtrigger.Q(new__state="draft")
                ),
            ),
        ]


class LibraryItem(Owned, Stamped):
    """A category or a set of root causes that scorecards share by copying."""

    class Kind(models.TextChoices):
        CATEGORY = "category"
        ROOT_CAUSES = "root_causes"

    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=200)
    content = models.JSONField()  # as a category or its root_causes stand in a definition
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", "kind", "name", name="library_name_once")]

    def __str__(self) -> str:
        return self.name
