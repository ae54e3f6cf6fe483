"""Reads of reviews: lists with their filters, one review with its ratings, rows for export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import QueryDict

from accounts.access import Actor
from accounts.selectors import agents, members, teams
from common import params, refs
from common.csv_out import Cell
from common.errors import Missing
from qa_reviews.models import Grading, Rating, Review
from scorecards.models import Scorecard
from scorecards.scoring import passed

BY_ROW = ("agent", "team", "reviewer", "scorecard")
BY_WORD = ("state", "kind", "selection")
FILTERS = frozenset({*BY_ROW, *BY_WORD, "from", "to", "date_axis", "score_max", "updated_since"})
AXES = {"submitted": "submitted_on", "closed": "closed_on"}
NEWEST_FIRST = ("-id",)


def reviews(actor: Actor) -> QuerySet[Review]:
    """The reviews the actor sees, with what their summary names. Two queries: the rows, their gradings."""
    gradings = Grading.objects.in_workspace(actor.workspace_id).select_related("grader", "version")
    return (
        Review.objects.visible_to(actor)
        .select_related("agent", "team", "reviewer", "conversation", "scorecard", "version")
        .defer("version__definition", "conversation__attributes")
        .prefetch_related(Prefetch("gradings", gradings.defer("version__definition").order_by("number")))
    )


def review(actor: Actor, pk: int) -> Review:
    """One review; Missing when the actor does not see it. Two queries."""
    found = reviews(actor).defer(None).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def ratings_of(row: Review) -> list[Rating]:
    """The ratings of the newest grading with their evidence; of a draft none. Two queries."""
    newest = Rating.objects.in_workspace(row.workspace_id).filter(
        grading__review=row, grading__number=row.gradings_count
    )
    return list(newest.prefetch_related("evidence").order_by("pk"))


def newest_grading(review: Review) -> Grading | None:
    """The grading that counts; from the rows that came with the review."""
    gradings = list(review.gradings.all())
    return gradings[-1] if gradings else None


def own_drafts(actor: Actor) -> QuerySet[Review]:
    """The drafts that the actor has begun. One query."""
    return Review.objects.visible_to(actor).filter(state=Review.State.DRAFT, reviewer_id=actor.member_id)


def gradable_scorecards(actor: Actor) -> list[tuple[int, str]]:
    """Id and name of the scorecards with a published version. One query."""
    rows = Scorecard.objects.visible_to(actor).filter(versions__state="published").distinct()
    return list(rows.order_by("name").values_list("pk", "name"))


def filter_choices(actor: Actor) -> dict[str, list[tuple[int, str]]]:
    """What the list may be filtered by, as id and name. Four queries."""
    rows = _rows_by_name(actor)
    return {name: list(rows[name].order_by("name", "pk").values_list("pk", "name")) for name in BY_ROW}


def _rows_by_name(actor: Actor) -> dict[str, QuerySet[Any]]:
    return {
        "agent": agents(actor),
        "team": teams(actor),
        "reviewer": members(actor),
        "scorecard": Scorecard.objects.visible_to(actor),
    }


def filtered(actor: Actor, rows: QuerySet[Review], query: QueryDict) -> QuerySet[Review]:
    """The rows that match the query's parameters (FILTERS); Invalid for values that do not exist. At most one
    query for each kind of reference. A draft's selection is not told, so that filter leaves drafts out."""
    for name, choices in _rows_by_name(actor).items():
        wanted = refs.refs_in(query, name)
        if wanted:
            rows = rows.filter(**{f"{name}_id__in": refs.ids_of(choices, wanted, name)})
    if states := params.any_of(query, "state", Review.State.values):
        rows = rows.filter(state__in=states)
    if kinds := params.any_of(query, "kind", Review.Kind.values):
        rows = rows.filter(kind__in=kinds)
    if selections := params.any_of(query, "selection", Review.Selection.values):
        rows = rows.filter(selection__in=selections).exclude(state=Review.State.DRAFT)
    return rows.filter(_in_period(query), _at_most(query))


