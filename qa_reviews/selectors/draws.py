"""Reads of draws: strata, items, and what came late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Count, Q, QuerySet

from accounts.access import Actor, Capability
from accounts.models import Member
from common.errors import Missing
from common.periods import Period
from qa_reviews.models import Draw, QueueItem, SamplePlan, Stratum
from qa_reviews.sampling import Quota
from qa_reviews.selectors.frames import Terms, eligible, stored_quota

LATE = """
select count(*) from ({eligible}) as now (id)
left join (select unnest(frame_ids) as id from qa_reviews_stratum where draw_id = %s) as framed using (id)
where framed.id is null
"""
R = TypeVar("R", Stratum, QueueItem)

NOT_REVIEWABLE = Q(
    items__state=QueueItem.State.SKIPPED, items__skip_reason=QueueItem.SkipReason.NOT_REVIEWABLE
)
FIRST_ROUND = Q(items__second_of=None)


def draws(actor: Actor) -> QuerySet[Draw]:
    """The draws the actor sees, newest period first. One query."""
    rows = Draw.objects.visible_to(actor).select_related("plan", "created_by", "superseded_by")
    return rows.order_by("-period_start", "-pk")


def heads_of(actor: Actor, plan_id: int) -> QuerySet[Draw]:
    """The draws of one plan, or Missing. Two queries."""
    if not SamplePlan.objects.visible_to(actor).filter(pk=plan_id).exists():
        raise Missing
    return draws(actor).filter(plan_id=plan_id)


def draws_of(actor: Actor, plan_id: int) -> QuerySet[Draw]:
    """The draws of one plan, or Missing; with how many items were drawn and done. Two queries."""
    return heads_of(actor, plan_id).annotate(
        drawn=Count("items", filter=FIRST_ROUND),
        done=Count("items", filter=FIRST_ROUND & Q(items__state=QueueItem.State.DONE)),
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
        in_scope(actor, Stratum.objects.visible_to(actor).filter(draw=of))
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
    rows = in_scope(actor, QueueItem.objects.visible_to(actor).filter(draw=of))
    related = rows.select_related("conversation", "agent", "team", "reviewer", "draw__plan")
    return related.order_by("agent__name", "agent_id", "band", "u", "pk")


def in_scope(actor: Actor, rows: QuerySet[R]) -> QuerySet[R]:
    """The rows of the teams that the actor plans for."""
    scope = actor.scope(Capability.PLAN_MANAGE)
    return rows if scope is None else rows.filter(team_id__in=scope)


def allowed_reviewers(actor: Actor, of: Draw) -> QuerySet[Member]:
    """The members among whom the items were given out. One query."""
    return Member.objects.visible_to(actor).filter(pk__in=of.allowed_reviewers).order_by("name", "pk")


@dataclass(frozen=True, slots=True)
class Raise:
    """A raise of a draw's quota: when, by whom ("" for the clock), why, and the quota before."""

    at: datetime
    by: str
    reason: str
    quota: Quota
    digest: str


def raises(actor: Actor, of: Draw) -> list[Raise]:
    """The draw's raises, oldest first. One query, none without raises."""
    if not of.raises:
        return []
    rows = Member.objects.in_workspace(actor.workspace_id).filter(pk__in=[each["by"] for each in of.raises])
    names = dict(rows.values_list("pk", "name"))
    return [
        Raise(
            datetime.fromisoformat(each["at"]),
            names.get(each["by"], ""),
            each["reason"],
            stored_quota(each["terms"]),
            each["digest"],
        )
        for each in of.raises
    ]


def late(actor: Actor, of: Draw) -> int:
    """How many conversations match the draw now that were not in its frame: they arrived or closed too late,
    or changed since. One query over the period."""
    period = Period(of.period_start, of.period_end)
    rows = eligible(actor, Terms.stored(of.terms), period).values_list("pk")
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(LATE.format(eligible=sql), [*params, of.pk])
        return int(cursor.fetchone()[0])
