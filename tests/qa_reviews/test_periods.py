"""The periods of plans: calendar weeks and months, days, weekly parts, starts and ends."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.periods import Period
from qa_reviews.selectors.periods import (
    Rhythm,
    last_whole,
    parts_of_month,
    period_holding,
    periods_from,
    running,
    sample_period,
    sample_period_after,
    sample_period_before,
)

WEEKS, MONTHS = Rhythm(), Rhythm(period="month")
PARTS = Rhythm(period="month", weekly_parts=True)
TEN_DAYS = Rhythm(period="days", days=10, starts_on=date(2026, 3, 4))


@pytest.mark.parametrize(
    ("plan", "first", "last"),
    [
        (WEEKS, date(2026, 3, 2), date(2026, 3, 8)),
        (Rhythm(week_start=6), date(2026, 3, 1), date(2026, 3, 7)),
        (Rhythm(week_start=5), date(2026, 2, 28), date(2026, 3, 6)),
        (MONTHS, date(2024, 2, 1), date(2024, 2, 29)),
        (PARTS, date(2026, 3, 30), date(2026, 4, 5)),
        (TEN_DAYS, date(2026, 3, 14), date(2026, 3, 23)),
    ],
)
def test_a_period_starts_on_its_first_day_only(plan: Rhythm, first: date, last: date) -> None:
    assert sample_period(plan, first) == Period(first, last)
    assert sample_period(plan, first + timedelta(days=1)) is None
    assert sample_period(plan, last) is None


def test_the_first_and_last_period_are_cut_where_the_plan_starts_and_ends() -> None:
    plan = Rhythm(starts_on=date(2026, 3, 4), ends_on=date(2026, 3, 17))
    assert list(periods_from(plan, date(2000, 1, 1))) == [
        Period(date(2026, 3, 4), date(2026, 3, 8)),
        Period(date(2026, 3, 9), date(2026, 3, 15)),
        Period(date(2026, 3, 16), date(2026, 3, 17)),
    ]
    assert sample_period(plan, date(2026, 3, 2)) is None
    assert sample_period(plan, date(2026, 3, 23)) is None


def test_days_are_counted_from_the_start() -> None:
    assert sample_period(TEN_DAYS, date(2026, 2, 22)) is None
    assert [each.first.day for each in islice(periods_from(TEN_DAYS, date(2026, 3, 5)), 2)] == [14, 24]
    with pytest.raises(ValueError, match="first day"):
        period_holding(Rhythm(period="days", days=3), date(2026, 3, 4))


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31), date(9999, 12, 27)])
def test_far_days_are_in_no_period(day: date) -> None:
    assert sample_period(WEEKS, day) is None


@pytest.mark.parametrize(
    ("plan", "today", "found"),
    [
        (WEEKS, date(2026, 3, 9), Period(date(2026, 3, 2), date(2026, 3, 8))),
        (WEEKS, date(2026, 3, 8), Period(date(2026, 2, 23), date(2026, 3, 1))),
        (MONTHS, date(2026, 3, 31), Period(date(2026, 2, 1), date(2026, 2, 28))),
        (TEN_DAYS, date(2026, 3, 14), Period(date(2026, 3, 4), date(2026, 3, 13))),
        (TEN_DAYS, date(2026, 3, 13), None),
        (Rhythm(ends_on=date(2026, 3, 4)), date(2026, 9, 1), Period(date(2026, 3, 2), date(2026, 3, 4))),
        (Rhythm(starts_on=date(2026, 3, 4)), date(2026, 3, 4), None),
    ],
)
def test_the_last_whole_period(plan: Rhythm, today: date, found: Period | None) -> None:
    assert last_whole(plan, today) == found


def test_the_running_period_is_the_first_to_come_before_a_start() -> None:
    assert running(WEEKS, date(2026, 3, 4)) == Period(date(2026, 3, 2), date(2026, 3, 8))
    later = Rhythm(period="month", starts_on=date(2026, 5, 20))
    assert running(later, date(2026, 3, 4)) == Period(date(2026, 5, 20), date(2026, 5, 31))
    assert running(Rhythm(ends_on=date(2026, 3, 3)), date(2026, 3, 4)) is None


def test_the_weeks_of_a_month_are_those_that_start_in_it() -> None:
    def part(day: date) -> tuple[int, int]:
        period = period_holding(PARTS, day)
        assert period is not None
        return parts_of_month(PARTS, period)

    assert [part(date(2026, 3, day)) for day in (2, 9, 16, 23, 30)] == [(n, 5) for n in range(1, 6)]
    assert part(date(2026, 3, 1)) == (4, 4)  # the week that began on 23 February
    assert part(date(2026, 4, 5)) == (5, 5)  # still March's fifth week
    assert part(date(2026, 4, 6)) == (1, 4)
    assert parts_of_month(MONTHS, Period(date(2026, 3, 1), date(2026, 3, 31))) == (1, 1)


def test_a_week_that_is_cut_keeps_its_part() -> None:
    plan = Rhythm(period="month", weekly_parts=True, starts_on=date(2026, 3, 18))
    found = sample_period(plan, date(2026, 3, 18))
    assert found == Period(date(2026, 3, 18), date(2026, 3, 22))
    assert parts_of_month(plan, found) == (3, 5)


DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@given(
    period=st.sampled_from(["week", "month", "days"]),
    length=st.integers(1, 400),
    week_start=st.sampled_from([0, 5, 6]),
    parts=st.booleans(),
    start=DAYS,
    day=DAYS,
)
def test_periods_follow_each_other_without_a_gap(
    period: str, length: int, week_start: int, parts: bool, start: date, day: date
) -> None:
    plan = Rhythm(
        period=period,
        days=length,
        weekly_parts=parts and period == "month",
        starts_on=start if period == "days" else None,
        week_start=week_start,
    )
    found = period_holding(plan, day)
    if found is None:
        assert period == "days"
        assert day < start
        return
    assert day in found
    following = sample_period_after(plan, found)
    assert following is not None
    assert following.first == found.last + timedelta(days=1)
    assert sample_period_before(plan, following) == found
    assert last_whole(plan, following.first) == found
    k, n = parts_of_month(plan, found)
    after_k, after_n = parts_of_month(plan, following)
    assert 1 <= k <= n
    if plan.weekly_parts:
        assert (after_k, after_n) == (k + 1, n) if k < n else after_k == 1
