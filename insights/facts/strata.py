"""The sums that estimates are made of, per (plan, agent, period, band), and what they speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from psycopg.sql import SQL, Composable

from common.periods import Period
from insights.facts.reviews import MARK, RELEASED, counted
from insights.facts.sums import ALL, rows
from insights.query import Key
from insights.stats import Cell

# A draw that was made anew is superseded and speaks no more. Strata keep the agent they were drawn for; one
# who was merged into another counts as the other, in strata of his own.
STRATA = SQL("""
    select s.id, coalesce(a.merged_into_id, s.agent_id) as agent_id, s.team_id, s.band, s.frame, s.drawn,
        d.period_start, d.period_end
    from qa_reviews_draw d join qa_reviews_stratum s on s.draw_id = d.id
        join accounts_agent a on a.id = s.agent_id
    where d.workspace_id = %(workspace)s and d.plan_id = %(plan)s and d.superseded_at is null
        and d.period_end <= %(last)s
        and (d.period_start >= %(first)s or d.period_end > %(learned_after)s)
""")

# A conversation with two valid reviews counts once, with their mean; the index review_stratum hands them over
# in this order. Replacements come on top of Stratum.drawn, which counts the first draw, and are looked up
# among the few items that are not plain (index queue_exceptions). Skipped or without a score: nothing to sum.
_CELLS = SQL("""
with strata as ({strata}), means as (
    select r.stratum_id, case when count(r.score) = 1 then min(r.score) else avg(r.score) end as y,
        count(*) filter (where r.score >= {mark})::float8 / nullif(count(r.score), 0) as pass
    from qa_reviews_review r
    where r.stratum_id in (select id from strata) and {counted} and {released}
    group by r.stratum_id, r.conversation_id
), sums as (
    select stratum_id, count(y) as n, sum(y) as sum_y, sum(y * y) as sum_y2, sum(pass) as passed,
        sum(pass * pass) as passed2, 0 as added, count(*) - count(y) as unfit
    from means group by stratum_id
    union all
    select i.stratum_id, 0, 0, 0, 0, 0, count(i.replaces_id),
        count(*) filter (where i.skip_reason = 'not_reviewable')
    from qa_reviews_queueitem i
    where i.stratum_id in (select id from strata) and i.second_of_id is null
        and (i.replaces_id is not null or i.skip_reason = 'not_reviewable')
    group by i.stratum_id
), totals as (
    select stratum_id, sum(n)::int as n, sum(sum_y) as sum_y, sum(sum_y2) as sum_y2, sum(passed) as passed,
        sum(passed2) as passed2, sum(added)::int as added, sum(unfit)::int as unfit
    from sums group by stratum_id
)
select period_end, agent_id, team_id, period_start, band, frame, drawn + coalesce(added, 0),
    coalesce(unfit, 0), coalesce(n, 0), coalesce(sum_y, 0), coalesce(sum_y2, 0), coalesce(passed, 0),
    coalesce(passed2, 0), strata.id
from strata left join totals on totals.stratum_id = strata.id
""")

# Of a conversation with several reviews, each counts by its share.
_GIVERS = SQL("""
with strata as ({strata}), given as (
    select r.stratum_id, r.reviewer_id,
        count(*) over (partition by r.stratum_id, r.conversation_id) as reviews
    from qa_reviews_review r
    where r.stratum_id in (select id from strata) and {counted} and {released} and r.score is not null
)
select stratum_id, reviewer_id, sum(1.0 / reviews)::float8 from given group by stratum_id, reviewer_id
""")

_CLOSED = SQL("""
select b.place::int - 1, {keys} count(*)
from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as b(first, last, place)
    join conversations_conversation c on c.workspace_id = %(workspace)s and c.status = 'closed'
        and c.closed_on between b.first and b.last and {agents} and {teams}
group by {places}
""")

OwnerDim = Literal["agent", "team"]
Reviewee = Literal["assignee", "most_active"]


@dataclass(frozen=True, slots=True)
class StratumCells:
    """The cells of a plan by the period they were drawn for."""

    periods: Mapping[Period, Sequence[Cell]]

    def inside(self, period: Period) -> list[Cell]:
        """Those whose whole period lies inside."""
        return [cell for drawn, cells in self.periods.items() if period.holds(drawn) for cell in cells]

    def ended_after(self, day: date) -> list[Cell]:
        return [cell for drawn, cells in self.periods.items() if drawn.last > day for cell in cells]

    def drawn(self, period: Period) -> Period | None:
        """From the first to the last day of what was drawn inside; None without any."""
        inside = [drawn for drawn in self.periods if period.holds(drawn)]
        return Period(min(d.first for d in inside), max(d.last for d in inside)) if inside else None


def stratum_cells(
    workspace_id: int,
    plan_id: int,
    period: Period,
    learned_after: date,
    *,
    peers: bool,
    released_only: bool = False,
    pass_mark: Decimal | None = None,
) -> StratumCells:
    """Cells of the plan's draws inside the period, and of those that ended after a day, up to its end.

    `peers`: whether reviews by peers count. `pass_mark` is that of scorecards that have none of their own.
    One query. Scores in points, exact.
    """
    released = RELEASED if released_only else ALL
    statement = _CELLS.format(strata=STRATA, mark=MARK, counted=counted(peers), released=released)
    params = {
        "workspace": workspace_id,
        "plan": plan_id,
        "first": period.first,
        "last": period.last,
        "learned_after": learned_after,
        "pass_mark": pass_mark,
    }
    periods: dict[Period, list[Cell]] = defaultdict(list)
    for end, *sums in rows(statement, params):
        periods[Period(sums[2], end)].append(Cell(*sums))
    return StratumCells(periods)


def givers(
    workspace_id: int, plan_id: int, period: Period, *, peers: bool, released_only: bool = False
) -> dict[int, dict[int, float]]:
    """How many conversations of each stratum inside the period each reviewer reviewed. One query."""
    released = RELEASED if released_only else ALL
    statement = _GIVERS.format(strata=STRATA, counted=counted(peers), released=released)
    params = {
        "workspace": workspace_id,
        "plan": plan_id,
        "first": period.first,
        "last": period.last,
        "learned_after": period.last,
    }
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for stratum, reviewer, given in rows(statement, params):
        found[stratum][reviewer] = given
    return found


def closed_counts(
    workspace_id: int,
    periods: Sequence[Period],
    dims: Sequence[OwnerDim],
    *,
    reviewee: Reviewee = "assignee",
    agents: Sequence[int] | None = None,
    teams: Sequence[int] | None = None,
) -> dict[tuple[Key, int], int]:
    """All closed conversations of each period by agent and team, as (key, place of the period). One query."""
    agent: Composable = SQL("c.agent_id") if reviewee == "assignee" else SQL("c.most_active_agent_id")
    columns: dict[OwnerDim, Composable] = {"agent": agent, "team": SQL("c.team_id")}
    statement = _CLOSED.format(
        keys=SQL("").join(columns[dim] + SQL(", ") for dim in dims),
        agents=ALL if agents is None else agent + SQL(" = any(%(agents)s)"),
        teams=ALL if teams is None else SQL("c.team_id = any(%(teams)s)"),
        places=SQL(", ").join(SQL(place) for place in ("1", "2", "3")[: len(dims) + 1]),
    )
    params = {
        "workspace": workspace_id,
        "firsts": [period.first for period in periods],
        "lasts": [period.last for period in periods],
        "agents": list(agents or ()),
        "teams": list(teams or ()),
    }
    return {(tuple(key), place): count for place, *key, count in rows(statement, params)}
