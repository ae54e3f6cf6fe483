"""What is asked of the numbers: dates, dimensions, filters. Pure values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from common.periods import Interval, Period, buckets

Dim = Literal["agent", "team", "reviewer", "scorecard", "group", "category", "channel", "topic"]
Axis = Literal["submitted", "closed"]
Key = tuple[Any, ...]
"""One value for each dimension that is grouped by; () for the whole."""

DIMS: tuple[Dim, ...] = (
    "agent",
    "team",
    "reviewer",
    "scorecard",
    "group",
    "category",
    "channel",
    "topic",
)
WORK_DIMS: tuple[Dim, ...] = ("scorecard", "group", "category", "channel", "topic")
"""What splits the work of an agent: estimates along these are ratios."""
PART_DIMS: tuple[Dim, ...] = ("group", "category")
"""What splits a review; at most one of them at a time."""
AXES: tuple[Axis, ...] = ("submitted", "closed")
WEEK_STARTS = {"monday": 0, "sunday": 6, "saturday": 5}
MOST_DIMS = 2


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asks for, ids resolved. Empty filters let everything through.

    `axis`: the date a row counts for, when it was given ("submitted": review submitted, survey answered) or
    when its conversation was closed. `kinds` empty means the counted ones, standard and peer.
    """

    period: Period
    group_by: tuple[Dim, ...] = ()
    interval: Interval | None = None
    axis: Axis = "submitted"
    plan_id: int | None = None
    agents: tuple[int, ...] = ()
    teams: tuple[int, ...] = ()
    selections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def by(self, *dims: Dim, interval: Interval | None = None) -> Query:
        """The same question along other dimensions."""
        return replace(self, group_by=dims, interval=interval)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A calendar interval and the part of it that was asked for; `start` is None without an interval."""

    start: date | None
    period: Period


def buckets_of(query: Query, week_start: int) -> Iterator[Bucket]:
    """The buckets of a query in order; without an interval a single one."""
    if query.interval is None:
        yield Bucket(None, query.period)
        return
    first, last = query.period.first, query.period.last
    for whole in buckets(query.period, query.interval, week_start):
        yield Bucket(whole.first, Period(max(whole.first, first), min(whole.last, last)))


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows to sum, in one workspace, and along what. `starts` are the first days of the buckets.

    `teams`, `agents`: None means all. `reviewer`: only what this member gave. `released_only` leaves out
    reviews that wait for their release, for the eyes of an agent. `peers`: whether reviews by peers count
    (where `kinds` names none).
    """

    workspace_id: int
    period: Period
    starts: tuple[date, ...]
    dims: tuple[Dim, ...] = ()
    axis: Axis = "submitted"
    agents: tuple[int, ...] | None = None
    teams: tuple[int, ...] | None = None
    reviewer: int | None = None
    selections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    released_only: bool = False
    peers: bool = True
