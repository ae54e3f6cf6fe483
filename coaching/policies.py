"""May this actor do this to this assignment or rule now? Services, buttons and the API ask here."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.access import GRANTS, Actor, Capability, RoleGrant
from coaching.lifecycle import Move, refusal
from coaching.models import Assignment, CoachingRule
from common.decisions import ALLOWED, Decision
from common.errors import Conflict, Problem, Refused
from qa_reviews.policies.basics import is_about


def coaching_scope(grants: Iterable[RoleGrant]) -> frozenset[int | None]:
    """The teams that somebody with these roles coaches; None among them stands for the whole workspace."""
    return frozenset(grant.team_id for grant in grants if Capability.COACHING_MANAGE in GRANTS[grant.role])


def coaches(scope: frozenset[int | None], team_id: int | None) -> bool:
    """Whether a coach of this scope coaches agents of this team."""
    return None in scope or (team_id is not None and team_id in scope)


def decide(actor: Actor, assignment: Assignment, move: Move) -> Decision:
    """The right first (403), the state then (409)."""
    right = may(actor, assignment, move)
    if not right.allowed:
        return right
    reason = refusal(assignment.state, move)
    return Decision(Conflict(reason, code="state")) if reason else ALLOWED


def may(actor: Actor, assignment: Assignment, move: Move) -> Decision:
    """Whether the move is the actor's to make at all (403), whatever the state."""
    if move is Move.ACKNOWLEDGE:
        if actor.agent_id == assignment.agent_id:
            return ALLOWED
        return _refused("Only the agent it is about acknowledges an assignment.", "not_yours")
    if is_about(actor, assignment.agent_id):
        return _refused("Nobody coaches himself: a colleague decides about this one.", "yourself")
    if actor.covers(Capability.COACHING_MANAGE, assignment.team_id):
        return ALLOWED
    return _refused("Your role does not let you manage this assignment.", "role")


def _refused(reason: str, code: str) -> Decision:
    return Decision(Refused(reason, code=code))


def assignment_actions(actor: Actor, assignment: Assignment) -> list[str]:
    """The moves that are open to the actor now, as the API names them."""
    return [move.value for move in Move if decide(actor, assignment, move).allowed]


def write_rules(actor: Actor) -> Decision:
    """Whether the role changes coaching rules at all."""
    try:
        actor.require(Capability.COACHING_RULES)
    except Problem as refused:
        return Decision(refused)
    return ALLOWED


def rule_actions(actor: Actor, rule: CoachingRule) -> list[str]:
    """What the actor may do to the rule now."""
    if not write_rules(actor).allowed:
        return []
    return ["change", "delete"] if rule.active else ["change"]
