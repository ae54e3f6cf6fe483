"""Any helpdesk's CSV as conversations, by a mapping file. Pure: text in, rows out.

One row is one conversation. A mapping is a JSON object. Its `conversation` is written as one would send a
conversation to the API (payload.py), with an expression wherever a value comes from the file:

    {"zone": "Europe/Vienna", "times": ["%d.%m.%Y %H:%M"], "delimiter": ";", "encoding": "cp1252",
     "decimal": ",", "empty": ["NA"],
     "conversation": {
       "source": "oldesk", "status": "closed", "external_id": {"column": "Ticket"},
       "channel": {"column": "Via", "map": {"Tel": "phone"}, "otherwise": "other"},
       "opened_at": {"time": "Created"}, "closed_at": {"time": "Solved"},
       "agent": {"external_id": {"slug": "{Agent}"}, "name": {"column": "Agent"},
                 "team": {"column": "Group"}},
       "surveys": [{"when": "Stars", "kind": "csat", "score": {"number": "Stars"}, "scale_min": 1,
                    "scale_max": 5, "responded_at": {"time": "Rated on", "formats": ["%d.%m.%Y"]}}],
       "reported": {"first_response_seconds": {"seconds_between": ["Created", "Answered"]}},
       "tags": {"split": "Labels", "on": ","}}}

`zone` (of the file's times) and `conversation` are required; `times` are strptime formats or "iso", tried
in order; `delimiter` "," `encoding` "utf-8" `decimal` "." `empty` [] are the defaults. Expressions:

    {"column": C}                the cell without blanks around it; with "map" the value it stands for (a cell
                                 that is not in the map is an error, unless "otherwise" says what it is)
    {"number": C}                the cell as a number
    {"time": C}                  the cell as a time in `zone` ("formats" instead of the mapping's `times`);
                                 without hours it is 12:00; a format with %z brings its own offset
    {"seconds_between": [A, B]}  the time of B minus the time of A, in seconds; may be negative
    {"template": "{A}-{B}"}      columns put into a text; nothing when all of them are empty
    {"slug": "{A}"}              such a text as an id that can be read: "Ana  Núñez" is "ana-núñez"
    {"hash": "{A}"}              such a text, blanks and case ignored, as an id of 16 hex digits
    {"split": C, "on": ","}      the parts of the cell, as a list

An empty cell, or one listed in `empty`, gives no value: the field is left out. An object with "when": C is
left out in rows where C is empty. A cell that cannot be read makes its row an error that names the column.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from common.errors import FieldError, Invalid
from conversations.csv_cells import Cells, Make, Source, columns_of, compiled, is_expression, time_reader
from conversations.csv_records import read_records
from conversations.fields import (
    Context,
    ListOf,
    Reader,
    Shape,
    Wrong,
    attributes,
    checked_text,
    printable,
    required,
    step_to,
    wrong,
)
from conversations.payload import CONVERSATION
from conversations.streams import LINE_LIMIT, Row

KEYS = frozenset({"about", "zone", "times", "delimiter", "encoding", "decimal", "empty", "conversation"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that was understood: `make` gives the payload of a row's cells."""

    delimiter: str
    encoding: str
    empty: frozenset[str]
    columns: frozenset[str]
    make: Make


def check_mapping(raw: Any) -> list[FieldError]:
    """What is wrong with a mapping file's JSON, pointers into it; empty when it can be used."""
    try:
        read_mapping(raw)
    except Invalid as problem:
        return list(problem.errors)
    return []


def read_mapping(raw: Any) -> Mapping:
    """A mapping file's JSON, understood; raises Invalid naming everything that is wrong with it."""
    if not isinstance(raw, dict):
        raise Invalid([FieldError("", "invalid_type", "A mapping is a JSON object.")])
    errors = [FieldError(step_to(k), "unknown_field", "There is no such field.") for k in raw.keys() - KEYS]
    options = {}
    for key, (default, read) in _OPTIONS.items():
        try:
            options[key] = read(raw.get(key, default))
        except Wrong as bad:
            errors += bad.under(f"/{key}")
    if errors:
        raise Invalid(errors)
    source = Source(options["zone"], options["times"], options["decimal"])
    try:
        make = _compiled(raw.get("conversation"), CONVERSATION, source)
    except Wrong as bad:
        raise Invalid(bad.under("/conversation")) from None
    empty, columns = frozenset(options["empty"]), frozenset(source.columns)
    return Mapping(options["delimiter"], options["encoding"], empty, columns, make)


def read_rows(raw_mapping: Any, file: BinaryIO) -> Iterator[Row]:
    """The rows of a CSV file as payloads of `parse_conversation`, or with errors that name the column.

    Rows are numbered as a spreadsheet shows them: the header is row 1, blank rows count and are skipped, a
    cell of several lines is in one row. Raises Invalid at once when the mapping is wrong or the file lacks
    a column that it uses, or has it twice.
    """
    mapping = read_mapping(raw_mapping)
    records = read_records(file, mapping.encoding, mapping.delimiter)
    header = next(records, None)
    if header is None or header.errors:
        errors = header.errors if header else [FieldError("", "empty_file", "The file has no header.")]
        raise Invalid(errors)
    names = [name.strip() for name in header.value]
    errors = [
        FieldError("", "missing_column", f"The file has {how} column “{printable(column)}”.")
        for column in sorted(mapping.columns)
        if (how := {0: "no", 1: ""}.get(names.count(column), "more than one"))
    ]
    if errors:
        raise Invalid(errors)
    return (_payload(record, names, mapping) for record in records)


