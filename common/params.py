"""Query parameters: declared, or refused by name (422)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime

from common.errors import FieldError, Invalid, invalid
from common.paging import DEFAULT_LIMIT, MAX_LIMIT
from common.periods import Period

PAGING = frozenset({"limit", "cursor"})
BIGGEST_ID = 2**63 - 1


def check_known(query: QueryDict, known: Collection[str], prefixes: tuple[str, ...] = ()) -> None:
    """Invalid (`unknown_parameter`) for every parameter that is not declared."""
    unknown = [name for name in query if name not in known and not name.startswith(prefixes or ("\0",))]
    if unknown:
        raise Invalid(
            [FieldError(f"/{n}", "unknown_parameter", f"There is no parameter “{n}”.") for n in unknown]
        )


def one_of(query: QueryDict, name: str, allowed: Collection[str], default: str | None = None) -> str | None:
    value = query.get(name)
    if not value:
        return default
    if value not in allowed:
        raise invalid(f"/{name}", "invalid", f"“{value[:80]}” is not one of {', '.join(sorted(allowed))}.")
    return value


def any_of(query: QueryDict, name: str, allowed: Collection[str]) -> list[str]:
    """Repeated values, each of which must be allowed."""
    values = [v for v in query.getlist(name) if v]
    for value in values:
        if value not in allowed:
            raise invalid(
                f"/{name}", "invalid", f"“{value[:80]}” is not one of {', '.join(sorted(allowed))}."
            )
    return values


def texts(query: QueryDict, name: str) -> list[str]:
    """Repeated texts to look for, without empty ones; Invalid (`invalid_text`) for what no database takes."""
    values = [v for v in query.getlist(name) if v]
    if any("\0" in value for value in values):
        raise invalid(f"/{name}", "invalid_text", "This text has characters that cannot be stored.")
    return values


def day(query: QueryDict, name: str) -> date | None:
    value = query.get(name)
    if not value:
        return None
    try:
        found = parse_date(value)
    except ValueError:
        found = None
    if found is None:
        raise invalid(f"/{name}", "invalid_date", f"“{value[:80]}” is not a date like 2026-03-02.")
    return found


def moment(query: QueryDict, name: str) -> datetime | None:
    """An ISO 8601 time with offset, in UTC."""
    value = query.get(name)
    if not value:
        return None
    try:
        found = parse_datetime(value.replace(" ", "+"))  # an unescaped "+" arrives as a space
        if found is None or found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid(
            f"/{name}",
            "invalid_datetime",
            f"“{value[:80]}” is not a time with offset like 2026-03-02T10:00:00+00:00.",
        ) from None


def number(query: QueryDict, name: str, low: float | None = None, high: float | None = None) -> float | None:
    value = query.get(name)
    if not value:
        return None
    try:
        found = float(value)
    except ValueError:
        found = float("nan")
    if not (found == found and abs(found) < 1e15):
        raise invalid(f"/{name}", "invalid", f"“{value[:80]}” is not a number.")
    if (low is not None and found < low) or (high is not None and found > high):
        raise invalid(f"/{name}", "out_of_range", f"{name} must lie between {low} and {high}.")
    return found


def period(query: QueryDict, default: Period | None = None) -> Period | None:
    """`from` and `to`, inclusive local dates; both or neither of them, in order."""
    first, last = day(query, "from"), day(query, "to")
    if first is None and last is None:
        return default
    if first is None or last is None:
        missing = "from" if first is None else "to"
        raise invalid(f"/{missing}", "required", f"Give “{missing}” as well: a period has two ends.")
    if first > last:
        raise invalid("/to", "reversed_period", "The period ends before it begins.")
    return Period(first, last)


def limit(query: QueryDict) -> int:
    value = query.get("limit")
    if not value:
        return DEFAULT_LIMIT
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= MAX_LIMIT:
        raise invalid("/limit", "out_of_range", f"limit must be a whole number from 1 to {MAX_LIMIT}.")
    return int(value)


def whole(value: str, name: str) -> int:
    """A row id from the query."""
    if not value.isascii() or not value.isdigit() or len(value) > 19 or int(value) > BIGGEST_ID:
        raise invalid(f"/{name}", "not_found", f"There is no {name} “{value[:80]}”.")
    return int(value)
