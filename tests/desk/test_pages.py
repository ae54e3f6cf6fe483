"""Where each role starts, the set-up steps, search, and pages for what went wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Agent
from conversations.models import Conversation
from desk import selectors
from desk.errors import csrf_failure, server_error
from desk.services.workspaces import open_workspace
from tests.world import World

Browse = Callable[..., Client]


@pytest.fixture
def fresh(db: None) -> Actor:
    """An administrator of a workspace that was opened just now."""
    opened = open_workspace(slug="fresh", name="Fresh", timezone="UTC", admin_email="ann@fresh.example")
    return Actor.system(opened.workspace)


def test_an_administrator_sets_up_until_the_first_review(fresh: Actor, world: World) -> None:
    assert selectors.is_setting_up(fresh)
    assert not selectors.is_setting_up(world["ours"].actor("admin"))
    assert not selectors.is_setting_up(world["ours"].actor("manager"))


def test_set_up_steps_know_what_is_done(fresh: Actor, world: World) -> None:
    assert [step.done for step in selectors.setup_steps(fresh)] == [False, True, False, False]
    assert [step.done for step in selectors.setup_steps(world["ours"].actor("admin"))] == [True] * 4


def test_the_set_up_page_leads_to_each_step(world: World, browse: Browse) -> None:
    page = browse("admin").get(reverse("setup", args=["ours"])).content.decode()
    for route in ("conversation-list", "scorecard-list", "plan-list", "settings-people"):
        assert f'href="{reverse(route, args=["ours"])}"' in page


def test_search_finds_what_the_actor_sees(world: World) -> None:
    ours = world["ours"]
    everything = {
        person: [c.external_id for c in selectors.conversations_found(ours.actor(person), "parcel")]
        for person in ("manager", "lead", "other_lead", "agent", "other_agent")
    }
    assert everything == {
        "manager": ["1001"],
        "lead": ["1001"],
        "other_lead": [],
        "agent": ["1001"],
        "other_agent": [],
    }
    assert [c.external_id for c in selectors.conversations_found(ours.actor("lead"), "1002")] == ["1002"]
    assert [a.name for a in selectors.agents_found(ours.actor("manager"), "SILVA")] == ["Ana Silva"]
    assert list(selectors.agents_found(ours.actor("other_lead"), "silva")) == []


def test_search_is_cut_and_says_so(world: World, browse: Browse) -> None:
    ours = world["ours"].workspace
    Conversation.objects.bulk_create(
        Conversation(workspace=ours, source="s", external_id=f"p{n}", subject="Parcel", status="open")
        for n in range(25)
    )
    Agent.objects.create(workspace=ours, source="s", external_id="p", name="Parcel Bot", kind="bot")
    page = browse("manager").get(reverse("search", args=["ours"]), {"q": "parcel\0"})
    assert len(page.context["conversations"]) == selectors.FOUND_MOST
    assert "Say more to find less" in page.content.decode()
    assert "Parcel Bot" in page.content.decode()
    assert "Nothing found" in browse("manager").get("/w/ours/search/?q=zzzz").content.decode()


# --- what went wrong --------------------------------------------------------------------------------------


def test_an_address_that_does_not_exist_is_a_page_or_a_problem(db: None) -> None:
    page = Client().get("/nowhere/")
    assert page.status_code == 404
    assert "Check the address" in page.content.decode()
    answer = Client().get("/api/v1/nowhere")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_refusal_is_a_page_with_its_reason(browse: Browse) -> None:
    page = browse("lead").get("/w/ours/settings/")
    assert page.status_code == 403
    assert "Your role does not let you change settings, people and keys." in page.content.decode()
    assert browse("lead").get("/w/theirs/settings/").status_code == 404


def test_our_own_mistakes_need_no_database(django_db_blocker: object) -> None:
    page = server_error(RequestFactory().get("/w/ours/"))
    assert page.status_code == 500
    assert "our mistake" in page.content.decode()
    answer = server_error(RequestFactory().get("/api/v1/w/ours/me/"))
    assert answer["Content-Type"] == "application/problem+json"


def test_a_stale_form_is_told_in_words(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/accounts/login/", {"login": "a@b.example", "password": "x"})
    assert page.status_code == 403
    assert "open too long" in page.content.decode()
    assert csrf_failure(RequestFactory().post("/api/v1/w/ours/teams/")).status_code == 403
