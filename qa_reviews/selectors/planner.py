"""How many reviews it takes to know an agent or a team to +- so many points, and what that costs in hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import takewhile
from statistics import median_low

from accounts.access import Actor, Capability
from accounts.models import Agent, Team
from accounts.selectors import teams_on
from common.errors import Missing, invalid
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import SamplePlan
from qa_reviews.sampling import FrameSize
from qa_reviews.selectors.frames import Terms, frame_sizes, quota_of, today
from qa_reviews.selectors.graders import plan_graders
from qa_reviews.selectors.periods import (
    YEARS,
    Rhythm,
    last_whole,
    periods_from,
    rhythm_of,
    sample_period_before,
)
from qa_reviews.selectors.spreads import Sd, Spreads, UsualTime, spreads, usual_time

PERIODS = 4
"""Whole periods that are looked back at where no dates are asked for."""
MOST_PERIODS = 60
WEEKS = Fraction(1461, 336)
"""In a month, on average: 365.25 days are 12 months."""
CURVE = 60
"""Reviews per agent up to which it is shown what they buy."""


@dataclass(frozen=True, slots=True)
class Line:
    """Of an agent, a team or all: what there is in a period, what +- x takes, and what today's quota gives.

    `frame`: eligible conversations a period; `sd` of a score; `needed` reviews to know the line's own mean to
    +- x points; `each`: the sum of what every agent of it needs for himself; `reviews` of today's quota,
    which tell the mean to +- `known_to` points, None without a review.
    """

    agents: int
    frame: int
    sd: Sd
    needed: int
    each: int
    reviews: int
    known_to: float | None


@dataclass(frozen=True, slots=True)
class AgentLine:
    agent: Agent
    team: Team | None
    line: Line


@dataclass(frozen=True, slots=True)
class TeamLine:
    team: Team | None
    line: Line


@dataclass(frozen=True, slots=True)
class Planning:
    """What the planner answers; all of one period of the plan. `curve`: reviews of the middle agent, and to
    +- how many points they tell his mean; `usual`: what today's quota takes of him."""

    plan: SamplePlan
    periods: Sequence[Period]
    half_width: float
    time: UsualTime
    whole: Line
    teams: Sequence[TeamLine]
    agents: Sequence[AgentLine]
    curve: Sequence[tuple[int, float]]
    usual: int


def chosen_plan(actor: Actor, plan_id: int | None) -> SamplePlan | None:
    """The plan asked for (Missing where the actor sees none such), else the one of the headline, else the
    first that runs; None while there is none. At most two queries."""
    rows = SamplePlan.objects.visible_to(actor).order_by("-active", "pk")
    if plan_id is not None:
        found = rows.filter(pk=plan_id).first()
        if found is None:
            raise Missing
        return found
    headline = actor.workspace.settings.headline_plan_id
    return (rows.filter(pk=headline).first() if headline else None) or rows.first()


def planning(actor: Actor, plan: SamplePlan, half_width: float, asked: Period | None = None) -> Planning:
    """The planner for the plan's terms over its last whole periods, or those inside the dates asked for, in
    the actor's teams. Six queries, and those of `plan_graders` where the quota is one of reviewers.

    Raises Invalid (`no_whole_period`, `too_long`) for dates that hold none of the plan's periods, or too
    many.
    """
    periods = whole_periods(rhythm_of(actor, plan), today(actor), asked)
    frames = _frames(actor, plan, periods)
    teams = teams_on(actor.workspace_id, frames, periods[-1].last)
    learned = spreads(actor)
    sds = learned.sds(teams, frames)
    given = _given(actor, plan, frames, sds)
    scope = actor.scope(Capability.PLAN_MANAGE)
    seen = {pk: each for pk, each in frames.items() if scope is None or teams.get(pk) in scope}
    made = _Lines(half_width, seen, teams, sds, given, learned)
    names = Team.objects.visible_to(actor).in_bulk(list(set(teams.values())))
    agents = Agent.objects.visible_to(actor).in_bulk(list(seen))
    usual = median_low(given[pk] for pk in seen) if seen else 0
    return Planning(
        plan,
        periods,
        half_width,
        usual_time(actor, plan.scorecard_id),
        made.whole(),
        _team_lines(made, names),
        _agent_lines(made, names, agents),
        made.curve(usual),
        usual,
    )


def whole_periods(rhythm: Rhythm, now: date, asked: Period | None = None) -> list[Period]:
    """The plan's periods that have ended, oldest first: the last four, or those wholly inside the dates asked
    for. A month drawn in weekly parts is one period; what lies before a plan's start counts, too."""
    first = asked.first if asked else now
    if first.year not in YEARS:
        raise invalid("/from", "out_of_range", "Nobody closed conversations then.")
    endless = _endless(rhythm, first)
    if asked is None:
        return _last(endless, now)
    last = min(asked.last, now - timedelta(days=1))
    found = list(takewhile(lambda each: each.last <= last, _limited(endless, asked.first)))
    if not found:
        raise invalid("/from", "no_whole_period", "No whole period of the plan that has ended lies inside.")
    if len(found) > MOST_PERIODS:
        raise invalid("/from", "too_long", f"Choose at most {MOST_PERIODS} periods of the plan.")
    return found


def _endless(rhythm: Rhythm, first: date) -> Rhythm:
    """The same row of periods without beginning or end, at least from some of them before `first` on."""
    bare = replace(rhythm, weekly_parts=False, ends_on=None)
    if rhythm.days is None or rhythm.starts_on is None:
        return replace(bare, starts_on=None)
    before = (rhythm.starts_on - first).days // rhythm.days + PERIODS + 1
    return replace(bare, starts_on=rhythm.starts_on - timedelta(days=before * rhythm.days))


