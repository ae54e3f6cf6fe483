"""What the moves of a review share: its locked row, its scoring, its score in words."""

from __future__ import annotations

from accounts.access import Actor
from common.errors import Missing, Refused
from common.etags import check_match
from qa_reviews.lifecycle import Move
from qa_reviews.models import Review
from qa_reviews.policies.reviews import decide
from qa_reviews.services.gradings import (
    Graded,
    Judgement,
    check_draft,
    context_of,
    definition_of,
    quotes_of,
    scored,
    write_gradings,
)


def locked(actor: Actor, review_id: int, move: Move, if_match: str | None) -> Review:
    """The visible row, locked; 404, then the right (403), then If-Match (412), then the state (409)."""
    rows = Review.objects.visible_to(actor).select_related("version", "conversation", "queue_item")
    review = rows.select_for_update(of=("self",)).filter(pk=review_id).first()
    if review is None:
        raise Missing
    decision = decide(actor, review, move)
    if isinstance(decision.refusal, Refused):
        decision.demand()
    check_match(review, if_match)
    decision.demand()
    return review


def check_draft_of(review: Review, judgement: Judgement) -> None:
    definition = definition_of(review.version)
    context = context_of(conversation=review.conversation, definition=definition)
    check_draft(definition=definition, context=context, judgement=judgement)


def grade(actor: Actor, review: Review, judgement: Judgement, reason: str = "") -> None:
    definition = definition_of(review.version)
    context = context_of(conversation=review.conversation, definition=definition)
    result = scored(definition=definition, context=context, choices=judgement.choices, strict=True)
    quotes = quotes_of(actor=actor, conversation=review.conversation, judgement=judgement)
    graded = Graded(review, judgement, result, quotes, actor.member_id, reason)
    graded.put_result()
    write_gradings([graded])


def shown(review: Review) -> str | None:
    return None if review.score is None else f"{review.score:.4f}"
