"""First response and resolution times, computed from the messages and as the source reported them."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.sql import SQL, Composable

from insights.facts.sums import grouped, within
from insights.query import Dim, Key, Slice

_COLUMNS: dict[Dim, Composable] = {
    "agent": SQL("c.agent_id"),
    "team": SQL("c.team_id"),
    "channel": SQL("c.channel"),
    "topic": SQL("c.topic"),
}
_CLOSED_ON = SQL("c.closed_on")
_CONVERSATIONS = SQL("conversations_conversation c")
_CLOSED = SQL("c.status = 'closed'")
_OPEN_TIME = SQL("extract(epoch from c.closed_at - c.opened_at)::float8")
_TIMES = SQL(
    "percentile_cont(array[0.5, 0.9]) within group (order by {x}) filter (where {x} > 0),"
    " count(*) filter (where {x} > 0), count(*) filter (where {x} <= 0)"
)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of the `answered` conversations; zero and negative times are `excluded`, unknown neither."""

    median: float | None
    p90: float | None
    answered: int
    excluded: int


NO_TIMES = Times(None, None, 0, 0)


@dataclass(frozen=True, slots=True)
class BothTimes:
    """Our own figure, and the source's (which may leave out closed hours)."""

    computed: Times
    reported: Times


def first_responses(asked: Slice) -> dict[tuple[Key, int], BothTimes]:
    """Seconds to the first public answer, by the day of closing. One query."""
    return _both(asked, SQL("c.first_response_seconds"), SQL("c.reported_first_response_seconds"))


def resolutions(asked: Slice) -> dict[tuple[Key, int], BothTimes]:
    """Seconds from opening to closing, by the day of closing. One query."""
    return _both(asked, _OPEN_TIME, SQL("c.reported_resolution_seconds"))


def _both(asked: Slice, computed: Composable, reported: Composable) -> dict[tuple[Key, int], BothTimes]:
    found = grouped(
        asked,
        measures=SQL(", ").join([_TIMES.format(x=computed), _TIMES.format(x=reported)]),
        source=_CONVERSATIONS,
        columns=_COLUMNS,
        day=_CLOSED_ON,
        where=[*within(asked, "c", _CLOSED_ON), _CLOSED],
    )
    return {
        place: BothTimes(_times(*sums[:3]), _times(*sums[3:]))
        for place, sums in found.items()
        if any((sums[1], sums[2], sums[4], sums[5]))
    }


def _times(quantiles: list[float] | None, answered: int, excluded: int) -> Times:
    median, p90 = quantiles or (None, None)
    return Times(median, p90, answered, excluded)
