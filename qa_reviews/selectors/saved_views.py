"""Reads of saved views: a list page's filters under a name."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.access import Actor
from common.errors import Missing
from qa_reviews.models import SavedView


def saved_views(actor: Actor, page: str = "") -> QuerySet[SavedView]:
    """The actor's own views and those that others share, of one page or of all. One query."""
    rows = SavedView.objects.visible_to(actor).select_related("owner")
    return rows.filter(page=page) if page else rows


def saved_view(actor: Actor, pk: int) -> SavedView:
    """One of them; Missing when the actor does not see it. One query."""
    found = saved_views(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def offered_views(actor: Actor, page: str) -> list[SavedView]:
    """The views as a menu shows them: his own by name, then the shared ones. One query."""
    rows = list(saved_views(actor, page))
    return sorted(rows, key=lambda view: (view.owner_id != actor.member_id, view.name.casefold(), view.pk))
