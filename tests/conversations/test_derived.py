"""Fingerprint, first response and most active agent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conversations.derived import AgentKey, fingerprint, first_response_seconds, most_active
from conversations.payload import ConversationIn, MessageIn, parse_conversation
from tests import data_readers

VIENNA = ZoneInfo("Europe/Vienna")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def conversation(**fields: Any) -> ConversationIn:
    raw = {"source": "desk", "external_id": "1", "status": "open"} | fields
    found = parse_conversation(raw, VIENNA)
    assert isinstance(found, ConversationIn), found
    return found


def messages(*lines: str) -> tuple[MessageIn, ...]:
    """Messages written as "minute author" or "minute author internal"; "?" is no time."""
    raw = []
    for line in lines:
        minute, author, *internal = line.split()
        kind, _, external_id = author.partition(":")
        sent_at = None if minute == "?" else (START + timedelta(minutes=int(minute))).isoformat()
        message = {"author": {"type": kind, "external_id": external_id}, "sent_at": sent_at}
        raw.append(message | ({"visibility": "internal"} if internal else {}))
    return conversation(messages=raw).messages


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        (["0 customer", "2 agent:a"], 120.0),
        (["0 customer", "1 bot:b", "2 system", "3 agent:a internal", "5 agent:a", "6 agent:a"], 300.0),
        (["0 agent:a", "1 customer", "4 agent:a"], 180.0),
        (["0 system", "1 customer", "2 customer", "4 agent:a"], 180.0),
        (["5 customer", "2 agent:a"], -180.0),
        (["3 customer", "3 agent:a"], 0.0),
        (["? customer", "2 agent:a"], None),
        (["0 customer", "? agent:a", "5 agent:a"], None),
        (["0 agent:a", "1 customer"], None),
        (["0 customer", "1 bot:b"], None),
        (["0 customer internal", "1 agent:a"], None),
        ([], None),
    ],
)
def test_first_response(lines, seconds):
    assert first_response_seconds(messages(*lines)) == seconds


@pytest.mark.parametrize(
    ("lines", "agent"),
    [
        (["0 agent:a", "1 agent:b", "2 agent:b"], "b"),
        (["0 agent:a", "1 agent:b"], "b"),
        (["0 agent:b", "1 agent:a", "2 agent:a", "3 agent:b"], "b"),
        (["0 agent:a", "1 agent:b internal", "2 agent:b internal"], "a"),
        (["0 bot:x", "1 bot:x", "2 agent:a"], "a"),
        (["0 agent", "1 agent", "2 agent:a"], "a"),
    ],
)
def test_most_active(lines, agent):
    assert most_active(messages(*lines)) == AgentKey("desk", agent)


def test_nobody_is_most_active_without_an_agents_message():
    assert most_active(messages("0 customer", "1 bot:x", "2 agent")) is None


def test_agents_of_two_sources_are_two_agents():
    author = {"type": "agent", "external_id": "7"}
    raw = [{"author": author}, {"author": author | {"source": "phone"}}, {"author": author}]
    assert most_active(conversation(messages=raw).messages) == AgentKey("desk", "7")


def test_the_fingerprint_is_of_the_content_and_not_of_its_writing():
    survey = {
        "kind": "csat",
        "score": 4,
        "scale_min": 1,
        "scale_max": 5,
        "responded_at": "2026-03-02T08:00:00Z",
    }
    one = conversation(
        attributes={"a": 1, "b": 2}, surveys=[survey], url=None, opened_at="2026-03-02T08:00:00Z"
    )
    other = conversation(
        opened_at="2026-03-02T09:00:00+01:00", surveys=[survey | {"score": 4.0}], attributes={"b": 2, "a": 1}
    )
    assert fingerprint(one) == fingerprint(other)
    assert len(fingerprint(one)) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "x"},
        {"topic": "x"},
        {"status": "pending"},
        {"tags": ["x"]},
        {"attributes": {"a": "1"}},
        {"attributes": {"a": 1}},
        {"customer": {"external_id": "x"}},
        {"agent": {"external_id": "x"}},
        {"agent": {"external_id": "x", "source": "phone"}},
        {"messages": [{"author": {"type": "customer"}}]},
        {"messages": [{"author": {"type": "customer"}, "body": "x"}]},
        {"messages": [{"author": {"type": "customer"}, "sent_at": "2026-03-02"}]},
        {"messages": [{"author": {"type": "customer"}, "attachments": [{"name": "x"}]}]},
        {"reported": {"handling_seconds": 1}},
        {"reported": {"resolution_seconds": 1}},
    ],
)
def test_any_change_of_content_changes_the_fingerprint(change):
    others: list[dict[str, Any]] = [
        {},
        {"external_id": "2"},
        {"agent": {"external_id": "y"}},
        {"messages": [{"author": {"type": "bot"}}]},
    ]
    assert fingerprint(conversation(**change)) not in {fingerprint(conversation(**other)) for other in others}


def test_the_copied_file_brings_known_chats_again():
    own = {c["external_id"]: c for c in data_readers.chat_payloads(("data/pt_br_client_04",))}
    copied = list(data_readers.chat_payloads((data_readers.COPIED_CHAT_FILE,)))
    again = [c for c in copied if c["external_id"] in own]
    assert (len(copied), len(again)) == (47, 43)
    differing = [
        c
        for c in again
        if fingerprint(conversation(**c)) != fingerprint(conversation(**own[c["external_id"]]))
    ]
    assert len(differing) == 0
