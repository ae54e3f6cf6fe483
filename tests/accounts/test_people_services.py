"""Teams, agents, members and invitations: what each service changes and refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import selectors
from accounts.access import Role, RoleGrant
from accounts.models import AuditEvent, Invitation, Member, TeamMembership, User
from accounts.services import agents, invitations, members, teams
from common.errors import Conflict, Invalid, Missing, Refused, Stale
from tests.world import Place, World

ADMIN = RoleGrant(Role.ADMIN)


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def last_event(place: Place) -> AuditEvent:
    return AuditEvent.objects.filter(workspace=place.workspace).latest("pk")


def new_member(place: Place, email: str = "new@example.com") -> Member:
    return members.create_member(
        actor=place.actor("admin"), email=email, name="New", grants=[RoleGrant(Role.REVIEWER)]
    )


def token_of(place: Place, member: Member) -> str:
    return invitations.invite(actor=place.actor("admin"), member_id=member.pk).link.rstrip("/").split("/")[-1]


# --- teams and agents -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chat eu", "  CHAT EU ", "", "   ", "x" * 256])
def test_a_team_needs_a_name_of_its_own(ours: Place, name: str) -> None:
    with pytest.raises(Invalid):
        teams.create_team(actor=ours.actor("admin"), name=name)


def test_renaming_a_team_keeps_who_was_in_it(ours: Place) -> None:
    team = ours.rows["team"]
    teams.rename_team(actor=ours.actor("manager"), team_id=team.pk, name=" chat Eu ")
    team.refresh_from_db()
    assert team.name == "chat Eu"
    assert last_event(ours).changes == {"name": ["Chat EU", "chat Eu"]}
    with pytest.raises(Stale):
        teams.rename_team(actor=ours.actor("manager"), team_id=team.pk, name="Other", if_match='"old"')
    with pytest.raises(Refused):
        teams.rename_team(actor=ours.actor("lead"), team_id=team.pk, name="Other")


def test_moving_an_agent_closes_one_membership_and_opens_another(ours: Place) -> None:
    agent, other = ours.rows["agent"], ours.rows["other_team"]
    day = date(2026, 3, 10)
    agents.update_agent(
        actor=ours.actor("admin"), agent_id=agent.pk, changes={"team": other, "team_from": day}
    )
    held = TeamMembership.objects.filter(agent=agent).order_by("-ends_on")
    assert [(m.team_id, m.starts_on, m.ends_on) for m in held] == [
        (other.pk, day, None),
        (ours.rows["team"].pk, None, day),
    ]
    assert selectors.teams_on(ours.workspace.pk, [agent.pk], date(2026, 3, 9)) == {
        agent.pk: ours.rows["team"].pk
    }
    assert selectors.teams_on(ours.workspace.pk, [agent.pk], day) == {agent.pk: other.pk}
    assert last_event(ours).changes["team"] == [ours.rows["team"].pk, other.pk]


def test_history_before_the_last_change_does_not_move(ours: Place) -> None:
    agent, admin = ours.rows["agent"], ours.actor("admin")
    third = teams.create_team(actor=admin, name="Third")
    day = date(2026, 3, 10)
    agents.update_agent(
        actor=admin, agent_id=agent.pk, changes={"team": ours.rows["other_team"], "team_from": day}
    )
    early: agents.AgentChanges = {"team": third, "team_from": day - timedelta(days=1)}
    with pytest.raises(Invalid, match="2026-03-10"):
        agents.update_agent(actor=admin, agent_id=agent.pk, changes=early)
    agents.update_agent(actor=admin, agent_id=agent.pk, changes={"team": third, "team_from": day})
    assert TeamMembership.objects.filter(agent=agent, ends_on=None).get().team == third
    agents.update_agent(
        actor=admin, agent_id=agent.pk, changes={"team": None, "team_from": day + timedelta(days=5)}
    )
    assert selectors.teams_on(ours.workspace.pk, [agent.pk], day + timedelta(days=5)) == {}


def test_the_database_holds_one_team_a_day(ours: Place) -> None:
    with pytest.raises(IntegrityError, match="one_team_a_day"), transaction.atomic():
        TeamMembership.objects.create(
            workspace=ours.workspace,
            agent=ours.rows["agent"],
            team=ours.rows["other_team"],
            starts_on=date(2026, 3, 2),
            ends_on=date(2026, 3, 3),
        )
    with pytest.raises(IntegrityError, match="membership_has_days"), transaction.atomic():
        TeamMembership.objects.create(
            workspace=ours.workspace,
            agent=ours.rows["agent"],
            team=ours.rows["other_team"],
            starts_on=date(2026, 3, 3),
            ends_on=date(2026, 3, 3),
        )


def test_an_agent_is_one_for_each_source_and_id(ours: Place) -> None:
    admin = ours.actor("admin")
    with pytest.raises(Invalid, match="already"):
        agents.create_agent(actor=admin, source="helpdesk", external_id="a-7")
    agent = agents.create_agent(
        actor=admin, source="phone", external_id="a-7", changes={"name": " Bo ", "team": ours.rows["team"]}
    )
    assert (agent.name, TeamMembership.objects.get(agent=agent).starts_on) == ("Bo", None)


# --- members ----------------------------------------------------------------------------------------------


def test_a_member_is_made_with_scoped_roles_and_one_event(ours: Place) -> None:
    team = ours.rows["team"]
    grants = [RoleGrant(Role.LEAD, team.pk), RoleGrant(Role.REVIEWER), RoleGrant(Role.REVIEWER)]
    member = members.create_member(
        actor=ours.actor("admin"), email=" Kim@Example.com", name=" Kim ", grants=grants
    )
    assert (member.name, member.email, member.user) == ("Kim", "Kim@Example.com", None)
    assert set(selectors.grants_of(member)) == set(grants)
    assert last_event(ours).action == "member.created"
    with pytest.raises(Invalid, match="already"):
        members.create_member(
            actor=ours.actor("admin"), email="kim@example.com", name="K", grants=[RoleGrant(Role.AGENT)]
        )


def test_roles_are_needed_and_an_administrator_is_one_everywhere(ours: Place) -> None:
    for grants in ([], [RoleGrant(Role.ADMIN, ours.rows["team"].pk)]):
        with pytest.raises(Invalid):
            members.create_member(actor=ours.actor("admin"), email="k@example.com", name="K", grants=grants)


def test_the_last_administrator_stays(ours: Place) -> None:
    actor, admin = ours.actor("admin"), ours.people["admin"]
    with pytest.raises(Conflict, match="administrator"):
        members.deactivate_member(actor=actor, member_id=admin.pk)
    with pytest.raises(Conflict, match="administrator"):
        members.update_member(actor=actor, member_id=admin.pk, changes={"grants": [RoleGrant(Role.LEAD)]})
    invited_only = new_member(ours)
    members.update_member(actor=actor, member_id=invited_only.pk, changes={"grants": [ADMIN]})
    with pytest.raises(Conflict):  # he cannot log in yet
        members.deactivate_member(actor=actor, member_id=admin.pk)
    lead = ours.people["lead"]
    members.update_member(actor=actor, member_id=lead.pk, changes={"grants": [ADMIN]})
    members.deactivate_member(actor=actor, member_id=admin.pk)
    with pytest.raises(Missing):
        ours.actor("admin")


def test_deactivating_shuts_out_and_reactivating_lets_in(ours: Place) -> None:
    actor, lead = ours.actor("admin"), ours.people["lead"]
    members.deactivate_member(actor=actor, member_id=lead.pk)
    with pytest.raises(Missing):
        ours.actor("lead")
    with pytest.raises(Conflict):
        members.deactivate_member(actor=actor, member_id=lead.pk)
    members.reactivate_member(actor=actor, member_id=lead.pk)
    assert ours.actor("lead").roles == {Role.LEAD}


def test_an_agent_is_linked_to_one_member(ours: Place) -> None:
    member = new_member(ours)
    taken: members.MemberChanges = {"agent": ours.rows["agent"]}
    with pytest.raises(Invalid, match="linked to Agent"):
        members.update_member(actor=ours.actor("admin"), member_id=member.pk, changes=taken)
    members.update_member(
        actor=ours.actor("admin"), member_id=ours.people["agent"].pk, changes={"agent": None}
    )
    members.update_member(actor=ours.actor("admin"), member_id=member.pk, changes=taken)
    assert last_event(ours).changes == {"agent": [None, ours.rows["agent"].pk]}


def test_nothing_changed_writes_nothing(ours: Place) -> None:
    lead = ours.people["lead"]
    events = AuditEvent.objects.count()
    members.update_member(actor=ours.actor("admin"), member_id=lead.pk, changes={"name": lead.name})
    assert AuditEvent.objects.count() == events


# --- invitations ------------------------------------------------------------------------------------------


def test_an_invitation_works_once(ours: Place) -> None:
    member = new_member(ours)
    token = token_of(ours, member)
    assert token not in str(Invitation.objects.values())
    joined = invitations.accept_invitation(token=token, user=None, name="Nia New", password="correct horse 9")
    assert joined.name == "Nia New"
    assert authenticate(email="new@example.com", password="correct horse 9") == joined.user
    with pytest.raises(Missing, match="Ask for a new link"):
        invitations.accept_invitation(token=token, user=None, name="X", password="correct horse 9")
    with pytest.raises(Conflict, match="log-in already"):
        invitations.invite(actor=ours.actor("admin"), member_id=member.pk)


def test_a_newer_link_replaces_the_older_and_all_expire(ours: Place) -> None:
    member = new_member(ours)
    first, second = token_of(ours, member), token_of(ours, member)
    with pytest.raises(Missing):
        selectors.invitation(first)
    assert selectors.invitation(second).expires_at > timezone.now() + timedelta(days=6, hours=23)
    Invitation.objects.update(expires_at=timezone.now())
    with pytest.raises(Missing):
        invitations.accept_invitation(token=second, user=None, name="N", password="correct horse 9")


@pytest.mark.parametrize("password", ["", "short", "password1", "new@example.com"])
def test_a_weak_password_leaves_the_link_open(ours: Place, password: str) -> None:
    token = token_of(ours, new_member(ours))
    with pytest.raises(Invalid):
        invitations.accept_invitation(token=token, user=None, name="N", password=password)
    assert selectors.invitation(token).used_at is None
    assert not User.objects.filter(email="new@example.com").exists()


def test_who_has_a_log_in_joins_signed_in_and_keeps_his_password(world: World) -> None:
    ours, neighbour = world["ours"], world["theirs"].people["lead"].user
    assert neighbour is not None
    token = token_of(ours, new_member(ours, email=neighbour.email.upper()))
    for user in (None, ours.people["lead"].user):
        with pytest.raises(Refused, match="Log in as"):
            invitations.accept_invitation(token=token, user=user, name="N", password="stolen horse 9")
    joined = invitations.accept_invitation(token=token, user=neighbour)
    assert joined.user == neighbour
    assert authenticate(email=neighbour.email, password="correct horse") == neighbour
    assert selectors.actor_for("ours", user=neighbour).roles == {Role.REVIEWER}


def test_a_service_member_is_not_invited(ours: Place) -> None:
    service = Member.objects.create(workspace=ours.workspace, kind="service", name="importer")
    with pytest.raises(Conflict):
        invitations.invite(actor=ours.actor("admin"), member_id=service.pk)
