"""Saying in the settings that two agents are one person, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Agent, AgentMerge, Member, TeamMembership
from accounts.selectors import teams_with_counts
from accounts.services import merging
from conversations.models import Conversation
from tests.world import Place, World

Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    """A twin of Ana in another helpdesk."""
    place = world["ours"]
    place.rows["twin"] = Agent.objects.create(
        workspace=place.workspace, source="chat", external_id="77", name="ana silva"
    )
    return place


def url(name: str, place: Place, agent: str) -> str:
    return reverse(name, args=["ours", place.rows[agent].pk])


def merge(place: Place) -> None:
    rows = place.rows
    merging.merge_agent(actor=place.actor("admin"), agent_id=rows["twin"].pk, into_id=rows["agent"].pk)


def test_from_the_agents_page_to_a_preview_to_one_person(ours: Place, browse: Browse) -> None:
    admin = browse("admin")
    page = url("settings-agent-merge", ours, "agent")
    assert page in admin.get(url("settings-agent", ours, "agent")).content.decode()
    proposed = admin.get(page).content.decode()
    assert "These have the same name or e-mail." in proposed
    assert f"?into={ours.rows['twin'].pk}" in proposed
    assert "Bo Lind" not in proposed
    assert "Bo Lind" in admin.get(page, {"q": "bo"}).content.decode()
    assert "No agents found" in admin.get(page, {"q": "nobody"}).content.decode()
    preview = admin.get(page, {"into": ours.rows["twin"].pk}).content.decode()
    for words in ("2 conversations", "2 reviews", "1 message", "1 coaching assignment", "1 linked person"):
        assert f"<li>{words}</li>" in preview
    assert not AgentMerge.objects.exists()
    done = admin.post(page, {"into": ours.rows["twin"].pk}, follow=True)
    assert done.redirect_chain[-1][0] == url("settings-agent", ours, "twin")
    shown = done.content.decode()
    assert "Ana Silva is ana silva from now on." in shown
    assert "Undo (30 days left)" in shown


def test_what_forbids_it_is_shown_before_and_after_pressing(ours: Place, browse: Browse) -> None:
    admin, page = browse("admin"), url("settings-agent-merge", ours, "agent")
    before = admin.get(page, {"into": ours.rows["other_agent"].pk}).content.decode()
    assert "They cannot be merged yet" in before
    assert "Unlink Agent from Ana Silva first." in before
    assert "Merge them" not in before
    pressed = admin.post(page, {"into": ours.rows["other_agent"].pk})
    assert pressed.status_code == 409
    assert "Unlink Agent from Ana Silva first." in pressed.content.decode()
    Member.objects.filter(pk=ours.people["other_agent"].pk).update(agent=None)
    assert (
        "Both have coaching by the rule"
        in admin.get(page, {"into": ours.rows["other_agent"].pk}).content.decode()
    )


@pytest.mark.parametrize(
    ("into", "status"), [("", 302), ("x", 302), ("²", 302), ("9" * 30, 302), ("999999", 404)]
)
def test_an_agent_that_is_none(ours: Place, browse: Browse, into: str, status: int) -> None:
    assert (
        browse("admin").post(url("settings-agent-merge", ours, "agent"), {"into": into}).status_code == status
    )
    assert not AgentMerge.objects.exists()


def test_a_merged_agent_is_in_no_list_and_his_pages_lead_on(ours: Place, browse: Browse) -> None:
    merge(ours)
    admin = browse("admin")
    listed = admin.get(reverse("settings-agents", args=["ours"])).content.decode()
    assert "ana silva" not in listed
    assert "Ana Silva" in admin.get(reverse("settings-agents", args=["ours"]), {"q": "77"}).content.decode()
    assert admin.get(url("settings-agent", ours, "twin"))["Location"] == url("settings-agent", ours, "agent")
    assert browse("lead").get(url("agent-page", ours, "twin"))["Location"] == url("agent-page", ours, "agent")
    assert admin.get(url("settings-agent-merge", ours, "twin")).status_code == 404
    assert "ana silva" not in admin.get(reverse("search", args=["ours"]), {"q": "ana"}).content.decode()


def test_it_is_taken_back_on_the_page(ours: Place, browse: Browse) -> None:
    merge(ours)
    admin = browse("admin")
    done = admin.post(url("settings-agent-unmerge", ours, "twin"), follow=True)
    assert done.redirect_chain[-1][0] == url("settings-agent", ours, "twin")
    assert "ana silva stands for himself again" in done.content.decode()
    again = admin.post(url("settings-agent-unmerge", ours, "twin"), follow=True)
    assert "This agent is not merged into another." in again.content.decode()


def test_who_came_along_with_another_can_be_taken_back_too(ours: Place, browse: Browse) -> None:
    """The twin is Ana, and Ana turns out to be Cy."""
    cy = Agent.objects.create(workspace=ours.workspace, source="chat", external_id="78", name="Cy Dee")
    merge(ours)
    merging.merge_agent(actor=ours.actor("admin"), agent_id=ours.rows["agent"].pk, into_id=cy.pk)
    admin = browse("admin")
    page = admin.get(reverse("settings-agent", args=["ours", cy.pk])).content.decode()
    undo = url("settings-agent-unmerge", ours, "twin")
    assert undo in page
    assert url("settings-agent-unmerge", ours, "agent") in page
    Conversation.objects.filter(pk=ours.rows["unreviewed"].pk).update(created_at=timezone.now())  # as if late
    done = admin.post(undo, follow=True).content.decode()
    assert "stay with Cy Dee." in done
    assert "Ana Silva" in admin.get(reverse("settings-agent", args=["ours", cy.pk])).content.decode()


def test_teams_of_both_are_told_before(ours: Place, browse: Browse) -> None:
    page = browse("admin").get(url("settings-agent-merge", ours, "agent"), {"into": ours.rows["twin"].pk})
    assert "Ana Silva is in Chat EU today and ana silva in no team" in page.content.decode()
    page = browse("admin").get(url("settings-agent-merge", ours, "twin"), {"into": ours.rows["agent"].pk})
    assert "is in Chat EU today" not in page.content.decode()


def test_a_team_counts_persons(ours: Place) -> None:
    TeamMembership.objects.create(workspace=ours.workspace, agent=ours.rows["twin"], team=ours.rows["team"])

    def counted() -> int:
        [team] = teams_with_counts(ours.system).filter(name="Chat EU")
        return int(vars(team)["agents"])

    assert counted() == 2
    merge(ours)
    assert counted() == 1


def test_after_thirty_days_there_is_no_way_back(ours: Place, browse: Browse) -> None:
    merge(ours)
    AgentMerge.objects.update(made_at=timezone.now() - timedelta(days=31))
    page = browse("admin").get(url("settings-agent", ours, "agent")).content.decode()
    assert "ana silva" in page
    assert "Undo" not in page
