"""May this actor change or draw this plan, or move this queue item, now?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from common.errors import Conflict, Refused
from qa_reviews.models import QueueItem, SamplePlan

PlanState = Literal["active", "paused", "ended"]
WAITING = (QueueItem.State.OPEN, QueueItem.State.CLAIMED)


def may_plan(actor: Actor, filter_json: Mapping[str, Any]) -> Decision:
    """A planner of some teams only plans samples that are limited to them."""
    if not actor.can(Capability.PLAN_MANAGE):
        return Decision(Refused("Your role does not let you plan samples.", code="role"))
    scope = actor.scope(Capability.PLAN_MANAGE)
    if scope is None or (filter_json.get("team") and set(filter_json["team"]) <= scope):
        return ALLOWED
    return Decision(Refused("This plan reaches beyond your teams.", code="scope"))


def may_change(actor: Actor, plan: SamplePlan) -> Decision:
    """Who may plan it may change, pause and resume it, until it has ended."""
    allowed = may_plan(actor, plan.filter)
    if not allowed.allowed or plan.ended_at is None:
        return allowed
    return Decision(Conflict("The plan has ended. Copy it to sample on.", code="plan_ended"))


def may_draw(actor: Actor, plan: SamplePlan) -> Decision:
    """Who may change the plan may draw it, unless it is paused."""
    allowed = may_change(actor, plan)
    if not allowed.allowed or plan.active:
        return allowed
    return Decision(Conflict("The plan is paused. Start it again to draw.", code="plan_paused"))


def may_skip(actor: Actor, item: QueueItem) -> Decision:
    """Its reviewer, or a planner of its team, while it waits."""
    own = item.reviewer_id is not None and item.reviewer_id == actor.member_id
    if not own and not actor.covers(Capability.PLAN_MANAGE, item.team_id):
        return Decision(
            Refused("This conversation is not yours: take it before you skip it.", code="not_yours")
        )
    return _waits(item)


def may_reassign(actor: Actor, item: QueueItem) -> Decision:
    """A planner of its team, while it waits."""
    if not actor.covers(Capability.PLAN_MANAGE, item.team_id):
        return Decision(Refused("This conversation is outside your teams.", code="scope"))
    return _waits(item)


def may_claim(actor: Actor, item: QueueItem) -> Decision:
    """Its reviewer, or anybody who sees it unassigned, while it waits; never the agent it is about."""
    if actor.member is None:
        return Decision(Refused("A review needs a reviewer: sign in as a member.", code="no_member"))
    if item.agent_id == actor.member.agent_id:
        return Decision(
            Refused("Nobody grades himself: this conversation is your own work.", code="yourself")
        )
    if item.reviewer_id not in (None, actor.member_id):
        return Decision(Refused("This conversation is another reviewer's.", code="not_yours"))
    return _waits(item)


def sees_strata(actor: Actor, item: QueueItem) -> bool:
    """Whether band, hash and probability may be told: to planners of its team, and where grading is not
    blind. `item.draw.plan` should be loaded."""
    return actor.covers(Capability.PLAN_MANAGE, item.team_id) or not item.draw.plan.blind


def _waits(item: QueueItem) -> Decision:
    if item.state in WAITING:
        return ALLOWED
    words = {"done": "has been reviewed", "skipped": "was skipped", "expired": "has expired"}
    return Decision(Conflict(f"This conversation {words[item.state]} already.", code=f"item_{item.state}"))


def plan_state(plan: SamplePlan) -> PlanState:
    """Whether the plan is drawn: active, paused, or ended for good."""
    if plan.ended_at is not None:
        return "ended"
    return "active" if plan.active else "paused"


def plan_actions(actor: Actor, plan: SamplePlan) -> list[str]:
    """What the actor may do to the plan now, as the API names it."""
    if not may_plan(actor, plan.filter).allowed:
        return []
    moves = {
        "active": ["update", "draw", "pause", "end"],
        "paused": ["update", "resume", "end"],
        "ended": [],
    }
    return [*moves[plan_state(plan)], "clone"]


def item_actions(actor: Actor, item: QueueItem) -> list[str]:
    """What the actor may do to the item now, as the API names it."""
    asked = {"claim": may_claim, "skip": may_skip, "reassign": may_reassign}
    return [name for name, may in asked.items() if may(actor, item).allowed]
