"""Review scores beside what the customers of the same conversations said, and both by kind of work.

Of reviews only those that a plan drew are read, each standing for 1/probability conversations, since reviews
chosen by hand were often chosen for what the customer said. A conversation with two reviews counts once, with
their mean. Both are dated by the day on which the conversation was closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from psycopg.sql import SQL, Composable

from common.periods import Period
from insights.facts.reviews import counted
from insights.facts.sums import ALL, rows
from insights.stats import CsatSums
from insights.stats.association import Group

_DRAWN = SQL("""
    select r.agent_id, r.conversation_id, avg(r.score)::float8 as score, max(1 / i.probability) as weight,
        array_agg(r.id) as reviews
    from qa_reviews_review r join qa_reviews_queueitem i on i.id = r.queue_item_id
        join qa_reviews_draw d on d.id = i.draw_id
    where r.workspace_id = %(workspace)s and r.closed_on between %(first)s and %(last)s and {counted}
        and r.score is not null and d.plan_id = %(plan)s and d.superseded_at is null and {teams}
    group by r.agent_id, r.conversation_id
""")

_PAIRED = SQL("""
    select d.*, (s.score - s.scale_min)::float8 / (s.scale_max - s.scale_min)::float8 * 100 as said
    from ({drawn}) d join conversations_surveyresponse s on s.conversation_id = d.conversation_id
        and s.is_latest and s.kind = 'csat' and s.score is not null
    order by d.conversation_id desc, d.agent_id limit %(most)s
""")

_CATEGORIES = SQL("""
select concat(r.scorecard_id, ':', t.category), p.conversation_id, avg(t.score)::float8, p.said, p.weight
from ({paired}) p cross join unnest(p.reviews) as review join qa_reviews_review r on r.id = review
    join qa_reviews_grading g on g.review_id = r.id and g.number = r.gradings_count
    join qa_reviews_rating t on t.grading_id = g.id and t.state = 'rated'
group by 1, p.conversation_id, p.agent_id, p.said, p.weight order by 1, p.conversation_id desc, p.agent_id
""")

_REVIEW_KINDS = SQL("""
select d.agent_id, c.channel, c.topic, sum(d.weight), sum(d.weight * d.weight), sum(d.weight * d.score),
    sum(d.weight * d.score * d.score)
from ({drawn}) d join conversations_conversation c on c.id = d.conversation_id group by 1, 2, 3
""")

_ANSWER_KINDS = SQL("""
select s.agent_id, c.channel, c.topic, count(*), sum(s.score), sum(s.scale_max),
    count(*) filter (where s.score - s.scale_min >= 0.75 * (s.scale_max - s.scale_min))
from conversations_surveyresponse s join conversations_conversation c on c.id = s.conversation_id
where s.workspace_id = %(workspace)s and s.closed_on between %(first)s and %(last)s
    and s.is_latest and s.kind = 'csat' and s.score is not null and s.agent_id is not null and {teams}
group by 1, 2, 3
""")


class Work(NamedTuple):
    """Whose work, and of what kind."""

    agent: int
    channel: str
    topic: str


class Pair(NamedTuple):
    """A score in points and what the customer said, 0 to 100; it stands for `weight` conversations."""

    score: float
    said: float
    weight: float


@dataclass(frozen=True, slots=True)
class Scope:
    """Conversations closed in the period, of these teams (None: all). `peers`: whether theirs count, too."""

    workspace_id: int
    period: Period
    teams: Sequence[int] | None = None
    peers: bool = True

    def params(self, **more: object) -> dict[str, object]:
        return {
            "workspace": self.workspace_id,
            "first": self.period.first,
            "last": self.period.last,
            "teams": list(self.teams or ()),
        } | more

    def drawn(self) -> Composable:
        teams = ALL if self.teams is None else SQL("r.team_id = any(%(teams)s)")
        return _DRAWN.format(counted=counted(self.peers), teams=teams)


def score_pairs(scope: Scope, plan_id: int, most: int) -> list[Pair]:
    """The latest `most` reviewed conversations of a plan whose customer answered. One query."""
    statement = SQL("select score, said, weight from ({paired}) p").format(
        paired=_PAIRED.format(drawn=scope.drawn())
    )
    return [Pair(*row) for row in rows(statement, scope.params(plan=plan_id, most=most))]


def category_pairs(scope: Scope, plan_id: int, most: int) -> dict[str, list[Pair]]:
    """The same by category, "<scorecard id>:<category key>", with its own score where it was rated,
    of the newest grading. One query."""
    statement = _CATEGORIES.format(paired=_PAIRED.format(drawn=scope.drawn()))
    found: dict[str, list[Pair]] = {}
    for category, _, *pair in rows(statement, scope.params(plan=plan_id, most=most)):
        found.setdefault(category, []).append(Pair(*pair))
    return found


def review_kinds(scope: Scope, plan_id: int) -> dict[Work, Group]:
    """What a plan's reviews say of each agent's work by kind: weights are conversations. One query."""
    statement = _REVIEW_KINDS.format(drawn=scope.drawn())
    return {
        Work(*row[:3]): Group(weight, scores / weight, squares / weight, weight**2 / weights)
        for *row, weight, weights, scores, squares in rows(statement, scope.params(plan=plan_id))
    }


def answer_kinds(scope: Scope) -> dict[Work, CsatSums]:
    """What the customers of each agent said by kind of work; answers of nobody's work stay out. One query."""
    teams = ALL if scope.teams is None else SQL("s.team_id = any(%(teams)s)")
    statement = _ANSWER_KINDS.format(teams=teams)
    return {
        Work(*row[:3]): CsatSums(answers, Decimal(score), Decimal(scale_max), satisfied)
        for *row, answers, score, scale_max, satisfied in rows(statement, scope.params())
    }
