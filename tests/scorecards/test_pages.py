"""The scorecard pages: who sees what, and that nothing typed is lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.access import Role
from accounts.models import Workspace, WorkspaceSettings
from common.etags import etag
from scorecards import selectors, services
from scorecards.gallery import gallery
from scorecards.models import Scorecard, ScorecardVersion
from tests.scorecards.cards import one
from tests.world import DEFINITION, Place, World, add_person

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
        (Role.MANAGER, "Start from a ready one"),
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


def test_an_empty_scorecard_opens_in_the_builder(browse: Browse, ours: Place) -> None:
    response = browse("manager").post(f"{BASE}new/", {"name": "Voice"})
    card = Scorecard.objects.get(name="Voice")
    assert response["Location"] == f"{BASE}{card.pk}/versions/1/edit/"
    version = selectors.version(ours.system, card.pk, 1)
    assert (version.state, len(selectors.definition_of(version).categories)) == ("draft", 1)


def test_a_new_scorecard_needs_a_name(browse: Browse, world: World) -> None:
    response = browse("manager").post(f"{BASE}new/", {"name": " "})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


def test_the_gallery_shows_each_ready_scorecard_and_makes_a_draft_of_it(browse: Browse, ours: Place) -> None:
    client = browse("manager")
    listed = client.get(f"{BASE}new/").content.decode()
    assert [each.slug for each in gallery() if f"?card={each.slug}" not in listed] == []
    shown = client.get(f"{BASE}gallery/?card=chat")
    assert gallery()[1].file.definition.categories[0].name in shown.content.decode()
    assert client.post(f"{BASE}gallery/", {"card": "chat", "name": ""}).status_code == 422
    made = client.post(f"{BASE}gallery/", {"card": "chat", "name": "Our chat"})
    card = Scorecard.objects.get(name="Our chat")
    assert made["Location"] == f"{BASE}{card.pk}/versions/1/edit/"
    definition = selectors.definition_of(selectors.version(ours.system, card.pk, 1))
    assert definition == gallery()[1].file.definition


def test_a_card_that_the_gallery_lacks(browse: Browse, world: World) -> None:
    client, address = browse("manager"), f"{BASE}gallery/"
    assert client.get(address)["Location"] == f"{BASE}new/"
    assert client.post(address)["Location"] == f"{BASE}new/"
    assert client.get(address, {"card": "no-such-card"}).status_code == 404
    assert client.post(address, {"card": "no-such-card", "name": "X"}).status_code == 404


FILE = """plumbline: 1
name: From a file
pass_mark: 75
definition:
  groups:
    - key: all
      name: All
      categories:
        - key: tone
          name: Tone
          weight: 4200
