"""What the overview shows: the whole, its weeks or months, and each agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from accounts import selectors as accounts
from accounts.access import Actor
from accounts.models import Agent
from common.periods import Interval
from conversations.models import Conversation
from insights import facts
from insights.policies import sight
from insights.query import Query
from insights.selectors.iqs import Imported, IqsRow, imported, iqs
from insights.selectors.limits import bounded_buckets
from insights.selectors.names import names_of
from insights.selectors.others import csat, first_response
from insights.selectors.samples import Sample, sample
from insights.selectors.workings import Workings, workings
from insights.stats import Csat
from qa_reviews.models import Draw


@dataclass(frozen=True, slots=True)
class Point:
    """One week or month; None where nothing is known. `imported` is another tool's history."""

    start: date
    iqs: IqsRow | None
    csat: Csat | None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One agent's numbers; None where nothing is known. `has_page`: the actor sees him still (an agent who
    left a lead's teams stays in their past)."""

    agent: Agent
    has_page: bool
    iqs: IqsRow | None
    csat: Csat | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything of one period; `total` is None without a review, `sample` without a plan."""

    query: Query
    interval: Interval
    sample: Sample | None
    total: IqsRow | None
    csat: Csat | None
    times: facts.BothTimes | None
    points: list[Point]
    agents: list[AgentLine]
    workings: Workings

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to show."""
        return not (self.total or self.csat or self.times)


DAYS_WITHIN_A_MONTH = 14
"""Of periods of so many days, or fewer, every calendar month has a whole one, wherever they start."""

Step = Literal["import", "plan", "draw", "dates"]


def next_step(actor: Actor, found: Overview) -> Step:
    """What would bring numbers where there are none. At most two queries."""
    if not Conversation.objects.in_workspace(actor.workspace_id).exists():
        return "import"
    if found.sample is None:
        return "plan"
    drawn = Draw.objects.in_workspace(actor.workspace_id).filter(plan=found.sample.plan)
    return "dates" if drawn.exists() else "draw"


def interval_of(sample: Sample | None) -> Interval:
    """The finest interval that is sure to hold a whole draw of the plan."""
    plan = sample.plan if sample else None
    if plan is None or plan.period == plan.Period.WEEK or plan.weekly_parts:
        return "week"
    if plan.period == plan.Period.MONTH or (plan.period_days or 0) <= DAYS_WITHIN_A_MONTH:
        return "month"
    return "quarter"


def overview(actor: Actor, query: Query) -> Overview:
    """The numbers of a period for those who lead. Nineteen queries, however many agents."""
    known = sample(actor, query)
    interval = interval_of(known)
    totals, times = iqs(actor, query, known), first_response(actor, query)
    answers = csat(actor, query)
    return Overview(
        query=query,
        interval=interval,
        sample=known,
        total=totals[0] if totals else None,
        csat=answers[0].csat if answers else None,
        times=times[0].times if times else None,
        points=points(actor, query.by(interval=interval), known, csat),
        agents=_agents(actor, query.by("agent"), known),
        workings=workings(_cells(actor, query, known)),
    )


def trend(actor: Actor, query: Query) -> tuple[list[Point], Interval]:
    """The IQS of every week or month of the query, and which of the two. Eight queries at most."""
    known = sample(actor, query, released_only=sight(actor, query).agent is not None)
    interval = interval_of(known)
    return points(actor, query.by(interval=interval), known, None), interval


def points(
    actor: Actor, query: Query, known: Sample | None, answers: Callable[[Actor, Query], list[Any]] | None
) -> list[Point]:
    """Every bucket of the query in order, known or not. Five queries, three without `answers`."""
    reviewed = {row.period_start: row for row in iqs(actor, query, known)}
    said = {row.period_start: row.csat for row in answers(actor, query)} if answers else {}
    starts = [bucket.start for bucket in bounded_buckets(actor, query) if bucket.start]
    brought = imported(actor, query)
    return [Point(start, reviewed.get(start), said.get(start), brought.get(start)) for start in starts]


def _agents(actor: Actor, query: Query, known: Sample | None) -> list[AgentLine]:
    """Every agent with a review or an answer, by name."""
    reviewed = {row.key: row for row in iqs(actor, query, known)}
    said = {row.key: row.csat for row in csat(actor, query)}
    keys = {key for key in (*reviewed, *said) if key[0] is not None}
    names = names_of(actor, ("agent",), keys)
    visible = set(accounts.agents(actor).filter(pk__in=[key[0] for key in keys]).values_list("pk", flat=True))
    return [
        AgentLine(names.rows["agent"][key[0]], key[0] in visible, reviewed.get(key), said.get(key))
        for key in sorted(keys, key=names.order)
    ]


def _cells(actor: Actor, query: Query, known: Sample | None) -> list[Any]:
    teams = sight(actor, query).teams_of(query)
    cells = known.strata.inside(query.period) if known else []
    return [cell for cell in cells if teams is None or cell.team in teams]
