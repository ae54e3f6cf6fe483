"""The shared library of categories and root causes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views_base import WorkspaceTemplatePage
from scorecards import policies, selectors, services
from scorecards.models import LibraryItem
from scorecards.views.base import ScorecardWritePage


class ScorecardLibraryPage(WorkspaceTemplatePage):
    capability = Capability.SCORECARD_READ
    template_name = "scorecards/library.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(selectors.library(self.actor).order_by("name", "pk"))
        kinds = [
            (LibraryItem.Kind.CATEGORY, _("Categories")),
            (LibraryItem.Kind.ROOT_CAUSES, _("Root causes")),
        ]
        lists = [(title, [row for row in rows if row.kind == kind]) for kind, title in kinds]
        return super().get_context_data(**kwargs) | {
            "lists": [(title, found) for title, found in lists if found],
            "write": policies.write(self.actor),
        }


class ScorecardLibraryDeletePage(ScorecardWritePage):
    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        services.delete_library_item(actor=self.actor, item_id=pk)
        messages.success(request, _("Deleted. Scorecards that hold a copy keep it."))
        return self.to("scorecard-library")
