"""What a conversation may say, and each way it can be wrong."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import FieldError
from conversations.fields import MAX_ERRORS, Shape
from conversations.payload import (
    CONVERSATION,
    MESSAGE,
    SURVEY,
    AttachmentIn,
    ConversationIn,
    ConversationRef,
    CustomerIn,
    SurveyRowIn,
    external_id_of,
    parse_conversation,
    parse_survey_row,
)
from tests import data_readers

VIENNA = ZoneInfo("Europe/Vienna")

# The example of the API contract.
FULL: dict[str, Any] = {
    "source": "helpdesk",
    "external_id": "1001",
    "url": "",
    "subject": "Where is my parcel?",
    "channel": "chat",
    "language": "en",
    "topic": "shipping",
    "tags": ["vip"],
    "status": "closed",
    "opened_at": "2026-03-02T08:00:00+00:00",
    "closed_at": "2026-03-02T09:10:00+00:00",
    "reopened_count": 0,
    "attributes": {"plan": "pro"},
    "customer": {"external_id": "c-1", "email": "sam@example.com", "account": "ACME"},
    "agent": {
        "external_id": "a-7",
        "name": "Ana Silva",
        "email": "ana@example.com",
        "kind": "human",
        "team": "Chat EU",
    },
    "messages": [
        {
            "external_id": "m1",
            "author": {"type": "customer", "name": "Sam"},
            "sent_at": "2026-03-02T08:00:00+00:00",
            "body": "Hello",
            "format": "text",
            "visibility": "public",
            "attachments": [],
        },
        {
            "external_id": "m2",
            "author": {"type": "agent", "external_id": "a-7"},
            "sent_at": "2026-03-02T08:02:00+00:00",
            "body": "<p>Hi Sam</p>",
            "format": "html",
        },
    ],
    "surveys": [
        {
            "external_id": "s1",
            "kind": "csat",
            "score": 4,
            "scale_min": 1,
            "scale_max": 5,
            "comment": "quick",
            "asked_at": None,
            "responded_at": "2026-03-03T10:00:00+00:00",
        }
    ],
    "reported": {"first_response_seconds": 120, "handling_seconds": 900, "resolution_seconds": 4200},
}
LEAST = {"source": "helpdesk", "external_id": "1", "status": "open"}
REMOVED = object()


def changed(**paths: Any) -> dict[str, Any]:
    """FULL with values at places written as messages__0__body; REMOVED takes the field away."""
    found = deepcopy(FULL)
    for path, value in paths.items():
        *steps, last = [int(s) if s.isdigit() else s for s in path.split("__")]
        at: Any = found
        for step in steps:
            at = at[step]
        if value is REMOVED:
            del at[last]
        else:
            at[last] = value
    return found


def read(raw: Any) -> ConversationIn:
    found = parse_conversation(raw, VIENNA)
    assert isinstance(found, ConversationIn), found
    return found


def refused(raw: Any) -> list[FieldError]:
    found = parse_conversation(raw, VIENNA)
    assert isinstance(found, list), found
    return found


def errors(raw: Any) -> list[tuple[str, str]]:
    return [(e.pointer, e.code) for e in refused(raw)]


def test_the_example_of_the_contract_is_read():
    found = read(FULL)
    assert (found.source, found.external_id, found.status) == ("helpdesk", "1001", "closed")
    assert found.opened_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert found.tags == ("vip",)
    assert found.agent is not None
    assert (found.agent.source, found.agent.team) == ("helpdesk", "Chat EU")
    assert found.messages[1].author.source == "helpdesk"
    assert (found.messages[1].format, found.messages[1].visibility) == ("html", "public")
    assert found.surveys[0].score == Decimal("4")
    assert found.reported.resolution_seconds == 4200.0


def test_three_fields_are_enough():
    found = read(LEAST)
    assert (found.agent, found.customer, found.closed_at, found.messages) == (None, None, None, ())


@pytest.mark.parametrize("field", ["source", "external_id", "status"])
def test_required_fields(field):
    assert errors({k: v for k, v in LEAST.items() if k != field}) == [(f"/{field}", "required")]
    assert errors(LEAST | {field: None}) == [(f"/{field}", "required")]


def test_null_is_as_good_as_left_out():
    everything = dict.fromkeys(CONVERSATION.fields) | LEAST
    assert read(everything) == read(LEAST)


@pytest.mark.parametrize("raw", [None, 1, "x", [], [LEAST], True, 1.5])
def test_other_than_an_object(raw):
    assert errors(raw) == [("", "invalid_type")]


@pytest.mark.parametrize(
    ("path", "value", "pointer", "code"),
    [
        ("closed_at", REMOVED, "/closed_at", "required"),
        ("closed_at", None, "/closed_at", "required"),
        ("surprise", 1, "/surprise", "unknown_field"),
        ("messages__1__colour", 1, "/messages/1/colour", "unknown_field"),
        ("source", "  ", "/source", "required"),
        ("external_id", "", "/external_id", "required"),
        ("external_id", 1001, "/external_id", "invalid_type"),
        ("external_id", "x" * 256, "/external_id", "too_long"),
        ("source", "x" * 65, "/source", "too_long"),
        ("subject", "x" * 1001, "/subject", "too_long"),
        ("messages__0__body", "x" * 1_000_001, "/messages/0/body", "too_long"),
        ("messages__0__body", "a\x00b", "/messages/0/body", "invalid_text"),
        ("subject", "half \ud83d", "/subject", "invalid_text"),
        ("status", "solved", "/status", "invalid_choice"),
        ("agent__kind", "robot", "/agent/kind", "invalid_choice"),
        ("agent__external_id", REMOVED, "/agent/external_id", "required"),
        ("agent", "a-7", "/agent", "invalid_type"),
        ("messages__0__author", REMOVED, "/messages/0/author", "required"),
        ("messages__0__author__type", "owner", "/messages/0/author/type", "invalid_choice"),
        ("messages__0__author__type", REMOVED, "/messages/0/author/type", "required"),
        ("messages__0__visibility", "secret", "/messages/0/visibility", "invalid_choice"),
        ("messages__0__format", "markdown", "/messages/0/format", "invalid_choice"),
        ("messages", {}, "/messages", "invalid_type"),
        ("messages__1__external_id", "m1", "/messages/1/external_id", "duplicate"),
        (
            "messages__0__attachments",
            [{"url": "javascript:x()"}],
            "/messages/0/attachments/0/url",
            "invalid_url",
        ),
        ("messages__0__attachments", [{}], "/messages/0/attachments/0/url", "required"),
        ("url", "data:text/html,x", "/url", "invalid_url"),
        ("tags", ["x"] * 101, "/tags", "too_long"),
        ("tags", ["x" * 101], "/tags/0", "too_long"),
        ("tags", [7], "/tags/0", "invalid_type"),
        ("reopened_count", -1, "/reopened_count", "out_of_range"),
        ("reopened_count", 1.5, "/reopened_count", "invalid_number"),
        ("reopened_count", True, "/reopened_count", "invalid_number"),
        ("attributes", {"a": {"b": 1}}, "/attributes/a", "invalid_type"),
        ("attributes", {"a": [[1]]}, "/attributes/a", "invalid_type"),
        ("attributes", {"a": float("inf")}, "/attributes/a", "invalid_number"),
        ("attributes", {"a~/": "\x00"}, "/attributes/a~0~1", "invalid_text"),
        ("attributes", {"a": "x" * 16_380}, "/attributes", "too_long"),
        ("customer", {"account": "ACME"}, "/customer/external_id", "required"),
        ("surveys__0__kind", "stars", "/surveys/0/kind", "invalid_choice"),
        ("surveys__0__scale_min", REMOVED, "/surveys/0/scale_min", "required"),
        ("surveys__0__scale_max", 1, "/surveys/0/scale_max", "invalid_scale"),
        ("surveys__0__responded_at", None, "/surveys/0/responded_at", "required"),
        ("surveys__0__score", None, "/surveys/0/asked_at", "required"),
        ("reported__handling_seconds", "120", "/reported/handling_seconds", "invalid_number"),
        ("reported__handling_seconds", 10**400, "/reported/handling_seconds", "out_of_range"),
    ],
)
def test_each_wrong_field_is_named(path, value, pointer, code):
    assert errors(changed(**{path: value})) == [(pointer, code)]


@pytest.mark.parametrize("score", [0, -1, 6, 5.0001, 1e4])
def test_a_score_off_its_scale_is_refused_and_not_moved(score):
    assert errors(changed(surveys__0__score=score)) == [("/surveys/0/score", "out_of_scale")]


@pytest.mark.parametrize("score", ["NA", "4", "", True, False, float("nan"), [4]])
def test_a_score_is_a_number(score):
    assert errors(changed(surveys__0__score=score)) == [("/surveys/0/score", "invalid_number")]


def test_two_on_a_scale_from_zero_to_one():
    raw = changed(surveys__0__score=2, surveys__0__scale_min=0, surveys__0__scale_max=1)
    [found] = refused(raw)
    assert found == FieldError("/surveys/0/score", "out_of_scale", "2 is off the scale 0 to 1.")


def test_scores_keep_four_decimals():
    assert read(changed(surveys__0__score=3.33335)).surveys[0].score == Decimal("3.3334")


def test_ends_of_a_scale_that_only_differ_beyond_four_decimals():
    raw = changed(surveys__0__score=1, surveys__0__scale_min=1, surveys__0__scale_max=1.00001)
    assert errors(raw) == [("/surveys/0/scale_max", "invalid_scale")]


def test_a_survey_that_was_offered_and_not_answered():
    raw = changed(
        surveys__0__score=None, surveys__0__responded_at=None, surveys__0__asked_at="2026-03-02T09:10:00Z"
    )
    survey = read(raw).surveys[0]
    assert (survey.score, survey.responded_at) == (None, None)
    assert survey.asked_at == datetime(2026, 3, 2, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-02T08:00:00",
        "2026-03-02 08:00",
        "20260302",
        "2026-02-30T08:00:00Z",
        "2026-02-30",
        "2026-03-02T08:00:00+24:00",
        "2026-03-02T24:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01",
        "1969-12-31T23:00:00Z",
        "2200-01-01T00:00:00Z",
        "02/03/2026 08:00",
        "yesterday",
        "",
        "\ud83d",
    ],
)
def test_times_that_are_refused(time):
    assert errors(changed(opened_at=time)) == [("/opened_at", "invalid_datetime")]


def test_a_time_that_is_a_number_is_refused():
    assert errors(changed(messages__0__sent_at=1772438400)) == [("/messages/0/sent_at", "invalid_type")]


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2026-03-02T08:00:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00.25-08:00", datetime(2026, 3, 2, 16, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-02T08:00:00+21:40", datetime(2026, 3, 1, 10, 20, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, 11, tzinfo=UTC)),
        ("2026-07-02", datetime(2026, 7, 2, 10, tzinfo=UTC)),
    ],
)
def test_times_become_utc_and_dates_noon_in_the_workspace(time, utc):
    found = read(changed(opened_at=time)).opened_at
    assert found == utc
    assert found.utcoffset() == utc.utcoffset()


def test_what_is_excluded_later_is_not_refused_now():
    raw = changed(
        closed_at="2026-03-01T08:00:00Z",
        messages__1__sent_at="2026-03-01T08:00:00Z",
        reported__first_response_seconds=-3600,
        reported__handling_seconds=0,
        agent__email="#EMAIL#",
    )
    found = read(raw)
    assert found.reported.first_response_seconds == -3600.0
    assert found.opened_at is not None
    assert found.closed_at is not None
    assert found.closed_at < found.opened_at


def test_all_errors_of_a_row_are_told_at_once():
    raw = changed(
        status="closed",
        closed_at=None,
        tags=[1],
        messages__0__body=1,
        surveys__0__score=9,
        agent__kind="x",
        extra=1,
    )
    assert set(errors(raw)) == {
        ("/closed_at", "required"),
        ("/tags/0", "invalid_type"),
        ("/messages/0/body", "invalid_type"),
        ("/surveys/0/score", "out_of_scale"),
        ("/agent/kind", "invalid_choice"),
        ("/extra", "unknown_field"),
    }


def test_the_errors_of_one_row_have_a_limit():
    assert len(errors(changed(messages=[{}] * 9000))) == MAX_ERRORS


def test_an_unknown_name_can_be_stored_in_an_error():
    [found] = refused(LEAST | {"\x00\ud83d" + "x" * 5000: 1})
    found.pointer.encode()
    assert "\x00" not in found.pointer
    assert len(found.pointer) < 100


def test_ids_names_and_tags_lose_the_blanks_around_them_and_text_does_not():
    found = read(
        changed(
            external_id=" 1001 ", tags=[" vip", "", "vip", "b"], messages__0__body=" Hello ", subject=" x"
        )
    )
    assert (found.external_id, found.tags) == ("1001", ("vip", "b"))
    assert (found.messages[0].body, found.subject) == (" Hello ", " x")


def test_an_agent_of_another_source():
    found = read(changed(agent__source="phone", messages__1__author__source="phone"))
    assert found.agent is not None
    assert (found.agent.source, found.messages[1].author.source) == ("phone", "phone")
    assert found.messages[0].author.source == "helpdesk"


def test_a_customer_without_an_id_is_known_by_the_address():
    found = read(changed(customer={"email": "Sam@Example.com"}))
    assert found.customer == CustomerIn("sam@example.com", email="Sam@Example.com")


def test_attachments_are_links():
    raw = [
        {"url": "HTTPS://files.example/call.mp3", "name": "call", "content_type": "audio/mpeg"},
        {"name": "a.pdf"},
    ]
    assert read(changed(messages__0__attachments=raw)).messages[0].attachments == (
        AttachmentIn("call", "HTTPS://files.example/call.mp3", "audio/mpeg"),
        AttachmentIn("a.pdf"),
    )


def test_messages_without_ids_are_known_by_position_and_may_not_clash():
    messages = [{"author": {"type": "system"}, "body": "a"}, {"author": {"type": "bot"}, "body": "a"}]
    assert len(read(changed(messages=messages)).messages) == 2
    messages[0]["external_id"] = "#1"
    assert errors(changed(messages=messages)) == [("/messages/1/external_id", "duplicate")]


def test_the_same_survey_twice():
    raw = changed(surveys=FULL["surveys"] * 2)
    assert errors(raw) == [("/surveys/1/external_id", "duplicate")]


def test_deep_nesting_does_not_hurt():
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert errors(changed(attributes={"a": deep})) == [("/attributes/a", "invalid_type")]
    assert errors(changed(extra=deep)) == [("/extra", "unknown_field")]


ROW = {"source": "helpdesk", "conversation": "1001"} | FULL["surveys"][0]


@pytest.mark.parametrize(
    ("conversation", "reference"),
    [
        ("1001", ConversationRef("helpdesk", "1001")),
        ({"external_id": "1001"}, ConversationRef("helpdesk", "1001")),
        ({"external_id": "1001", "source": "phone"}, ConversationRef("phone", "1001")),
        (55, ConversationRef("helpdesk", id=55)),
    ],
)
def test_a_survey_row_names_its_conversation(conversation, reference):
    found = parse_survey_row(ROW | {"conversation": conversation}, VIENNA)
    assert isinstance(found, SurveyRowIn)
    assert (found.source, found.conversation, found.survey.score) == ("helpdesk", reference, Decimal(4))


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"conversation": None}, "/conversation", "required"),
        ({"conversation": ""}, "/conversation", "required"),
        ({"conversation": 0}, "/conversation", "out_of_range"),
        ({"conversation": True}, "/conversation", "invalid_type"),
        ({"conversation": {}}, "/conversation/external_id", "required"),
        ({"source": None}, "/source", "required"),
        ({"score": 6}, "/score", "out_of_scale"),
        ({"status": "closed"}, "/status", "unknown_field"),
    ],
)
def test_survey_rows_that_are_refused(change, pointer, code):
    found = parse_survey_row(ROW | change, VIENNA)
    assert isinstance(found, list)
    assert [(e.pointer, e.code) for e in found] == [(pointer, code)]


@pytest.mark.parametrize(
    ("raw", "name"),
    [(FULL, "1001"), (None, ""), ({"external_id": 7}, ""), ({"external_id": "a\x00"}, "a\ufffd")],
)
def test_what_a_rejected_row_calls_itself(raw, name):
    assert external_id_of(raw) == name


any_text = st.text(max_size=20) | st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=5)
any_scalar = st.none() | st.booleans() | st.integers() | st.floats() | any_text
any_json = st.recursive(
    any_scalar,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=20,
)
any_time = st.datetimes(timezones=st.timezones()).map(datetime.isoformat) | st.dates().map(str) | any_json


def objects_like(shape: Shape[Any], **known: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with the shape's own field names and any JSON, or something likelier, in them."""
    return st.fixed_dictionaries({}, optional={name: known.get(name, any_json) for name in shape.fields})


