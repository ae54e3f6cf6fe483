"""Reads of draws: strata, items, what came late, and the proof that the ledger is what the rule gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, Q, QuerySet

from accounts.access import Actor, Capability
from accounts.models import Member
from common.errors import Missing
from common.periods import Period
from common.refs import ref_json
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, SamplePlan, Stratum
from qa_reviews.selectors.frames import Terms, eligible

LATE = """
select count(*) from ({eligible}) as now (id)
left join (select unnest(frame_ids) as id from qa_reviews_stratum where draw_id = %s) as framed using (id)
where framed.id is null
"""
GONE = """
select framed.id from (select unnest(frame_ids) as id from qa_reviews_stratum where draw_id = %s) as framed
left join conversations_conversation as kept on kept.id = framed.id and kept.workspace_id = %s
where kept.id is null order by framed.id
"""
R = TypeVar("R", Stratum, QueueItem)

NOT_REVIEWABLE = Q(
    items__state=QueueItem.State.SKIPPED, items__skip_reason=QueueItem.SkipReason.NOT_REVIEWABLE
)
FIRST_ROUND = Q(items__second_of=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a draw's ledger is what its rule gives; differences in sentences; frame ids without a row."""

    differences: list[str]
    gone: list[int]

    @property
    def matches(self) -> bool:
        return not self.differences


def draws(actor: Actor) -> QuerySet[Draw]:
    """The draws the actor sees, newest period first. One query."""
    rows = Draw.objects.visible_to(actor).select_related("plan", "created_by")
    return rows.order_by("-period_start", "-pk")


def draws_of(actor: Actor, plan_id: int) -> QuerySet[Draw]:
    """The draws of one plan, or Missing; with how many items were drawn and done. Two queries."""
    if not SamplePlan.objects.visible_to(actor).filter(pk=plan_id).exists():
        raise Missing
    first = Q(items__second_of=None)
    return (
        draws(actor)
        .filter(plan_id=plan_id)
        .annotate(
            drawn=Count("items", filter=first),
            done=Count("items", filter=first & Q(items__state=QueueItem.State.DONE)),
        )
    )


def draw(actor: Actor, draw_id: int) -> Draw:
    """One draw, or Missing. One query."""
    found = draws(actor).filter(pk=draw_id).first()
    if found is None:
        raise Missing
    return found


def strata(actor: Actor, of: Draw) -> QuerySet[Stratum]:
    """The draw's strata in the actor's teams, without frame ids, by agent and band, with counts of the first
    round: `done`, `not_reviewable`, `replacements`. One query."""
    return (
        _in_scope(actor, Stratum.objects.visible_to(actor).filter(draw=of))
        .select_related("agent", "team")
        .defer("frame_ids")
        .annotate(
            done=Count("items", filter=FIRST_ROUND & Q(items__state=QueueItem.State.DONE)),
            not_reviewable=Count("items", filter=FIRST_ROUND & NOT_REVIEWABLE),
            replacements=Count("items", filter=FIRST_ROUND & Q(items__replaces__isnull=False)),
        )
        .order_by("agent__name", "agent_id", "band")
    )


def draw_items(actor: Actor, of: Draw) -> QuerySet[QueueItem]:
    """The draw's items in the actor's teams, in the order of the draw. One query."""
    rows = _in_scope(actor, QueueItem.objects.visible_to(actor).filter(draw=of))
    related = rows.select_related("conversation", "agent", "team", "reviewer", "draw__plan")
    return related.order_by("agent__name", "agent_id", "band", "u", "pk")


def _in_scope(actor: Actor, rows: QuerySet[R]) -> QuerySet[R]:
    scope = actor.scope(Capability.PLAN_MANAGE)
    return rows if scope is None else rows.filter(team_id__in=scope)


def allowed_reviewers(actor: Actor, of: Draw) -> QuerySet[Member]:
    """The members among whom the items were given out. One query."""
    return Member.objects.visible_to(actor).filter(pk__in=of.allowed_reviewers).order_by("name", "pk")


def late(actor: Actor, of: Draw) -> int:
    """How many conversations match the draw now that were not in its frame: they arrived or closed too late,
    or changed since. One query over the period."""
    period = Period(of.period_start, of.period_end)
    rows = eligible(actor, Terms.stored(of.terms), period).values_list("pk")
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(LATE.format(eligible=sql), [*params, of.pk])
        return int(cursor.fetchone()[0])


def verify(actor: Actor, draw_id: int) -> Verdict:
    """Recompute the draw from its stored frame. Sees the whole ledger, whatever the actor's teams. Four
    queries."""
    of = draw(actor, draw_id)
    rows = list(Stratum.objects.in_workspace(of.workspace_id).filter(draw=of).order_by("pk"))
    items = list(QueueItem.objects.in_workspace(of.workspace_id).filter(draw=of).order_by("pk"))
    with connection.cursor() as cursor:
        cursor.execute(GONE, [of.pk, of.workspace_id])
        gone = [row[0] for row in cursor.fetchall()]
    return Verdict(
        [*sampling.differences(_ledger(of, rows, items)), *_row_differences(of, rows, items)], gone
    )


