"""Reads of sample plans, and what a quota will give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from django.db.models import Count, Prefetch, QuerySet

from accounts.access import Actor
from accounts.models import Team
from common.errors import Missing
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import PlanReviewer, SamplePlan
from qa_reviews.sampling import FrameSize
from qa_reviews.selectors.frames import Terms, closed, frame_sizes, today
from qa_reviews.selectors.graders import plan_graders
from qa_reviews.selectors.periods import last_whole, parts_of_month, rhythm_of
from qa_reviews.selectors.spreads import ASSUMED_SD, Sd, agent_sds, usual_time

USUAL_SECOND = Decimal("0.1")
"""The share that a second reviewer sees too, of a first plan."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would have drawn from a period: counts of conversations and agents; `half_width` in points,
    to which the median agent would be known, and the standard deviation `sd` that this rests on. `second`:
    how many a second reviewer sees too; `per_reviewer`: what falls to a reviewer of weight 1, None without
    reviewers; `hours` of reviewing at the usual `minutes` a review, None before there are any."""

    period: Period
    closed_total: int
    frame_total: int
    risk_total: int
    drawn: int
    second: int
    agents: int
    frame_per_agent: float | None
    half_width: float | None
    sd: float
    sd_assumed: bool
    reviewers: int
    per_reviewer: float | None
    minutes: float | None
    hours: float | None


def plans(actor: Actor) -> QuerySet[SamplePlan]:
    """The plans the actor sees, with their reviewers and weights (`reviewer_rows`), reviewer teams, and how
    often each was drawn (`draw_count`). Three queries."""
    of_plan = PlanReviewer.objects.visible_to(actor).select_related("member")
    members = Prefetch("reviewer_rows", of_plan.order_by("member__name", "member_id"))
    teams = Prefetch("reviewer_teams", Team.objects.visible_to(actor).order_by("name", "pk"))
    rows = SamplePlan.objects.visible_to(actor).select_related("scorecard", "created_by")
    return rows.prefetch_related(members, teams).annotate(draw_count=Count("draws"))


def plan(actor: Actor, plan_id: int) -> SamplePlan:
    """One of them, or Missing. Three queries."""
    found = plans(actor).filter(pk=plan_id).first()
    if found is None:
        raise Missing
    return found


def preview(actor: Actor, plan: SamplePlan) -> Preview:
    """What the plan would have drawn from the last whole period, by the quota and the spread that a draw
    would go by. At most fourteen queries."""
    terms, period = Terms.of(plan), _example(actor, plan)
    frames = frame_sizes(actor, terms, period)
    sds = agent_sds(actor, frames, period.last)
    graders = plan_graders(actor, plan, today(actor))
    weights = sum((each.weight for each in graders), Decimal(0))
    quota = replace(
        terms.quota,
        part=parts_of_month(rhythm_of(actor, plan), period),
        weights=Fraction(weights),
        sds={agent: sd.exact for agent, sd in sds.items()},
    )
    given = sampling.quotas(quota, {agent: each.all for agent, each in frames.items()}, plan.seed)
    drawn = sum(given.values())
    second = sampling.half_up(drawn * Fraction(plan.second_review_share))
    time = usual_time(actor, plan.scorecard_id)
    return Preview(
        period=period,
        closed_total=closed(actor, period).count(),
        frame_total=sum(each.all for each in frames.values()),
        risk_total=sum(each.risk for each in frames.values()) if terms.risks else 0,
        drawn=drawn,
        second=second,
        agents=len(frames),
        frame_per_agent=median(each.all for each in frames.values()) if frames else None,
        half_width=_known_to(frames, sds, given),
        sd=median(sd.points for sd in sds.values()) if sds else ASSUMED_SD,
        sd_assumed=all(sd.whose == "assumed" for sd in sds.values()),
        reviewers=len(graders),
        per_reviewer=float((drawn + second) / weights) if weights else None,
        minutes=time.minutes,
        hours=time.hours(drawn + second),
    )


def _example(actor: Actor, plan: SamplePlan) -> Period:
    """The plan's last whole period; before the first has ended, one like it."""
    rhythm, day = rhythm_of(actor, plan), today(actor)
    if (period := last_whole(rhythm, day)) is not None:
        return period
    if rhythm.days is not None:
        return Period(day - timedelta(rhythm.days), day - timedelta(1))
    period = last_whole(replace(rhythm, starts_on=None, ends_on=None), day)
    assert period is not None  # calendar periods have no beginning
    return period


def _known_to(
    frames: Mapping[int, FrameSize], sds: Mapping[int, Sd], given: Mapping[int, int]
) -> float | None:
    """To how many points the median agent would be known, of those who would be reviewed at all."""
    known = [
        sampling.half_width_for(sds[agent].points, n, frames[agent].all) for agent, n in given.items() if n
    ]
    return median(known) if known else None
