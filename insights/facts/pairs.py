"""Conversations that several reviewers graded, each on his own.

What somebody gave on his own is his first grading: later ones answer a dispute, or what others said. Counted
are standing reviews by reviewers, of the same agent in the same conversation by the same scorecard, that were
graded blind, and imported ones, of which nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from psycopg.sql import SQL, Composable

from common.periods import Period
from insights.facts.reviews import BY_REVIEWERS
from insights.facts.sums import ALL, rows

_OWN = SQL("((r.blind and r.revealed_at is null) or r.source <> '')")

_SHARED = SQL("""
with shared as (
    select r.conversation_id, r.agent_id, r.scorecard_id, array_agg(r.id) as reviews,
        max(r.submitted_on) as submitted_on
    from qa_reviews_review r
    where r.workspace_id = %(workspace)s and r.submitted_on between %(first)s and %(last)s
        and {counted} and {own} and {teams} and {scorecards}
    group by r.conversation_id, r.agent_id, r.scorecard_id having count(*) > 1
    order by submitted_on desc, r.conversation_id desc, r.agent_id limit %(most)s
)
select dense_rank() over (order by s.submitted_on desc, s.conversation_id desc, s.agent_id, s.scorecard_id),
    s.conversation_id, s.scorecard_id, r.reviewer_id, r.id, g.id, g.score::float8
from shared s cross join unnest(s.reviews) as review
    join qa_reviews_review r on r.id = review
    join qa_reviews_grading g on g.review_id = r.id and g.number = 1
order by 1, r.reviewer_id
""")

_RATINGS = SQL("""
select t.grading_id, t.category, t.score::float8 from qa_reviews_rating t
where t.workspace_id = %(workspace)s and t.grading_id = any(%(gradings)s) and t.state = 'rated'
""")

_SECONDS = SQL("""
select s.second_of_id, r.reviewer_id, g.score::float8
from qa_reviews_queueitem s join qa_reviews_draw d on d.id = s.draw_id
    join qa_reviews_review r on r.queue_item_id = any(array[s.id, s.second_of_id])
    join qa_reviews_grading g on g.review_id = r.id and g.number = 1
where s.workspace_id = %(workspace)s and s.second_of_id is not null and d.superseded_at is null
    and d.period_end > %(after)s and d.period_end <= %(until)s and {counted} and {own} and g.score is not null
""")


class Shared(NamedTuple):
    """One review of a conversation that others graded, too; `place` is that of the conversation, the latest
    graded first. `score` is that of its first grading, in points, None without one."""

    place: int
    conversation: int
    scorecard: int
    reviewer: int
    review: int
    grading: int
    score: float | None


@dataclass(frozen=True, slots=True)
class SharedReviews:
    """`cut`: there were more conversations, and these are the latest."""

    reviews: Sequence[Shared]
    cut: bool = False


def shared_reviews(
    workspace_id: int,
    period: Period,
    most: int,
    *,
    teams: Sequence[int] | None = None,
    scorecards: Sequence[int] = (),
) -> SharedReviews:
    """The reviews of up to `most` conversations that two or more reviewers graded with the same scorecard,
    submitted in the period; all scorecards if none is named. One query."""
    statement = _SHARED.format(
        counted=BY_REVIEWERS,
        own=_OWN,
        teams=ALL if teams is None else SQL("r.team_id = any(%(teams)s)"),
        scorecards=SQL("r.scorecard_id = any(%(scorecards)s)") if scorecards else ALL,
    )
    params = {
        "workspace": workspace_id,
        "first": period.first,
        "last": period.last,
        "teams": list(teams or ()),
        "scorecards": list(scorecards),
        "most": most + 1,
    }
    found = [Shared(*row) for row in rows(statement, params)]
    return SharedReviews([each for each in found if each.place <= most], any(e.place > most for e in found))


def first_ratings(workspace_id: int, gradings: Sequence[int]) -> list[tuple[int, str, float]]:
    """(grading id, category key, score in points) of everything that was rated in them. One query."""
    return rows(_RATINGS, {"workspace": workspace_id, "gradings": list(gradings)})


def second_reviews(workspace_id: int, after: date, until: date) -> list[tuple[int, int, float]]:
    """(item id, reviewer id, score in points) of what was drawn for a second look, in draws that ended after
    one day and up to another. One query."""
    statement: Composable = _SECONDS.format(counted=BY_REVIEWERS, own=_OWN)
    return rows(statement, {"workspace": workspace_id, "after": after, "until": until})
