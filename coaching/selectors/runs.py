"""Reads of runs: what was proposed, what was not and why, and how far one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, Count, F, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Agent
from accounts.selectors import agents_ever
from coaching.models import Assignment, CoachingPeriod, CoachingRule, CoachingRun
from coaching.selectors.assignments import assignments
from coaching.selectors.rules import rules
from common.errors import Missing
from common.periods import Interval, local_date, start_of
from insights.query import WEEK_STARTS
from jobs.models import Job

INTERVALS: dict[str, Interval] = {CoachingPeriod.WEEK: "week", CoachingPeriod.MONTH: "month"}
PERIODS_OFFERED = {CoachingPeriod.WEEK: 13, CoachingPeriod.MONTH: 6}


def runs(actor: Actor) -> QuerySet[CoachingRun]:
    """The runs of the workspace, for who manages coaching, without their lists. One query.

    `proposed_in_sight` counts the assignments the actor sees; `shown_state` is `failed` for a run whose job
    was given up, `job_error` says why.
    """
    job = Job.objects.filter(pk=OuterRef("job_id"))
    seen = Assignment.objects.visible_to(actor).filter(run=OuterRef("pk")).order_by().values("run")
    failed = When(
        state=CoachingRun.State.QUEUED, job_state=Job.State.FAILED, then=Value(CoachingRun.State.FAILED.value)
    )
    return (
        CoachingRun.objects.visible_to(actor)
        .defer("not_proposed")
        .select_related("requested_by")
        .annotate(
            job_state=Subquery(job.values("state")),
            job_error=Coalesce(Subquery(job.values("error")), Value(""), output_field=TextField()),
            shown_state=Case(failed, default=F("state"), output_field=CharField()),
            proposed_in_sight=Coalesce(Subquery(seen.annotate(n=Count("pk")).values("n")), 0),
        )
    )


def run(actor: Actor, pk: int) -> CoachingRun:
    """One of them with its lists, or Missing. One query."""
    found = runs(actor).defer(None).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """What a rule did not propose for an agent, and why."""

    agent: Agent
    rule: CoachingRule
    code: str
    why: str


def proposed(actor: Actor, run: CoachingRun) -> list[Assignment]:
    """What the run proposed, as far as the actor sees it, by name. One query."""
    return list(assignments(actor).filter(run=run).order_by("agent__name", "rule_id", "pk"))


def not_proposed(actor: Actor, run: CoachingRun) -> list[LeftAlone]:
    """What it did not propose for agents in the actor's scope, by name. Two queries."""
    mine = [row for row in run.not_proposed if actor.covers(Capability.COACHING_MANAGE, row["team"])]
    named = agents_ever(actor).in_bulk({row["agent"] for row in mine})
    by = rules(actor).in_bulk({row["rule"] for row in mine})
    found = [
        LeftAlone(named[row["agent"]], by[row["rule"]], row["code"], row["why"])
        for row in mine
        if row["agent"] in named and row["rule"] in by
    ]
    return sorted(found, key=lambda each: (each.agent.name, each.agent.pk, each.rule.pk))


def finished_periods(actor: Actor, period: CoachingPeriod, now: datetime | None = None) -> list[date]:
    """First days of the latest periods that have ended in the workspace's zone, newest first. No query."""
    today = local_date(now or timezone.now(), actor.workspace.timezone)
    week_start = WEEK_STARTS[actor.workspace.settings.week_start]
    start, found = start_of(today, INTERVALS[period], week_start), []
    for _ in range(PERIODS_OFFERED[period]):
        start = start_of(start - timedelta(days=1), INTERVALS[period], week_start)
        found.append(start)
    return found
