"""What a conversation may tell this actor, and whether he may take it up."""

from __future__ import annotations

from collections.abc import Collection

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from common.errors import Conflict, Refused
from conversations.models import Conversation
from qa_reviews.models import Review
from qa_reviews.policies.reviews import may_create
from qa_reviews.reviewee import reviewee_id

BLIND = "Reviewers grade without knowing what the customer said, until their review is submitted."


def can_be_blind(actor: Actor) -> bool:
    """Whether blind grading concerns the actor: he grades more than he leads."""
    if not actor.can(Capability.GRADE):
        return False
    leads, grades = actor.scope(Capability.REVIEW_READ_ALL), actor.scope(Capability.GRADE)
    return leads is not None and (grades is None or not grades <= leads)


def is_blind(actor: Actor) -> bool:
    """Whether the actor grades without knowing what the customer said: reviewers, as the workspace has it.
    Where it has not, plans can still be blind: then he must not know it of what he is to grade for them."""
    return can_be_blind(actor) and bool(actor.workspace.settings.blind)


def may_see_csat(actor: Actor, *, graded: bool = False) -> Decision:
    """Whether the actor may know what the customer answered; `graded`: his review of this conversation is
    submitted."""
    if is_blind(actor) and not graded:
        return Decision(Refused(BLIND, code="blind"))
    only_agent = not actor.can(Capability.GRADE) and not actor.can(Capability.NUMBERS_READ_ALL)
    if only_agent and actor.workspace.settings.hide_csat:
        return Decision(Refused("This workspace does not show CSAT to agents.", code="csat_hidden"))
    return ALLOWED


def may_see_flags(actor: Actor, *, graded: bool = False) -> Decision:
    """Whether the actor may know which signals of risk a conversation gives: some repeat what the customer
    answered, and all of them tell why it may have been drawn. `graded` as for CSAT."""
    return may_see_csat(actor, graded=graded)


def may_review(actor: Actor, conversation: Conversation) -> Decision:
    """Whether the actor may begin a review of it by hand."""
    if not actor.can(Capability.GRADE):
        return Decision(Refused("Your role does not let you grade conversations.", code="role"))
    agent_id = reviewee_id(conversation=conversation, settings=actor.workspace.settings)
    if agent_id is None:
        return Decision(Conflict("The conversation has no agent whose work it could be.", code="no_agent"))
    if conversation.text_deleted_at is not None:
        return Decision(Conflict("Its text was deleted: there is nothing to read.", code="text_deleted"))
    team_id = conversation.team_id if agent_id == conversation.agent_id else None
    return may_create(actor, kind=Review.Kind.STANDARD, agent_id=agent_id, team_id=team_id, by_hand=True)


def may_review_self(actor: Actor, conversation: Conversation, agent_ids: Collection[int]) -> Decision:
    """Whether the actor may review his own work in it; `agent_ids`: who took part."""
    if actor.agent_id is None or actor.agent_id not in agent_ids:
        return Decision(Refused("You did not take part in this conversation.", code="not_yourself"))
    if conversation.text_deleted_at is not None:
        return Decision(Conflict("Its text was deleted: there is nothing to read.", code="text_deleted"))
    return may_create(actor, kind=Review.Kind.SELF, agent_id=actor.agent_id, team_id=None, by_hand=True)


def authorized_actions(actor: Actor, conversation: Conversation) -> list[str]:
    """What the actor may do with it now, as the API names it."""
    found = ["review"] if may_review(actor, conversation).allowed else []
    deletes = actor.can(Capability.ADMINISTER) and conversation.text_deleted_at is None
    return [*found, "delete"] if deletes else found
