"""What of each stratum belongs to a category, a group, a scorecard, a channel or a topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from psycopg.sql import SQL, Identifier

from common.periods import Period
from insights.facts.reviews import COLUMNS, RELEASED, counted, joins, score_of
from insights.facts.strata import STRATA
from insights.facts.sums import ALL, rows
from insights.query import Dim, Key
from insights.stats import GroupSums

# Of a conversation with several reviews, each counts by its share.
_SUMS = SQL("""
with strata as ({strata}), reviewed as (
    select r.id, r.stratum_id, r.conversation_id, r.scorecard_id, r.gradings_count, r.score,
        count(*) over (partition by r.stratum_id, r.conversation_id) as reviews
    from qa_reviews_review r
    where r.stratum_id in (select id from strata) and {counted} and {released} and r.score is not null
), parts as (
    select r.stratum_id, {columns}, count(*)::float8 / min(r.reviews) as r,
        sum({score}::float8) / min(r.reviews) as x
    from reviewed r {joins}
    where {score} is not null
    group by r.stratum_id, r.conversation_id, {names}
)
select stratum_id, {names}, count(*)::int, sum(r), sum(r * r), sum(x), sum(x * x), sum(r * x)
from parts group by stratum_id, {names}
""")


def group_sums(
    workspace_id: int,
    plan_id: int,
    period: Period,
    learned_after: date,
    dims: Sequence[Dim],
    *,
    peers: bool,
    released_only: bool = False,
) -> Mapping[Key, Mapping[int, GroupSums]]:
    """Sums by group and stratum id, of the strata that `stratum_cells` gives for the same arguments.

    A group has one value for each of `dims` (of WORK_DIMS). One query. Scores in points.
    """
    names = [Identifier(f"key_{place}") for place, _ in enumerate(dims)]
    statement = _SUMS.format(
        strata=STRATA,
        counted=counted(peers),
        released=RELEASED if released_only else ALL,
        columns=SQL(", ").join(
            COLUMNS[dim] + SQL(" as ") + name for dim, name in zip(dims, names, strict=True)
        ),
        names=SQL(", ").join(names),
        joins=joins(dims),
        score=score_of(dims),
    )
    params = {
        "workspace": workspace_id,
        "plan": plan_id,
        "first": period.first,
        "last": period.last,
        "learned_after": learned_after,
    }
    found: dict[Key, dict[int, GroupSums]] = defaultdict(dict)
    for stratum, *row in rows(statement, params):
        key, sums = tuple(row[: len(dims)]), row[len(dims) :]
        found[key][stratum] = GroupSums(*sums)
    return found
