"""May this actor do this to this review now?"""

from __future__ import annotations

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from common.errors import Conflict, Refused
from qa_reviews.lifecycle import Move, refusal
from qa_reviews.models import Review

OWN_MOVES = (Move.UPDATE, Move.SUBMIT, Move.DELETE)
ANSWERS = (Move.ACKNOWLEDGE, Move.SEE)
SHOWN_MOVES = tuple(move for move in Move if move is not Move.SEE)
STATE_CODES = {Move.SUBMIT: "already_submitted", Move.UPDATE: "not_a_draft", Move.DELETE: "not_a_draft"}


def is_about(actor: Actor, agent_id: int) -> bool:
    """Whether the agent is the actor himself, in whatever role he acts."""
    return actor.member is not None and actor.member.agent_id == agent_id


def hides_reviewer(actor: Actor) -> bool:
    """Whether reviewers stay unnamed to this actor: the workspace says so, and he only is an agent."""
    sees = actor.can(Capability.GRADE) or actor.can(Capability.REVIEW_READ_ALL)
    return bool(actor.workspace.settings.hide_reviewer) and not sees


def may_create(actor: Actor, *, kind: str, agent_id: int, team_id: int | None, by_hand: bool) -> Decision:
    """Whether the actor may open a review of this agent, who had this team."""
    settings = actor.workspace.settings
    if actor.member is None:
        return _refused("A review needs a reviewer: sign in as a member.", "no_member")
    if kind == Review.Kind.SELF:
        if not settings.self_reviews:
            return _refused("Self-reviews are switched off in this workspace.", "self_reviews_off")
        if not is_about(actor, agent_id):
            return _refused("A self-review is about your own work.", "not_yourself")
        return ALLOWED
    if is_about(actor, agent_id):
        return _refused("Nobody grades himself: this conversation is your own work.", "yourself")
    if not by_hand:
        return ALLOWED
    if not actor.covers(Capability.GRADE, team_id):
        return _refused("This agent's team is outside your teams.", "scope")
    if not settings.reviewers_pick and not actor.can(Capability.PLAN_MANAGE):
        return _refused("Reviewers work on their queue here and do not pick conversations.", "reviewers_pick")
    return ALLOWED


def _refused(reason: str, code: str) -> Decision:
    return Decision(Refused(reason, code=code))


def decide(actor: Actor, review: Review, move: Move) -> Decision:
    """The right first (403), the state then (409)."""
    lacking = _lacking(actor, review, move)
    if lacking is not None:
        return lacking
    reason = refusal(review.state, move)
    return Decision(Conflict(reason, code=STATE_CODES.get(move, "state"))) if reason else ALLOWED


def _lacking(actor: Actor, review: Review, move: Move) -> Decision | None:
    own = actor.member_id is not None and review.reviewer_id == actor.member_id
    if move in OWN_MOVES:
        if not own:
            return _refused("Only its reviewer can change or submit this review.", "not_yours")
        if review.kind != Review.Kind.SELF and not actor.can(Capability.GRADE):
            return _refused("Your role does not let you grade conversations.", "role")
        return None
    if move in ANSWERS:
        yours = actor.agent_id == review.agent_id
        return (
            None if yours else _refused("Only the agent it is about can acknowledge a review.", "not_yours")
        )
    if is_about(actor, review.agent_id):
        return _refused("Nobody changes a review of his own work.", "yourself")
    if actor.covers(Capability.REVIEW_MANAGE, review.team_id):
        return None
    if not own or not actor.can(Capability.GRADE):
        return _refused("Your role does not let you revise or retract this review.", "role")
    if not actor.workspace.settings.reviewers_revise:
        return _refused("Reviewers do not revise or retract here: ask a lead.", "reviewers_revise")
    return None


def authorized_actions(actor: Actor, review: Review) -> list[str]:
    """The moves that are open to the actor now, as the API names them."""
    return [move.value for move in SHOWN_MOVES if decide(actor, review, move).allowed]
