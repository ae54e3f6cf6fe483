"""Which number is explained: from the address to a Place, and from a Place to the address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access import Actor
from common import params
from common.errors import invalid
from insights import parameters
from insights.query import PART_DIMS, WORK_DIMS, Dim, Query
from insights.selectors import Place
from insights.selectors.estimates import NUMBERS, Number

KNOWN = parameters.KNOWN | frozenset(WORK_DIMS) | {"period_start", "number"}


def read(actor: Actor, given: QueryDict) -> Place:
    """The number of a request: the parameters of iqs/ with the row's keys.

    `agent` and `team` name the row's own, `scorecard`, `group`, `category`, `channel` and `topic` the value
    of what is grouped by (groups and categories as "<scorecard id>:<key>"), `period_start` the bucket.
    Invalid (422) by parameter. At most one query a reference.
    """
    query = parameters.read(actor, given, KNOWN)
    number = cast(Number, params.one_of(given, "number", NUMBERS, "iqs"))
    if number == "pass_rate" and set(query.group_by) & set(WORK_DIMS):
        raise invalid("/number", "not_defined", "Parts of the work have no pass rate of all work.")
    for dim in WORK_DIMS:
        if dim in given and dim not in query.group_by:
            raise invalid(f"/{dim}", "invalid", f"Name a {dim} only where it is grouped by.")
    start = params.day(given, "period_start")
    if (start is None) != (query.interval is None):
        raise invalid("/period_start", "invalid", "An interval and the first day of one belong together.")
    return Place(query, tuple(_value(given, query, dim) for dim in query.group_by), start, number)


def _value(given: QueryDict, query: Query, dim: Dim) -> Any:
    """The row's value of one dimension."""
    if dim == "reviewer":
        raise invalid("/group_by", "not_defined", "What reviewers gave has no IQS over all work.")
    if dim in ("agent", "team"):
        chosen = query.agents if dim == "agent" else query.teams
        return _single(chosen, dim)
    value = _single(params.texts(given, dim) if any(given.getlist(dim)) else given.getlist(dim), dim)
    if dim == "scorecard":
        return _scorecard(value, dim)
    if dim in PART_DIMS:
        _scorecard(value.partition(":")[0], dim)
    return value


def _single(values: Iterable[Any], dim: Dim) -> Any:
    found = list(values)
    if len(found) != 1:
        raise invalid(f"/{dim}", "required", f"Name the one {dim} of the row.")
    return found[0]


def _scorecard(value: str, dim: Dim) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= params.BIGGEST_ID):
        raise invalid(f"/{dim}", "invalid", "Name the scorecard by its id.")
    return int(value)


def how_url(slug: str, place: Place) -> str:
    """Where the arithmetic of a number stands; empty for work of no team, which no address names."""
    query = place.query
    owners: dict[str, Any] = dict(zip(query.group_by, place.key, strict=True))
    if None in owners.values():
        return ""
    given: list[tuple[str, Any]] = [("from", query.period.first), ("to", query.period.last)]
    given += [("plan", query.plan_id)] if query.plan_id else []
    given += [("agent", pk) for pk in query.agents if "agent" not in owners]
    given += [("team", pk) for pk in query.teams if "team" not in owners]
    given += [("group_by", dim) for dim in query.group_by]
    given += owners.items()
    given += [("interval", query.interval), ("period_start", place.start)] if query.interval else []
    given += [("number", place.number)] if place.number != "iqs" else []
    return f"{reverse('insights-how', kwargs={'slug': slug})}?{urlencode(given)}"
