"""The expressions of a CSV mapping: each makes one value out of a row's cells. Described in csv_mapping.py.

An expression is compiled once, to a function from the cells to a JSON value or None for "nothing there".
A cell that cannot be read raises `Wrong` with a pointer to its column.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from conversations.fields import NOON, Wrong, printable, step_to, wrong

Cells = Mapping[str, str]  # by column, without blanks around them; "" is an empty cell
Make = Callable[[Cells], Any]

_PLACE = re.compile(r"\{([^{}]+)\}")
_PROBE = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)  # tries what a format can hold


@dataclass(slots=True)
class Source:
    """What expressions need to know of the file; gathers the columns they use."""

    zone: tzinfo
    times: list[str]
    decimal: str
    columns: set[str] = field(default_factory=set)


def is_expression(node: Any) -> bool:
    """Whether a mapping's node is an expression rather than a constant or an object."""
    return isinstance(node, dict) and not VERBS.keys().isdisjoint(node)


def compiled(node: dict[str, Any], source: Source) -> Make:
    """The function of an expression; raises Wrong when it is not one that can be understood."""
    verb = next(verb for verb in VERBS if verb in node)
    options, make = VERBS[verb]
    unknown = node.keys() - {verb, *options}
    if unknown:
        name = sorted(unknown)[0]
        raise Wrong(wrong("unknown_field", f"“{verb}” knows no such option.").under(step_to(name)))
    return make(node, source)


def columns_of(value: Any, source: Source, count: int = 1) -> list[str]:
    """The column names an expression gives (one, or a list of `count`), noted as used."""
    names = value if isinstance(value, list) else [value]
    if len(names) != count or not all(isinstance(n, str) and n.strip() for n in names):
        raise wrong("invalid_type", "Must be the name of a column." if count == 1 else "Must be two columns.")
    names = [n.strip() for n in names]
    source.columns.update(names)
    return names


def _column(node: dict[str, Any], source: Source) -> Make:
    [column] = columns_of(node["column"], source)
    if "map" not in node:
        if "otherwise" in node:
            raise wrong("invalid_type", "“otherwise” belongs to a “map”.")
        return lambda cells: cells[column] or None
    known = node["map"]
    if not isinstance(known, dict) or any(isinstance(v, dict | list) for v in known.values()):
        raise wrong("invalid_type", "“map” must be an object of plain values.")

    def make(cells: Cells) -> Any:
        cell = cells[column]
        if not cell:
            return None
        if cell not in known and "otherwise" not in node:
            raise _bad_cell(column, "unknown_value", f"“{printable(cell)}” is not in the mapping's map.")
        return known.get(cell, node.get("otherwise"))

    return make


def _number(node: dict[str, Any], source: Source) -> Make:
    [column] = columns_of(node["number"], source)
    decimal = source.decimal
    digits = re.compile(rf"[+-]?[0-9]{{1,15}}(?:{re.escape(decimal)}[0-9]{{1,15}})?")

    def make(cells: Cells) -> float | int | None:
        cell = cells[column]
        if not cell:
            return None
        if not digits.fullmatch(cell):
            raise _bad_cell(column, "invalid_number", f"“{printable(cell)}” is not a number.")
        return float(cell.replace(decimal, ".")) if decimal in cell else int(cell)

    return make


def _time(node: dict[str, Any], source: Source) -> Make:
    [column] = columns_of(node["time"], source)
    read = _moments(node, source)

    def make(cells: Cells) -> str | None:
        found = read(column, cells)
        return found.isoformat() if found else None

    return make


def _seconds_between(node: dict[str, Any], source: Source) -> Make:
    first, last = columns_of(node["seconds_between"], source, count=2)
    read = _moments(node, source)

    def make(cells: Cells) -> float | None:
        start, end = read(first, cells), read(last, cells)
        return (end - start).total_seconds() if start and end else None

    return make


