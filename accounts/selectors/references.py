"""Published figures of the field."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.access import Actor
from accounts.models import ReferenceFigure


def references(actor: Actor) -> QuerySet[ReferenceFigure]:
    """The workspace's, those of one metric together, oldest first."""
    return ReferenceFigure.objects.visible_to(actor).order_by("metric", "year", "source")
