"""People as imports bring them: agents, teams, memberships, in a handful of statements."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Team, TeamMembership
from accounts.names import team_key
from accounts.services.seen import AgentSeen, ensure_people
from tests.world import World

MARCH = date(2026, 3, 2)


def days(agent_id: int) -> list[tuple[str, date | None, date | None]]:
    rows = TeamMembership.objects.filter(agent_id=agent_id).select_related("team").order_by("starts_on")
    found = [(row.team.name, row.starts_on, row.ends_on) for row in rows]
    return sorted(found, key=lambda row: row[1] or date.min)


def seen(external_id: str = "n-1", **said: object) -> AgentSeen:
    return AgentSeen("helpdesk", external_id, **said)  # type: ignore[arg-type]


def ids(world: World, *agents: AgentSeen) -> int:
    people = ensure_people(workspace_id=world["ours"].workspace.pk, agents=agents)
    return people.agents["helpdesk", agents[0].external_id]


def test_new_agents_and_teams_are_made_and_named(world: World) -> None:
    people = ensure_people(
        workspace_id=world["ours"].workspace.pk,
        agents=[
            seen("n-1", name="Nia", email="nia@example.com", team="  CHAT eu "),
            seen("n-2", kind="bot", team="Night"),
            seen("a-7"),
        ],
    )
    nia = Agent.objects.get(pk=people.agents["helpdesk", "n-1"])
    assert (nia.name, nia.email, nia.kind) == ("Nia", "nia@example.com", "human")
    assert Agent.objects.get(pk=people.agents["helpdesk", "n-2"]).kind == "bot"
    assert people.agents["helpdesk", "a-7"] == world["ours"].rows["agent"].pk
    assert people.team_id("Chat EU ") == world["ours"].rows["team"].pk
    assert people.team_id("night") == Team.objects.get(name="Night").pk
    assert people.team_id("nowhere") is None
    assert days(nia.pk) == [("Chat EU", None, None)]


def test_empty_names_never_overwrite_and_new_ones_do(world: World) -> None:
    agent = world["ours"].rows["agent"]
    ids(world, seen("a-7", name="", email="", kind=""))
    agent.refresh_from_db()
    assert (agent.name, agent.kind) == ("Ana Silva", "human")
    before = agent.updated_at
    ids(world, seen("a-7", name="Ana Souza", kind="bot"), seen("a-7", email="ana@example.com"))
    agent.refresh_from_db()
    assert (agent.name, agent.email, agent.kind) == ("Ana Souza", "ana@example.com", "bot")
    assert agent.updated_at > before


def test_the_first_team_holds_since_ever_and_later_ones_from_their_day(world: World) -> None:
    one = ids(
        world,
        seen(team="Night", closed_on=date(2026, 3, 9)),
        seen(team="Day", closed_on=date(2026, 3, 2)),
        seen(team="Day", closed_on=date(2026, 3, 3)),
    )
    assert days(one) == [("Day", None, date(2026, 3, 9)), ("Night", date(2026, 3, 9), None)]


@pytest.mark.parametrize(
    ("closed_on", "moves"),
    [(date(2026, 3, 8), False), (date(2026, 3, 9), False), (date(2026, 3, 10), True), (None, False)],
)
def test_a_team_changes_only_after_the_last_known_change(
    world: World, closed_on: date | None, moves: bool
) -> None:
    one = ids(world, seen(team="Day", closed_on=MARCH))
    ids(world, seen(team="Night", closed_on=date(2026, 3, 9)))
    ids(world, seen(team="Late", closed_on=closed_on))
    assert (days(one)[-1][0] == "Late") is moves
    assert days(one)[1] == ("Night", date(2026, 3, 9), closed_on if moves else None)


def test_who_left_every_team_joins_again_after_that_day(world: World) -> None:
    agent = world["ours"].rows["agent"]
    TeamMembership.objects.filter(agent=agent).update(ends_on=MARCH)
    ids(world, seen("a-7", team="Chat EU", closed_on=MARCH))
    assert days(agent.pk) == [("Chat EU", None, MARCH)]
    ids(world, seen("a-7", team="Chat EU", closed_on=date(2026, 3, 3)))
    assert days(agent.pk)[1:] == [("Chat EU", date(2026, 3, 3), None)]


def test_a_merged_agent_answers_with_the_one_it_went_into(world: World) -> None:
    rows = world["ours"].rows
    Agent.objects.filter(pk=rows["other_agent"].pk).update(merged_into=rows["agent"])
    assert ids(world, seen("a-8", team="Night", closed_on=MARCH)) == rows["agent"].pk
    assert days(rows["agent"].pk)[-1] == ("Night", MARCH, None)


def test_the_neighbours_people_are_not_ours(world: World) -> None:
    people = ensure_people(workspace_id=world["theirs"].workspace.pk, agents=[seen("a-7", name="Somebody")])
    assert people.agents["helpdesk", "a-7"] == world["theirs"].rows["agent"].pk
    world["ours"].rows["agent"].refresh_from_db()
    assert world["ours"].rows["agent"].name == "Ana Silva"


@pytest.mark.parametrize("size", [3, 300])
def test_the_number_of_statements_does_not_depend_on_the_rows(world: World, size: int) -> None:
    workspace_id = world["ours"].workspace.pk
    first = [seen(f"n-{i}", name=f"N {i}", team=f"Team {i % 3}", closed_on=MARCH) for i in range(size)]
    moved = [seen(f"n-{i}", team=f"Team {i % 3 + 1}", closed_on=date(2026, 4, 1)) for i in range(size)]
    with CaptureQueriesContext(
        connection,
    ) as new:
        ensure_people(workspace_id=workspace_id, agents=first + moved)
    with CaptureQueriesContext(connection) as again:
        ensure_people(workspace_id=workspace_id, agents=first + moved)
    asked = [q["sql"] for q in new if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 16
    assert len([q for q in again if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]) == 3
    assert Agent.objects.filter(workspace_id=workspace_id, name__startswith="N ").count() == size
    assert TeamMembership.objects.filter(agent__name__startswith="N ").count() == 2 * size


@pytest.mark.parametrize(
    ("one", "other"), [(" Chat EU", "chat eu "), ("ΣΑΣ", "σασ"), ("İzmir", "izmir"), ("Straße", "STRAßE")]
)
def test_team_names_match_as_the_database_compares_them(world: World, one: str, other: str) -> None:
    assert team_key(one) == team_key(other)
    with connection.cursor() as cursor:
        cursor.execute("select lower(btrim(%s)), lower(btrim(%s))", [one, other])
        assert cursor.fetchone() == (team_key(one), team_key(other))
