"""What a form begins with."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.definition import parse
from scorecards.scoring import score
from scorecards.starting import starting_ratings
from tests.scorecards.cards import ANYWHERE, CHAT, category, options
from tests.scorecards.generated import generated_card, generated_context


def form(start: str) -> Any:
    categories = [
        category("a", options=options(2, 5, 1)),
        category("b", allow_na=False, scale="binary"),
        category("chat", show_when={"channel": ["chat"]}),
        category("reason", show_when={"answers": {"a": ["a", "c"]}}),
        category("unrated", show_when={"answers": {"a": "na"}}),
        category("plus", kind="bonus"),
        category("minus", kind="deduction"),
    ]
    return parse({"start": start, "groups": [{"key": "g", "name": "G", "categories": categories}]})


@pytest.mark.parametrize(
    ("start", "context", "expected"),
    [
        ("empty", CHAT, []),
        ("best", ANYWHERE, [("a", "b"), ("b", "2"), ("minus", "5")]),
        ("best", CHAT, [("a", "b"), ("b", "2"), ("chat", "5"), ("minus", "5")]),
        ("na", ANYWHERE, [("a", None), ("unrated", None)]),
    ],
)
def test_starting_ratings(start, context, expected):
    found = starting_ratings(form(start), context)
    assert [(each.category, each.option) for each in found] == expected
    assert all(each.na == (each.option is None) for each in found)


@given(st.integers(0, 2**32))
def test_a_form_begins_with_ratings_that_can_stand(seed):
    rng = Random(seed)
    definition, context = generated_card(rng), generated_context(rng)
    result = score(definition, starting_ratings(definition, context), context, strict=False)
    if definition.start == "best":
        assert result.score in (None, 100) or result.failed_by
