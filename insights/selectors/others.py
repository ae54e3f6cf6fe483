"""CSAT, first response and resolution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from accounts.access import Actor
from common.errors import invalid
from insights import facts
from insights.policies import customer_sight, time_sight
from insights.query import Dim, Key, Query, Slice
from insights.selectors.limits import bounded_buckets, check_rows
from insights.stats import Csat
from insights.stats import csat as csat_of

CONVERSATION_DIMS: tuple[Dim, ...] = ("agent", "team", "channel", "topic")


@dataclass(frozen=True, slots=True)
class CsatRow:
    """What the customers of one row said."""

    key: Key
    period_start: date | None
    csat: Csat


@dataclass(frozen=True, slots=True)
class TimesRow:
    """How long the customers of one row waited, in seconds."""

    key: Key
    period_start: date | None
    times: facts.BothTimes


def csat(actor: Actor, query: Query) -> list[CsatRow]:
    """CSAT by bucket and dimensions, empty rows omitted. One query on the closed axis, else two.

    Refused (403) to reviewers, and to agents where the workspace says so.
    """
    _check_dims(query)
    sight = customer_sight(actor, query)
    buckets = bounded_buckets(actor, query)
    sums = facts.answer_sums(sight.slice(actor, query, buckets), actor.workspace.timezone)
    check_rows(sums)
    least = actor.workspace.settings.min_answers
    return [
        CsatRow(key, buckets[place].start, csat_of(sums[key, place], least))
        for key, place in sorted(sums, key=lambda each: each[1])
    ]


def first_response(actor: Actor, query: Query) -> list[TimesRow]:
    """Seconds to the first answer by the day of closing, empty rows omitted. One query."""
    return _times(actor, query, facts.first_responses)


def resolution(actor: Actor, query: Query) -> list[TimesRow]:
    """Seconds from opening to closing by the day of closing, empty rows omitted. One query."""
    return _times(actor, query, facts.resolutions)


def _times(
    actor: Actor, query: Query, measure: Callable[[Slice], dict[tuple[Key, int], facts.BothTimes]]
) -> list[TimesRow]:
    _check_dims(query)
    sight = time_sight(actor, query)
    buckets = bounded_buckets(actor, query)
    found = measure(sight.slice(actor, query, buckets))
    check_rows(found)
    return [
        TimesRow(key, buckets[place].start, found[key, place])
        for key, place in sorted(found, key=lambda each: each[1])
    ]


def _check_dims(query: Query) -> None:
    """Invalid (`not_defined`) for what only reviews have."""
    for dim in query.group_by:
        if dim not in CONVERSATION_DIMS:
            allowed = ", ".join(CONVERSATION_DIMS)
            raise invalid(
                "/group_by", "not_defined", f"Conversations have no {dim}: group by one of {allowed}."
            )
