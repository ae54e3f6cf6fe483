"""Drawing a plan's sample for one period, with the ledger that lets anybody recompute it.

One statement reads the frame, bands and hashes it, keeps the sorted frame of each stratum and answers with
the candidates (at most the quota of each stratum); how many of them are drawn, and who reviews them, is the
pure rule of sampling.py. Conversations never pass through Python, so memory stays flat.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.selectors import teams_on
from accounts.services.audit import record
from common.errors import Conflict, Missing, invalid
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import Draw, PlanReviewer, QueueItem, Review, SamplePlan
from qa_reviews.policies.plans import may_draw, may_plan
from qa_reviews.selectors.frames import Terms, closed, frame, interval_of, period_at, terms_json, today
from qa_reviews.selectors.graders import Grader, graders

TIME_TO_REVIEW = {"week": timedelta(days=7), "month": timedelta(days=28)}
BATCH = 2000

# The hash is sampling.unit_hash, bit for bit: 52 bits of md5 and a half are exact in a double.
# Bands are sampling.allocate's: none where an agent's quota or one of his bands is too small.
LEDGER = """
with frame (id, agent_id, team_id, risky) as materialized ({frame}),
sizes as (
    select agent_id, count(*) as n, count(*) filter (where risky) as n_risk from frame group by agent_id
),
banded as materialized (
    select frame.id, agent_id, frame.team_id,
        case when risky and n_risk < n and least(%s, n) >= 2 then 'risk' else 'normal' end as band,
        ((('x' || substr(md5(%s || frame.id), 1, 13))::bit(52)::bigint)::float8 + 0.5::float8)
            / 4503599627370496::float8 as u
    from frame join sizes using (agent_id)
),
strata as (
    insert into qa_reviews_stratum (workspace_id, draw_id, agent_id, band, frame, drawn, frame_ids)
    select %s, %s, agent_id, band, count(*), 0, array_agg(id order by id) from banded group by agent_id, band
    returning id, agent_id, band, frame
),
ranked as (
    select *, row_number() over (partition by agent_id, band order by u, id) as place from banded
)
select strata.id, agent_id, band, strata.frame, ranked.id, ranked.team_id, u
from strata join ranked using (agent_id, band) where place <= %s order by agent_id, band, u, ranked.id
"""
DRAWN = """
update qa_reviews_stratum set drawn = given.drawn, team_id = given.team_id
from unnest(%s::bigint[], %s::int[], %s::bigint[]) as given (id, drawn, team_id)
where qa_reviews_stratum.id = given.id
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation that may be drawn: one of the first of its stratum by hash."""

    stratum_id: int
    agent_id: int
    band: sampling.Band
    frame: int
    conversation_id: int
    conversation_team: int | None
    u: float


@dataclass(frozen=True, slots=True)
class Picked:
    """A drawn conversation with the size of its stratum's sample."""

    candidate: Candidate
    drawn: int
    team_id: int | None


@transaction.atomic
def draw_plan(*, actor: Actor, plan_id: int, period_start: date) -> tuple[Draw, bool]:
    """The draw of the plan for the period that starts on the day, and whether it was made now; asked again,
    the same draw. A filter that matches nothing gives a draw with an empty ledger.

    Raises Missing, Refused outside the actor's teams, Invalid (422) where no period starts, Conflict (409)
    `period_open` before its end in the workspace's zone, `period_overlaps` beside another draw of the plan,
    `plan_paused`.
    """
    plan = _locked(actor, plan_id)
    period = _period(actor, plan, period_start)
    existing = Draw.objects.visible_to(actor).filter(plan=plan, period_start=period_start).first()
    if existing is not None:
        return existing, False
    may_draw(actor, plan).demand()
    _check_period(actor, plan, period)
    draw = _draw(actor, plan, period)
    record(actor, "draw.made", draw, {"plan": plan.pk, "period_start": period_start.isoformat()})
    return draw, True


def _locked(actor: Actor, plan_id: int) -> SamplePlan:
    plan = SamplePlan.objects.visible_to(actor).select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise Missing
    may_plan(actor, plan.filter).demand()
    return plan


def _period(actor: Actor, plan: SamplePlan, first: date) -> Period:
    period = period_at(actor, interval_of(plan), first)
    if period is None:
        detail = f"No {plan.period} starts on {first}: give the first day of one."
        raise invalid("/period_start", "not_a_period_start", detail)
    return period


def _check_period(actor: Actor, plan: SamplePlan, period: Period) -> None:
    if period.last >= today(actor):
        raise Conflict(f"The period ends on {period.last}: it can be drawn from then on.", code="period_open")
    beside = Draw.objects.visible_to(actor).filter(
        plan=plan, period_start__lte=period.last, period_end__gte=period.first
    )
    if other := beside.first():
        detail = f"The plan was drawn for {other.period_start} to {other.period_end}, which shares days."
        raise Conflict(detail, code="period_overlaps")


