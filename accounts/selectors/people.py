"""Reads of members, and whom a key or a name means."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.access import GRANTS, Actor, Capability, Role
from accounts.models import Absence, Agent, Member, MemberRole
from accounts.selectors.actors import grants_of, narrowed
from accounts.selectors.agents_and_teams import agents, agents_with_team, team_now, teams, teams_on
from common.errors import invalid
from common.periods import local_date


def members(actor: Actor) -> QuerySet[Member]:
    return Member.objects.visible_to(actor)


def members_with_roles(actor: Actor) -> QuerySet[Member]:
    """Members with log-in, agent and roles at hand. Two queries."""
    roles = MemberRole.objects.in_workspace(actor.workspace_id).select_related("team").order_by("pk")
    rows = members(actor).select_related("user", "agent")
    return rows.prefetch_related(Prefetch("role_rows", roles))


def linkable_agents(actor: Actor, member: Member | None) -> QuerySet[Agent]:
    """Agents that no other member is linked to, by name. One query."""
    taken = Member.objects.in_workspace(actor.workspace_id).exclude(agent=None)
    others = taken.exclude(pk=member.pk) if member else taken
    return agents(actor).exclude(pk__in=others.values("agent_id")).order_by("name", "pk")


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
    found = list(agents(actor).filter(named)[:2])
    if not found:
        raise invalid("/agent", "not_found", f"There is no agent “{words}” here.")
    if len(found) > 1:
        raise invalid("/agent", "ambiguous", f"Several agents are “{words}”: say SOURCE:EXTERNAL_ID.")
    return found[0]


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


def teams_of_member(member: Member) -> set[int | None]:
    """Where he works: the teams of his roles (None: the whole workspace), and of his agent today. Two queries
    at most."""
    found: set[int | None] = {grant.team_id for grant in grants_of(member)}
    if member.agent_id is not None:
        today = local_date(timezone.now(), member.workspace.timezone)
        found |= set(teams_on(member.workspace_id, [member.agent_id], today).values())
    return found


def reviewers(actor: Actor) -> QuerySet[Member]:
    """Active members who may grade, by name, for who plans; with roles and, as `away`, absences that are not
    over. Three queries."""
    today = local_date(timezone.now(), actor.workspace.timezone)
    grading = [role for role, granted in GRANTS.items() if Capability.GRADE in granted]
    roles = MemberRole.objects.in_workspace(actor.workspace_id).filter(role__in=grading)
    away = absences(actor).filter(ends_on__gte=today)
    rows = members_with_roles(actor).filter(pk__in=roles.values("member"), deactivated_at=None)
    return rows.prefetch_related(Prefetch("absences", away, to_attr="away")).order_by("name", "pk")


def absences(actor: Actor) -> QuerySet[Absence]:
    """Who is away when: everybody's for who plans, others see their own. By first day. One query."""
    return Absence.objects.visible_to(actor).select_related("member").order_by("starts_on", "pk")


def find_absences(
    actor: Actor, *, member_ids: Collection[int] = (), first: date | None = None, last: date | None = None
) -> QuerySet[Absence]:
    """Absences of these members (all: none named) that touch the days from first to last. One query."""
    rows = absences(actor)
    rows = rows.filter(member__in=member_ids) if member_ids else rows
    rows = rows.filter(ends_on__gte=first) if first else rows
    return rows.filter(starts_on__lte=last) if last else rows
