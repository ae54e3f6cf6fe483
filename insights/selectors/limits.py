"""How much may be asked at once, and the dates that are meant when none are given."""

from __future__ import annotations

from collections.abc import Sized
from datetime import date, timedelta
from itertools import islice

from django.utils import timezone

from accounts.access import Actor
from common.errors import Invalid, invalid
from common.periods import Period, local_date, start_of
from insights.query import WEEK_STARTS, Bucket, Query, buckets_of

MOST_BUCKETS, MOST_ROWS = 5_000, 50_000
DEFAULT_WEEKS = 13
EARLIEST, LATEST = date(1970, 1, 1), date(2200, 12, 31)


def _too_many(most: int, what: str) -> Invalid:
    return invalid(
        "/interval",
        "too_many_buckets",
        f"This asks for more than {most:,} {what}: choose a shorter period, a longer interval,"
        " or fewer agents and teams.",
    )


def week_start(actor: Actor) -> int:
    """The weekday on which the workspace's weeks start; 0 is Monday."""
    return WEEK_STARTS[actor.workspace.settings.week_start]


def recent_weeks(actor: Actor, weeks: int = DEFAULT_WEEKS) -> Period:
    """The last weeks to today in the workspace's zone, the running one included."""
    today = local_date(timezone.now(), actor.workspace.timezone)
    start = start_of(today, "week", week_start(actor))
    return Period(start - timedelta(weeks=weeks - 1), today)


def bounded_buckets(actor: Actor, query: Query) -> list[Bucket]:
    """The buckets of the query. Invalid (`out_of_range`, `too_many_buckets`) for what nobody could read."""
    if query.period.first < EARLIEST or query.period.last > LATEST:
        raise invalid("/from", "out_of_range", f"Dates must lie between {EARLIEST} and {LATEST}.")
    found = list(islice(buckets_of(query, week_start(actor)), MOST_BUCKETS + 1))
    if len(found) > MOST_BUCKETS:
        raise _too_many(MOST_BUCKETS, "buckets")
    return found


def check_rows(rows: Sized) -> None:
    """Invalid (`too_many_buckets`) for an answer that is too long."""
    if len(rows) > MOST_ROWS:
        raise _too_many(MOST_ROWS, "rows")
