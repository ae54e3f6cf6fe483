"""The parity report: imported reviews whose score is not the source's own, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Func, JSONField, Q, QuerySet, Value
from django.http import QueryDict

from accounts.access import Actor
from common import params
from common.csv_out import Cell
from conversations.selectors import import_run
from qa_reviews.history.parity import CODES, Reason
from qa_reviews.history.words import sentence
from qa_reviews.models import Review

FILTERS = frozenset({"source", "import_run", "reason"})
NEWEST_FIRST = ("-id",)
HEAD = (
    *("review", "source", "external_id", "conversation", "agent", "submitted_at"),
    *("reported_score", "computed_score", "difference", "score_now", "reasons", "explanation"),
)


class _Codes(Func):
    """The codes of a review's reasons, as a JSON array."""

    function = "jsonb_path_query_array"
    template = "%(function)s(%(expressions)s::jsonpath)"
    output_field = JSONField()


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the reviews whose source told a score: how many have the same here, and why the others differ.
    A review with two reasons counts under both."""

    reviews: int
    equal: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def differing(self) -> int:
        return self.reviews - self.equal


@dataclass(frozen=True, slots=True)
class Line:
    """One review that differs. `computed` is what was computed at its import, `review.score` today's."""

    review: Review
    computed: Decimal | None
    reasons: tuple[Reason, ...]

    @property
    def difference(self) -> Decimal | None:
        reported = self.review.reported_score
        return None if self.computed is None or reported is None else self.computed - reported

    @property
    def revised(self) -> bool:
        """Graded here again since."""
        return bool(self.review.gradings_count > self.review.reported["parity"]["grading"])

    @property
    def sentences(self) -> list[str]:
        return [sentence(reason) for reason in self.reasons]


def compared(actor: Actor, query: QueryDict) -> QuerySet[Review]:
    """The reviews of the source or import that the query names, whose source told a score; else of all."""
    rows = Review.objects.visible_to(actor).filter(reported_score__isnull=False, reported__has_key="parity")
    if source := query.get("source"):
        rows = rows.filter(source=source)
    if given := query.get("import_run"):
        run = import_run(actor, params.whole(given, "import_run"))
        rows = rows.filter(reported__run=run.pk)
    return rows


def summary(rows: QuerySet[Review]) -> Summary:
    """One query, whatever the number of reviews."""
    codes = _Codes(F("reported"), Value("$.parity.reasons[*].code"))
    groups = rows.order_by().annotate(codes=codes).values("codes").annotate(reviews=Count("pk"))
    counts: Counter[str] = Counter()
    total = equal = 0
    for group in groups:
        total += group["reviews"]
        equal += group["reviews"] if not group["codes"] else 0
        counts.update(dict.fromkeys(group["codes"], group["reviews"]))
    return Summary(total, equal, tuple((code, counts[code]) for code in CODES if counts[code]))


def differing(rows: QuerySet[Review], query: QueryDict) -> QuerySet[Review]:
    """Those of them that differ, for the reason that the query names; with what a line shows."""
    reason = params.one_of(query, "reason", CODES)
    wanted = Q(reported__parity__reasons__contains=[{"code": reason}]) if reason else Q()
    found = rows.filter(wanted, reported__parity__reasons__0__isnull=False)
    return found.select_related("conversation", "agent")


def sources(actor: Actor) -> list[str]:
    """Where reviews with a score of their source came from. One query."""
    rows = Review.objects.visible_to(actor).filter(reported_score__isnull=False).exclude(source="")
    return list(rows.order_by("source").values_list("source", flat=True).distinct())


def line(review: Review) -> Line:
    parity = review.reported["parity"]
    computed = None if parity["score"] is None else Decimal(parity["score"])
    return Line(review, computed, tuple(Reason.of(raw) for raw in parity["reasons"]))


def csv_rows(rows: QuerySet[Review]) -> Iterator[tuple[Cell, ...]]:
    """The report as a table, newest review first. One query, read as it streams."""
    yield HEAD
    for review in rows.order_by(*NEWEST_FIRST).iterator(500):
        one = line(review)
        yield (
            *(review.pk, review.source, review.external_id, review.conversation.external_id),
            *(review.agent.name or review.agent.external_id, review.submitted_at),
            *(review.reported_score, one.computed, one.difference, review.score),
            *(" ".join(reason.code for reason in one.reasons), " ".join(one.sentences)),
        )


def shown(one: Line) -> dict[str, Any]:
    """The fields of a line that its serializer reads."""
    return {
        "review": one.review.pk,
        "source": one.review.source,
        "external_id": one.review.external_id,
        "conversation": one.review.conversation,
        "agent": one.review.agent,
        "submitted_at": one.review.submitted_at,
        "reported_score": one.review.reported_score,
        "computed_score": one.computed,
        "difference": one.difference,
        "score": one.review.score,
        "revised": one.revised,
        "reasons": [
            {"code": reason.code, "detail": words, "categories": list(reason.names)}
            for reason, words in zip(one.reasons, one.sentences, strict=True)
        ],
    }
