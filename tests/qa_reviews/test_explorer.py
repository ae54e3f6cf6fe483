"""The explorer of reviews: filters by API and page, hashtags counted, saved views, deep links, the export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import WorkspaceSettings
from qa_reviews.models import Dispute, Grading, Rating, Remark, Review, ReviewComment, SavedView
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]
NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def review(ours: Place) -> Review:
    found: Review = ours.rows["review"]
    return found


def change(review: Review, **fields: Any) -> None:
    Review.objects.filter(pk=review.pk).update(**fields)


def dispute(review: Review, state: str) -> None:
    settled = {"outcome": "rejected", "resolved_at": NOW} if state == "resolved" else {}
    Dispute.objects.create(
        workspace=review.workspace,
        review=review,
        number=1,
        grading_number=1,
        kind="ratings",
        comment="Not so",
        state=state,
        due_at=NOW,
        **settled,
    )


def with_cause(review: Review, cause: str) -> None:
    """The newest grading says so; gradings never change, so it is another one."""
    grading = Grading.objects.create(
        workspace=review.workspace, review=review, number=2, version=review.version, comment="Mind the tone"
    )
    Rating.objects.create(
        workspace=review.workspace,
        grading=grading,
        category="solution",
        state="na",
        root_causes=[cause],
        comment="Ask first",
    )
    Remark.objects.create(workspace=review.workspace, grading=grading, body="Lovely opening", kind="praise")
    change(review, gradings_count=2)


def talk(ours: Place, review: Review, body: str, visibility: str = "everyone") -> None:
    ReviewComment.objects.create(
        workspace=review.workspace,
        review=review,
        author=ours.people["reviewer"],
        body=body,
        visibility=visibility,
    )


def found(client: ApiClient, **query: Any) -> bool:
    """Whether the one submitted review matches."""
    response = client.get("reviews/", {"state": ["submitted", "disputed"], **query})
    assert response.status_code == 200, response.json()
    return len(response.json()["results"]) == 1


# --- filters --------------------------------------------------------------------------------------------


def test_seen_and_acknowledged(review: Review, api: Api) -> None:
    client = api("manager")
    for name, field in (("unseen", "seen_at"), ("unacknowledged", "acknowledged_at")):
        assert found(client, **{name: "true"})
        assert not found(client, **{name: "false"})
        change(review, **{field: NOW})
        assert not found(client, **{name: "true"})
        assert found(client, **{name: "false"})


def test_a_retracted_review_is_no_news(review: Review, api: Api) -> None:
    change(review, state="retracted", retracted_at=NOW)
    answer = api("manager").get("reviews/", {"state": "retracted", "unseen": "true"})
    assert answer.json()["results"] == []


def test_critical_failures_and_what_failed(review: Review, api: Api) -> None:
    client = api("manager")
    assert not found(client, failed="true")
    change(review, failed_by=["tone"])
    assert found(client, failed="true")
    assert not found(client, failed="false")
    assert found(client, failed_by=["tone", "solution"])
    assert not found(client, failed_by="solution")


def test_root_causes_of_the_newest_grading(review: Review, api: Api) -> None:
    with_cause(review, "Process > No macro")
    client = api("manager")
    assert found(client, root_cause="Process > No macro")
    assert found(client, root_cause="Process"), "a cause stands for its details"
    assert not found(client, root_cause="No macro")
    assert not found(client, root_cause="Proc")


def test_hashtags_with_or_without_their_sign(review: Review, api: Api) -> None:
    change(review, hashtags=["grösse", "refund"])
    client = api("manager")
    assert found(client, hashtag="#Größe"), "casefolded as it is stored"
    assert found(client, hashtag="#Refund")
    assert found(client, hashtag=["other", "refund"])
    assert not found(client, hashtag="refun")


@pytest.mark.parametrize("words", ["mind the", "ask FIRST", "lovely", "50% off_", "not so"])
def test_words_of_comments(ours: Place, review: Review, api: Api, words: str) -> None:
    with_cause(review, "Other: x")
    talk(ours, review, "They gave 50% off_ twice")
    dispute(review, "open")
    assert found(api("manager"), q=words)
    assert not found(api("manager"), q="good pace"), "an earlier grading says that"


def test_private_notes_are_searched_only_for_those_who_read_them(
    ours: Place, review: Review, api: Api
) -> None:
    talk(ours, review, "between us", visibility="reviewers")
    assert found(api("manager"), q="between us")
    assert not found(api("agent"), q="between us")


def test_active_time(review: Review, api: Api) -> None:
    client = api("manager")
    assert not found(client, active_min="0"), "not measured"
    change(review, active_seconds=90)
    assert found(client, active_min="90", active_max="90")
    assert not found(client, active_min="91")
    assert not found(client, active_max="89")


def test_held_disputed_and_mine(review: Review, api: Api) -> None:
    client = api("manager")
    assert not found(client, held="true")
    change(review, held=True)
    assert found(client, held="true")
    assert not found(client, dispute="open")
    dispute(review, "open")
    assert found(client, dispute="open")
    assert found(client, dispute=["open", "answered"])
    assert not found(client, dispute="answered")
    assert not found(client, mine="true")
    assert found(api("reviewer"), mine="true")


@pytest.mark.parametrize(
    "query",
    [{"unseen": "yes"}, {"dispute": "lost"}, {"active_min": "-1"}, {"active_max": "soon"}, {"colour": "red"}],
)
def test_values_that_mean_nothing_are_refused(
    ours: Place, api: Api, browse: Browse, query: dict[str, str]
) -> None:
    assert api("manager").get("reviews/", query).status_code == 422
    assert browse("manager").get(f"/w/{ours.slug}/reviews/", query).status_code == 422


def test_a_hidden_reviewer_cannot_be_guessed(ours: Place, api: Api, browse: Browse) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_reviewer=True)
    query = {"reviewer": ours.people["reviewer"].pk}
    assert api("agent").get("reviews/", query).status_code == 403
    assert browse("agent").get(f"/w/{ours.slug}/reviews/", query).status_code == 403
    assert api("manager").get("reviews/", query).status_code == 200


# --- the page -------------------------------------------------------------------------------------------


def listed(browse: Browse, person: str, query: dict[str, Any] | None = None) -> str:
    response = browse(person).get("/w/ours/reviews/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_counts_hashtags_and_links_them(review: Review, browse: Browse) -> None:
    change(review, hashtags=["refund"])
    text = listed(browse, "manager", {"state": "submitted"})
    assert 'href="?state=submitted&amp;hashtag=refund"' in text
    assert "Remove filter Hashtag: refund" in listed(browse, "manager", {"hashtag": "refund"})


def test_an_agent_gets_no_tools_of_leads(review: Review, browse: Browse) -> None:
    text = listed(browse, "agent")
    assert "Where is my parcel?" in text
    for words in ("Worked on", "Held back", "Graded by me", "Export"):
        assert words not in text


def test_active_time_is_shown_in_words(review: Review, browse: Browse) -> None:
    change(review, active_seconds=125)
    assert "2 min 5 s" in listed(browse, "lead")


def another(review: Review, **fields: Any) -> Review:
    """A copy made by hand, as a peer's."""
    copy = Review.objects.get(pk=review.pk)
    values = {"queue_item": None, "stratum": None, "selection": "manual", "kind": "peer", "external_id": ""}
    for name, value in ({"pk": None} | values | fields).items():
        setattr(copy, name, value)
    copy.save()
    return copy


