"""The page of published figures, and the forms with which who administers changes them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts import selectors as accounts
from accounts.access import Capability
from accounts.models import ReferenceFigure
from accounts.reference_forms import METRIC_WORDS, ReferenceForm
from accounts.services import references
from accounts.views.forms import FormPage
from accounts.views_base import WorkspacePage
from insights import figures, selectors
from insights.figures import Figure
from insights.pages import PERIOD, TablesPage, asked
from insights.query import Query
from insights.tables import Cell, Column, Row, Table


class BenchmarksPage(TablesPage):
    """What others reached, with its source, beside what is reached here."""

    capability = Capability.NUMBERS_READ_ALL
    template_name = "insights/benchmarks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, problem = asked(self.actor, self.request.GET, PERIOD | {"team", "sort", "format"})
        own = self.own(query)
        rows = [self.row(row, own.get(row.metric)) for row in accounts.references(self.actor)]
        empty = _("There are no published figures here.")
        table = Table(
            "benchmarks",
            _("Published figures"),
            self.columns(),
            rows,
            empty,
            self.request.GET.get("sort", ""),
        )
        context = {
            "problem": problem,
            "tables": [table],
            "administers": self.actor.can(Capability.ADMINISTER),
        }
        teams = list(selectors.teams_in_scope(self.actor))
        return super().get_context_data(**kwargs) | self.filters(query, teams) | context

    def columns(self) -> list[Column]:
        return [
            Column("metric", _("Of what"), "text"),
            Column("value", _("Published, %"), "score"),
            Column("year", _("Year"), "text"),
            Column("source", _("Source"), "text"),
            Column("own", _("Here, in these dates"), "figure", counts=False),
            Column("shown", _("A line in charts"), "text"),
        ]

    def own(self, query: Query) -> dict[str, Figure]:
        """What is reached here, by metric. Six queries."""
        settings = self.actor.workspace.settings
        reviewed, said = selectors.iqs(self.actor, query), selectors.csat(self.actor, query)
        found = {}
        if reviewed:
            found["iqs"] = figures.iqs_figure(reviewed[0].estimate, settings.min_team_reviews)
        if said:
            found["csat"] = figures.csat_figure(said[0].csat, settings.min_answers)
        return found

    def row(self, row: ReferenceFigure, own: Figure | None) -> Row:
        page = reverse("insights-benchmark", kwargs={"slug": self.actor.workspace.slug, "pk": row.pk})
        return {
            "metric": Cell(
                str(METRIC_WORDS[row.metric]),
                url=page if self.actor.can(Capability.ADMINISTER) else "",
            ),
            "value": Cell(row.value),
            "year": Cell(str(row.year)),
            "source": Cell(row.source, url=row.url),
            "own": Cell(figure=own),
            "shown": Cell(_("yes") if row.shown else _("no")),
        }


class BenchmarkForm(FormPage):
    """What the forms of a figure share."""

    capability = Capability.ADMINISTER
    template_name = "insights/benchmark.html"

    def saved(self) -> HttpResponse:
        messages.success(self.request, _("Saved."))
        return redirect("insights-benchmarks", self.actor.workspace.slug)


class BenchmarkAddPage(BenchmarkForm):
    def form(self, data: Any = None) -> ReferenceForm:
        return ReferenceForm(data)

    def save(self, form: ReferenceForm) -> HttpResponse:
        references.add_reference(actor=self.actor, values=form.changes())
        return self.saved()


class BenchmarkPage(BenchmarkForm):
    @cached_property
    def row(self) -> ReferenceFigure:
        return accounts.row_or_missing(accounts.references(self.actor), self.kwargs["pk"])

    def form(self, data: Any = None) -> ReferenceForm:
        return ReferenceForm.of(self.row, data)

    def context(self) -> dict[str, Any]:
        return {"row": self.row}

    def save(self, form: ReferenceForm) -> HttpResponse:
        references.update_reference(actor=self.actor, reference_id=self.row.pk, changes=form.changes())
        return self.saved()


class BenchmarkRemovePage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        references.remove_reference(actor=self.actor, reference_id=pk)
        messages.success(request, _("The figure is removed."))
        return redirect("insights-benchmarks", slug)
