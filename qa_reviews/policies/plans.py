"""May this actor change or draw this plan now?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from common.errors import Conflict, Refused
from qa_reviews.models import SamplePlan

PlanState = Literal["active", "paused", "ended"]


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
