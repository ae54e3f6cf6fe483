"""The page of new agents: how those who started together come along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.access import Capability
from accounts.views_base import WorkspaceTemplatePage
from common.errors import Invalid
from insights import figures, parameters, ramp, selectors
from insights.figures import Figure
from insights.forms import RampForm
from insights.parameters import RampQuery
from insights.ramp import Cohort, Line, Point


@dataclass(frozen=True, slots=True)
class Row:
    """One cohort: its name, a figure for each step by its days (None: nothing was drawn) and its chart."""

    name: str
    line: Line
    figures: Sequence[tuple[str, Figure | None]]
    chart: str


class RampPage(WorkspaceTemplatePage):
    """The IQS by days since the start, a line for each quarter or month in which agents started."""

    capability = Capability.NUMBERS_READ_ALL
    template_name = "insights/ramp.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, problem = self.asked()
        found = selectors.ramps(self.actor, query.cohort, plan_id=query.plan_id, teams=query.teams)
        together = found.together if len(found.lines) > 1 else []
        teams = list(selectors.teams_in_scope(self.actor))
        plan = found.sample.plan if found.sample else None
        context = {
            "found": found,
            "plan": plan,
            "problem": problem,
            "form": RampForm(
                query.cohort, plan, selectors.plans(self.actor).order_by("pk"), (teams, query.teams)
            ),
            "steps": figures.ramp_steps(),
            "rows": [self.row(line, found.cohort, together) for line in found.lines],
            "together": self.figures(together) if together else None,
            "all_agents": sum(line.agents for line in found.lines),
            "least": ramp.LEAST_AGENTS,
            "agents_url": self.agents_url(),
        }
        return super().get_context_data(**kwargs) | context

    def asked(self) -> tuple[RampQuery, str]:
        """The question of the address, and what is wrong with it in words."""
        try:
            return parameters.read_ramp(self.actor, self.request.GET), ""
        except Invalid as problem:
            return RampQuery(), problem.detail

    def agents_url(self) -> str:
        """Where days of start are written; empty for who may not."""
        if not self.actor.can(Capability.ADMINISTER):
            return ""
        return reverse("settings-agents", kwargs={"slug": self.actor.workspace.slug})

    def row(self, line: Line, cohort: Cohort, together: Sequence[Point]) -> Row:
        name = figures.cohort_name(line.started, cohort)
        needed = self.actor.workspace.settings.min_team_reviews
        chart = figures.ramp_chart(name, line, together, needed) if line.points else ""
        return Row(name, line, self.figures(line.points), chart)

    def figures(self, points: Sequence[Point]) -> list[tuple[str, Figure | None]]:
        needed = self.actor.workspace.settings.min_team_reviews
        known = {point.step: figures.iqs_figure(point.estimate, needed) for point in points}
        return [(days, known.get(step)) for step, days in enumerate(figures.ramp_steps())]
