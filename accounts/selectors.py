"""Reads of people and access. The Actor is built here and nowhere else."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, TypeVar

from django.db.models import Count, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Actor, Capability, Role, RoleGrant
from accounts.models import (
    Agent,
    ApiKey,
    AuditEvent,
    Invitation,
    Member,
    MemberRole,
    Team,
    TeamMembership,
    User,
    Workspace,
    WorkspaceSettings,
)
from common.errors import Missing, Refused, invalid
from common.periods import local_date
from jobs import selectors as jobs
from jobs.models import Job

T = TypeVar("T", bound=Model)

INVITATION_GONE = "This invitation was used, has expired or was replaced by a newer one. Ask for a new link."

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


def actors_of(workspace: Workspace, member_ids: Collection[int] | None = None) -> dict[int, Actor]:
    """Each active member (all, or of these ids) as an actor, by id: whom something may be told, and who may
    be asked to do it. Two queries."""
    rows = Member.objects.in_workspace(workspace.pk).filter(deactivated_at=None).order_by("pk")
    rows = rows if member_ids is None else rows.filter(pk__in=member_ids)
    grants: dict[int, list[RoleGrant]] = defaultdict(list)
    for role in MemberRole.objects.in_workspace(workspace.pk).filter(member__in=rows.order_by()):
        grants[role.member_id].append(RoleGrant(Role(role.role), role.team_id))
    return {member.pk: _actor(workspace, member, tuple(grants[member.pk])) for member in rows}


def _actor(workspace: Workspace, member: Member, grants: tuple[RoleGrant, ...]) -> Actor:
    is_agent = any(grant.role == Role.AGENT for grant in grants)
    agent_id = member.agent_id if is_agent else None
    return Actor(workspace=workspace, member=member, grants=grants, agent_id=agent_id)


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


def user_by_email(email: str) -> User | None:
    """Whoever logs in with this e-mail, in whatever case. One query."""
    return User.objects.filter(email__iexact=email.strip()).first() if email.strip() else None


def open_invitations() -> QuerySet[Invitation]:
    """Invitations whose links still work; only a token's hash leads to one."""
    return Invitation.objects.filter(
        used_at=None, expires_at__gt=timezone.now(), member__deactivated_at=None, member__user=None
    )


def invitation(token: str) -> Invitation:
    """The open invitation of a link, with its member and workspace, or Missing (404). One query."""
    rows = open_invitations().select_related("member__workspace")
    found = rows.filter(token_hash=key_hash(token)).first()
    if found is None:
        raise Missing(INVITATION_GONE)
    return found


def workspace_exists(slug: str) -> bool:
    """Whether the slug is taken. One query."""
    return Workspace.objects.filter(slug=slug).exists()


def workspace(slug: str) -> Workspace:
    """The workspace of this slug, for operators' commands, or Missing. One query."""
    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        raise Missing(f"There is no workspace “{slug}”.")
    return found


def key_owner(
    actor: Actor, role: Role, email: str | None, agent_key: str | None
) -> tuple[Member | None, Agent | None]:
    """Whom a key names: the member (for the role agent also the agent) with this e-mail, or the agent of
    "[source:]external id". Invalid when there is none, or more than one. At most three queries."""
    if agent_key:
        source, _, external_id = agent_key.rpartition(":")
        named = Q(external_id=agent_key) | Q(source=source, external_id=external_id)
        return (member_with(actor, email) if email else None), _the_agent(actor, named, agent_key)
    if not email:
        return None, None
    if role != Role.AGENT:
        return member_with(actor, email), None
    member = members(actor).filter(email__iexact=email.strip()).first()
    if member is not None and narrowed(grants_of(member), role):
        return member, None
    return None, _the_agent(actor, Q(email__iexact=email.strip()), email)


def member_with(actor: Actor, email: str) -> Member:
    """The member with this e-mail, or Invalid. One query."""
    found = members(actor).filter(email__iexact=email.strip()).first()
    if found is None:
        raise invalid("/member", "not_found", f"There is no member with the e-mail “{email}” here.")
    return found


def _the_agent(actor: Actor, named: Q, words: str) -> Agent:
    found = list(agents(actor).filter(named, merged_into=None)[:2])
    if not found:
        raise invalid("/agent", "not_found", f"There is no agent “{words}” here.")
    if len(found) > 1:
        raise invalid("/agent", "ambiguous", f"Several agents are “{words}”: say SOURCE:EXTERNAL_ID.")
    return found[0]


def agents(actor: Actor) -> QuerySet[Agent]:
    return Agent.objects.visible_to(actor)


def agents_with_team(actor: Actor) -> QuerySet[Agent]:
    """Agents whose `memberships_now` holds today's membership with its team, or nothing. Two queries."""
    today = local_date(timezone.now(), actor.workspace.timezone)
    now = TeamMembership.objects.in_workspace(actor.workspace_id).filter(_on(today)).select_related("team")
    return agents(actor).prefetch_related(Prefetch("memberships", now, to_attr="memberships_now"))


def memberships(actor: Actor, agent: Agent) -> QuerySet[TeamMembership]:
    """Where an agent was when, latest first. One query."""
    rows = TeamMembership.objects.visible_to(actor).filter(agent=agent).select_related("team")
    return rows.order_by("-ends_on")


