"""What all policies of reviews ask: whom a review is about, whether he may see it, who stays unnamed."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.access import Actor, Capability
from common.decisions import Decision
from common.errors import Conflict, Refused
from qa_reviews.models import Review


def is_about(actor: Actor, agent_id: int) -> bool:
    """Whether the agent is the actor himself, in whatever role he acts."""
    return actor.member is not None and actor.member.agent_id == agent_id


def reads_others(actor: Actor) -> bool:
    """Whether the actor is more than an agent: he grades, or reads everybody's reviews."""
    return actor.can(Capability.GRADE) or actor.can(Capability.REVIEW_READ_ALL)


def hides_reviewer(actor: Actor) -> bool:
    """Whether reviewers stay unnamed to this actor: the workspace says so, and he only is an agent."""
    return bool(actor.workspace.settings.hide_reviewer) and not reads_others(actor)


def hides_member(actor: Actor, review: Review, member_id: int | None) -> bool:
    """Whether this member stays unnamed to the actor, as the reviewer of that review."""
    return member_id == review.reviewer_id and member_id != actor.member_id and hides_reviewer(actor)


def released_at(review: Review) -> datetime | None:
    """When its agent could see it first, or will; None for a draft and while a lead holds it."""
    return None if review.held else review.release_at or review.submitted_at


def is_released(review: Review) -> bool:
    """Whether its agent may see it by now."""
    since = released_at(review)
    return since is not None and since <= timezone.now()


def refused(reason: str, code: str) -> Decision:
    """Not for this actor (403)."""
    return Decision(Refused(reason, code=code))


def conflict(reason: str, code: str) -> Decision:
    """Not in this state (409)."""
    return Decision(Conflict(reason, code=code))
