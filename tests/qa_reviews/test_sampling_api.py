"""Plans, draws and the queue over HTTP: shapes, statuses, and what a blind reviewer is not told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from qa_reviews import sampling
from qa_reviews.models import QueueItem, SamplePlan
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def body(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "name": "Low answers first",
        "filter": {"channel": ["chat"]},
        "period": "week",
        "per_agent": 5,
        "risk_filter": {"tag": "vip"},
        "risk_share": "0.2",
        "second_review_share": "0.1",
        "scorecard": place.rows["scorecard"].pk,
        "reviewers": [place.people["reviewer"].pk, place.people["second_reviewer"].pk],
        "reviewee": "assignee",
        "blind": True,
    } | more


def problems(response: Any) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    return {(each["pointer"], each["code"]) for each in response.json()["errors"]}


# --- plans --------------------------------------------------------------------------------------


def test_a_plan_is_made_read_changed_and_listed(ours: Place, api: Api) -> None:
    manager = api("manager")
    made = manager.post("sample-plans/", body(ours))
    assert made.status_code == 201
    shown = made.json()
    assert shown["filter"] == {"channel": ["chat"]}
    assert (shown["risk_share"], shown["second_review_share"]) == ("0.2000", "0.1000")
    assert shown["scorecard"] == {"id": ours.rows["scorecard"].pk, "external_id": None, "name": "Support"}
    assert {each["name"] for each in shown["reviewers"]} == {"Reviewer", "Second_Reviewer"}
    assert (len(shown["seed"]), shown["seed_given"], shown["draws"]) == (32, False, 0)
    assert shown["authorized_actions"] == ["update", "draw", "pause", "end", "clone"]
    address = f"sample-plans/{shown['id']}"
    assert manager.get(address).json() == shown
    assert manager.get(address)["ETag"] == shown["etag"]
    changed = manager.patch(address, {"active": False}, **{"If-Match": shown["etag"]})
    assert (changed.status_code, changed.json()["active"], changed.json()["seed"]) == (
        200,
        False,
        shown["seed"],
    )
    assert manager.patch(address, {"active": True}, **{"If-Match": shown["etag"]}).status_code == 412
    assert changed.json()["authorized_actions"] == ["update", "resume", "end", "clone"]
    assert shown["id"] in [each["id"] for each in manager.get("sample-plans/").json()["results"]]
    assert api("lead").get(address).json()["authorized_actions"] == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"per_agent": "many"}, {("/per_agent", "invalid")}),
        ({"per_agent": 0}, {("/per_agent", "out_of_range")}),
        ({"colour": 1}, {("/colour", "unknown_field")}),
        ({"period": "day"}, {("/period", "invalid_choice")}),
        ({"filter": {"closed_from": "2026-01-01"}}, {("/filter/closed_from", "not_allowed_in_plan")}),
        ({"filter": {"agent": 0}}, {("/filter/agent", "not_found")}),
        ({"risk_filter": None}, {("/risk_share", "without_risk_filter")}),
        ({"risk_share": "2"}, {("/risk_share", "out_of_range")}),
        ({"risk_share": "1e400"}, {("/risk_share", "out_of_range")}),
        ({"reviewers": [0]}, {("/reviewers/0", "min_value")}),
        ({"reviewers": [10**15]}, {("/reviewers/0", "not_found")}),
        ({"name": "\0"}, {("/name", "invalid_text")}),
    ],
)
def test_a_wrong_plan_is_refused_by_field(
    ours: Place, api: Api, more: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    before = SamplePlan.objects.count()
    assert problems(api("manager").post("sample-plans/", body(ours, **more))) == expected
    assert SamplePlan.objects.count() == before


def test_a_plan_with_everything(ours: Place, api: Api) -> None:
    manager, reviewer = api("manager"), ours.people["reviewer"].pk
    more = {
        "quota": {"of": "total", "kind": "share", "value": "0.25"},
        "period": "month",
        "weekly_parts": True,
        "starts_on": "2026-04-01",
        "ends_on": "2026-12-31",
        "timezone": "Asia/Kolkata",
        "draw_time": "07:30",
        "scorecard": None,
        "reviewers": [{"member": reviewer, "weight": "1.5"}, ours.people["second_reviewer"].pk],
        "reviewer_teams": [ours.rows["team"].pk],
        "assignment": "pool",
        "due_days": 5,
        "automatic": False,
    }
    asked = {name: value for name, value in (body(ours) | more).items() if name != "per_agent"}
    made = manager.post("sample-plans/", asked)
    assert made.status_code == 201, made.content
    shown = made.json()
    assert shown["quota"] == {"of": "total", "kind": "share", "value": "0.2500"}
    assert (shown["per_agent"], shown["scorecard"], shown["state"]) == (None, None, "active")
    assert [each["weight"] for each in shown["reviewers"]] == ["1.50", "1.00"]
    assert [each["name"] for each in shown["reviewer_teams"]] == ["Chat EU"]
    same = ("weekly_parts", "starts_on", "ends_on", "timezone", "draw_time", "assignment", "due_days")
    assert {name: shown[name] for name in same} == {name: more[name] for name in same}
    back = manager.patch(f"sample-plans/{shown['id']}", {"per_agent": 7}).json()
    assert (back["per_agent"], back["quota"]["of"]) == (7, "agent")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"quota": {"value": "6"}}, {("/per_agent", "differs")}),
        ({"quota": {"value": "5", "colour": 1}}, {("/quota/colour", "unknown_field")}),
        ({"quota": {"value": "NaN"}}, {("/quota/value", "invalid")}),
        ({"quota": {"of": "agent"}}, {("/quota/value", "required")}),
        ({"reviewers": [{"member": 1, "weight": "x"}]}, {("/reviewers/0/weight", "invalid")}),
        ({"reviewers": [{"weight": "1"}]}, {("/reviewers/0/member", "required")}),
        ({"reviewers": ["x"]}, {("/reviewers/0", "invalid")}),
        ({"starts_on": "2026-02-30"}, {("/starts_on", "invalid")}),
        ({"draw_time": "25:00"}, {("/draw_time", "invalid")}),
        ({"kind": "friends"}, {("/kind", "invalid_choice")}),
        ({"period": "days"}, {("/period_days", "required"), ("/starts_on", "required")}),
        ({"seed": "a\tb"}, {("/seed", "invalid_text")}),
    ],
)
def test_wrong_terms_are_refused_by_field(
    ours: Place, api: Api, more: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert problems(api("manager").post("sample-plans/", body(ours, **more))) == expected


def test_plans_are_paused_resumed_ended_and_copied(ours: Place, api: Api) -> None:
    manager = api("manager")
    shown = manager.post("sample-plans/", body(ours, quota={"value": "5"})).json()
    address = f"sample-plans/{shown['id']}"
    paused = manager.post(f"{address}/pause", **{"If-Match": shown["etag"]})
    assert (paused.status_code, paused.json()["state"], paused.json()["active"]) == (200, "paused", False)
    assert manager.post(f"{address}/resume", **{"If-Match": shown["etag"]}).status_code == 412
    assert manager.post(f"{address}/resume").json()["state"] == "active"
    copy = manager.post(f"{address}/clone")
    assert (copy.status_code, copy.json()["state"], copy.json()["name"]) == (
        201,
        "paused",
        "Copy of Low answers first",
    )
    assert copy.json()["seed"] != shown["seed"]
    ended = manager.post(f"{address}/end").json()
    assert (ended["state"], ended["authorized_actions"]) == ("ended", ["clone"])
    assert ended["ended_at"] is not None
    for move in ("pause", "resume"):
        refused = manager.post(f"{address}/{move}")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:plumbline:plan_ended")
    assert manager.patch(address, {"name": "No"}).status_code == 409
    assert manager.post(f"{address}/draws", {"period_start": "2026-04-06"}).status_code == 409


def test_the_seed_never_changes(ours: Place, api: Api) -> None:
    address = f"sample-plans/{ours.rows['plan'].pk}/"
    assert problems(api("manager").patch(address, {"seed": "x"})) == {("/seed", "immutable")}


@time_machine.travel("2026-04-14T12:00:00+02:00", tick=False)
def test_preview(ours: Place, api: Api) -> None:
    conversations(ours, ours.rows["agent"], 30)
    shown = api("manager").post("sample-plans/preview", {"filter": {"channel": "chat"}, "per_agent": 6})
    assert shown.json() == {
        "period_start": "2026-04-06",
        "period_end": "2026-04-12",
        "closed_total": 30,
        "frame_total": 30,
        "risk_total": 0,
        "drawn": 6,
        "agents": 1,
        "frame_per_agent": 30.0,
        "half_width": f"{sampling.half_width_for(20, 6, 30):.4f}",
        "sd": "20.0000",
        "sd_assumed": True,
        "second": 0,
        "reviewers": 0,
        "per_reviewer": None,
        "minutes": None,
        "hours": None,
    }
    assert api("lead").post("sample-plans/preview", {}).status_code == 403


# --- draws --------------------------------------------------------------------------------------


@pytest.fixture
def drawn(ours: Place) -> tuple[SamplePlan, Callable[..., Any]]:
    owner = ours.rows["agent"]
    conversations(ours, owner, 10, tags=["vip"])
    conversations(ours, owner, 30)
    made = plan(ours, risk_filter={"tag": "vip"}, per_agent=5)
    return made, lambda api, day="2026-04-06": api.post(
        f"sample-plans/{made.pk}/draws", {"period_start": day}
    )


def test_a_draw_is_made_once(ours: Place, api: Api, drawn: Any) -> None:
    sample, make = drawn
    first = make(api("manager"))
    assert first.status_code == 201
    shown = first.json()
    assert shown["seed"] == f"2025-W10:{sample.pk}:2026-04-06"
    assert (shown["rule"], shown["late"], shown["warning"]) == (sampling.RULE, 0, None)
    assert (shown["frame_total"], shown["closed_total"]) == (40, 40)
    assert [each["name"] for each in shown["allowed_reviewers"]] == ["Reviewer"]
    assert [(s["band"], s["frame"], s["drawn"], s["done"], s["not_reviewable"]) for s in shown["strata"]] == [
        ("normal", 30, 4, 0, 0),
        ("risk", 10, 1, 0, 0),
    ]
    for item in shown["items"]:
        assert item["u"] == sampling.unit_hash(shown["seed"], item["conversation"]["id"])
        assert item["probability"] == (1 / 10 if item["band"] == "risk" else 4 / 30)
        assert item["state"] == "open"
    again = make(api("admin"))
    assert again.status_code == 200
    assert again.json()["items"] == shown["items"]
    assert api("lead").get(f"draws/{shown['id']}").json()["items"][0]["band"]
    assert api("manager").get(f"sample-plans/{sample.pk}/draws").json()["results"][0]["id"] == shown["id"]


def test_periods_are_whole_and_over(api: Api, drawn: Any) -> None:
    _, make = drawn
    assert problems(make(api("manager"), "2026-04-07")) == {("/period_start", "not_a_period_start")}
    assert problems(make(api("manager"), "9999-12-27")) == {("/period_start", "not_a_period_start")}
    assert problems(make(api("manager"), "soon")) == {("/period_start", "invalid")}
    with time_machine.travel("2026-04-12T12:00:00+02:00", tick=False):
        running = make(api("manager"))
    assert (running.status_code, running.json()["type"]) == (409, "urn:plumbline:period_open")


def test_a_plan_that_matches_nothing_says_so(ours: Place, api: Api) -> None:
    made = plan(ours, filter={"channel": "pigeon"})
    shown = api("manager").post(f"sample-plans/{made.pk}/draws", {"period_start": "2026-04-06"})
    assert (shown.status_code, shown.json()["items"]) == (201, [])
    assert "nothing was drawn" in shown.json()["warning"]


def test_verify_and_ledger(api: Api, drawn: Any) -> None:
    _, make = drawn
    draw = make(api("manager")).json()
    assert api("manager").get(f"draws/{draw['id']}/verify").json() == {
        "matches": True,
        "differences": [],
        "gone": [],
    }
    ledger = api("manager").get(f"draws/{draw['id']}/ledger.ndjson")
    assert ledger["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in b"".join(ledger.streaming_content).splitlines()]
    assert [line["kind"] for line in lines] == ["draw", "stratum", "stratum", *["item"] * 5]
    QueueItem.objects.filter(draw=draw["id"]).update(probability=1)
    verdict = api("manager").get(f"draws/{draw['id']}/verify").json()
    assert not verdict["matches"]
    assert len(verdict["differences"]) == 5


# --- queue --------------------------------------------------------------------------------------


def test_the_queue_by_deadline_in_pages(ours: Place, api: Api, drawn: Any) -> None:
    _, make = drawn
    make(api("manager"))
    mine = QueueItem.objects.filter(reviewer=ours.people["reviewer"], state="open")
    expected = [item.pk for item in mine.order_by("due_on", "order_hash", "id")]
    seen: list[int] = []
    address: str | None = "queue/?limit=2"
    while address:
        page = api("reviewer").get(address).json()
        seen += [item["id"] for item in page["results"]]
        address = page["next"] and page["next"].removeprefix("http://testserver")
    assert seen == expected
    assert len(seen) == 6
    assert api("second_reviewer").get("queue").json()["results"] == []


@pytest.mark.parametrize("blind", [True, False])
def test_a_blind_reviewer_is_told_nothing_of_the_draw(ours: Place, api: Api, drawn: Any, blind: bool) -> None:
    sample, make = drawn
    make(api("manager"))
    SamplePlan.objects.filter(pk=sample.pk).update(blind=blind)
    QueueItem.objects.filter(pk=ours.rows["queue_item"].pk).delete()
    told = {"band", "u", "probability", "second_of", "replaces"}
    listed = api("reviewer").get("queue").json()["results"][0]
    taken = api("reviewer").post("queue/next").json()
    for item in (listed, taken):
        assert told & set(item) == (set() if blind else told)
    planner = api("lead").post(f"queue/{taken['id']}/reassign", {"reviewer": ours.people["manager"].pk})
    assert told <= set(planner.json())


def test_next_until_nothing_is_left(ours: Place, api: Api) -> None:
    reviewer = api("reviewer")
    item = reviewer.post("queue/next")
    assert (item.status_code, item.json()["state"]) == (200, "claimed")
    assert item.json()["authorized_actions"] == ["claim", "skip", "hand_back", "ask"]
    skipped = reviewer.post(f"queue/{item.json()['id']}/skip", {"reason": "no_time", "comment": "Off today"})
    assert (skipped.json()["state"], skipped.json()["reviewer"]) == ("open", None)
    done = reviewer.post("queue/next")
    assert (done.status_code, done.content) == (204, b"")


def test_wrong_skips_and_hand_overs(ours: Place, api: Api) -> None:
    item = ours.rows["queue_item"].pk
    assert problems(api("reviewer").post(f"queue/{item}/skip", {"reason": "boring"})) == {
        ("/reason", "invalid_choice")
    }
    assert problems(api("manager").post(f"queue/{item}/reassign", {"reviewer": 10**15})) == {
        ("/reviewer", "not_found")
    }
    done = ours.rows["done_item"].pk
    refused = api("manager").post(f"queue/{done}/skip", {"reason": "not_reviewable"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:plumbline:item_done")


# --- pages --------------------------------------------------------------------------------------


def page(client: Client, name: str, place: Place, **kwargs: Any) -> str:
    response = client.get(reverse(name, kwargs={"slug": place.slug} | kwargs))
    assert response.status_code == 200, name
    return response.content.decode()


def test_the_queue_pages(ours: Place, browse: Browse) -> None:
    item: QueueItem = ours.rows["queue_item"]
    client = browse("reviewer")
    shown = page(client, "queue", ours)
    assert "Refund please" in shown
    assert "overdue" in shown
    assert "1 of 2" in shown
    taken = client.post(reverse("queue-next", kwargs={"slug": "ours"}))
    assert taken["Location"] == reverse("workbench", kwargs={"slug": "ours", "pk": item.pk})
    skip = reverse("queue-skip", kwargs={"slug": "ours", "pk": item.pk})
    assert client.get(skip).status_code == 200
    assert client.post(skip, {}).status_code == 422
    assert client.post(skip, {"reason": "no_time"}).status_code == 302
    assert "Nothing waits for you" in page(client, "queue", ours)
    assert client.post(reverse("queue-next", kwargs={"slug": "ours"}))["Location"] == "/w/ours/queue/"
    hand_over = reverse("queue-reassign", kwargs={"slug": "ours", "pk": item.pk})
    lead = browse("lead")
    assert lead.get(hand_over).status_code == 200
    second = ours.people["second_reviewer"]
    assert lead.post(hand_over, {"reviewer": second.pk}).status_code == 302
    item.refresh_from_db()
    assert item.reviewer == second


def test_a_draw_that_is_refused_is_told_on_the_plans_page(ours: Place, browse: Browse) -> None:
    SamplePlan.objects.filter(pk=ours.rows["plan"].pk).update(active=False)
    address = reverse("plan-draw", kwargs={"slug": "ours", "pk": ours.rows["plan"].pk})
    for given in ({"period_start": str(WEEK - timedelta(weeks=4))}, {}):
        answer = browse("manager").post(address, given, follow=True)
        assert answer.status_code == 200
        assert len(answer.context["messages"]) == 1


def test_names_are_escaped(ours: Place, browse: Browse) -> None:
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(name="<b>Rae</b>")
    shown = page(browse("manager"), "plan", ours, pk=ours.rows["plan"].pk)
    assert "&lt;b&gt;Rae&lt;/b&gt;" in shown
