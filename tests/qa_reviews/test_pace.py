"""Completion, pace and finish: exact, and unknown rather than zero."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.stats import Minimums
from insights.stats.refusals import incomplete
from qa_reviews import sampling
from qa_reviews.pace import Pace, Tally, pace_days, pace_from

TODAY = date(2026, 4, 20)
LINE = Decimal("0.8000")
counts = st.integers(0, 5000)
shares = st.decimals(0, 1, places=4, allow_nan=False)


@pytest.mark.parametrize(
    ("drawn", "unfit", "done", "more"),
    [
        (50, 0, 28, 12),  # 12 more make 40 of 50
        (50, 0, 40, 0),
        (50, 0, 39, 1),
        (51, 0, 40, 1),  # 40.8 needs 41
        (50, 10, 32, 0),  # what cannot be reviewed lowers the line
        (5, 0, 0, 4),
        (1, 0, 0, 1),
        (3, 3, 0, None),
        (0, 0, 0, None),
    ],
)
def test_what_a_range_still_needs(drawn: int, unfit: int, done: int, more: int | None) -> None:
    tally = Tally(100, drawn, unfit, done)
    assert tally.more(LINE) == more
    assert tally.reaches(LINE) is (more in (None, 0))


@given(drawn=counts, unfit=counts, done=counts, needed=shares)
def test_so_many_more_and_not_one_less_pass_the_rule_of_the_estimates(
    drawn: int, unfit: int, done: int, needed: Decimal
) -> None:
    """As insights asks it: the share as a float against the setting as a float."""

    def passes(reviewed: int) -> bool:
        share = sampling.completion(reviewed, drawn, unfit)
        return share is None or share >= float(needed)

    more = Tally(drawn, drawn, unfit, done).more(needed)
    if more is None:
        assert passes(done)
        return
    assert passes(done + more)
    assert more == 0 or not passes(done + more - 1)


def test_the_line_is_the_one_of_the_refusal() -> None:
    tally = Tally(frame=100, drawn=50, done=39)
    assert Minimums().min_completion == float(LINE)
    assert incomplete(tally.done, tally.expected, float(LINE)).message.startswith("Only 39 of 50")


def test_tallies_add_up() -> None:
    assert sum((Tally(10, 5, 1, 2), Tally(20, 6, 0, 6)), Tally()) == Tally(30, 11, 1, 8)
    assert Tally().completion is None


def test_pace_is_exact_or_unknown() -> None:
    assert Pace(5, 7).per_day == Fraction(5, 7)
    assert Pace(0, 7).per_day is None
    assert Pace(3, 0).per_day is None


@pytest.mark.parametrize(
    ("reviews", "days", "remaining", "ahead"),
    [
        (7, 7, 3, 3),
        (7, 7, 0, 0),
        (2, 7, 1, 4),
        (6, 2, 4, 2),
        (0, 7, 0, 0),
        (0, 7, 4, None),
        (1, 7, 900, None),
    ],
)
def test_the_predicted_finish(reviews: int, days: int, remaining: int, ahead: int | None) -> None:
    expected = None if ahead is None else TODAY + timedelta(days=ahead)
    assert Pace(reviews, days).finish(remaining, TODAY) == expected


def test_the_finish_of_a_hopeless_pace_is_unknown_and_no_error() -> None:
    assert Pace(1, 7).finish(10**9, date(9998, 1, 1)) is None


def test_the_pace_of_a_young_draw_rests_on_the_days_it_had() -> None:
    assert pace_days(TODAY, TODAY) == 1
    assert pace_days(TODAY - timedelta(days=2), TODAY) == 3
    assert pace_days(TODAY - timedelta(days=90), TODAY) == 7
    assert pace_days(TODAY + timedelta(days=1), TODAY) == 1  # zones apart
    assert pace_from(TODAY, 7) == date(2026, 4, 14)
    assert pace_from(TODAY, 1) == TODAY
