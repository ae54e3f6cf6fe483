"""Signs of risk: each flag says what its ready filter finds, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations import selectors
from conversations.filters import from_json
from conversations.models import Conversation, SignalWords, TopicLength
from conversations.risks import READY, Flag, lasting
from conversations.services.derived_rows import derive
from tests.conversations.test_filters import made, says
from tests.world import Place, World


@pytest.fixture
def ours(world: World) -> Place:
    place = world["ours"]
    TopicLength.objects.create(
        workspace=place.workspace,
        topic="refund",
        conversations=50,
        usual=5,
        long_from=11,
        computed_at="2026-05-01T00:00:00Z",
    )
    return place


def flagged(place: Place, *rows: Conversation) -> dict[str, list[Flag]]:
    """By external id."""
    found = list(Conversation.objects.filter(pk__in=[row.pk for row in rows]))
    flags = selectors.flags_of(place.system, found)
    return {row.external_id: flags[row.pk] for row in found}


@pytest.mark.parametrize(
    ("fields", "key", "why"),
    [
        ({"csat": Decimal("2.0000")}, "low_csat", "The customer gave 2 on a scale of 1 to 5."),
        ({"csat": Decimal("1.5000")}, "low_csat", "The customer gave 1.5 on a scale of 1 to 5."),
        ({"reopened_count": 1}, "reopened", "It was reopened once."),
        ({"reopened_count": 3}, "reopened", "It was reopened 3 times."),
        ({"longest_silence_seconds": 93_600}, "silence", "The customer waited 26 hours for an answer."),
        (
            {"longest_silence_seconds": 5_400, "waited_at_end": True},
            "waited_at_end",
            "The customer's last wait was the longest: 90 minutes.",
        ),
        (
            {"closing_missing": True},
            "closing_missing",
            "The customer asked or told something at the end, and nobody answered before it was closed.",
        ),
        ({"agent_count": 3}, "many_agents", "3 agents wrote to the customer."),
        (
            {"has_bot": True, "reply_count": 2},
            "handed_over",
            "A bot took part, and people wrote 2 replies.",
        ),
        (
            {"topic": "refund", "message_count": 12},
            "long",
            "12 messages; conversations about “refund” usually have 5.",
        ),
    ],
)
def test_each_flag_says_why(ours: Place, fields: dict[str, Any], key: str, why: str) -> None:
    [flag] = flagged(ours, made(ours, "one", **fields))["one"]
    assert (flag.key, flag.why) == (key, why)
    assert flag.label == str(next(signal.label for signal in READY if signal.key == key))


@pytest.mark.parametrize(
    "fields",
    [
        {"csat": Decimal("2.0001")},
        {"longest_silence_seconds": 86_399},
        {"longest_silence_seconds": 3_599, "waited_at_end": True},
        {"agent_count": 2},
        {"has_bot": True},
        {"reply_count": 2},
        {"topic": "refund", "message_count": 11},
        {"topic": "other", "message_count": 500},
    ],
)
def test_less_is_no_sign(ours: Place, fields: dict[str, Any]) -> None:
    assert flagged(ours, made(ours, "one", **fields)) == {"one": []}


def test_words_are_those_of_the_conversations_language(ours: Place) -> None:
    cases = {
        "english": ("en-GB", "I want to SPEAK to a manager. This is unacceptable!"),
        "german": ("de", "Ich kündige, und Ihren Vorgesetzten will ich auch sprechen."),
        "unknown": ("", "Je vais porter plainte"),
        "other": ("en", "Je vais porter plainte"),
        "calm": ("en", "Thank you, a manager of mine said hello"),
    }
    rows = [made(ours, name, language=language) for name, (language, _) in cases.items()]
    for row in rows:
        says(row, cases[row.external_id][1])
    found = {name: [(flag.key, flag.why) for flag in flags] for name, flags in flagged(ours, *rows).items()}
    assert found == {
        "english": [("escalation", "It says “speak to a manager”, “unacceptable”.")],
        "german": [
            ("escalation", "It says “ihren vorgesetzten”."),
            ("cancellation", "It says “kündig…”."),
        ],
        "unknown": [("escalation", "It says “porter plainte”.")],
        "other": [],
        "calm": [],
    }


def test_a_workspace_may_have_its_own_words(ours: Place, world: World) -> None:
    for place in world.values():
        SignalWords.objects.create(
            workspace=place.workspace, kind="escalation", language="en", words=["lemon*", "o'clock"]
        )
    SignalWords.objects.filter(workspace=ours.workspace).update(words=["pear", "d'or*", "'", "²"])
    row = made(ours, "one", language="en")
    says(row, "Unacceptable lemonade! A pear d’orange.")
    assert [flag.why for flag in flagged(ours, row)["one"]] == ["It says “d'or…”, “pear”."]


def test_flags_and_ready_filters_agree(ours: Place) -> None:
    rows = [
        made(ours, "bad", csat=1, reopened_count=1, longest_silence_seconds=90_000, waited_at_end=True),
        made(ours, "busy", agent_count=4, has_bot=True, reply_count=3, topic="refund", message_count=20),
        made(ours, "said", language="en", closing_missing=True),
        made(ours, "good", csat=5, longest_silence_seconds=60, waited_at_end=True, topic="refund"),
    ]
    says(rows[2], "cancel my account, I will take legal action")
    Conversation.objects.filter(pk=rows[2].pk).update(closing_missing=True)
    by_flag = {
        signal.key: {
            name for name, flags in flagged(ours, *rows).items() if signal.key in {f.key for f in flags}
        }
        for signal in READY
    }
    by_filter = {
        signal.key: set(
            Conversation.objects.filter(
                from_json(ours.system, signal.filter, "").q(), source="desk"
            ).values_list("external_id", flat=True)
        )
        for signal in READY
    }
    assert by_flag == by_filter
    assert all(by_flag.values())


def test_flags_of_a_page_take_three_queries(ours: Place) -> None:
    rows = [made(ours, str(number)) for number in range(20)]
    derive(conversation_ids=[row.pk for row in rows])
    with CaptureQueriesContext(
        connection,
    ) as captured:
        selectors.flags_of(ours.system, rows)
    assert len(captured) == 3
    assert selectors.flags_of(ours.system, []) == {}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (119.9, "119 seconds"),
        (120, "2 minutes"),
        (7_199, "119 minutes"),
        (7_200, "2 hours"),
        (259_199, "71 hours"),
        (259_200, "3 days"),
    ],
)
def test_time_spans_are_rounded_down_to_a_unit(seconds: float, words: str) -> None:
    assert lasting(seconds) == words
