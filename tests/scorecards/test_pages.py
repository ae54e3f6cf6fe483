"""The scorecard pages: who sees what, and that nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.access import Role
from accounts.models import Workspace, WorkspaceSettings
from common.etags import etag
from scorecards import selectors, services
from scorecards.models import Scorecard, ScorecardVersion
from tests.scorecards.cards import one
from tests.world import Place, World, add_person

Browse = Callable[..., Client]
BASE = "/w/ours/scorecards/"


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def draft(ours: Place) -> ScorecardVersion:
    _, version = services.create_scorecard(actor=ours.actor("manager"), name="Voice", definition=one())
    return version


def page_of(version: ScorecardVersion, verb: str = "") -> str:
    return f"{BASE}{version.scorecard_id}/versions/{version.number}/{verb}"


def test_the_list_shows_states_and_shares(browse: Browse, draft: ScorecardVersion) -> None:
    html = browse("manager").get(BASE).content.decode()
    assert "Version 1 published" in html
    assert "Version 1, draft" in html
    assert "2 categories in 1 group" in html
    assert "New scorecard" in html


def test_a_reviewer_reads_without_buttons(browse: Browse, ours: Place) -> None:
    client = browse("reviewer")
    assert "New scorecard" not in client.get(BASE).content.decode()
    html = client.get(f"{BASE}{ours.rows['scorecard'].pk}/").content.decode()
    assert "Needs work" in html
    assert "66.7%" in html
    assert "Fails the review" in html
    assert "Archive" not in html


def test_an_empty_workspace_names_the_next_step(db: None) -> None:
    workspace = Workspace.objects.create(slug="fresh", name="Fresh")
    WorkspaceSettings.objects.create(workspace=workspace)
    place, client = Place(workspace), Client()
    for role, words in (
        (Role.MANAGER, "Start from the ready one"),
        (Role.REVIEWER, "A manager sets them up."),
    ):
        user = add_person(place, role.value, role).user
        assert user is not None
        client.force_login(user)
        assert words in client.get("/w/fresh/scorecards/").content.decode()


def test_a_version_greys_what_its_state_forbids(browse: Browse, ours: Place, draft: ScorecardVersion) -> None:
    client = browse("manager")
    html = client.get(page_of(ours.rows["version"])).content.decode()
    assert "Version 1 has been published already." in html
    assert "Edit the draft" not in html
    html = client.get(page_of(draft)).content.decode()
    assert "Edit the draft" in html
    assert "there is nothing in use to archive" in html
    assert "Version 1 is still a draft: edit or publish that one." in html


def test_the_scorecards_page_shows_what_stands_and_points_to_the_draft(browse: Browse, ours: Place) -> None:
    card = ours.rows["scorecard"]
    services.add_version(actor=ours.actor("manager"), scorecard_id=card.pk)
    html = browse("manager").get(f"{BASE}{card.pk}/").content.decode()
    assert "Version 1 published" in html
    assert "Version 2 is being drafted." in html
    assert f"{BASE}{card.pk}/versions/2/" in html


@pytest.mark.parametrize(("start", "categories"), [("ready", 9), ("starter", 1)])
def test_a_new_scorecard_opens_in_the_editor(
    browse: Browse, ours: Place, start: str, categories: int
) -> None:
    response = browse("manager").post(f"{BASE}new/", {"name": "Voice", "start": start})
    card = Scorecard.objects.get(name="Voice")
    assert response["Location"] == f"{BASE}{card.pk}/versions/1/edit/"
    version = selectors.version(ours.system, card.pk, 1)
    assert (version.state, len(selectors.definition_of(version).categories)) == ("draft", categories)


def test_a_new_scorecard_without_a_name_keeps_the_choice(browse: Browse, world: World) -> None:
    response = browse("manager").post(f"{BASE}new/", {"name": " ", "start": "starter"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in html
    assert 'value="starter"' in html.split("checked")[0].rsplit("<input", 1)[1]


def test_renaming(browse: Browse, ours: Place) -> None:
    client, card = browse("manager"), ours.rows["scorecard"]
    address = f"{BASE}{card.pk}/rename/"
    assert 'value="Support"' in client.get(address).content.decode()
    assert client.post(address, {"name": ""}).status_code == 422
    assert client.post(address, {"name": "Help"})["Location"] == f"{BASE}{card.pk}/"
    card.refresh_from_db()
    assert card.name == "Help"


def test_saving_a_draft(browse: Browse, draft: ScorecardVersion) -> None:
    client = browse("manager")
    html = client.get(page_of(draft, "edit/")).content.decode()
    assert "&quot;groups&quot;" in html
    body = {"definition": json.dumps(one(weight="42")), "etag": etag(draft)}
    assert client.post(page_of(draft, "edit/"), body)["Location"] == page_of(draft)
    draft.refresh_from_db()
    assert draft.definition["groups"][0]["categories"][0]["weight"] == "42"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{'groups': 7", "This is not JSON: line 1, column 2"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps(one(weight="4200")), "/groups/0/categories/0/weight: Must be from 0 to 100."),
        ("", "This field is required."),
    ],
)
def test_a_draft_that_cannot_be_saved_keeps_what_was_typed(
    browse: Browse, draft: ScorecardVersion, text: str, reason: str
) -> None:
    response = browse("manager").post(page_of(draft, "edit/"), {"definition": text, "etag": etag(draft)})
    assert response.status_code == 422
    assert reason in response.content.decode()
    assert response.context["form"]["definition"].value() == text
    before = draft.definition
    draft.refresh_from_db()
    assert draft.definition == before


def test_a_stale_save_keeps_what_was_typed_and_may_be_repeated(
    browse: Browse, ours: Place, draft: ScorecardVersion
) -> None:
    seen = etag(draft)
    services.change_draft(
        actor=ours.system, scorecard_id=draft.scorecard_id, number=1, definition=one(weight="7")
    )
    client, mine = browse("manager"), json.dumps(one(weight="42"))
    response = client.post(page_of(draft, "edit/"), {"definition": mine, "etag": seen})
    assert response.status_code == 412
    assert "Somebody changed this draft" in response.content.decode()
    form = response.context["form"]
    assert form["definition"].value() == mine
    again = client.post(page_of(draft, "edit/"), {"definition": mine, "etag": form["etag"].value()})
    assert again.status_code == 302
    draft.refresh_from_db()
    assert draft.definition["groups"][0]["categories"][0]["weight"] == "42"


def test_a_published_version_is_not_edited(browse: Browse, ours: Place) -> None:
    version = ours.rows["version"]
    client, address = browse("manager"), page_of(version, "edit/")
    shown = client.get(address, follow=True)
    assert shown.redirect_chain == [(page_of(version), 302)]
    assert "a published version never changes" in shown.content.decode()
    refused = client.post(address, {"definition": json.dumps(one()), "etag": etag(version)})
    assert refused.status_code == 409
    assert "a published version never changes" in refused.content.decode()


def test_publishing_and_archiving_from_the_page(browse: Browse, draft: ScorecardVersion) -> None:
    client = browse("manager")
    shown = client.get(page_of(draft))
    answer = client.post(f"{page_of(draft, 'publish/')}?etag={shown.context['etag']}", follow=True)
    assert "Version 1 is published: new reviews use it." in answer.content.decode()
    again = client.post(f"{page_of(draft, 'archive/')}?etag={shown.context['etag']}", follow=True)
    assert "It has changed since you read it" in again.content.decode()
    draft.refresh_from_db()
    assert draft.state == "published"
    client.post(page_of(draft, "archive/"))
    draft.refresh_from_db()
    assert draft.state == "archived"


def test_the_next_version_opens_in_the_editor(browse: Browse, ours: Place) -> None:
    client, card = browse("manager"), ours.rows["scorecard"]
    address = f"{BASE}{card.pk}/versions/"
    assert client.post(address)["Location"] == f"{BASE}{card.pk}/versions/2/edit/"
    again = client.post(address, follow=True)
    assert "Version 2 is still a draft" in again.content.decode()
    assert card.versions.count() == 2
