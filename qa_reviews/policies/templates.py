"""Who may write comment templates."""

from __future__ import annotations

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from common.errors import Refused
from qa_reviews.models import CommentTemplate

SHARED = "Only leads, managers and administrators write templates that everybody shares."


def may_share(actor: Actor) -> Decision:
    """Whether the actor writes templates for everybody."""
    if actor.can(Capability.REVIEW_MANAGE):
        return ALLOWED
    return Decision(Refused(SHARED, code="role"))


def may_change(actor: Actor, template: CommentTemplate) -> Decision:
    """His own, or a shared one where he may share."""
    return ALLOWED if template.owner_id is not None else may_share(actor)
