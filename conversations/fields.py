"""Readers of JSON values, for the rows of an import.

A reader takes one decoded JSON value and the row's context, and gives the value as the rest of the code
wants it, or raises `Wrong` with every error it found, pointers relative to the value. Readers nest: an
object or list puts its own step in front of the pointers of what it holds. Plain functions and no
serializers, because an import reads hundreds of thousands of messages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from common.errors import FieldError

MAX_ERRORS = 50  # of one row; a row with thousands of bad messages must not fill the memory
NOON = time(12)
YEARS = range(1970, 2200)
ATTRIBUTES_LIMIT = 16 * 1024
SCALARS = (str, int, float, bool, type(None))

T = TypeVar("T")


class Context(NamedTuple):
    """What a row's fields fall back on: the zone of dates without a time, the row's own source."""

    zone: tzinfo
    source: str


Reader = Callable[[Any, Context], Any]
Rules = Callable[[dict[str, Any], dict[str, Any]], Iterable[FieldError]]


class Wrong(Exception):
    """A value that cannot be taken; `errors` point into it."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__()
        self.errors = errors

    def under(self, step: str) -> list[FieldError]:
        """The same errors, seen from the object or list that holds the value."""
        return [FieldError(step + e.pointer, e.code, e.detail) for e in self.errors]


def wrong(code: str, detail: str) -> Wrong:
    """`Wrong` with one error, about the value itself."""
    return Wrong([FieldError("", code, detail)])


def printable(text: str, limit: int = 80) -> str:
    """The start of a foreign text, fit to stand in a message: no control characters, nothing endless."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:limit])


def step_to(name: str) -> str:
    """The step of a JSON pointer to a named field."""
    return "/" + printable(name).replace("~", "~0").replace("/", "~1")


def checked_text(value: Any, limit: int) -> str:
    """A string that the database can hold, of up to `limit` characters."""
    if type(value) is not str:
        raise wrong("invalid_type", "Must be a string.")
    if len(value) > limit:
        raise wrong("too_long", f"Has {len(value):,} characters; the limit is {limit:,}.")
    if "\x00" in value:
        raise wrong("invalid_text", "Contains a NUL character.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise wrong("invalid_text", "Contains half of a surrogate pair, which is no character.") from None
    return value


def text(limit: int) -> Reader:
    """Text kept exactly as it came."""
    return lambda value, _: checked_text(value, limit)


def name(limit: int) -> Reader:
    """Text without the blanks around it; may be empty."""
    return lambda value, _: checked_text(value, limit).strip()


def key(limit: int) -> Reader:
    """Text without the blanks around it that must not be empty."""

    def read(value: Any, _: Context) -> str:
        found = checked_text(value, limit).strip()
        if not found:
            raise wrong("required", "Must not be empty.")
        return found

    return read


def url(value: Any, _: Context) -> str:
    """A web address, or nothing. Other schemes are refused, since pages show it as a link."""
    found = checked_text(value, 2000).strip()
    if found and not found.lower().startswith(("https://", "http://")):
        raise wrong("invalid_url", "Must start with https:// or http://.")
    return found


def choice(*allowed: str) -> Reader:
    """One of a few words."""

    def read(value: Any, _: Context) -> str:
        if type(value) is not str or value not in allowed:
            raise wrong("invalid_choice", f"Must be one of: {', '.join(allowed)}.")
        return value

    return read


def number(low: float, high: float) -> Reader:
    """A JSON number as a float, so that 4 and 4.0 are the same answer. Never a boolean, text or NaN."""

    def read(value: Any, _: Context) -> float:
        if type(value) not in (int, float) or value != value:
            raise wrong("invalid_number", "Must be a number.")
        if not low <= value <= high:
            raise wrong("out_of_range", f"Must be a number from {low:,.0f} to {high:,.0f}.")
        return float(value)

    return read


def score(value: Any, context: Context) -> Decimal:
    """A score or an end of its scale, to four decimals (half up)."""
    return Decimal(repr(_score(value, context))).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def whole(low: int, high: int) -> Reader:
    """A JSON integer."""

    def read(value: Any, _: Context) -> int:
        if type(value) is not int:
            raise wrong("invalid_number", "Must be a whole number.")
        if not low <= value <= high:
            raise wrong("out_of_range", f"Must be a whole number from {low:,} to {high:,}.")
        return value

    return read


def moment(value: Any, context: Context) -> datetime:
    """ISO 8601 with an offset, as UTC. A date alone means 12:00 in the workspace's zone."""
    if type(value) is not str:
        raise wrong("invalid_type", "Must be a string.")
    try:
        if len(value) == 10:
            found = datetime.combine(date.fromisoformat(value), NOON, context.zone)
        else:
            found = datetime.fromisoformat(value)
        utc = found if found.tzinfo is UTC else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong("invalid_datetime", "Must be a time such as 2026-03-02T08:00:00+01:00.") from None
    if found.tzinfo is None:
        raise wrong("invalid_datetime", "Needs its offset from UTC, such as 2026-03-02T08:00:00+01:00.")
    if utc.year not in YEARS:
        raise wrong("invalid_datetime", f"The year must be from {YEARS[0]} to {YEARS[-1]}.")
    return utc


