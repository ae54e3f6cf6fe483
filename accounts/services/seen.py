"""People as imports see them: agents and teams of a chunk of rows, brought in by a handful of statements.

An agent's first known team holds since ever; a later row opens another from its closing date, when that is
later than the last known change (domain.md section 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Agent, Team, TeamMembership
from accounts.names import team_key

AgentKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """One mention of an agent in an imported row. Empty means "not said" and never overwrites; `kind` is
    "human", "bot" or empty; texts are within the columns' lengths and free of NUL."""

    source: str
    external_id: str
    name: str = ""
    email: str = ""
    kind: str = ""
    team: str = ""
    closed_on: date | None = None

    @property
    def key(self) -> AgentKey:
        return self.source, self.external_id


@dataclass(frozen=True, slots=True)
class People:
    """Ids of agents by (source, external id), merged ones by the agent they went into, and of teams by
    `team_key(name)`."""

    agents: Mapping[AgentKey, int]
    teams: Mapping[str, int]

    def team_id(self, name: str) -> int | None:
        return self.teams.get(team_key(name))


@dataclass(slots=True)
class _Known:
    """What the tables hold of the people in a chunk."""

    agents: dict[AgentKey, Agent]
    teams: dict[str, int]
    last: dict[int, TeamMembership] = field(default_factory=dict)  # by agent id: the latest membership

    @property
    def people(self) -> People:
        return People(
            {key: agent.merged_into_id or agent.pk for key, agent in self.agents.items()}, self.teams
        )


@transaction.atomic
def ensure_people(*, workspace_id: int, agents: Iterable[AgentSeen]) -> People:
    """Make or complete the agents and teams of these mentions and open memberships; writers of one workspace
    queue up. Three queries when nothing is new, a handful more otherwise, whatever the number of rows."""
    mentions = sorted(agents, key=lambda one: (one.closed_on is None, one.closed_on or date.min))
    known = _read(workspace_id, mentions)
    if not _news(known, mentions):
        return known.people
    lock_people(workspace_id)
    known = _read(workspace_id, mentions)
    _make_teams(workspace_id, known, mentions)
    _make_agents(workspace_id, known, mentions)
    known = _read(workspace_id, mentions)
    _open_memberships(workspace_id, known, mentions)
    return known.people


def lock_people(workspace_id: int) -> None:
    """Until the transaction ends, no other writer changes who is in which team."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('accounts.people', %s))", [workspace_id]
        )


def _read(workspace_id: int, mentions: list[AgentSeen]) -> _Known:
    keys = {one.key for one in mentions}
    rows = Agent.objects.in_workspace(workspace_id).filter(
        source__in={source for source, _ in keys}, external_id__in={external for _, external in keys}
    )
    agents = {key: row for row in rows if (key := (row.source, row.external_id)) in keys}
    teams = Team.objects.in_workspace(workspace_id).values_list("name", "pk")
    ids = {row.merged_into_id or row.pk for row in agents.values()}
    latest = (
        TeamMembership.objects.in_workspace(workspace_id)
        .filter(agent_id__in=ids)
        .order_by("agent_id", "-ends_on")  # descending puts the open one (null) first
        .distinct("agent_id")
    )
    return _Known(agents, {team_key(name): pk for name, pk in teams}, {row.agent_id: row for row in latest})


def _news(known: _Known, mentions: list[AgentSeen]) -> bool:
    if any(one.team.strip() and team_key(one.team) not in known.teams for one in mentions):
        return True
    return bool(_agents_to_write(known, mentions) or _changes(known, mentions))


def _make_teams(workspace_id: int, known: _Known, mentions: list[AgentSeen]) -> None:
    names = {team_key(one.team): one.team.strip() for one in reversed(mentions) if one.team.strip()}
    missing = [name for key, name in sorted(names.items()) if key not in known.teams]
    Team.objects.bulk_create(
        [Team(workspace_id=workspace_id, name=name) for name in missing], ignore_conflicts=True
    )


def _agents_to_write(known: _Known, mentions: list[AgentSeen]) -> list[AgentSeen]:
    """The newest said value of every field, for the agents it makes or changes."""
    said: dict[AgentKey, AgentSeen] = {}
    for one in mentions:
        before = said.get(one.key) or _as_seen(known.agents.get(one.key)) or AgentSeen(*one.key)
        said[one.key] = replace(
            before,
            name=one.name.strip() or before.name,
            email=one.email.strip() or before.email,
            kind=one.kind or before.kind,
        )
    return [one for key, one in sorted(said.items()) if one != _as_seen(known.agents.get(key))]


def _as_seen(agent: Agent | None) -> AgentSeen | None:
    if agent is None:
        return None
    return AgentSeen(agent.source, agent.external_id, agent.name, agent.email, agent.kind)


def _make_agents(workspace_id: int, known: _Known, mentions: list[AgentSeen]) -> None:
    now = timezone.now()
    Agent.objects.bulk_create(
        [
            Agent(
                workspace_id=workspace_id,
                source=one.source,
                external_id=one.external_id,
                name=one.name,
                email=one.email,
                kind=one.kind or Agent.Kind.HUMAN,
                updated_at=now,
            )
            for one in _agents_to_write(known, mentions)
        ],
        update_conflicts=True,
        unique_fields=["workspace", "source", "external_id"],
        update_fields=["name", "email", "kind", "updated_at"],
    )


@dataclass(slots=True)
class _Change:
    """What becomes of one agent's memberships: the known one may end, others follow."""

    ends: TeamMembership | None = None
    opens: list[TeamMembership] = field(default_factory=list)


def _changes(known: _Known, mentions: list[AgentSeen]) -> dict[int, _Change]:
    """By agent id, for agents and teams that exist already; mentions in the order of their dates."""
    changes: dict[int, _Change] = {}
    ids = known.people.agents
    last = dict(known.last)
    for one in mentions:
        agent_id, team_id = ids.get(one.key), known.teams.get(team_key(one.team))
        if agent_id is None or team_id is None or not _moves(last.get(agent_id), team_id, one.closed_on):
            continue
        change, before = changes.setdefault(agent_id, _Change()), last.get(agent_id)
        starts_on = one.closed_on if before is not None else None
        if before is not None and before.ends_on is None:
            before.ends_on = one.closed_on
            change.ends = before if before.pk else change.ends
        last[agent_id] = TeamMembership(agent_id=agent_id, team_id=team_id, starts_on=starts_on)
        change.opens.append(last[agent_id])
    return changes


def _moves(last: TeamMembership | None, team_id: int, closed_on: date | None) -> bool:
    if last is None:
        return True
    if closed_on is None:
        return False
    if last.ends_on is not None:
        return closed_on > last.ends_on
    return last.team_id != team_id and (last.starts_on is None or closed_on > last.starts_on)


def _open_memberships(workspace_id: int, known: _Known, mentions: list[AgentSeen]) -> None:
    changes = _changes(known, mentions).values()
    ended = [change.ends for change in changes if change.ends is not None]
    opened = [row for change in changes for row in change.opens]
    for row in opened:
        row.workspace_id = workspace_id
    TeamMembership.objects.bulk_update(ended, ["ends_on"])
    TeamMembership.objects.bulk_create(opened)
