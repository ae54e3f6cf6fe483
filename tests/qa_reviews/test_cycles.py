"""When the clock draws: whole years in several zones, daylight-saving changes, downtime, changed rhythms."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from common.periods import Period, period_from
from qa_reviews.selectors.cycles import Clock, cycles, due, moment_of
from qa_reviews.selectors.periods import Rhythm

ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Asia/Kolkata"),
    *("America/Havana", "America/St_Johns"),
)
DAILY = Rhythm(period="days", days=1, starts_on=date(2011, 1, 1))
DAY = timedelta(days=1)


def clock(rhythm: Rhythm = DAILY, zone: str = "UTC", at: time = time(6), **more: object) -> Clock:
    values = {"since": date(2011, 1, 1), "home": zone, "zone": zone} | more
    return Clock(rhythm=rhythm, at=at, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0), time(1, 45), time(2, 30), time(6), time(23, 59)])
def test_every_day_of_three_years_comes_once_and_in_order(zone: str, at: time) -> None:
    days = list(islice(cycles(clock(zone=zone, at=at)), 3 * 365))
    assert [period.first for period, _moment in days] == [date(2011, 1, 1) + n * DAY for n in range(3 * 365)]
    for (period, moment), (_next, later) in pairwise(days):
        assert moment <= later
        local = moment.astimezone(ZoneInfo(zone))
        assert local.date() > period.last  # the day is over
        if local.replace(tzinfo=None) != datetime.combine(period.last + DAY, at):
            assert not exists(datetime.combine(period.last + DAY, at), zone)


def exists(local: datetime, zone: str) -> bool:
    there = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
    return there.replace(tzinfo=None) == local


@pytest.mark.parametrize("zone", ZONES)
def test_looking_every_five_minutes_draws_each_week_of_a_year_once(zone: str) -> None:
    """Around each weekly moment: never before it, at the first look after it, and not again once drawn."""
    weeks = Rhythm()
    drawn: list[Period] = []
    for period, moment in islice(cycles(clock(weeks, zone, time(2, 30), since=date(2026, 1, 5))), 53):
        now = clock(weeks, zone, time(2, 30), since=date(2026, 1, 5), drawn=tuple(drawn))
        assert due(now, moment - timedelta(minutes=5)) == []
        assert due(now, moment + timedelta(minutes=5)) == [period.first]
        drawn.append(period)
    assert [each.first for each in drawn] == [date(2026, 1, 5) + n * 7 * DAY for n in range(53)]


@pytest.mark.parametrize(
    ("zone", "last", "at", "moment"),
    [
        # The clocks skip 02:30: it moves on with them, to 03:30.
        ("Europe/Berlin", date(2026, 3, 28), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 7), time(2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # They show 02:30 and 01:30 twice: the first of the two.
        ("Europe/Berlin", date(2026, 10, 24), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("America/New_York", date(2026, 10, 31), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        # Half an hour of difference only.
        ("Australia/Lord_Howe", date(2026, 10, 3), time(2, 15), datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 4, 4), time(1, 45), datetime(2026, 4, 4, 14, 45, tzinfo=UTC)),
        # Samoa left out 30 December 2011 altogether.
        ("Pacific/Apia", date(2011, 12, 29), time(6), datetime(2011, 12, 30, 16, 0, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 30), time(6), datetime(2011, 12, 30, 16, 0, tzinfo=UTC)),
        ("Asia/Kolkata", date(2026, 3, 8), time(6), datetime(2026, 3, 9, 0, 30, tzinfo=UTC)),
    ],
)
def test_local_times_that_do_not_exist_or_come_twice(
    zone: str, last: date, at: time, moment: datetime
) -> None:
    assert moment_of(clock(zone=zone, at=at), Period(last, last)) == moment


def test_a_period_is_over_where_the_workspace_is_before_it_is_drawn_elsewhere() -> None:
    """At six in Tokyo it is still the day before in New York."""
    there = clock(Rhythm(), at=time(6), home="America/New_York", zone="Asia/Tokyo")
    week = period_from(date(2026, 3, 2), "week")
    assert moment_of(there, week) == datetime(2026, 3, 9, 4, 0, tzinfo=UTC)  # New York's midnight
    late = clock(Rhythm(), at=time(20), home="America/New_York", zone="Asia/Tokyo")
    assert moment_of(late, week) == datetime(2026, 3, 9, 11, 0, tzinfo=UTC)  # Tokyo's evening


def test_after_months_of_downtime_each_missed_period_is_due_once_oldest_first() -> None:
    months = Rhythm(period="month")
    now = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    missed = [date(2026, month, 1) for month in range(2, 7)]
    asleep = clock(months, since=date(2026, 2, 1))
    assert due(asleep, now) == missed
    assert due(asleep, now - timedelta(seconds=1)) == missed[:-1]
    drawn = tuple(period_from(day, "month") for day in missed)
    assert due(clock(months, since=date(2026, 2, 1), drawn=drawn), now) == []
    hole = (drawn[0], *drawn[2:])
    assert due(clock(months, since=date(2026, 2, 1), drawn=hole), now) == [date(2026, 3, 1)]


def test_a_plan_that_has_ended_is_due_for_its_last_days_and_then_never() -> None:
    plan = clock(Rhythm(starts_on=date(2026, 3, 4), ends_on=date(2026, 3, 10)), since=date(2026, 3, 2))
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert due(plan, now) == [date(2026, 3, 4), date(2026, 3, 9)]
    assert due(plan, datetime(2026, 3, 11, 6, 0, tzinfo=UTC)) == [date(2026, 3, 4), date(2026, 3, 9)]
    assert due(plan, datetime(2026, 3, 11, 5, 59, tzinfo=UTC)) == [date(2026, 3, 4)]


def test_periods_that_share_days_with_draws_in_another_rhythm_are_left_out() -> None:
    """A plan drawn by week until mid-March, by month from then on: March is not drawn a second time."""
    weeks = tuple(period_from(date(2026, 2, 23) + n * 7 * DAY, "week") for n in range(3))
    plan = clock(Rhythm(period="month"), since=date(2026, 2, 1), drawn=weeks)
    assert due(plan, datetime(2026, 5, 2, tzinfo=UTC)) == [date(2026, 4, 1)]