def teams_with_counts(actor: Actor) -> QuerySet[Team]:
    """Teams by name with `agents`, how many are in each today. One query."""
    today = local_date(timezone.now(), actor.workspace.timezone)
    held = TeamMembership.objects.in_workspace(actor.workspace_id).filter(_on(today), team=OuterRef("pk"))
    counted = held.order_by().values("team").annotate(n=Count("pk")).values("n")
    return teams(actor).annotate(agents=Coalesce(Subquery(counted), 0)).order_by("name")


def team_now(agent: Agent) -> Team | None:
    """The team of an agent that `agents_with_team` found."""
    now: list[TeamMembership] = vars(agent)["memberships_now"]
    return now[0].team if now else None


def find_agents(
    actor: Actor,
    *,
    team_ids: Collection[int] = (),
    kinds: Collection[str] = (),
    sources: Collection[str] = (),
    q: str = "",
) -> QuerySet[Agent]:
    """Agents by today's team, kind, source (any of each), and words of name, e-mail or external id."""
    rows = agents_with_team(actor)
    if team_ids:
        today = local_date(timezone.now(), actor.workspace.timezone)
        held = TeamMembership.objects.in_workspace(actor.workspace_id).filter(
            _on(today), team_id__in=team_ids
        )
        rows = rows.filter(pk__in=held.values("agent_id"))
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if sources:
        rows = rows.filter(source__in=sources)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(email__icontains=q) | Q(external_id__icontains=q))
    return rows


def teams(actor: Actor) -> QuerySet[Team]:
    return Team.objects.visible_to(actor)


def members(actor: Actor) -> QuerySet[Member]:
    return Member.objects.visible_to(actor)


def linkable_agents(actor: Actor, member: Member | None) -> QuerySet[Agent]:
    """Agents that no other member is linked to, by name. One query."""
    taken = Member.objects.in_workspace(actor.workspace_id).exclude(agent=None)
    others = taken.exclude(pk=member.pk) if member else taken
    return agents(actor).exclude(pk__in=others.values("agent_id")).order_by("name", "pk")


def members_with_roles(actor: Actor) -> QuerySet[Member]:
    """Members with log-in, agent and roles at hand. Two queries."""
    roles = MemberRole.objects.in_workspace(actor.workspace_id).select_related("team").order_by("pk")
    rows = members(actor).select_related("user", "agent")
    return rows.prefetch_related(Prefetch("role_rows", roles))


def api_keys(actor: Actor) -> QuerySet[ApiKey]:
    """Keys with their members, for administrators. One query."""
    return ApiKey.objects.visible_to(actor).select_related("member", "created_by")


def audit_events(actor: Actor) -> QuerySet[AuditEvent]:
    """What was done here, for administrators. One query."""
    return AuditEvent.objects.visible_to(actor)


def settings_of(actor: Actor) -> WorkspaceSettings:
    """The workspace's row of settings. One query."""
    return WorkspaceSettings.objects.visible_to(actor).select_related("workspace").get()


def me(actor: Actor) -> dict[str, Any]:
    """Who acts: member, roles with scopes, agent, teams (of the scopes and of the agent today), capabilities,
    workspace. Three queries."""
    scoped = {team.pk: team for team in teams(actor).filter(pk__in=[g.team_id for g in actor.grants])}
    agent = agents_with_team(actor).filter(pk=actor.agent_id).first() if actor.agent_id else None
    own_team = team_now(agent) if agent else None
    own = {own_team.pk: own_team} if own_team else {}
    roles = sorted(actor.grants, key=lambda grant: (grant.role, grant.team_id or 0))
    return {
        "member": actor.member,
        "roles": [{"role": grant.role, "team": scoped.get(grant.team_id or 0)} for grant in roles],
        "agent": agent,
        "teams": list((scoped | own).values()),
        "capabilities": sorted(actor.capabilities),
        "workspace": actor.workspace,
    }


def job_for(actor: Actor, job_id: int) -> Job:
    """A job that the actor asked for, or any of the workspace if he imports, plans or coaches. One query."""
    found = jobs.job(actor.workspace_id, job_id)
    watching = (Capability.IMPORT, Capability.PLAN_MANAGE, Capability.COACHING_MANAGE)
    if found is None or not (
        any(actor.can(capability) for capability in watching) or found.member_id == actor.member_id
    ):
        raise Missing()
    return found


def row_or_missing(rows: QuerySet[T], pk: int) -> T:
    """The row of this id among those the actor sees, or Missing (404)."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


def _on(day: date) -> Q:
    return (Q(starts_on=None) | Q(starts_on__lte=day)) & (Q(ends_on=None) | Q(ends_on__gt=day))


def teams_on(workspace_id: int, agent_ids: Iterable[int], day: date) -> dict[int, int]:
    """Team id of each agent on that day (agents without one are absent). One query."""
    rows = TeamMembership.objects.in_workspace(workspace_id).filter(_on(day), agent_id__in=list(agent_ids))
    return dict(rows.values_list("agent_id", "team_id"))
