"""Local dates and reporting periods. Pure: no Django, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Interval = Literal["day", "week", "month", "quarter"]
INTERVALS: tuple[Interval, ...] = ("day", "week", "month", "quarter")


@dataclass(frozen=True, slots=True)
class Period:
    """Both ends inclusive, local dates."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def holds(self, other: Period) -> bool:
        """Whether the other period lies wholly inside."""
        return self.first <= other.first and other.last <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def start_of(day: date, interval: Interval, week_start: int = 0) -> date:
    """First day of the day's calendar interval; week_start 0 is Monday."""
    if interval == "day":
        return day
    if interval == "week":
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    if interval == "month":
        return day.replace(day=1)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def next_start(start: date, interval: Interval) -> date:
    """First day of the interval after the one that starts on `start`."""
    if interval == "day":
        return start + timedelta(days=1)
    if interval == "week":
        return start + timedelta(days=7)
    months = 1 if interval == "month" else 3
    index = start.year * 12 + start.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def period_from(start: date, interval: Interval) -> Period:
    """The whole interval that starts on `start`."""
    return Period(start, next_start(start, interval) - timedelta(days=1))


def buckets(period: Period, interval: Interval, week_start: int = 0) -> Iterator[Period]:
    """Whole calendar intervals that touch the period, in order."""
    start = start_of(period.first, interval, week_start)
    while start <= period.last:
        yield period_from(start, interval)
        start = next_start(start, interval)


def local_date(moment: datetime, zone: str) -> date:
    """The calendar day of an aware moment in the named zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
