"""reviews/ over HTTP: shapes, filters, errors, etags, what each role is told, the export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import WorkspaceSettings
from conversations.models import Conversation
from qa_reviews.models import Grading, QueueItem, Rating, Review
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]

ARROW_LINE = {
    *("id", "state", "score", "unfailed_score", "failed_by", "passed", "reviewer", "agent", "team"),
    *(
        "conversation",
        "scorecard",
        "scorecard_version",
        "kind",
        "selection",
        "declared_selection",
        "gradings",
    ),
    *("submitted_at", "seen_at", "acknowledged_at", "closed_at", "etag", "authorized_actions"),
}
GOOD = [{"category": "solution", "option": "3"}, {"category": "tone", "option": "great"}]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def body(place: Place, **fields: Any) -> dict[str, Any]:
    return {
        "conversation": {"source": "helpdesk", "external_id": "1002"},
        "scorecard": place.rows["scorecard"].pk,
        "ratings": GOOD,
        "comment": "Good pace",
    } | fields


def codes(response: Any) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]


# --- writing --------------------------------------------------------------------------------------------


def test_post_with_submit_answers_every_field_of_the_contract(ours: Place, api: Api) -> None:
    response = api("reviewer").post("reviews/", body(ours, submit=True))
    found = response.json()
    assert response.status_code == 201
    assert set(found) >= ARROW_LINE
    assert (found["state"], found["score"], found["unfailed_score"]) == ("submitted", "77.7778", "77.7778")
    assert (found["passed"], found["failed_by"], found["kind"]) == (False, [], "standard")
    assert found["agent"] == {"id": ours.rows["agent"].pk, "external_id": "a-7", "name": "Ana Silva"}
    assert found["conversation"]["external_id"] == "1002"
    assert found["team"]["name"] == "Chat EU"
    assert found["selection"] == "manual"
    assert found["comment"] == "Good pace"
    assert found["groups"] == [{"key": "customer", "score": "77.7778"}]
    assert found["tags"] == [{"key": "customer-critical", "score": "66.6667"}]
    assert [(r["category"], r["option"], r["score"]) for r in found["ratings"]] == [
        ("solution", "3", "66.6667"),
        ("tone", "great", "100.0000"),
    ]
    assert [g["score"] for g in found["gradings"]] == ["77.7778"]
    assert found["authorized_actions"] == ["revise", "retract", "amend", "comment"]
    assert response["ETag"] == found["etag"]


def test_submit_is_all_or_nothing(ours: Place, api: Api) -> None:
    before = Review.objects.count()
    response = api("reviewer").post("reviews/", body(ours, ratings=GOOD[:1], submit=True))
    assert response.status_code == 422
    assert codes(response) == [("/ratings", "required")]
    assert Review.objects.count() == before


def test_the_steps_one_by_one(ours: Place, api: Api) -> None:
    client = api("reviewer")
    draft = client.post("reviews/", body(ours, ratings=[], comment="")).json()
    path = f"reviews/{draft['id']}/"
    assert (draft["state"], draft["draft_number"]) == ("draft", 0)
    assert draft["authorized_actions"] == ["update", "submit", "delete", "reveal", "reviewee"]
    saved = client.patch(path, {"ratings": GOOD, "draft_number": 0}).json()
    assert (saved["draft_number"], saved["score"]) == (1, None)
    assert saved["ratings"][0]["option"] == "3"
    assert client.patch(path, {"comment": "Late", "draft_number": 0}).status_code == 412
    submitted = client.post(f"{path}submit/")
    assert submitted.status_code == 200
    again = client.post(f"{path}submit/")
    assert (again.status_code, again.json()["type"]) == (409, "urn:plumbline:already_submitted")
    better = [{"category": "solution", "option": "4"}, {"category": "tone", "option": "great"}]
    revised = client.post(f"{path}revise/", {"reason": "Missed a step", "ratings": better}).json()
    assert (revised["score"], len(revised["gradings"])) == ("100.0000", 2)
    assert revised["submitted_at"] == submitted.json()["submitted_at"]
    acknowledged = api("agent").post(f"{path}acknowledge/").json()
    assert acknowledged["acknowledged_at"] is not None
    retracted = client.post(f"{path}retract/", {"reason": "Wrong agent"}).json()
    assert (retracted["state"], retracted["authorized_actions"]) == ("retracted", [])


def test_a_draft_is_deleted(ours: Place, api: Api) -> None:
    client = api("reviewer")
    draft = client.post("reviews/", body(ours)).json()
    assert client.delete(f"reviews/{draft['id']}/").status_code == 204
    assert client.get(f"reviews/{draft['id']}/").status_code == 404


def test_if_match_guards_each_state_change(ours: Place, api: Api) -> None:
    client = api("reviewer")
    draft = client.post("reviews/", body(ours)).json()
    path = f"reviews/{draft['id']}/"
    old = {"If-Match": draft["etag"]}
    assert client.patch(path, {"comment": "New"}, **old).status_code == 200
    assert client.patch(path, {"comment": "Newer"}, **old).status_code == 412
    assert client.post(f"{path}submit/", {}, **old).status_code == 412
    assert client.post(f"{path}submit/").status_code == 200
    assert client.post(f"{path}retract/", {"reason": "x"}, **old).status_code == 412
    revision = {"reason": "x", "ratings": GOOD}
    assert client.post(f"{path}revise/", revision, **old).status_code == 412
    assert api("agent").post(f"{path}acknowledge/", {}, **old).status_code == 412


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"ratings": [{"category": "speed", "option": "1"}]}, [("/ratings/0/category", "unknown_category")]),
        ({"ratings": [{"option": "1"}]}, [("/ratings/0/category", "required")]),
        ({"ratings": [{"category": "tone", "stars": 5}]}, [("/ratings/0/stars", "unknown_field")]),
        ({"conversation": {"external_id": "nope"}}, [("/conversation", "not_found")]),
        ({"conversation": None}, [("/conversation", "required")]),
        ({"scorecard": 10**9}, [("/scorecard", "not_found")]),
        ({"agent": {"external_id": "nobody"}}, [("/agent", "not_found")]),
        ({"queue_item": 10**9}, [("/queue_item", "not_found")]),
        ({"comment": "a\u0000b"}, [("/comment", "invalid_text")]),
        ({"selection": "random"}, [("/selection", "unknown_field")]),
    ],
)
def test_bad_input_names_the_field(
    ours: Place, api: Api, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    response = api("reviewer").post("reviews/", body(ours, **changes))
    assert response.status_code == 422
    assert codes(response) == errors


def test_a_foreign_scorecard_is_not_found(world: World, api: Api) -> None:
    foreign = world["theirs"].rows["scorecard"].pk
    response = api("manager").post("reviews/", body(world["ours"], scorecard=foreign))
    assert codes(response) == [("/scorecard", "not_found")]


def test_a_queue_item_is_reviewed_in_one_call(ours: Place, api: Api) -> None:
    item = ours.rows["queue_item"]
    response = api("reviewer").post("reviews/", {"queue_item": item.pk, "ratings": GOOD, "submit": True})
    assert response.status_code == 201
    assert response.json()["selection"] == "random"
    item.refresh_from_db()
    assert item.state == QueueItem.State.DONE


def test_an_idempotency_key_answers_the_first_again(ours: Place, api: Api) -> None:
    client = api("reviewer")
    first = client.post("reviews/", body(ours, submit=True), **{"Idempotency-Key": "k1"})
    again = client.post("reviews/", body(ours, submit=True), **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]


# --- reading --------------------------------------------------------------------------------------------


def test_the_list_makes_a_constant_number_of_queries(ours: Place, api: Api) -> None:
    client = api("manager")
    client.get("reviews/")  # the key's last use is written once a minute

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("reviews/").status_code == 200
        return len(captured)

    one = queries()
    _copies(ours, 5)
    assert queries() == one
    assert one <= 6


def _copies(place: Place, count: int) -> None:
    for number in range(count):
        conversation = Conversation.objects.create(
            workspace=place.workspace,
            source="helpdesk",
            external_id=f"copy-{number}",
            status="open",
            agent=place.rows["agent"],
        )
        review = place.rows["review"]
        copy = Review.objects.get(pk=review.pk)
        copy.pk, copy.queue_item, copy.stratum, copy.selection = None, None, None, "manual"
        copy.conversation = conversation
        copy._state.adding = True
        copy.save()
        Grading.objects.create(
            workspace=place.workspace, review=copy, number=1, version=copy.version, grader=copy.reviewer
        )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"agent": "external:a-7"}, True),
        ({"agent": "external:a-8"}, False),
        ({"state": "submitted"}, True),
        ({"state": ["draft", "retracted"]}, False),
        ({"kind": "standard"}, True),
        ({"kind": "self"}, False),
        ({"selection": "random"}, True),
        ({"selection": "manual"}, False),
        ({"from": "2026-03-10", "to": "2026-03-10"}, True),
        ({"from": "2026-03-03", "to": "2026-03-03"}, False),
        ({"from": "2026-03-03", "to": "2026-03-03", "date_axis": "closed"}, True),
        ({"score_max": "77.7778"}, True),
        ({"score_max": "77.7777"}, False),
    ],
)
def test_filters(ours: Place, api: Api, query: dict[str, Any], found: bool) -> None:
    rows = api("manager").get("reviews/", query).json()["results"]
    assert [row["id"] for row in rows] == ([ours.rows["review"].pk] if found else [])


def test_the_last_five_seconds_are_held_back(ours: Place, api: Api) -> None:
    query = {"updated_since": "2026-01-01T00:00:00+00:00"}
    for age, found in ((timedelta(0), 0), (timedelta(seconds=10), 1)):
        Review.objects.filter(pk=ours.rows["review"].pk).update(updated_at=timezone.now() - age)
        assert len(api("manager").get("reviews/", query).json()["results"]) == found


@pytest.mark.parametrize("name", ["team", "reviewer", "scorecard"])
def test_filters_by_id(ours: Place, api: Api, name: str) -> None:
    row = {
        "team": ours.rows["team"],
        "reviewer": ours.people["reviewer"],
        "scorecard": ours.rows["scorecard"],
    }
    other = {"team": ours.rows["other_team"], "reviewer": ours.people["manager"]}
    client = api("manager")
    assert len(client.get("reviews/", {name: row[name].pk}).json()["results"]) == 1
    if name in other:
        assert client.get("reviews/", {name: other[name].pk}).json()["results"] == []
    assert codes(client.get("reviews/", {name: 10**9})) == [(f"/{name}", "not_found")]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"colour": "red"}, ("/colour", "unknown_parameter")),
        ({"state": "done"}, ("/state", "invalid")),
        ({"from": "2026-03-01"}, ("/to", "required")),
        ({"score_max": "101"}, ("/score_max", "out_of_range")),
    ],
)
def test_unknown_parameters_and_values(api: Api, query: dict[str, str], error: tuple[str, str]) -> None:
    response = api("manager").get("reviews/", query)
    assert (response.status_code, codes(response)) == (422, [error])


def test_a_draft_tells_its_blind_reviewer_no_band(ours: Place, api: Api) -> None:
    client, item = api("reviewer"), ours.rows["queue_item"]
    QueueItem.objects.filter(pk=item.pk).update(band="risk")
    draft = client.post("reviews/", {"queue_item": item.pk}).json()
    assert (draft["selection"], draft["declared_selection"]) == (None, None)
    for selection in ("random", "targeted"):
        listed = client.get("reviews/", {"selection": selection}).json()["results"]
        assert draft["id"] not in [row["id"] for row in listed]
    done = client.post(f"reviews/{draft['id']}/submit/", {"ratings": GOOD}).json()
    assert done["selection"] == "targeted"


def test_others_gradings_show_after_ones_own(ours: Place, api: Api) -> None:
    second, other = api("second_reviewer"), ours.rows["review"].pk
    assert second.get(f"reviews/{other}/").status_code == 404
    conversation = {"source": "helpdesk", "external_id": "1001"}
    second.post("reviews/", body(ours, conversation=conversation))
    assert second.get(f"reviews/{other}/").status_code == 404
    draft = next(
        r for r in second.get("reviews/").json()["results"] if r["conversation"]["external_id"] == "1001"
    )
    second.post(f"reviews/{draft['id']}/submit/")
    assert second.get(f"reviews/{other}/").status_code == 200


def test_the_reviewer_can_be_hidden_from_agents(ours: Place, api: Api) -> None:
    path = f"reviews/{ours.rows['review'].pk}/"
    assert api("agent").get(path).json()["reviewer"]["name"] == "Reviewer"
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_reviewer=True)
    hidden = api("agent").get(path).json()
    assert hidden["reviewer"] is None
    assert hidden["gradings"][0]["grader"] is None
    assert api("agent").get("reviews/").json()["results"][0]["reviewer"] is None
    assert api("lead").get(path).json()["reviewer"]["name"] == "Reviewer"


def test_passed_follows_todays_pass_mark(ours: Place, api: Api) -> None:
    path = f"reviews/{ours.rows['review'].pk}/"
    assert api("manager").get(path).json()["passed"] is False
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(pass_mark="77.7778")
    assert api("manager").get(path).json()["passed"] is True


# --- export ---------------------------------------------------------------------------------------------


def rows_of(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_export_of_reviews(ours: Place, api: Api) -> None:
    response = api("manager").get("reviews/export.csv", {"state": "submitted"})
    [row] = rows_of(response)
    assert response["Content-Type"].startswith("text/csv")
    assert (row["score"], row["passed"], row["agent"]) == ("77.7778", "false", "Ana Silva")
    assert (row["comment"], row["submitted_on"]) == ("Good pace", "2026-03-10")
    assert (row["conversation_external_id"], row["selection"]) == ("1001", "random")
    assert rows_of(api("manager").get("reviews/export.csv", {"state": "retracted"})) == []


def test_export_of_ratings_shows_the_newest_grading(ours: Place, api: Api) -> None:
    revision = {"reason": "x", "ratings": [{"category": "solution", "na": True}, GOOD[1]]}
    api("lead").post(f"reviews/{ours.rows['review'].pk}/revise/", revision)
    rows = rows_of(api("manager").get("reviews/export.csv", {"shape": "ratings"}))
    assert [(r["category"], r["state"], r["category_score"]) for r in rows] == [
        ("solution", "na", ""),
        ("tone", "rated", "100.0000"),
    ]
    assert Rating.objects.count() > len(rows)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_export_defuses_formulas(ours: Place, api: Api, start: str) -> None:
    agent = ours.rows["agent"]
    agent.name = f"{start}cmd|' /C calc'!A0"
    agent.save()
    [row] = rows_of(api("manager").get("reviews/export.csv"))
    assert row["agent"] == f"'{agent.name}"


def test_export_asks_for_the_right_and_known_parameters(api: Api) -> None:
    assert api("agent").get("reviews/export.csv").status_code == 403
    assert api("reviewer").get("reviews/export.csv").status_code == 403
    assert api("manager").get("reviews/export.csv", {"shape": "x"}).status_code == 422
    assert api("manager").get("reviews/export.csv", {}, Accept="text/csv").status_code == 200
    assert rows_of(api("other_lead").get("reviews/export.csv")) == []
