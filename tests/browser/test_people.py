"""People in the settings: two agents become one, and a reviewer says what he takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Agent
from conversations.models import Facet
from tests.browser.axe import grave_findings
from tests.world import Place

SignIn = Callable[[str], Page]
SIZES = [(1280, 800), (390, 844)]


@pytest.fixture
def twin(ours: Place) -> Agent:
    """Ana in another helpdesk."""
    named = {"language": ["en", "de"], "channel": ["chat", "email"], "topic": ["shipping", "refunds"]}
    Facet.objects.bulk_create(
        [
            Facet(workspace=ours.workspace, kind=kind, value=value)
            for kind, values in named.items()
            for value in values
        ],
        ignore_conflicts=True,
    )
    return Agent.objects.create(
        workspace=ours.workspace,
        source="chat",
        external_id="77",
        name="Ana Silva (chat)",
        email="a@x.example",
    )


def test_two_agents_become_one_and_two_again(
    ours: Place, twin: Agent, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("admin")
    page.goto(f"{live_server.url}/w/ours/settings/agents/{ours.rows['agent'].pk}/")
    page.get_by_role("link", name="This is the same person as").click()
    page.get_by_role("searchbox", name="Name, e-mail or id of an agent").fill("silva (")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Ana Silva (chat)").click()
    expect(
        page.get_by_role("heading", name="Ana Silva is the same person as Ana Silva (chat)")
    ).to_be_visible()
    expect(page.get_by_text("2 conversations", exact=True)).to_be_visible()
    page.get_by_role("link", name="The other way round").click()
    expect(page.get_by_text("Nothing yet: no row names this agent.")).to_be_visible()
    page.get_by_role("button", name="Merge them").click()
    expect(page.get_by_text("Ana Silva (chat) is Ana Silva from now on.")).to_be_visible()
    page.get_by_role("button", name="Undo (30 days left)").click()
    expect(page.get_by_text("stands for himself again")).to_be_visible()


def test_a_lead_sets_what_somebody_takes_and_he_says_when_he_is_away(
    ours: Place, twin: Agent, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/settings/reviewers/")
    page.get_by_role("link", name="Reviewer", exact=True).click()
    page.get_by_label("shipping").check()
    page.get_by_label("Goal: so many reviews").fill("8")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("shipping")).to_be_checked()
    page = sign_in("reviewer")
    page.goto(f"{live_server.url}/w/ours/settings/reviewing/")
    expect(page.get_by_label("Goal: so many reviews")).to_have_value("8")
    page.get_by_label("First day away").fill("2099-07-06")
    page.get_by_label("Last day away").fill("2099-07-17")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("6 Jul 2099 to 17 Jul 2099")).to_be_visible()
    page.get_by_role("button", name="Remove from 6 Jul 2099").click()
    expect(page.get_by_text("6 Jul 2099 to 17 Jul 2099")).to_have_count(0)


PAGES = [
    ("admin", "settings/"),
    ("admin", "settings/agents/{agent}/"),
    ("admin", "settings/agents/{agent}/merge/?q=a"),
    ("admin", "settings/agents/{agent}/merge/?into={twin}"),
    ("admin", "settings/agents/{agent}/merge/?into={other_agent}"),
    ("manager", "settings/reviewers/"),
    ("manager", "settings/reviewers/{member}/"),
    ("lead", "settings/reviewers/{member}/"),
    ("reviewer", "settings/reviewing/"),
]


@pytest.mark.parametrize(("person", "path"), PAGES)
def test_nothing_grave_at_both_widths(
    ours: Place, twin: Agent, sign_in: SignIn, live_server: LiveServer, person: str, path: str
) -> None:
    page = sign_in(person)
    ids = {name: row.pk for name, row in ours.rows.items()} | {"twin": twin.pk}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if width == 390 else "light")
        response = page.goto(f"{live_server.url}/w/ours/{path.format(**ids)}")
        assert response is not None
        assert response.ok
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, path)
        assert grave_findings(page) == [], (width, path)
