"""The pages of the numbers: the overview and one agent's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from accounts.models import Agent
from accounts.selectors import heir
from accounts.views_base import WorkspacePage
from common.errors import Missing
from insights import figures, selectors
from insights.figures import Figure
from insights.how import how_url
from insights.pages import PERIOD, NumbersPage, TablesPage, asked
from insights.query import Query
from insights.selectors import AgentLine, Place
from insights.tables import Cell, Column, Row, Table
from qa_reviews.policies.basics import hides_reviewer


def agents_table(actor: Actor, query: Query, lines: Sequence[AgentLine], sort: str) -> Table:
    """Every agent with his numbers; each IQS leads to its arithmetic."""
    columns = [
        Column("name", _("Agent"), "text"),
        Column("iqs", _("IQS, all work"), "figure"),
        Column("average", _("Average of reviewed"), "score"),
        Column("reviews", _("Reviews")),
        Column("pass", _("Pass rate"), "share"),
        Column("csat", _("CSAT, % satisfied"), "figure", counts=False),
    ]
    empty = _("No agent has a review or an answer in this period.")
    rows = [_row(actor, query, line) for line in lines]
    return Table("agents", _("Agents"), columns, rows, empty, sort)


def _row(actor: Actor, query: Query, line: AgentLine) -> Row:
    settings, iqs, csat = actor.workspace.settings, line.iqs, line.csat
    name = str(line.agent)
    page = reverse("agent-page", kwargs={"slug": actor.workspace.slug, "pk": line.agent.pk})
    figure = figures.iqs_figure(iqs.estimate, settings.min_reviews) if iqs else Figure()
    how = how_url(actor.workspace.slug, Place(query.by("agent"), (line.agent.pk,))) if iqs else ""
    said = figures.csat_figure(csat, settings.min_answers) if csat else Figure()
    of = _("of %(n)s") % {"n": number_format(csat.answers, force_grouping=True)} if csat else ""
    return {
        "name": Cell(name, url=page if line.has_page else ""),
        "iqs": Cell(figure=figure, url=how, picture=figure.bar(name)),
        "average": Cell(iqs.mean if iqs else None),
        "reviews": Cell(iqs.reviews if iqs else 0),
        "pass": Cell(iqs.pass_rate if iqs else None),
        "csat": Cell(figure=said, note="" if said.refused else of),
    }


class OverviewPage(TablesPage):
    capability = Capability.NUMBERS_READ_ALL
    template_name = "insights/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, problem = asked(self.actor, self.request.GET, PERIOD | {"team", "sort", "format"})
        found = selectors.overview(self.actor, query)
        settings = self.actor.workspace.settings
        needed, slug = settings.min_team_reviews, self.actor.workspace.slug
        context = {
            "found": found,
            "problem": problem,
            "step": selectors.next_step(self.actor, found) if found.empty else "",
            "total": found.total and figures.iqs_figure(found.total.estimate, needed),
            "passing": figures.pass_figure(found.total, needed),
            "csat": found.csat and figures.csat_figure(found.csat, settings.min_answers),
            "how_url": how_url(slug, Place(query)),
            "passing_url": how_url(slug, Place(query, number="pass_rate")),
            "average_first": settings.headline == settings.Headline.AVERAGE_OF_REVIEWED,
            "chart": figures.iqs_chart(found.points, found.interval, needed, _("IQS over time")),
            "tables": [agents_table(self.actor, query, found.agents, self.request.GET.get("sort", "name"))],
        }
        teams = list(selectors.teams_in_scope(self.actor))
        return super().get_context_data(**kwargs) | self.filters(query, teams) | context


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
        needed, slug = settings.min_reviews, self.actor.workspace.slug
        own = agent.pk == self.actor.agent_id
        context = {
            "found": found,
            "agent": agent,
            "own": own,
            "problem": problem,
            "total": found.total and figures.iqs_figure(found.total.estimate, needed),
            "how_url": how_url(slug, Place(found.query)),
            "categories": [
                (
                    line,
                    figures.iqs_figure(line.row.estimate, needed),
                    how_url(slug, Place(found.query.by("category"), line.row.key)),
                )
                for line in found.categories
            ],
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
