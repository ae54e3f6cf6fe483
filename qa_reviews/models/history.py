"""What history from other tools is known by here."""

from __future__ import annotations

from typing import Self

from django.db import models

from accounts.access import Actor, Capability
from common.models import Owned, OwnedQuerySet
from scorecards.models import Scorecard


class SourceScorecardQuerySet(OwnedQuerySet["SourceScorecard"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.IMPORT) else rows.none()


class SourceScorecard(Owned):
    """A scorecard of another tool and the one that was made of it, so that importing it again, under
    whatever name, finds it."""

    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255)
    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="+")

    objects = SourceScorecardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "source", "external_id", name="source_scorecard_once")
        ]