def test_filters_stay_in_the_links_to_other_pages_of_the_list(review: Review, browse: Browse) -> None:
    another(review, submitted_at=NOW)
    text = listed(browse, "manager", {"state": "submitted", "limit": "1"})
    assert "?state=submitted&amp;limit=1&amp;cursor=" in text


def test_the_explorers_queries_do_not_grow_with_its_rows(ours: Place, review: Review, browse: Browse) -> None:
    client = browse("manager")
    client.get("/w/ours/reviews/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/w/ours/reviews/")
    for person in ("manager", "lead", "second_reviewer"):
        another(review, hashtags=[f"by{person}"], reviewer=ours.people[person])
    with CaptureQueriesContext(connection) as many:
        client.get("/w/ours/reviews/")
    assert len(many) == len(one) <= 20


# --- saved views ----------------------------------------------------------------------------------------


def test_a_view_is_kept_opened_and_dropped_on_the_page(ours: Place, browse: Browse) -> None:
    client = browse("reviewer")
    kept = client.post(
        "/w/ours/reviews/views/",
        {"name": "Disputed", "page": "reviews", "query": "dispute=open&cursor=abc&agent=", "shared": "on"},
    )
    assert kept["Location"] == "/w/ours/reviews/?dispute=open&cursor=abc&agent="
    view = SavedView.objects.get(name="Disputed")
    assert (view.name, view.query, view.shared, view.owner) == (
        "Disputed",
        "dispute=open",
        True,
        ours.people["reviewer"],
    )
    assert 'href="?dispute=open" aria-current="true"' in listed(browse, "reviewer", {"dispute": "open"})
    assert "by Reviewer" in listed(browse, "manager")
    assert browse("manager").post(f"/w/ours/reviews/views/{view.pk}/delete/").status_code == 403
    assert client.post(f"/w/ours/reviews/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_a_taken_name_is_told_and_nothing_is_lost(ours: Place, browse: Browse) -> None:
    client, given = browse("reviewer"), {"name": "Mine", "page": "reviews", "query": "mine=true"}
    client.post("/w/ours/reviews/views/", given)
    again = client.post("/w/ours/reviews/views/", given | {"query": "failed=true"}, follow=True)
    assert "You have a view “Mine” already." in again.content.decode()
    assert SavedView.objects.get(name="Mine").query == "mine=true"


def test_views_over_the_api(ours: Place, api: Api) -> None:
    client = api("reviewer")
    made = client.post("saved-views/", {"page": "reviews", "name": "Low", "query": "?score_max=60"})
    assert made.status_code == 201
    body = made.json()
    assert (body["query"], body["shared"], body["authorized_actions"]) == (
        "score_max=60",
        False,
        ["update", "delete"],
    )
    url = f"saved-views/{body['id']}/"
    assert api("manager").get(url).status_code == 404, "private"
    stale = client.patch(url, {"shared": True}, **{"If-Match": '"old"'})
    assert stale.status_code == 412
    assert client.patch(url, {"shared": True}, **{"If-Match": body["etag"]}).json()["shared"] is True
    assert [
        each["name"] for each in api("manager").get("saved-views/", {"page": "reviews"}).json()["results"]
    ]
    assert api("manager").patch(url, {"name": "Mine now"}).status_code == 403
    assert api("admin").delete(url).status_code == 204


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"query": "colour=red"}, "/query"),
        ({"query": "q=" + "x" * 1999}, "/query"),
        ({"name": " "}, "/name"),
        ({"page": "plans"}, "/page"),
        ({"owner": 1}, "/owner"),
    ],
)
def test_views_that_could_not_be_opened_are_refused(api: Api, body: dict[str, Any], pointer: str) -> None:
    given = {"page": "reviews", "name": "View", "query": ""} | body
    answer = api("manager").post("saved-views/", given)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_an_agent_keeps_views_for_himself(api: Api) -> None:
    given = {"page": "reviews", "name": "New", "query": "unseen=true"}
    assert api("agent").post("saved-views/", given | {"shared": True}).status_code == 403
    assert api("agent").post("saved-views/", given).status_code == 201


# --- deep links and the export --------------------------------------------------------------------------


def test_an_imported_review_has_a_stable_address(review: Review, browse: Browse) -> None:
    change(review, source="zendesk", external_id="r/17")  # a slash belongs to the name
    found = browse("agent").get("/w/ours/reviews/by/zendesk/r/17/")
    assert found["Location"] == f"/w/ours/reviews/{review.pk}/"
    assert browse("other_agent").get("/w/ours/reviews/by/zendesk/r/17/").status_code == 404
    assert browse("manager").get("/w/ours/reviews/by/zendesk/r/18/").status_code == 404


def test_the_export_tells_the_new_columns(review: Review, api: Api) -> None:
    change(review, active_seconds=90, hashtags=["refund", "vip"], started_from="best", held=True)
    dispute(review, "resolved")
    answer = api("manager").get("reviews/export.csv", {"state": "submitted"})
    text = b"".join(answer.streaming_content).decode()
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["active_seconds"], row["hashtags"], row["started_from"]) == ("90", "#refund #vip", "best")
    assert (row["disputes"], row["dispute_state"], row["dispute_outcome"]) == ("1", "resolved", "rejected")
    assert row["held"] == "true"
