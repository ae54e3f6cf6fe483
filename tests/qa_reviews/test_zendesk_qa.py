"""Zendesk QA's export: what maps to what, nothing dropped silently, the same again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Agent, Member
from conversations.models import Conversation, ImportRun, SurveyResponse
from conversations.streams import Row
from notices.models import Notice
from qa_reviews.history.zendesk_items import rows_of_object
from qa_reviews.history.zendesk_scales import place_of, scale_size
from qa_reviews.history.zendesk_scorecards import form_of
from qa_reviews.models import Dispute, Grading, Rating, Review, ReviewComment, SourceScorecard
from qa_reviews.services.zendesk_import import import_zendesk_qa
from scorecards.definition import parse
from scorecards.models import Scorecard, ScorecardVersion
from tests.qa_reviews import zendesk as z
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
PATH = "reviews/import/zendesk-qa"


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def send(api: Api, body: Any, query: str = "") -> dict[str, Any]:
    response = api("manager").post(f"{PATH}/{query}", body)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def imported(key: str = "900") -> Review:
    return Review.objects.get(source="zendesk-qa", external_id=key)


def codes(answer: dict[str, Any], kind: str) -> list[str]:
    return [error["code"] for issue in answer[kind] for error in issue["errors"]]


def test_a_scorecard_becomes_a_published_version_of_ours() -> None:
    form = form_of(z.scorecard(), "percent")
    assert not form.errors
    definition = parse(form.definition)
    assert [(g.key, [c.key for c in g.categories]) for g in definition.groups] == [
        ("ungrouped", ["c13"]),
        ("g7", ["c11", "c12"]),
    ]
    spelling, solution, tone = definition.categories
    assert (str(solution.weight), solution.critical, tone.critical, tone.scale) == (
        "20",
        "none",
        "review",
        "binary",
    )
    assert [o.description for o in solution.options] == ["Wrong", "", "", "Whole"]
    assert solution.root_causes.negative == (
        *("Wrong product", "Did not ask"),
        *("Process > No macro", "Process > Tools / Search"),
    )
    assert solution.root_causes.positive == ("Empathy",)
    assert tone.root_causes.other is True
    assert [note.code for note in form.notes] == ["tiers_joined"]
    assert spelling.scale == "5-point"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scale": "7-point"}, "unknown_scale"),
        ({"weight": 200}, "out_of_range"),
        ({"ratingCategoryId": ""}, "required"),
    ],
)
def test_a_category_that_cannot_be_ours_refuses_its_scorecard(change: dict[str, Any], code: str) -> None:
    broken = [z.CATEGORIES[0] | change]
    form = form_of(z.scorecard(groups=[{"id": "7", "categories": broken}]), "percent")
    assert [error.code for error in form.errors] == [code]


def test_what_has_no_place_in_a_scorecard_is_told() -> None:
    odd = z.CATEGORIES[0] | {
        "conditions": [{"type": "tag", "condition": "is", "values": ["vip"]}],
        "autoQaCategory": "SOLUTION",
        "status": "ARCHIVED",
        "sparkle": 1,
        "groupCritical": True,
        "critical": True,
    }
    form = form_of(z.scorecard(groups=[{"id": "7", "categories": [odd]}]), "percent")
    pointers = {note.pointer.rpartition("/")[2] for note in form.notes}
    assert pointers >= {"conditions", "c11", "status", "sparkle"}
    assert parse(form.definition).categories[1].critical == "group"


@pytest.mark.parametrize(
    ("name", "size"),
    [("BINARY", 2), ("3-point", 3), ("FOUR_POINT", 4), ("SCALE_5", 5), ("7-point", None), ("", None)],
)
def test_scales_are_known_by_name(name: str, size: int | None) -> None:
    assert scale_size(name, []) == size


@pytest.mark.parametrize(
    ("value", "unit", "size", "place"),
    [
        (66.6, "percent", 4, 2),
        ("100", "percent", 2, 1),
        (0.5, "fraction", 3, 1),
        (3, "points", 3, 2),
        (60, "percent", 4, None),
        (-1, "percent", 4, None),
    ],
)
def test_ratings_are_places_on_a_scale(value: Any, unit: Any, size: int, place: int | None) -> None:
    assert place_of(value, unit, size) == place


def test_an_export_comes_in_whole(ours: Place, api: Api) -> None:
    told = z.review(
        thread=[
            {
                "id": "1",
                "owner": {"email": z.EMAIL},
                "comment": "Thanks",
                "createdISO": "2026-03-06T10:00:00Z",
            }
        ]
    )
    body = z.export(
        reviews=[z.conversation(told)],
        calibrations=[z.calibration()],
        disputes=[z.dispute()],
        csat=[z.csat()],
    )
    answer = send(api, body)
    assert answer["rejected"] == []
    assert (answer["created"], answer["unchanged"]) == (5, 2)  # two users make nobody
    review = imported()
    assert (review.score, review.reported_score) == (Decimal("83.3333"), Decimal("83.33"))
    assert (review.state, review.kind, review.reviewer) == ("resolved", "standard", ours.people["reviewer"])
    assert (review.active_seconds, review.hashtags) == (125, ["praise"])
    assert (review.announced_at, review.blind) == (review.submitted_at, False)
    assert review.conversation_id == ours.rows["unreviewed"].pk  # the helpdesk's own ticket was known
    agent = review.agent
    assert (agent.source, agent.external_id, agent.name) == ("zendesk-qa", z.EMAIL, "Ana")
    assert review.reported["categories"][0]["weight"] == "20"
    comment = ReviewComment.objects.get(review=review)
    assert (comment.body, comment.created_at.isoformat()) == ("Thanks", "2026-03-06T10:00:00+00:00")
    dispute = Dispute.objects.get(review=review)
    assert (dispute.outcome, dispute.comment, dispute.answer) == (
        "rejected",
        "I did ask",
        "You asked too late",
    )
    assert dispute.resolved_by == ours.people["lead"]
    assert dispute.proposed[0] | {"comment": ""} == {"category": "c11", "option": "4", "comment": ""}
    calibration = imported("calibration:901")
    assert calibration.kind == "calibration"
    assert SurveyResponse.objects.get(conversation=ours.rows["unreviewed"]).score == 4
    assert not Notice.objects.filter(subject_type="review").exists()


def test_the_same_again_changes_nothing(ours: Place, api: Api) -> None:
    body = z.export(calibrations=[z.calibration()], disputes=[z.dispute()], csat=[z.csat()])
    send(api, body)
    before = {
        model: model.objects.count() for model in (Review, Grading, Dispute, ScorecardVersion, Member, Agent)
    }
    again = send(api, body)
    assert (again["created"], again["updated"], again["rejected_total"]) == (0, 0, 0)
    assert {model: model.objects.count() for model in before} == before


def test_a_changed_scorecard_is_a_new_version_under_any_name(ours: Place, api: Api) -> None:
    send(api, z.export())
    made = SourceScorecard.objects.get().scorecard
    Scorecard.objects.filter(pk=made.pk).update(name="Renamed here")
    heavier = [z.CATEGORIES[0] | {"weight": 30}, z.CATEGORIES[1]]
    changed = z.scorecard(groups=[{"id": "7", "name": "Customer", "categories": heavier}])
    answer = send(api, {"scorecards": [changed]})
    assert (answer["created"], answer["updated"]) == (0, 1)
    assert list(made.versions.order_by("number").values_list("state", flat=True)) == ["published"] * 2
    assert send(api, z.export(scorecards=[changed]))["unchanged"] == 4


def test_an_agent_is_known_by_his_email(ours: Place, api: Api) -> None:
    Agent.objects.filter(pk=ours.rows["agent"].pk).update(email="Ana@Ours.example")
    send(api, z.export())
    assert imported().agent == ours.rows["agent"]
    assert ours.rows["agent"].name == "Ana Silva"


def test_stubs_link_back_to_the_helpdesk(ours: Place, api: Api) -> None:
    send(api, z.export(reviews=[z.conversation(z.review(), key="77")]), "?conversations=tickets")
    stub = Conversation.objects.get(source="tickets", external_id="77")
    assert (stub.is_stub, stub.url) == (True, "https://helpdesk.example/tickets/77")


def test_causes_are_found_by_their_last_tier_or_kept_in_own_words(ours: Place, api: Api) -> None:
    ratings = [
        z.rating(11, 0, causes=["No macro", "Unheard of"], cause="wrong product"),
        z.rating(12, 100, causes=["Warm"]),
    ]
    answer = send(api, z.export(reviews=[z.conversation(z.review(ratings=ratings))]))
    stored = {r.category: r.root_causes for r in Rating.objects.filter(grading__review=imported())}
    assert stored["c11"] == ["Process > No macro", "Wrong product"]
    assert stored["c12"] == ["Other: Warm"]
    assert "unknown_root_cause" in codes(answer, "conflicts")
    assert imported().reported["categories"][0]["causes"] == ["No macro", "Unheard of", "wrong product"]


def test_nothing_is_dropped_silently(ours: Place, api: Api) -> None:
    odd = z.review(
        ratings=[z.rating(11, 100), z.rating(99, 50), z.rating(12, -1)],
        tags=[{"tag": "coaching"}],
        reviewTime="99999999",
        pauseTime="3",
        sparkle=True,
    )
    odd["reviewee"]["groups"].append({"id": "2", "name": "Phone"})
    told = z.conversation(odd, comments=[{"id": "1", "comment": "By the way"}], novelty=1)
    answer = send(api, z.export(reviews=[told, z.conversation(key="5", comments=[{}])], extras=[1]))
    assert set(codes(answer, "conflicts")) >= {
        "unknown_category",
        "not_mapped",
        "out_of_range",
        "unknown_field",
    }
    assert sorted(codes(answer, "rejected")) == ["no_review", "unknown_field"]
    reported = imported().reported
    assert (reported["tags"], reported["extra"]) == (["coaching"], {"pauseTime": "3", "sparkle": True})
    assert [c["category"] for c in reported["categories"]] == ["c11", "c99", "c12"]
    assert Rating.objects.get(grading__review=imported(), category="c12").state == "na"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ratings": [z.rating(11, 60)]}, "/ratings/0/score"),
        ({"createdISO": "yesterday"}, "/createdISO"),
        ({"reviewee": {"name": "Ana"}}, "/reviewee/email"),
        ({"reviewer": None}, "/reviewer"),
        ({"scorecard": {"id": "6"}}, "/scorecard/id"),
        ({"id": None}, "/id"),
        ({"score": 10**6}, "/score"),
    ],
)
def test_a_review_that_cannot_be_taken_touches_nothing(
    ours: Place, api: Api, change: dict[str, Any], pointer: str
) -> None:
    send(api, {"scorecards": [z.scorecard()]})
    before = (Agent.objects.count(), Review.objects.count(), Member.objects.count())
    answer = send(api, {"reviews": [z.conversation(z.review(**change))]})
    assert [e["pointer"] for r in answer["rejected"] for e in r["errors"]] == [pointer]
    assert (Agent.objects.count(), Review.objects.count(), Member.objects.count()) == before


def test_numbers_may_be_fractions_or_points(ours: Place, api: Api) -> None:
    points = z.review(score=83.33, ratings=[z.rating(11, 3), z.rating(12, 2), z.rating(13, 5)])
    send(api, z.export(reviews=[z.conversation(points)]), "?ratings=points")
    shares = z.review("902", score=0.8333, ratings=[z.rating(11, 0.667), z.rating(12, 1), z.rating(13, 1)])
    send(api, z.export(reviews=[z.conversation(shares, key="78")]), "?ratings=fraction")
    assert [r.score for r in (imported(), imported("902"))] == [Decimal("83.3333")] * 2
    assert imported("902").reported["parity"]["reasons"] == []
    assert api("manager").post(f"{PATH}/?ratings=stars", {}).status_code == 422


@pytest.mark.parametrize(
    ("change", "state", "outcome"),
    [
        ({"status": "OPEN", "resolvedAt": None, "rejectedBy": None}, "disputed", ""),
        ({"status": "PARTIALLY_ACCEPTED"}, "resolved", "partially_accepted"),
        ({"type": "REVIEWEE", "status": "ACCEPTED", "categories": []}, "retracted", "accepted"),
    ],
)
def test_disputes_leave_their_review_in_its_state(
    ours: Place, api: Api, change: dict[str, Any], state: str, outcome: str
) -> None:
    send(api, z.export(disputes=[z.dispute(**change)]))
    assert (imported().state, Dispute.objects.get().outcome) == (state, outcome)


def test_an_open_dispute_gets_its_answer_later(ours: Place, api: Api) -> None:
    send(api, z.export(disputes=[z.dispute(status="OPEN", resolvedAt=None, rejectedBy=None)]))
    answer = send(api, {"users": z.USERS, "disputes": [z.dispute()]})
    assert (answer["updated"], imported().state, Dispute.objects.get().outcome) == (1, "resolved", "rejected")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reviewId": "1"}, "/reviewId"),
        ({"type": "COSMIC"}, "/type"),
        ({"status": "FROZEN", "rejectedBy": None}, "/status"),
        ({"categories": [{"id": "11", "expectedRating": 60}]}, "/categories/0/expectedRating"),
        ({"categories": [{"id": "99", "expectedRating": 0}]}, "/categories/0/id"),
    ],
)
def test_a_dispute_that_cannot_be_taken_is_refused(
    ours: Place, api: Api, change: dict[str, Any], pointer: str
) -> None:
    answer = send(api, z.export(disputes=[z.dispute(**change)]))
    assert [e["pointer"] for r in answer["rejected"] for e in r["errors"]] == [pointer]
    assert (imported().state, Dispute.objects.count()) == ("submitted", 0)


def test_a_calibration_counts_nowhere_and_is_not_its_agents_to_see(ours: Place, api: Api) -> None:
    Agent.objects.filter(pk=ours.rows["agent"].pk).update(email=z.EMAIL)
    send(api, z.export(calibrations=[z.calibration()]))
    calibration = imported("calibration:901")
    assert calibration not in Review.objects.counted()
    seen = Review.objects.visible_to(ours.actor("agent"))
    assert (imported() in seen, calibration in seen) == (True, False)


def test_answers_of_the_api_come_in_as_they_are(ours: Place, api: Api) -> None:
    lines = [
        {"data": [z.scorecard()], "total": 1},
        {"type": "user", "data": z.USERS[0]},
        {"conversations": [z.conversation(z.review())], "pagination": {"page": 1}},
        {"type": "conversation", "data": z.conversation(z.review("902"), key="8")},
        {"type": "nonsense", "data": {}},
        {"tickets": [z.csat()]},
    ]
    client = api("manager")
    body = "\n".join(json.dumps(line) for line in lines).encode()
    response = client.client.generic(
        "POST", client.url(f"{PATH}/"), body, content_type="application/x-ndjson", headers=client.headers
    )
    answer = response.json()
    assert (answer["created"], answer["rejected"][0]["row"]) == (4, 5)


@pytest.mark.parametrize("body", [b"[1]", b"{", b"{} {}", b"3"])
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    client = api("manager")
    response = client.client.generic(
        "POST", client.url(f"{PATH}/"), body, content_type="application/json", headers=client.headers
    )
    if response.status_code == 200:
        assert codes(response.json(), "rejected") == ["invalid_type"]
    else:
        assert response.status_code == 400


def test_the_command_reads_files_in_order(ours: Place, tmp_path: Path) -> None:
    first, second = tmp_path / "scorecards.json", tmp_path / "reviews.ndjson"
    first.write_text(json.dumps({"data": [z.scorecard()]}))
    second.write_text(json.dumps({"conversations": [z.conversation(z.review())]}) + "\n{broken\n")
    out, err = StringIO(), StringIO()
    call_command("import_zendesk_qa", "ours", str(first), str(second), stdout=out, stderr=err)
    found = json.loads(out.getvalue())
    assert (found["created"], found["rejected"][0]["row"]) == (2, 3)
    assert "parity/" in err.getvalue()
    with pytest.raises(CommandError):
        call_command("import_zendesk_qa", "ours", str(tmp_path / "missing.json"))


def many(count: int) -> dict[str, Any]:
    """Every fourth review was reported with N/A as 100, every fifth rounded; the others exactly."""
    conversations = []
    for n in range(count):
        ratings = [z.rating(11, 66.67), z.rating(12, 100), z.rating(13, None if n % 4 == 0 else 50)]
        exact = 77.7778 if n % 4 == 0 else 70.8333
        score = 83.33 if n % 4 == 0 else 71 if n % 5 == 0 else exact
        told = z.review(str(n), ratings=ratings, score=score)
        conversations.append(z.conversation(told, key=f"t{n}"))
    return z.export(reviews=conversations)


def expected(count: int) -> tuple[int, int]:
    na = sum(n % 4 == 0 for n in range(count))
    return na, sum(n % 4 != 0 and n % 5 == 0 for n in range(count))


def test_two_thousand_reviews_with_exact_parity(ours: Place, api: Api) -> None:
    answer = send(api, many(2000))
    assert (answer["created"], answer["rejected_total"]) == (2001, 0)
    na, rounded = expected(2000)
    found = api("manager").get("reviews/parity/", {"source": "zendesk-qa"}).json()
    assert found["summary"] == {
        "reviews": 2000,
        "equal": 2000 - na - rounded,
        "differing": na + rounded,
        "reasons": [{"code": "na_as_best", "reviews": na}, {"code": "rounding", "reviews": rounded}],
    }


class Cut(Exception):
    """The connection ends."""


def test_a_run_that_was_cut_short_is_finished_by_sending_it_again(ours: Place) -> None:
    rows = rows_of_object(json.dumps(many(700)).encode())

    def cut() -> Iterator[Row]:
        yield from rows[:600]
        raise Cut

    actor = ours.actor("manager")
    with pytest.raises(Cut):
        import_zendesk_qa(actor=actor, rows=cut(), origin="test")
    assert ImportRun.objects.latest("pk").state == "interrupted"
    half = set(Review.objects.filter(source="zendesk-qa").values_list("pk", flat=True))
    assert 0 < len(half) < 700
    run = import_zendesk_qa(actor=actor, rows=rows, origin="test")
    assert (run.state, run.created) == ("done", 700 - len(half))
    rows_now = Review.objects.filter(source="zendesk-qa")
    assert half < set(rows_now.values_list("pk", flat=True))
    assert (rows_now.count(), Grading.objects.filter(review__in=rows_now).count()) == (700, 700)


def test_only_who_may_import_does(api: Api, browse: Callable[..., Client]) -> None:
    assert api("lead").post(f"{PATH}/", z.export()).status_code == 403
    assert browse("lead").get("/w/ours/imports/parity/").status_code == 403
