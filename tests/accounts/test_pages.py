"""The settings section and the ways in, through a signed-in browser's requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from accounts import selectors
from accounts.access import Role, RoleGrant
from accounts.models import ApiKey, Member, MemberRole, Team, TeamMembership
from accounts.services import invitations, members
from tests.world import Place, World

Browse = Callable[..., Client]


def url(name: str, *args: Any) -> str:
    return reverse(name, args=["ours", *args])


def value_of(response: Any, element_id: str) -> str:
    """The text that a copy field shows."""
    found = re.search(rf'value="([^"]+)" id="{element_id}"', response.content.decode())
    assert found, response.content
    return found[1]


def invited(place: Place, email: str) -> str:
    actor = place.actor("admin")
    member = members.create_member(actor=actor, email=email, name="Nia", grants=[RoleGrant(Role.LEAD)])
    link = invitations.invite(actor=actor, member_id=member.pk).link
    return link[link.index("/invitations/") :]


# --- coming in --------------------------------------------------------------------------------------------


def test_strangers_are_led_to_the_log_in(world: World) -> None:
    assert Client().get("/")["Location"] == "/accounts/login/"
    assert Client().get(url("settings"))["Location"] == f"/accounts/login/?next={url('settings')}"


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_reset_password_done"])
def test_log_in_pages_wear_our_look(db: None, name: str) -> None:
    page = Client().get(reverse(name)).content.decode()
    assert "common/css/tokens.css" in page
    assert "Menu:" not in page
    assert "sign up" not in page.lower()


def test_signing_up_is_closed(db: None) -> None:
    page = Client().get(reverse("account_signup")).content.decode()
    assert "by invitation" in page


def test_log_in_by_e_mail_in_any_case(world: World) -> None:
    client = Client()
    wrong = client.post("/accounts/login/", {"login": "lead@ours.example", "password": "wrong"})
    assert "error-summary" in wrong.content.decode()
    right = client.post("/accounts/login/", {"login": "Lead@Ours.example", "password": "correct horse"})
    assert right["Location"] == "/"


def test_home_leads_to_the_only_workspace_and_lists_several(world: World, browse: Browse) -> None:
    assert browse("lead").get("/")["Location"] == "/w/ours/"
    Member.objects.create(
        workspace=world["theirs"].workspace, user=world["ours"].people["lead"].user, name="Lead too"
    )
    page = browse("lead").get("/").content.decode()
    assert 'href="/w/ours/"' in page
    assert 'href="/w/theirs/"' in page


def test_home_says_when_there_is_no_workspace(world: World, browse: Browse) -> None:
    client = browse("lead")
    members.deactivate_member(actor=world["ours"].system, member_id=world["ours"].people["lead"].pk)
    assert "not a member of any workspace" in client.get("/").content.decode()


def test_an_invitation_gives_a_log_in_once(world: World) -> None:
    path, client = invited(world["ours"], "nia@example.com"), Client()
    assert "nia@example.com" in client.get(path).content.decode()
    weak = client.post(path, {"name": "Nia", "password": "short"})
    assert weak.status_code == 422
    assert "too short" in weak.content.decode()
    joined = client.post(path, {"name": "Nia New", "password": "correct horse 9"})
    assert joined["Location"] == "/w/ours/"
    assert client.get("/")["Location"] == "/w/ours/"
    assert client.get(path).status_code == 404
    assert "Ask for a new link" in Client().get(path).content.decode()


def test_who_has_a_log_in_logs_in_and_joins(world: World, browse: Browse) -> None:
    path = invited(world["ours"], "lead@theirs.example")
    stranger = Client().get(path).content.decode()
    assert f"/accounts/login/?next={path}" in stranger
    assert "password" not in stranger
    assert Client().post(path, {"name": "X", "password": "correct horse 9"}).status_code == 403
    assert browse("reviewer").post(path).status_code == 403
    neighbour = browse("lead", "theirs")
    assert "Join" in neighbour.get(path).content.decode()
    assert neighbour.post(path)["Location"] == "/w/ours/"


def test_a_forgotten_password_is_set_anew_by_mail(world: World, mailoutbox: list[EmailMessage]) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "lead@ours.example"})
    assert mailoutbox[0].to == ["lead@ours.example"]
    found = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(mailoutbox[0].body))
    assert found
    form = client.get(found[1])["Location"]
    assert "Save the password" in client.get(form).content.decode()
    said = {"password1": "staple battery 9", "password2": "staple battery 9"}
    assert "is saved" in client.post(form, said, follow=True).content.decode()
    assert client.login(email="lead@ours.example", password="staple battery 9")
    assert "no longer works" in Client().get(found[1], follow=True).content.decode()


def test_settings_stay_within_reach_when_the_rail_is_full(browse: Browse) -> None:
    page = browse("admin").get(url("settings-people"))
    shown = page.context["nav"] + page.context["nav_more"]
    assert "Settings" in {str(entry["label"]) for entry in shown}
    assert len(page.context["nav"]) <= 7
    assert f'href="{url("settings")}"' in page.content.decode()
    assert re.search(r'settings/people/"[^>]* aria-current="page"', page.content.decode())


# --- settings ---------------------------------------------------------------------------------------------


def test_workspace_settings_are_saved_from_the_form(world: World, browse: Browse) -> None:
    client = browse("admin")
    form = client.get(url("settings")).context["form"]
    data = {field.html_name: field.value() for field in form if field.value() not in (None, False)} | {
        "pass_mark": "85",
        "timezone": "America/New_York",
    }
    del data["blind"]
    assert client.post(url("settings"), data).status_code == 302
    row = selectors.settings_of(world["ours"].system)
    assert (row.pass_mark, row.blind, row.workspace.timezone) == (Decimal(85), False, "America/New_York")
    refused = client.post(url("settings"), data | {"pass_mark": "101"})
    assert refused.status_code == 422
    assert "error-summary" in refused.content.decode()


def test_a_person_is_added_with_a_link_shown_once(world: World, browse: Browse) -> None:
    client, team = browse("admin"), world["ours"].rows["team"]
    data = {"email": "kim@example.com", "name": "Kim", "roles": ["lead", "reviewer"], "lead_teams": [team.pk]}
    made = client.post(url("settings-person-add"), data)
    assert made["Cache-Control"] == "no-store"
    token = value_of(made, "invitation-link").rstrip("/").split("/")[-1]
    kim = selectors.invitation(token).member
    assert set(selectors.grants_of(kim)) == {RoleGrant(Role.LEAD, team.pk), RoleGrant(Role.REVIEWER)}
    assert token not in client.get(url("settings-person", kim.pk)).content.decode()
    again = client.post(url("settings-person-add"), data)
    assert again.status_code == 422
    assert "There is a member with the e-mail" in again.content.decode()


def test_a_persons_page_changes_roles_and_keeps_scopes_it_does_not_show(world: World, browse: Browse) -> None:
    ours, client = world["ours"], browse("admin")
    manager = ours.people["manager"]
    MemberRole.objects.filter(member=manager).update(team=ours.rows["team"])
    page = url("settings-person", manager.pk)
    shown = client.get(page).content.decode()
    assert re.search(r'value="manager"[^>]* checked', shown)
    assert not re.search(r'value="lead"[^>]* checked', shown)
    data = {"name": "Max", "roles": ["manager", "reviewer"], "agent": ""}
    assert client.post(page, data).status_code == 302
    assert set(selectors.grants_of(manager)) == {
        RoleGrant(Role.MANAGER, ours.rows["team"].pk),
        RoleGrant(Role.REVIEWER),
    }
    agent = ours.people["agent"]
    assert client.post(url("settings-person", agent.pk), {"name": "A", "roles": ["agent"], "agent": ""})
    agent.refresh_from_db()
    assert agent.agent is None
    linked = {"name": "Max", "roles": ["agent"], "agent": ours.rows["agent"].pk}
    client.post(page, linked)
    manager.refresh_from_db()
    assert manager.agent == ours.rows["agent"]


def test_deactivating_oneself_as_last_administrator_is_refused_in_words(world: World, browse: Browse) -> None:
    admin = world["ours"].people["admin"]
    client = browse("admin")
    client.post(url("settings-person-deactivate", admin.pk))
    page = client.get(url("settings-person", admin.pk)).content.decode()
    assert "Nobody else who can log in" in page
    lead = world["ours"].people["lead"]
    client.post(url("settings-person-deactivate", lead.pk))
    assert "Deactivated" in client.get(url("settings-person", lead.pk)).content.decode()
    client.post(url("settings-person-reactivate", lead.pk))
    lead.refresh_from_db()
    assert lead.is_active


def test_teams_are_made_renamed_and_agents_moved(world: World, browse: Browse) -> None:
    ours, client = world["ours"], browse("admin")
    assert client.post(url("settings-teams"), {"name": "phone us"}).status_code == 422
    client.post(url("settings-teams"), {"name": "Night"})
    night = Team.objects.get(name="Night")
    client.post(url("settings-team", night.pk), {"name": "Nights"})
    agent = ours.rows["agent"]
    data = {"name": "Ana", "kind": "human", "team": night.pk, "team_from": "2026-03-10"}
    assert client.post(url("settings-agent", agent.pk), data).status_code == 302
    assert TeamMembership.objects.get(agent=agent, ends_on=None).starts_on == date(2026, 3, 10)
    page = client.get(url("settings-agent", agent.pk)).content.decode()
    assert "from 10 Mar 2026" in page
    assert "until before 10 Mar 2026" in page
    assert "Ana" in client.get(url("settings-team", night.pk)).content.decode()
    early = client.post(url("settings-agent", agent.pk), data | {"team": "", "team_from": "2026-03-01"})
    assert early.status_code == 422
    assert "The team changed on 2026-03-10" in early.content.decode()
    found = client.get(url("settings-agents"), {"q": "bo"}).content.decode()
    assert "Bo Lind" in found
    assert "Ana" not in found


def test_a_key_is_shown_once_and_revoked(world: World, browse: Browse) -> None:
    client = browse("admin")
    made = client.post(url("settings-keys"), {"name": "import", "role": "manager"})
    secret = value_of(made, "new-key")
    assert made["Cache-Control"] == "no-store"
    key = selectors.live_key(secret)
    assert key is not None
    page = client.get(url("settings-keys")).content.decode()
    assert secret not in page
    assert key.prefix in page
    client.post(url("settings-key-revoke", key.pk))
    assert selectors.live_key(secret) is None
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None
    refused = client.post(url("settings-keys"), {"name": "x", "role": "agent"})
    assert "names its agent" in refused.content.decode()


def test_the_audit_page_filters_by_action(world: World, browse: Browse) -> None:
    client = browse("admin")
    client.post(url("settings-teams"), {"name": "Night"})
    client.post(url("settings-keys"), {"name": "import", "role": "manager"})
    everything = client.get(url("settings-audit")).context["events"]
    assert [event.action for event in everything] == ["api_key.created", "team.created"]
    some = client.get(url("settings-audit"), {"action": "team.created"}).context["events"]
    assert [event.action for event in some] == ["team.created"]
