"""What one grading hands to the next: its judgement, its evidence and remarks, or all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone

from qa_reviews.judgement import Choice, Judgement, Note, Passage
from qa_reviews.models import Evidence, Grading, Rating, Remark, Review

R = TypeVar("R", bound=Model)


def newest_of(review: Review) -> Grading:
    """The grading that counts. One query."""
    rows = Grading.objects.in_workspace(review.workspace_id)
    return rows.get(review=review, number=review.gradings_count)


def standing(*, grading: Grading, whole: bool = False) -> Judgement:
    """What a grading says, as a judgement again; with `whole` also evidence and remarks, as far as their
    messages are still there. At most three queries."""
    ratings = Rating.objects.in_workspace(grading.workspace_id).filter(grading=grading).order_by("pk")
    rated = ratings.exclude(state=Rating.State.HIDDEN).prefetch_related("evidence")
    remarks = Remark.objects.in_workspace(grading.workspace_id).filter(grading=grading)
    return Judgement(
        choices=tuple(_choice(rating, whole) for rating in rated),
        comment=grading.comment,
        answers=grading.answers,
        remarks=tuple(_note(remark) for remark in remarks.order_by("pk") if remark.message_id)
        if whole
        else (),
    )


def carry_over(*, review: Review, before: Grading) -> None:
    """Evidence and remarks of an earlier grading stand in the review's newest one too, with the words that
    were quoted, whatever became of their messages. What is there already stays alone. At most six queries."""
    newest = newest_of(review)
    rated = Rating.objects.in_workspace(review.workspace_id).filter(grading=newest)
    ratings = dict(rated.values_list("category", "pk"))
    evidence = Evidence.objects.in_workspace(review.workspace_id).select_related("rating")
    there = {_place(row) for row in evidence.filter(rating__grading=newest)}
    Evidence.objects.bulk_create(
        _copied(row, rating_id=ratings[row.rating.category])
        for row in evidence.filter(rating__grading=before).order_by("pk")
        if row.rating.category in ratings and _place(row) not in there
    )
    remarks = Remark.objects.in_workspace(review.workspace_id).filter(grading=before).order_by("pk")
    Remark.objects.bulk_create(_copied(row, grading_id=newest.pk) for row in remarks)


def write_amended(
    *, review: Review, grader_id: int | None, comment: str, comments: Mapping[str, str]
) -> Grading:
    """Another grading that is the newest one in other words: the review's comment, and those by category.
    Scores stay to the last digit, whatever became of the conversation. It is counted on the review, whose
    caller saves that."""
    before = newest_of(review)
    changes = {"number": before.number + 1, "comment": comment, "reason": "", "amends": True}
    now = {"grader_id": grader_id, "created_at": timezone.now()}
    grading = _copied(before, **changes, **now)
    grading.save(force_insert=True)
    ratings = Rating.objects.in_workspace(review.workspace_id).filter(grading=before).order_by("pk")
    Rating.objects.bulk_create(
        _copied(row, grading_id=grading.pk, comment=comments.get(row.category, row.comment))
        for row in ratings
    )
    review.gradings_count += 1
    carry_over(review=review, before=before)
    return grading


def _choice(rating: Rating, whole: bool) -> Choice:
    passages = [each for each in rating.evidence.all() if each.message_id] if whole else []
    return Choice(
        category=rating.category,
        option=rating.option or None,
        na=rating.state == Rating.State.NA,
        comment=rating.comment,
        root_causes=tuple(rating.root_causes),
        evidence=tuple(Passage(each.message_id or 0, each.start, each.end) for each in passages),
    )


def _note(remark: Remark) -> Note:
    return Note(remark.message_id or 0, remark.body, remark.kind, remark.start, remark.end)


def _place(row: Evidence) -> tuple[Any, ...]:
    return row.rating.category, row.message_id, row.start, row.end


def _copied(row: R, **changes: Any) -> R:
    fields = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    return type(row)(**({name: getattr(row, name) for name in fields} | changes))
