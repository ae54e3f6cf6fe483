"""From the query string to a Query: declared parameters only, every reference resolved in sight."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast, get_args

from django.http import QueryDict

from accounts import selectors as accounts
from accounts.access import Actor
from common import params
from common.errors import invalid
from common.periods import INTERVALS, Interval
from common.refs import ids_of, refs_in
from insights.query import AXES, DIMS, MOST_DIMS, PART_DIMS, Axis, Dim, Query
from insights.ramp import Cohort
from insights.selectors import plans, recent_weeks, teams_in_scope

KNOWN = frozenset(
    ["from", "to", "plan", "group_by", "interval", "agent", "team", "selection", "kind", "date_axis"],
)
SELECTIONS = ("random", "targeted", "manual")
KINDS = ("standard", "peer", "self")  # calibration counts nowhere


def read(actor: Actor, query: QueryDict, known: Collection[str] = KNOWN) -> Query:
    """The question of a request. Invalid (422) by parameter: unknown, of no known value, or naming a row that
    the actor does not see. Without `from` and `to`: the last 13 weeks. At most one query a reference."""
    params.check_known(query, known)
    interval = params.one_of(query, "interval", INTERVALS)
    axis = params.one_of(query, "date_axis", AXES, "submitted")
    return Query(
        period=params.period(query) or recent_weeks(actor),
        group_by=_dims(query),
        interval=cast(Interval | None, interval),
        axis=cast(Axis, axis),
        plan_id=_plan(actor, query),
        agents=tuple(ids_of(accounts.agents(actor), refs_in(query, "agent"), "agent")),
        teams=_teams(actor, query),
        selections=tuple(params.any_of(query, "selection", SELECTIONS)),
        kinds=tuple(params.any_of(query, "kind", KINDS)),
    )


@dataclass(frozen=True, slots=True)
class RampQuery:
    """Who is looked at together, and by which plan; the headline plan if None."""

    cohort: Cohort = "quarter"
    plan_id: int | None = None
    teams: tuple[int, ...] = ()


def read_ramp(actor: Actor, query: QueryDict) -> RampQuery:
    """The question of a request for ramps. Invalid (422) by parameter. At most one query a reference."""
    params.check_known(query, frozenset({"cohort", "plan", "team"}))
    cohort = params.one_of(query, "cohort", get_args(Cohort), "quarter")
    return RampQuery(cast(Cohort, cohort), _plan(actor, query), _teams(actor, query))


def _dims(query: QueryDict) -> tuple[Dim, ...]:
    """One or two dimensions, repeated or with a comma between them."""
    names = [name for value in query.getlist("group_by") for name in value.split(",") if name]
    for name in names:
        if name not in DIMS:
            raise invalid("/group_by", "invalid", f"“{name[:80]}” is not one of {', '.join(get_args(Dim))}.")
    found = tuple(dict.fromkeys(cast(list[Dim], names)))
    if len(found) > MOST_DIMS:
        raise invalid("/group_by", "invalid", f"Group by one or two values, not {len(found)}.")
    if set(PART_DIMS) <= set(found):
        raise invalid("/group_by", "invalid", "A category lies in one group: group by one of the two.")
    return found


def _teams(actor: Actor, query: QueryDict) -> tuple[int, ...]:
    """Teams within the actor's scope; any other does not exist for him."""
    refs = refs_in(query, "team")
    for ref in refs:
        if ref.id is None:
            raise invalid("/team", "not_found", f"Teams have no external ids: there is no team “{ref}” here.")
    return tuple(ids_of(teams_in_scope(actor), refs, "team"))


def _plan(actor: Actor, query: QueryDict) -> int | None:
    """The one plan that is named."""
    refs = refs_in(query, "plan")
    if len(refs) > 1:
        raise invalid("/plan", "invalid", "Name one plan: an estimate rests on a single one.")
    if refs and refs[0].id is None:
        raise invalid("/plan", "not_found", f"There is no plan “{refs[0]}” here.")
    found = ids_of(plans(actor), refs, "plan")
    return found[0] if found else None
