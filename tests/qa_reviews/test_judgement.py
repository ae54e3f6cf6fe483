"""What a judgement says beside its ratings: answers, remarks, active time, what the form began with."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import WorkspaceSettings
from conversations.models import Message
from qa_reviews.models import Grading, Remark, Review
from scorecards import definition as definitions
from scorecards.models import Scorecard, ScorecardVersion
from tests.world import DEFINITION, ApiClient, Place, World

Api = Callable[..., ApiClient]
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
RATINGS = [{"category": "solution", "option": "3"}, {"category": "tone", "option": "great"}]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def publish(place: Place, scorecard: Scorecard | None = None, **changes: Any) -> ScorecardVersion:
    """The world's definition with some things changed, as the newest version."""
    card = scorecard or place.rows["scorecard"]
    raw = deepcopy(DEFINITION) | changes
    return ScorecardVersion.objects.create(
        workspace=place.workspace,
        scorecard=card,
        number=card.versions.count() + 1,
        state="published",
        published_at=NOW,
        definition=definitions.to_json(definitions.parse(raw)),
    )


def with_question(place: Place) -> None:
    groups = deepcopy(DEFINITION["groups"])
    order = {"key": "order", "name": "Order number", "answer": "number", "required": True}
    groups[0]["questions"] = [order]
    publish(place, groups=groups)


def opened(api: Api, place: Place, **body: Any) -> Any:
    given = {"conversation": place.rows["conversation"].pk, "scorecard": place.rows["scorecard"].pk}
    return api("manager").post("reviews/", given | body)


def test_answers_are_checked_and_kept(ours: Place, api: Api) -> None:
    with_question(ours)
    missing = opened(api, ours, ratings=RATINGS, submit=True)
    assert [(e["pointer"], e["code"]) for e in missing.json()["errors"]] == [("/answers/order", "required")]
    wrong = opened(api, ours, answers={"order": "many", "nothing": "x"})
    assert {e["pointer"] for e in wrong.json()["errors"]} == {"/answers/order", "/answers/nothing"}
    done = opened(api, ours, ratings=RATINGS, answers={"order": 4711}, submit=True)
    assert (done.status_code, done.json()["answers"]) == (201, {"order": "4711"})
    assert Grading.objects.get(review=done.json()["id"]).answers == {"order": "4711"}


def test_all_that_is_wrong_is_told_at_once(ours: Place, api: Api) -> None:
    with_question(ours)
    refused = opened(api, ours, ratings=[{"category": "solution", "option": "3"}], submit=True).json()
    assert {e["pointer"] for e in refused["errors"]} == {"/ratings", "/answers/order"}


def test_remarks_stand_on_messages_and_on_words_of_them(ours: Place, api: Api) -> None:
    message = ours.rows["message"].pk
    remarks = [
        {"message": message, "start": 0, "end": 5, "kind": "remark", "body": "A *greeting*"},
        {"message": message, "kind": "praise"},
    ]
    answer = opened(api, ours, ratings=RATINGS, remarks=remarks, submit=True)
    assert answer.status_code == 201, answer.json()
    kept = list(Remark.objects.order_by("pk").values_list("kind", "start", "end", "quote", "body"))
    assert kept == [("remark", 0, 5, "Hello", "A *greeting*"), ("praise", None, None, "", "")]
    assert [each["body"] for each in answer.json()["remarks"]] == ["A *greeting*", ""]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"body": ""}, "/remarks/0/body"),
        ({"start": 0}, "/remarks/0/end"),
        ({"start": 3, "end": 99}, "/remarks/0/end"),
        ({"message": 999_999}, "/remarks/0/message"),
    ],
)
def test_a_remark_that_cannot_be_is_refused(
    ours: Place, api: Api, changes: dict[str, Any], pointer: str
) -> None:
    remark = {"message": ours.rows["message"].pk, "kind": "remark", "body": "Why?"} | changes
    answer = opened(api, ours, ratings=RATINGS, remarks=[remark], submit=True)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_active_time_is_the_most_that_was_sent_and_no_more_than_has_passed(ours: Place, api: Api) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        path = f"reviews/{opened(api, ours).json()['id']}/"
        client = api("manager")
        clock.shift(timedelta(seconds=100))
        sent = [client.patch(path, {"active_seconds": n}).json() for n in (40, 30, 500)]
        assert [each["active_seconds"] for each in sent] == [40, 40, 100]
        assert {each["draft_number"] for each in sent} == {0}  # time alone is no change of the draft
        clock.shift(timedelta(seconds=60))
        done = client.post(f"{path}submit", {"ratings": RATINGS, "active_seconds": 130})
    assert done.json()["active_seconds"] == 130


@pytest.mark.parametrize(("start", "chosen"), [("best", ["4", "great"]), ("na", [None, None])])
def test_a_form_may_begin_with_the_best_or_with_na_and_says_so(
    ours: Place, api: Api, start: str, chosen: list[str | None]
) -> None:
    publish(ours, start=start)
    answer = opened(api, ours).json()
    assert answer["started_from"] == start
    assert [rating["option"] for rating in answer["ratings"]] == chosen


def test_what_is_sent_with_a_review_is_not_begun_for_it(ours: Place, api: Api) -> None:
    publish(ours, start="best")
    draft = opened(api, ours, ratings=RATINGS[:1]).json()
    assert (draft["started_from"], len(draft["ratings"])) == ("", 1)
    api("manager").delete(f"reviews/{draft['id']}/")
    assert opened(api, ours, submit=True).status_code == 422


def test_without_a_scorecard_the_one_that_is_offered_is_taken(ours: Place, api: Api) -> None:
    chat = Scorecard.objects.create(workspace=ours.workspace, name="Chat", offer_when={"channel": ["chat"]})
    publish(ours, chat)
    Scorecard.objects.filter(pk=ours.rows["scorecard"].pk).update(offer_when={"channel": ["email"]})
    assert opened(api, ours, scorecard=None).json()["scorecard"]["name"] == "Chat"
    Scorecard.objects.filter(pk=chat.pk).update(offer_when={"language": ["fr"]})
    refused = opened(api, ours, agent=ours.rows["other_agent"].pk, scorecard=None)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/scorecard")


@pytest.mark.parametrize("blind", [True, False])
def test_whether_it_is_graded_blind_is_pinned_at_opening(ours: Place, api: Api, blind: bool) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(blind=blind)
    review = opened(api, ours).json()
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(blind=not blind)
    assert Review.objects.get(pk=review["id"]).blind is blind


def test_opened_and_submitted_at_once_it_answers_as_when_read(ours: Place, api: Api) -> None:
    evidence = [{"message": ours.rows["message"].pk, "start": 0, "end": 5}]
    ratings = [RATINGS[0] | {"evidence": evidence}, RATINGS[1]]
    made = opened(api, ours, ratings=ratings, comment="Good #pace", submit=True).json()
    read = api("manager").get(f"reviews/{made['id']}/").json()
    assert made == read


def test_the_workbench_of_a_begun_review_takes_fewer_than_twelve_queries(
    ours: Place, browse: Callable[..., Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = ours.rows
    Message.objects.bulk_create(
        Message(
            workspace=ours.workspace, conversation=rows["unreviewed"], key=f"m{n}", position=n,
            author_type="agent" if n % 2 else "customer", agent=rows["agent"] if n % 2 else None,
            text="Hello",
        )
        for n in range(200)
    )  # fmt: skip
    client, path = browse("reviewer"), f"/w/ours/queue/{rows['queue_item'].pk}/"
    client.get(path)
    with django_assert_max_num_queries(11):
        page = client.get(path)
    assert page.content.count(b"data-message") == 200
