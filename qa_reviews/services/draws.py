"""Drawing a plan's sample for one period, with the ledger that lets anybody recompute it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.selectors import teams_on
from accounts.services.audit import record
from common.errors import Conflict, Missing, invalid
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import Draw, SamplePlan
from qa_reviews.policies.plans import may_draw, may_plan
from qa_reviews.selectors.cycles import obstacle
from qa_reviews.selectors.frames import Terms, closed, stored_quota, terms_json, today
from qa_reviews.selectors.graders import Grader
from qa_reviews.selectors.periods import parts_of_month, rhythm_of, sample_period
from qa_reviews.services.giving import Known, give_out, present_graders
from qa_reviews.services.ledgers import completed, read_frames, seal, write_strata


@transaction.atomic
def draw_plan(
    *, actor: Actor, plan_id: int, period_start: date, automatic: bool = False
) -> tuple[Draw, bool]:
    """The draw of the plan for the period that starts on the day, and whether it was made now; asked again,
    the same draw. A filter that matches nothing gives a draw with an empty ledger. `automatic`: by the clock.

    Raises Missing, Refused outside the actor's teams, Invalid (422) where no period starts, Conflict (409)
    `period_open` before its end in the workspace's zone, `period_overlaps` beside another draw of the plan,
    `plan_paused`, `plan_ended`, `scorecard_not_published`.
    """
    plan = locked_plan(actor=actor, plan_id=plan_id)
    existing = Draw.objects.visible_to(actor).filter(plan=plan, period_start=period_start, superseded_at=None)
    if (draw := existing.first()) is not None:
        return draw, False
    may_draw(actor, plan).demand()
    period = _period(actor, plan, period_start)
    _check_period(actor, plan, period)
    check_scorecard(actor=actor, plan=plan)
    draw = Draw(plan=plan, period_start=period.first, period_end=period.last, automatic=automatic)
    fill(actor=actor, draw=draw, known=Known())
    record(actor, "draw.made", draw, {"plan": plan.pk, "period_start": period_start.isoformat()})
    return draw, True


def locked_plan(*, actor: Actor, plan_id: int) -> SamplePlan:
    """The plan, locked: nobody else draws it meanwhile. Raises Missing, Refused outside the actor's teams."""
    plan = SamplePlan.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=plan_id)
    found = plan.select_related("scorecard").first()
    if found is None:
        raise Missing
    may_plan(actor, found.filter).demand()
    return found


def check_scorecard(*, actor: Actor, plan: SamplePlan) -> None:
    """Conflict where what is drawn could not be graded. A plan without a scorecard takes the one that is
    offered for a conversation."""
    if detail := obstacle(actor, plan):
        raise Conflict(detail, code="scorecard_not_published")


def _period(actor: Actor, plan: SamplePlan, first: date) -> Period:
    period = sample_period(rhythm_of(actor, plan), first)
    if period is None:
        detail = f"No period of the plan starts on {first}: give the first day of one."
        raise invalid("/period_start", "not_a_period_start", detail)
    return period


def _check_period(actor: Actor, plan: SamplePlan, period: Period) -> None:
    if period.last >= today(actor):
        over = period.last + timedelta(days=1)
        detail = f"The period runs until the end of {period.last}: it can be drawn from {over} on."
        raise Conflict(detail, code="period_open")
    beside = Draw.objects.visible_to(actor).filter(
        plan=plan, superseded_at=None, period_start__lte=period.last, period_end__gte=period.first
    )
    if other := beside.first():
        detail = f"The plan was drawn for {other.period_start} to {other.period_end}, which shares days."
        raise Conflict(detail, code="period_overlaps")


def fill(*, actor: Actor, draw: Draw, known: Known) -> None:
    """Save a new draw of its plan and period with its whole ledger, by the plan's terms and today's frame. At
    most twenty queries."""
    plan, period = draw.plan, Period(draw.period_start, draw.period_end)
    allowed = present_graders(actor=actor, plan=plan)
    terms = Terms.of(plan)
    _begin(actor, draw, allowed)
    framed = read_frames(actor=actor, draw=draw, terms=terms, period=period)
    sizes, part = sampling.sizes_of(framed), part_of(actor=actor, draw=draw, former=draw.supersedes)
    quota = completed(actor=actor, quota=terms.quota, part=part, on=period.last, allowed=allowed, sizes=sizes)
    given = sampling.allocations([quota], terms.risk_share, sizes, draw.seed)
    teams = teams_on(draw.workspace_id, sizes, period.last)
    strata = write_strata(draw=draw, framed=framed, given=given, teams=teams)
    draw.terms = terms_json(plan, quota)
    draw.frame_total = sum(each.frame for each in framed)
    draw.save(update_fields=["terms", "frame_total"])
    give_out(actor=actor, draw=draw, strata=strata, allowed=allowed, known=known)
    seal(draw=draw, strata=strata)


def part_of(*, actor: Actor, draw: Draw, former: Draw | None) -> tuple[int, int]:
    """Which part of its month's quota the draw takes, as (k, n). It stays what it was in the `former` draw of
    the same days, however the plan divides its months by now."""
    if former is not None and (quota := stored_quota(former.terms)).kind == "number":
        return quota.part
    return parts_of_month(rhythm_of(actor, draw.plan), Period(draw.period_start, draw.period_end))


def _begin(actor: Actor, draw: Draw, allowed: Iterable[Grader]) -> None:
    plan = draw.plan
    draw.workspace = actor.workspace
    draw.seed = sampling.draw_seed(plan.seed, plan.pk, draw.period_start)
    draw.rule = sampling.RULE
    draw.frame_at = draw.frame_at or timezone.now()
    draw.terms = {}
    draw.closed_total = closed(actor, Period(draw.period_start, draw.period_end)).count()
    draw.frame_total = 0
    draw.allowed_reviewers = [each.id for each in allowed]
    draw.created_by = actor.member
    draw.save(force_insert=True)
