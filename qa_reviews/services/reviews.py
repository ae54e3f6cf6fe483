"""Revising, retracting and acknowledging reviews."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import record
from qa_reviews.lifecycle import Move, after
from qa_reviews.models import Review
from qa_reviews.policies.reviews import decide
from qa_reviews.services.gradings import (
    RESULT_FIELDS,
    Judgement,
)
from qa_reviews.services.rows import grade, locked, shown


def revise(
    *, actor: Actor, review_id: int, reason: str, judgement: Judgement, if_match: str | None = None
) -> Review:
    """Another grading that counts from now on; the review keeps its date, the agent sees it as new."""
    with transaction.atomic():
        review = locked(actor, review_id, Move.REVISE, if_match)
        before = shown(review)
        grade(actor, review, judgement, reason)
        review.state = after(review.state, Move.REVISE)
        review.seen_at = review.acknowledged_at = None
        review.save(update_fields=[*RESULT_FIELDS, "state", "seen_at", "acknowledged_at", "updated_at"])
        changes = {"reason": reason, "score": [before, shown(review)]}
        record(actor, "review.revised", review, changes)
        return review


def retract(*, actor: Actor, review_id: int, reason: str, if_match: str | None = None) -> Review:
    """It counts nowhere any more; it stays readable, with the reason in the audit."""
    with transaction.atomic():
        review = locked(actor, review_id, Move.RETRACT, if_match)
        review.state = after(review.state, Move.RETRACT)
        review.retracted_at = timezone.now()
        review.save(update_fields=["state", "retracted_at", "updated_at"])
        record(actor, "review.retracted", review, {"reason": reason})
        return review


def acknowledge(*, actor: Actor, review_id: int, if_match: str | None = None) -> Review:
    """The agent has read it. A second time changes nothing."""
    with transaction.atomic():
        review = locked(actor, review_id, Move.ACKNOWLEDGE, if_match)
        if review.acknowledged_at is None:
            review.acknowledged_at = timezone.now()
            review.seen_at = review.seen_at or review.acknowledged_at
            review.save(update_fields=["seen_at", "acknowledged_at", "updated_at"])
            record(actor, "review.acknowledged", review)
        return review


def mark_seen(*, actor: Actor, review_id: int) -> None:
    """Note the first time the agent opened it; quietly nothing for others and for later times."""
    with transaction.atomic():
        unseen = Review.objects.visible_to(actor).filter(pk=review_id, seen_at=None)
        review = unseen.select_for_update(of=("self",)).first()
        if review is None or not decide(actor, review, Move.SEE).allowed:
            return
        review.seen_at = timezone.now()
        review.save(update_fields=["seen_at", "updated_at"])
        record(actor, "review.seen", review)
