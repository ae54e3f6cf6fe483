"""Cursor pages by row comparison, and the horizon of `updated_since`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils.dateparse import parse_datetime

from common.errors import invalid

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
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
class Page:
    """Rows of one page and the cursors of its neighbours (None at an end)."""

    rows: list[Any]
    next: str | None
    previous: str | None


def _encode(row: Any, names: Sequence[str], back: bool) -> str:
    values = [row[n] if isinstance(row, dict) else getattr(row, n) for n in names]
    plain = [v.isoformat() if hasattr(v, "isoformat") else v for v in values]
    return base64.urlsafe_b64encode(json.dumps([int(back), *plain]).encode()).decode().rstrip("=")


def _decode(cursor: str, model: type[models.Model], names: Sequence[str]) -> tuple[bool, list[Any]]:
    try:
        back, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(values) != len(names):
            raise ValueError
        return bool(back), [_value(model, name, value) for name, value in zip(names, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError):
        raise invalid("/cursor", "invalid", "This cursor is not one that a list gave out.") from None


def _value(model: type[models.Model], name: str, value: Any) -> Any:
    field = model._meta.get_field(name)
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
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**62:
        raise ValueError
    return value


def page(
    rows: QuerySet[Any], order: Sequence[str], limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page:
    """One page in `order` (names, all with the same sign, the last unique and none of them null)."""
    names = [name.lstrip("-") for name in order]
    descending = order[0].startswith("-")
    back = False
    if cursor:
        back, values = _decode(cursor, rows.model, names)
        sign = "<" if descending != back else ">"
        bounds = [
            Value(v, output_field=rows.model._meta.get_field(n)) for n, v in zip(names, values, strict=True)
        ]
        rows = rows.filter(RowCompare(*[F(n) for n in names], *bounds, sign=sign))
    directions = [f"{'' if descending == back else '-'}{name}" for name in names]
    found = list(rows.order_by(*directions)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, bool(cursor))
    return Page(
        rows=found,
        next=_encode(found[-1], names, False) if found and has_next else None,
        previous=_encode(found[0], names, True) if found and has_previous else None,
    )


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
