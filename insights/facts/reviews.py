"""Sums of review scores, and of category scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg.sql import SQL, Composable

from insights.facts.sums import grouped, within
from insights.query import Axis, Dim, Key, Slice

# As in ReviewQuerySet.counted and in the conditions of the covering indexes, word for word.
STANDING = SQL("r.state in ('submitted', 'disputed', 'resolved')")
COUNTED = SQL("r.state in ('submitted', 'disputed', 'resolved') and r.kind in ('standard', 'peer')")
BY_REVIEWERS = COUNTED + SQL(" and r.kind = 'standard'")
RELEASED = SQL("not r.held and (r.release_at is null or r.release_at <= now())")

_DAYS: dict[Axis, Composable] = {"submitted": SQL("r.submitted_on"), "closed": SQL("r.closed_on")}
COLUMNS: dict[Dim, Composable] = {
    "agent": SQL("r.agent_id"),
    "team": SQL("r.team_id"),
    "reviewer": SQL("r.reviewer_id"),
    "scorecard": SQL("r.scorecard_id"),
    "group": SQL("concat(r.scorecard_id, ':', u.key)"),
    "category": SQL("concat(r.scorecard_id, ':', t.category)"),
    "channel": SQL("c.channel"),
    "topic": SQL("c.topic"),
}
_REVIEWS = SQL("qa_reviews_review r")
_WITH_CONVERSATION = SQL(" join conversations_conversation c on c.id = r.conversation_id")
_WITH_GRADING = SQL(" join qa_reviews_grading g on g.review_id = r.id and g.number = r.gradings_count")
_WITH_RATINGS = SQL(" join qa_reviews_rating t on t.grading_id = g.id and t.state = 'rated'")
_WITH_GROUPS = SQL(" cross join lateral jsonb_to_recordset(g.groups) as u(key text, score numeric(7, 4))")
# The marks that scorecards have of their own, looked up once for the statement: a join of every review would
# cost as much again as all the rest, and mostly there are none.
_OWN = SQL(" from scorecards_scorecard s where s.workspace_id = %(workspace)s and s.pass_mark is not null")
MARK = SQL(
    "coalesce((select array_agg(s.pass_mark order by s.id){own})"
    "[array_position((select array_agg(s.id order by s.id){own}), r.scorecard_id)], %(pass_mark)s)"
).format(own=_OWN)
_SCORES = SQL("count(r.score), coalesce(sum(r.score), 0), count(*) filter (where r.score >= {mark})").format(
    mark=MARK
)
SCORE, CATEGORY_SCORE, GROUP_SCORE = SQL("r.score"), SQL("t.score"), SQL("u.score")
_PART_SCORES = SQL("count({score}), coalesce(sum({score}), 0), null")

_IMPORTED = SQL("r.selection = 'manual' and r.source <> ''")


@dataclass(frozen=True, slots=True)
class ReviewSums:
    """`reviews` scored ones, the sum of their scores in points, and how many pass today's mark.

    By category: ratings, the sum of category scores, and None, since categories have no pass mark.
    """

    reviews: int
    score: Decimal
    passed: int | None


def counted(peers: bool) -> Composable:
    """Which reviews count; `peers`: those that agents give each other, too (the workspace's setting). Either
    way the covering indexes answer it."""
    return COUNTED if peers else BY_REVIEWERS


def review_sums(asked: Slice, pass_mark: Decimal) -> dict[tuple[Key, int], ReviewSums]:
    """Sums of the counted reviews by dimensions and bucket; reviews without a score stay out. One query.

    `pass_mark` is the workspace's, of scorecards that have none of their own.

    A category's key is "<scorecard id>:<category key>", a group's "<scorecard id>:<group key>"; their scores
    are those of the newest grading of each review.
    """
    found = grouped(
        asked,
        measures=_measures(asked.dims),
        source=_REVIEWS + joins(asked.dims),
        columns=COLUMNS,
        day=_DAYS[asked.axis],
        where=_where(asked),
        pass_mark=pass_mark,
    )
    return {place: ReviewSums(*sums) for place, sums in found.items() if sums[0]}


def imported_sums(asked: Slice) -> dict[tuple[Key, int], ReviewSums]:
    """As `review_sums`, of reviews brought in from another tool only, without pass marks. One query.

    What a source says of how it chose is its own claim: these are hand-made here."""
    found = grouped(
        asked,
        measures=_PART_SCORES.format(score=SCORE),
        source=_REVIEWS + joins(asked.dims),
        columns=COLUMNS,
        day=_DAYS[asked.axis],
        where=[*_where(asked), _IMPORTED],
    )
    return {place: ReviewSums(*sums) for place, sums in found.items() if sums[0]}


def _measures(dims: Sequence[Dim]) -> Composable:
    score = score_of(dims)
    return _SCORES if score is SCORE else _PART_SCORES.format(score=score)


def score_of(dims: Sequence[Dim]) -> Composable:
    """The score that counts along these dimensions: the review's, or that of the part it is split into."""
    if "category" in dims:
        return CATEGORY_SCORE
    return GROUP_SCORE if "group" in dims else SCORE


def joins(dims: Sequence[Dim]) -> Composable:
    """What reviews have to be joined with for these dimensions."""
    found: Composable = SQL("")
    if {"channel", "topic"} & set(dims):
        found += _WITH_CONVERSATION
    if {"category", "group"} & set(dims):
        found += _WITH_GRADING
    if "category" in dims:
        found += _WITH_RATINGS
    return found + _WITH_GROUPS if "group" in dims else found


def _where(asked: Slice) -> list[Composable]:
    found = within(asked, "r", _DAYS[asked.axis])
    found += [STANDING, SQL("r.kind = any(%(kinds)s)")] if asked.kinds else [counted(asked.peers)]
    if asked.selections:
        found.append(SQL("r.selection = any(%(selections)s)"))
    if asked.reviewer is not None:
        found.append(SQL("r.reviewer_id = %(reviewer)s"))
    if asked.released_only:
        found.append(RELEASED)
    return found
