"""The demo's people: who logs in, when agents started, what reviewers can read and want to reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from accounts import selectors as people
from accounts.access import Actor, RoleGrant
from accounts.models import Agent, Member, Team
from accounts.services.absences import add_absence
from accounts.services.agents import update_agent
from accounts.services.invitations import accept_invitation, invite
from accounts.services.members import MemberChanges, create_member, update_member
from desk.demo.cast import AGENTS, PEOPLE, DemoPerson


def join_all(*, system: Actor, password: str) -> dict[str, Member]:
    """Everybody who logs in, by key, by an invitation like anybody else's."""
    return {person.key: _join(system, person, password) for person in PEOPLE}


def _join(actor: Actor, person: DemoPerson, password: str) -> Member:
    member = people.members(actor).filter(email=person.email).first()
    if member is None:
        team = Team.objects.visible_to(actor).get(name=person.team) if person.team else None
        agent = Agent.objects.visible_to(actor).get(external_id=person.agent) if person.agent else None
        member = create_member(
            actor=actor,
            email=person.email,
            name=person.name,
            grants=[RoleGrant(person.role, team.pk if team else None)],
            agent=agent,
        )
    token = invite(actor=actor, member_id=member.pk).link.rstrip("/").rsplit("/", 1)[-1]
    return accept_invitation(token=token, user=None, name=person.name, password=password)


def tell_profiles(*, system: Actor, members: Mapping[str, Member]) -> None:
    """What reviewers read and how much they mean to do."""
    for person in PEOPLE:
        changes: MemberChanges = {}
        if person.languages or person.channels:
            changes |= {"languages": list(person.languages), "channels": list(person.channels)}
        if person.goal:
            changes |= {"goal_reviews": person.goal, "goal_period": Member.GoalPeriod.WEEK}
        if changes:
            update_member(actor=system, member_id=members[person.key].pk, changes=changes)


def tell_absences(*, system: Actor, members: Mapping[str, Member], today: date) -> None:
    """One reviewer has just left with work waiting; another will be away."""
    away = (("reviewer3", 0, 9, "Cycling holiday"), ("reviewer2", 18, 24, ""))
    for key, first, last, note in away:
        days = today + timedelta(days=first), today + timedelta(days=last)
        add_absence(actor=system, member_id=members[key].pk, starts_on=days[0], ends_on=days[1], note=note)


def tell_starts(*, system: Actor, monday: date) -> None:
    """The day on which each agent started, where it is known; `monday` is this week's."""
    rows = {agent.external_id: agent for agent in Agent.objects.visible_to(system)}
    for agent in AGENTS:
        started = agent.started(monday)
        if started is not None:
            update_agent(actor=system, agent_id=rows[agent.external_id].pk, changes={"starts_on": started})
