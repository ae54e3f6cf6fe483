"""What reviewers gave, how fast, what became of it, and what waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from psycopg.sql import SQL, Composable

from insights.facts.reviews import BY_REVIEWERS
from insights.facts.sums import ALL, rows
from insights.query import Slice

_GIVEN = SQL("""
select r.reviewer_id, r.agent_id, r.scorecard_id, r.selection, count(*), count(r.score),
    coalesce(sum(r.score), 0)::float8, coalesce(sum(r.score * r.score), 0)::float8,
    count(*) filter (where r.score = 100)
from qa_reviews_review r where {where} group by 1, 2, 3, 4
""")

_PACES = SQL("""
select r.reviewer_id, count(*), percentile_cont(0.5) within group (order by r.active_seconds),
    avg(ln(r.active_seconds))::float8, coalesce(stddev_samp(ln(r.active_seconds)), 0)::float8
from qa_reviews_review r where {where} and r.active_seconds > 0 group by 1
""")

_DISPUTES = SQL("""
select r.reviewer_id, count(*), count(*) filter (where d.state = 'resolved'),
    count(*) filter (where d.outcome in ('accepted', 'partially_accepted'))
from qa_reviews_dispute d join qa_reviews_review r on r.id = d.review_id
where d.workspace_id = %(workspace)s and r.workspace_id = %(workspace)s and r.kind = 'standard'
    and r.submitted_on between %(first)s and %(last)s and {teams}
group by 1
""")

_WAITING = SQL("""
select i.reviewer_id, count(*), count(*) filter (where i.due_on < %(today)s)
from qa_reviews_queueitem i
where i.workspace_id = %(workspace)s and i.state in ('open', 'claimed') and i.reviewer_id is not null
    and {teams}
group by 1
""")


class GivenSums(NamedTuple):
    """What a reviewer gave one agent by one scorecard, among reviews chosen in one way: `reviews`, of which
    `scored` have a score; sums of scores in points and of their squares; how many are 100."""

    reviewer: int
    agent: int
    scorecard: int
    selection: str
    reviews: int
    scored: int
    score: float
    squares: float
    hundreds: int


class Pace(NamedTuple):
    """The reviews whose active time is known, its median in seconds, and mean and standard deviation of its
    natural logarithm."""

    reviews: int
    median: float
    log_mean: float
    log_spread: float


class Disputes(NamedTuple):
    """Disputes of his reviews: raised, answered, and answered (partly) in the agent's favour."""

    raised: int
    answered: int
    overturned: int


class Waiting(NamedTuple):
    """Conversations that wait for him, and how many of them are overdue."""

    items: int
    overdue: int


def given_sums(asked: Slice) -> list[GivenSums]:
    """Of counted reviews by reviewers (not by peers), submitted in the period. One query."""
    return [GivenSums(*row) for row in rows(_GIVEN.format(where=_where(asked)), _params(asked))]


def paces(asked: Slice) -> dict[int, Pace]:
    """By reviewer, of the same reviews; imported ones have no time. One query."""
    found = rows(_PACES.format(where=_where(asked)), _params(asked))
    return {reviewer: Pace(*sums) for reviewer, *sums in found}


def disputes(asked: Slice) -> dict[int, Disputes]:
    """By reviewer, of reviews submitted in the period, retracted ones too: a dispute may have led to that.
    One query."""
    found = rows(_DISPUTES.format(teams=_teams(asked.teams, "r")), _params(asked))
    return {reviewer: Disputes(*counts) for reviewer, *counts in found}


def waiting(workspace_id: int, today: date, teams: Sequence[int] | None) -> dict[int, Waiting]:
    """By reviewer, what is in the queues now. One query."""
    params = {"workspace": workspace_id, "today": today, "teams": list(teams or ())}
    found = rows(_WAITING.format(teams=_teams(teams, "i")), params)
    return {reviewer: Waiting(*counts) for reviewer, *counts in found}


def _where(asked: Slice) -> Composable:
    own = SQL("r.workspace_id = %(workspace)s and r.submitted_on between %(first)s and %(last)s and ")
    return own + BY_REVIEWERS + SQL(" and ") + _teams(asked.teams, "r")


def _teams(teams: Sequence[int] | None, table: str) -> Composable:
    column = SQL("r.team_id") if table == "r" else SQL("i.team_id")
    return ALL if teams is None else column + SQL(" = any(%(teams)s)")


def _params(asked: Slice) -> dict[str, object]:
    return {
        "workspace": asked.workspace_id,
        "first": asked.period.first,
        "last": asked.period.last,
        "teams": list(asked.teams or ()),
    }
