"""A filter in words, for people to read."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Agent
from conversations.filter_words import described
from tests.world import World


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({"channel": ["chat", "email"]}, [("Channel", "chat or email")]),
        ({"attribute.plan": ["true"]}, [("plan", "true")]),
        ({"csat_comment": False}, [("CSAT comment", "No")]),
        ({"silence_min": 90_000}, [("Customer waited at least", "25 hours")]),
        ({"words": ["escalation"]}, [("Words of", "Escalation")]),
        ({"q": ["true"]}, [("Words", "true")]),
    ],
)
def test_each_kind_of_value(world: World, kept: dict[str, Any], words: list[tuple[str, str]]) -> None:
    assert described(world["ours"].system, kept) == words


def test_people_by_name_and_merged_ones_by_whom_they_went_into(world: World) -> None:
    rows, us = world["ours"].rows, world["ours"].system
    ana, bo = rows["agent"], rows["other_agent"]
    kept = {"agent": [ana.pk, bo.pk], "not_team": [rows["team"].pk]}
    assert described(us, kept) == [("Agent", "Ana Silva or Bo Lind"), ("Team is not", "Chat EU")]
    Agent.objects.filter(pk=ana.pk).update(merged_into=bo)
    assert described(us, kept)[0] == ("Agent", "Bo Lind")
    assert described(us, {"agent": [ana.pk]}) == [("Agent", "Bo Lind")]
