"""Reads of agents and teams."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Agent, Team, TeamMembership
from common.periods import local_date


def agents(actor: Actor) -> QuerySet[Agent]:
    """Agents to choose and to name; those who were merged into others stand no longer by themselves."""
    return Agent.objects.visible_to(actor).filter(merged_into=None)


def agents_ever(actor: Actor) -> QuerySet[Agent]:
    """Agents that the actor sees, merged ones too: for what somebody named long ago."""
    return Agent.objects.visible_to(actor)


def agents_with_team(actor: Actor, merged: bool = False) -> QuerySet[Agent]:
    """Agents, on demand merged ones too, whose `memberships_now` holds today's membership with its team, or
    nothing. Two queries."""
    rows = agents_ever(actor).select_related("merged_into") if merged else agents(actor)
    today = local_date(timezone.now(), actor.workspace.timezone)
    now = TeamMembership.objects.in_workspace(actor.workspace_id).filter(_on(today)).select_related("team")
    return rows.prefetch_related(Prefetch("memberships", now, to_attr="memberships_now"))


def memberships(actor: Actor, agent: Agent) -> QuerySet[TeamMembership]:
    """Where an agent was when, latest first. One query."""
    rows = TeamMembership.objects.visible_to(actor).filter(agent=agent).select_related("team")
    return rows.order_by("-ends_on")


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
    merged: bool = False,
) -> QuerySet[Agent]:
    """Agents by today's team, kind, source (any of each), and words of name, e-mail or external id, also of
    those who were merged into them."""
    rows = agents_with_team(actor, merged)
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
        words = Q(name__icontains=q) | Q(email__icontains=q) | Q(external_id__icontains=q)
        gone = Agent.objects.in_workspace(actor.workspace_id).filter(words, merged_into__isnull=False)
        rows = rows.filter(words | Q(pk__in=gone.values("merged_into")))
    return rows


def teams(actor: Actor) -> QuerySet[Team]:
    return Team.objects.visible_to(actor)


def teams_with_counts(actor: Actor) -> QuerySet[Team]:
    """Teams by name with `agents`, how many are in each today. One query."""
    today = local_date(timezone.now(), actor.workspace.timezone)
    held = TeamMembership.objects.in_workspace(actor.workspace_id).filter(
        _on(today), team=OuterRef("pk"), agent__merged_into=None
    )
    counted = held.order_by().values("team").annotate(n=Count("pk")).values("n")
    return teams(actor).annotate(agents=Coalesce(Subquery(counted), 0)).order_by("name")


def teams_on(workspace_id: int, agent_ids: Iterable[int], day: date) -> dict[int, int]:
    """Team id of each agent on that day (agents without one are absent). One query."""
    rows = TeamMembership.objects.in_workspace(workspace_id).filter(_on(day), agent_id__in=list(agent_ids))
    return dict(rows.values_list("agent_id", "team_id"))


def _on(day: date) -> Q:
    return (Q(starts_on=None) | Q(starts_on__lte=day)) & (Q(ends_on=None) | Q(ends_on__gt=day))
