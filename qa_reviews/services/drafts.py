"""Saving, submitting and deleting drafts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import record
from common.attach import attach
from common.errors import Stale
from common.periods import local_date
from qa_reviews.judgement import Judgement
from qa_reviews.lifecycle import Move, after
from qa_reviews.models import Review
from qa_reviews.services import queue
from qa_reviews.services.comments import tell_mentioned
from qa_reviews.services.gradings import write_gradings
from qa_reviews.services.opening import NewReview, insert, unsaved
from qa_reviews.services.release import RELEASE_FIELDS, announce, put_announced, put_release, tell_agent
from qa_reviews.services.rows import GRADED_FIELDS, check_draft_of, grade, locked, shown, weighed

SUBMITTED_FIELDS = ("state", "submitted_at", "submitted_on", "draft", "active_seconds")


def save_draft(
    *,
    actor: Actor,
    review_id: int,
    changes: Mapping[str, Any],
    draft_number: int | None = None,
    active_seconds: int | None = None,
    if_match: str | None = None,
) -> Review:
    """Keep the draft with those of `ratings`, `comment`, `answers` and `remarks` that are given, as they now
    are. Stale (412) when another tab saved after `draft_number`. With nothing but `active_seconds` the draft
    keeps its number."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.UPDATE, if_match=if_match)
        review.active_seconds = _spent(review, active_seconds, timezone.now())
        if not changes:
            review.save(update_fields=["active_seconds", "updated_at"])
            return review
        _check_number(review, draft_number)
        judgement = Judgement.of(review.draft | changes)
        check_draft_of(review=review, judgement=judgement)
        review.draft = judgement.as_json()
        review.draft_number += 1
        review.save(update_fields=["draft", "draft_number", "active_seconds", "updated_at"])
        return review


def submit(
    *,
    actor: Actor,
    review_id: int,
    judgement: Judgement | None = None,
    draft_number: int | None = None,
    active_seconds: int | None = None,
    if_match: str | None = None,
) -> Review:
    """Score the draft (or the judgement given instead of it) once, and let it count from now on."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.SUBMIT, if_match=if_match)
        _check_number(review, draft_number)
        judged = judgement or Judgement.of(review.draft)
        grade(actor=actor, review=review, judgement=judged)
        _count_from_now(actor, review, active_seconds)
        announce(review=review)
        review.save(update_fields=[*GRADED_FIELDS, *RELEASE_FIELDS, *SUBMITTED_FIELDS, "updated_at"])
        _finish(actor, review, judged)
        return review


def submit_at_once(*, actor: Actor, new: NewReview, judgement: Judgement) -> Review:
    """Open and submit a review in one go, without a draft in between; what was written is attached. Raises
    what opening and submitting raise."""
    with transaction.atomic():
        review = unsaved(actor=actor, new=new)
        graded = weighed(actor=actor, review=review, judgement=judgement)
        _count_from_now(actor, review, None)
        is_seen = put_announced(review=review)
        insert(review=review)
        grading = write_gradings([graded])[0].attached()
        grading.grader, grading.version = review.reviewer, review.version
        attach(review, "gradings", [grading])
        attach(review, "disputes", [])
        if is_seen:
            tell_agent(review=review)
        _finish(actor, review, judgement)
        return review


def delete_draft(*, actor: Actor, review_id: int, if_match: str | None = None) -> None:
    """Throw the draft away; a queue item of it stays in the queue."""
    with transaction.atomic():
        locked(actor=actor, review_id=review_id, move=Move.DELETE, if_match=if_match).delete()


def _count_from_now(actor: Actor, review: Review, active_seconds: int | None) -> None:
    """What submitting puts on a review; its caller saves SUBMITTED_FIELDS and RELEASE_FIELDS."""
    review.state = after(review.state, Move.SUBMIT)
    review.submitted_at = timezone.now()
    review.submitted_on = local_date(review.submitted_at, actor.workspace.timezone)
    review.draft = {}
    review.active_seconds = _spent(review, active_seconds, review.submitted_at)
    put_release(review=review, settings=actor.workspace.settings, now=review.submitted_at)


def _finish(actor: Actor, review: Review, judgement: Judgement) -> None:
    if review.queue_item is not None:
        queue.finish(item=review.queue_item, reviewer_id=actor.member_id)
    if review.kind == Review.Kind.STANDARD:
        queue.pass_on(actor=actor, review=review)
    # Whoever reads the audit may be about to grade the same conversation in the same session.
    calibrates = review.kind == Review.Kind.CALIBRATION
    record(actor, "review.submitted", review, {} if calibrates else {"score": shown(review)})
    tell_mentioned(actor=actor, review=review, texts=judgement.texts)


def _check_number(review: Review, expected: int | None) -> None:
    if expected is not None and expected != review.draft_number:
        detail = f"This draft was saved elsewhere since: it is number {review.draft_number} now."
        raise Stale(detail, code="draft_saved_elsewhere")


def _spent(review: Review, seconds: int | None, now: datetime) -> int | None:
    """The active time so far: the most that was sent, and no more than has passed since it was opened."""
    if seconds is None:
        return review.active_seconds
    passed = int((now - review.created_at).total_seconds())
    return max(review.active_seconds or 0, min(seconds, passed))
