"""May this actor change or share this saved view?"""

from __future__ import annotations

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from common.errors import Refused
from qa_reviews.models import SavedView


def may_share(actor: Actor) -> Decision:
    """Whether what the actor saves may be shown to others: for those who grade or read all reviews."""
    if actor.can(Capability.GRADE) or actor.can(Capability.REVIEW_READ_ALL):
        return ALLOWED
    return Decision(Refused("Your role does not let you share views: keep it for yourself.", code="role"))


def may_change(actor: Actor, view: SavedView) -> Decision:
    """Its owner changes it; an admin may take a shared one away."""
    if view.owner_id == actor.member_id or (view.shared and actor.can(Capability.ADMINISTER)):
        return ALLOWED
    return Decision(Refused("Only who saved this view can change it.", code="not_yours"))


def authorized_actions(actor: Actor, view: SavedView) -> list[str]:
    """What the actor may do with it, as the API names it."""
    return ["update", "delete"] if may_change(actor, view).allowed else []