def attributes(value: Any, _: Context) -> dict[str, Any]:
    """An object whose values are scalars or lists of scalars, up to 16 KB as JSON."""
    if type(value) is not dict:
        raise wrong("invalid_type", "Must be an object.")
    errors = []
    for field, item in value.items():
        try:
            checked_text(field, 100)
            for scalar in item if type(item) is list else (item,):
                _check_scalar(scalar)
        except Wrong as found:
            errors += found.under(step_to(field))
    if errors:
        raise Wrong(errors[:MAX_ERRORS])
    if len(json.dumps(value, ensure_ascii=False).encode()) > ATTRIBUTES_LIMIT:
        raise wrong("too_long", "Is larger than 16 KB.")
    return value


def _check_scalar(value: Any) -> None:
    if type(value) not in SCALARS:
        raise wrong("invalid_type", "Must be a text, number, true, false, null, or a list of these.")
    if type(value) is str:
        checked_text(value, ATTRIBUTES_LIMIT)
    elif type(value) in (int, float) and not abs(value) < 1e300:
        raise wrong("invalid_number", "Must be a finite number below 1e300.")


_score = number(-99_999, 99_999)


class ListOf:
    """Reads a list of up to `limit` items into a tuple; `distinct` drops what is empty or comes again."""

    def __init__(self, item: Reader, limit: int, *, distinct: bool = False) -> None:
        self.item, self.limit, self.distinct = item, limit, distinct

    def __call__(self, value: Any, context: Context) -> tuple[Any, ...]:
        if type(value) is not list:
            raise wrong("invalid_type", "Must be a list.")
        if len(value) > self.limit:
            raise wrong("too_long", f"Has {len(value):,} items; the limit is {self.limit:,}.")
        read, found, errors = self.item, [], []
        for index, item in enumerate(value):
            try:
                found.append(read(item, context))
            except Wrong as bad:
                errors += bad.under(f"/{index}")
                if len(errors) >= MAX_ERRORS:
                    break
        if errors:
            raise Wrong(errors[:MAX_ERRORS])
        return tuple(dict.fromkeys(filter(None, found)) if self.distinct else found)


class Shape(Generic[T]):
    """Reads a JSON object of known fields into `build(**fields)`.

    A field that is null counts as not given. `rules(fields, raw)` names what is wrong between fields; it
    sees the fields that could be read and the object as it came, and runs even when some are wrong, so
    that a row's errors are all told at once. `sourced`: the field `source` falls back on the row's own.
    """

    def __init__(
        self,
        build: Callable[..., T],
        fields: Mapping[str, Reader],
        *,
        required: tuple[str, ...] = (),
        rules: Rules | None = None,
        sourced: bool = False,
    ) -> None:
        self.build, self.fields, self.required = build, fields, required
        self.rules, self.sourced = rules, sourced

    def __call__(self, value: Any, context: Context) -> T:
        if type(value) is not dict:
            raise wrong("invalid_type", "Must be an object.")
        readers = self.fields
        found: dict[str, Any] = {"source": context.source} if self.sourced else {}
        errors: list[FieldError] = []
        for field, item in value.items():
            read = readers.get(field)
            if read is None:
                errors.append(FieldError(step_to(field), "unknown_field", "There is no such field."))
            elif item is not None:
                try:
                    found[field] = read(item, context)
                except Wrong as bad:
                    errors += bad.under(step_to(field))
        errors += [required(f"/{field}") for field in self.required if value.get(field) is None]
        if self.rules:
            errors += self.rules(found, value)
        if errors:
            raise Wrong(errors[:MAX_ERRORS])
        return self.build(**found)


def required(pointer: str, detail: str = "This field is required.") -> FieldError:
    """The error of a field that must be given."""
    return FieldError(pointer, "required", detail)
