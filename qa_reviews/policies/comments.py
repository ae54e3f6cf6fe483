"""May this actor say something under a review, or mend what he said?"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.access import Actor
from common.decisions import ALLOWED, Decision
from qa_reviews.lifecycle import State
from qa_reviews.models import Review, ReviewComment
from qa_reviews.policies.basics import conflict, is_about, reads_others, refused

MENDABLE_FOR = timedelta(hours=24)
TOO_LATE = "Words can be mended for 24 hours; these are older."


def may_comment(actor: Actor, review: Review, visibility: str) -> Decision:
    """Whether the actor, who sees the review, may comment it: for everyone who sees it, or as a private note
    among reviewers, which its agent never sees."""
    if actor.member is None:
        return refused("A comment needs an author: sign in as a member.", "no_member")
    if visibility == ReviewComment.Visibility.REVIEWERS and not writes_notes(actor, review):
        return refused("Private notes are for those who review others.", "role")
    if review.state == State.DRAFT:
        return conflict("This review has not been submitted yet.", "state")
    if review.state == State.RETRACTED:
        return conflict("This review was retracted and is not talked about any more.", "state")
    return ALLOWED


def writes_notes(actor: Actor, review: Review) -> bool:
    """Whether private notes under this review are for the actor's eyes."""
    return reads_others(actor) and not is_about(actor, review.agent_id)


def may_edit(actor: Actor, comment: ReviewComment) -> Decision:
    """Its author, for 24 hours."""
    if actor.member_id is None or comment.author_id != actor.member_id:
        return refused("Only its author can change a comment.", "not_yours")
    if comment.created_at + MENDABLE_FOR < timezone.now():
        return conflict(TOO_LATE, "too_late")
    return ALLOWED


def comment_actions(actor: Actor, comment: ReviewComment) -> list[str]:
    """What the actor may do to the comment now, as the API names it."""
    return ["update"] if may_edit(actor, comment).allowed else []
