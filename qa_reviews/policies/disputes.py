"""May this actor raise, answer or hand on a dispute now?"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import WorkspaceSettings
from common.decisions import ALLOWED, Decision
from qa_reviews.lifecycle import Move, refusal
from qa_reviews.models import Dispute, Review
from qa_reviews.policies.basics import conflict, is_about, is_released, refused, released_at

OPEN = Dispute.State.OPEN


def disputable_since(review: Review) -> datetime | None:
    """When the window began to run: at release, and anew with each grading and each answer since. None while
    it has not. Reads the review's gradings and disputes, two queries unless they were prefetched."""
    since = released_at(review)
    if since is None:
        return None
    graded = [grading.created_at for grading in review.gradings.all() if not grading.amends]
    answered = [dispute.resolved_at for dispute in review.disputes.all() if dispute.resolved_at]
    return max([since, *graded, *answered])


def disputable_until(actor: Actor, review: Review) -> datetime | None:
    """The end of the window; None before it began. Queries as `disputable_since`."""
    since = disputable_since(review)
    return None if since is None else since + timedelta(days=actor.workspace.settings.dispute_days)


def may_raise(actor: Actor, review: Review, dispute_count: int) -> Decision:
    """Whether the actor, the agent it is about, may dispute the review, having done so that many times.
    Queries as `disputable_since`, none when he may not anyway."""
    if actor.agent_id is None or actor.agent_id != review.agent_id:
        return refused("Only the agent it is about can dispute a review.", "not_yours")
    if review.kind in (Review.Kind.SELF, Review.Kind.CALIBRATION):
        return refused("Only reviews by others that count can be disputed.", "not_disputable")
    if reason := refusal(review.state, Move.DISPUTE):
        return conflict(reason, "state")
    if not is_released(review):
        return conflict("This review has not been released yet.", "not_released")
    return _in_bounds(actor, review, dispute_count)


def _in_bounds(actor: Actor, review: Review, dispute_count: int) -> Decision:
    settings = actor.workspace.settings
    if dispute_count >= settings.dispute_rounds:
        if not settings.dispute_rounds:
            return conflict("Disputes are switched off in this workspace.", "no_rounds_left")
        times = "once" if settings.dispute_rounds == 1 else f"{settings.dispute_rounds} times"
        return conflict(f"A review can be disputed {times}, and this one was.", "no_rounds_left")
    until = disputable_until(actor, review)
    if until is None or timezone.now() > until:
        days = "1 day" if settings.dispute_days == 1 else f"{settings.dispute_days} days"
        return conflict(f"A review can be disputed for {days}, and these are over.", "window_over")
    return ALLOWED


def may_resolve(actor: Actor, review: Review, dispute: Dispute) -> Decision:
    """Whether the actor may answer the dispute: a lead of its team, or the reviewer where the setting says so
    and it was not handed on; never who raised it, nor the agent it is about."""
    lacking = _lacking(actor, review, dispute)
    if lacking is not None:
        return lacking
    if dispute.state != OPEN:
        words = "has been answered" if dispute.state == Dispute.State.RESOLVED else "was closed"
        return conflict(f"This dispute {words} already.", f"dispute_{dispute.state}")
    if reason := refusal(review.state, Move.RESOLVE):
        return conflict(reason, "state")
    return ALLOWED


def may_reroute(actor: Actor, review: Review, dispute: Dispute) -> Decision:
    """Whoever may answer a dispute may hand it to a lead instead."""
    return may_resolve(actor, review, dispute)


def _lacking(actor: Actor, review: Review, dispute: Dispute) -> Decision | None:
    if actor.member_id is not None and dispute.raised_by_id == actor.member_id:
        return refused("Nobody answers a dispute that he raised himself.", "raised_by_you")
    if is_about(actor, review.agent_id):
        return refused("Nobody answers a dispute about his own work.", "yourself")
    if actor.covers(Capability.REVIEW_MANAGE, review.team_id):
        return None
    if actor.member_id is None or review.reviewer_id != actor.member_id or not actor.can(Capability.GRADE):
        return refused("Only its reviewer or a lead can answer this dispute.", "role")
    if actor.workspace.settings.dispute_resolver != WorkspaceSettings.Resolver.REVIEWER:
        return refused("Disputes are answered by a lead here.", "dispute_resolver")
    if dispute.assigned_to_id not in (None, actor.member_id):
        return refused("This dispute was handed to a lead.", "rerouted")
    return None


def dispute_actions(actor: Actor, review: Review, dispute: Dispute) -> list[str]:
    """What the actor may do to the dispute now, as the API names it."""
    asked = {"resolve": may_resolve, "reroute": may_reroute}
    return [name for name, may in asked.items() if may(actor, review, dispute).allowed]
