"""May this actor raise or redo this draw, now?"""

from __future__ import annotations

from accounts.access import Actor
from common.decisions import Decision
from qa_reviews.models import Draw
from qa_reviews.policies.basics import conflict
from qa_reviews.policies.plans import may_draw, may_plan


def may_reach(actor: Actor, draw: Draw) -> Decision:
    """Who may plan what the draw was made of, and what its plan samples now. Its plan should be loaded."""
    allowed = may_plan(actor, draw.plan.filter)
    return may_plan(actor, draw.terms["filter"]) if allowed.allowed else allowed


def may_raise(actor: Actor, draw: Draw) -> Decision:
    """Who may draw the plan, and all that the draw was made of, while the draw counts. Its plan should be
    loaded."""
    reached = may_reach(actor, draw)
    allowed = may_draw(actor, draw.plan) if reached.allowed else reached
    if allowed.allowed and draw.superseded_at is not None:
        return conflict("This draw was made anew: what counts is the newer one.", "draw_superseded")
    return allowed


may_redraw = may_raise


def draw_actions(actor: Actor, draw: Draw) -> list[str]:
    """What the actor may do to the draw now, as the API names it."""
    return ["raise", "redraw"] if may_raise(actor, draw).allowed else []
