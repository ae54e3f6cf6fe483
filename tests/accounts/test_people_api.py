"""People over the API, and the conventions of api.md on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Agent, IdempotentAnswer, Invitation, Member, Team
from accounts.services.idempotency import reserve
from common.problems import TITLES
from tests.world import ApiClient, World

Api = Callable[..., ApiClient]


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem document of a refusal, checked for its form."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert set(document) == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document  # type: ignore[no-any-return]


def local(link: str) -> str:
    assert link.startswith("http://testserver/")
    return link.removeprefix("http://testserver")


def codes(response: Any, status: int = 422) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in problem(response, status)["errors"]}


# --- conventions ------------------------------------------------------------------------------------------


def test_who_is_not_known_gets_401(world: World) -> None:
    response = Client().get("/api/v1/w/ours/teams/")
    assert problem(response, 401)["title"] == TITLES[401]
    assert response["WWW-Authenticate"] == "Bearer"
    wrong = Client().get("/api/v1/w/ours/teams/", headers={"Authorization": "Bearer plb_wrong"})
    assert "not known" in problem(wrong, 401)["detail"]


def test_the_neighbours_workspace_and_rows_are_404(world: World, api: Api) -> None:
    problem(api("admin").get("/api/v1/w/theirs/teams/"), 404)
    problem(api("admin").get("/api/v1/w/nowhere/teams/"), 404)
    problem(api("admin").get(f"agents/{world['theirs'].rows['agent'].pk}/"), 404)
    problem(api("admin").get(f"agents/{2**70}/"), 404)


def test_a_colleague_without_the_right_gets_403_and_the_reason(api: Api) -> None:
    document = problem(api("lead").post("teams/", {"name": "X"}), 403)
    assert document["detail"] == "Your role does not let you change teams and agents."


def test_a_body_that_is_no_json_is_400_and_another_type_415(api: Api) -> None:
    problem(api("admin").post("teams/", "{", content_type="application/json"), 400)
    problem(api("admin").post("teams/", "name=X", content_type="text/plain"), 415)


def test_a_method_that_is_not_served_is_405(api: Api) -> None:
    problem(api("admin").delete("teams/"), 405)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/name": "required"}),
        ({"name": None}, {"/name": "required"}),
        ({"name": "X", "colour": "red"}, {"/colour": "unknown_field"}),
        ({"colour": "red"}, {"/name": "required", "/colour": "unknown_field"}),
        ({"name": "a\0b"}, {"/name": "invalid_text"}),
        ({"name": "x" * 256}, {"/name": "max_length"}),
        ({"name": "chat eu"}, {"/name": "taken"}),
    ],
)
def test_wrong_fields_are_422_by_name(api: Api, body: dict[str, Any], expected: dict[str, str]) -> None:
    count = Team.objects.count()
    found = codes(api("admin").post("teams/", body))
    assert found == expected or set(found) == set(expected) == {"/name"}
    assert Team.objects.count() == count


def test_unknown_parameters_and_values_are_422(world: World, api: Api) -> None:
    admin = api("admin")
    assert codes(admin.get("teams/", {"colour": "red"})) == {"/colour": "unknown_parameter"}
    assert codes(admin.get("agents/", {"kind": "robot"})) == {"/kind": "invalid"}
    assert codes(admin.get("agents/", {"team": "external:x"})) == {"/team": "not_found"}
    theirs = world["theirs"].rows["team"].pk
    assert codes(admin.get("agents/", {"team": theirs})) == {"/team": "not_found"}
    assert codes(admin.get("agents/", {"limit": "201"})) == {"/limit": "out_of_range"}
    assert codes(admin.get("agents/", {"cursor": "!!"})) == {"/cursor": "invalid"}


def test_paths_work_with_and_without_the_final_slash(api: Api) -> None:
    assert api("lead").get("me").json() == api("lead").get("me/").json()
    assert api("admin").post("teams", {"name": "No slash"}).status_code == 201
    assert api("admin").post("teams/", {"name": "A slash"}).status_code == 201


def test_the_first_answer_is_given_again(api: Api) -> None:
    admin = api("admin")
    first = admin.post("teams/", {"name": "Once"}, **{"Idempotency-Key": "k1"})
    again = admin.post("teams/", {"name": "Once"}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 201
    assert Team.objects.filter(name="Once").count() == 1
    other = admin.post("teams/", {"name": "Another"}, **{"Idempotency-Key": "k1"})
    assert codes(other) == {"/Idempotency-Key": "key_reused"}
    assert api("manager").post("teams/", {"name": "His"}, **{"Idempotency-Key": "k1"}).status_code == 201


def test_a_refused_request_frees_its_key(api: Api) -> None:
    admin = api("admin")
    problem(admin.post("teams/", {"name": "chat eu"}, **{"Idempotency-Key": "k1"}), 422)
    assert IdempotentAnswer.objects.count() == 0
    assert admin.post("teams/", {"name": "Free"}, **{"Idempotency-Key": "k1"}).status_code == 201


def test_a_twin_that_still_runs_is_409(world: World, api: Api) -> None:
    body = '{"name": "Twin"}'
    digest = hashlib.sha256(body.encode()).hexdigest()
    member = world["ours"].people["admin"]
    reserve(member=member, key="k1", path="/api/v1/w/ours/teams", body_hash=digest)
    problem(api("admin").post("teams/", body, **{"Idempotency-Key": "k1"}), 409)
    assert not Team.objects.filter(name="Twin").exists()


def test_lists_are_cursor_pages_both_ways(world: World, api: Api) -> None:
    admin = api("admin")
    for number in range(5):
        Team.objects.create(workspace=world["ours"].workspace, name=f"Team {number}")
    first = admin.get("teams/", {"limit": 3}).json()
    second = admin.get(local(first["next"])).json()
    third = admin.get(local(second["next"])).json()
    assert [len(page["results"]) for page in (first, second, third)] == [3, 3, 1]
    assert (first["previous"], third["next"]) == (None, None)
    names = [row["name"] for page in (first, second, third) for row in page["results"]]
    assert names == ["Chat EU", "Phone US", *[f"Team {number}" for number in range(5)]]
    assert admin.get(local(third["previous"])).json()["results"] == second["results"]


def test_updated_since_is_inclusive_and_waits_some_seconds(world: World, api: Api) -> None:
    team = world["ours"].rows["team"]
    at = timezone.now() - timedelta(minutes=1)
    Team.objects.exclude(pk=team.pk).update(updated_at=timezone.now())
    Team.objects.filter(pk=team.pk).update(updated_at=at)
    ids = [
        row["id"] for row in api("admin").get("teams/", {"updated_since": at.isoformat()}).json()["results"]
    ]
    assert ids == [team.pk]  # the other team changed within the last five seconds
    later = (at + timedelta(microseconds=1)).isoformat()
    assert api("admin").get("teams/", {"updated_since": later}).json()["results"] == []
    assert codes(api("admin").get("teams/", {"updated_since": "2026-03-02"})) == {
        "/updated_since": "invalid_datetime"
    }


def test_an_etag_guards_a_change(world: World, api: Api) -> None:
    path = f"teams/{world['ours'].rows['team'].pk}/"
    shown = api("admin").get(path)
    assert shown["ETag"] == shown.json()["etag"]
    stale = {"If-Match": '"other"'}
    problem(api("admin").patch(path, {"name": "New"}, **stale), 412)
    changed = api("admin").patch(path, {"name": "New"}, **{"If-Match": shown["ETag"]})
    assert changed.json()["name"] == "New"
    assert changed["ETag"] != shown["ETag"]


# --- me ---------------------------------------------------------------------------------------------------


def test_me_names_roles_scopes_and_agent(world: World, api: Api) -> None:
    rows = world["ours"].rows
    team = {"id": rows["team"].pk, "external_id": None, "name": "Chat EU"}
    lead = api("lead").get("me").json()
    assert lead["roles"] == [{"role": "lead", "team": team}]
    assert lead["teams"] == [team]
    assert lead["agent"] is None
    assert "plan.manage" in lead["capabilities"]
    assert lead["workspace"]["timezone"] == "Europe/Berlin"
    agent = api("agent").get("me").json()
    assert agent["agent"] == {"id": rows["agent"].pk, "external_id": "a-7", "name": "Ana Silva"}
    assert agent["teams"] == [team]
    assert agent["roles"] == [{"role": "agent", "team": None}]


# --- agents -----------------------------------------------------------------------------------------------


def test_agents_are_listed_by_filter_and_sight(world: World, api: Api) -> None:
    rows = world["ours"].rows

    def found(person: str, **query: Any) -> list[str]:
        return [row["external_id"] for row in api(person).get("agents/", query).json()["results"]]

    assert found("manager") == ["a-7", "a-8"]
    assert found("lead") == found("agent") == ["a-7"]
    assert found("manager", team=rows["other_team"].pk) == ["a-8"]
    assert found("manager", team=[rows["team"].pk, rows["other_team"].pk]) == ["a-7", "a-8"]
    assert found("manager", kind="bot") == []
    assert found("manager", source="phone") == []
    assert found("manager", q="SILVA") == ["a-7"]
    assert found("manager", q="a-8") == ["a-8"]


def test_the_list_of_agents_asks_the_same_whatever_its_length(
    world: World, api: Api, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        Agent.objects.create(workspace=world["ours"].workspace, source="s", external_id=str(number))
    manager = api("manager")
    with django_assert_max_num_queries(6):  # key, its use, member, roles, agents, teams
        assert len(manager.get("agents/").json()["results"]) == 22


def test_an_agent_is_made_and_moved(world: World, api: Api) -> None:
    rows = world["ours"].rows
    body = {"source": "phone", "external_id": "9", "name": "Kim", "kind": "bot", "team": rows["team"].pk}
    made = api("manager").post("agents/", body)
    assert made.status_code == 201
    agent = made.json()
    assert (agent["team"]["name"], agent["kind"], agent["starts_on"]) == ("Chat EU", "bot", None)
    assert agent["authorized_actions"] == ["update", "merge"]
    path = f"agents/{agent['id']}/"
    moved = api("manager").patch(path, {"team": rows["other_team"].pk, "starts_on": "2026-01-05"}).json()
    assert (moved["team"]["name"], moved["starts_on"], moved["name"]) == ("Phone US", "2026-01-05", "Kim")
    assert codes(api("manager").patch(path, {"team": world["theirs"].rows["team"].pk})) == {
        "/team": "not_found"
    }
    assert codes(api("manager").post("agents/", body)) == {"/external_id": "taken"}
    early = {"team": None, "team_from": "2026-01-01"}
    assert codes(api("manager").patch(path, early)) == {"/team_from": "before_last_change"}


# --- members and invitations ------------------------------------------------------------------------------


def test_a_member_is_made_invited_and_sent_away(world: World, api: Api) -> None:
    rows, admin = world["ours"].rows, api("admin")
    body = {
        "email": "kim@example.com",
        "name": "Kim",
        "roles": [{"role": "lead", "team": rows["team"].pk}, {"role": "reviewer", "team": None}],
    }
    made = admin.post("members/", body)
    assert made.status_code == 201
    member = made.json()
    assert [(r["role"], r["team"] and r["team"]["name"]) for r in member["roles"]] == [
        ("lead", "Chat EU"),
        ("reviewer", None),
    ]
    assert member["has_login"] is False
    assert member["authorized_actions"] == ["update", "deactivate", "invite"]
    path = f"members/{member['id']}/"
    invited = admin.post(path + "invite").json()
    assert set(invited) == {"link", "expires_at"}
    assert "/invitations/" in invited["link"]
    until = parse_datetime(invited["expires_at"])
    assert until is not None
    assert until > timezone.now() + timedelta(days=6)
    patched = admin.patch(path, {"roles": [{"role": "agent"}], "name": "Kim Lee"}).json()
    assert (patched["name"], [r["role"] for r in patched["roles"]]) == ("Kim Lee", ["agent"])
    assert admin.post(path + "deactivate").json()["active"] is False
    problem(admin.post(path + "deactivate"), 409)
    problem(admin.post(path + "invite"), 409)
    assert admin.post(path + "reactivate").json()["active"] is True


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "no", "name": "K", "roles": [{"role": "lead"}]}, "/email"),
        ({"email": "k@example.com", "name": "K", "roles": []}, "/roles"),
        ({"email": "k@example.com", "name": "K", "roles": [{"role": "boss"}]}, "/roles/0/role"),
        (
            {"email": "k@example.com", "name": "K", "roles": [{"role": "lead", "team": 2**40}]},
            "/roles/0/team",
        ),
        ({"email": "k@example.com", "name": "K", "roles": [{"role": "lead", "teams": 1}]}, "/roles/0/teams"),
        ({"email": "k@example.com", "name": "K", "roles": [{"role": "lead"}], "agent": 2**40}, "/agent"),
        ({"email": "lead@ours.example", "name": "K", "roles": [{"role": "lead"}]}, "/email"),
    ],
)
def test_a_wrong_member_is_named_by_field(api: Api, body: dict[str, Any], pointer: str) -> None:
    count = Member.objects.count()
    assert list(codes(api("admin").post("members/", body))) == [pointer]
    assert Member.objects.count() == count


def test_the_last_administrator_is_409(world: World, api: Api) -> None:
    path = f"members/{world['ours'].people['admin'].pk}/"
    problem(api("admin").post(path + "deactivate"), 409)
    problem(api("admin").patch(path, {"roles": [{"role": "lead"}]}), 409)


def test_members_are_seen_by_planners_and_each_by_himself(world: World, api: Api) -> None:
    everybody = len(world["ours"].people) + 1
    assert len(api("lead").get("members/").json()["results"]) == everybody
    alone = api("reviewer").get("members/").json()["results"]
    assert [row["id"] for row in alone] == [world["ours"].people["reviewer"].pk]


def test_secrets_are_not_kept_for_a_second_answer(world: World, api: Api) -> None:
    admin, once = api("admin"), {"Idempotency-Key": "k1"}
    made = admin.post("api-keys/", {"name": "import", "role": "manager"}, **once)
    assert made.json()["key"].startswith("plb_")
    again = admin.post("api-keys/", {"name": "import", "role": "manager"}, **once)
    assert again.json() == made.json() | {"key": None}
    path = f"members/{world['ours'].rows['member'].pk}/invite"
    assert "/invitations/" in admin.post(path, **{"Idempotency-Key": "k2"}).json()["link"]
    assert admin.post(path, **{"Idempotency-Key": "k2"}).json()["link"] is None
    assert Invitation.objects.count() == 1


# --- keys, settings, jobs ---------------------------------------------------------------------------------


def test_keys_are_made_used_and_revoked(world: World, api: Api) -> None:
    admin = api("admin")
    made = admin.post(
        "api-keys/",
        {"name": "as Ana", "role": "agent", "agent": {"external_id": "a-7", "source": "helpdesk"}},
    )
    assert made.status_code == 201
    key = made.json()["key"]
    used = Client().get("/api/v1/w/ours/me", headers={"Authorization": f"Bearer {key}"})
    assert used.json()["agent"]["name"] == "Ana Silva"
    listed = [row for row in admin.get("api-keys/").json()["results"] if row["name"] == "as Ana"]
    assert listed[0]["last_used_at"] is not None
    assert "key" not in listed[0]
    path = f"api-keys/{made.json()['id']}/revoke"
    assert admin.post(path).json()["authorized_actions"] == []
    problem(admin.post(path), 409)
    gone = Client().get("/api/v1/w/ours/me", headers={"Authorization": f"Bearer {key}"})
    problem(gone, 401)


def test_settings_are_read_and_patched(api: Api) -> None:
    admin = api("admin")
    shown = admin.get("settings/").json()
    assert (shown["pass_mark"], shown["timezone"], shown["blind"]) == ("80.0000", "Europe/Berlin", True)
    patched = admin.patch("settings/", {"pass_mark": "85.5", "name": "Ours Ltd"})
    assert (patched.json()["pass_mark"], patched.json()["name"]) == ("85.5000", "Ours Ltd")
    problem(admin.patch("settings/", {"blind": False}, **{"If-Match": shown["etag"]}), 412)
    assert codes(admin.patch("settings/", {"pass_mark": "101", "timezone": "Mars/Base"})) == {
        "/pass_mark": "max_value"
    }
    assert codes(admin.patch("settings/", {"timezone": "Mars/Base"})) == {"/timezone": "unknown_timezone"}
    assert codes(admin.patch("settings/", {"headline_plan": 2**40})) == {"/headline_plan": "not_found"}


def test_a_job_is_followed_by_who_may(world: World, api: Api) -> None:
    job = world["ours"].rows["job"]
    shown = api("lead").get(f"jobs/{job.pk}").json()
    assert (shown["state"], shown["rows_done"], shown["rows_total"], shown["error"]) == ("done", 0, None, "")
    problem(api("agent").get(f"jobs/{job.pk}/"), 404)
    job.member_id = world["ours"].people["agent"].pk
    job.save()
    assert api("agent").get(f"jobs/{job.pk}/").status_code == 200
