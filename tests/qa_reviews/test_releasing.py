"""When scheduled reviews are released: local time, weekdays, and clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from qa_reviews.releasing import next_release

NINE = time(9)


@pytest.mark.parametrize(
    ("now", "zone", "at", "weekday", "expected"),
    [
        ("2026-03-10 07:00", "Europe/Berlin", NINE, None, "2026-03-10 08:00"),  # today still
        ("2026-03-10 08:00", "Europe/Berlin", NINE, None, "2026-03-10 08:00"),  # this very moment
        ("2026-03-10 08:01", "Europe/Berlin", NINE, None, "2026-03-11 08:00"),
        ("2026-03-28 12:00", "Europe/Berlin", NINE, None, "2026-03-29 07:00"),  # summer time began at night
        ("2026-10-24 12:00", "Europe/Berlin", NINE, None, "2026-10-25 08:00"),  # and ended
        ("2026-03-28 12:00", "Europe/Berlin", time(2, 30), None, "2026-03-29 01:30"),  # 02:30 is skipped
        ("2026-10-24 12:00", "Europe/Berlin", time(2, 30), None, "2026-10-25 00:30"),  # comes twice
        ("2026-10-25 00:45", "Europe/Berlin", time(2, 30), None, "2026-10-26 01:30"),  # the first counted
        ("2026-03-10 12:00", "Europe/Berlin", NINE, 2, "2026-03-17 08:00"),  # Tuesday, and it is over
        ("2026-03-10 07:00", "Europe/Berlin", NINE, 2, "2026-03-10 08:00"),
        ("2026-03-10 07:00", "Europe/Berlin", NINE, 1, "2026-03-16 08:00"),
        ("2026-03-10 20:00", "Pacific/Auckland", NINE, 3, "2026-03-10 20:00"),  # Wednesday there already
        ("2026-03-10 23:30", "America/New_York", NINE, 2, "2026-03-17 13:00"),
    ],
)
def test_the_next_release(now: str, zone: str, at: time, weekday: int | None, expected: str) -> None:
    moment = next_release(datetime.fromisoformat(f"{now}+00:00").astimezone(UTC), zone, at, weekday)
    assert moment == datetime.fromisoformat(f"{expected}+00:00")
