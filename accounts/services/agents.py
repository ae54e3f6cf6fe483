"""Agents: made and changed by hand, and moved between teams from a date on."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Agent, Team, TeamMembership
from accounts.services.audit import record
from accounts.services.seen import lock_people
from common.errors import Conflict, Missing, invalid
from common.etags import check_match
from common.periods import local_date

FIELDS = ("name", "email", "kind", "starts_on")


class AgentChanges(TypedDict, total=False):
    """What a change of an agent may name; what is absent stays. `team_from` goes with `team`."""

    name: str
    email: str
    kind: str
    starts_on: date | None
    team: Team | None
    team_from: date | None


@transaction.atomic
def create_agent(
    *, actor: Actor, source: str, external_id: str, changes: AgentChanges | None = None
) -> Agent:
    """An agent by (source, external id). His first team holds since ever, or from `team_from`."""
    actor.require(Capability.PEOPLE_WRITE)
    lock_people(actor.workspace_id)
    key = {"source": source.strip(), "external_id": external_id.strip()}
    if Agent.objects.in_workspace(actor.workspace_id).filter(**key).exists():
        raise invalid("/external_id", "taken", f"There is an agent {external_id} of {source} already.")
    changes = changes or {}
    agent = Agent(workspace_id=actor.workspace_id, **key)
    _assign(agent, changes)
    agent.save()
    team = changes.get("team")
    if team is not None:
        _open(agent, team, changes.get("team_from"))
    record(actor, "agent.created", agent, key | {"name": agent.name, "team": team.pk if team else None})
    return agent


@transaction.atomic
def update_agent(*, actor: Actor, agent_id: int, changes: AgentChanges, if_match: str | None = None) -> Agent:
    """Change an agent's fields, and his team from a date on (today unless said); one audit event."""
    actor.require(Capability.PEOPLE_WRITE)
    lock_people(actor.workspace_id)
    agent = Agent.objects.visible_to(actor).select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise Missing()
    if agent.merged_into is not None:
        raise Conflict(f"{agent} was merged into {agent.merged_into}: change that agent.", code="merged")
    check_match(agent, if_match)
    before = _state(agent)
    _assign(agent, changes)
    changed = {key: [before[key], value] for key, value in _state(agent).items() if before[key] != value}
    if "team" in changes:
        changed |= _move(actor, agent, changes["team"], changes.get("team_from"))
    if changed:
        agent.save(update_fields=[*FIELDS, "updated_at"])
        record(actor, "agent.updated", agent, changed)
    return agent


def _assign(agent: Agent, changes: AgentChanges) -> None:
    for name in FIELDS:
        if name in changes:
            value = changes[name]  # type: ignore[literal-required]
            setattr(agent, name, value.strip() if isinstance(value, str) else value)


def _state(agent: Agent) -> dict[str, Any]:
    return {
        "name": agent.name,
        "email": agent.email,
        "kind": str(agent.kind),
        "starts_on": agent.starts_on.isoformat() if agent.starts_on else None,
    }


def _move(actor: Actor, agent: Agent, team: Team | None, day: date | None) -> dict[str, Any]:
    """Close the open membership and open another from `day`; history before that day does not move."""
    held = TeamMembership.objects.in_workspace(agent.workspace_id).filter(agent=agent)
    last = held.order_by("-ends_on").first()  # descending puts the open one (null) first
    open_one = last if last is not None and last.ends_on is None else None
    if (open_one.team_id if open_one else None) == (team.pk if team else None):
        return {}
    if last is None:
        assert team is not None
        _open(agent, team, day)
        return {"team": [None, team.pk], "team_from": day.isoformat() if day else None}
    day = day or local_date(timezone.now(), actor.workspace.timezone)
    changed_on = last.starts_on if open_one else last.ends_on
    if changed_on is not None and day < changed_on:
        detail = f"The team changed on {changed_on} already: give that day or a later one."
        raise invalid("/team_from", "before_last_change", detail)
    if open_one is not None:
        held.filter(pk=open_one.pk, starts_on=day).delete()  # it would have held no day
        held.filter(Q(starts_on=None) | Q(starts_on__lt=day), pk=open_one.pk).update(ends_on=day)
    if team is not None:
        _open(agent, team, day)
    before = open_one.team_id if open_one else None
    return {"team": [before, team.pk if team else None], "team_from": day.isoformat()}


def _open(agent: Agent, team: Team, day: date | None) -> None:
    TeamMembership.objects.create(workspace_id=agent.workspace_id, agent=agent, team=team, starts_on=day)
