"""Rows out of JSON arrays and NDJSON streams."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed, TooLarge
from conversations.streams import (
    ARRAY_LIMIT,
    EXCERPT,
    LINE_LIMIT,
    Row,
    TooManyRows,
    chunks_of,
    read_array,
    read_ndjson,
)

DEEP = b"[" * 100_000 + b"]" * 100_000


def lines(body: bytes) -> list[Row]:
    return list(read_ndjson([body]))


def test_an_array_gives_its_items():
    body = ' [ {"a": "ü"} ,\n[1,2], null ] '.encode()
    assert [(r.number, r.raw, r.value, r.errors) for r in read_array(body)] == [
        (1, '{"a": "ü"}'.encode(), {"a": "ü"}, ()),
        (2, b"[1,2]", [1, 2], ()),
        (3, b"null", None, ()),
    ]


@pytest.mark.parametrize("body", [b"[]", b" [ ] ", b"\xef\xbb\xbf[]"])
def test_an_empty_array_has_no_rows(body):
    assert read_array(body) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{}", "invalid_json"),
        (b'"[]"', "invalid_json"),
        (b"[1", "invalid_json"),
        (b"[1,]", "invalid_json"),
        (b"[,1]", "invalid_json"),
        (b"[1 2]", "invalid_json"),
        (b"[1] 2", "invalid_json"),
        (b"[]]", "invalid_json"),
        (b"[NaN]", "invalid_json"),
        (b"[-Infinity]", "invalid_json"),
        (b"[1e999]", "invalid_json"),
        (b"[" + b"9" * 5000 + b"]", "invalid_json"),
        (b"[1\x00]", "invalid_json"),
        (b'["\xff"]', "invalid_utf8"),
        (b"\xff\xfe[\x00]\x00", "invalid_utf8"),
        (b"[" + DEEP + b"]", "invalid_json"),
    ],
)
def test_what_is_no_json_array_is_refused_as_a_whole(body, code):
    with pytest.raises(Malformed) as refused:
        read_array(body)
    assert refused.value.code == code


def test_an_array_of_too_many_rows():
    assert len(read_array(json.dumps([1] * ARRAY_LIMIT).encode())) == ARRAY_LIMIT
    with pytest.raises(TooManyRows) as refused:
        read_array(json.dumps([1] * (ARRAY_LIMIT + 1)).encode())
    assert isinstance(refused.value, TooLarge)
    assert refused.value.status == 413


def test_lines_are_rows_and_blank_lines_count():
    assert [(r.number, r.value) for r in lines(b'{"a": 1}\n\n  \r\n2\r\n"x"')] == [
        (1, {"a": 1}),
        (4, 2),
        (5, "x"),
    ]


def test_a_byte_order_mark_is_no_content():
    assert [r.value for r in lines(b"\xef\xbb\xbf1\n2")] == [1, 2]
    assert [r.errors[0].code for r in lines(b"1\n\xef\xbb\xbf2") if r.errors] == ["invalid_json"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"a": 1', "invalid_json"),
        (b"{'a': 1}", "invalid_json"),
        (b'{"a": 1} {"b": 2}', "invalid_json"),
        (b'{"a": NaN}', "invalid_json"),
        (b'{"a": Infinity}', "invalid_json"),
        (b'{"a": -1e999}', "invalid_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "invalid_json"),
        (b'{"a": "\xff"}', "invalid_utf8"),
        ('{"a": "ü"}'.encode("latin-1"), "invalid_utf8"),
        (b'{"a": "\x00"}', "invalid_text"),
        (DEEP, "invalid_json"),
        (b'"' + b"x" * LINE_LIMIT + b'"', "line_too_long"),
    ],
)
def test_a_bad_line_is_a_row_with_its_reason_and_stops_nobody(line, code):
    before, bad, after = lines(b"1\n" + line + b"\n3")
    assert (before.value, after.value, after.number) == (1, 3, 3)
    assert (bad.number, bad.value, [e.code for e in bad.errors]) == (2, None, [code])
    assert bad.raw == (line if len(line) <= LINE_LIMIT else line[:EXCERPT])


def test_a_line_of_exactly_the_limit_is_read():
    line = b'"' + b"x" * (LINE_LIMIT - 2) + b'"'
    assert [len(r.value) for r in lines(line + b"\n" + line)] == [LINE_LIMIT - 2] * 2


def test_a_refused_row_can_be_stored_as_text():
    [row] = lines(b'{"a": "\xff\x00"}')
    assert row.shown == '{"a": "\ufffd\ufffd"}'


def test_a_line_of_50_mb_is_never_held():
    def stream() -> Iterator[bytes]:
        yield b"1\n"
        for _ in range(50 * 16):
            yield b"x" * 65536
        yield b"\n3\n"

    tracemalloc.start()
    rows = list(read_ndjson(stream()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [r.number for r in rows] == [1, 2, 3]
    assert rows[1].errors[0].code == "line_too_long"
    assert peak < 4 * LINE_LIMIT


def test_a_cut_connection_makes_no_row_of_the_rest():
    def stream() -> Iterator[bytes]:
        yield b'1\n{"a": 1}'
        raise ConnectionError

    rows = read_ndjson(stream())
    assert next(rows).value == 1
    with pytest.raises(ConnectionError):
        next(rows)


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@given(st.lists(json_values, max_size=6), st.integers(1, 12), st.sampled_from(["\n", "\r\n"]))
def test_the_size_of_chunks_makes_no_difference(values: list[Any], size: int, end: str):
    body = "".join(json.dumps(v, ensure_ascii=False) + end for v in values).encode("utf-8", "replace")
    chunks = [body[i : i + size] for i in range(0, len(body), size)]
    assert list(read_ndjson(chunks)) == lines(body)
    assert [r.value for r in lines(body)] == values


@given(st.binary(max_size=60))
def test_any_bytes_give_rows_or_reasons(body):
    assert all((r.value is None) or not r.errors for r in lines(body))
    with suppress(Malformed):
        assert all(not r.errors for r in read_array(body))


def test_a_file_in_chunks():
    body = b"x" * 200_000
    assert b"".join(chunks_of(io.BytesIO(body))) == body