def _payload(record: Row, names: list[str], mapping: Mapping) -> Row:
    if record.errors:
        return record
    cells = record.value
    if len(cells) != len(names):
        detail = f"The row has {len(cells)} cells, the header {len(names)}."
        return Row(record.number, record.raw, errors=(FieldError("", "cell_count", detail),))
    try:
        used = _used_cells(zip(names, cells, strict=True), mapping)
        return Row(record.number, record.raw, mapping.make(used))
    except Wrong as bad:
        return Row(record.number, record.raw, errors=tuple(bad.errors))


def _used_cells(pairs: Iterable[tuple[str, str]], mapping: Mapping) -> Cells:
    used = {}
    for name, cell in pairs:
        if name in mapping.columns:
            try:
                found = checked_text(cell, LINE_LIMIT).strip()
            except Wrong as bad:
                raise Wrong(bad.under(step_to(name))) from None
            used[name] = "" if found in mapping.empty else found
    return used


class _Constant:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, _: Cells) -> Any:
        return self.value


def _compiled(node: Any, reader: Reader, source: Source) -> Make:
    """The function that makes a field's value; raises Wrong with all that is wrong below the node."""
    if isinstance(reader, Shape):
        return _object(node, reader, source)
    if reader is attributes:
        return _parts_of(node, dict.fromkeys(node, _anything) if isinstance(node, dict) else {}, source)
    if is_expression(node):
        return compiled(node, source)
    if isinstance(reader, ListOf) and isinstance(node, list):
        return _list(node, reader.item, source)
    if isinstance(node, dict | list) or node is None:
        raise wrong("invalid_type", "Must be a value or an expression.")
    reader(node, Context(source.zone, "source"))
    return _Constant(node)


def _object(node: Any, shape: Shape[Any], source: Source) -> Make:
    if not isinstance(node, dict):
        raise wrong("invalid_type", "Must be an object.")
    fields = {name: value for name, value in node.items() if name != "when"}
    errors = [required(f"/{name}") for name in shape.required if name not in fields]
    if shape.rules and not errors:
        errors += shape.rules(_constants(fields, shape, source), fields)
    make: Make = _Constant(None)
    try:
        make = _parts_of(fields, shape.fields, source)
    except Wrong as bad:
        errors += bad.errors
    if errors:
        raise Wrong(errors)
    if "when" not in node:
        return make
    [when] = columns_of(node["when"], source)
    return lambda cells: make(cells) if cells[when] else None


def _constants(fields: dict[str, Any], shape: Shape[Any], source: Source) -> dict[str, Any]:
    """The fields that every row has alike, read, to check the rules between them."""
    found = {}
    for name, value in fields.items():
        if name in shape.fields and isinstance(value, str | int | float):
            try:
                found[name] = shape.fields[name](value, Context(source.zone, "source"))
            except Wrong:
                continue  # told where the field is compiled
    return found


def _parts_of(node: Any, readers: dict[str, Reader] | Any, source: Source) -> Make:
    """An object's fields; those without a value are left out, and so is it when no cell gave one."""
    if not isinstance(node, dict):
        raise wrong("invalid_type", "Must be an object.")
    parts: dict[str, Make] = {}
    errors: list[FieldError] = []
    for name, value in node.items():
        if name not in readers:
            errors.append(FieldError(step_to(name), "unknown_field", "There is no such field."))
            continue
        try:
            parts[name] = _compiled(value, readers[name], source)
        except Wrong as bad:
            errors += bad.under(step_to(name))
    if errors:
        raise Wrong(errors)
    return _made(parts)


def _made(parts: dict[str, Make]) -> Make:
    constant = all(isinstance(part, _Constant) for part in parts.values())

    def make(cells: Cells) -> dict[str, Any] | None:
        found, errors, given = {}, [], constant
        for name, part in parts.items():
            try:
                value = part(cells)
            except Wrong as bad:
                errors += bad.errors
                continue
            if value is not None:
                found[name] = value
                given = given or not isinstance(part, _Constant)
        if errors:
            raise Wrong(errors)
        return found if given else None

    return make


def _list(node: list[Any], item: Reader, source: Source) -> Make:
    makers: list[Make] = []
    errors: list[FieldError] = []
    for index, part in enumerate(node):
        try:
            makers.append(_compiled(part, item, source))
        except Wrong as bad:
            errors += bad.under(f"/{index}")
    if errors:
        raise Wrong(errors)

    def make(cells: Cells) -> list[Any] | None:
        return [value for make in makers if (value := make(cells)) is not None] or None

    return make


def _anything(value: Any, context: Context) -> Any:
    return attributes({"value": value}, context)


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        raise wrong("unknown_time_zone", "Must be a time zone such as Europe/Vienna.") from None


def _times(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(form, str) for form in value):
        raise wrong("invalid_type", "Must be a list of time formats.")
    for form in value:
        time_reader(form)
    return value


def _delimiter(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n ':
        raise wrong("invalid_choice", "Must be one character, such as a comma.")
    return value


def _encoding(value: Any) -> str:
    try:
        "a".encode(value)
        return "utf-8-sig" if codecs.lookup(value).name == "utf-8" else value
    except (LookupError, TypeError, ValueError):
        raise wrong("unknown_encoding", "Must be a text encoding such as utf-8 or cp1252.") from None


def _decimal(value: Any) -> str:
    if value not in (".", ","):
        raise wrong("invalid_choice", "Must be . or , (a point or a comma).")
    return str(value)


def _empty(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(cell, str) for cell in value):
        raise wrong("invalid_type", "Must be a list of cells that mean nothing, such as NA.")
    return value


_OPTIONS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "zone": (None, _zone),
    "times": ([], _times),
    "delimiter": (",", _delimiter),
    "encoding": ("utf-8", _encoding),
    "decimal": (".", _decimal),
    "empty": ([], _empty),
}
