"""Any CSV as conversations, by a mapping."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from conversations.csv_cells import hashed, slug
from conversations.csv_mapping import check_mapping, read_rows
from conversations.payload import ConversationIn, parse_conversation
from conversations.streams import LINE_LIMIT, Row
from tests import data_readers

LEAST = {"source": "desk", "external_id": {"column": "id"}, "status": "open"}


def mapping(options: dict[str, Any] | None = None, **conversation: Any) -> dict[str, Any]:
    return {"zone": "Europe/Vienna", **(options or {}), "conversation": LEAST | conversation}


def rows(raw: dict[str, Any], text: str | bytes) -> list[Row]:
    return list(read_rows(raw, io.BytesIO(text.encode() if isinstance(text, str) else text)))


def value_of(expression: Any, cell: str, options: dict[str, Any] | None = None) -> Any:
    """What an expression over column "x" makes of a cell, as the payload's topic; or the error's code."""
    quoted = '"' + cell.replace('"', '""') + '"'
    [row] = rows(mapping(options, topic=expression), f"id,x,y\n1,{quoted},why\n")
    if row.errors:
        assert row.value is None
        assert all(e.pointer == "/x" and "“x”" in e.detail for e in row.errors)
        return row.errors[0].code
    return row.value.get("topic")


def refused(raw: Any) -> list[tuple[str, str]]:
    return [(e.pointer, e.code) for e in check_mapping(raw)]


def test_the_documented_example():
    raw = {
        "zone": "Europe/Vienna",
        "times": ["%d.%m.%Y %H:%M"],
        "delimiter": ";",
        "encoding": "cp1252",
        "decimal": ",",
        "empty": ["NA"],
        "conversation": {
            "source": "oldesk",
            "status": "closed",
            "external_id": {"column": "Ticket"},
            "channel": {"column": "Via", "map": {"Tel": "phone"}, "otherwise": "other"},
            "opened_at": {"time": "Created"},
            "closed_at": {"time": "Solved"},
            "agent": {
                "external_id": {"slug": "{Agent}"},
                "name": {"column": "Agent"},
                "team": {"column": "Group"},
            },
            "surveys": [
                {
                    "when": "Stars",
                    "kind": "csat",
                    "score": {"number": "Stars"},
                    "scale_min": 1,
                    "scale_max": 5,
                    "responded_at": {"time": "Rated on", "formats": ["%d.%m.%Y"]},
                }
            ],
            "reported": {"first_response_seconds": {"seconds_between": ["Created", "Answered"]}},
            "tags": {"split": "Labels", "on": ","},
        },
    }
    text = (
        "Ticket;Via;Created;Answered;Solved;Agent;Group;Stars;Rated on;Labels;Unused\r\n"
        "7;Tel;02.03.2026 08:00;02.03.2026 08:02;02.03.2026 09:00; Ana  Núñez ;Früh;"
        "4,5;03.03.2026;a, b,;x\r\n"
        "8;Fax;02.03.2026 08:00;NA;02.03.2026 09:00;;;NA;;;x\r\n"
    )
    first, second = rows(raw, text.encode("cp1252"))
    assert (first.number, second.number) == (2, 3)
    assert first.value == {
        "source": "oldesk",
        "status": "closed",
        "external_id": "7",
        "channel": "phone",
        "opened_at": "2026-03-02T07:00:00+00:00",
        "closed_at": "2026-03-02T08:00:00+00:00",
        "agent": {"external_id": "ana-núñez", "name": "Ana  Núñez", "team": "Früh"},
        "surveys": [
            {
                "kind": "csat",
                "score": 4.5,
                "scale_min": 1,
                "scale_max": 5,
                "responded_at": "2026-03-03T11:00:00+00:00",
            }
        ],
        "reported": {"first_response_seconds": 120.0},
        "tags": ["a", "b"],
    }
    assert second.value["channel"] == "other"
    assert second.value.keys().isdisjoint({"agent", "surveys", "reported", "tags"})
    assert all(
        isinstance(parse_conversation(r.value, ZoneInfo("UTC")), ConversationIn) for r in (first, second)
    )


@pytest.mark.parametrize(
    ("expression", "cell", "made"),
    [
        ("constant", "a", "constant"),
        ({"column": "x"}, " a ", "a"),
        ({"column": "x"}, "  ", None),
        ({"column": "x"}, "two\nlines", "two\nlines"),
        ({"column": "x", "map": {"good": "5"}}, "good", "5"),
        ({"column": "x", "map": {"good": "5"}}, "", None),
        ({"column": "x", "map": {"good": "5"}}, "fine", "unknown_value"),
        ({"column": "x", "map": {"good": "5"}, "otherwise": "1"}, "fine", "1"),
        ({"column": "x", "map": {"good": "5"}, "otherwise": None}, "fine", None),
        ({"number": "x"}, "4", 4),
        ({"number": "x"}, "-4.50", -4.5),
        ({"number": "x"}, "", None),
        ({"number": "x"}, "NA", "invalid_number"),
        ({"number": "x"}, "nan", "invalid_number"),
        ({"number": "x"}, "1_000", "invalid_number"),
        ({"number": "x"}, "1,5", "invalid_number"),
        ({"number": "x"}, "1e3", "invalid_number"),
        ({"number": "x"}, "٤", "invalid_number"),
        ({"number": "x"}, "9" * 16, "invalid_number"),
        ({"template": "{x}-{y}"}, "a", "a-why"),
        ({"template": "{x}-{y}"}, "{y}", "{y}-why"),
        ({"template": "<{ x }>"}, "a", "<a>"),
        ({"template": "<{x}>"}, "", None),
        ({"slug": "{x}"}, "Mrs. Ana O'Neill", "mrs-ana-o-neill"),
        ({"slug": "{x} {y}"}, "A", "a-why"),
        ({"hash": "{x}"}, "", None),
        ({"time": "x"}, "02.03.2026 08:05", "2026-03-02T07:05:00+00:00"),
        ({"time": "x"}, "02.07.2026 08:05", "2026-07-02T06:05:00+00:00"),
        ({"time": "x"}, "02-Mar-26", "2026-03-02T11:00:00+00:00"),
        ({"time": "x"}, "2026-03-02 08:05:00+0500", "2026-03-02T03:05:00+00:00"),
        ({"time": "x"}, "30.02.2026 08:05", "invalid_datetime"),
        ({"time": "x"}, "03/02/2026 08:05", "invalid_datetime"),
        ({"time": "x"}, "0", "invalid_datetime"),
        ({"time": "x"}, "", None),
        ({"time": "x", "formats": ["iso"]}, "2026-03-02T08:05:00Z", "2026-03-02T08:05:00+00:00"),
        ({"time": "x", "formats": ["iso"]}, "2026-03-02T08:05", "2026-03-02T07:05:00+00:00"),
        ({"time": "x", "formats": ["iso"]}, "2026-03-02", "2026-03-02T11:00:00+00:00"),
        ({"time": "x", "formats": ["iso"]}, "0001-01-01T00:00:00", "invalid_datetime"),
        ({"time": "x", "formats": ["%m/%d/%Y"]}, "03/02/2026", "2026-03-02T11:00:00+00:00"),
    ],
)
def test_each_expression(expression, cell, made):
    options = {"times": ["%d.%m.%Y %H:%M", "%d-%b-%y", "%Y-%m-%d %H:%M:%S%z"]}
    assert value_of(expression, cell, options) == made


def test_cells_that_mean_nothing():
    assert value_of({"number": "x"}, " NA ", {"empty": ["NA", "-"]}) is None
    assert value_of({"column": "x"}, "na", {"empty": ["NA", "-"]}) == "na"


def test_seconds_between_two_columns_count_real_time():
    raw = mapping(
        {"times": ["%Y-%m-%d %H:%M"]},
        reported={"first_response_seconds": {"seconds_between": ["from", "to"]}},
    )
    text = (
        "id,from,to\n"
        "1,2026-03-28 12:00,2026-03-29 12:00\n"  # the clocks go forward in between
        "2,2026-03-02 08:10,2026-03-02 08:00\n"
        "3,2026-03-02 08:00,2026-03-02 08:00\n"
        "4,2026-03-02 08:00,\n"
    )
    found = [row.value.get("reported") for row in rows(raw, text)]
    assert found[0] == {"first_response_seconds": 23 * 3600.0}
    assert found[1] == {"first_response_seconds": -600.0}
    assert found[2] == {"first_response_seconds": 0.0}
    assert found[3] is None


def test_ids_made_of_names():
    assert slug("Ana  SILVA") == slug(" ana silva") == "ana-silva"
    assert slug("Jürgen") != slug("Jurgen")
    assert slug("北京") == "北京"
    assert slug("???") == hashed("???")
    assert hashed("Ana  SILVA ") == hashed("ana silva")
    assert len(hashed("x")) == 16


def test_all_bad_cells_of_a_row_are_named():
    raw = mapping(opened_at={"time": "x", "formats": ["iso"]}, reported={"handling_seconds": {"number": "y"}})
    [row] = rows(raw, "id,x,y\n1,never,NA\n")
    assert [(e.pointer, e.code) for e in row.errors] == [("/x", "invalid_datetime"), ("/y", "invalid_number")]
    assert row.raw == b"1,never,NA\n"


def test_attributes_may_be_called_like_expressions():
    raw = mapping(attributes={"time": {"column": "x"}, "column": 7})
    assert rows(raw, "id,x\n1,late\n")[0].value["attributes"] == {"time": "late", "column": 7}


def test_rows_are_numbered_like_a_spreadsheet():
    text = 'id,x\n1,a\n\n,\n2,"two\nlines"\n3,c\n'
    assert [(r.number, r.value["topic"]) for r in rows(mapping(topic={"column": "x"}), text)] == [
        (2, "a"),
        (5, "two\nlines"),
        (6, "c"),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"2", "cell_count"),
        (b"2,b,c", "cell_count"),
        (b'2,"b"c', "invalid_csv"),
        (b"2,\xff", "invalid_text"),
        (b"2,\x00", "invalid_text"),
        (b"2," + b"x" * LINE_LIMIT, "line_too_long"),
    ],
)
def test_a_broken_row_is_an_error_and_stops_nobody(line, code):
    before, bad, after = rows(mapping(topic={"column": "x"}), b"id,x\n1,a\n" + line + b"\n3,c\n")
    assert (before.value["topic"], after.value["topic"], after.number) == ("a", "c", 4)
    assert (bad.number, [e.code for e in bad.errors]) == (3, [code])
    assert line.startswith(bad.raw[:-1])


def test_a_quote_that_is_never_closed_loses_no_row_without_a_word():
    good, bad = rows(mapping(topic={"column": "x"}), 'id,x\n1,a\n2,"b\n3,c\n')
    assert good.value["topic"] == "a"
    assert bad.errors[0].code == "invalid_csv"
    assert bad.raw == b'2,"b\n3,c\n'


def test_the_file_may_be_in_another_encoding():
    raw = mapping({"encoding": "utf-16"}, topic={"column": "x"})
    assert rows(raw, "id,x\n1,Grüße\n".encode("utf-16"))[0].value["topic"] == "Grüße"
    assert rows(mapping(topic={"column": "x"}), "\ufeffid,x\n1,Grüße\n")[0].value["external_id"] == "1"


def test_a_file_cut_inside_a_character():
    found = rows(
        mapping({"encoding": "utf-16"}, topic={"column": "x"}), "id,x\n1,ab\n".encode("utf-16") + b"2"
    )
    assert [e.code for e in found[-1].errors] == ["invalid_encoding"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"),
        ("\n\n", "empty_file"),
        ("nr,x\n1,a\n", "missing_column"),
        ("id,id\n1,a\n", "missing_column"),
    ],
)
def test_a_file_without_the_columns_is_refused_at_once(text, code):
    with pytest.raises(Invalid) as found:
        read_rows(mapping(), io.BytesIO(text.encode()))
    assert [e.code for e in found.value.errors] == [code]


def test_each_missing_column_is_named_once():
    raw = mapping(
        topic={"column": "b"}, subject={"template": "{a} {b}"}, customer={"when": "c", "external_id": "1"}
    )
    with pytest.raises(Invalid) as found:
        read_rows(raw, io.BytesIO(b"id\n1\n"))
    assert [e.detail for e in found.value.errors] == [f"The file has no column “{name}”." for name in "abc"]


def test_a_mapping_that_is_wrong_is_refused_before_the_file_is_read():
    with pytest.raises(Invalid):
        read_rows({}, io.BytesIO(b"id\n1\n"))


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ([], [("", "invalid_type")]),
        ({"zone": "Europe/Vienna"}, [("/conversation", "invalid_type")]),
        (mapping({"zone": "Vienna"}), [("/zone", "unknown_time_zone")]),
        (mapping({"zone": "Europe"}), [("/zone", "unknown_time_zone")]),
        (mapping({"zone": "../etc/passwd"}), [("/zone", "unknown_time_zone")]),
        (mapping({"zone": None}), [("/zone", "unknown_time_zone")]),
        (mapping({"times": ["%d/%m"]}), [("/times", "invalid_format")]),
        (mapping({"times": ["%d/%m/%Y %Q"]}), [("/times", "invalid_format")]),
        (mapping({"times": "%d"}), [("/times", "invalid_type")]),
        (mapping({"delimiter": ",,"}), [("/delimiter", "invalid_choice")]),
        (mapping({"encoding": "klingon"}), [("/encoding", "unknown_encoding")]),
        (mapping({"encoding": "base64"}), [("/encoding", "unknown_encoding")]),
        (mapping({"decimal": "'"}), [("/decimal", "invalid_choice")]),
        (mapping({"empty": "NA"}), [("/empty", "invalid_type")]),
        (mapping({"colour": 1}), [("/colour", "unknown_field")]),
        (mapping(colour=1), [("/conversation/colour", "unknown_field")]),
        (mapping(status="solved"), [("/conversation/status", "invalid_choice")]),
        (mapping(status="closed"), [("/conversation/closed_at", "required")]),
        (mapping(topic=None), [("/conversation/topic", "invalid_type")]),
        (mapping(topic={"colum": "x"}), [("/conversation/topic", "invalid_type")]),
        (mapping(topic={"column": ""}), [("/conversation/topic", "invalid_type")]),
        (mapping(topic={"column": "x", "maps": {}}), [("/conversation/topic/maps", "unknown_field")]),
        (mapping(topic={"column": "x", "map": []}), [("/conversation/topic", "invalid_type")]),
        (mapping(topic={"column": "x", "otherwise": "a"}), [("/conversation/topic", "invalid_type")]),
        (mapping(topic={"template": "no column"}), [("/conversation/topic", "invalid_type")]),
        (mapping(topic={"template": "{x"}), [("/conversation/topic", "invalid_type")]),
        (mapping(tags={"split": "x", "on": ""}), [("/conversation/tags", "invalid_type")]),
        (mapping(tags=[{"column": "x"}, 7]), [("/conversation/tags/1", "invalid_type")]),
        (mapping(opened_at={"time": "x"}), [("/conversation/opened_at", "required")]),
        (
            mapping(opened_at={"time": "x", "formats": ["%H"]}),
            [("/conversation/opened_at", "invalid_format")],
        ),
        (mapping(agent="Ana"), [("/conversation/agent", "invalid_type")]),
        (mapping(agent={"name": {"column": "x"}}), [("/conversation/agent/external_id", "required")]),
        (mapping(attributes={"a": {"b": {"column": "x"}}}), [("/conversation/attributes/a", "invalid_type")]),
        (
            mapping(surveys=[{"kind": "csat", "score": {"number": "x"}, "scale_min": 5, "scale_max": 1}]),
            [
                ("/conversation/surveys/0/responded_at", "required"),
                ("/conversation/surveys/0/scale_max", "invalid_scale"),
            ],
        ),
        (
            mapping(reported={"handling_seconds": {"seconds_between": ["x"]}}),
            [("/conversation/reported/handling_seconds", "invalid_type")],
        ),
    ],
)
def test_a_wrong_mapping_says_where(raw, found):
    assert refused(raw) == found


nodes = st.recursive(
    st.none() | st.integers() | st.text(max_size=4) | st.just({"column": "x"}) | st.just({"time": "x"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["column", "number", "map", "external_id", "surveys", "when"]), inner
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["zone", "times", "encoding", "delimiter", "empty"]), nodes), nodes, nodes
)
def test_any_mapping_is_understood_or_refused(options, survey, topic):
    raw = mapping(options, surveys=survey, topic=topic)
    assert all(error.pointer.startswith("/") for error in check_mapping(raw))
    assert all(error.code for error in check_mapping(topic))


def test_the_survey_table_becomes_closed_conversations_with_an_answer():
    zone = ZoneInfo("Asia/Kolkata")
    found = [parse_conversation(payload, zone) for payload in data_readers.survey_payloads()]
    read = [c for c in found if isinstance(c, ConversationIn)]
    assert len(read) == len(found) == 17_182
    scores = Counter(int(survey.score or 0) for c in read for survey in c.surveys)
    assert scores == {1: 2241, 2: 227, 3: 503, 4: 2277, 5: 11934}
    assert len({c.agent.external_id for c in read if c.agent}) == 1368
    assert len({c.agent.team for c in read if c.agent}) == 40
    assert len({c.attributes["manager"] for c in read}) == 6
    seconds = [c.reported.first_response_seconds for c in read]
    assert sum(s is not None and s < 0 for s in seconds) == 635
    assert sum(s == 0 for s in seconds) == 509
    assert {c.status for c in read} == {"closed"}


def test_real_messages_of_several_lines_are_one_row_each():
    raw = {
        "zone": "UTC",
        "times": ["%a %b %d %H:%M:%S %z %Y"],
        "conversation": {
            "source": "public",
            "external_id": {"column": "tweet_id"},
            "status": "closed",
            "closed_at": {"time": "created_at"},
            "messages": [
                {
                    "author": {
                        "type": {"column": "inbound", "map": {"True": "customer", "False": "agent"}},
                        "external_id": {"column": "author_id"},
                    },
                    "sent_at": {"time": "created_at"},
                    "body": {"column": "text"},
                }
            ],
        },
    }
    with data_readers.data_path("twcs_sample/sample.csv").open("rb") as file:
        found = [parse_conversation(row.value, ZoneInfo("UTC")) for row in read_rows(raw, file)]
    read = [c for c in found if isinstance(c, ConversationIn)]
    assert len(read) == len(found) == 93
    assert Counter(c.messages[0].author.type for c in read) == {"customer": 49, "agent": 44}
    assert any("\n" in c.messages[0].body for c in read)


def test_the_survey_mapping_of_the_guide_is_right():
    assert check_mapping(data_readers.survey_mapping()) == []
    assert json.loads(data_readers.SURVEY_MAPPING.read_text())["conversation"]["source"] == "surveys"
