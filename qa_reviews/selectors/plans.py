"""Reads of sample plans, and what a quota will give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median

from django.db.models import Count, DecimalField, F, Prefetch, Q, QuerySet, Sum

from accounts.access import Actor
from accounts.models import Member
from common.errors import Missing
from common.periods import Interval, Period
from qa_reviews import sampling
from qa_reviews.models import Review, SamplePlan
from qa_reviews.selectors.frames import Terms, closed, frame, last_whole_period, today

ASSUMED_SD = 20.0
"""Points; what scores usually spread by, until the workspace has reviews of its own."""
LOOK_BACK = timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would have drawn from a period: counts of conversations and agents; `half_width` in points,
    to which the median agent would be known, and the standard deviation `sd` that this rests on."""

    period: Period
    closed_total: int
    frame_total: int
    risk_total: int
    drawn: int
    agents: int
    frame_per_agent: float | None
    half_width: float | None
    sd: float
    sd_assumed: bool


def plans(actor: Actor) -> QuerySet[SamplePlan]:
    """The plans the actor sees, with their reviewers and how often each was drawn (`draw_count`). Two
    queries."""
    members = Prefetch("reviewers", Member.objects.visible_to(actor).order_by("name", "pk"))
    rows = SamplePlan.objects.visible_to(actor).select_related("scorecard", "created_by")
    return rows.prefetch_related(members).annotate(draw_count=Count("draws"))


def plan(actor: Actor, plan_id: int) -> SamplePlan:
    """One of them, or Missing. Two queries."""
    found = plans(actor).filter(pk=plan_id).first()
    if found is None:
        raise Missing
    return found


def preview(actor: Actor, terms: Terms, interval: Interval) -> Preview:
    """What these terms would have drawn from the last whole period. Three queries."""
    period = last_whole_period(actor, interval)
    rows = frame(actor, terms, period).order_by()
    sizes = rows.values("reviewee").annotate(n=Count("pk"), n_risk=Count("pk", filter=Q(risky=True)))
    frames = [(each["n"], each["n_risk"]) for each in sizes]
    drawn = [sampling.allocate(terms.per_agent, terms.risk_share, n_risk, n - n_risk) for n, n_risk in frames]
    spread = _spread(actor)
    known = spread.df >= sampling.BAND_DF
    sd = float(spread.variance) ** 0.5 if known else ASSUMED_SD
    middle = median(n for n, _ in frames) if frames else None
    reviews = min(terms.per_agent, round(middle)) if middle else 0
    return Preview(
        period=period,
        closed_total=closed(actor, period).count(),
        frame_total=sum(n for n, _ in frames),
        risk_total=sum(n_risk for _, n_risk in frames) if terms.risks else 0,
        drawn=sum(each.risk + each.normal for each in drawn),
        agents=len(frames),
        frame_per_agent=middle,
        half_width=sampling.half_width_for(sd, reviews, round(middle)) if middle else None,
        sd=sd,
        sd_assumed=not known,
    )


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
