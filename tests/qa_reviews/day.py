"""Plans with items that wait, for the tests of a reviewer's day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.models import Agent, Member
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, SamplePlan, Stratum
from tests.qa_reviews.samples import WEEK, conversations
from tests.world import Place

DUE = date(2026, 4, 20)


def made_plan(place: Place, **fields: Any) -> SamplePlan:
    """A plan without reviewers, written straight to its table."""
    given = {"name": "Day", "scorecard": place.rows["scorecard"], "seed": "day"} | fields
    return SamplePlan.objects.create(workspace=place.workspace, **given)


def waiting(
    place: Place,
    plan: SamplePlan,
    count: int = 1,
    reviewer: Member | None = None,
    agent: Agent | None = None,
    spare: int = 0,
    **fields: Any,
) -> list[QueueItem]:
    """A draw of the plan with `count` open items of the agent, in the order of the queue; `spare` more are in
    the frame."""
    owner = agent or place.rows["agent"]
    rows = conversations(place, owner, count + spare, **fields)
    first = WEEK + timedelta(weeks=plan.draws.count())
    ids = [row.pk for row in rows]
    draw = Draw.objects.create(
        workspace=place.workspace,
        plan=plan,
        period_start=first,
        period_end=first + timedelta(days=6),
        seed=sampling.draw_seed(plan.seed, plan.pk, first),
        rule="by hand",
        frame_at=rows[0].created_at,
        terms={"assignment": plan.assignment},
        closed_total=len(ids),
        frame_total=len(ids),
        allowed_reviewers=[] if reviewer is None else [reviewer.pk],
    )
    stratum = Stratum.objects.create(
        workspace=place.workspace,
        draw=draw,
        agent=owner,
        team=place.rows["team"],
        band="normal",
        frame=len(ids),
        drawn=count,
        frame_ids=sorted(ids),
    )
    made = [
        QueueItem.objects.create(
            workspace=place.workspace,
            draw=draw,
            stratum=stratum,
            conversation_id=pk,
            agent=owner,
            team=place.rows["team"],
            band="normal",
            u=u,
            probability=count / len(ids),
            order_hash=sampling.order_hash(draw.seed, pk),
            reviewer=reviewer,
            due_on=DUE,
        )
        for pk, u in sampling.pick(draw.seed, ids, count)
    ]
    return sorted(made, key=lambda each: each.order_hash)
