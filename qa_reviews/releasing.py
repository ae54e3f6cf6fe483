"""When a review is released to its agent. Pure: no Django, no clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_release(now: datetime, timezone: str, at: time, weekday: int | None) -> datetime:
    """The first moment from `now` (aware) on when it is `at` in the zone, on that weekday (1 = Monday) or on
    any day. A time that the clock skips comes an hour later; of one that comes twice the first counts."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    moments = (
        datetime.combine(day, at, zone).astimezone(now.tzinfo)
        for day in (today + timedelta(days=n) for n in range(9))
        if weekday in (None, day.isoweekday())
    )
    return next(moment for moment in moments if moment >= now)
