"""The pages of the numbers: the overview and one agent's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from accounts.models import Agent
from accounts.selectors import heir
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Invalid, Missing
from insights import figures, parameters, selectors
from insights.figures import Figure
from insights.forms import PeriodForm
from insights.query import Query
from insights.selectors import AgentLine
from qa_reviews.policies.basics import hides_reviewer

PERIOD = frozenset({"from", "to"})


def asked(actor: Actor, query: QueryDict, known: Collection[str]) -> tuple[Query, str]:
    """The question of an address, and what is wrong with it in words; then the last 13 weeks are shown."""
    try:
        return parameters.read(actor, query, known), ""
    except Invalid as problem:
        return Query(selectors.recent_weeks(actor)), problem.detail


def address(query: QueryDict, **changes: str | None) -> str:
    """This page's address with other parameters; None takes one away."""
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name.rstrip("_"), None)
        if value is not None:
            changed[name.rstrip("_")] = value
    return f"?{changed.urlencode()}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the agents' table."""

    line: AgentLine
    iqs: Figure
    average: Decimal | None
    reviews: int
    pass_rate: Decimal | None
    csat: Figure

    @property
    def bar(self) -> str:
        return self.iqs.bar(str(self.line.agent))


SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: str(line.line.agent).casefold(),
    "iqs": lambda line: line.iqs.value,
    "average": lambda line: line.average,
    "reviews": lambda line: line.reviews,
    "pass": lambda line: line.pass_rate,
    "csat": lambda line: line.csat.value,
}


def ordered(lines: list[Line], sort: str) -> list[Line]:
    """By one column ("-" turns it round), unknown last in either direction, else by name."""
    value = SORTS.get(sort.lstrip("-"), SORTS["name"])
    known = [line for line in lines if value(line) is not None]
    known.sort(key=value, reverse=sort.startswith("-"))
    return known + [line for line in lines if value(line) is None]


def columns(query: QueryDict, sort: str) -> list[dict[str, Any]]:
    """The heads of the table, each with the address that sorts by it."""
    labels = {
        "name": _("Agent"),
        "iqs": _("IQS, all work"),
        "average": _("Average of reviewed"),
        "reviews": _("Reviews"),
        "pass": _("Pass rate"),
        "csat": _("CSAT, % satisfied"),
    }
    return [
        {
            "key": key,
            "label": label,
            "url": address(query, sort=f"-{key}" if sort == key else key),
            "state": {key: "ascending", f"-{key}": "descending"}.get(sort),
        }
        for key, label in labels.items()
    ]


class NumbersPage(WorkspaceTemplatePage):
    """What both pages share: the period of the address, its form and its chips."""

    def filters(self, query: Query, teams: list[Any]) -> dict[str, Any]:
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
            remove = address(given, from_=None, to=None)
            chips.insert(0, {"label": _("Period"), "value": period, "remove_url": remove})
        return {"form": PeriodForm(query, teams), "chips": chips, "period": query.period}


class OverviewPage(NumbersPage):
    capability = Capability.NUMBERS_READ_ALL
    template_name = "insights/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, problem = asked(self.actor, self.request.GET, PERIOD | {"team", "sort"})
        found = selectors.overview(self.actor, query)
        settings = self.actor.workspace.settings
        sort = self.request.GET.get("sort", "name")
        needed = settings.min_team_reviews
        context = {
            "found": found,
            "problem": problem,
            "step": selectors.next_step(self.actor, found) if found.empty else "",
            "total": found.total and figures.iqs_figure(found.total.estimate, needed),
            "csat": found.csat and figures.csat_figure(found.csat, settings.min_answers),
            "average_first": settings.headline == settings.Headline.AVERAGE_OF_REVIEWED,
            "chart": figures.iqs_chart(found.points, found.interval, needed, _("IQS over time")),
            "lines": ordered([self.line(line) for line in found.agents], sort),
            "columns": columns(self.request.GET, sort),
        }
        teams = list(selectors.teams_in_scope(self.actor))
        return super().get_context_data(**kwargs) | self.filters(query, teams) | context

    def line(self, line: AgentLine) -> Line:
        settings = self.actor.workspace.settings
        iqs, csat = line.iqs, line.csat
        return Line(
            line,
            figures.iqs_figure(iqs.estimate, settings.min_reviews) if iqs else Figure(),
            iqs.mean if iqs else None,
            iqs.reviews if iqs else 0,
            iqs.pass_rate if iqs else None,
            figures.csat_figure(csat, settings.min_answers) if csat else Figure(),
        )


class AgentPage(NumbersPage):
    """One agent's numbers: for himself, and for those who lead him."""

    capability = Capability.NUMBERS_READ
    template_name = "insights/agent.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A merged agent's page leads to that of the one he went into."""
        try:
            return super().get(request, *args, **kwargs)
        except Missing:
            stays = heir(self.actor, kwargs["pk"])
            if stays is None:
                raise
            return redirect("agent-page", self.actor.workspace.slug, stays.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        agent: Agent = selectors.visible_agent(self.actor, kwargs["pk"])
        query, problem = asked(self.actor, self.request.GET, PERIOD)
        found = selectors.agent_numbers(self.actor, agent, replace(query, agents=(agent.pk,)))
        settings = self.actor.workspace.settings
        needed = settings.min_reviews
        own = agent.pk == self.actor.agent_id
        context = {
            "found": found,
            "agent": agent,
            "own": own,
            "problem": problem,
            "total": found.total and figures.iqs_figure(found.total.estimate, needed),
            "csat": found.csat and figures.csat_figure(found.csat, settings.min_answers),
            "chart": figures.iqs_chart(found.points, found.interval, needed, _("Score over time")),
            "names_reviewers": not hides_reviewer(self.actor),
        }
        return super().get_context_data(**kwargs) | self.filters(query, []) | context


class MyPage(WorkspacePage):
    """The way from the rail to an agent's own page."""

    capability = Capability.NUMBERS_READ

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        if self.actor.agent_id is None:
            raise Missing("You are not linked to an agent in this workspace.")
        return redirect("agent-page", slug=slug, pk=self.actor.agent_id)
