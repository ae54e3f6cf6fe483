"""What the explorers share: addresses with other parameters, and the views that are kept of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from accounts.access import Actor
from common import params
from common.errors import Invalid
from qa_reviews.models import SavedView
from qa_reviews.policies.saved_views import may_change, may_share
from qa_reviews.review_forms import SaveViewForm
from qa_reviews.selectors.saved_views import offered_views
from qa_reviews.services.saved_views import clean_query


def address_with(
    query: QueryDict, changes: Mapping[str, Sequence[str]], keep: Collection[str] | None = None
) -> str:
    """The list's address with other values, from its first page on; `keep`: these parameters alone."""
    found = QueryDict(mutable=True)
    for name, values in (dict(query.lists()) | dict(changes)).items():
        if name not in params.PAGING and (keep is None or name in keep or name in changes):
            found.setlist(name, [value for value in values if value])
    return f"?{found.urlencode()}"


def saved_views_of(actor: Actor, page: SavedView.Page, query: QueryDict) -> dict[str, Any]:
    """The context of the menu of views: those offered, and the form to keep this one (None when there is
    nothing to keep, or its address is too long)."""
    try:
        now = clean_query(page=page, query=query.urlencode())
    except Invalid:
        now = ""
    views = [
        {
            "view": view,
            "url": f"?{view.query}",
            "current": view.query == now,
            "own": may_change(actor, view).allowed,
        }
        for view in offered_views(actor, page)
    ]
    return {
        "views": views,
        "save_form": SaveViewForm(initial={"query": now, "page": page}) if now else None,
        "may_share": may_share(actor).allowed,
    }
