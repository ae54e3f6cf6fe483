"""The periods that a sample is drawn for, one after another. Pure: days only, no clock, no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.access import Actor
from common.periods import Interval, Period, next_start, start_of
from qa_reviews.models import SamplePlan

WEEK_STARTS = {"monday": 0, "sunday": 6, "saturday": 5}
YEARS = range(1900, 9000)  # far from where dates end
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A plan's row of periods: calendar weeks or months, or `days` days each counted from `starts_on`.

    Weekly parts of a month are calendar weeks. Nothing before `starts_on` or after `ends_on` is sampled: the
    first and the last period are cut there. `week_start` is the workspace's, as date.weekday() counts.
    """

    period: str = "week"
    days: int | None = None
    weekly_parts: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    week_start: int = 0

    @property
    def interval(self) -> Interval:
        """Of calendar periods: what one draw covers."""
        return "month" if self.period == "month" and not self.weekly_parts else "week"


def rhythm_of(actor: Actor, plan: SamplePlan) -> Rhythm:
    """The plan's periods, in its workspace's weeks."""
    return Rhythm(
        period=plan.period,
        days=plan.period_days,
        weekly_parts=plan.weekly_parts,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        week_start=week_start(actor),
    )


def week_start(actor: Actor) -> int:
    """The workspace's first day of a week, as date.weekday() counts."""
    return WEEK_STARTS[actor.workspace.settings.week_start]


def period_holding(plan: Rhythm, day: date) -> Period | None:
    """The period that the day lies in, or None before the plan starts or after it ends."""
    if day.year not in YEARS or not _inside(plan, day):
        return None
    whole = _whole(plan, day)
    return Period(
        max(whole.first, plan.starts_on or whole.first), min(whole.last, plan.ends_on or whole.last)
    )


def sample_period(plan: Rhythm, first: date) -> Period | None:
    """The period that starts on `first`, or None where none does."""
    found = period_holding(plan, first)
    return found if found is not None and found.first == first else None


def sample_period_after(plan: Rhythm, period: Period) -> Period | None:
    """The next period, or None once the plan has ended."""
    return period_holding(plan, period.last + DAY)


def sample_period_before(plan: Rhythm, period: Period) -> Period | None:
    """The period before, or None where the plan had not started."""
    return period_holding(plan, period.first - DAY)


def last_whole(plan: Rhythm, today: date) -> Period | None:
    """The newest period that lies wholly before `today`, or None where none has ended yet."""
    newest = min(today - DAY, plan.ends_on or today)
    found = period_holding(plan, newest)
    if found is None or found.last < today:
        return found
    return sample_period_before(plan, found)


def running(plan: Rhythm, today: date) -> Period | None:
    """The period that holds `today`, else the first one to come; None once the plan has ended."""
    return period_holding(plan, max(today, plan.starts_on or today))


def periods_from(plan: Rhythm, day: date) -> Iterator[Period]:
    """The periods that start on the day or later, in order, without end unless the plan ends."""
    found = running(plan, day)
    while found is not None:
        if found.first >= day:
            yield found
        found = sample_period_after(plan, found)


def parts_of_month(plan: Rhythm, period: Period) -> tuple[int, int]:
    """Which part of its month's quota the period draws, as (k, n): the k-th of the n weeks that start in the
    month; (1, 1) for a plan without weekly parts."""
    if not plan.weekly_parts:
        return 1, 1
    week = start_of(period.first, "week", plan.week_start)
    first = start_of(week, "month")
    offset = (plan.week_start - first.weekday()) % 7
    days = (next_start(first, "month") - first).days
    return (week.day - 1 - offset) // 7 + 1, (days - 1 - offset) // 7 + 1


def _inside(plan: Rhythm, day: date) -> bool:
    return (plan.starts_on or day) <= day <= (plan.ends_on or day)


def _whole(plan: Rhythm, day: date) -> Period:
    """The period around the day, wherever the plan starts and ends."""
    if plan.period == SamplePlan.Period.DAYS:
        if plan.days is None or plan.starts_on is None:
            raise ValueError("periods of days are counted from a first day")
        length = timedelta(days=plan.days)
        first = plan.starts_on + (day - plan.starts_on) // length * length
        return Period(first, first + length - DAY)
    first = start_of(day, plan.interval, plan.week_start)
    return Period(first, next_start(first, plan.interval) - DAY)
