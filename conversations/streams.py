"""The rows of an import: a JSON array, or NDJSON as it streams in. Pure: bytes in, rows out.

A row that cannot be read is a row with an error, so that it stops nobody; an array that cannot be read is
refused as a whole, since nothing in it can be told apart. Memory holds one line, never the stream.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from common.errors import FieldError, Malformed, TooLarge

ARRAY_LIMIT = 1000
LINE_LIMIT = 5 * 1024 * 1024
EXCERPT = 1000
CHUNK = 64 * 1024
BOM = b"\xef\xbb\xbf"
BLANKS = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of input.

    `number` counts from 1: the line of an NDJSON file, the place in an array, the row as a spreadsheet
    shows it. `raw` is the row as it came (of a line over the limit only the start). `value` is the decoded
    JSON value, to be validated by the caller, unless there are `errors`.
    """

    number: int
    raw: bytes
    value: Any = None
    errors: tuple[FieldError, ...] = ()

    @property
    def shown(self) -> str:
        """`raw` as text that a database can hold: what is not UTF-8, and NUL, become U+FFFD."""
        return self.raw.decode(errors="replace").replace("\x00", "\ufffd")


class TooManyRows(TooLarge):
    """An array of more rows than one request may carry (413)."""

    code = "too_many_rows"

    def __init__(self) -> None:
        super().__init__(f"An array may hold up to {ARRAY_LIMIT:,} rows; send more as application/x-ndjson.")


def read_array(body: bytes) -> list[Row]:
    """The items of a JSON array.

    Raises TooManyRows over 1,000 items, Malformed when the body is not a JSON array in UTF-8. A NUL escape
    or half a surrogate pair inside a string is left to the row's validation.
    """
    try:
        text = body.removeprefix(BOM).decode()
        return list(_items(text))
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8 (byte {error.start}).", code="invalid_utf8") from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.", code="invalid_json") from None
    except ValueError as error:
        raise Malformed(f"The body is not a JSON array: {error}.", code="invalid_json") from None


def read_ndjson(chunks: Iterable[bytes]) -> Iterator[Row]:
    """The lines of an NDJSON stream that arrives in chunks of any size. Blank lines are skipped.

    A line over 5 MB is an error and is never held. What `chunks` raises (a cut connection) passes through,
    without a row made of the part that had arrived.
    """
    for number, (line, too_long) in enumerate(_lines(chunks), start=1):
        line = line.removeprefix(BOM) if number == 1 else line
        if too_long:
            yield _refused(number, line, "line_too_long", f"Longer than {LINE_LIMIT // 1024**2} MB.")
        elif line.strip():
            yield _row(number, line)


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """A binary file in chunks."""
    return iter(lambda: file.read(CHUNK), b"")


def _items(text: str) -> Iterator[Row]:
    position = _skip_blanks(text, 0)
    if text[position : position + 1] != "[":
        raise ValueError("it must start with [")
    position = _skip_blanks(text, position + 1)
    number, more = 0, text[position : position + 1] != "]"
    while more:
        number += 1
        if number > ARRAY_LIMIT:
            raise TooManyRows
        value, end = _DECODER.raw_decode(text, position)
        yield Row(number, text[position:end].encode(), value)
        position = _skip_blanks(text, end)
        more = text[position : position + 1] == ","
        if more:
            position = _skip_blanks(text, position + 1)
    if text[position : position + 1] != "]" or _skip_blanks(text, position + 1) != len(text):
        raise ValueError(f"a comma or the closing ] is missing, or something follows it: char {position}")


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in BLANKS:
        position += 1
    return position


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each line without its end, and whether it was too long (then only its start)."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            yield _joined(held, part, size)
            held, size = [], 0
        size += len(rest)
        if size <= LINE_LIMIT:
            held.append(rest)
        else:
            held = [b"".join([*held, rest])[:EXCERPT]]
    if size:
        yield _joined(held, b"", size)


def _joined(held: list[bytes], last: bytes, size: int) -> tuple[bytes, bool]:
    line = b"".join([*held, last])
    too_long = size + len(last) > LINE_LIMIT
    return (line[:EXCERPT] if too_long else line.removesuffix(b"\r")), too_long


def _row(number: int, line: bytes) -> Row:
    if b"\x00" in line:
        return _refused(number, line, "invalid_text", "Contains a NUL byte.")
    try:
        return Row(number, line, _DECODER.decode(line.decode()))
    except UnicodeDecodeError as error:
        return _refused(number, line, "invalid_utf8", f"Not UTF-8 (byte {error.start}).")
    except RecursionError:
        return _refused(number, line, "invalid_json", "Nested too deeply.")
    except ValueError as error:
        return _refused(number, line, "invalid_json", f"Not JSON: {error}.")


def _refused(number: int, raw: bytes, code: str, detail: str) -> Row:
    return Row(number, raw, errors=(FieldError("", code, detail),))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    found = float(digits)
    if math.isinf(found):
        raise ValueError("a number is too large")
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
