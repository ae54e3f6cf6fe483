"""Making what imported reviews speak of and nobody knew: stubs of conversations and agents, reviewers without
a log-in. Only for rows that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.access import Actor, Role, RoleGrant
from accounts.models import Member
from accounts.services.members import create_member
from accounts.services.seen import AgentSeen, ensure_people
from common.periods import local_date
from conversations.models import Conversation
from conversations.services.derived_rows import derive
from conversations.services.known import Teams, teams_of
from qa_reviews.history.matching import known_as
from qa_reviews.import_rows import ReviewRow
from qa_reviews.import_talk_rows import PersonIn
from qa_reviews.services.import_checks import Checked, Known


@dataclass(frozen=True, slots=True)
class Place:
    """Where a checked row belongs, everything made."""

    checked: Checked
    conversation: Conversation
    agent_id: int
    team_id: int | None
    reviewer: Member
    people: Mapping[PersonIn, Member]  # who spoke after the review


def settle(*, actor: Actor, known: Known, checked: Sequence[Checked]) -> list[Place]:
    """The places of the rows, in their order."""
    people = ensure_people(workspace_id=actor.workspace_id, agents=list(_mentions(actor, checked)))
    agent_ids = {**known.agents, **people.agents}
    teams = teams_of(workspace_id=actor.workspace_id, agent_ids=_agent_ids(checked) | {*agent_ids.values()})
    stubs: list[Conversation] = []
    places = [_place(actor, known, each, agent_ids, teams, stubs) for each in checked]
    Conversation.objects.bulk_create(stubs)
    derive(conversation_ids=[stub.pk for stub in stubs])
    return places


def _mentions(actor: Actor, checked: Sequence[Checked]) -> Iterator[AgentSeen]:
    """The agents as the rows tell of them; what they say of an agent's kind only makes a new one."""
    for each in checked:
        agent = each.row.agent
        if agent is not None:
            kind = "" if each.agent_id else agent.kind
            day = _day(actor, each.row)
            yield AgentSeen(agent.source, agent.external_id, agent.name, agent.email, kind, agent.team, day)


def _agent_ids(checked: Sequence[Checked]) -> set[int]:
    return {each.agent_id for each in checked if each.agent_id is not None}


def _place(
    actor: Actor,
    known: Known,
    each: Checked,
    agent_ids: dict[tuple[str, str], int],
    teams: Teams,
    stubs: list[Conversation],
) -> Place:
    row = each.row
    agent_id = each.agent_id
    if agent_id is None:
        assert row.agent is not None  # checked
        agent_id = agent_ids[row.agent.source, row.agent.external_id]
    conversation = known.conversations.get(row.conversation)
    if conversation is None:
        conversation = _stub(actor, row, agent_id, teams)
        known.conversations[row.conversation] = conversation
        stubs.append(conversation)
    team_id = _team(actor, row, conversation, agent_id, teams)
    members = known.members
    reviewer = member_for(actor=actor, members=members, person=row.reviewer, role=Role.REVIEWER)
    people = {
        person: member_for(actor=actor, members=members, person=person, role=Role.AGENT)
        for person in row.people
    }
    return Place(each, conversation, agent_id, team_id, reviewer, people)


def _stub(actor: Actor, row: ReviewRow, agent_id: int, teams: Teams) -> Conversation:
    """A conversation of which only this review tells; the real one may follow and takes its place."""
    return Conversation(
        workspace_id=actor.workspace_id,
        source=row.conversation.source,
        external_id=row.conversation.external_id,
        status=Conversation.Status.OPEN,
        url=row.url,
        opened_at=row.opened_at,
        agent_id=agent_id,
        team_id=teams.on(agent_id, _day(actor, row)),
        is_stub=True,
    )


def _team(
    actor: Actor, row: ReviewRow, conversation: Conversation, agent_id: int, teams: Teams
) -> int | None:
    """The agent's team as the conversation had it; of one that is not closed, on the day of the review."""
    if conversation.agent_id == agent_id:
        return conversation.team_id
    return teams.on(agent_id, conversation.closed_on or _day(actor, row))


def member_for(*, actor: Actor, members: list[Member], person: PersonIn, role: Role) -> Member:
    """Who it is of the members; a stranger becomes one, without a log-in and with the role he was seen in."""
    found = known_as(members, person)
    if found is None:
        found = create_member(
            actor=Actor.system(actor.workspace),
            email=person.email,
            name=person.name or person.email,
            grants=[RoleGrant(role)],
        )
        members.append(found)
    return found


def _day(actor: Actor, row: ReviewRow) -> date:
    return local_date(row.submitted_at, actor.workspace.timezone)
