"""reviews/import: upsert, stubs, reviewers without a log-in, scores computed here, harmless rejects."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Agent, Member
from conversations.models import Conversation
from qa_reviews.models import Evidence, Grading, QueueItem, Rating, Review
from scorecards.models import ScorecardVersion
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
GOOD = [{"category": "solution", "option": "3"}, {"category": "tone", "option": "great", "comment": "Kind"}]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def row(place: Place, **fields: Any) -> dict[str, Any]:
    return {
        "source": "oldqa",
        "external_id": "r-1",
        "conversation": {"source": "helpdesk", "external_id": "1002"},
        "agent": {"external_id": "a-7"},
        "reviewer": {"email": "reviewer@ours.example"},
        "scorecard": place.rows["scorecard"].pk,
        "submitted_at": "2026-03-05T23:30:00+00:00",
        "ratings": GOOD,
        "comment": "Good pace",
        "kind": "standard",
    } | fields


def send(api: Api, *rows: dict[str, Any]) -> dict[str, Any]:
    response = api("manager").post("reviews/import", list(rows))
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def imported(external_id: str = "r-1") -> Review:
    return Review.objects.get(source="oldqa", external_id=external_id)


def test_a_review_comes_in_with_its_score_computed_here(ours: Place, api: Api) -> None:
    answer = send(api, row(ours, score="77.78", selection="random"))
    assert (answer["created"], answer["rejected_total"], answer["conflicts_total"]) == (1, 0, 0)
    review = imported()
    assert (review.state, review.score, review.reported_score) == (
        "submitted",
        Decimal("77.7778"),
        Decimal("77.78"),
    )
    assert str(review.submitted_on) == "2026-03-06"  # 00:30 in Berlin
    assert (review.selection, review.declared_selection) == ("manual", "random")
    assert (review.reviewer, review.agent) == (ours.people["reviewer"], ours.rows["agent"])
    assert review.team_id == ours.rows["team"].pk
    assert str(review.closed_on) == "2026-03-03"
    grading = Grading.objects.get(review=review)
    assert (grading.grader, grading.comment) == (ours.people["reviewer"], "Good pace")
    assert grading.created_at == datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    assert Rating.objects.get(grading=grading, category="tone").comment == "Kind"


def test_the_same_again_is_unchanged_and_other_content_is_another_grading(ours: Place, api: Api) -> None:
    send(api, row(ours))
    assert send(api, row(ours))["unchanged"] == 1
    better = [{"category": "solution", "option": "4"}, GOOD[1]]
    answer = send(api, row(ours, ratings=better, submitted_at="2026-03-09T10:00:00+00:00"))
    assert (answer["created"], answer["updated"]) == (0, 1)
    assert [error["code"] for error in answer["conflicts"][0]["errors"]] == ["date_kept"]
    review = imported()
    assert (review.score, review.gradings_count) == (Decimal(100), 2)
    assert str(review.submitted_on) == "2026-03-06"
    assert Grading.objects.get(review=review, number=2).reason != ""


def test_a_score_that_differs_is_a_conflict_and_is_kept_beside(ours: Place, api: Api) -> None:
    answer = send(api, row(ours, score=90), row(ours, external_id="r-2", conversation={"external_id": "x"}))
    [conflict] = answer["conflicts"]
    assert (conflict["row"], conflict["external_id"]) == (1, "r-1")
    assert conflict["errors"][0]["code"] == "score_differs"
    review = imported()
    assert (review.score, review.reported_score) == (Decimal("77.7778"), Decimal(90))


def test_an_omitted_category_counts_as_na(ours: Place, api: Api) -> None:
    send(api, row(ours, ratings=GOOD[:1]))
    review = imported()
    assert review.score == Decimal("66.6667")
    assert Rating.objects.get(grading__review=review, category="tone").state == "na"


def test_unknown_people_and_conversations_become_stubs(ours: Place, api: Api) -> None:
    known = Member.objects.count()
    agent = {"external_id": "a-99", "name": "Cleo", "team": "Nights"}
    stranger = {"email": "Old@Reviewer.example", "name": "Old Reviewer"}
    one = row(ours, conversation={"source": "helpdesk", "external_id": "77"}, agent=agent, reviewer=stranger)
    two = one | {"external_id": "r-2", "conversation": {"source": "helpdesk", "external_id": "78"}}
    two |= {"reviewer": {"email": "old@reviewer.example"}}
    assert send(api, one, two)["created"] == 2
    stub = Conversation.objects.get(source="helpdesk", external_id="77")
    assert (stub.is_stub, stub.status, stub.closed_on) == (True, "open", None)
    made = Agent.objects.get(source="helpdesk", external_id="a-99")
    assert (made.name, stub.agent) == ("Cleo", made)
    review = imported()
    assert (review.closed_on, review.team.name if review.team else "") == (None, "Nights")
    reviewer = Member.objects.get(email__iexact="old@reviewer.example")
    assert (reviewer.user, reviewer.name) == (None, "Old Reviewer")
    assert Member.objects.count() == known + 1
    assert imported("r-2").reviewer == reviewer


def test_a_reviewer_may_be_known_by_name_only(ours: Place, api: Api) -> None:
    send(
        api, row(ours, reviewer={"name": "Second_Reviewer"}, conversation={"external_id": "1", "source": "x"})
    )
    assert imported().reviewer == ours.people["second_reviewer"]
    send(api, row(ours, external_id="r-2", reviewer={"name": "Nobody Yet"}))
    assert imported("r-2").reviewer.name == "Nobody Yet"


def test_the_newest_published_version_unless_one_is_named(ours: Place, api: Api) -> None:
    scorecard = ours.rows["scorecard"]
    for number, state in ((2, "published"), (3, "draft")):
        ScorecardVersion.objects.create(
            workspace=ours.workspace,
            scorecard=scorecard,
            number=number,
            state=state,
            definition=ours.rows["version"].definition,
            published_at=datetime(2026, 3, 1, tzinfo=UTC) if state == "published" else None,
        )
    other = {"source": "helpdesk", "external_id": "55"}
    answer = send(
        api,
        row(ours),
        row(ours, external_id="r-2", version=1, conversation=other),
        row(ours, external_id="r-3", version=3, conversation={"source": "helpdesk", "external_id": "56"}),
    )
    assert (imported().version.number, imported("r-2").version.number) == (2, 1)
    assert [e["pointer"] for r in answer["rejected"] for e in r["errors"]] == ["/version"]
    assert not Conversation.objects.filter(external_id="56").exists()


def test_a_queue_item_gives_the_selection_and_is_done(ours: Place, api: Api) -> None:
    item = ours.rows["queue_item"]
    QueueItem.objects.filter(pk=item.pk).update(band="risk")
    send(api, row(ours, queue_item=item.pk, selection="random"))
    review = imported()
    assert (review.selection, review.declared_selection) == ("targeted", "random")
    assert (review.queue_item, review.stratum_id) == (item, item.stratum_id)
    item.refresh_from_db()
    assert item.state == "done"
    done = row(ours, external_id="r-2", queue_item=item.pk, reviewer={"email": "lead@ours.example"})
    assert send(api, done)["rejected"][0]["errors"][0]["code"] == "item_done"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"submitted_at": "2026-03-05T10:00:00"}, "/submitted_at", "invalid_datetime"),
        ({"submitted_at": None}, "/submitted_at", "required"),
        ({"reviewer": {}}, "/reviewer/email", "required"),
        ({"scorecard": 10**12}, "/scorecard", "not_found"),
        ({"score": "NA"}, "/score", "invalid_number"),
        ({"score": -1}, "/score", "out_of_range"),
        ({"conversation": 10**12}, "/conversation", "not_found"),
        ({"queue_item": 10**12}, "/queue_item", "not_found"),
        ({"ratings": [{"category": "speed", "option": "1"}]}, "/ratings/0/category", "unknown_category"),
        ({"ratings": [{"category": "tone", "option": "7"}]}, "/ratings/0/option", "unknown_option"),
        ({"ratings": [{"category": "tone", "na": "yes"}]}, "/ratings/0/na", "invalid_type"),
        ({"stars": 5}, "/stars", "unknown_field"),
        ({"agent": None, "conversation": {"external_id": "nowhere"}}, "/agent", "required"),
        ({"reviewer": {"email": "agent@ours.example"}}, "/reviewer", "yourself"),
    ],
)
def test_a_rejected_row_names_its_field_and_touches_nothing(
    ours: Place, api: Api, changes: dict[str, Any], pointer: str, code: str
) -> None:
    before = (
        Review.objects.count(),
        Conversation.objects.count(),
        Agent.objects.count(),
        Member.objects.count(),
    )
    bad = row(ours, reviewer={"email": "new@ours.example"}, agent={"external_id": "new"}) | changes
    if code == "yourself":
        bad |= {"agent": {"source": "helpdesk", "external_id": "a-7"}}
    answer = send(api, bad)
    [rejected] = answer["rejected"]
    assert (rejected["errors"][0]["pointer"], rejected["errors"][0]["code"]) == (pointer, code)
    after = (
        Review.objects.count(),
        Conversation.objects.count(),
        Agent.objects.count(),
        Member.objects.count(),
    )
    assert after == before


def test_a_second_review_of_the_same_is_rejected(ours: Place, api: Api) -> None:
    answer = send(api, row(ours), row(ours, external_id="r-2"))
    assert (answer["created"], answer["rejected"][0]["errors"][0]["code"]) == (1, "already_reviewed")
    unknown = {"source": "helpdesk", "external_id": "new"}
    twins = [row(ours, external_id=key, conversation=unknown) for key in ("r-3", "r-4")]
    assert (send(api, *twins)["created"], Conversation.objects.filter(external_id="new").count()) == (1, 1)


def test_what_a_review_is_of_cannot_change(ours: Place, api: Api) -> None:
    send(api, row(ours))
    moved = row(ours, reviewer={"email": "lead@ours.example"})
    assert send(api, moved)["rejected"][0]["errors"][0]["code"] == "cannot_change"


def test_evidence_comes_along(ours: Place, api: Api) -> None:
    message = ours.rows["message"]
    quoted = GOOD[0] | {"evidence": [{"message": message.pk, "start": 0, "end": 5}]}
    lead = {"email": "lead@ours.example"}
    send(api, row(ours, conversation=ours.rows["conversation"].pk, ratings=[quoted], reviewer=lead))
    assert Evidence.objects.get().quote == "Hello"


def test_lines_stream_in_and_a_broken_one_stops_nobody(ours: Place, api: Api) -> None:
    other = row(ours, external_id="r-2", conversation={"source": "helpdesk", "external_id": "2"})
    body = "\n".join([json.dumps(row(ours)), "{broken", json.dumps(other)]).encode()
    client = api("manager")
    response = client.client.generic(
        "POST",
        client.url("reviews/import"),
        body,
        content_type="application/x-ndjson",
        headers=client.headers,
    )
    answer = response.json()
    assert (answer["created"], answer["rejected"][0]["row"]) == (2, 2)


def test_the_limits_and_the_right(ours: Place, api: Api) -> None:
    assert api("manager").post("reviews/import", [row(ours)] * 1001).status_code == 413
    for person in ("lead", "reviewer", "agent"):
        assert api(person).post("reviews/import", [row(ours)]).status_code == 403
    assert not Review.objects.filter(source="oldqa").exists()
