"""Drawing a plan's sample for one period, with the ledger that lets anybody recompute it.

One statement reads and bands the frame, keeps its sorted ids per stratum, and answers with the first of each
by hash; how many of them are drawn, and who reviews them, is the pure rule of sampling.py. The frame never
passes through Python, so memory stays flat.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.selectors import teams_on
from accounts.services.audit import record
from common.errors import Conflict, Missing, invalid
from common.periods import Period, local_date
from conversations.models import Conversation
from qa_reviews import sampling
from qa_reviews.models import Draw, PlanReviewer, Review, SamplePlan
from qa_reviews.policies.plans import may_draw, may_plan
from qa_reviews.selectors.frames import Terms, closed, frame, interval_of, period_at, terms_json, today
from qa_reviews.selectors.graders import Grader, Takes, graders

TIME_TO_REVIEW = {"week": timedelta(days=7), "month": timedelta(days=28)}

# The first by sampling.unit_hash: 13 hex digits of md5 sort as text like the number they are.
# An agent of whom all or nothing is a risk has no bands, as sampling.allocate says; a quota of one asks none.
LEDGER = """
with grouped as materialized (
    select agent_id, risky, count(*) as n, array_agg(id) as ids
    from ({frame}) as frame (id, agent_id, risky) group by agent_id, risky
),
banded as (
    select agent_id, n, ids,
        case when risky and count(*) over (partition by agent_id) = 2 then 'risk' else 'normal' end as band
    from grouped
),
strata as (
    insert into qa_reviews_stratum (workspace_id, draw_id, agent_id, band, frame, drawn, frame_ids)
    select %s, %s, agent_id, band, n, 0, array(select unnest(ids) order by 1) from banded
    returning id, agent_id, band
)
select strata.id, agent_id, band, n, array(
    select each.id from unnest(ids) as each (id)
    order by substr(md5(%s || each.id), 1, 13) collate "C", each.id limit %s
)
from strata join banded using (agent_id, band) order by agent_id, band
"""
DRAWN = """
update qa_reviews_stratum set drawn = given.drawn, team_id = given.team_id
from unnest(%s::bigint[], %s::int[], %s::bigint[]) as given (id, drawn, team_id)
where qa_reviews_stratum.id = given.id
"""
# Run once for the first round, when no item stands yet, and once for second reviews, which find their first.
ITEMS = """
insert into qa_reviews_queueitem (workspace_id, draw_id, stratum_id, conversation_id, agent_id, team_id, band,
    u, probability, order_hash, second_of_id, reviewer_id, state, skip_reason, skip_comment, from_pool,
    declined_by, due_on, created_at, updated_at)
select stratum.workspace_id, stratum.draw_id, stratum.id, given.conversation_id, stratum.agent_id,
    stratum.team_id, stratum.band, given.u, stratum.drawn::float8 / stratum.frame, given.order_hash, first.id,
    given.reviewer_id, 'open', '', '', false, '{}', %s, now(), now()
from unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::text[], %s::bigint[])
    as given (stratum_id, conversation_id, u, order_hash, reviewer_id)
join qa_reviews_stratum as stratum on stratum.id = given.stratum_id
left join qa_reviews_queueitem as first
    on first.draw_id = stratum.draw_id and first.conversation_id = given.conversation_id
