"""Saving, changing and deleting views of list pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.http import QueryDict

from accounts.access import Actor
from accounts.services.audit import record
from common import params
from common.errors import Invalid, Missing, Refused, invalid
from common.etags import check_match
from conversations import filters
from qa_reviews.models import SavedView
from qa_reviews.policies.saved_views import may_change, may_share
from qa_reviews.selectors import conversation_columns
from qa_reviews.selectors.reviews import FILTERS

KNOWN: dict[SavedView.Page, tuple[Collection[str], tuple[str, ...]]] = {
    SavedView.Page.REVIEWS: (FILTERS, ()),
    SavedView.Page.CONVERSATIONS: (filters.NAMES | conversation_columns.NAMES, (filters.ATTRIBUTE,)),
}
"""The parameters of each page, and what others begin with."""
LONGEST_QUERY = 2000


def save_view(*, actor: Actor, page: str, name: str, query: str, shared: bool = False) -> SavedView:
    """A new view of the actor's. Invalid for a name that he uses already, and for parameters that the page
    does not have; Refused where he may not share."""
    if actor.member is None:
        raise Refused("A view needs an owner: sign in as a member.", code="no_member")
    view = SavedView(workspace=actor.workspace, owner=actor.member, page=page, shared=shared)
    with transaction.atomic():
        _put(actor, view, {"name": name, "query": query, "shared": shared})
        _write(view)
        record(actor, "saved_view.created", view, {"name": view.name, "shared": view.shared})
        return view


def change_view(
    *, actor: Actor, view_id: int, changes: Mapping[str, Any], if_match: str | None = None
) -> SavedView:
    """`name`, `query`, `shared`: what is given is changed."""
    with transaction.atomic():
        view = _locked(actor, view_id, if_match)
        _put(actor, view, changes)
        _write(view, ["name", "query", "shared", "updated_at"])
        record(actor, "saved_view.changed", view, {"name": view.name, "shared": view.shared})
        return view


def delete_view(*, actor: Actor, view_id: int) -> SavedView:
    """The view that is no more."""
    with transaction.atomic():
        view = _locked(actor, view_id, None)
        record(actor, "saved_view.deleted", view, {"name": view.name})
        view.delete()
    return view


def clean_query(*, page: str, query: str) -> str:
    """The parameters in a row as an address has them, without empty ones and without a place in the list."""
    given = QueryDict(query.lstrip("?"), mutable=True)
    found = QueryDict(mutable=True)
    for name, values in given.lists():
        if name not in params.PAGING and (kept := [value for value in values if value]):
            found.setlist(name, kept)
    try:
        params.check_known(found, *KNOWN[SavedView.Page(page)])
    except Invalid as problem:
        raise invalid("/query", "unknown_parameter", problem.errors[0].detail) from None
    encoded = found.urlencode()
    if len(encoded) > LONGEST_QUERY:
        raise invalid("/query", "too_long", f"A view holds up to {LONGEST_QUERY:,} characters.")
    return encoded


def _locked(actor: Actor, view_id: int, if_match: str | None) -> SavedView:
    view = SavedView.objects.visible_to(actor).select_for_update().filter(pk=view_id).first()
    if view is None:
        raise Missing
    may_change(actor, view).demand()
    check_match(view, if_match)
    return view


def _put(actor: Actor, view: SavedView, changes: Mapping[str, Any]) -> None:
    if changes.get("shared"):
        may_share(actor).demand()
    view.name = str(changes.get("name", view.name)).strip()
    if not view.name:
        raise invalid("/name", "required", "Give the view a name.")
    if "query" in changes:
        view.query = clean_query(page=view.page, query=changes["query"])
    view.shared = bool(changes.get("shared", view.shared))


def _write(view: SavedView, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            view.save(update_fields=fields)
    except IntegrityError:
        raise invalid("/name", "taken", f"You have a view “{view.name}” already.") from None
