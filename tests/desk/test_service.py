"""Health, readiness, the API's description, and the commands of the shell."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import selectors
from accounts.access import Role
from accounts.models import Agent, ApiKey, Member, MemberRole, Workspace
from jobs.models import ScheduleSlot
from tests.world import World


def ran(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


# --- service edges ----------------------------------------------------------------------------------------


def test_alive_asks_nobody(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/healthz").json() == {"alive": True}


def test_ready_names_each_part(db: None) -> None:
    ScheduleSlot.objects.create(schedule="test", slot=timezone.now())
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert {name: part["ok"] for name, part in answer.json()["checks"].items()} == dict.fromkeys(
        ["database", "cache", "broker", "migrations", "scheduler"], True
    )


@pytest.mark.parametrize("slots", [0, 1])
def test_not_ready_without_a_scheduler(db: None, slots: int) -> None:
    old = timezone.now() - timedelta(days=2)
    for _ in range(slots):
        ScheduleSlot.objects.create(schedule="test", slot=old, rung_at=old)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["scheduler"]["ok"] is False


def test_the_schema_is_openapi_3_1_with_our_paths(db: None) -> None:
    answer = Client().get("/api/v1/schema/")
    document = json.loads(answer.content)
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]["/api/v1/w/{slug}/agents/{id}/"]) == {"get", "patch"}
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert Client().get("/api/v1/schema").status_code == 200


def test_the_schema_is_made_without_a_warning(db: None) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_the_docs_load_only_our_own_files(db: None) -> None:
    page = Client().get("/api/v1/docs/").content.decode()
    assert "<style" not in page
    assert "<script>" not in page
    assert "http" not in page
    script = Client().get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in script.content


# --- create_workspace -------------------------------------------------------------------------------------


def test_a_workspace_is_opened_ready_to_work(db: None) -> None:
    link = ran(
        "create_workspace",
        "acme",
        "--name=ACME",
        "--timezone=Europe/Lisbon",
        "--admin-email=ann@acme.example",
    ).strip()
    workspace = Workspace.objects.get(slug="acme")
    assert (workspace.name, workspace.timezone) == ("ACME", "Europe/Lisbon")
    member = selectors.invitation(link.rstrip("/").split("/")[-1]).member
    assert (member.email, member.workspace) == ("ann@acme.example", workspace)
    assert {grant.role for grant in selectors.grants_of(member)} == {Role.ADMIN}
    client = Client()
    path = link[link.index("/invitations/") :]
    client.post(path, {"name": "Ann", "password": "correct horse 9"})
    assert client.get("/w/acme/")["Location"] == "/w/acme/setup/"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--timezone": "Europe/Atlantis"}, "not a time zone"),
        ({"--admin-email": "nobody"}, "not an e-mail"),
        ({"--name": " "}, "needs a name"),
        ({"slug": "a b"}, "slug"),
        ({"slug": "ours"}, "already"),
    ],
)
def test_a_wrong_workspace_is_refused_whole(world: World, change: dict[str, str], words: str) -> None:
    said = {"--timezone": "UTC", "--admin-email": "ann@acme.example", "--name": "ACME"} | change
    slug = said.pop("slug", "acme")
    with pytest.raises(CommandError, match=words) as refused:
        ran("create_workspace", slug, *[f"{name}={value}" for name, value in said.items()])
    assert refused.value.returncode == 1
    assert Workspace.objects.count() == 2


# --- create_api_key ---------------------------------------------------------------------------------------


def key_of(printed: str) -> ApiKey:
    key = selectors.live_key(printed.removesuffix("\n"))
    assert key is not None
    return key


def test_a_key_of_its_own_is_all_that_is_printed(world: World) -> None:
    key = key_of(ran("create_api_key", "ours", "--name=import", "--role=manager"))
    assert (key.member.kind, key.name, key.role) == ("service", "import", "manager")
    limited = key_of(ran("create_api_key", "ours", "--name=x", "--role=lead", "--expires-days=3"))
    assert limited.expires_at is not None
    assert timedelta(days=2) < limited.expires_at - timezone.now() <= timedelta(days=3)


def test_a_key_acts_as_a_person(world: World) -> None:
    words = ("create_api_key", "ours", "--name=k", "--member=LEAD@ours.example")
    key = key_of(ran(*words, "--role=reviewer"))
    assert key.member == world["ours"].people["lead"]
    with pytest.raises(CommandError, match="does not hold"):
        ran(*words, "--role=manager")


def test_a_key_of_role_agent_finds_the_agent(world: World) -> None:
    ours, words = world["ours"], ("create_api_key", "ours", "--name=k", "--role=agent")
    assert key_of(ran(*words, "--agent=a-7")).member == ours.people["agent"]
    assert key_of(ran(*words, "--agent=helpdesk:a-8")).member == ours.people["other_agent"]
    assert key_of(ran(*words, "--member=agent@ours.example")).member == ours.people["agent"]
    free = Agent.objects.create(
        workspace=ours.workspace, source="phone", external_id="a:7", email="kim@example.com", name="Kim"
    )
    by_mail = key_of(ran(*words, "--member=kim@example.com"))
    assert (by_mail.member.agent, by_mail.member.kind) == (free, "service")
    assert key_of(ran(*words, "--agent=a:7")).member == by_mail.member
    Agent.objects.create(workspace=ours.workspace, source="phone", external_id="a-7")
    with pytest.raises(CommandError, match="SOURCE:EXTERNAL_ID"):
        ran(*words, "--agent=a-7")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["nowhere", "--role=lead"], "no workspace"),
        (["ours", "--role=lead", "--member=no@example.com"], "no member"),
        (["ours", "--role=agent", "--member=no@example.com"], "no agent"),
        (["ours", "--role=agent", "--agent=zz"], "no agent"),
        (["ours", "--role=agent"], "names its agent"),
        (["ours", "--role=lead", "--agent=a-7"], "Only a key of role agent"),
        (["ours", "--role=lead", "--expires-days=0"], "expired"),
    ],
)
def test_a_wrong_key_is_refused_in_words(world: World, words: list[str], error: str) -> None:
    count = ApiKey.objects.count(), Member.objects.count(), MemberRole.objects.count()
    with pytest.raises(CommandError, match=error):
        ran("create_api_key", *words, "--name=k")
    assert (ApiKey.objects.count(), Member.objects.count(), MemberRole.objects.count()) == count