def _draw(actor: Actor, plan: SamplePlan, period: Period) -> Draw:
    allowed = graders(actor, _reviewer_ids(plan))
    draw = Draw.objects.create(
        workspace=actor.workspace,
        plan=plan,
        period_start=period.first,
        period_end=period.last,
        seed=sampling.draw_seed(plan.seed, plan.pk, period.first),
        rule=sampling.RULE,
        frame_at=timezone.now(),
        terms=terms_json(plan),
        closed_total=closed(actor, period).count(),
        frame_total=0,
        allowed_reviewers=[each.id for each in allowed],
        created_by=actor.member,
    )
    terms = Terms.of(plan)
    candidates = _write_frames(actor, draw, terms, period)
    draw.frame_total = sum({each.stratum_id: each.frame for each in candidates}.values())
    draw.save(update_fields=["frame_total"])
    picked = _allocate(draw, terms, candidates)
    _write_items(draw, terms, picked, allowed, due_on=today(actor) + TIME_TO_REVIEW[plan.period])
    return draw


def _reviewer_ids(plan: SamplePlan) -> list[int]:
    rows = PlanReviewer.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    return list(rows.values_list("member_id", flat=True))


def _write_frames(actor: Actor, draw: Draw, terms: Terms, period: Period) -> list[Candidate]:
    """Write the strata with their sorted frames; their candidates, by agent, band and hash. One query."""
    rows, params = frame(actor, terms, period).query.sql_with_params()
    quota = terms.per_agent
    values = [*params, quota, f"{draw.seed}:", actor.workspace_id, draw.pk, quota]
    with connection.cursor() as cursor:
        cursor.execute(LEDGER.format(frame=rows), values)
        return [Candidate(*row) for row in cursor.fetchall()]


def _allocate(draw: Draw, terms: Terms, candidates: Iterable[Candidate]) -> list[Picked]:
    """Say of each stratum how many are drawn and which team it is; the drawn. Two queries."""
    agents: dict[int, dict[sampling.Band, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for each in candidates:
        agents[each.agent_id][each.band].append(each)
    teams = teams_on(draw.workspace_id, agents, draw.period_end)
    picked: list[Picked] = []
    strata: list[tuple[int, int, int | None]] = []
    for agent_id, bands in agents.items():
        sizes = {band: found[0].frame for band, found in bands.items()}
        given = sampling.allocate(
            terms.per_agent, terms.risk_share, sizes.get("risk", 0), sizes.get("normal", 0)
        )
        for band, found in bands.items():
            drawn = given.risk if band == "risk" else given.normal
            team = teams.get(agent_id)
            strata.append((found[0].stratum_id, drawn, team))
            picked += [Picked(each, drawn, team) for each in found[:drawn]]
    with connection.cursor() as cursor:
        cursor.execute(DRAWN, [list(column) for column in zip(*strata, strict=True)] or [[], [], []])
    return picked


def _write_items(
    draw: Draw, terms: Terms, picked: Iterable[Picked], allowed: list[Grader], due_on: date
) -> None:
    """The queue items with their reviewers, and second items for the share that two shall see."""
    by_id = {each.candidate.conversation_id: each for each in picked}
    able = _able(draw, by_id, allowed)
    first = sampling.assign(draw.seed, able)
    loads = Counter(member for member in first.values() if member is not None)
    twice = sampling.second_items(draw.seed, by_id, terms.second_review_share)
    second = sampling.assign(draw.seed, {each: able[each] - {first[each]} for each in twice}, loads)
    items = {each: _item(draw, by_id[each], first[each], due_on) for each in by_id}
    QueueItem.objects.bulk_create(items.values(), batch_size=BATCH)
    seconds = [_item(draw, by_id[each], second[each], due_on, items[each]) for each in twice]
    QueueItem.objects.bulk_create(seconds, batch_size=BATCH)


def _able(draw: Draw, picked: Mapping[int, Picked], allowed: list[Grader]) -> dict[int, set[int]]:
    """Who may review each conversation: not who has reviewed it already, by hand. One query."""
    reviews = Review.objects.in_workspace(draw.workspace_id).filter(
        closed_on__range=(draw.period_start, draw.period_end),
        reviewer_id__in=[each.id for each in allowed],
        kind=Review.Kind.STANDARD,
    )
    reviews = reviews.exclude(state__in=(Review.State.RETRACTED, Review.State.DRAFT))
    reviewed = set(reviews.values_list("conversation_id", "agent_id", "reviewer_id"))
    return {
        conversation: {
            grader.id
            for grader in allowed
            if grader.may_take(each.candidate.conversation_team, each.candidate.agent_id)
            and (conversation, each.candidate.agent_id, grader.id) not in reviewed
        }
        for conversation, each in picked.items()
    }


def _item(
    draw: Draw, picked: Picked, reviewer: int | None, due_on: date, second_of: QueueItem | None = None
) -> QueueItem:
    drawn = picked.candidate
    return QueueItem(
        workspace_id=draw.workspace_id,
        draw=draw,
        stratum_id=drawn.stratum_id,
        conversation_id=drawn.conversation_id,
        agent_id=drawn.agent_id,
        team_id=picked.team_id,
        band=drawn.band,
        u=drawn.u,
        probability=picked.drawn / drawn.frame,
        order_hash=sampling.order_hash(draw.seed, drawn.conversation_id),
        reviewer_id=reviewer,
        second_of=second_of,
        due_on=due_on,
    )