def _moments(node: dict[str, Any], source: Source) -> Callable[[str, Cells], datetime | None]:
    """Reads a column's time by the formats that hold here, as UTC."""
    formats = node.get("formats", source.times)
    if not isinstance(formats, list) or not formats or not all(isinstance(f, str) for f in formats):
        raise wrong("required", "Needs a list of time formats, here or as “times” of the mapping.")
    readers = [time_reader(f) for f in formats]
    zone = source.zone

    def read(column: str, cells: Cells) -> datetime | None:
        cell = cells[column]
        if not cell:
            return None
        for parse in readers:
            try:
                found = parse(cell)
                return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        shown = " or ".join(formats)
        raise _bad_cell(column, "invalid_datetime", f"“{printable(cell)}” is not a time as {shown}.")

    return read


def time_reader(form: str) -> Callable[[str], datetime]:
    """A reader of times in a strptime format or "iso"; raises Wrong when the format holds no whole date."""
    if form == "iso":
        return _iso_time
    try:
        probe = datetime.strptime(_PROBE.strftime(form), form)  # noqa: DTZ007  (the mapping's zone is added)
    except ValueError:
        raise wrong("invalid_format", f"“{printable(form)}” is no strptime format.") from None
    if probe.date() != _PROBE.date():
        raise wrong("invalid_format", f"“{printable(form)}” does not hold day, month and year.")
    if probe.hour:
        return lambda cell: datetime.strptime(cell, form)  # noqa: DTZ007
    return lambda cell: datetime.combine(datetime.strptime(cell, form), NOON)  # noqa: DTZ007


def _iso_time(cell: str) -> datetime:
    found = datetime.fromisoformat(cell)
    return datetime.combine(found, NOON) if len(cell) == 10 else found


def _split(node: dict[str, Any], source: Source) -> Make:
    [column] = columns_of(node["split"], source)
    mark = node.get("on", ",")
    if not isinstance(mark, str) or not mark:
        raise wrong("invalid_type", "“on” must be the text between the parts.")

    def make(cells: Cells) -> list[str] | None:
        parts = [part.strip() for part in cells[column].split(mark)]
        return [part for part in parts if part] or None

    return make


def _template(node: dict[str, Any], source: Source) -> Make:
    return _filled(node["template"], source)


def _slug(node: dict[str, Any], source: Source) -> Make:
    return _after(_filled(node["slug"], source), slug)


def _hash(node: dict[str, Any], source: Source) -> Make:
    return _after(_filled(node["hash"], source), hashed)


def _after(fill: Callable[[Cells], str | None], change: Callable[[str], str]) -> Make:
    def make(cells: Cells) -> str | None:
        found = fill(cells)
        return change(found) if found else None

    return make


def _filled(template: Any, source: Source) -> Callable[[Cells], str | None]:
    if not isinstance(template, str) or re.search(r"[{}]", _PLACE.sub("", template)):
        raise wrong("invalid_type", "Must be a text with columns in braces, such as “{Order}-{Line}”.")
    if not (columns := _PLACE.findall(template)):
        raise wrong("invalid_type", "Names no column in braces.")
    for column in columns:
        columns_of(column, source)

    def fill(cells: Cells) -> str | None:
        if not any(cells[column.strip()] for column in columns):
            return None
        return _PLACE.sub(lambda place: cells[place[1].strip()], template)

    return fill


def slug(text: str) -> str:
    """A name as an id that can be read: lower case, other than letters and digits become one dash."""
    return re.sub(r"[\W_]+", "-", _folded(text)).strip("-") or hashed(text)


def hashed(text: str) -> str:
    """A name as an id that cannot be read: 16 hex digits, the same whatever its blanks and case."""
    return hashlib.sha256(" ".join(_folded(text).split()).encode()).hexdigest()[:16]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bad_cell(column: str, code: str, detail: str) -> Wrong:
    return Wrong(wrong(code, f"Column “{printable(column)}”: {detail}").under(step_to(column)))


VERBS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any], Source], Make]]] = {
    "column": (("map", "otherwise"), _column),
    "number": ((), _number),
    "time": (("formats",), _time),
    "seconds_between": (("formats",), _seconds_between),
    "split": (("on",), _split),
    "template": ((), _template),
    "slug": ((), _slug),
    "hash": ((), _hash),
}
