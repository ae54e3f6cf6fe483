"""A table on the screen, in its order, and the same as a file."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client

from insights.exports import csv_of, xlsx_of
from insights.figures import Figure
from insights.tables import Cell, Column, Row, Table
from tests.world import World

COLUMNS = [
    Column("name", "Agent", "text"),
    Column("iqs", "IQS", "figure"),
    Column("n", "Reviews"),
    Column("day", "Since", "day"),
    Column("bar", "", "picture"),
]


def row(name: str, iqs: Figure, n: int | None) -> Row:
    return {
        "name": Cell(name),
        "iqs": Cell(figure=iqs),
        "n": Cell(n),
        "day": Cell(date(2026, 3, 2)),
        "bar": Cell(picture="<svg/>"),
    }


ROWS = [
    row("=cmd", Figure(80.5, 70, 91, 12, 143), 12),
    row("Bo", Figure(n=3, refused="3 of 5 reviews", reason="Too few reviews."), None),
    row("ana", Figure(90), 40),
]


def names(sort: str) -> list[object]:
    return [line[0][1].value for line in Table("t", "T", COLUMNS, ROWS, sort=sort).lines()]


def test_rows_are_sorted_by_any_column_unknown_last() -> None:
    assert names("") == ["=cmd", "Bo", "ana"]
    assert names("name") == ["=cmd", "ana", "Bo"]
    assert names("iqs") == ["=cmd", "ana", "Bo"]
    assert names("-iqs") == ["ana", "=cmd", "Bo"]
    assert names("-n") == ["ana", "=cmd", "Bo"]
    assert names("nothing") == names("")


def test_heads_lead_to_the_other_order_and_pictures_have_none() -> None:
    heads = Table("t", "T", COLUMNS, ROWS, sort="-iqs").heads(QueryDict("from=2026-03-02&page=2"))
    assert [(head["label"], head["url"], head["state"]) for head in heads[:2]] == [
        ("Agent", "?from=2026-03-02&sort=name", None),
        ("IQS", "?from=2026-03-02&sort=iqs", "descending"),
    ]
    assert heads[-1]["url"] == ""


def test_a_file_has_what_is_on_the_screen_and_no_formula() -> None:
    table = Table("t", "Agents: a/b", COLUMNS, ROWS, sort="-iqs")
    head, *lines = csv.reader(io.StringIO(csv_of([table], "x").content.decode()))
    assert head == [
        *("Agent", "IQS", "IQS, low", "IQS, high", "IQS, count", "IQS, of", "IQS, why not", "Reviews"),
        "Since",
    ]
    assert lines[1] == ["'=cmd", "80.5", "70", "91", "12", "143", "", "12", "2026-03-02"]
    assert lines[2][1:8] == ["", "", "", "3", "", "Too few reviews.", ""]
    book = zipfile.ZipFile(io.BytesIO(xlsx_of([table], "x").content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=cmd" in book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<v>80.5</v>" in sheet
    assert '<sheet name="1 Agents  a b"' in book.read("xl/workbook.xml").decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_overview_as_a_file(world: World, browse: Callable[..., Client], kind: str) -> None:
    response = browse("manager").get(f"/w/ours/insights/?from=2026-03-01&to=2026-03-31&format={kind}")
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="insights-overview-ours-2026-03-01-2026-03-31.{kind}"'
    )
    if kind == "csv":
        assert "Ana Silva" in response.content.decode()
