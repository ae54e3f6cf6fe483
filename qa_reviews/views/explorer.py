"""The explorer of conversations: a list with filters, columns and an order that stand in its address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common import params
from conversations.filters import ATTRIBUTE, NAMES
from conversations.models import Conversation
from qa_reviews.models import SavedView
from qa_reviews.selectors import conversation_columns as columns
from qa_reviews.selectors import conversations as selectors
from qa_reviews.selectors.conversation_choices import Choices, agents_called, choices, persons_named
from qa_reviews.views import conversation_cells as cells
from qa_reviews.views.conversation_controls import (
    ATTRIBUTE_NAME,
    ATTRIBUTE_VALUE,
    BY_NAME,
    chips_of,
    controls_of,
)
from qa_reviews.views.listing import address_with, saved_views_of

CLOSED = [Conversation.Status.CLOSED.value]
RUNNING = [Conversation.Status.OPEN.value, Conversation.Status.PENDING.value]
COUNT = "count"  # "true": the page says at once how many there are, for who has no script
ALSO = params.PAGING | {"columns", COUNT}


class ConversationListPage(WorkspaceTemplatePage):
    """Closed ones, latest first, unless the address says otherwise."""

    capability = Capability.CONVERSATION_READ
    template_name = "qa_reviews/conversations.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the form sends is led to the address that says it shortest, so that it can be kept."""
        tidy = self.tidied(request.GET)
        if tidy.urlencode() != request.GET.urlencode():
            return redirect(f"{request.path}?{tidy.urlencode()}" if tidy else request.path)
        return super().get(request, *args, **kwargs)

    def tidied(self, query: QueryDict) -> QueryDict:
        """Without empty and repeated values and what goes without saying; names and attributes that were
        typed as the filters they mean; merged agents as whom they went into."""
        found = QueryDict(mutable=True)
        for name, values in query.lists():
            if kept := list(dict.fromkeys(value for value in values if value.strip())):
                found.setlist(name, kept)
        self._typed_people(found)
        self._merged_people(found)
        name, value = _taken(found, ATTRIBUTE_NAME), _taken(found, ATTRIBUTE_VALUE)
        if name and value:
            _add(found, f"{ATTRIBUTE}{name}", value)
        if set(found.getlist("status")) == set(CLOSED):
            del found["status"]
        statuses = found.getlist("status") or CLOSED
        if found.get("order") == columns.usual_order(statuses):
            del found["order"]
        usual = columns.usual_columns(self.actor, statuses)
        if found.getlist("columns") and set(found.getlist("columns")) == set(usual):
            del found["columns"]
        return found

    def _typed_people(self, found: QueryDict) -> None:
        for parameter, typed in BY_NAME.items():
            if name := _taken(found, typed):
                ids = agents_called(self.actor, name)
                for pk in ids:
                    _add(found, parameter, str(pk))
                if not ids:
                    messages.warning(self.request, _("There is no agent called “%(name)s”.") % {"name": name})

    def _merged_people(self, found: QueryDict) -> None:
        named = {parameter: found.getlist(parameter) for parameter in BY_NAME if parameter in found}
        persons = persons_named(self.actor, [value for values in named.values() for value in values])
        for parameter, values in named.items():
            found.setlist(parameter, list(dict.fromkeys(persons.get(value, value) for value in values)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        asked = _asked(query)
        statuses = asked.getlist("status")
        listing = selectors.listed(self.actor, asked, ALSO)
        shown = columns.columns_of(self.actor, asked, statuses)
        order = listing.order
        found = selectors.page_of(self.actor, listing, params.limit(query), query.get("cursor"))
        offered = choices(self.actor)
        return (
            super().get_context_data(**kwargs)
            | cells.table(self.actor, found.rows, shown)
            | _narrowed(self.actor, query, offered)
            | _arranged(self.actor, query, shown, order)
            | saved_views_of(self.actor, SavedView.Page.CONVERSATIONS, _without_count(query))
            | page_links(self.request, found)
            | {
                "count": _count(self.actor, query) if query.get(COUNT) == "true" else None,
                "imports": self.actor.can(Capability.IMPORT),
                "plan_url": _plan_url(self.actor, query),
            }
        )


class ConversationCount(WorkspacePage):
    """How many there are, in words: what a page asks for once its rows are there."""

    capability = Capability.CONVERSATION_READ

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return render(
            request, "qa_reviews/_conversation_count.html", {"count": _count(self.actor, request.GET)}
        )


def _asked(query: QueryDict) -> QueryDict:
    """The address with the status that goes without saying."""
    found = query.copy()
    if not any(found.getlist("status")):
        found.setlist("status", CLOSED)
    return found


def _without_count(query: QueryDict) -> QueryDict:
    found = query.copy()
    found.pop(COUNT, None)
    return found


def _taken(found: QueryDict, name: str) -> str:
    values = found.getlist(name)
    found.pop(name, None)
    return values[-1].strip() if values else ""


def _add(found: QueryDict, name: str, value: str) -> None:
    if value not in found.getlist(name):
        found.appendlist(name, value)


def _count(actor: Actor, query: QueryDict) -> dict[str, Any]:
    number, more = selectors.counted(actor, _asked(query), ALSO)
    return {"number": number, "more": more}


def _narrowed(actor: Actor, query: QueryDict, offered: Choices) -> dict[str, Any]:
    """The form of the filters, its chips, and the tabs of the status."""
    statuses = set(query.getlist("status")) or set(CLOSED)
    tabs: Sequence[tuple[str, list[str], list[str]]] = (
        (_("Closed"), CLOSED, []),
        (_("Open and pending"), RUNNING, RUNNING),
        (_("All"), [*CLOSED, *RUNNING], [*CLOSED, *RUNNING]),
    )
    return {
        "controls": controls_of(actor, query, offered),
        "chips": chips_of(query, offered),
        "clear_url": address_with(query, {}, keep={"status", "columns", "order"}),
        "hidden": [("status", value) for value in query.getlist("status")],
        "tabs": [
            {
                "label": label,
                "url": address_with(query, {"status": said, "order": []}),
                "current": statuses == set(each),
            }
            for label, each, said in tabs
        ],
        "count_url": address_with(query, {COUNT: ["true"]}),
        "count_part": f"{reverse('conversation-count', kwargs={'slug': actor.workspace.slug})}"
        f"{address_with(query, {COUNT: []})}",
    }


def _arranged(
    actor: Actor, query: QueryDict, shown: list[columns.Column], order: columns.Order
) -> dict[str, Any]:
    """The heads of the columns with the addresses that put rows in their order, and which columns there are
    to choose."""
    keys = {column.key for column in shown}
    return {
        "heads": [_head(query, column, order) for column in shown],
        "orders": columns.offered_orders(actor),
        "order": order.name,
        "offered_columns": [
            {"key": key, "label": column.label, "shown": key in keys}
            for key, column in columns.offered_columns(actor).items()
        ],
    }


def _head(query: QueryDict, column: columns.Column, order: columns.Order) -> dict[str, Any]:
    """Pressed once, its usual direction; again, the other one."""
    if not column.order:
        return {"column": column}
    usual = f"-{column.order}" if columns.ORDERS[column.order][0].startswith("-") else column.order
    other = column.order if usual != column.order else f"-{column.order}"
    return {
        "column": column,
        "url": address_with(query, {"order": [other if order.name == usual else usual]}),
        "sorted": {column.order: "ascending", f"-{column.order}": "descending"}.get(order.name, ""),
    }


def _plan_url(actor: Actor, query: QueryDict) -> str:
    """Where a sample plan of these filters begins, for who makes plans."""
    if not actor.can(Capability.PLAN_MANAGE):
        return ""
    asked = {name for name in query if name in NAMES or name.startswith(ATTRIBUTE)}
    return reverse("plan-new", kwargs={"slug": actor.workspace.slug}) + address_with(query, {}, keep=asked)
