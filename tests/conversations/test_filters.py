"""One filter, two inputs: query parameters and the JSON object of a plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict

from common.errors import Invalid
from conversations import filters
from conversations.filters import Filter, from_json, from_query, risks_from_json, stored
from conversations.models import Conversation, Message, SurveyResponse
from tests.world import Place, World

DAY = date(2026, 5, 4)


@pytest.fixture
def ours(world: World) -> Place:
    Conversation.objects.filter(workspace=world["ours"].workspace).update(status="pending", channel="none")
    return world["ours"]


def made(place: Place, external_id: str, **fields: Any) -> Conversation:
    return Conversation.objects.create(
        workspace=place.workspace, source="desk", external_id=external_id, **{"status": "open"} | fields
    )


def found(place: Place, query: str) -> set[str]:
    asked = from_query(place.system, QueryDict(query))
    rows = Conversation.objects.in_workspace(place.workspace.pk).filter(asked.q())
    return set(rows.values_list("external_id", flat=True))


def codes(problem: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(each.pointer, each.code) for each in problem.value.errors}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=closed", {"closed"}),
        ("status=closed&status=open&source=desk", {"closed", "plain", "long"}),
        ("channel=chat", {"plain"}),
        ("channel=chat&channel=phone", {"plain", "long"}),
        ("channel=chat&language=de", set()),
        ("language=de", {"long"}),
        ("topic=refund", {"plain"}),
        ("tag=vip&tag=b2b&source=desk", {"plain", "long"}),
        ("attribute.plan=pro", {"plain"}),
        ("attribute.seats=3&attribute.plan=pro", {"plain"}),
        ("attribute.1=one", {"plain"}),
        ("attribute.a__b=deep", {"plain"}),
        ("attribute.trial=true", {"long"}),
        ("closed_from=2026-05-04&closed_to=2026-05-04", {"closed"}),
        ("closed_from=2026-05-05", set()),
        ("reopened_min=2", {"long"}),
        ("messages_min=10", {"long"}),
        ("handling_min=60", {"plain"}),
        ("agent=&channel=phone", {"long"}),
    ],
)
def test_each_name(ours: Place, query: str, expected: set[str]) -> None:
    attributes = {"plan": "pro", "seats": 3, "1": "one", "a__b": "deep"}
    made(
        ours,
        "plain",
        channel="chat",
        topic="refund",
        tags=["vip"],
        attributes=attributes,
        reported_handling_seconds=60,
    )
    made(
        ours,
        "long",
        channel="phone",
        language="de",
        tags=["b2b", "x"],
        reopened_count=2,
        message_count=10,
        attributes={"trial": True, "plan": "free"},
    )
    made(ours, "closed", status="closed", closed_at="2026-05-04T10:00:00Z", closed_on=DAY)
    assert found(ours, query) == expected


def test_agents_and_teams_by_id_and_external_id(ours: Place) -> None:
    ana, team = ours.rows["agent"], ours.rows["team"]
    made(ours, "hers", agent=ana, most_active_agent=ours.rows["other_agent"])
    made(ours, "teams", team=team)
    assert found(ours, f"agent={ana.pk}&source=desk") == {"hers"}
    assert found(ours, "agent=external:a-7&source=desk") == {"hers"}
    assert found(ours, f"team={team.pk}&source=desk") == {"teams"}
    most_active = from_query(ours.system, QueryDict("agent=external:a-8")).q("most_active_agent")
    assert [row.external_id for row in Conversation.objects.filter(most_active, source="desk")] == ["hers"]


@pytest.mark.parametrize(
    ("score", "low", "high", "csat_max", "matches"),
    [
        (2, 1, 5, "2", True),
        (3, 1, 5, "2", False),
        (0, 0, 1, "1", True),
        (1, 0, 1, "4.9", False),
        (1, 0, 2, "3", True),
        (2, 1, 3, "2.9999", False),
        (-1, -1, 1, "1", True),
        (4, 0, 9, "2.7778", True),
    ],
)
def test_csat_is_compared_on_a_scale_of_one_to_five(
    ours: Place, score: int, low: int, high: int, csat_max: str, matches: bool
) -> None:
    row = made(ours, "asked")
    answer(row, "csat", score, low, high)
    answer(row, "ces", low, low, high)
    answer(row, "csat", low, low, high, is_latest=False)
    assert found(ours, f"csat_max={csat_max}&source=desk") == ({"asked"} if matches else set())


def answer(row: Conversation, kind: str, score: int, low: int, high: int, is_latest: bool = True) -> None:
    SurveyResponse.objects.create(
        workspace=row.workspace,
        conversation=row,
        key=str(SurveyResponse.objects.count()),
        kind=kind,
        score=Decimal(score),
        scale_min=low,
        scale_max=high,
        is_latest=is_latest,
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("parcel", {"subject"}),
        ("arc", {"subject"}),
        ("invoice", {"message"}),
        ("invoice -paid", set()),
        ('"the invoice"', {"message"}),
        ('"invoice the"', set()),
        ("X-9", {"X-9"}),
        ("!!!", set()),
    ],
)
def test_words_are_searched_in_subject_and_messages(ours: Place, words: str, expected: set[str]) -> None:
    made(ours, "subject", subject="Parcel lost")
    message = made(ours, "message")
    Message.objects.create(
        workspace=ours.workspace,
        conversation=message,
        key="1",
        position=0,
        author_type="customer",
        text="Where is the Invoice I paid?",
    )
    made(ours, "X-9")
    query = QueryDict(mutable=True)
    query["q"], query["source"] = words, "desk"
    assert found(ours, query.urlencode()) == expected


def test_the_search_of_messages_uses_its_index(ours: Place) -> None:
    rows = Conversation.objects.filter(from_query(ours.system, QueryDict("q=invoice")).q())
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    assert "message_search" in rows.explain()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour=red", {("/colour", "unknown_parameter")}),
        ("attribute.=x", {("/attribute.", "unknown_parameter")}),
        ("status=shut&closed_from=soon", {("/status", "invalid"), ("/closed_from", "invalid_date")}),
        ("closed_from=2026-02-30", {("/closed_from", "invalid_date")}),
        ("csat_max=6", {("/csat_max", "out_of_range")}),
        ("csat_max=nan", {("/csat_max", "invalid")}),
        ("reopened_min=-1", {("/reopened_min", "out_of_range")}),
        ("messages_min=1.5", {("/messages_min", "out_of_range")}),
        ("messages_min=99999999999", {("/messages_min", "out_of_range")}),
        ("agent=999999", {("/agent", "not_found")}),
        ("agent=99999999999999999999", {("/agent", "not_found")}),
        ("agent=Ana", {("/agent", "invalid")}),
        ("team=external:x", {("/team", "not_found")}),
        ("reviewed=maybe", {("/reviewed", "invalid")}),
        ("q=%00", {("/q", "invalid_text")}),
    ],
)
def test_wrong_parameters_are_named(ours: Place, query: str, expected: set[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as problem:
        from_query(ours.system, QueryDict(query))
    assert codes(problem) == expected


def test_other_parameters_of_the_list_and_reviewed_are_left_to_the_caller(ours: Place) -> None:
    asked = from_query(ours.system, QueryDict("limit=5&reviewed=false"), also={"limit"})
    assert (asked.reviewed, asked.uses_csat) == (False, False)
    assert from_query(ours.system, QueryDict("csat_max=3")).uses_csat


def test_the_neighbours_agent_is_not_found(world: World) -> None:
    with pytest.raises(Invalid) as problem:
        from_json(world["ours"].system, {"agent": world["theirs"].rows["agent"].pk}, "/filter")
    assert codes(problem) == {("/filter/agent", "not_found")}


def test_a_plans_filter_is_kept_with_ids_and_read_again(ours: Place) -> None:
    raw = {
        "agent": [{"external_id": "a-7", "source": "helpdesk"}, "external:a-8"],
        "team": ours.rows["team"].pk,
        "channel": "chat",
        "csat_max": 2.5,
        "messages_min": "3",
        "attribute.plan": ["pro", 3, True],
        "q": ["refund", "money back"],
    }
    asked = from_json(ours.system, raw, "/filter")
    kept = asked.as_json()
    assert kept == {
        "agent": sorted([ours.rows["agent"].pk, ours.rows["other_agent"].pk]),
        "team": [ours.rows["team"].pk],
        "channel": ["chat"],
        "csat_max": "2.5",
        "messages_min": 3,
        "attribute.plan": ["pro", "3", "true"],
        "q": ["refund", "money back"],
    }
    assert stored(kept) == asked
    assert from_json(ours.system, kept, "/filter") == asked


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([], {("/filter", "invalid")}),
        ("all", {("/filter", "invalid")}),
        ({"reviewed": True}, {("/filter/reviewed", "not_allowed_in_plan")}),
        ({"closed_from": "2026-01-01", "closed_to": "2026-01-31"}, None),
        ({"colour": "red"}, {("/filter/colour", "unknown_field")}),
        ({"a/b": "red"}, {("/filter/a~1b", "unknown_field")}),
        ({"channel": 7}, {("/filter/channel", "invalid")}),
        ({"channel": []}, {("/filter/channel", "required")}),
        ({"channel": ""}, {("/filter/channel", "invalid")}),
        ({"channel": None}, {("/filter/channel", "invalid")}),
        ({"messages_min": True}, {("/filter/messages_min", "invalid")}),
        ({"agent": {"name": "Ana"}}, {("/filter/agent", "invalid")}),
        ({"tag": ["a"] * 1001}, {("/filter/tag", "too_many")}),
    ],
)
def test_what_a_plans_filter_cannot_say(ours: Place, raw: Any, expected: set[tuple[str, str]] | None) -> None:
    with pytest.raises(Invalid) as problem:
        from_json(ours.system, raw, "/filter")
    refused = {(f"/filter/{name}", "not_allowed_in_plan") for name in ("closed_from", "closed_to")}
    assert codes(problem) == (expected or refused)


def test_a_risk_filter_is_one_or_several_and_asks_for_something(ours: Place) -> None:
    low, long = Filter(csat_max=Decimal(2)), Filter(messages_min=9)
    assert risks_from_json(ours.system, {"csat_max": 2}, "/risk_filter") == (low,)
    assert risks_from_json(ours.system, [{"csat_max": 2}, {"messages_min": 9}], "/risk_filter") == (low, long)
    for raw, pointer in (({}, "/risk_filter"), ([], "/risk_filter"), ([{"tag": "x"}, {}], "/risk_filter/1")):
        with pytest.raises(Invalid) as problem:
            risks_from_json(ours.system, raw, "/risk_filter")
        assert codes(problem) == {(pointer, "required")}


def test_any_of_nothing_is_nothing(ours: Place) -> None:
    assert not Conversation.objects.filter(filters.any_of([])).exists()
