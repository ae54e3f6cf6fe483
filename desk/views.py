"""Pages that combine the other apps: where a member starts, the set-up steps, search."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from desk import selectors

LONGEST_SEARCH = 200


class WorkspaceHomePage(WorkspacePage):
    """Where a member starts, by role."""

    capability = Capability.ENTER

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        route, kwargs = selectors.home_route(self.actor)
        return redirect(reverse(route, kwargs={"slug": slug} | kwargs))


class SetupPage(WorkspaceTemplatePage):
    capability = Capability.ADMINISTER
    template_name = "desk/setup.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"steps": selectors.setup_steps(self.actor)}


class SearchPage(WorkspaceTemplatePage):
    """Conversations and agents that the actor sees."""

    capability = Capability.CONVERSATION_READ
    template_name = "desk/search.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        q = self.request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
        found = {
            "search_query": q,
            "conversations": selectors.conversations_found(self.actor, q) if q else [],
            "agents": selectors.agents_found(self.actor, q) if q else [],
            "most": selectors.FOUND_MOST,
        }
        return super().get_context_data(**kwargs) | found
