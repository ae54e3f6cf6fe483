"""May this actor do this to this review now?"""

from __future__ import annotations

from django.utils import timezone

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from qa_reviews.lifecycle import Move, refusal
from qa_reviews.models import CalibrationSession, Dispute, Grading, Review, ReviewComment
from qa_reviews.policies.basics import conflict, hides_reviewer, is_about, is_released, refused
from qa_reviews.policies.comments import MENDABLE_FOR, TOO_LATE, may_comment
from qa_reviews.policies.disputes import may_raise, may_resolve
from qa_reviews.policies.queue import WAITING, is_his

__all__ = ["authorized_actions", "decide", "hides_reviewer", "is_about", "may_create", "may_move_to"]

OWN_MOVES = (Move.UPDATE, Move.SUBMIT, Move.DELETE, Move.REVEAL, Move.REASSIGN)
ANSWERS = (Move.ACKNOWLEDGE, Move.SEE)
SHOWN_MOVES = tuple(move for move in Move if move is not Move.SEE)
AS_GRADED = "A calibration review stays as it was graded; what follows from it is decided in its session."
STATE_CODES = {Move.SUBMIT: "already_submitted", Move.UPDATE: "not_a_draft", Move.DELETE: "not_a_draft"}


def may_create(actor: Actor, *, kind: str, agent_id: int, team_id: int | None, by_hand: bool) -> Decision:
    """Whether the actor may open a review of this agent, who had this team."""
    settings = actor.workspace.settings
    if actor.member is None:
        return refused("A review needs a reviewer: sign in as a member.", "no_member")
    if kind == Review.Kind.SELF:
        if not settings.self_reviews:
            return refused("Self-reviews are switched off in this workspace.", "self_reviews_off")
        if not is_about(actor, agent_id):
            return refused("A self-review is about your own work.", "not_yourself")
        return ALLOWED
    if not by_hand:
        return _not_himself(actor, agent_id)
    allowed = may_move_to(actor, agent_id=agent_id, team_id=team_id)
    if allowed.allowed and not settings.reviewers_pick and not actor.can(Capability.PLAN_MANAGE):
        return refused("Reviewers work on their queue here and do not pick conversations.", "reviewers_pick")
    return allowed


def may_move_to(actor: Actor, *, agent_id: int, team_id: int | None) -> Decision:
    """Whether the actor may grade this agent, who had this team."""
    himself = _not_himself(actor, agent_id)
    if not himself.allowed:
        return himself
    if not actor.covers(Capability.GRADE, team_id):
        return refused("This agent's team is outside your teams.", "scope")
    return ALLOWED


def _not_himself(actor: Actor, agent_id: int) -> Decision:
    if is_about(actor, agent_id):
        return refused("Nobody grades himself: this conversation is your own work.", "yourself")
    return ALLOWED


def decide(actor: Actor, review: Review, move: Move) -> Decision:
    """The right first (403), the state then (409). For DISPUTE, RESOLVE and AMEND it reads the review's
    gradings and disputes, of a calibration review its session: a query each unless they were prefetched."""
    if move is Move.DISPUTE:
        return may_raise(actor, review, len(review.disputes.all()))
    if move is Move.RESOLVE:
        return _may_resolve(actor, review)
    lacking = _lacking(actor, review, move)
    if lacking is not None:
        return lacking
    reason = refusal(review.state, move)
    if reason:
        return conflict(reason, STATE_CODES.get(move, "state"))
    if review.calibrated is not None:
        return _in_session(review.calibrated.session, move)
    return _in_time(actor, review, move)


def _in_session(session: CalibrationSession, move: Move) -> Decision:
    """A calibration review is graded while its session is open, and stays as it was graded."""
    if move not in (Move.UPDATE, Move.SUBMIT, Move.DELETE):
        return conflict(AS_GRADED, "calibration")
    if session.state != CalibrationSession.State.OPEN:
        return conflict("This session is talked over by now: nothing more is graded in it.", "not_open")
    return ALLOWED


def _may_resolve(actor: Actor, review: Review) -> Decision:
    disputes = list(review.disputes.all())
    latest = max(disputes, key=lambda each: each.number, default=None)
    return may_resolve(actor, review, latest or Dispute(review=review, state=Dispute.State.OPEN))


def _in_time(actor: Actor, review: Review, move: Move) -> Decision:
    """What besides its state stands against a move that the state allows."""
    if move is Move.RELEASE and is_released(review):
        return conflict("This review has been released already.", "released")
    if move is Move.ACKNOWLEDGE and review.kind == Review.Kind.SELF:
        return conflict("A self-review is your own; there is nothing to acknowledge.", "self_review")
    if move is Move.REASSIGN and review.kind == Review.Kind.SELF:
        return conflict("A self-review is about your own work.", "self_review")
    if move is Move.REVEAL and not review.blind:
        return conflict("Nothing is hidden: this draft is not graded blind.", "not_blind")
    if move is Move.REVEAL and review.revealed_at is not None:
        return conflict("Nothing is hidden any more: you have looked already.", "revealed")
    return _in_time_to_amend(actor, review) if move is Move.AMEND else ALLOWED


