"""When a category is shown."""

import pytest

from scorecards.definition import Context, applies, parse
from tests.scorecards.cards import category_of, one

CHAT = Context(channel="Chat ", topic="billing", tags=("vip", "Refund"), language="en", has_csat=True)


@pytest.mark.parametrize(
    ("show_when", "shown"),
    [
        ({}, True),
        ({"channel": "chat"}, True),
        ({"channel": ["email", "chat"]}, True),
        ({"channel": ["email"]}, False),
        ({"topic": ["billing"]}, True),
        ({"tag": ["refund", "none"]}, True),
        ({"tag": ["none"]}, False),
        ({"language": ["EN"]}, True),
        ({"csat": True}, True),
        ({"csat": False}, False),
        ({"channel": ["chat"], "language": ["en"], "tag": ["vip"]}, True),
        ({"channel": ["chat"], "language": ["de"]}, False),
    ],
)
def test_conditions_are_any_of_inside_and_all_together(show_when, shown):
    assert applies(category_of(one(show_when=show_when)), CHAT) is shown


def test_unknown_facts_meet_no_condition():
    for name in ("channel", "topic", "tag", "language"):
        assert not applies(category_of(one(show_when={name: ["x"]})), Context())
    assert applies(category_of(one(show_when={"csat": False})), Context())


def test_uses_csat():
    assert parse(one(show_when={"csat": False})).uses_csat
    assert not parse(one(show_when={"channel": "chat"})).uses_csat
