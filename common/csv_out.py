"""CSV on the way out: streamed, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from django.http import StreamingHttpResponse

Cell = str | int | float | Decimal | bool | datetime | date | None
RISKY = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def guarded(cell: Cell) -> str:
    """The cell's text; text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers
    are left alone, times are ISO 8601 with offset, nothing is empty, booleans are true and false."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if cell.startswith(RISKY) else cell


def csv_lines(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Rows as lines of RFC 4180, one at a time."""
    writer = csv.writer(_Echo())
    for row in rows:
        line: str = writer.writerow([guarded(cell) for cell in row])
        yield line


def csv_response(rows: Iterable[Iterable[Cell]], name: str) -> StreamingHttpResponse:
    """A download that starts at once and never holds more than a few rows."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8", headers=headers)
