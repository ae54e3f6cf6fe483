"""What the moves of a review share: its locked row, its scoring, its score in words."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.access import Actor
from common.errors import Missing, Refused
from common.etags import check_match
from qa_reviews.judgement import Judgement
from qa_reviews.lifecycle import Move
from qa_reviews.markup import hashtags
from qa_reviews.models import Review, ReviewComment
from qa_reviews.policies.reviews import decide, reader_of
from qa_reviews.selectors.suggestions import proposals
from qa_reviews.services.gradings import (
    RESULT_FIELDS,
    Graded,
    check_draft,
    checked,
    context_of,
    quotes_of,
    write_gradings,
)
from scorecards.selectors import definition_of

GRADED_FIELDS = (*RESULT_FIELDS, "hashtags")
"""What `grade` changes on the review; its caller saves them."""


def locked(*, actor: Actor, review_id: int, move: Move, if_match: str | None) -> Review:
    """The visible row, locked; 404, then the right (403), then If-Match (412), then the state (409)."""
    review = locked_row(actor=actor, review_id=review_id)
    decision = decide(actor, review, move)
    if isinstance(decision.refusal, Refused):
        decision.demand()
    check_match(review, if_match)
    decision.demand()
    return review


def locked_row(*, actor: Actor, review_id: int) -> Review:
    """The visible row, locked, or Missing."""
    rows = Review.objects.visible_to(actor).select_related("version", "conversation", "queue_item")
    review = rows.select_for_update(of=("self",)).filter(pk=review_id).first()
    if review is None:
        raise Missing
    return review


def check_draft_of(*, review: Review, judgement: Judgement) -> None:
    definition = definition_of(review.version)
    context = context_of(conversation=review.conversation, definition=definition)
    check_draft(definition=definition, context=context, judgement=judgement)


def grade(*, actor: Actor, review: Review, judgement: Judgement, reason: str = "") -> None:
    """Another grading; its result and hashtags are put on the review, whose caller saves GRADED_FIELDS."""
    write_gradings([weighed(actor=actor, review=review, judgement=judgement, reason=reason)])


def weighed(*, actor: Actor, review: Review, judgement: Judgement, reason: str = "") -> Graded:
    """A grading still to be written; its result and hashtags are put on the review."""
    definition = definition_of(review.version)
    context = context_of(conversation=review.conversation, definition=definition)
    result, judgement = checked(definition=definition, context=context, judgement=judgement)
    quotes = quotes_of(actor=reader_of(actor, review), conversation=review.conversation, judgement=judgement)
    beside = proposals(actor, review, definition)
    graded = Graded(review, judgement, result, quotes, actor.member_id, reason, proposals=beside)
    graded.put_result()
    put_hashtags(review=review, texts=judgement.texts)
    return graded


def put_hashtags(*, review: Review, texts: Iterable[str]) -> None:
    """The hashtags of these texts and of what was said under the review; not of private notes, since its
    agent sees them. No query while nothing can have been said."""
    said: Iterable[str] = ()
    if review.submitted_at is not None:
        public = ReviewComment.objects.in_workspace(review.workspace_id).filter(
            review=review, visibility=ReviewComment.Visibility.EVERYONE
        )
        said = public.order_by("pk").values_list("body", flat=True)
    review.hashtags = list(hashtags(*texts, *said))


def shown(review: Review) -> str | None:
    return None if review.score is None else f"{review.score:.4f}"
