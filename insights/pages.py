"""What the pages of numbers share: the question of the address, its form and chips, tables as files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.views_base import WorkspaceTemplatePage
from common.errors import Invalid
from insights import parameters, selectors
from insights.exports import csv_of, xlsx_of
from insights.forms import PeriodForm
from insights.query import Query
from insights.tables import Table
from qa_reviews.views.tables import address

PERIOD = frozenset({"from", "to"})
FILES = {"csv": csv_of, "xlsx": xlsx_of}


def asked(actor: Actor, query: QueryDict, known: Collection[str]) -> tuple[Query, str]:
    """The question of an address, and what is wrong with it in words; then the last 13 weeks are shown."""
    try:
        return parameters.read(actor, query, known), ""
    except Invalid as problem:
        return Query(selectors.recent_weeks(actor)), problem.detail


class NumbersPage(WorkspaceTemplatePage):
    """A page about a period, with its form and its chips."""

    def filters(self, query: Query, teams: Sequence[Any]) -> dict[str, Any]:
        names = {team.pk: team.name for team in teams}
        given = self.request.GET
        chips = [
            {"label": _("Team"), "value": names[pk], "remove_url": address(given, team=None)}
            for pk in query.teams
        ]
        if given.get("from") and given.get("to"):
            ends = {
                "first": date_format(query.period.first, "j M Y"),
                "last": date_format(query.period.last, "j M Y"),
            }
            period = _("%(first)s to %(last)s") % ends
            remove = address(given, **{"from": None, "to": None})
            chips.insert(0, {"label": _("Period"), "value": period, "remove_url": remove})
        return {"form": PeriodForm(query, teams), "chips": chips, "period": query.period}


class TablesPage(NumbersPage):
    """A page of tables. `get_context_data` puts them in as `tables`; with format=csv or format=xlsx in the
    address they come as a file, exactly as they are on the screen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        file = FILES.get(request.GET.get("format", ""))
        if file is not None:
            return file(context["tables"], self.file_name(context["period"]))
        return self.render_to_response(context | self.shown(context["tables"]))

    def shown(self, tables: Sequence[Table]) -> dict[str, Any]:
        """The tables with their heads, and where their files are."""
        given = self.request.GET
        return {
            "shown_tables": [{"table": table, "heads": table.heads(given)} for table in tables],
            "csv_url": address(given, format="csv"),
            "xlsx_url": address(given, format="xlsx"),
        }

    def file_name(self, period: Any) -> str:
        """Of what, of whom and of when."""
        name = (self.request.resolver_match.url_name or "") if self.request.resolver_match else ""
        return slugify(f"{name} {self.actor.workspace.slug} {period.first} {period.last}")
