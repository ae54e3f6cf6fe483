"""The difference between two gradings, without a database."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from qa_reviews.grading_diff import Judged, Listed, Side, Words, diff

TONE = Judged("Tone", "Fine", Decimal(50), "Dry", ("Rushed",), ("Hi",))
SOLUTION = Judged("Solution", "Good", Decimal("66.6667"))
BEFORE = Side(
    Decimal(60), "Good pace", {"solution": SOLUTION, "tone": TONE}, {"order": ("Order", "A-1")}, ("Nice",)
)


def test_the_same_twice_is_no_difference() -> None:
    assert diff(BEFORE, BEFORE).empty
    assert diff(Side(None), Side(None)).empty


@pytest.mark.parametrize(
    ("part", "other", "expected"),
    [
        ("choice", replace(TONE, choice="Great"), Words("Fine", "Great")),
        ("comment", replace(TONE, comment=""), Words("Dry", "")),
        ("causes", replace(TONE, causes=("Empathy", "Rushed")), Listed((), ("Empathy",))),
        ("evidence", replace(TONE, evidence=()), Listed(("Hi",), ())),
    ],
)
def test_only_what_changed_in_a_category_is_told(part: str, other: Judged, expected: object) -> None:
    after = replace(BEFORE, categories={"solution": SOLUTION, "tone": other})
    [change] = diff(BEFORE, after).categories
    assert (change.key, getattr(change, part)) == ("tone", expected)
    silent = {"choice", "comment", "causes", "evidence"} - {part}
    assert [getattr(change, name) for name in silent] == [None] * 3


def test_a_score_that_moves_under_the_same_option_is_told() -> None:
    after = replace(BEFORE, categories={"solution": SOLUTION, "tone": replace(TONE, score=Decimal(40))})
    [change] = diff(BEFORE, after).categories
    assert change.score == (Decimal(50), Decimal(40))
    assert change.choice is None


def test_the_score_of_the_whole() -> None:
    found = diff(BEFORE, replace(BEFORE, score=None))
    assert (found.score, found.rescored, found.empty) == ((Decimal(60), None), True, False)
    assert not diff(BEFORE, replace(BEFORE, comment="")).rescored


def test_categories_come_and_go_in_the_order_of_the_newer_form() -> None:
    greeting = Judged("Greeting", "Yes", Decimal(100))
    after = replace(BEFORE, categories={"greeting": greeting, "tone": TONE})
    come, gone = diff(BEFORE, after).categories
    assert (come.key, come.choice) == ("greeting", Words("", "Yes"))
    assert (gone.key, gone.name, gone.choice) == ("solution", "Solution", Words("Good", ""))


def test_answers_and_remarks() -> None:
    after = replace(BEFORE, answers={"channel": ("Channel", "chat")}, remarks=("Nice", "Nice"))
    found = diff(BEFORE, after)
    assert found.answers == (("Channel", Words("", "chat")), ("Order", Words("A-1", "")))
    assert found.remarks == Listed((), ("Nice",))
