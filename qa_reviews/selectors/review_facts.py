"""One review with all that its page and its moves need, read once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.db.models import Prefetch, prefetch_related_objects

from accounts.access import Actor
from common.errors import Missing
from qa_reviews.models import Dispute, Grading, Rating, Review, ReviewComment
from qa_reviews.selectors.comments import thread
from scorecards.definition import Category, Definition
from scorecards.selectors import definition_of


@dataclass(frozen=True)
class Facts:
    """`grading` is the one that is looked at, `gradings` are all of them; oldest first, as everything."""

    review: Review
    gradings: list[Grading]
    grading: Grading
    definitions: dict[int, Definition]  # by the id of the version
    disputes: list[Dispute]
    comments: list[ReviewComment]

    @classmethod
    def of(cls, actor: Actor, review: Review, number: int | None = None) -> Self:
        """Missing for a grading of a number that there is not. Five queries, and one for each further version
        of the scorecard that was graded by."""
        gradings = _with_ratings(review)
        grading = next((each for each in reversed(gradings) if number in (None, each.number)), None)
        if grading is None:
            raise Missing
        people = ("raised_by", "assigned_to", "resolved_by", "proposed_agent")
        disputes = Dispute.objects.visible_to(actor).select_related(*people).order_by("number")
        prefetch_related_objects([review], Prefetch("disputes", disputes))
        return cls(
            review=review,
            gradings=gradings,
            grading=grading,
            definitions=_definitions(review, gradings),
            disputes=list(review.disputes.all()),
            comments=thread(actor, review),
        )

    @property
    def definition(self) -> Definition:
        return self.definitions[self.grading.version_id]

    @property
    def newest(self) -> Grading:
        return self.gradings[-1]

    @cached_property
    def asked(self) -> list[Category]:
        """The categories that the newest grading speaks of, in the order of the form."""
        told = {rating.category for rating in self.newest.ratings.all() if rating.state != HIDDEN}
        return [each for each in self.definitions[self.newest.version_id].categories if each.key in told]

    @property
    def names(self) -> dict[str, str]:
        return {category.key: category.name for category in self.definition.categories}

    @property
    def open_dispute(self) -> Dispute | None:
        return next((each for each in self.disputes if each.state == Dispute.State.OPEN), None)

    def chosen(self, na: str) -> dict[str, str]:
        """Category key -> the newest option, or `na` where none was."""
        return {rating.category: rating.option or na for rating in self.newest.ratings.all()}


HIDDEN = Rating.State.HIDDEN


def _with_ratings(review: Review) -> list[Grading]:
    """The gradings with ratings, evidence and remarks. Three queries beside those of the review."""
    gradings = list(review.gradings.all())
    ratings = Rating.objects.in_workspace(review.workspace_id).order_by("pk")
    prefetch_related_objects(gradings, Prefetch("ratings", ratings), "ratings__evidence", "remarks")
    return gradings


def _definitions(review: Review, gradings: Iterable[Grading]) -> dict[int, Definition]:
    own = {review.version_id: review.version}
    return {each.version_id: definition_of(own.get(each.version_id, each.version)) for each in gradings}
