"""Pages by cursor: every row once, in order, forwards and backwards, also where its column is unknown."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from common.errors import Invalid
from common.paging import Page, page
from conversations.models import Conversation
from tests.world import World

START = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = ["closed_at", "csat", "first_response_seconds", "reported_handling_seconds"]


@pytest.fixture
def rows(world: World) -> Any:
    """Eleven conversations with ties, and some of which each figure is unknown."""
    workspace = world["ours"].workspace
    Conversation.objects.filter(workspace=workspace).update(source="elsewhere")
    Conversation.objects.bulk_create(
        Conversation(
            workspace=workspace,
            source="paging",
            external_id=str(n),
            status="open",
            message_count=n % 3,
            closed_at=None if n % 4 == 0 else START + timedelta(hours=n % 5, microseconds=123),
            csat=None if n % 3 == 0 else Decimal(n % 2) + Decimal("1.3333"),
            first_response_seconds=None if n % 5 == 1 else 0.1 * (n % 4) - 0.1,
            reported_handling_seconds=None,
        )
        for n in range(11)
    )
    return Conversation.objects.filter(workspace=workspace, source="paging")


def expected(rows: Any, order: Sequence[str]) -> list[int]:
    ordered = [
        F(name[1:]).desc(nulls_last=True) if name.startswith("-") else F(name).asc(nulls_last=True)
        for name in order
    ]
    return list(rows.order_by(*ordered).values_list("pk", flat=True))


def ids(found: Page) -> list[int]:
    return [row.pk for row in found.rows]


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11, 12])
@pytest.mark.parametrize("tail", ["id", "-id"])
@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_each_row_comes_once_in_either_direction(
    rows: Any, limit: int, tail: str, name: str, sign: str
) -> None:
    order = (f"{sign}{name}", tail)
    walked, backwards, cursor = [], [], None
    while True:
        found = page(rows, order, limit, cursor, unknown_last=True)
        walked.append(ids(found))
        if found.next is None:
            break
        cursor = found.next
    while found.previous:
        found = page(rows, order, limit, found.previous, unknown_last=True)
        backwards.append(ids(found))
    assert [pk for part in walked for pk in part] == expected(rows, order)
    assert backwards == walked[-2::-1]


@pytest.mark.parametrize("limit", [1, 3, 11])
@pytest.mark.parametrize("sign", ["", "-"])
def test_values_that_are_not_above_a_limit_are_unknown(rows: Any, limit: int, sign: str) -> None:
    """The fixture has first responses of -0.1, 0, 0.1 and 0.2, and none."""
    order = (f"{sign}first_response_seconds", "-id")
    known, rest = rows.filter(first_response_seconds__gt=0), rows.exclude(first_response_seconds__gt=0)
    wanted = [
        pk
        for part in (known.order_by(*order), rest.order_by("-id"))
        for pk in part.values_list("pk", flat=True)
    ]
    assert rest.filter(first_response_seconds__lt=0).exists()
    walked, backwards, cursor = [], [], None
    while True:
        found = page(rows, order, limit, cursor, unknown_last=True, above=0)
        walked.append(ids(found))
        if (cursor := found.next) is None:
            break
    while found.previous:
        found = page(rows, order, limit, found.previous, unknown_last=True, above=0)
        backwards.append(ids(found))
    assert [pk for part in walked for pk in part] == wanted
    assert backwards == walked[-2::-1]


@pytest.mark.parametrize("order", [("-message_count", "-id"), ("message_count", "-id"), ("id",)])
def test_columns_that_are_never_null_take_one_query_a_page(rows: Any, order: Sequence[str]) -> None:
    walked, cursor = [], None
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            found = page(rows, order, 4, cursor)
        mixed_tie = len({name[0] == "-" for name in order}) > 1 and cursor is not None
        assert len(captured) <= (2 if mixed_tie else 1)
        walked += ids(found)
        cursor = found.next
    assert walked == expected(rows, order)


def test_a_full_page_of_known_rows_does_not_look_at_the_unknown(rows: Any) -> None:
    with CaptureQueriesContext(connection) as captured:
        page(rows, ("-closed_at", "-id"), 3, unknown_last=True)
    assert len(captured) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("csat", "NaN"),
        ("csat", "many"),
        ("csat", 3),
        ("first_response_seconds", float("inf")),
        ("first_response_seconds", True),
        ("first_response_seconds", "1"),
        ("message_count", None),
        ("message_count", 1.5),
        ("closed_at", "2026-03-01T00:00:00"),
        ("closed_at", 7),
        ("source", "a\0b"),
    ],
)
def test_a_made_up_cursor_is_refused(rows: Any, name: str, value: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([0, value, 1]).encode()).decode()
    with pytest.raises(Invalid):
        page(rows, (name, "id"), 3, cursor)


def test_an_unknown_place_is_refused_where_nothing_is_unknown(rows: Any) -> None:
    unknown = page(rows, ("reported_handling_seconds", "id"), 3, unknown_last=True).next
    with pytest.raises(Invalid):
        page(rows, ("reported_handling_seconds", "id"), 3, unknown)
