"""May this actor take, set aside, ask about or hand over this queue item, now?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from qa_reviews.models import QueueItem, QueueQuestion, SamplePlan
from qa_reviews.policies.basics import conflict, refused

State = QueueItem.State
WAITING = (State.OPEN, State.CLAIMED)
CLOSED = {State.DONE: "has been reviewed", State.SKIPPED: "was skipped", State.EXPIRED: "has expired"}


def may_claim(actor: Actor, item: QueueItem) -> Decision:
    """Its reviewer, or who sees it unassigned and grades its team, while it waits; never the agent it is
    about, nor whom he was merged into, nor whose conversation it is. `item.agent`, `item.conversation` and
    `item.draw.plan` should be loaded."""
    if actor.member is None:
        return refused("A review needs a reviewer: sign in as a member.", "no_member")
    if actor.member.agent_id is not None and actor.member.agent_id in (
        item.agent_id,
        item.agent.merged_into_id,
        item.conversation.agent_id,
    ):
        return refused("Nobody grades himself: this conversation is your own work.", "yourself")
    if item.reviewer_id not in (None, actor.member_id):
        return refused("This conversation is another reviewer's.", "not_yours")
    if item.reviewer_id is None and is_peers(item):
        return refused("Peers grade what is assigned to them: a lead hands it out.", "not_assigned")
    if not is_peers(item) and not actor.can(Capability.GRADE):
        return refused("Your role does not let you grade conversations.", "role")
    if item.reviewer_id is None and not actor.covers(Capability.GRADE, item.conversation.team_id):
        return refused("This conversation is outside your teams.", "scope")
    return _waits(item)


def may_skip(actor: Actor, item: QueueItem) -> Decision:
    """Its reviewer, or a planner of its team, while it waits."""
    if not is_his(actor, item) and not actor.covers(Capability.PLAN_MANAGE, item.team_id):
        return refused("This conversation is not yours: take it before you skip it.", "not_yours")
    return _waits(item)


def may_hand_back(actor: Actor, item: QueueItem) -> Decision:
    """Its reviewer, once he has taken it up."""
    if not is_his(actor, item):
        return refused("This conversation is not yours.", "not_yours")
    waits = _waits(item)
    if waits.allowed and item.state == State.OPEN and not item.from_pool:
        return conflict("You have not begun this conversation: it waits in your queue.", "not_claimed")
    return waits


def may_ask(actor: Actor, item: QueueItem) -> Decision:
    """Its reviewer, while it waits."""
    if not is_his(actor, item):
        return refused("This conversation is not yours: take it before you ask about it.", "not_yours")
    return _waits(item)


def may_answer(actor: Actor, question: QueueQuestion) -> Decision:
    """A planner of the item's team, once. `question.item` should be loaded."""
    if not actor.covers(Capability.PLAN_MANAGE, question.item.team_id):
        return refused("Questions about this conversation are answered by a lead of its team.", "scope")
    if question.answered_at is not None:
        return conflict("This question has been answered already.", "answered")
    return ALLOWED


def may_reassign(actor: Actor, item: QueueItem) -> Decision:
    """A planner of its team, while it waits."""
    if not actor.covers(Capability.PLAN_MANAGE, item.team_id):
        return refused("This conversation is outside your teams.", "scope")
    return _waits(item)


def is_his(actor: Actor, item: QueueItem) -> bool:
    """Whether the item is the actor's own."""
    return item.reviewer_id is not None and item.reviewer_id == actor.member_id


def is_peers(item: QueueItem) -> bool:
    """Whether agents grade it. `item.draw.plan` should be loaded."""
    return item.draw.plan.kind == SamplePlan.Kind.PEER


def sees_strata(actor: Actor, item: QueueItem) -> bool:
    """Whether band, hash and probability may be told: to planners of its team, and to reviewers where grading
    is not blind. `item.draw.plan` should be loaded."""
    if actor.covers(Capability.PLAN_MANAGE, item.team_id):
        return True
    return actor.can(Capability.GRADE) and not item.draw.plan.blind


ACTIONS: Mapping[str, Callable[[Actor, QueueItem], Decision]] = {
    "claim": may_claim,
    "skip": may_skip,
    "hand_back": may_hand_back,
    "ask": may_ask,
    "reassign": may_reassign,
}


def item_actions(actor: Actor, item: QueueItem) -> list[str]:
    """What the actor may do to the item now, as the API names it."""
    return [name for name, may in ACTIONS.items() if may(actor, item).allowed]


def _waits(item: QueueItem) -> Decision:
    if item.state in WAITING:
        return ALLOWED
    return conflict(f"This conversation {CLOSED[State(item.state)]} already.", f"item_{item.state}")
