"""Pages of imports: what came in, and which rows were rejected."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspaceTemplatePage
from common import params
from common.paging import page
from conversations import selectors
from conversations.models import ImportIssue, ImportRun
from qa_reviews.history.words import HEADINGS
from qa_reviews.selectors import parity

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


class ParityPage(WorkspaceTemplatePage):
    """Imported reviews whose score is not the source's own: of one source, or of all."""

    capability = Capability.IMPORT
    template_name = "qa_reviews/parity.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.query()
        params.check_known(self.request.GET, parity.FILTERS | params.PAGING)
        rows = parity.compared(self.actor, query)
        found = page(
            parity.differing(rows, query),
            parity.NEWEST_FIRST,
            params.limit(query),
            query.get("cursor"),
        )
        summary = parity.summary(rows)
        return super().get_context_data(**kwargs) | {
            "summary": summary,
            "reasons": [(code, HEADINGS[code], reviews) for code, reviews in summary.reasons],
            "reason": query.get("reason", ""),
            "source": query.get("source", ""),
            "sources": parity.sources(self.actor),
            "lines": [parity.line(review) for review in found.rows],
            "csv_query": _without_paging(query),
            **page_links(self.request, found),
        }

    def query(self) -> QueryDict:
        return self.request.GET


class ImportParityPage(ParityPage):
    """The same of the reviews that one import wrote."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = selectors.import_run(self.actor, kwargs["pk"])
        return super().get_context_data(**kwargs) | _shown(run)

    def query(self) -> QueryDict:
        query = self.request.GET.copy()
        query["import_run"] = str(self.kwargs["pk"])
        return query


def _without_paging(query: QueryDict) -> str:
    kept = query.copy()
    for name in params.PAGING:
        kept.pop(name, None)
    return kept.urlencode()


def _shown(run: ImportRun) -> dict[str, Any]:
    return {"run": run, "kind": KINDS[run.kind], "state": STATES[run.state]}
