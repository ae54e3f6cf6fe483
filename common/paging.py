"""Cursor pages by row comparison, and the horizon of `updated_since`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils.dateparse import parse_datetime

from common.errors import invalid

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
NEAR = 3_000
SAFETY = timedelta(seconds=5)


class RowCompare(Func):
    """(a, b) < (x, y): one index range, however deep (an OR form or OFFSET is hundreds of times slower)."""

    output_field = BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(e) for e in self.source_expressions]
        half = len(parts) // 2
        left = ", ".join(sql for sql, _ in parts[:half])
        right = ", ".join(sql for sql, _ in parts[half:])
        return f"({left}) {self.extra['sign']} ({right})", [p for _, params in parts for p in params]


@dataclass(frozen=True, slots=True)
class Near:
    """For rows whose condition has an index that may be read for long, and is dear to check otherwise: words.

    Of the rows `along`, of which the condition chooses, the next NEAR in the order are checked one by one:
    `rows` are the same as those of the page, by a condition that uses no index. Only when these do not fill
    the page are the others looked up by the index and sorted. So neither frequent nor rare matches take
    long, whatever the planner expects of them.
    """

    along: QuerySet[Any]
    rows: QuerySet[Any]


class Unindexed(Func):
    """A column as no index knows it, so that rows in its order are sorted."""

    template = "(array[%(expressions)s])[1]"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the cursors of its neighbours (None at an end)."""

    rows: list[Any]
    next: str | None
    previous: str | None


def page(
    rows: QuerySet[Any],
    order: Sequence[str],
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    unknown_last: bool = False,
    near: Near | None = None,
    above: float | None = None,
) -> Page:
    """One page in `order`: names, the last one unique, all but the first with the same sign.

    Only the first may be null, and only with `unknown_last`: rows without it come last in either direction,
    and so do those whose value is not `above` this one.
    One query, two where a page begins with rows that have it and may end with rows that do not.

    With `near` two queries, three where the nearest do not fill the page.
    """
    back, values = _decode(cursor, rows.model, order, unknown_last) if cursor else (False, None)
    if values and None not in (above, values[0]) and values[0] <= above:
        values[0] = None
    names = [name.lstrip("-") for name in order]
    found: list[Any] = []
    for section in _sections(order, values, back, unknown_last, above):
        for chosen, condition, ordered in _parts(rows, near, section):
            if len(found) <= limit:
                found += chosen.filter(condition).order_by(*ordered)[: limit + 1 - len(found)]
    more, found = len(found) > limit, found[:limit]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, bool(cursor))
    return Page(
        rows=found,
        next=_encode(found[-1], names, False) if found and has_next else None,
        previous=_encode(found[0], names, True) if found and has_previous else None,
    )


Section = tuple[Q, list[Any]]


def _sections(
    order: Sequence[str],
    values: list[Any] | None,
    back: bool,
    unknown_last: bool,
    above: float | None,
) -> list[Section]:
    """What lies ahead, as conditions that one range of an index answers each, in the order they are read."""
    turned = [_turned(name) if back else name for name in order]
    head, name = turned[0], order[0].lstrip("-")
    known, unknown = Q(), list[Section]()
    if unknown_last:
        absent = Q(**{f"{name}__isnull": True})
        known = Q(**{f"{name}__isnull": False} if above is None else {f"{name}__gt": above})
        unknown = [(absent if above is None else absent | Q(**{f"{name}__lte": above}), turned[1:])]
    if values is None:
        return [(known, turned), *unknown]
    if values[0] is None:
        rest = (unknown[0][0] & _beyond(turned[1:], values[1:]), turned[1:])
        return [rest, (known, turned)] if back else [rest]
    if len({each.startswith("-") for each in order}) == 1:
        ahead: list[Section] = [(known & _beyond(turned, values), turned)]
    else:
        same = Q(**{name: values[0]}) & _beyond(turned[1:], values[1:])
        ahead = [(same, turned[1:]), (known & _beyond([head], values[:1]), turned)]
    return ahead if back else [*ahead, *unknown]


def _parts(
    rows: QuerySet[Any], near: Near | None, section: Section
) -> Iterator[tuple[QuerySet[Any], Q, list[Any]]]:
    """The section as a whole, or in two: to its NEAR-th row, and from there on by the condition's index."""
    condition, ordered = section
    if near is None:
        yield rows, condition, ordered
        return
    name = ordered[0].lstrip("-")
    values = near.along.filter(condition).order_by(*ordered).values_list(name, flat=True)
    mark = values[NEAR : NEAR + 1].first()
    if mark is None:
        yield near.rows, condition, ordered
        return
    ahead, beyond = ("gte", "lt") if ordered[0].startswith("-") else ("lte", "gt")
    yield near.rows, condition & Q(**{f"{name}__{ahead}": mark}), ordered
    first = Unindexed(F(name))
    sort = first.desc() if ordered[0].startswith("-") else first.asc()
    yield rows, condition & Q(**{f"{name}__{beyond}": mark}), [sort, *ordered[1:]]


def _turned(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after the one that has these values, in an order of one sign."""
    columns = [F(name.lstrip("-")) for name in order]
    return Q(RowCompare(*columns, *map(Value, values), sign="<" if order[0].startswith("-") else ">"))


def _encode(row: Any, names: Sequence[str], back: bool) -> str:
    values = [row[n] if isinstance(row, dict) else getattr(row, n) for n in names]
    plain = [_plain(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([int(back), *plain]).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _decode(
    cursor: str, model: type[models.Model], order: Sequence[str], unknown_last: bool
) -> tuple[bool, list[Any]]:
    try:
        back, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(values) != len(order):
            raise ValueError
        fields = [model._meta.get_field(name.lstrip("-")) for name in order]
        found = [_value(field, value) for field, value in zip(fields[1:], values[1:], strict=True)]
        first = None if values[0] is None and unknown_last else _value(fields[0], values[0])
        return bool(back), [first, *found]
    except (ValueError, TypeError, ArithmeticError, binascii.Error, UnicodeDecodeError):
        raise invalid("/cursor", "invalid", "This cursor is not one that a list gave out.") from None


def _value(field: Any, value: Any) -> Any:
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None:
            raise ValueError
        return moment
    if isinstance(field, models.DateField):
        return date.fromisoformat(value)
    if isinstance(field, models.CharField):
        if not isinstance(value, str) or not value.isprintable():
            raise ValueError
        return value
    if isinstance(field, models.DecimalField):
        return _finite(Decimal(value) if isinstance(value, str) else None)
    if isinstance(field, models.FloatField):
        return float(_finite(value))
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**62:
        raise ValueError
    return value


def _finite(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError
    if not abs(float(value)) < 1e15:
        raise ValueError
    return value


def changed_since(moment: datetime) -> Q:
    """Rows changed from `moment` on, up to where nothing can still appear behind: 5 s before now and before
    the oldest open writing transaction. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select least(clock_timestamp() - make_interval(secs => %s), (select min(xact_start)"
            " from pg_stat_activity where datname = current_database() and backend_xid is not null))",
            [SAFETY.total_seconds()],
        )
        (horizon,) = cursor.fetchone()
    return Q(updated_at__gte=moment, updated_at__lt=horizon)