def _in_period(query: QueryDict) -> Q:
    axis = AXES[params.one_of(query, "date_axis", AXES, "submitted") or "submitted"]
    period = params.period(query)
    return Q(**{f"{axis}__range": (period.first, period.last)}) if period else Q()


def _at_most(query: QueryDict) -> Q:
    score = params.number(query, "score_max", 0, 100)
    return Q() if score is None else Q(score__lte=Decimal(str(score)))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export: its head, and what it shows of a row."""

    name: str
    value: str  # a path of attributes of the review


REVIEW_COLUMNS = (
    Column("review", "pk"),
    Column("state", "state"),
    Column("kind", "kind"),
    Column("selection", "selection"),
    Column("declared_selection", "declared_selection"),
    Column("score", "score"),
    Column("unfailed_score", "unfailed_score"),
    Column("reported_score", "reported_score"),
    Column("reviewer_id", "reviewer.pk"),
    Column("reviewer", "reviewer.name"),
    Column("agent_id", "agent.pk"),
    Column("agent_source", "agent.source"),
    Column("agent_external_id", "agent.external_id"),
    Column("agent", "agent.name"),
    Column("team", "team.name"),
    Column("conversation_id", "conversation.pk"),
    Column("conversation_source", "conversation.source"),
    Column("conversation_external_id", "conversation.external_id"),
    Column("subject", "conversation.subject"),
    Column("scorecard", "scorecard.name"),
    Column("scorecard_version", "version.number"),
    Column("gradings", "gradings_count"),
    Column("submitted_at", "submitted_at"),
    Column("submitted_on", "submitted_on"),
    Column("closed_at", "closed_at"),
    Column("closed_on", "closed_on"),
    Column("seen_at", "seen_at"),
    Column("acknowledged_at", "acknowledged_at"),
    Column("source", "source"),
    Column("external_id", "external_id"),
)
RATING_HEAD = (
    "review", "submitted_on", "closed_on", "agent_id", "agent", "scorecard", "scorecard_version", "category",
    "state", "option", "category_score", "applied_weight", "root_causes", "comment",
)  # fmt: skip


def export_reviews(actor: Actor, rows: QuerySet[Review]) -> Iterator[list[Cell]]:
    """The head, then one row a review, in order of id. One query, read as it streams."""
    comments = Grading.objects.filter(review=OuterRef("pk"), number=OuterRef("gradings_count"))
    found = rows.prefetch_related(None).annotate(comment=Subquery(comments.values("comment")[:1]))
    pass_mark = actor.workspace.settings.pass_mark
    yield [*(column.name for column in REVIEW_COLUMNS), "passed", "failed_by", "comment"]
    for row in found.order_by("pk").iterator(1000):
        yield [
            *(_at(row, column.value) for column in REVIEW_COLUMNS),
            passed(row.score, pass_mark),
            "; ".join(row.failed_by),
            row.comment,
        ]


def export_ratings(actor: Actor, rows: QuerySet[Review]) -> Iterator[list[Cell]]:
    """The head, then one row a rating of each review's newest grading. One query, read as it streams."""
    ratings = Rating.objects.visible_to(actor).filter(
        grading__number=F("grading__review__gradings_count"),
        grading__review__in=rows.prefetch_related(None).order_by().values("pk"),
    )
    found = ratings.select_related(
        "grading__review__agent", "grading__review__scorecard", "grading__review__version"
    ).defer("grading__review__version__definition")
    yield list(RATING_HEAD)
    for row in found.order_by("grading__review_id", "pk").iterator(1000):
        of = row.grading.review
        yield [
            of.pk, of.submitted_on, of.closed_on, of.agent_id, of.agent.name, of.scorecard.name,
            of.version.number, row.category, row.state, row.option, row.score, row.applied_weight,
            "; ".join(row.root_causes), row.comment,
        ]  # fmt: skip


def _at(row: Any, path: str) -> Cell:
    for name in path.split("."):
        row = getattr(row, name, None)
    found: Cell = row
    return found
