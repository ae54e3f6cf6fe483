"""reviews/import: upsert, stubs, reviewers without a log-in, scores computed here, harmless rejects."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Agent, Member, MemberRole
from conversations.models import Conversation
from notices.models import Notice
from qa_reviews.models import Dispute, Evidence, Grading, QueueItem, Rating, Review, ReviewComment
from qa_reviews.services import disputes
from scorecards.definition import parse, to_json
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


# --- what was said besides the ratings -------------------------------------------------------------------

DISPUTE = {
    "kind": "ratings",
    "comment": "I did ask",
    "outcome": "rejected",
    "answer": "Too late",
    "raised_at": "2026-03-07T09:00:00+00:00",
    "resolved_at": "2026-03-08T09:00:00+00:00",
    "raised_by": {"email": "agent@ours.example"},
    "resolved_by": {"email": "lead@ours.example"},
    "proposed": [{"category": "solution", "option": "4"}],
}
COMMENT = {
    "author": {"email": "agent@ours.example"},
    "body": "Thanks #coaching",
    "at": "2026-03-06T09:00:00+00:00",
}
PRIVATE = {
    "author": {"name": "Old Hand"},
    "body": "Watch #secretly",
    "at": "2026-03-06T10:00:00+00:00",
    "visibility": "reviewers",
    "category": "tone",
}


def test_disputes_and_comments_come_along(ours: Place, api: Api) -> None:
    told = row(ours, disputes=[DISPUTE], comments=[COMMENT, PRIVATE], active_seconds=95)
    assert send(api, told)["rejected"] == []
    review = imported()
    assert (review.state, review.active_seconds, review.hashtags) == ("resolved", 95, ["coaching"])
    dispute = Dispute.objects.get(review=review)
    assert (dispute.number, dispute.state, dispute.outcome) == (1, "resolved", "rejected")
    assert (dispute.raised_by, dispute.resolved_by) == (ours.people["agent"], ours.people["lead"])
    assert dispute.raised_at == datetime(2026, 3, 7, 9, tzinfo=UTC)
    everyone, private = ReviewComment.objects.filter(review=review).order_by("pk")
    assert (everyone.author, everyone.created_at) == (
        ours.people["agent"],
        datetime(2026, 3, 6, 9, tzinfo=UTC),
    )
    assert (private.visibility, private.category, private.author.name) == ("reviewers", "tone", "Old Hand")
    assert [grant.role for grant in MemberRole.objects.filter(member=private.author)] == ["agent"]


def test_agents_are_not_told_of_history(ours: Place, api: Api) -> None:
    before = Notice.objects.count()
    open_one = {name: DISPUTE[name] for name in ("kind", "comment", "raised_at")}
    send(api, row(ours, disputes=[open_one], comments=[COMMENT]))
    review = imported()
    assert (review.announced_at, review.blind, review.state) == (review.submitted_at, False, "disputed")
    assert Dispute.objects.get(review=review).due_at > datetime.now(UTC)
    assert Notice.objects.count() == before


def test_talk_is_brought_in_once(ours: Place, api: Api) -> None:
    open_one = {name: DISPUTE[name] for name in ("kind", "comment", "raised_at")}
    send(api, row(ours, disputes=[open_one], comments=[COMMENT]))
    assert send(api, row(ours, disputes=[open_one], comments=[COMMENT]))["unchanged"] == 1
    assert send(api, row(ours, disputes=[DISPUTE], comments=[COMMENT, PRIVATE]))["updated"] == 1
    assert (Dispute.objects.get().outcome, imported().state) == ("rejected", "resolved")
    assert ReviewComment.objects.filter(review=imported()).count() == 2


def test_an_accepted_wrong_agent_leaves_the_review_retracted(ours: Place, api: Api) -> None:
    wrong = DISPUTE | {"kind": "wrong_agent", "outcome": "accepted", "proposed": []}
    send(api, row(ours, disputes=[wrong]))
    review = imported()
    assert (review.state, review.retracted_at) == ("retracted", datetime(2026, 3, 8, 9, tzinfo=UTC))
    assert send(api, row(ours, disputes=[wrong]))["unchanged"] == 1


def test_a_dispute_raised_here_stays(ours: Place, api: Api) -> None:
    lately = (datetime.now(UTC) - timedelta(hours=2)).isoformat()  # the window is open yet
    send(api, row(ours, submitted_at=lately))
    review = imported()
    actor = ours.actor("agent")
    disputes.raise_dispute(actor=actor, review_id=review.pk, kind="ratings", comment="Why?")
    open_one = {name: DISPUTE[name] for name in ("kind", "comment", "raised_at")}
    answer = send(api, row(ours, submitted_at=lately, disputes=[open_one]))
    assert answer["rejected"][0]["errors"][0]["code"] == "open_dispute"
    assert send(api, row(ours, submitted_at=lately, disputes=[DISPUTE]))["updated"] == 1
    assert (imported().state, Dispute.objects.filter(review=review).count()) == ("disputed", 2)


def test_what_the_source_reported_is_kept(ours: Place, api: Api) -> None:
    told = {
        "score": "90.5",
        "categories": [
            {"category": "solution", "score": 66.67, "weight": 10, "critical": False, "causes": ["Odd"]},
            {"category": "tone", "name": "Tone", "score": None, "critical": "group"},
        ],
        "tags": ["march"],
    }
    answer = send(api, row(ours, reported=told))
    assert answer["conflicts"][0]["errors"][0]["code"] == "score_differs"
    review = imported()
    assert review.reported_score == Decimal("90.5")
    solution, tone = review.reported["categories"]
    assert (solution["score"], solution["weight"], solution["critical"], solution["causes"]) == (
        *("66.67", "10", "none"),
        ["Odd"],
    )
    assert (tone["critical"], review.reported["tags"]) == ("group", ["march"])
    assert review.reported["run"] == answer["import_run"]


def test_answers_to_questions_come_along(ours: Place, api: Api) -> None:
    definition = {
        "groups": [
            {
                "key": "g",
                "name": "G",
                "categories": [{"key": "tone", "name": "Tone"}],
                "questions": [
                    {"key": "order", "name": "Order", "answer": "text"},
                    {"key": "items", "name": "Items", "answer": "number"},
                ],
            }
        ]
    }
    version = ScorecardVersion.objects.create(
        workspace=ours.workspace,
        scorecard=ours.rows["scorecard"],
        number=2,
        state="published",
        definition=to_json(parse(definition)),
        published_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    rated = [{"category": "tone", "option": "5"}]
    send(api, row(ours, version=2, ratings=rated, answers={"order": " A-1 ", "items": 3}))
    grading = Grading.objects.get(review=imported(), version=version)
    assert grading.answers == {"order": "A-1", "items": "3"}
    again = row(ours, version=2, ratings=rated, answers={"items": 3, "order": " A-1 "})
    assert send(api, again)["unchanged"] == 1
    other = {"source": "helpdesk", "external_id": "1"}
    wrong = row(ours, external_id="r-2", conversation=other, version=2, ratings=rated, answers={"size": 1})
    assert send(api, wrong)["rejected"][0]["errors"][0]["code"] == "unknown_question"


def test_a_calibration_counts_nowhere(ours: Place, api: Api) -> None:
    send(api, row(ours, kind="calibration"))
    review = imported()
    assert review not in Review.objects.counted()
    assert review not in Review.objects.visible_to(ours.actor("agent"))


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"disputes": [DISPUTE | {"resolved_at": None}]}, "/disputes/0/resolved_at", "required"),
        ({"disputes": [DISPUTE | {"outcome": None}]}, "/disputes/0/outcome", "required"),
        ({"disputes": [DISPUTE | {"raised_by": {}}]}, "/disputes/0/raised_by/email", "required"),
        ({"disputes": [DISPUTE], "kind": "calibration"}, "/disputes", "not_disputable"),
        (
            {"disputes": [{"kind": "ratings", "raised_at": f"2026-03-0{n}T09:00:00+00:00"} for n in (1, 2)]},
            "/disputes",
            "open_twice",
        ),
        (
            {"disputes": [DISPUTE | {"proposed": [{"category": "solution", "option": "9"}]}]},
            "/disputes/0/proposed/0/option",
            "unknown_option",
        ),
        ({"comments": [COMMENT | {"category": "speed"}]}, "/comments/0/category", "unknown_category"),
        ({"comments": [COMMENT | {"body": None}]}, "/comments/0/body", "required"),
        ({"active_seconds": -1}, "/active_seconds", "out_of_range"),
        ({"reported": {"score": "much"}}, "/reported/score", "invalid_number"),
        ({"answers": {"order": "A-1"}}, "/answers/order", "unknown_question"),
    ],
)
def test_talk_that_does_not_fit_rejects_its_row(
    ours: Place, api: Api, changes: dict[str, Any], pointer: str, code: str
) -> None:
    before = (Review.objects.count(), Dispute.objects.count(), Member.objects.count())
    answer = send(api, row(ours, **changes))
    [rejected] = answer["rejected"]
    assert (rejected["errors"][0]["pointer"], rejected["errors"][0]["code"]) == (pointer, code)
    assert (Review.objects.count(), Dispute.objects.count(), Member.objects.count()) == before