def _ledger(of: Draw, rows: list[Stratum], items: list[QueueItem]) -> sampling.Ledger:
    return sampling.Ledger(
        seed=of.seed,
        rule=of.rule,
        quota=sampling.Quota.per_agent(int(of.terms["per_agent"])),
        share=Decimal(of.terms["risk_share"]),
        strata=[
            sampling.LedgerStratum(each.agent_id, _band(each), each.frame_ids, each.drawn) for each in rows
        ],
        items=[
            sampling.LedgerItem(
                each.conversation_id,
                each.agent_id,
                _band(each),
                each.u,
                each.probability,
                replacement=each.replaces_id is not None,
            )
            for each in items
            if each.second_of_id is None
        ],
    )


def _band(row: Stratum | QueueItem) -> sampling.Band:
    return "risk" if row.band == "risk" else "normal"


def _row_differences(of: Draw, rows: list[Stratum], items: list[QueueItem]) -> Iterator[str]:
    """What the pure check cannot see: whether the rows agree with each other."""
    if of.seed != (seed := sampling.draw_seed(of.plan.seed, of.plan_id, of.period_start)):
        yield f"The seed is {of.seed!r}, plan and period give {seed!r}."
    if of.frame_total != (total := sum(len(each.frame_ids) for each in rows)):
        yield f"The frame's total is {of.frame_total}, its strata hold {total}."
    for row in rows:
        if row.frame != len(row.frame_ids):
            yield f"Agent {row.agent_id}, band {row.band}: {len(row.frame_ids)} ids are kept of {row.frame}."
    strata = {each.pk: each for each in rows}
    by_id = {each.pk: each for each in items}
    for item in items:
        name = f"Item {item.pk}, conversation {item.conversation_id}"
        stratum = strata.get(item.stratum_id)
        if stratum is None or _place(item) != _place(stratum):
            yield f"{name}: agent, team or band are not those of its stratum."
        if item.order_hash != sampling.order_hash(of.seed, item.conversation_id):
            yield f"{name}: its place in the queue is not the one the rule gives."
        if item.second_of_id is not None and _drawn(item) != _drawn(by_id.get(item.second_of_id)):
            yield f"{name}: is not the conversation it is to be a second look at."


def _place(row: Stratum | QueueItem) -> tuple[int, int | None, str]:
    return row.agent_id, row.team_id, row.band


def _drawn(item: QueueItem | None) -> tuple[int, float, float] | None:
    return (item.conversation_id, item.u, item.probability) if item else None


def ledger(actor: Actor, draw_id: int) -> Iterator[dict[str, Any]]:
    """All that a third party needs to recompute the draw: its head, its strata with their frames, its items;
    for a planner of some teams theirs only. Three queries, rows streamed."""
    of = draw(actor, draw_id)
    rows = _in_scope(actor, Stratum.objects.visible_to(actor).filter(draw=of))
    return _lines(
        of, rows.select_related("agent", "team").order_by("agent_id", "band"), draw_items(actor, of)
    )


def _lines(of: Draw, rows: QuerySet[Stratum], items: QuerySet[QueueItem]) -> Iterator[dict[str, Any]]:
    yield _head(of)
    for stratum in rows.iterator(chunk_size=100):
        yield {
            "kind": "stratum",
            "agent": ref_json(stratum.agent),
            "team": ref_json(stratum.team),
            "band": stratum.band,
            "frame": stratum.frame,
            "drawn": stratum.drawn,
            "frame_ids": stratum.frame_ids,
        }
    for item in items.iterator(chunk_size=1000):
        yield {
            "kind": "item",
            "id": item.pk,
            "conversation": item.conversation_id,
            "agent": item.agent_id,
            "band": item.band,
            "u": item.u,
            "probability": item.probability,
            "second_of": item.second_of_id,
            "replaces": item.replaces_id,
            "reviewer": item.reviewer_id,
            "state": item.state,
            "skip_reason": item.skip_reason,
        }


def _head(of: Draw) -> dict[str, Any]:
    return {
        "kind": "draw",
        "id": of.pk,
        "plan": ref_json(of.plan),
        "period_start": of.period_start.isoformat(),
        "period_end": of.period_end.isoformat(),
        "seed": of.seed,
        "plan_seed": of.plan.seed,
        "seed_given": of.plan.seed_given,
        "seeded_at": of.plan.seeded_at.isoformat(),
        "rule": of.rule,
        "frame_at": of.frame_at.isoformat(),
        "terms": of.terms,
        "closed_total": of.closed_total,
        "frame_total": of.frame_total,
        "allowed_reviewers": of.allowed_reviewers,
        "redraw_reason": of.redraw_reason,
    }