likely_messages = st.lists(
    objects_like(MESSAGE, sent_at=any_time, author=st.just({"type": "agent"}), body=any_text), max_size=3
)
likely_surveys = st.lists(
    objects_like(SURVEY, kind=st.just("csat"), score=any_scalar, scale_min=any_scalar, responded_at=any_time),
    max_size=3,
)
likely = objects_like(
    CONVERSATION,
    source=any_text,
    external_id=any_text,
    status=st.sampled_from(["open", "closed"]),
    closed_at=any_time,
    messages=likely_messages,
    surveys=likely_surveys,
    attributes=st.dictionaries(any_text, any_scalar, max_size=3),
)


@given(any_json | likely)
def test_any_json_is_read_or_refused_and_can_be_stored(raw):
    for parse in (parse_conversation, parse_survey_row):
        found = parse(raw, VIENNA)
        if isinstance(found, list):
            assert found
            assert all("\x00" not in e.pointer + e.detail for e in found)
            json.dumps([e.as_json() for e in found], ensure_ascii=False).encode()
        else:
            assert "\\x00" not in repr(found)
            assert "\\ud8" not in repr(found)


def test_real_chats_are_read():
    found = [read(payload) for payload in data_readers.chat_payloads()]
    assert len(found) == len({c.external_id for c in found}) == 242
    assert sum(len(c.messages) for c in found) == 5118
    assert {c.language for c in found} == {"de", "pt-BR", "pt-PT"}
    assert len({c.agent.external_id for c in found if c.agent}) == 20
    assert all(c.closed_at is not None and c.closed_at.astimezone(VIENNA).hour == 12 for c in found)


def test_the_graders_labels_belong_to_the_chats_and_keep_their_dirt():
    labels = {found.external_id: found for found in data_readers.chat_labels()}
    assert labels.keys() == {payload["external_id"] for payload in data_readers.chat_payloads()}
    assert sum(len(found.interaction) for found in labels.values()) == 2530
    assert {0, None} < {quality for found in labels.values() for quality in found.interaction}
    copied = data_readers.chat_labels((data_readers.COPIED_CHAT_FILE,))
    assert -1 in {found.task_success for found in copied}
