"""Pages that combine the other apps: where a member starts, the set-up steps, search."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from desk import home, selectors
from qa_reviews.policies.basics import hides_reviewer
from qa_reviews.selectors import board, queue

LONGEST_SEARCH = 200


class WorkspaceHomePage(WorkspacePage):
    """Where a member starts: what needs him; for an agent what is new about his work, and how it goes."""

    capability = Capability.ENTER

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        if selectors.is_setting_up(self.actor):
            return redirect("setup", slug=slug)
        context: dict[str, Any] = {
            "needs": home.needs(self.actor),
            "chart": home.trend(self.actor),
            "leads": self.actor.can(Capability.NUMBERS_READ_ALL),
            "grades": queue.has_queue(self.actor),
            "goal": queue.goal(self.actor),
            "cycles": board.summary(self.actor),
            "hide_reviewer": hides_reviewer(self.actor),
            "answers": home.answers(self.actor),
        }
        if self.actor.agent_id is not None:
            context["reviews"] = home.new_reviews(self.actor)
        return render(request, "desk/home.html", context)


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
