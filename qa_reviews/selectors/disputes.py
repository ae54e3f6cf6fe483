"""Reads of disputes, and of those who may answer them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.access import Actor, Capability, Role
from accounts.models import Agent, Member, Workspace
from accounts.selectors import actors_of
from common.errors import Missing
from conversations.models import Conversation, Message
from qa_reviews.models import Dispute, Review
from qa_reviews.policies.basics import is_about

ANSWERING = (Role.LEAD, Role.MANAGER, Role.ADMIN)
"""Who is asked for an answer: leads of the team, without any the managers, without any the admins."""


def disputes(actor: Actor, review: Review) -> QuerySet[Dispute]:
    """The disputes of a review that the actor sees, with the people they name. One query."""
    rows = Dispute.objects.visible_to(actor).filter(review=review)
    return rows.select_related("raised_by", "assigned_to", "resolved_by", "proposed_agent")


def disputes_of(actor: Actor, review: Review) -> list[Dispute]:
    """All of them, by round. One query."""
    return list(disputes(actor, review).order_by("number"))


def dispute(actor: Actor, review: Review, pk: int) -> Dispute:
    """One of them, or Missing. One query."""
    found = disputes(actor, review).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def answering(workspace: Workspace, review: Review) -> dict[int, Actor]:
    """The active members who may answer any dispute about the review as leads, by id. Two queries."""
    return {
        pk: actor
        for pk, actor in actors_of(workspace).items()
        if actor.covers(Capability.REVIEW_MANAGE, review.team_id) and not is_about(actor, review.agent_id)
    }


def leads_for(actor: Actor, review: Review) -> list[Member]:
    """Whom the actor may hand a dispute of the review to, by name. Two queries."""
    found = [each.member for pk, each in answering(actor.workspace, review).items() if pk != actor.member_id]
    return sorted((member for member in found if member), key=lambda member: member.name.casefold())


def leads_asked(workspace: Workspace, review: Review) -> list[int]:
    """Ids of the members whom a dispute goes to that its reviewer does not answer. Two queries."""
    able = answering(workspace, review)
    for role in ANSWERING:
        if found := [pk for pk, actor in able.items() if _has(actor, role, review.team_id)]:
            return found
    return []


def _has(actor: Actor, role: Role, team_id: int | None) -> bool:
    return any(grant.role == role and grant.team_id in (None, team_id) for grant in actor.grants)


def agents_in(conversation: Conversation) -> QuerySet[Agent]:
    """The agents who took part in a conversation: assigned, most active, or in its public messages."""
    spoke = Message.objects.in_workspace(conversation.workspace_id).filter(
        conversation=conversation, agent__isnull=False, internal=False
    )
    rows = Agent.objects.in_workspace(conversation.workspace_id)
    named = rows.filter(pk__in=[conversation.agent_id or 0, conversation.most_active_agent_id or 0])
    return named | rows.filter(pk__in=spoke.values("agent_id"))