order by given.order_hash
"""


@dataclass(frozen=True, slots=True)
class Candidates:
    """A stratum with the size of its frame, and its first conversations by hash, at most the quota."""

    stratum_id: int
    agent_id: int
    band: sampling.Band
    frame: int
    first: list[int]


@dataclass(frozen=True, slots=True)
class Picked:
    """A drawn conversation."""

    conversation_id: int
    stratum_id: int
    agent_id: int


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
    strata = _write_strata(actor, draw, terms, period)
    draw.frame_total = sum(each.frame for each in strata)
    draw.save(update_fields=["frame_total"])
    picked = _allocate(draw, terms, strata)
    _write_items(draw, terms, picked, allowed, due_on=today(actor) + TIME_TO_REVIEW[plan.period])
    return draw


def _reviewer_ids(plan: SamplePlan) -> list[int]:
    rows = PlanReviewer.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    return list(rows.values_list("member_id", flat=True))


def _write_strata(actor: Actor, draw: Draw, terms: Terms, period: Period) -> list[Candidates]:
    """Write the strata with their sorted frames; their candidates, by agent and band. One query."""
    banded = terms if terms.per_agent > 1 else replace(terms, risks=())
    rows, params = frame(actor, banded, period).query.sql_with_params()
    values = [*params, actor.workspace_id, draw.pk, f"{draw.seed}:", terms.per_agent]
    with connection.cursor() as cursor:
        cursor.execute(LEDGER.format(frame=rows), values)
        return [Candidates(*row) for row in cursor.fetchall()]


def _allocate(draw: Draw, terms: Terms, strata: Iterable[Candidates]) -> list[Picked]:
    """Say of each stratum how many are drawn and which team it is; the drawn. Two queries."""
    agents: dict[int, dict[sampling.Band, Candidates]] = defaultdict(dict)
    for each in strata:
        agents[each.agent_id][each.band] = each
    teams = teams_on(draw.workspace_id, agents, draw.period_end)
    picked: list[Picked] = []
    rows: list[tuple[int, int, int | None]] = []
    for agent_id, bands in agents.items():
        sizes = {band: each.frame for band, each in bands.items()}
        given = sampling.allocate(
            terms.per_agent, terms.risk_share, sizes.get("risk", 0), sizes.get("normal", 0)
        )
        for band, each in bands.items():
            drawn = given.risk if band == "risk" else given.normal
            rows.append((each.stratum_id, drawn, teams.get(agent_id)))
            picked += [Picked(pk, each.stratum_id, agent_id) for pk in each.first[:drawn]]
    _execute(DRAWN, rows)
    return picked


def _write_items(
    draw: Draw, terms: Terms, picked: Iterable[Picked], allowed: list[Grader], due_on: date
) -> None:
    """The queue items with their reviewers, and second items for the share that two shall see. At most four
    queries."""
    by_id = {each.conversation_id: each for each in picked}
    able = _able(draw, by_id, allowed)
    first = sampling.assign(draw.seed, able)
    loads = Counter(member for member in first.values() if member is not None)
    twice = sampling.second_items(draw.seed, by_id, terms.second_review_share)
    second = sampling.assign(draw.seed, {each: able[each] - {first[each]} for each in twice}, loads)
    for reviewers in (first, second):
        rows = [
            (
                by_id[pk].stratum_id,
                pk,
                sampling.unit_hash(draw.seed, pk),
                sampling.order_hash(draw.seed, pk),
                reviewer,
            )
            for pk, reviewer in reviewers.items()
        ]
        _execute(ITEMS, rows, due_on)


def _execute(sql: str, rows: Sequence[tuple[object, ...]], *before: date) -> None:
    """Run a statement that takes rows as one array a column; nothing for no rows."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, [*before, *(list(column) for column in zip(*rows, strict=True))])


def _able(draw: Draw, picked: Mapping[int, Picked], allowed: list[Grader]) -> dict[int, set[int]]:
    """Who may review each conversation: not who has reviewed it already, by hand. At most two queries."""
    reviews = Review.objects.in_workspace(draw.workspace_id).filter(
        closed_on__range=(draw.period_start, draw.period_end),
        reviewer_id__in=[each.id for each in allowed],
        kind=Review.Kind.STANDARD,
    )
    reviews = reviews.exclude(state__in=(Review.State.RETRACTED, Review.State.DRAFT))
    reviewed = set(reviews.values_list("conversation_id", "agent_id", "reviewer_id"))
    on = local_date(draw.frame_at, draw.workspace.timezone)
    rows = Conversation.objects.in_workspace(draw.workspace_id).filter(pk__in=picked)
    facts = {
        pk: Takes(team_id, picked[pk].agent_id, language, channel, topic)
        for pk, team_id, language, channel, topic in rows.values_list(
            "pk", "team_id", "language", "channel", "topic"
        )
    }
    return {
        pk: {
            grader.id
            for grader in allowed
            if grader.may_take(facts[pk], on) and (pk, each.agent_id, grader.id) not in reviewed
        }
        for pk, each in picked.items()
    }
