"""A table as a page shows it and a file holds it: the same columns, the same rows, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import QueryDict
from django.utils.translation import gettext as _

from insights.figures import Figure
from qa_reviews.views.tables import heads, ordered

Kind = Literal["text", "number", "score", "share", "seconds", "day", "figure", "picture"]
"""What a column holds: words; a count; points 0 to 100; a share 0 to 1; seconds; a local day; a Figure (a
number with its range, or the reason why there is none); a picture, which files leave out."""
Plain = str | int | float | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """`about` says in a sentence what the number is, where its name does not. `counts`: whether figures show
    the reviews they rest on; where they rest on something else, cells note it. `decimals` of figures and
    counts; None: as scores and counts are written."""

    key: str
    label: str
    kind: Kind = "number"
    about: str = ""
    counts: bool = True
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """`value`: None is unknown. `url`: what stands behind it. `note`: small words beside. `picture`: SVG."""

    value: Plain = None
    figure: Figure | None = None
    url: str = ""
    note: str = ""
    picture: str = ""

    @property
    def order(self) -> Any:
        """What rows are sorted by."""
        if self.figure is not None:
            return self.figure.value
        return self.value.casefold() if isinstance(self.value, str) else self.value


Row = Mapping[str, Cell]
"""A cell for each column by its key; a missing one is unknown."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first column names the rows. `key` is its own on the page, `empty` what is said without rows.
    `sort`: a column's key, "-" turns it round; rows stay as they came without one. One table of a page is
    sorted by its heads, the others are not `sortable`."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str = ""
    sort: str = ""
    sortable: bool = True

    def ordered(self) -> list[Row]:
        """Unknown last in either direction."""
        keys = {column.key: _order_by(column.key) for column in self.columns if column.kind != "picture"}
        return ordered(self.rows, self.sort, keys)

    def heads(self, query: QueryDict) -> list[dict[str, Any]]:
        """Each with the address that sorts by it; numbers the largest first."""
        labels = {column.key: column.label for column in self.columns}
        numbers = {c.key: _order_by(c.key) for c in self.columns if c.kind not in ("text", "picture")}
        found = heads(query, self.sort, labels, numbers)
        return [
            head | {"column": column, "url": self._url(column, head["url"])}
            for head, column in zip(found, self.columns, strict=True)
        ]

    def _url(self, column: Column, url: str) -> str:
        return url if self.sortable and column.kind != "picture" else ""

    def lines(self) -> list[list[tuple[Column, Cell]]]:
        """The rows as they are shown."""
        return [[(column, row.get(column.key, UNKNOWN)) for column in self.columns] for row in self.ordered()]


UNKNOWN = Cell()


def _order_by(key: str) -> Any:
    return lambda row: row.get(key, UNKNOWN).order


def exported(table: Table) -> Iterable[Sequence[Plain]]:
    """The table's head and rows as plain values: a figure becomes its value, its ends, what it rests on and
    the reason why there is no number."""
    shown = [column for column in table.columns if column.kind != "picture"]
    yield [label for column in shown for label in _labels(column)]
    for line in table.lines():
        yield [value for column, cell in line if column.kind != "picture" for value in _values(column, cell)]


def _labels(column: Column) -> list[str]:
    if column.kind != "figure":
        return [column.label]
    parts = (_("low"), _("high"), _("count"), _("of"), _("why not"))
    return [column.label, *(f"{column.label}, {part}" for part in parts)]


def _values(column: Column, cell: Cell) -> list[Plain]:
    if column.kind != "figure":
        return [cell.value]
    figure = cell.figure or Figure()
    return [figure.value, figure.low, figure.high, figure.n, figure.frame, figure.reason or figure.note]
