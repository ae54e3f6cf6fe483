"""Terms, files, gallery, library, copies and comparisons over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import yaml

from accounts.models import AuditEvent
from scorecards import selectors, services
from scorecards.definition import Context, parse
from scorecards.models import LibraryItem, Scorecard, ScorecardVersion
from tests.scorecards.cards import category, one
from tests.world import DEFINITION, ApiClient, Place, World

Clients = Callable[..., ApiClient]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def manager(api: Clients) -> ApiClient:
    return api("manager")


@pytest.fixture
def card(ours: Place) -> str:
    return f"scorecards/{ours.rows['scorecard'].pk}/"


TERMS: dict[str, Any] = {
    "pass_mark": "85.0000",
    "bands": [{"from": "90", "label": "Excellent"}, {"from": "60", "label": "Good"}],
    "offer_when": {"channel": ["chat"], "agent_kind": ["human"]},
    "rank": 3,
}


def errors(response: Any) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.content
    return {(error["pointer"], error["code"]) for error in response.json()["errors"]}


def test_terms_are_changed_audited_and_shown(manager: ApiClient, card: str) -> None:
    body = manager.patch(card, TERMS).json()
    assert {field: body[field] for field in TERMS} == TERMS
    changes = AuditEvent.objects.get(action="scorecard.changed").changes
    assert (changes["pass_mark"], changes["rank"]) == ([None, "85.0000"], [0, 3])
    again = manager.patch(card, {"pass_mark": None, "bands": []}, **{"If-Match": body["etag"]})
    assert (again.json()["pass_mark"], again.json()["bands"], again.json()["rank"]) == (None, [], 3)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"pass_mark": "101"}, {("/pass_mark", "max_value")}),
        (
            {"bands": [{"from": 5, "label": "a"}, {"from": 6, "label": "b"}]},
            {("/bands/1/from", "bands_not_descending")},
        ),
        ({"offer_when": {"colour": ["red"]}}, {("/offer_when/colour", "unknown_field")}),
        ({"rank": "first"}, {("/rank", "invalid")}),
        ({"weight": 1}, {("/weight", "unknown_field")}),
    ],
)
def test_terms_that_are_refused(
    manager: ApiClient, card: str, body: Any, found: set[tuple[str, str]]
) -> None:
    assert errors(manager.patch(card, body)) == found


def test_a_review_passes_by_the_scorecards_own_mark(manager: ApiClient, card: str, ours: Place) -> None:
    """The world's review has 77.7778, the workspace's mark is 80."""
    review = f"reviews/{ours.rows['review'].pk}/"
    assert manager.get(review).json()["passed"] is False
    manager.patch(card, {"pass_mark": "77.7778"})
    assert manager.get(review).json()["passed"] is True
    ratings = [{"category": "solution", "option": "3"}, {"category": "tone", "option": "great"}]
    manager.patch(card, {"pass_mark": "77.7779", "bands": TERMS["bands"]})
    dry = manager.post(f"{card}versions/1/score", {"ratings": ratings}).json()
    assert (dry["score"], dry["passed"], dry["band"]) == ("77.7778", False, "Good")


def test_a_scorecard_is_made_with_its_terms(manager: ApiClient) -> None:
    body = manager.post("scorecards/", {"name": "Voice", "definition": DEFINITION, **TERMS}).json()
    assert {field: body[field] for field in TERMS} == TERMS


def test_a_version_leaves_as_a_file_and_comes_back(manager: ApiClient, card: str, ours: Place) -> None:
    manager.patch(card, TERMS)
    for wanted, read in (("yaml", yaml.safe_load), ("json", json.loads)):
        answer = manager.get(f"{card}versions/1/file?format={wanted}")
        assert answer["Content-Type"] == f"application/{wanted}; charset=utf-8"
        assert answer["Content-Disposition"] == f"attachment; filename*=UTF-8''Support%201.{wanted}"
        assert read(answer.content)["pass_mark"] == "85"
        made = manager.post("scorecards/import", answer.content, f"application/{wanted}")
        assert made.status_code == 201, made.content
        body = made.json()
        assert {field: body[field] for field in TERMS} == TERMS | {"rank": 0}
        first, second = (
            selectors.version(ours.system, pk, 1) for pk in (ours.rows["scorecard"].pk, body["id"])
        )
        assert first.definition == second.definition
    assert (
        manager.get(f"{card}versions/1/file").content
        == manager.get(f"{card}versions/1/file?format=yaml").content
    )
    assert errors(manager.get(f"{card}versions/1/file?format=xml")) == {("/format", "invalid")}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"plumbline: 1\nname: [", 400),
        (b"\xff\xfe", 400),
        (b"a: &a [1]\nb: *a", 400),
        (b"plumbline: 1\nname: Voice\nweights: 5\ndefinition: {groups: []}", 422),
        (b"x" * 4_000_001, 413),
    ],
)
def test_files_that_are_refused(manager: ApiClient, body: bytes, status: int) -> None:
    before = Scorecard.objects.count()
    answer = manager.post("scorecards/import", body, "application/yaml")
    assert answer.status_code == status
    if status == 422:
        assert errors(answer) == {("/weights", "unknown_field"), ("/definition/groups", "too_few")}
    assert Scorecard.objects.count() == before


def test_the_schema_and_the_gallery(manager: ApiClient) -> None:
    assert manager.get("scorecards/schema.json").json()["$defs"]["category"]["required"] == ["key", "name"]
    cards = manager.get("scorecards/gallery").json()["results"]
    assert [each["slug"] for each in cards][:2] == ["general-support", "chat"]
    made = manager.post("scorecards/gallery/compliance-first", {})
    assert (made.status_code, made.json()["name"], made.json()["pass_mark"]) == (
        201,
        "Compliance first",
        "85.0000",
    )
    assert made.json()["versions"][0]["state"] == "draft"
    assert manager.post("scorecards/gallery/chat", {"name": "Ours"}).json()["name"] == "Ours"
    assert manager.post("scorecards/gallery/nope", {}).status_code == 404


def test_a_copy_has_the_version_and_the_terms(manager: ApiClient, card: str) -> None:
    manager.patch(card, TERMS)
    body = manager.post(f"{card}versions/1/duplicate", {"name": "Copy"}).json()
    assert (body["name"], {field: body[field] for field in TERMS}) == ("Copy", TERMS)
    assert [(each["number"], each["state"]) for each in body["versions"]] == [(1, "draft")]
    assert manager.post(f"{card}versions/9/duplicate", {"name": "Copy"}).status_code == 404


def test_versions_are_compared_in_words(manager: ApiClient, card: str, ours: Place) -> None:
    services.add_version(actor=ours.system, scorecard_id=ours.rows["scorecard"].pk)
    raw: Any = json.loads(json.dumps(DEFINITION))
    raw["groups"][0]["categories"][0]["weight"] = 30
    manager.patch(f"{card}versions/2/", {"definition": raw})
    body = manager.get(f"{card}versions/2/changes").json()
    assert body == {
        "against": 1,
        "changes": [
            {
                "kind": "changed",
                "key": "solution/weight",
                "sentence": 'Category "Solution": weight is 30, was 20.',
            }
        ],
    }
    back = manager.get(f"{card}versions/1/changes?against=2").json()["changes"]
    assert [each["sentence"] for each in back] == ['Category "Solution": weight is 20, was 30.']
    assert manager.get(f"{card}versions/2/changes?against=9").status_code == 404
    assert errors(manager.get(f"{card}versions/2/changes?against=x"))


def test_the_library_keeps_what_a_definition_may_hold(manager: ApiClient, api: Clients) -> None:
    causes = {"negative": ["Late", {"cause": "Process", "details": ["No macro"]}], "other": True}
    made = manager.post("scorecard-library/", {"kind": "root_causes", "name": " Usual ", "content": causes})
    assert (made.status_code, made.json()["name"]) == (201, "Usual")
    assert made.json()["content"] == {**causes, "positive": []}
    again = {"kind": "root_causes", "name": "Usual", "content": {"positive": ["Quick"]}}
    assert manager.post("scorecard-library/", again).json()["id"] == made.json()["id"]
    kept = manager.post(
        "scorecard-library/", {"kind": "category", "name": "Tone", "content": category("tone")}
    )
    assert kept.json()["content"]["scale"] == "5-point"
    shown = api("reviewer").get("scorecard-library/").json()["results"]
    assert {"Usual", "Tone"} <= {each["name"] for each in shown}
    assert shown[-1]["authorized_actions"] == []
    assert manager.delete(f"scorecard-library/{kept.json()['id']}/").status_code == 204
    assert not LibraryItem.objects.filter(name="Tone").exists()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"kind": "category", "content": {"key": "a"}}, {("/content/name", "required")}),
        ({"kind": "category", "content": 5}, {("/content", "invalid")}),
        (
            {"kind": "category", "content": {**category("a"), "show_when": {"answers": {"b": "1"}}}},
            {("/content/show_when/answers/b", "unknown_category")},
        ),
        ({"kind": "root_causes", "content": {"negative": [1]}}, {("/content/negative/0", "invalid")}),
        ({"kind": "scales", "content": {}}, {("/kind", "invalid_choice")}),
    ],
)
def test_what_the_library_refuses(manager: ApiClient, body: Any, found: set[tuple[str, str]]) -> None:
    assert errors(manager.post("scorecard-library/", {"name": "X", **body})) == found


def test_published_scorecards_are_offered_in_order(ours: Place, django_assert_num_queries: Any) -> None:
    manager, first = ours.actor("manager"), ours.rows["scorecard"]
    for name, terms in (("Chat", {"offer_when": {"channel": ["chat"]}}), ("Draft", {})):
        made, draft = services.create_scorecard(actor=manager, name=name, definition=one(), terms=terms)
        if name == "Chat":
            services.publish(actor=manager, scorecard_id=made.pk, number=draft.number)
    with django_assert_num_queries(1):
        found = selectors.offered_scorecards(manager, Context(channel="chat"), "human")
    assert [(each.name, each.fits) for each in found] == [("Chat", True), (first.name, True)]
    found = selectors.offered_scorecards(manager, Context(channel="phone"), "human")
    assert [(each.name, each.fits) for each in found] == [(first.name, True), ("Chat", False)]


def test_a_published_version_from_before_is_read_as_it_was(ours: Place) -> None:
    """What an earlier release stored has none of the newer fields, and stays as it is in the table."""
    stored = {"groups": [{"key": "g", "name": "G", "categories": [dict(category("a"), weight="10")]}]}
    row = ScorecardVersion.objects.create(
        workspace=ours.workspace, scorecard=ours.rows["scorecard"], number=7, definition=stored
    )
    assert selectors.definition_of(row) == parse(stored)
    row.refresh_from_db()
    assert row.definition == stored


def test_a_mark_is_the_scorecards_own_or_the_workspaces() -> None:
    default = Decimal(80)
    assert selectors.pass_mark_of(Scorecard(), default) == default
    assert selectors.pass_mark_of(Scorecard(pass_mark=Decimal(0)), default) == 0
