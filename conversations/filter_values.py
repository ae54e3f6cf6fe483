"""The values that a filter's names take: each reader gives the value as it is compared, or raises Wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_date

from common.params import BIGGEST_ID
from common.refs import EXTERNAL, Ref

LONGEST_TEXT = 1000
BIGGEST_COUNT = 2**31 - 1
BIGGEST_DAYS = 36_525  # a hundred years: a date plus that many days is still a date


class Wrong(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def storable(raw: str) -> bool:
    """Whether a database takes the text: no NUL, no half of a surrogate pair."""
    return "\0" not in raw and not any("\ud800" <= c <= "\udfff" for c in raw)


def text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise Wrong("invalid", "Must be a text.")
    if len(raw) > LONGEST_TEXT or not storable(raw):
        raise Wrong("invalid_text", "This text is too long or has characters that cannot be stored.")
    return raw


def attribute(raw: Any) -> str:
    """Attributes are compared as text; numbers and truth values as JSON writes them."""
    return json.dumps(raw) if isinstance(raw, bool | int | float) else text(raw)


def one_of(choices: Sequence[str]) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        if raw not in choices:
            raise Wrong("invalid", f"Must be one of {', '.join(choices)}.")
        return str(raw)

    return read


def decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Wrong("invalid", "Must be a number.")
    try:
        found = Decimal(str(raw))
    except InvalidOperation:
        raise Wrong("invalid", "Must be a number.") from None
    if not found.is_finite():
        raise Wrong("invalid", "Must be a number.")
    return found


def csat(raw: Any) -> Decimal:
    found = decimal(raw)
    if not 1 <= found <= 5:
        raise Wrong("out_of_range", "Must lie between 1 and 5.")
    return found.quantize(Decimal("0.0001")).normalize()


def count(raw: Any) -> int:
    return _whole(raw, BIGGEST_COUNT)


def days(raw: Any) -> int:
    return _whole(raw, BIGGEST_DAYS)


def _whole(raw: Any, biggest: int) -> int:
    found = decimal(raw)
    if not 0 <= found <= biggest or found != found.to_integral_value():
        raise Wrong("out_of_range", f"Must be a whole number from 0 to {biggest:,}.")
    return int(found)


def day(raw: Any) -> date:
    try:
        found = parse_date(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None:
        raise Wrong("invalid_date", "Must be a date like 2026-03-02.")
    return found


def truth(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw not in ("true", "false"):
        raise Wrong("invalid", "Must be true or false.")
    return bool(raw == "true")


def ref(raw: Any) -> Ref:
    if isinstance(raw, Mapping) and set(raw) <= {"id", "external_id", "source", "name"}:
        if "id" in raw:
            return ref(raw["id"])
        source = raw.get("source")
        return Ref(external_id=text(raw.get("external_id")), source=None if source is None else text(source))
    if isinstance(raw, str) and raw.startswith(EXTERNAL):
        return Ref(external_id=text(raw.removeprefix(EXTERNAL)))
    return Ref(id=row_id(raw))


def row_id(raw: Any) -> int:
    digits = str(raw) if isinstance(raw, int | str) and not isinstance(raw, bool) else ""
    if not digits.isascii() or not digits.isdigit():
        raise Wrong("invalid", "Give an id, or an external id.")
    if len(digits) > len(str(BIGGEST_ID)) or int(digits) > BIGGEST_ID:
        raise Wrong("not_found", f"There is nothing with the id “{digits[:30]}” here.")
    return int(digits)
