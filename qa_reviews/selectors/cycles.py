"""When plans are drawn by the clock: once for each of their periods, at a local time after it has ended."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.access import Actor
from accounts.models import Workspace
from common.periods import Period
from qa_reviews.models import Draw, SamplePlan
from qa_reviews.selectors.periods import DAY, Rhythm, periods_from, rhythm_of
from scorecards.selectors import published_version

DRAWN_BY_CLOCK: dict[str, Any] = {"automatic": True, "active": True, "ended_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What decides when a plan is drawn: its periods from the day `since` on, the zone `home` in whose days
    they are counted, the local time `at` in `zone` on the day after a period's end, and the periods that were
    `drawn`, in order."""

    rhythm: Rhythm
    since: date
    home: str
    zone: str
    at: time
    drawn: tuple[Period, ...] = ()


def moment_of(clock: Clock, period: Period) -> datetime:
    """When the period is to be drawn, in UTC; never before it has ended where the workspace is. A local time
    that the clocks skip moves on with them; one that they show twice is the first of the two."""
    after = period.last + DAY
    ended = datetime.combine(after, time.min, ZoneInfo(clock.home))
    return max(ended.astimezone(UTC), datetime.combine(after, clock.at, ZoneInfo(clock.zone)).astimezone(UTC))


def due(clock: Clock, now: datetime) -> list[date]:
    """The first days of the periods to draw now, oldest first: those that are past and were not drawn. A
    period that shares days with one that was drawn in another rhythm is left out. Pure."""
    past = takewhile(lambda cycle: cycle[1] <= now, cycles(clock))
    return [period.first for period, _moment in past]


def cycles(clock: Clock) -> Iterator[tuple[Period, datetime]]:
    """The periods that the clock has still to draw, and when, in order: past ones were missed. Pure."""
    starts = [each.first for each in clock.drawn]
    for period in periods_from(clock.rhythm, clock.since):
        before = bisect_right(starts, period.last)
        if not before or clock.drawn[before - 1].last < period.first:
            yield period, moment_of(clock, period)


def clock_of(actor: Actor, plan: SamplePlan, drawn: Iterable[Period]) -> Clock | None:
    """The plan's clock, or None while only people draw it. No query once the workspace's settings are
    loaded."""
    if not (plan.automatic and plan.active) or plan.ended_at is not None or plan.automatic_from is None:
        return None
    home = actor.workspace.timezone
    return Clock(
        rhythm=rhythm_of(actor, plan),
        since=plan.automatic_from,
        home=home,
        zone=plan.timezone or home,
        at=plan.draw_time,
        drawn=tuple(sorted(drawn, key=lambda each: each.first)),
    )


def due_draws(actor: Actor, now: datetime) -> list[tuple[date, int]]:
    """What the clock has to draw now in the workspace: first day and plan id, oldest first. Two queries."""
    plans = list(SamplePlan.objects.visible_to(actor).filter(**DRAWN_BY_CLOCK))
    drawn = _drawn(Draw.objects.in_workspace(actor.workspace_id), plans)
    found = []
    for plan in plans:
        if (clock := clock_of(actor, plan, drawn[plan.pk])) is not None:
            found += [(day, plan.pk) for day in due(clock, now)]
    return sorted(found)


def obstacle(actor: Actor, plan: SamplePlan) -> str:
    """Why nothing of the plan could be graded, so that it is not drawn, in a sentence; empty where it can be.
    One query where the plan names a scorecard, which should be loaded."""
    if plan.scorecard is None or published_version(actor, plan.scorecard.pk) is not None:
        return ""
    return f"“{plan.scorecard.name}” has no published version: publish one, or change the plan's scorecard."


def workspaces_due(now: datetime) -> list[Workspace]:
    """The workspaces in which the clock has something to draw now. Two queries."""
    rows = SamplePlan.objects.filter(**DRAWN_BY_CLOCK).select_related("workspace__settings")
    plans = list(rows.order_by("workspace_id", "pk"))
    drawn = _drawn(Draw.objects.all(), plans)
    found: dict[int, Workspace] = {}
    for plan in plans:
        clock = clock_of(Actor.system(plan.workspace), plan, drawn[plan.pk])
        if plan.workspace_id not in found and clock is not None and due(clock, now):
            found[plan.workspace_id] = plan.workspace
    return list(found.values())


def drawn_periods(actor: Actor, plan: SamplePlan) -> list[Period]:
    """The periods of the plan's draws that stand. One query."""
    return _drawn(Draw.objects.visible_to(actor), [plan])[plan.pk]


def _drawn(draws: QuerySet[Draw], plans: Sequence[SamplePlan]) -> Mapping[int, list[Period]]:
    found: dict[int, list[Period]] = defaultdict(list)
    rows = draws.filter(plan__in=[each.pk for each in plans], superseded_at=None)
    for plan_id, first, last in rows.values_list("plan_id", "period_start", "period_end"):
        found[plan_id].append(Period(first, last))
    return found
