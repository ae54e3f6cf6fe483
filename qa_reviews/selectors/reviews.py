"""Reads of reviews: lists with their filters, one review with its ratings, rows for export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict

from accounts.access import Actor
from accounts.selectors import agents, members, teams
from common import params, refs
from common.attach import is_attached
from common.csv_out import Cell
from common.errors import Missing
from qa_reviews.models import Dispute, Grading, Rating, Remark, Review
from qa_reviews.policies.basics import hides_reviewer
from qa_reviews.policies.disputes import may_resolve
from qa_reviews.selectors import review_filters
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.scoring import passed
from scorecards.selectors import definition_of, pass_mark_of

BY_ROW = ("agent", "team", "reviewer", "scorecard")
BY_WORD = ("state", "kind", "selection")
PERIOD = ("from", "to", "date_axis")
FILTERS = review_filters.NAMES | {*BY_ROW, *BY_WORD, *PERIOD, "score_max", "updated_since"}
AXES = {"submitted": "submitted_on", "closed": "closed_on"}
NEWEST_FIRST = ("-id",)
MOST_ASKED = 200


def reviews(actor: Actor) -> QuerySet[Review]:
    """The reviews the actor sees, with what their summary names. Three queries: the rows, their gradings,
    their disputes; two more where some are of calibration sessions."""
    disputes = Dispute.objects.in_workspace(actor.workspace_id)
    gradings = Grading.objects.in_workspace(actor.workspace_id).select_related("grader", "version")
    return (
        Review.objects.visible_to(actor)
        .select_related("agent", "team", "reviewer", "conversation", "scorecard", "version")
        .defer("version__definition", "conversation__attributes")
        .prefetch_related(Prefetch("gradings", gradings.defer("version__definition").order_by("number")))
        .prefetch_related(Prefetch("disputes", disputes.order_by("number")))
        .prefetch_related("calibrated__session")
    )


def review(actor: Actor, pk: int) -> Review:
    """One review; Missing when the actor does not see it. Two queries."""
    found = reviews(actor).defer(None).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def by_external_id(actor: Actor, source: str, external_id: str) -> int:
    """The id of the review that was imported under this name; Missing when the actor sees none. One query."""
    named = Review.objects.visible_to(actor).filter(source=source, external_id=external_id)
    found = named.exclude(external_id="").values_list("pk", flat=True).first()
    if found is None:
        raise Missing
    return found


def ratings_of(row: Review) -> list[Rating]:
    """The ratings of the newest grading with their evidence; of a draft none. Two queries, none where it was
    just written."""
    grading = newest_grading(row)
    if grading is not None and is_attached(grading, "ratings"):
        return list(grading.ratings.all())
    newest = Rating.objects.in_workspace(row.workspace_id).filter(
        grading__review=row, grading__number=row.gradings_count
    )
    return list(newest.prefetch_related("evidence").order_by("pk"))


def remarks_of(row: Review) -> list[Remark]:
    """The remarks of the newest grading; of a draft none. One query, none where it was just written."""
    grading = newest_grading(row)
    if grading is not None and is_attached(grading, "remarks"):
        return list(grading.remarks.all())
    newest = Remark.objects.in_workspace(row.workspace_id).filter(
        grading__review=row, grading__number=row.gradings_count
    )
    return list(newest.order_by("pk"))


def newest_grading(review: Review) -> Grading | None:
    """The grading that counts; from the rows that came with the review."""
    gradings = list(review.gradings.all())
    return gradings[-1] if gradings else None


def own_drafts(actor: Actor) -> QuerySet[Review]:
    """The drafts that the actor has begun. One query."""
    return Review.objects.visible_to(actor).filter(state=Review.State.DRAFT, reviewer_id=actor.member_id)


def disputes_to_answer(actor: Actor) -> list[Dispute]:
    """Open disputes that the actor may answer, the first due first, of the first MOST_ASKED that he sees. One
    query."""
    rows = Dispute.objects.visible_to(actor).filter(state=Dispute.State.OPEN)
    found = rows.select_related("review__conversation", "review__agent").order_by("due_at", "pk")[:MOST_ASKED]
    return [dispute for dispute in found if may_resolve(actor, dispute.review, dispute).allowed]


def filter_choices(actor: Actor) -> dict[str, list[tuple[Any, str]]]:
    """What the list may be filtered by, as id (or key) and name. Five queries."""
    rows = _rows_by_name(actor)
    named = {name: list(rows[name].order_by("name", "pk").values_list("pk", "name")) for name in BY_ROW}
    return named | {"failed_by": critical_categories(actor)}


def critical_categories(actor: Actor) -> list[tuple[Any, str]]:
    """Key and name of the categories that can fail a review, of the newest published versions; also for who
    reads no scorecards, since his own reviews name them. One query."""
    published = ScorecardVersion.objects.in_workspace(actor.workspace_id).filter(
        state=ScorecardVersion.State.PUBLISHED
    )
    newest = published.order_by("scorecard_id", "-number").distinct("scorecard_id")
    found = {
        category.key: category.name
        for version in newest
        for category in definition_of(version).categories
        if category.critical == "review"
    }
    return sorted(found.items(), key=lambda pair: pair[1].casefold())


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
    rows = rows.filter(review_filters.conditions(actor, query))
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


REVIEWER_ID, REVIEWER = "reviewer_id", "reviewer"
REVIEW_COLUMNS = (
    Column("review", "pk"),
    Column("state", "state"),
    Column("kind", "kind"),
    Column("selection", "selection"),
    Column("declared_selection", "declared_selection"),
    Column("score", "score"),
    Column("unfailed_score", "unfailed_score"),
    Column("reported_score", "reported_score"),
    Column(REVIEWER_ID, "reviewer.pk"),
    Column(REVIEWER, "reviewer.name"),
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
    Column("active_seconds", "active_seconds"),
    Column("blind", "blind"),
    Column("revealed_at", "revealed_at"),
    Column("started_from", "started_from"),
    Column("held", "held"),
    Column("release_at", "release_at"),
    Column("retracted_at", "retracted_at"),
)
LATER_COLUMNS = (
    "passed", "failed_by", "comment", "uncapped_score", "hashtags", "disputes", "dispute_state",
    "dispute_outcome",
)  # fmt: skip
RATING_HEAD = (
    "review", "submitted_on", "closed_on", "agent_id", "agent", "scorecard", "scorecard_version", "category",
    "state", "option", "category_score", "applied_weight", "root_causes", "comment",
)  # fmt: skip


def export_reviews(actor: Actor, rows: QuerySet[Review]) -> Iterator[list[Cell]]:
    """The head, then one row a review, in order of id; the last dispute's state and outcome. One query, read
    as it streams."""
    hide, default = hides_reviewer(actor), actor.workspace.settings.pass_mark
    columns = [c for c in REVIEW_COLUMNS if not (hide and c.name in (REVIEWER_ID, REVIEWER))]
    yield [*(column.name for column in columns), *LATER_COLUMNS]
    for row in _with_last_words(rows).order_by("pk").iterator(1000):
        yield [
            *(_at(row, column.value) for column in columns),
            passed(row.score, pass_mark_of(row.scorecard, default)),
            "; ".join(row.failed_by),
            row.comment,
            row.uncapped_score,
            " ".join(f"#{tag}" for tag in row.hashtags),
            row.rounds,
            row.dispute_state,
            row.dispute_outcome,
        ]


def _with_last_words(rows: QuerySet[Review]) -> QuerySet[Any]:
    """Each review with the comment of its newest grading and how its last dispute went."""
    gradings = Grading.objects.filter(review=OuterRef("pk"), number=OuterRef("gradings_count"))
    disputes = Dispute.objects.filter(review=OuterRef("pk")).order_by("-number")
    return rows.prefetch_related(None).annotate(
        comment=Subquery(gradings.values("comment")[:1]),
        uncapped_score=Subquery(gradings.values("uncapped_score")[:1]),
        rounds=Coalesce(Subquery(disputes.values("number")[:1]), 0),
        dispute_state=Subquery(disputes.values("state")[:1]),
        dispute_outcome=Subquery(disputes.values("outcome")[:1]),
    )


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