"""


def test_a_files_errors_are_named_by_line_and_the_text_is_kept(browse: Browse, world: World) -> None:
    response = browse("manager").post(f"{BASE}import/", {"text": FILE})
    assert response.status_code == 422
    assert [(each["line"], each["detail"]) for each in response.context["errors"]] == [
        (11, "Must be from 0 to 100.")
    ]
    assert response.context["form"]["text"].value() == FILE
    assert not Scorecard.objects.filter(name="From a file").exists()


@pytest.mark.parametrize("how", ["text", "file"])
def test_a_file_becomes_a_draft(browse: Browse, ours: Place, how: str) -> None:
    text = FILE.replace("4200", "42")
    body = {"text": text} if how == "text" else {"file": SimpleUploadedFile("card.yaml", text.encode())}
    response = browse("manager").post(f"{BASE}import/", body)
    card = Scorecard.objects.get(name="From a file")
    assert response["Location"] == f"{BASE}{card.pk}/versions/1/edit/"
    assert card.pass_mark == 75


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "Choose a file, or paste a scorecard."),
        ({"text": "groups: [1"}, "Line 2, column 1: did not find expected"),
        ({"file": SimpleUploadedFile("card.yaml", b"\xff\xfe\x00")}, "This file is not text in UTF-8."),
        ({"file": SimpleUploadedFile("card.yaml", b"a" * 1_000_001)}, "larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_read(
    browse: Browse, world: World, body: dict[str, object], reason: str
) -> None:
    response = browse("manager").post(f"{BASE}import/", body)
    assert response.status_code in (400, 422)
    assert reason in response.content.decode()


def test_a_refused_file_is_shown_as_text(browse: Browse, world: World) -> None:
    given = {"file": SimpleUploadedFile("card.yaml", FILE.encode())}
    response = browse("manager").post(f"{BASE}import/", given)
    assert response.context["form"]["text"].value() == FILE


def test_a_copy_is_a_scorecard_of_its_own(browse: Browse, ours: Place) -> None:
    client, version = browse("manager"), ours.rows["version"]
    address = page_of(version, "duplicate/")
    assert "Copy of Support" in client.get(address).content.decode()
    assert client.post(address, {"name": ""}).status_code == 422
    made = client.post(address, {"name": "Support two"})
    card = Scorecard.objects.get(name="Support two")
    assert made["Location"] == f"{BASE}{card.pk}/versions/1/edit/"
    assert selectors.version(ours.system, card.pk, 1).definition == version.definition


def settings_of(card: Scorecard, **fields: object) -> dict[str, object]:
    rows = {"bands-TOTAL_FORMS": 3, "bands-INITIAL_FORMS": 0}
    return rows | {"name": "Support", "rank": 0, "etag": etag(card)} | fields


def test_settings_are_saved_and_shown(browse: Browse, ours: Place) -> None:
    client, card = browse("manager"), ours.rows["scorecard"]
    given = settings_of(
        card,
        name="Help",
        pass_mark="85.5",
        rank="2",
        channel="chat\n email \n",
        agent_kind=["bot"],
        **{"bands-0-score": "80", "bands-0-label": "Good", "bands-2-score": "95", "bands-2-label": "Great"},
    )
    assert client.post(f"{BASE}{card.pk}/settings/", given)["Location"] == f"{BASE}{card.pk}/"
    card.refresh_from_db()
    assert (card.name, card.pass_mark, card.rank) == ("Help", Decimal("85.5"), 2)
    assert card.bands == [{"from": "95", "label": "Great"}, {"from": "80", "label": "Good"}]
    assert card.offer_when == {"channel": ["chat", "email"], "agent_kind": ["bot"]}
    shown = client.get(f"{BASE}{card.pk}/").content.decode()
    assert [word for word in ("85.5", "from 95", "chat, email", "bots") if word not in shown] == []
    again = client.get(f"{BASE}{card.pk}/settings/").content.decode()
    assert [word for word in ('value="85.5"', "chat\nemail", 'value="95"') if word not in again] == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": ""}, "This field is required."),
        ({"pass_mark": "101"}, "less than or equal to 100"),
        ({"bands-0-score": "90"}, "Which word?"),
        ({"bands-0-label": "Good"}, "From which score?"),
        (
            {"bands-0-score": "9", "bands-0-label": "A", "bands-1-score": "9", "bands-1-label": "B"},
            "Bands go",
        ),
        ({"topic": "x" * 101}, "at most 100 characters"),
    ],
)
def test_settings_that_are_refused_keep_what_was_typed(
    browse: Browse, ours: Place, fields: dict[str, object], reason: str
) -> None:
    card = ours.rows["scorecard"]
    given = settings_of(card, language="de") | fields
    response = browse("manager").post(f"{BASE}{card.pk}/settings/", given)
    assert response.status_code == 422
    assert reason in response.content.decode()
    assert response.context["form"]["language"].value() == "de"


def test_stale_settings_may_be_saved_again(browse: Browse, ours: Place) -> None:
    client, card = browse("manager"), ours.rows["scorecard"]
    given = settings_of(card, name="Mine")
    services.update_scorecard(actor=ours.system, scorecard_id=card.pk, changes={"name": "Theirs"})
    response = client.post(f"{BASE}{card.pk}/settings/", given)
    assert response.status_code == 412
    assert "Somebody changed this" in response.content.decode()
    form = response.context["form"]
    assert form["name"].value() == "Mine"
    assert (
        client.post(f"{BASE}{card.pk}/settings/", given | {"etag": form["etag"].value()}).status_code == 302
    )
    card.refresh_from_db()
    assert card.name == "Mine"


def test_differences_in_words(browse: Browse, ours: Place) -> None:
    client, version = browse("reviewer"), ours.rows["version"]
    changed = copy.deepcopy(DEFINITION)
    changed["groups"][0]["categories"][0]["weight"] = "30"
    services.add_version(actor=ours.system, scorecard_id=version.scorecard_id, definition=changed)
    address = f"{BASE}{version.scorecard_id}/versions/2/changes/"
    html = client.get(address).content.decode()
    assert "Version 1 to version 2" in html
    assert "weight is 30, was 20" in html
    assert "No difference" in client.get(f"{address}?against=2").content.decode()
    assert client.get(f"{address}?against=9").status_code == 422


def test_the_library_lists_and_deletes(browse: Browse, ours: Place) -> None:
    client, item = browse("manager"), ours.rows["library_item"]
    assert "Wrong product" in client.get(f"{BASE}library/").content.decode()
    assert "Delete" not in browse("reviewer").get(f"{BASE}library/").content.decode()
    gone = client.post(f"{BASE}library/{item.pk}/delete/", follow=True).content.decode()
    assert "Scorecards that hold a copy keep it." in gone
    assert "The library is empty" in gone


def test_the_rubric_shows_kinds_questions_and_conditions(browse: Browse, ours: Place) -> None:
    definition = {
        "groups": [
            {
                "key": "all",
                "name": "All",
                "weight": "1",
                "categories": [
                    {"key": "tone", "name": "Tone", "scale": "binary"},
                    {"key": "extra", "name": "Extra", "kind": "bonus", "weight": "5", "allow_na": False},
                    {"key": "why", "name": "Why", "show_when": {"answers": {"tone": ["1", "na"]}}},
                ],
                "questions": [
                    {"key": "order", "name": "Order number", "answer": "text", "required": True},
                    {"key": "read", "name": "Read it all first", "answer": "instruction"},
                ],
            }
        ]
    }
    card, _draft = services.create_scorecard(actor=ours.system, name="Rich", definition=definition)
    html = browse("reviewer").get(f"{BASE}{card.pk}/").content.decode()
    assert "Bonus: adds up to 5" in html
    assert "Only when “Tone” is: No, N/A" in html
    assert "An answer is required" in html
    assert html.index("Read it all first") < html.index("Tone</h3>") < html.index("Order number")


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