def _in_time_to_amend(actor: Actor, review: Review) -> Decision:
    graded = _last_graded(review)
    if graded is None or graded.grader_id is None or graded.grader_id != actor.member_id:
        return refused("Only who wrote these comments can mend them.", "not_yours")
    if graded.created_at + MENDABLE_FOR < timezone.now():
        return conflict(TOO_LATE, "too_late")
    return ALLOWED


def _last_graded(review: Review) -> Grading | None:
    """The newest grading that did more than mend words."""
    graded = [grading for grading in review.gradings.all() if not grading.amends]
    return max(graded, key=lambda each: each.number, default=None)


def _lacking(actor: Actor, review: Review, move: Move) -> Decision | None:
    own = actor.member_id is not None and review.reviewer_id == actor.member_id
    if move in OWN_MOVES:
        return _lacking_draft(actor, review, move, own)
    if move in ANSWERS:
        yours = actor.agent_id is not None and actor.agent_id == review.agent_id
        return None if yours else refused("Only the agent it is about can acknowledge a review.", "not_yours")
    if is_about(actor, review.agent_id) and not (own and review.kind == Review.Kind.SELF):
        return refused("Nobody changes a review of his own work.", "yourself")
    if move is Move.AMEND:
        return None  # whoever wrote the words, see _in_time
    if actor.covers(Capability.REVIEW_MANAGE, review.team_id):
        return None
    if move is Move.RELEASE:
        return refused("Your role does not let you release reviews.", "role")
    return _lacking_own(actor, review, own)


def _lacking_draft(actor: Actor, review: Review, move: Move, own: bool) -> Decision | None:
    if not own:
        return refused("Only its reviewer can change or submit this review.", "not_yours")
    if review.kind == Review.Kind.PEER:
        return _lacking_peer(actor, review, move)
    if review.kind != Review.Kind.SELF and not actor.can(Capability.GRADE):
        return refused("Your role does not let you grade conversations.", "role")
    return None


def _lacking_peer(actor: Actor, review: Review, move: Move) -> Decision | None:
    """A peer grades what is assigned to him for as long as it is, and as it was assigned."""
    if not actor.can(Capability.GRADE_ASSIGNED):
        return refused("Your role does not let you grade what is assigned.", "role")
    if move is Move.REVEAL:
        return refused("Peers grade without knowing what the customer said.", "blind")
    if move is Move.REASSIGN:
        return refused("Peers grade whom they were asked to: set it aside, or ask a lead.", "not_assigned")
    if move is not Move.DELETE and not opens_for_peer(actor, review):
        return refused("This conversation is no longer assigned to you.", "not_assigned")
    return None


def opens_for_peer(actor: Actor, review: Review) -> bool:
    """Whether a peer may read the conversation of a review of his: while he is to grade it, and once he has.
    `review.queue_item` should be loaded."""
    if review.reviewer_id != actor.member_id or review.kind != Review.Kind.PEER:
        return False
    if review.state != Review.State.DRAFT:
        return True
    item = review.queue_item
    return item is not None and is_his(actor, item) and item.state in WAITING


def reader_of(actor: Actor, review: Review) -> Actor:
    """Who reads the conversation of a review that the actor sees: he himself; for a peer, where he sees it
    nowhere else, the service, while it is open to him. `review.conversation` should be loaded."""
    reads = actor.covers(Capability.GRADE, review.conversation.team_id)
    if not reads and opens_for_peer(actor, review):
        return Actor.system(actor.workspace)
    return actor


def _lacking_own(actor: Actor, review: Review, own: bool) -> Decision | None:
    """Who does not manage the team's reviews may correct his own, where the workspace says so."""
    if own and review.kind == Review.Kind.SELF:
        return None
    if not own or not actor.can(Capability.GRADE):
        return refused("Your role does not let you revise or retract this review.", "role")
    if not actor.workspace.settings.reviewers_revise:
        return refused("Reviewers do not revise or retract here: ask a lead.", "reviewers_revise")
    return None


def authorized_actions(actor: Actor, review: Review) -> list[str]:
    """What is open to the actor now, as the API names it: the moves, and to comment."""
    found = [move.value for move in SHOWN_MOVES if decide(actor, review, move).allowed]
    everyone = ReviewComment.Visibility.EVERYONE
    return [*found, "comment"] if may_comment(actor, review, everyone).allowed else found
