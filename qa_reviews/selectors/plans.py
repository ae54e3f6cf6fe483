"""Reads of sample plans, and what a quota will give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import cast

from django.db.models import (
    Aggregate,
    Count,
    DecimalField,
    F,
    FloatField,
    Prefetch,
    Q,
    QuerySet,
    Sum,
)

from accounts.access import Actor
from accounts.models import Team
from common.errors import Missing
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import PlanReviewer, Review, SamplePlan
from qa_reviews.selectors.frames import Terms, closed, frame, today
from qa_reviews.selectors.graders import plan_graders
from qa_reviews.selectors.periods import last_whole, parts_of_month, rhythm_of

ASSUMED_SD = 20.0
"""Points; what scores usually spread by, until the workspace has reviews of its own."""
LOOK_BACK = timedelta(weeks=26)


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


class Median(Aggregate):
    """The middle of a column's values; NULLs left out."""

    function = "percentile_cont"
    template = "%(function)s(0.5) within group (order by %(expressions)s)"
    output_field = FloatField()


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
    """What the plan would have drawn from the last whole period. At most eleven queries."""
    terms, period = Terms.of(plan), _example(actor, plan)
    rows = frame(actor, terms, period).order_by()
    sizes = rows.values("reviewee").annotate(n=Count("pk"), n_risk=Count("pk", filter=Q(risky=True)))
    frames = {each["reviewee"]: (each["n"], each["n_risk"]) for each in sizes}
    graders = plan_graders(actor, plan, today(actor))
    weights = sum((each.weight for each in graders), Decimal(0))
    spread = _spread(actor)
    known = spread.df >= sampling.BAND_DF
    sd = float(spread.variance) ** 0.5 if known else ASSUMED_SD
    quota = replace(
        _quota(plan),
        part=parts_of_month(rhythm_of(actor, plan), period),
        weights=Fraction(weights),
        sds=dict.fromkeys(frames, Decimal(sd)),
    )
    given = sampling.quotas(quota, {agent: n for agent, (n, _risk) in frames.items()}, plan.seed)
    drawn = sum(given.values())
    second = sampling.half_up(drawn * Fraction(plan.second_review_share))
    minutes = _minutes(actor, plan)
    return Preview(
        period=period,
        closed_total=closed(actor, period).count(),
        frame_total=sum(n for n, _risk in frames.values()),
        risk_total=sum(risk for _n, risk in frames.values()) if terms.risks else 0,
        drawn=drawn,
        second=second,
        agents=len(frames),
        frame_per_agent=median(n for n, _risk in frames.values()) if frames else None,
        half_width=_known_to(sd, frames, given),
        sd=sd,
        sd_assumed=not known,
        reviewers=len(graders),
        per_reviewer=float((drawn + second) / weights) if weights else None,
        minutes=minutes,
        hours=None if minutes is None else (drawn + second) * minutes / 60,
    )


def _quota(plan: SamplePlan) -> sampling.Quota:
    of, kind = cast(sampling.QuotaOf, plan.quota_of), cast(sampling.QuotaKind, plan.quota_kind)
    return sampling.Quota(of=of, kind=kind, value=Decimal(plan.quota))


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


def _known_to(sd: float, frames: Mapping[int, tuple[int, int]], given: Mapping[int, int]) -> float | None:
    """To how many points the median agent would be known, of those who would be reviewed at all."""
    known = [sampling.half_width_for(sd, n, frames[agent][0]) for agent, n in given.items() if n]
    return median(known) if known else None


def _minutes(actor: Actor, plan: SamplePlan) -> float | None:
    """How long a review usually takes: the median by the plan's scorecard, else in the workspace. One query,
    or two."""
    timed = Review.objects.in_workspace(actor.workspace_id).filter(
        active_seconds__gt=0, submitted_on__gte=today(actor) - LOOK_BACK
    )
    for rows in (timed.filter(scorecard=plan.scorecard_id), timed):
        if (seconds := rows.order_by().aggregate(usual=Median("active_seconds"))["usual"]) is not None:
            return float(seconds) / 60
    return None


def _spread(actor: Actor) -> sampling.Spread:
    """How scores spread inside the workspace's strata, over draws that ended in the last 26 weeks."""
    rows = (
        Review.objects.in_workspace(actor.workspace_id)
        .counted()
        .filter(stratum__draw__period_end__gte=today(actor) - LOOK_BACK, score__isnull=False)
    )
    square = Sum(F("score") * F("score"), output_field=DecimalField(max_digits=30, decimal_places=8))
    sums = rows.order_by().values("stratum_id").annotate(n=Count("pk"), y=Sum("score"), y2=square)
    found = (sampling.Spread.of(each["n"], Decimal(each["y"]), Decimal(each["y2"])) for each in sums)
    return sum(found, sampling.NO_SPREAD)
