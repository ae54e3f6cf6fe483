"""The wire format of scorecards, as api.md promises it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from scorecards import services
from tests.scorecards.cards import one
from tests.world import DEFINITION, ApiClient, World

Clients = Callable[..., ApiClient]


@pytest.fixture
def manager(api: Clients) -> ApiClient:
    return api("manager")


@pytest.fixture
def published(world: World) -> str:
    """Path of the published version of the world's scorecard."""
    return f"scorecards/{world['ours'].rows['scorecard'].pk}/versions/1/"


def created(client: ApiClient, definition: Any = DEFINITION) -> dict[str, Any]:
    response = client.post("scorecards/", {"name": "Voice", "definition": definition})
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    return body


def errors(response: Any) -> set[tuple[str, str]]:
    return {(error["pointer"], error["code"]) for error in response.json()["errors"]}


def test_creating_answers_the_scorecard_with_its_draft(manager: ApiClient) -> None:
    body = created(manager)
    (draft,) = body.pop("versions")
    assert draft["number"] == 1
    assert (draft["state"], draft["published_at"], draft["archived_at"]) == ("draft", None, None)
    assert (body["name"], body["published_version"]) == ("Voice", None)
    assert body["authorized_actions"] == ["change"]
    again = manager.get(f"scorecards/{body['id']}/")
    assert again.json() == {**body, "versions": [draft]}
    assert again["ETag"] == body["etag"]


def test_a_version_lists_its_options_and_comes_back_as_it_went(manager: ApiClient) -> None:
    path = f"scorecards/{created(manager)['id']}/versions/1/"
    version = manager.get(path).json()
    solution, tone = version["definition"]["groups"][0]["categories"]
    assert solution["scale"] == "4-point"
    assert [(o["key"], o["label"]) for o in solution["options"]] == [
        ("1", "Poor"),
        ("2", "Needs work"),
        ("3", "Good"),
        ("4", "Excellent"),
    ]
    assert (tone["weight"], tone["comment_required"], tone["allow_na"]) == ("10", "never", True)
    assert version["authorized_actions"] == ["change", "publish", "duplicate"]
    assert version["scorecard"]["name"] == "Voice"
    answer = manager.patch(path, {"definition": version["definition"]}, **{"If-Match": version["etag"]})
    assert answer.status_code == 200
    assert answer.json()["definition"] == version["definition"]


def test_the_life_of_a_version(manager: ApiClient) -> None:
    card = f"scorecards/{created(manager)['id']}/"
    published = manager.post(f"{card}versions/1/publish")
    assert published.status_code == 200
    assert published.json()["state"] == "published"
    assert published.json()["authorized_actions"] == ["archive", "duplicate"]
    assert manager.get(card).json()["published_version"] == 1
    second = manager.post(f"{card}versions/")
    assert (second.status_code, second.json()["number"]) == (201, 2)
    assert second.json()["definition"] == published.json()["definition"]
    numbers = [each["number"] for each in manager.get(f"{card}versions/").json()["results"]]
    assert numbers == [1, 2]
    assert manager.post(f"{card}versions/1/archive/").json()["state"] == "archived"


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("patch", "versions/1/", {"definition": one()}, "not_a_draft"),
        ("post", "versions/1/publish/", None, "not_a_draft"),
        ("post", "versions/2/archive/", None, "not_published"),
        ("post", "versions/", None, "draft_exists"),
    ],
)
def test_refused_moves_are_409_with_the_reason(
    manager: ApiClient, world: World, method: str, path: str, body: Any, code: str
) -> None:
    place = world["ours"]
    card = place.rows["scorecard"]
    services.add_version(actor=place.system, scorecard_id=card.pk)
    response = getattr(manager, method)(f"scorecards/{card.pk}/{path}", body)
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == f"urn:plumbline:{code}"
    assert response.json()["detail"].startswith("Version ")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {("/name", "required"), ("/definition", "required")}),
        ({"name": " ", "definition": one()}, {("/name", "required")}),
        ({"name": "a\0", "definition": one()}, {("/name", "invalid_text")}),
        ({"name": "x" * 256, "definition": one()}, {("/name", "max_length")}),
        ({"name": "V", "definition": one(), "colour": 1}, {("/colour", "unknown_field")}),
        ({"name": "V", "definition": None}, {("/definition", "required")}),
        ({"name": "V", "definition": []}, {("/definition", "invalid")}),
        ({"name": "V", "definition": {"groups": []}}, {("/definition/groups", "too_few")}),
        (
            {"name": "V", "definition": one(scale="9-point", weight=-1)},
            {
                ("/definition/groups/0/categories/0/scale", "invalid"),
                ("/definition/groups/0/categories/0/weight", "out_of_range"),
            },
        ),
    ],
)
def test_bad_input_is_422_by_field(manager: ApiClient, body: Any, found: set[tuple[str, str]]) -> None:
    before = len(manager.get("scorecards/").json()["results"])
    response = manager.post("scorecards/", body)
    assert response.status_code == 422
    assert errors(response) == found
    assert len(manager.get("scorecards/").json()["results"]) == before


