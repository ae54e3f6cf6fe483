"""Pages of imports: what came in, and which rows were rejected."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspaceTemplatePage
from common import params
from common.paging import page
from conversations import selectors
from conversations.models import ImportIssue, ImportRun

KINDS = {"conversations": _("Conversations"), "surveys": _("Survey answers"), "reviews": _("Reviews")}
STATES = {"running": _("Running"), "done": _("Done"), "interrupted": _("Interrupted")}


class ImportListPage(WorkspaceTemplatePage):
    capability = Capability.IMPORT
    template_name = "qa_reviews/imports.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        params.check_known(query, params.PAGING)
        runs = selectors.import_runs(self.actor)
        found = page(runs, selectors.NEWEST_FIRST, params.limit(query), query.get("cursor"))
        return super().get_context_data(**kwargs) | {
            "rows": [_shown(run) for run in found.rows],
            **page_links(self.request, found),
        }


class ImportRunPage(WorkspaceTemplatePage):
    capability = Capability.IMPORT
    template_name = "qa_reviews/import.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = selectors.import_run(self.actor, kwargs["pk"])
        shown = selectors.SHOWN_ISSUES
        rejected = selectors.issues_of(self.actor, run, ImportIssue.Kind.REJECTED)[:shown]
        conflicts = selectors.issues_of(self.actor, run, ImportIssue.Kind.CONFLICT)[:shown]
        return super().get_context_data(**kwargs) | {
            **_shown(run),
            "rejected": rejected,
            "conflicts": conflicts,
            "shown": shown,
        }


def _shown(run: ImportRun) -> dict[str, Any]:
    return {"run": run, "kind": KINDS[run.kind], "state": STATES[run.state]}
