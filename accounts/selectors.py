"""Reads of people and access. The Actor is built here and nowhere else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import Actor, Role, RoleGrant
from accounts.models import Agent, ApiKey, Member, MemberRole, Team, TeamMembership, User, Workspace
from common.errors import Missing, Refused

# A person's key may be narrowed to a role that one of his own includes.
STRONGER: dict[Role, tuple[Role, ...]] = {
    Role.ADMIN: (),
    Role.MANAGER: (Role.ADMIN,),
    Role.LEAD: (Role.ADMIN, Role.MANAGER),
    Role.REVIEWER: (Role.ADMIN, Role.MANAGER, Role.LEAD),
    Role.AGENT: (),
}


def key_hash(key: str) -> str:
    """SHA-256 of a key or token: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def grants_of(member: Member) -> tuple[RoleGrant, ...]:
    """The member's roles with their scopes. One query."""
    rows = MemberRole.objects.filter(member_id=member.pk)
    return tuple(RoleGrant(Role(row.role), row.team_id) for row in rows)


def narrowed(grants: Iterable[RoleGrant], role: Role) -> tuple[RoleGrant, ...]:
    """The grants reduced to one role: as held, else in the scopes of stronger roles; () when not held."""
    grants = tuple(grants)
    for held in ((role,), STRONGER[role]):
        if found := {RoleGrant(role, g.team_id) for g in grants if g.role in held}:
            return tuple(found)
    return ()


def actor_for(slug: str, *, user: User | None = None, key: ApiKey | None = None) -> Actor:
    """The actor of a person or a key in the workspace named in the URL; Missing (404) to strangers.
    Two queries."""
    members = Member.objects.select_related("workspace", "workspace__settings").filter(
        workspace__slug=slug, deactivated_at=None
    )
    member = (
        members.filter(pk=key.member_id).first()
        if key is not None
        else members.filter(user=user, user__is_active=True).first()
    )
    if member is None:
        raise Missing("There is no such workspace, or you are not a member of it.")
    grants = grants_of(member)
    if key is not None:
        grants = narrowed(grants, Role(key.role))
        if not grants:
            raise Refused("The member of this key no longer has its role.", code="role")
    return Actor(
        workspace=member.workspace,
        member=member,
        grants=grants,
        agent_id=member.agent_id if any(g.role == Role.AGENT for g in grants) else None,
        key_id=key.pk if key else None,
    )


def live_key(presented: str) -> ApiKey | None:
    """The unrevoked, unexpired key that was presented. One query."""
    return (
        ApiKey.objects.select_related("member")
        .filter(
            Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
            key_hash=key_hash(presented),
            revoked_at=None,
        )
        .first()
    )


def workspaces_of(user: User) -> QuerySet[Workspace]:
    """The workspaces in which the person is an active member, by name."""
    members = Member.objects.filter(user=user, deactivated_at=None)
    return Workspace.objects.filter(pk__in=members.values("workspace_id")).order_by("name")


def agents(actor: Actor) -> QuerySet[Agent]:
    return Agent.objects.visible_to(actor)


def teams(actor: Actor) -> QuerySet[Team]:
    return Team.objects.visible_to(actor)


def members(actor: Actor) -> QuerySet[Member]:
    return Member.objects.visible_to(actor)


def teams_on(workspace_id: int, agent_ids: Iterable[int], day: date) -> dict[int, int]:
    """Team id of each agent on that day (agents without one are absent). One query."""
    rows = TeamMembership.objects.in_workspace(workspace_id).filter(
        Q(starts_on=None) | Q(starts_on__lte=day),
        Q(ends_on=None) | Q(ends_on__gt=day),
        agent_id__in=list(agent_ids),
    )
    return dict(rows.values_list("agent_id", "team_id"))