def _limited(rhythm: Rhythm, first: date) -> Iterable[Period]:
    return (each for each, _ in zip(periods_from(rhythm, first), range(MOST_PERIODS + 1), strict=False))


def _last(rhythm: Rhythm, now: date) -> list[Period]:
    found: list[Period] = []
    period = last_whole(rhythm, now)
    while period is not None and len(found) < PERIODS:
        found.insert(0, period)
        period = sample_period_before(rhythm, period)
    return found


def _frames(actor: Actor, plan: SamplePlan, periods: Sequence[Period]) -> dict[int, FrameSize]:
    """Each agent's conversations a period, on average, at least one where there was any. One query."""
    whole = Period(periods[0].first, periods[-1].last)
    found = {}
    for agent, frame in frame_sizes(actor, Terms.of(plan), whole).items():
        n = max(1, sampling.half_up(Fraction(frame.all, len(periods))))
        risk = min(n, sampling.half_up(Fraction(frame.risk, len(periods))))
        found[agent] = FrameSize(risk, n - risk)
    return found


def _given(
    actor: Actor, plan: SamplePlan, frames: Mapping[int, FrameSize], sds: Mapping[int, Sd]
) -> dict[int, int]:
    """What today's quota takes of each agent in a period. A share or half-width of a month that is drawn in
    weekly parts is of each week's conversations. No query, but for a quota of reviewers."""
    exact = {pk: sd.exact for pk, sd in sds.items()}
    quota = replace(quota_of(plan), weights=_weights(actor, plan), sds=exact)
    sizes = {pk: each.all for pk, each in frames.items()}
    if not plan.weekly_parts or quota.kind == "number":
        return sampling.quotas(quota, sizes, plan.seed)
    weekly = {pk: max(1, sampling.half_up(n / WEEKS)) for pk, n in sizes.items()}
    given = sampling.quotas(quota, weekly, plan.seed)
    return {pk: min(n, sampling.half_up(given[pk] * WEEKS)) for pk, n in sizes.items()}


def _weights(actor: Actor, plan: SamplePlan) -> Decimal:
    """Of all the plan's reviewers together, where its quota is one reviewer's."""
    if plan.quota_of != SamplePlan.QuotaOf.REVIEWER:
        return Decimal(0)
    return sum((each.weight for each in plan_graders(actor, plan, today(actor))), Decimal(0))


@dataclass(frozen=True, slots=True)
class _Lines:
    """Makes the lines of agents that the actor sees."""

    half_width: float
    frames: Mapping[int, FrameSize]
    teams: Mapping[int, int]
    sds: Mapping[int, Sd]
    given: Mapping[int, int]
    spreads: Spreads

    def agent(self, pk: int) -> Line:
        return self._line([pk], self.sds[pk])

    def team(self, team_id: int | None, pks: Sequence[int]) -> Line:
        return self._line(pks, self._sd(team_id, pks))

    def whole(self) -> Line:
        pks = list(self.frames)
        return self._line(pks, self._sd(None, pks))

    def by_team(self) -> dict[int | None, list[int]]:
        found: dict[int | None, list[int]] = defaultdict(list)
        for pk in self.frames:
            found[self.teams.get(pk)].append(pk)
        return found

    def curve(self, usual: int) -> list[tuple[int, float]]:
        """Of an agent with the middle frame and the spread of all."""
        if not self.frames:
            return []
        middle, sd = median_low(each.all for each in self.frames.values()), self.whole().sd.points
        needed = sampling.needed_reviews(sd, self.half_width, middle)
        most = min(middle, CURVE, max(20, 2 * usual, needed))
        return [(n, sampling.half_width_for(sd, n, middle)) for n in range(1, most + 1)]

    def _sd(self, team_id: int | None, pks: Sequence[int]) -> Sd:
        frames = [self.frames[pk] for pk in pks]
        together = FrameSize(sum(each.risk for each in frames), sum(each.normal for each in frames))
        return self.spreads.sd(team_id, together)

    def _line(self, pks: Sequence[int], sd: Sd) -> Line:
        n = sum(self.frames[pk].all for pk in pks)
        reviews = sum(self.given[pk] for pk in pks)
        return Line(
            agents=len(pks),
            frame=n,
            sd=sd,
            needed=sampling.needed_reviews(sd.points, self.half_width, n),
            each=sum(self._needed(pk) for pk in pks),
            reviews=reviews,
            known_to=sampling.half_width_for(sd.points, reviews, n) if reviews else None,
        )

    def _needed(self, pk: int) -> int:
        return sampling.needed_reviews(self.sds[pk].points, self.half_width, self.frames[pk].all)


def _team_lines(made: _Lines, names: Mapping[int, Team]) -> list[TeamLine]:
    """By name, agents without a team last."""
    lines = [TeamLine(names.get(pk or 0), made.team(pk, pks)) for pk, pks in made.by_team().items()]
    return sorted(lines, key=lambda each: (each.team is None, str(each.team).casefold()))


def _agent_lines(made: _Lines, names: Mapping[int, Team], agents: Mapping[int, Agent]) -> list[AgentLine]:
    """By name."""
    lines = [
        AgentLine(agent, names.get(made.teams.get(pk, 0)), made.agent(pk)) for pk, agent in agents.items()
    ]
    return sorted(lines, key=lambda each: (str(each.agent).casefold(), each.agent.pk))
