"""The tables of a page as a file: CSV, or a workbook with a sheet for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from common.csv_out import csv_lines
from insights.tables import Plain, Table, exported

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_NAME = 31  # characters of a sheet's name
NOT_IN_NAMES = str.maketrans("[]:*?/\\'", " " * 8)


def csv_of(tables: Sequence[Table], name: str) -> HttpResponse:
    """Several tables stand below each other, each under its title, with an empty line between them."""
    return _file("".join(csv_lines(_lines(tables))), "text/csv; charset=utf-8", f"{name}.csv")


def xlsx_of(tables: Sequence[Table], name: str) -> HttpResponse:
    """A sheet for each table; numbers are numbers, dates are dates, and words are never formulas."""
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, table in enumerate(tables, start=1):
            title = f"{place} {table.title}".translate(NOT_IN_NAMES)[:MOST_NAME].strip()
            _fill(book.add_worksheet(title), table, head, day)
    return _file(file.getvalue(), XLSX, f"{name}.xlsx")


def _file(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _lines(tables: Sequence[Table]) -> Iterable[Iterable[Plain]]:
    for place, table in enumerate(tables):
        if len(tables) > 1:
            yield from ([[]] if place else [])
            yield [table.title]
        yield from exported(table)


def _fill(sheet: Any, table: Table, head: Any, day: Any) -> None:
    for y, line in enumerate(exported(table)):
        for x, value in enumerate(line):
            if isinstance(value, date):
                sheet.write_datetime(y, x, value, day)
            elif isinstance(value, Decimal | float | int):
                sheet.write_number(y, x, float(value))
            elif value:
                sheet.write_string(y, x, str(value), *([] if y else [head]))
    sheet.freeze_panes(1, 1)
    sheet.autofit()
