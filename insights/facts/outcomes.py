"""Single outcomes behind the numbers: the latest scores of categories, and critical failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from psycopg.sql import SQL

from common.periods import Period
from insights.facts.reviews import counted
from insights.facts.sums import rows

# A conversation with two valid reviews counts once, with their mean.
_OUTCOMES = SQL("""
with scores as (
    select r.agent_id, t.category, r.conversation_id, avg(t.score) as score, max(r.closed_at) as closed_at
    from qa_reviews_review r
        join qa_reviews_grading g on g.review_id = r.id and g.number = r.gradings_count
        join qa_reviews_rating t on t.grading_id = g.id and t.state = 'rated'
    where r.workspace_id = %(workspace)s and r.closed_on between %(first)s and %(last)s and {counted}
        and t.category = any(%(categories)s)
    group by r.agent_id, t.category, r.conversation_id
), placed as (
    select *, count(*) over (partition by agent_id, category) as rated, row_number() over (
        partition by agent_id, category order by closed_at desc, conversation_id desc) as place
    from scores
)
select agent_id, category, rated, conversation_id, score::float8 from placed
where place <= %(latest)s order by agent_id, category, place
""")

_FAILURES = SQL("""
select r.agent_id, r.conversation_id, r.failed_by from qa_reviews_review r
where r.workspace_id = %(workspace)s and r.closed_on between %(first)s and %(last)s and {counted}
    and r.failed_by <> '{{}}'
order by r.closed_at, r.conversation_id, r.id
""")


@dataclass(frozen=True, slots=True)
class CategoryOutcomes:
    """How often an agent's category was rated, and its latest (conversation id, score in points), newest
    conversation first."""

    rated: int
    latest: Sequence[tuple[int, float]]


def category_outcomes(
    workspace_id: int, period: Period, categories: Sequence[str], latest: int, *, peers: bool
) -> dict[tuple[int, str], CategoryOutcomes]:
    """(agent id, category key) -> outcomes over conversations closed in the period, from the newest grading
    of each counted review, whatever its scorecard; `peers`: whether reviews by peers count. One query."""
    params = _params(workspace_id, period) | {"categories": list(categories), "latest": latest}
    found = groupby(rows(_OUTCOMES.format(counted=counted(peers)), params), key=lambda row: row[:3])
    return {
        (agent, category): CategoryOutcomes(rated, [row[3:] for row in each])
        for (agent, category, rated), each in found
    }


def critical_failures(workspace_id: int, period: Period, *, peers: bool) -> dict[tuple[int, int], list[str]]:
    """(agent id, conversation id) -> keys of the categories that failed it, for conversations closed in the
    period, in the order in which they were closed; `peers` as above. One query."""
    statement = _FAILURES.format(counted=counted(peers))
    found: dict[tuple[int, int], list[str]] = {}
    for agent, conversation, failed_by in rows(statement, _params(workspace_id, period)):
        keys = found.setdefault((agent, conversation), [])
        keys += [key for key in failed_by if key not in keys]
    return found


def _params(workspace_id: int, period: Period) -> dict[str, object]:
    return {"workspace": workspace_id, "first": period.first, "last": period.last}
