"""Which ratings are refused, with which problem, when submitting and otherwise."""

from decimal import Decimal

import pytest

from scorecards.definition import Context, Definition
from scorecards.scoring import InvalidRatings, Rated, score
from tests.scorecards.cards import ANYWHERE, CHAT, card, category


def codes(definition: Definition, *ratings: Rated, strict: bool = False, context: Context = ANYWHERE):
    with pytest.raises(InvalidRatings) as caught:
        score(definition, ratings, context, strict=strict)
    return [(problem.index, problem.category, problem.code) for problem in caught.value.problems]


RULES = card(
    [
        category(
            "a", scale="binary", allow_na=False, root_causes={"negative": ["Late"], "positive": ["Quick"]}
        ),
        category("b", scale="3-point", comment_required="negative"),
        category("c", scale="binary", comment_required="always"),
        category("d", scale="binary", show_when={"channel": "chat"}),
    ]
)


def test_all_problems_are_collected():
    found = codes(
        RULES,
        Rated("nope", "1"),
        Rated("a", na=True),
        Rated("a", "1"),
        Rated("b", "9", root_causes=("Late",)),
        Rated("d", "1"),
        strict=True,
    )
    assert found == [
        (0, "nope", "unknown_category"),
        (1, "a", "na_not_allowed"),
        (2, "a", "duplicate_category"),
        (3, "b", "unknown_option"),
        (3, "b", "unknown_root_cause"),
        (4, "d", "hidden_category"),
        (None, "c", "required"),
    ]


def test_problems_point_to_their_field():
    with pytest.raises(InvalidRatings) as caught:
        score(RULES, [Rated("b", "1"), Rated("c", "9", comment="x")], ANYWHERE, strict=True)
    assert [problem.pointer for problem in caught.value.problems] == ["/0/comment", "/1/option", ""]


@pytest.mark.parametrize("rated", [Rated("b"), Rated("b", "1", na=True)])
def test_option_or_na(rated):
    assert codes(RULES, rated) == [(0, "b", "option_or_na")]


def test_hidden_category_takes_not_even_na():
    assert codes(RULES, Rated("d", na=True)) == [(0, "d", "hidden_category")]


def test_required_only_when_submitting():
    assert score(RULES, [], ANYWHERE, strict=False).score is None
    missing = codes(RULES, strict=True, context=CHAT)
    assert missing == [(None, key, "required") for key in "abcd"]


def test_comments_are_asked_only_when_submitting():
    ratings = [Rated("a", "2"), Rated("b", "1", comment=" "), Rated("c", na=True)]
    assert codes(RULES, *ratings, strict=True) == [(1, "b", "comment_required"), (2, "c", "comment_required")]
    assert score(RULES, ratings, ANYWHERE, strict=False).score == Decimal(50)
    fair = [Rated("a", "2"), Rated("b", "2"), Rated("c", "2", comment="as agreed")]
    assert score(RULES, fair, ANYWHERE, strict=True).score == Decimal("83.3333")


def test_root_causes_come_from_either_list_but_not_with_na():
    kept = Rated("a", "2", root_causes=("Late", "Quick"))
    assert score(RULES, [kept], ANYWHERE, strict=False).score == Decimal(100)
    assert codes(RULES, Rated("a", "1", root_causes=("late",))) == [(0, "a", "unknown_root_cause")]
    definition = card([category("a", root_causes={"negative": ["Late"]})])
    assert codes(definition, Rated("a", na=True, root_causes=("Late",))) == [(0, "a", "unknown_root_cause")]