def test_a_stale_etag_is_412(manager: ApiClient) -> None:
    body = created(manager)
    card, stale = f"scorecards/{body['id']}/", {"If-Match": '"1-0"'}
    answers = [
        manager.patch(card, {"name": "Tone"}, **stale),
        manager.patch(f"{card}versions/1/", {"definition": one()}, **stale),
        manager.post(f"{card}versions/1/publish/", **stale),
        manager.post(f"{card}versions/1/archive/", **stale),
    ]
    assert [answer.status_code for answer in answers] == [412] * 4
    assert manager.get(card).json() == body
    renamed = manager.patch(card, {"name": "Tone"}, **{"If-Match": body["etag"]})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Tone")
    assert renamed.json()["etag"] != body["etag"]


def test_a_repeated_post_creates_once(manager: ApiClient) -> None:
    body = {"name": "Voice", "definition": one()}
    first = manager.post("scorecards/", body, **{"Idempotency-Key": "a"})
    second = manager.post("scorecards/", body, **{"Idempotency-Key": "a"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert manager.post("scorecards/", {**body, "name": "B"}, **{"Idempotency-Key": "a"}).status_code == 422


def test_validate_names_errors_or_advises(api: Clients) -> None:
    reviewer = api("reviewer")
    bad = reviewer.post("scorecards/validate", {"definition": one(weight="heavy")})
    assert bad.status_code == 200
    assert bad.json() == {
        "findings": [
            {
                "severity": "error",
                "code": "invalid",
                "pointer": "/groups/0/categories/0/weight",
                "message": "Must be a number in plain digits with at most 20 decimals.",
            }
        ]
    }
    (advice,) = reviewer.post("scorecards/validate", {"definition": one()}).json()["findings"]
    assert (advice["severity"], advice["code"]) == ("suggestion", "no_description")
    assert reviewer.post("scorecards/validate", {"definition": DEFINITION, "x": 1}).status_code == 422


def test_a_dry_run_scores_without_saving(api: Clients, published: str) -> None:
    ratings = [
        {
            "category": "solution",
            "option": "3",
            "root_causes": ["Did not ask"],
            "comment": "",
            "evidence": [{"message": 55, "start": 0, "end": 5}],
        },
        {"category": "tone", "na": True},
    ]
    response = api("reviewer").post(f"{published}score", {"ratings": ratings, "context": {"channel": "chat"}})
    assert response.status_code == 200
    assert response.json() == {
        "score": "66.6667",
        "unfailed_score": "66.6667",
        "uncapped_score": "66.6667",
        "band": "",
        "passed": False,
        "failed_by": [],
        "groups": [{"key": "customer", "score": "66.6667"}],
        "tags": [{"key": "customer-critical", "score": "66.6667"}],
        "categories": [
            {
                "key": "solution",
                "score": "66.6667",
                "kind": "rated",
                "state": "rated",
                "applied_weight": "100.0000",
            },
            {"key": "tone", "score": None, "kind": "rated", "state": "na", "applied_weight": None},
        ],
    }


def test_a_dry_run_names_failures_and_knows_no_score(api: Clients, published: str) -> None:
    failed = [{"category": "solution", "option": "4"}, {"category": "tone", "option": "poor"}]
    body = api("reviewer").post(f"{published}score", {"ratings": failed}).json()
    assert (body["score"], body["unfailed_score"]) == ("0.0000", "66.6667")
    assert (body["failed_by"], body["passed"]) == (["tone"], False)
    nothing = api("reviewer").post(f"{published}score", {"ratings": []}).json()
    assert (nothing["score"], nothing["unfailed_score"], nothing["passed"]) == (None, None, None)


def test_a_dry_run_hides_what_the_context_excludes(manager: ApiClient) -> None:
    definition = one(show_when={"channel": ["chat"], "tag": ["vip"], "csat": False})
    path = f"scorecards/{created(manager, definition)['id']}/versions/1/score/"
    shown = {"channel": "Chat", "tags": ["new", "VIP"], "topic": "x", "language": "en", "csat": False}
    ratings = [{"category": "a", "option": "5"}]
    assert manager.post(path, {"ratings": ratings, "context": shown}).json()["score"] == "100.0000"
    hidden = {"ratings": [], "context": {**shown, "csat": True}}
    assert manager.post(path, hidden).json()["categories"][0]["state"] == "hidden"
    refused = manager.post(path, {"ratings": ratings, "context": {"channel": "email"}})
    assert (refused.status_code, errors(refused)) == (422, {("/ratings/0/category", "hidden_category")})


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {("/ratings", "required")}),
        ({"ratings": [{"option": "1"}]}, {("/ratings/0/category", "required")}),
        ({"ratings": [{"category": "nope", "option": "1"}]}, {("/ratings/0/category", "unknown_category")}),
        ({"ratings": [{"category": "tone", "option": "7"}]}, {("/ratings/0/option", "unknown_option")}),
        ({"ratings": [{"category": "tone"}]}, {("/ratings/0/option", "option_or_na")}),
        ({"ratings": [], "context": {"weather": "fine"}}, {("/context/weather", "unknown_field")}),
        (
            {"ratings": [{"category": "tone", "na": True, "score": 3}]},
            {("/ratings/0/score", "unknown_field")},
        ),
    ],
)
def test_ratings_that_do_not_fit_are_422(
    manager: ApiClient, published: str, body: Any, found: set[tuple[str, str]]
) -> None:
    response = manager.post(f"{published}score/", body)
    assert (response.status_code, errors(response)) == (422, found)


def test_lists_are_cursor_pages_without_a_query_a_row(
    manager: ApiClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        created(manager)
    with django_assert_max_num_queries(9):
        first = manager.get("scorecards/", {"limit": 3}).json()
    assert [len(first["results"]), first["previous"]] == [3, None]
    second = manager.get(first["next"].removeprefix("http://testserver")).json()
    assert [len(second["results"]), second["next"]] == [1, None]
    assert manager.get("scorecards/", {"colour": "red"}).status_code == 422
    since = manager.get("scorecards/", {"updated_since": "2026-01-01T00:00:00+00:00"})
    assert since.status_code == 200


def test_what_does_not_exist_is_404(manager: ApiClient, published: str) -> None:
    missing = published.replace("/1/", "/7/")
    paths = [missing, "scorecards/999999/", "scorecards/999999/versions/", f"scorecards/{10**30}/"]
    assert {manager.get(path).status_code for path in paths} == {404}
    assert manager.post(f"{missing}publish/").status_code == 404
    assert manager.post(f"{missing}score/", {"ratings": []}).status_code == 404
    assert manager.post("scorecards/999999/versions/").status_code == 404
