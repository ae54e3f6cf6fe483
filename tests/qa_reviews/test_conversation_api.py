"""conversations/ over the API: the list, one conversation, and what blind reviewers may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import WorkspaceSettings
from common.refs import Ref
from conversations.models import Conversation, Customer
from conversations.services.deletion import delete_texts
from jobs.models import Job
from jobs.names import JobName
from jobs.registry import Work, handlers
from qa_reviews.models import Evidence, Rating, Review
from tests.conversations.rows import bring, conversation, message, stored, survey
from tests.world import ApiClient, World

Api = Callable[..., ApiClient]


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [one["external_id"] for one in response.json()["results"]]


def follow(api: Api, response: Any, link: str) -> Any:
    return api("manager").get(response.json()[link].removeprefix("http://testserver"))


def test_a_row_of_the_list(world: World, api: Api) -> None:
    [_, row] = sorted(api("manager").get("conversations/").json()["results"], key=lambda r: -r["id"])
    rows = world["ours"].rows
    assert row["agent"] == {"id": rows["agent"].pk, "external_id": "a-7", "name": "Ana Silva"}
    assert row["team"] == {"id": rows["team"].pk, "external_id": None, "name": "Chat EU"}
    assert row["customer"]["email"] == "sam@example.com"
    assert (row["first_response_seconds"], row["message_count"]) == (120.0, 2)
    assert set(row["reported"]) == {"first_response_seconds", "handling_seconds", "resolution_seconds"}
    assert row["closed_at"] == "2026-03-03T09:10:00Z"
    assert (row["closed_on"], row["status"]) == ("2026-03-03", "closed")
    assert row["authorized_actions"] == ["review"]
    assert "messages" not in row


def test_one_conversation(world: World, api: Api) -> None:
    body = "<p>Hi <i>Sam</i></p><script>x()</script>"
    note = message("m3", "agent", 3, "ask Bo", visibility="internal")
    bring(
        world["ours"].system,
        conversation(
            messages=[
                message("m1", "customer", 0, "a < b\nsecond"),
                message("m2", "agent", 2, body, format="html"),
                note,
            ]
        ),
    )
    pk = stored(world["ours"].system).pk
    response = api("manager").get(f"conversations/{pk}/")
    found = response.json()
    asked, answered, internal = found["messages"]
    assert (asked["text"], asked["html"]) == ("a < b\nsecond", "<p>a &lt; b<br>second</p>")
    assert (answered["text"], answered["html"]) == ("Hi Sam", "<p>Hi <i>Sam</i></p>")
    assert answered["author"]["agent"]["external_id"] == "a-7"
    assert (asked["author"]["type"], asked["author"]["agent"]) == ("customer", None)
    assert (asked["visibility"], internal["visibility"]) == ("public", "internal")
    [answer] = found["surveys"]
    assert (answer["score"], answer["scale_min"], answer["scale_max"]) == ("4.0000", "1.0000", "5.0000")
    assert (found["first_response_seconds"], found["reported"]["first_response_seconds"]) == (120.0, 130.0)
    assert response["ETag"] == found["etag"]


def test_messages_are_in_order_of_time_when_all_have_one(world: World, api: Api) -> None:
    late, early = message("b", "customer", 9, "late"), message("a", "customer", 1, "early")
    bring(world["ours"].system, conversation(messages=[late, early]))
    bring(world["ours"].system, conversation("2002", messages=[late, early | {"sent_at": None}]))
    read = {}
    for external_id in ("2001", "2002"):
        pk = stored(world["ours"].system, external_id).pk
        found = api("manager").get(f"conversations/{pk}/").json()["messages"]
        read[external_id] = [one["text"] for one in found]
    assert read == {"2001": ["early", "late"], "2002": ["late", "early"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "open"}, ["2001"]),
        ({"source": "chats"}, ["2002"]),
        ({"agent": "external:a-8"}, ["2001"]),
        ({"channel": "phone"}, ["2001"]),
        ({"language": "ar"}, ["2002"]),
        ({"tag": "urgent"}, ["2002"]),
        ({"topic": "billing"}, ["2001"]),
        ({"attribute.plan": "free"}, ["2002"]),
        ({"closed_from": "2026-03-20", "closed_to": "2026-03-20"}, ["2002"]),
        ({"csat_max": "2"}, ["2002"]),
        ({"reopened_min": "1"}, ["2002"]),
        ({"messages_min": "3"}, ["2002"]),
        ({"handling_min": "5000"}, ["2002"]),
        ({"reviewed": "true"}, ["1001"]),
        ({"q": "broken printer"}, ["2002"]),
        ({"tag": ["vip", "urgent"], "source": "chats"}, ["2002"]),
    ],
)
def test_filters(world: World, api: Api, query: dict[str, Any], expected: list[str]) -> None:
    bring(
        world["ours"].system,
        conversation(
            status="open", closed_at=None, agent={"external_id": "a-8"}, channel="phone", topic="billing",
            surveys=[], messages=[], tags=[],
        ),
        conversation(
            "2002", source="chats", language="ar", tags=["urgent"], attributes={"plan": "free"},
            closed_at="2026-03-20T10:00:00+00:00", surveys=[survey(score=2)], reopened_count=2,
            reported={"handling_seconds": 6000},
            messages=[message(str(n), "customer", n, "My printer is broken") for n in range(3)],
        ),
    )  # fmt: skip
    assert ids(api("manager").get("conversations/", query)) == expected


def test_not_reviewed(world: World, api: Api) -> None:
    assert ids(api("manager").get("conversations/", {"reviewed": "false"})) == ["1002"]  # a draft is none


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"colour": "red"}, "unknown_parameter"),
        ({"agent": "999999"}, "not_found"),
        ({"status": "lost"}, "invalid"),
        ({"closed_from": "yesterday"}, "invalid_date"),
    ],
)
def test_bad_parameters_are_named(api: Api, query: dict[str, str], code: str) -> None:
    response = api("manager").get("conversations/", query)
    assert response.status_code == 422
    assert [e["code"] for e in response.json()["errors"]] == [code]
    assert response.json()["errors"][0]["pointer"] == f"/{next(iter(query))}"


def test_closed_ones_come_latest_first_and_page(world: World, api: Api) -> None:
    days = [f"2026-04-{day:02}T10:00:00+00:00" for day in (3, 1, 2)]
    bring(world["ours"].system, *[conversation(str(n), closed_at=at) for n, at in enumerate(days)])
    query = {"status": "closed", "limit": "2"}
    first = api("manager").get("conversations/", query)
    assert ids(first) == ["0", "2"]
    second = follow(api, first, "next")
    assert ids(second)[0] == "1"
    assert ids(follow(api, second, "previous")) == ["0", "2"]


def test_updated_since_tells_what_changed(world: World, api: Api) -> None:
    Conversation.objects.update(updated_at=timezone.now() - timedelta(days=2))
    changed = Conversation.objects.filter(workspace=world["ours"].workspace, external_id="1002")
    changed.update(updated_at=timezone.now() - timedelta(hours=1))
    since = (timezone.now() - timedelta(days=1)).isoformat()
    assert ids(api("manager").get("conversations/", {"updated_since": since})) == ["1002"]


def test_the_list_costs_the_same_however_long(world: World, api: Api) -> None:
    manager = api("manager")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert manager.get("conversations/").status_code == 200
        return len(captured)

    queries()  # notes once a minute that the key was used
    few = queries()
    bring(world["ours"].system, *[conversation(str(n), surveys=[]) for n in range(30)])
    assert queries() == few


def test_a_blind_reviewer_learns_nothing_of_csat(world: World, api: Api) -> None:
    rows = world["ours"].rows
    pk = rows["conversation"].pk
    second = api("second_reviewer")
    assert second.get(f"conversations/{pk}/").json()["surveys"] is None
    refused = second.get("conversations/", {"csat_max": "3"})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:plumbline:blind")
    graded = api("reviewer").get(f"conversations/{pk}/").json()["surveys"]  # his review is submitted
    assert [one["external_id"] for one in graded] == ["s1"]
    Review.objects.filter(pk=rows["review"].pk).update(reviewer=world["ours"].people["second_reviewer"])
    assert api("reviewer").get(f"conversations/{pk}/").json()["surveys"] is None


def test_blindness_can_be_switched_off(world: World, api: Api) -> None:
    WorkspaceSettings.objects.update(blind=False)
    pk = world["ours"].rows["conversation"].pk
    assert len(api("second_reviewer").get(f"conversations/{pk}/").json()["surveys"]) == 1
    assert ids(api("second_reviewer").get("conversations/", {"csat_max": "5"})) == ["1001"]


def test_an_agent_sees_csat_unless_the_workspace_hides_it(world: World, api: Api) -> None:
    pk = world["ours"].rows["conversation"].pk
    assert len(api("agent").get(f"conversations/{pk}/").json()["surveys"]) == 1
    WorkspaceSettings.objects.update(hide_csat=True)
    assert api("agent").get(f"conversations/{pk}/").json()["surveys"] is None
    assert api("agent").get("conversations/", {"csat_max": "3"}).status_code == 403
    assert len(api("lead").get(f"conversations/{pk}/").json()["surveys"]) == 1


def test_an_agent_learns_of_a_review_when_it_is_released(world: World, api: Api) -> None:
    assert ids(api("agent").get("conversations/", {"reviewed": "true"})) == ["1001"]
    Review.objects.update(release_at=timezone.now() + timedelta(days=1))
    assert ids(api("agent").get("conversations/", {"reviewed": "true"})) == []
    assert ids(api("reviewer").get("conversations/", {"reviewed": "true"})) == ["1001"]


def test_what_may_be_done_with_it(world: World, api: Api) -> None:
    pk = world["ours"].rows["conversation"].pk
    actions = {
        person: api(person).get(f"conversations/{pk}/").json()["authorized_actions"]
        for person in ("admin", "manager", "reviewer", "agent")
    }
    assert actions == {
        "admin": ["review", "delete"],
        "manager": ["review"],
        "reviewer": ["review"],
        "agent": [],
    }


def test_deleting_takes_text_and_customer_and_leaves_the_ids(world: World, api: Api) -> None:
    place = world["ours"]
    bring(place.system, conversation(), conversation("2002", subject="Keeps Sam"), {"external_id": "2001"})
    found = stored(place.system)
    rating = Rating.objects.filter(grading__review=place.rows["review"])[0]
    Review.objects.filter(pk=place.rows["review"].pk).update(conversation=found)
    Evidence.objects.create(
        workspace=place.workspace, rating=rating, message=None, start=0, end=5, quote="Hello"
    )
    refs = [{"source": "helpdesk", "external_id": "2001"}, place.rows["conversation"].pk]
    answer = api("admin").post("conversations/delete", {"conversations": refs})
    assert (answer.status_code, answer.json()) == (
        200, {"deleted": [found.pk, place.rows["conversation"].pk]},
    )  # fmt: skip
    shown = api("admin").get(f"conversations/{found.pk}/").json()
    assert [(m["text"], m["html"], m["attachments"]) for m in shown["messages"]] == [("", "", [])] * 2
    assert (shown["subject"], shown["attributes"], shown["customer"]) == ("", {}, None)
    assert [(s["score"], s["comment"]) for s in shown["surveys"]] == [("4.0000", "")]
    assert (shown["message_count"], shown["first_response_seconds"]) == (2, 120.0)
    assert shown["authorized_actions"] == []
    customers = Customer.objects.filter(workspace=place.workspace)
    assert [one.external_id for one in customers] == ["c-9"]  # 2002 still names him
    job = Job.objects.get(name=JobName.FORGET_QUOTES)
    handlers[JobName.FORGET_QUOTES](Work(job.pk, job.args, {}))
    assert Evidence.objects.get(workspace=place.workspace).quote == ""


def test_deleting_the_last_conversation_of_a_customer_deletes_him(world: World) -> None:
    place = world["ours"]
    delete_texts(actor=place.system, conversations=[Ref(external_id="1001")])
    assert not Customer.objects.filter(workspace=place.workspace).exists()
    assert Customer.objects.filter(workspace=world["theirs"].workspace).exists()


def test_rejected_rows_of_a_deleted_conversation_lose_their_text(world: World, api: Api) -> None:
    place = world["ours"]
    run = bring(place.system, conversation("1001", surveys=[survey(score=9)]))
    assert "Hello" in run.issues.get().raw
    api("admin").post("conversations/delete", {"conversations": [{"external_id": "1001"}]})
    assert run.issues.get().raw == ""


def test_an_unknown_reference_deletes_nothing(world: World, api: Api) -> None:
    theirs = world["theirs"].rows["conversation"].pk
    refs = [{"external_id": "1001"}, theirs]
    response = api("admin").post("conversations/delete", {"conversations": refs})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/conversations/1"
    assert not Conversation.objects.exclude(text_deleted_at=None).exists()
    assert Conversation.objects.get(pk=theirs).subject == "Where is my parcel?"


def test_times_are_told_in_utc(world: World, api: Api) -> None:
    bring(world["ours"].system, conversation(closed_at="2026-03-02T23:30:00+05:30"))
    found = api("manager").get(f"conversations/{stored(world['ours'].system).pk}/").json()
    assert datetime.fromisoformat(found["closed_at"]) == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    assert found["closed_on"] == "2026-03-02"
