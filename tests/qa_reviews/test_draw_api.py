"""Raising, redrawing and reading draws by HTTP, and the pages that do the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Role
from accounts.models import Absence
from qa_reviews.models import Draw, QueueItem, SamplePlan
from qa_reviews.selectors.ledgers import verify
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput, ReviewerInput, create_plan
from tests.qa_reviews.samples import WEEK, asked, conversations, plan
from tests.world import ApiClient, Place, World, add_person

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def draw(ours: Place) -> Draw:
    conversations(ours, ours.rows["agent"], 8, tags=["vip"])
    conversations(ours, ours.rows["agent"], 30)
    sample = plan(ours, per_agent=5, risk_filter={"tag": "vip"})
    return draw_plan(actor=ours.actor("manager"), plan_id=sample.pk, period_start=WEEK)[0]


def problems(response: Any) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.content
    return {(each["pointer"], each["code"]) for each in response.json()["errors"]}


# --- by HTTP --------------------------------------------------------------------------------------


def test_a_raise_by_http(api: Api, draw: Draw) -> None:
    manager = api("manager")
    before = manager.get(f"draws/{draw.pk}/").json()
    assert before["authorized_actions"] == ["raise", "redraw"]
    answer = manager.post(f"draws/{draw.pk}/raise", {"per_agent": 8, "reason": "A new team"})
    assert answer.status_code == 200
    shown = answer.json()
    assert {row["id"] for row in before["items"]} < {row["id"] for row in shown["items"]}
    assert sum(row["drawn"] for row in shown["strata"]) == 8
    assert shown["terms"]["quota"] == {
        "of": "agent",
        "kind": "number",
        "value": "8",
        "part": [1, 1],
        "weights": "0",
        "sds": {},
    }
    assert [(each["reason"], each["digest"]) for each in shown["raises"]] == [
        ("A new team", before["digest"])
    ]
    assert (len(shown["digest"]), shown["digest"] == before["digest"]) == (64, False)
    assert manager.get(f"draws/{draw.pk}/verify").json()["matches"]
    whole = {"quota": {"of": "total", "kind": "share", "value": "0.5"}}
    assert len(manager.post(f"draws/{draw.pk}/raise", whole).json()["items"]) == 19


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {("/quota", "required")}),
        ({"per_agent": 3}, {("/quota", "nothing_more")}),
        ({"per_agent": 0}, {("/quota/value", "out_of_range")}),
        ({"per_agent": 8, "quota": {"value": "9"}}, {("/per_agent", "differs")}),
        ({"quota": {"of": "reviewer", "kind": "share", "value": "0.5"}}, {("/quota/kind", "invalid_choice")}),
        ({"quota": {"value": "NaN"}}, {("/quota/value", "invalid")}),
        ({"per_agent": 8, "reason": "\0"}, {("/reason", "invalid_text")}),
        ({"per_agent": 8, "reason": "x" * 2001}, {("/reason", "max_length")}),
        ({"per_agent": 8, "why": "?"}, {("/why", "unknown_field")}),
    ],
)
def test_a_wrong_raise_is_refused_by_field(
    api: Api, draw: Draw, body: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert problems(api("manager").post(f"draws/{draw.pk}/raise", body)) == expected
    assert Draw.objects.get(pk=draw.pk).raises == []


def queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as made:
        assert call().status_code == 200
    return len(made)


def test_the_queries_of_a_draw_do_not_grow(api: Api, draw: Draw) -> None:
    manager = api("manager")
    few = queries(lambda: manager.get(f"draws/{draw.pk}/"))
    manager.post(f"draws/{draw.pk}/raise", {"per_agent": 30})
    assert draw.items.count() == 30
    assert queries(lambda: manager.get(f"draws/{draw.pk}/")) <= few + 1  # one for who raised it


def test_a_redraw_by_http(api: Api, ours: Place, draw: Draw) -> None:
    manager = api("manager")
    for body in ({}, {"reason": ""}, {"reason": "  "}):
        assert {pointer for pointer, _ in problems(manager.post(f"draws/{draw.pk}/redraw", body))} == {
            "/reason"
        }
    conversations(ours, ours.rows["agent"], 2)
    assert manager.get(f"draws/{draw.pk}/").json()["late"] == 2
    answer = manager.post(f"draws/{draw.pk}/redraw", {"reason": "A file came late"})
    assert answer.status_code == 201
    new, old = answer.json(), manager.get(f"draws/{draw.pk}/").json()
    assert (new["supersedes"], new["redraw_reason"], new["frame_total"], new["late"]) == (
        draw.pk,
        "A file came late",
        40,
        0,
    )
    assert (old["superseded_by"], old["authorized_actions"]) == (new["id"], [])
    assert old["superseded_at"] == new["frame_at"]
    refused = manager.post(f"draws/{draw.pk}/raise", {"per_agent": 9})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:plumbline:draw_superseded")
    listed = manager.get(f"sample-plans/{draw.plan_id}/draws").json()["results"]
    assert [(each["id"], each["superseded_by"]) for each in listed] == [
        (new["id"], None),
        (draw.pk, new["id"]),
    ]


# --- who is given what ----------------------------------------------------------------------------


def drawn_for(place: Place, **given: Any) -> Draw:
    sample = plan(place, **given)
    return draw_plan(actor=place.actor("manager"), plan_id=sample.pk, period_start=WEEK)[0]


def test_a_pool_is_given_to_nobody(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 12)
    draw = drawn_for(ours, assignment="pool", second_review_share=Decimal("0.5"), per_agent=4)
    assert set(draw.items.values_list("reviewer", flat=True)) == {None}
    assert draw.items.count() == 6
    assert verify(ours.system, draw.pk).differences == []


def test_weights_absences_languages_channels_and_topics(ours: Place) -> None:
    owner, people = ours.rows["agent"], ours.people
    conversations(ours, owner, 6, language="de", channel="chat")
    conversations(ours, owner, 6, language="en-GB", channel="email")
    away = add_person(ours, "away", Role.REVIEWER)
    Absence.objects.create(workspace=ours.workspace, member=away, starts_on=WEEK, ends_on="2199-01-01")
    people["second_reviewer"].languages = ["en"]
    people["second_reviewer"].save()
    phone = add_person(ours, "phone", Role.REVIEWER)
    phone.channels = ["phone"]
    phone.save()
    named = [people["reviewer"].pk, people["second_reviewer"].pk, away.pk, phone.pk]
    draw = drawn_for(ours, per_agent=12, reviewers=named)
    by_language = {
        (each.conversation.language, each.reviewer)
        for each in draw.items.select_related("conversation", "reviewer")
    }
    assert {reviewer for language, reviewer in by_language if language == "de"} == {people["reviewer"]}
    assert {reviewer for _, reviewer in by_language} == {people["reviewer"], people["second_reviewer"]}
    assert away.pk not in draw.allowed_reviewers
    assert verify(ours.system, draw.pk).differences == []


def test_a_quota_of_each_reviewer_by_weight(ours: Place) -> None:
    for owner in ("agent", "other_agent"):
        conversations(ours, ours.rows[owner], 40)
    first, second = ours.people["reviewer"], ours.people["second_reviewer"]
    given = asked(
        name="Four each",
        scorecard=ours.rows["scorecard"].pk,
        quota=QuotaInput(of="reviewer", value=Decimal(4)),
    )
    weights = (ReviewerInput(first.pk, Decimal("0.5")), ReviewerInput(second.pk, Decimal(2)))
    made = create_plan(actor=ours.actor("manager"), given=replace(given, reviewers=weights))
    draw = draw_plan(actor=ours.actor("manager"), plan_id=made.pk, period_start=WEEK)[0]
    assert Counter(draw.items.values_list("reviewer", flat=True)) == {first.pk: 2, second.pk: 8}
    assert draw.terms["quota"]["weights"] == "2.5"
    assert verify(ours.system, draw.pk).differences == []


def test_a_total_goes_evenly_over_agents(ours: Place) -> None:
    for owner, n in (("agent", 40), ("other_agent", 2)):
        conversations(ours, ours.rows[owner], n)
    draw = drawn_for(ours, quota=QuotaInput(of="total", value=Decimal(9)))
    assert {row.agent_id: row.drawn for row in draw.strata.all()} == {
        ours.rows["agent"].pk: 7,
        ours.rows["other_agent"].pk: 2,
    }
    assert verify(ours.system, draw.pk).differences == []


def test_a_total_smaller_than_the_agents_leaves_some_out_without_bands(ours: Place) -> None:
    for owner in ("agent", "other_agent"):
        conversations(ours, ours.rows[owner], 5, tags=["vip"])
        conversations(ours, ours.rows[owner], 9)
    quota = QuotaInput(of="total", value=Decimal(1))
    draw = drawn_for(ours, quota=quota, risk_filter={"tag": "vip"})
    assert sorted(row.drawn for row in draw.strata.all()) == [0, 1]
    assert {(row.band, row.frame, len(row.frame_ids)) for row in draw.strata.all()} == {("normal", 14, 14)}
    assert verify(ours.system, draw.pk).differences == []


def test_a_plan_whose_scorecard_is_gone_is_not_drawn(api: Api, ours: Place, draw: Draw) -> None:
    ours.rows["scorecard"].versions.update(state="archived")
    before = (Draw.objects.count(), QueueItem.objects.count())
    for path, body in (
        (f"sample-plans/{draw.plan_id}/draws", {"period_start": "2026-03-30"}),
        (f"draws/{draw.pk}/raise", {"per_agent": 9}),
        (f"draws/{draw.pk}/redraw", {"reason": "Why not"}),
    ):
        refused = api("manager").post(path, body)
        assert (refused.status_code, refused.json()["type"]) == (
            409,
            "urn:plumbline:scorecard_not_published",
        )
        assert "publish one" in refused.json()["detail"]
    assert (Draw.objects.count(), QueueItem.objects.count()) == before


def test_a_plan_without_a_scorecard_is_drawn(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 3)
    assert drawn_for(ours, scorecard=None).items.count() == 3


@pytest.mark.parametrize(
    "seed", ["100% {0} 'x' \\ \"", "日本語 ✓ 🎲", "עברית", "e\u0301", " ", "%s %(a)s", "x" * 255]
)
def test_odd_seeds_draw_and_verify(ours: Place, seed: str) -> None:
    conversations(ours, ours.rows["agent"], 30)
    draw = drawn_for(ours, seed=seed, per_agent=7)
    assert draw.seed.startswith(seed)
    assert verify(ours.system, draw.pk).differences == []


def test_an_open_period_says_until_when(api: Api, ours: Place) -> None:
    sample = plan(ours)
    refused = api("manager").post(f"sample-plans/{sample.pk}/draws", {"period_start": "2199-12-30"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:plumbline:period_open")
    assert "until the end of 2200-01-05: it can be drawn from 2200-01-06 on" in refused.json()["detail"]


# --- pages ----------------------------------------------------------------------------------------


def address(name: str, draw: Draw) -> str:
    return reverse(name, kwargs={"slug": "ours", "pk": draw.pk})


def test_the_ledgers_page(browse: Browse, ours: Place, draw: Draw) -> None:
    shown = browse("manager").get(address("draw", draw)).content.decode()
    for words in (draw.digest, draw.seed, "5 conversations of each agent", "How to check this yourself"):
        assert words in shown
    assert "import hashlib, json, sys" in shown
    assert "&quot;digest&quot;" in shown
    lead = browse("lead").get(address("draw", draw)).content.decode()
    assert address("draw-raise", draw) not in lead
    assert browse("lead").get(address("draw-raise", draw)).status_code == 403


def test_a_week_says_its_part_of_the_month(browse: Browse, ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 12)
    draw = drawn_for(ours, period="month", weekly_parts=True, per_agent=8, assignment="pool")
    shown = browse("manager").get(address("draw", draw)).content.decode()
    assert "8 conversations of each agent, part 1 of 4" in shown
    assert "badge bad" not in shown  # in a pool it is nobody's until somebody takes it
    assert {each.due_on - draw.frame_at.date() for each in draw.items.all()} <= {
        timedelta(days=7),
        timedelta(days=8),
    }


def test_raise_and_redraw_in_pages(browse: Browse, ours: Place, draw: Draw) -> None:
    client = browse("manager")
    form = client.get(address("draw-raise", draw)).content.decode()
    assert 'value="5"' in form
    for value, unit in (("2", "agent-number"), ("1e1000000", "agent-share"), ("33.33333", "total-share")):
        wrong = client.post(address("draw-raise", draw), {"quota": value, "unit": unit})
        assert wrong.status_code == 422
        assert 'href="#id_quota"' in wrong.content.decode()
    raised = client.post(
        address("draw-raise", draw), {"quota": "50", "unit": "total-share", "reason": "<b>More</b>"}
    )
    assert raised["Location"] == address("draw", draw)
    shown = client.get(address("draw", draw)).content.decode()
    assert "50 % of all conversations" in shown
    assert "from 5 conversations of each agent" in shown
    assert "&lt;b&gt;More&lt;/b&gt;" in shown
    assert "This draw was raised." in client.get(address("draw-redraw", draw)).content.decode()
    assert client.post(address("draw-redraw", draw), {"reason": " "}).status_code == 422
    again = client.post(address("draw-redraw", draw), {"reason": "A file came late"})
    new = Draw.objects.get(supersedes=draw)
    assert again["Location"] == address("draw", new)
    assert "A file came late" in client.get(address("draw", new)).content.decode()
    old = client.get(address("draw", draw) + "?verify=1").content.decode()
    assert "counts in no number" in old
    assert "It matches" in old
    assert address("draw-raise", draw) not in old
    assert client.post(address("draw-raise", draw), {"quota": "90", "unit": "total-share"}).status_code == 422


def test_the_queries_of_the_page_do_not_grow(
    browse: Browse, ours: Place, draw: Draw, django_assert_max_num_queries: Any
) -> None:
    client = browse("manager")
    client.post(address("draw-raise", draw), {"quota": "20", "unit": "agent-number"})
    SamplePlan.objects.filter(pk=draw.plan_id).update(blind=False)
    with django_assert_max_num_queries(30):
        client.get(address("draw", draw))
