"""Answers to unscored questions: how they are kept, and which are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.answers import check_answers
from scorecards.definition import parse
from tests.scorecards.cards import category

FORM = parse(
    {
        "groups": [
            {
                "key": "g",
                "name": "G",
                "categories": [category("a")],
                "questions": [
                    {"key": "read", "name": "Read this", "answer": "instruction"},
                    {"key": "order", "name": "Order", "answer": "text", "required": True},
                    {"key": "count", "name": "Count", "answer": "number"},
                    {"key": "day", "name": "Day", "answer": "date"},
                    {"key": "pick", "name": "Pick", "answer": "choice", "choices": ["One", "Two"]},
                ],
            }
        ]
    }
)
ALL = frozenset({"a", "read", "order", "count", "day", "pick"})


def test_answers_are_kept_in_the_order_of_the_form():
    given_answers = {"pick": "Two", "day": "2026-03-02", "count": 1.50, "order": " A-1\n"}
    kept, problems = check_answers(FORM, ALL, given_answers, strict=True)
    assert list(kept.items()) == [("order", "A-1"), ("count", "1.5"), ("day", "2026-03-02"), ("pick", "Two")]
    assert problems == []


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"nope": "x"}, [("/answers/nope", "unknown_question")]),
        ({"a": "x"}, [("/answers/a", "unknown_question")]),
        ({"order": 5}, [("/answers/order", "invalid")]),
        ({"order": "x" * 4001}, [("/answers/order", "too_long")]),
        ({"order": "a\0b"}, [("/answers/order", "invalid")]),
        ({"count": "1,5"}, [("/answers/count", "invalid")]),
        ({"count": True}, [("/answers/count", "invalid")]),
        ({"count": float("nan")}, [("/answers/count", "invalid")]),
        ({"day": "2.3.2026"}, [("/answers/day", "invalid")]),
        ({"day": 20260302}, [("/answers/day", "invalid")]),
        ({"pick": "one"}, [("/answers/pick", "unknown_choice")]),
        ({"read": "yes"}, [("/answers/read", "invalid")]),
        ([], [("/answers", "invalid")]),
        ({"order": " ", "count": None}, []),
        ({"count": " -0.5 "}, []),
    ],
)
def test_what_is_refused(answers, found):
    _, problems = check_answers(FORM, ALL, answers, strict=False)
    assert [(problem.pointer, problem.code) for problem in problems] == found


def test_required_ones_are_needed_where_they_are_shown():
    for answers in ({}, {"order": ""}, {"order": None}):
        kept, problems = check_answers(FORM, ALL, answers, strict=True)
        assert (kept, [(p.pointer, p.code) for p in problems]) == ({}, [("/answers/order", "required")])
    assert check_answers(FORM, ALL - {"order"}, {}, strict=True) == ({}, [])
    hidden = check_answers(FORM, ALL - {"order"}, {"order": "A"}, strict=True)
    assert [(p.pointer, p.code) for p in hidden[1]] == [("/answers/order", "hidden_question")]


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.text())


@given(st.dictionaries(st.sampled_from(sorted(ALL)) | st.text(max_size=9), values) | values)
def test_never_raises_and_what_is_kept_is_kept_again(answers):
    kept, _ = check_answers(FORM, ALL, answers, strict=False)
    assert check_answers(FORM, ALL, kept, strict=False) == (kept, [])
