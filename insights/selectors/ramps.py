"""The ramp of new agents, by cohorts of those who started together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from accounts import selectors as accounts
from accounts.access import Actor, Capability
from accounts.models import Agent
from common.periods import Period, local_date
from insights import facts, ramp
from insights.policies import sight
from insights.query import Query
from insights.ramp import Cohort, Line, Point, stretches
from insights.selectors.samples import Sample, refusal_of_plan, sample
from insights.stats import Basis, Cell


@dataclass(frozen=True, slots=True)
class Ramp:
    """The lines, newest cohort first; `together` is all of them as one. `unknown` agents in sight have no
    start."""

    cohort: Cohort
    sample: Sample | None
    lines: Sequence[Line]
    together: Sequence[Point]
    unknown: int


def ramps(actor: Actor, cohort: Cohort, *, plan_id: int | None = None, teams: tuple[int, ...] = ()) -> Ramp:
    """The IQS of the latest cohorts by days since the start, of all work in the actor's sight.

    Refused (403) to who does not lead. Five queries: plan, strata, agents, closed conversations, agents
    without a start; six where the headline plan is gone.
    """
    actor.require(Capability.NUMBERS_READ_ALL)
    today = local_date(timezone.now(), actor.workspace.timezone)
    cohorts = ramp.cohorts(today, cohort)
    query = Query(Period(cohorts[-1].first, today), plan_id=plan_id, teams=teams)
    known = sample(actor, query)
    chosen = sight(actor, query).teams_of(query)
    strata = _strata(known, chosen)
    starts = _starts(actor, query.period, chosen, {cell.agent for each in strata.values() for cell in each})
    closed = _closed(actor, known, list(strata), list(starts), chosen)
    basis = Basis(known.spreads, None, None, known.minimums) if known else None

    def line(started: Period) -> Line:
        own = {agent: day for agent, day in starts.items() if day in started}
        refused = refusal_of_plan(actor, known)
        if refused is None and len(own) < ramp.LEAST_AGENTS:
            refused = ramp.few_agents(len(own))
        if refused or basis is None:
            return Line(started, len(own), refused=refused)
        return Line(started, len(own), ramp.points(stretches(strata, own, closed), basis))

    lines = [each for each in map(line, cohorts) if each.agents]
    together = ramp.points(stretches(strata, starts, closed), basis) if basis else []
    return Ramp(cohort, known, lines, together, _unknown(actor))


def _strata(known: Sample | None, teams: Collection[int] | None) -> dict[Period, list[Cell]]:
    found = known.strata.periods if known else {}
    return {
        drawn: [cell for cell in cells if teams is None or cell.team in teams]
        for drawn, cells in found.items()
    }


def _starts(
    actor: Actor, within: Period, teams: Collection[int] | None, drawn: Collection[int]
) -> dict[int, date]:
    """When each person started who did so in the period: everybody, or those who are in the teams now or
    whose work was drawn there. One query."""
    rows = Agent.objects.in_workspace(actor.workspace_id).filter(
        kind=Agent.Kind.HUMAN, merged_into=None, starts_on__range=(within.first, within.last)
    )
    if teams is not None:
        rows = rows.filter(Q(memberships__team__in=teams, memberships__ends_on=None) | Q(pk__in=drawn))
    return {pk: day for pk, day in rows.order_by("pk").values_list("pk", "starts_on") if day}


def _closed(
    actor: Actor,
    known: Sample | None,
    periods: Sequence[Period],
    agents: Sequence[int],
    teams: Sequence[int] | None,
) -> Mapping[tuple[int, Period], int]:
    """All closed conversations by agent and drawn period. One query; none without agents or draws."""
    if known is None or not periods or not agents:
        return {}
    counts = facts.closed_counts(
        actor.workspace_id,
        periods,
        ["agent"],
        reviewee="most_active" if known.plan.reviewee == "most_active" else "assignee",
        agents=agents,
        teams=teams,
    )
    return {(agent, periods[place]): count for ((agent,), place), count in counts.items()}


def _unknown(actor: Actor) -> int:
    rows = accounts.agents(actor).filter(kind=Agent.Kind.HUMAN, starts_on=None)
    return rows.count()
