"""How much scores vary, by team, and how long a review takes: what planning rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db import connection

from accounts.access import Actor
from accounts.selectors import teams_on
from qa_reviews import sampling
from qa_reviews.models import COUNTED_STATES
from qa_reviews.sampling import Band, FrameSize, PooledSpread, Spread
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.tallies import counted_kinds

ASSUMED_SD = 20.0
"""Points; what scores usually vary by, until the workspace has reviews of its own."""
LOOK_BACK = timedelta(weeks=26)
Whose = Literal["team", "workspace", "assumed"]

# As the estimates learn it (insights/stats/cells.py), summed by the database: around the mean of each stratum
# with two reviews or more; around the agents' own means where a band has no such stratum. A conversation with
# two valid reviews counts once, with their mean. A team is null for who has none; `level` says what the sums
# are around: "stratum" and "agent" by team, "anywhere" the agents' of the whole workspace.
SPREADS = """
with means as (
    select s.id, s.team_id, s.band, coalesce(a.merged_into_id, a.id) as agent_id, avg(r.score) as y
    from qa_reviews_draw d join qa_reviews_stratum s on s.draw_id = d.id
        join accounts_agent a on a.id = s.agent_id
        join qa_reviews_review r on r.stratum_id = s.id
    where d.workspace_id = %(workspace)s and d.superseded_at is null and d.period_end > %(after)s
        and r.state = any(%(states)s) and r.kind = any(%(kinds)s) and r.score is not null
    group by s.id, s.team_id, s.band, a.id, r.conversation_id
), strata as (
    select team_id, band, agent_id, count(*) as n, sum(y) as y, sum(y * y) as y2
    from means group by id, team_id, band, agent_id
), agents as (
    select team_id, band, sum(n) as n, sum(y) as y, sum(y2) as y2
    from strata group by team_id, band, agent_id
), anywhere as (
    select band, sum(n) as n, sum(y) as y, sum(y2) as y2 from strata group by band, agent_id
)
select 'stratum', team_id, band, sum(greatest(0, y2 - y * y / n)), sum(n - 1)::int from strata where n > 1
group by team_id, band
union all
select 'agent', team_id, band, sum(greatest(0, y2 - y * y / n)), sum(n - 1)::int from agents
group by team_id, band
union all
select 'anywhere', null, band, sum(greatest(0, y2 - y * y / n)), sum(n - 1)::int from anywhere group by band
"""
USUAL = """
select percentile_cont(0.5) within group (order by active_seconds)
        filter (where scorecard_id = %(scorecard)s),
    count(*) filter (where scorecard_id = %(scorecard)s),
    percentile_cont(0.5) within group (order by active_seconds), count(*)
from qa_reviews_review
where workspace_id = %(workspace)s and state = any(%(states)s) and kind in ('standard', 'peer')
    and submitted_on > %(after)s and active_seconds > 0
"""


@dataclass(frozen=True, slots=True)
class Sd:
    """A standard deviation of a score in points, to four decimals as ledgers keep it, and whose reviews told
    it."""

    points: float
    whose: Whose

    @classmethod
    def of(cls, variance: float, whose: Whose) -> Sd:
        return cls(round(variance**0.5, 4), whose)

    @property
    def exact(self) -> Decimal:
        """As a quota keeps it."""
        return Decimal(repr(self.points))


@dataclass(frozen=True, slots=True)
class Spreads:
    """The pooled spread by team; `workspace` serves whoever has no team or too few reviews. None: unknown."""

    workspace: PooledSpread | None
    teams: Mapping[int, PooledSpread | None]

    def of(self, team_id: int | None) -> PooledSpread | None:
        return self.workspace if team_id is None else self.teams.get(team_id, self.workspace)

    def sd(self, team_id: int | None, frame: FrameSize) -> Sd:
        """Over such a frame: the variances of the bands by their sizes, since a sample looks into both.
        Assumed where nothing is known."""
        spread = self.of(team_id)
        if spread is None:
            return Sd(ASSUMED_SD, "assumed")
        if not frame.all:
            return Sd.of(spread.s2["normal"], spread.over)
        squares = frame.risk * spread.s2["risk"] + frame.normal * spread.s2["normal"]
        return Sd.of(squares / frame.all, spread.over)

    def sds(self, teams: Mapping[int, int], frames: Mapping[int, FrameSize]) -> dict[int, Sd]:
        """Of each agent, as his team's; both by agent."""
        return {agent: self.sd(teams.get(agent), frame) for agent, frame in frames.items()}


@dataclass(frozen=True, slots=True)
class UsualTime:
    """The median time of a review in seconds, None while nobody measured one; of how many `reviews`, and
    whether they are of the scorecard or of the whole workspace."""

    seconds: float | None
    reviews: int
    of: Literal["scorecard", "workspace"] | None

    @property
    def minutes(self) -> float | None:
        return None if self.seconds is None else self.seconds / 60

    def hours(self, reviews: int) -> float | None:
        """What so many reviews take."""
        return None if self.seconds is None else reviews * self.seconds / 3600


def spreads(actor: Actor) -> Spreads:
    """How scores vary in draws of the last 26 weeks, whoever looks. One query."""
    strata: dict[int | None, dict[Band, Spread]] = defaultdict(dict)
    agents: dict[int | None, dict[Band, Spread]] = defaultdict(dict)
    anywhere: dict[Band, Spread] = {}
    for level, team_id, band, squares, df in _rows(SPREADS, actor, kinds=list(counted_kinds(actor))):
        found = Spread(Decimal(squares), df)
        if level == "anywhere":
            anywhere[band] = found
        else:
            (strata if level == "stratum" else agents)[team_id][band] = found
    workspace = {
        band: sum((bands.get(band, sampling.NO_SPREAD) for bands in strata.values()), sampling.NO_SPREAD)
        for band in anywhere
    }
    whole = _filled(workspace, anywhere)
    teams = {
        team_id: sampling.pooled_spread(_filled(strata[team_id], own), whole)
        for team_id, own in agents.items()
        if team_id is not None
    }
    return Spreads(sampling.pooled_spread({}, whole), teams)


def agent_sds(actor: Actor, frames: Mapping[int, FrameSize], on: date) -> dict[int, Sd]:
    """How the scores of each agent vary over his frame, as those of the team he had on the day. Two
    queries."""
    return spreads(actor).sds(teams_on(actor.workspace_id, frames, on), frames)


def _filled(strata: Mapping[Band, Spread], agents: Mapping[Band, Spread]) -> dict[Band, Spread]:
    """By band, around the strata's means, or the agents' where no stratum has two reviews."""
    none = sampling.NO_SPREAD
    return {band: own if (own := strata.get(band, none)).df else wider for band, wider in agents.items()}


def usual_time(actor: Actor, scorecard_id: int | None = None) -> UsualTime:
    """How long a review takes, over the last 26 weeks: of the scorecard, else in the workspace. One query."""
    [(own, n_own, anyone, n_anyone)] = _rows(USUAL, actor, scorecard=scorecard_id)
    if own is not None:
        return UsualTime(own, n_own, "scorecard")
    return UsualTime(anyone, n_anyone, None if anyone is None else "workspace")


def _rows(sql: str, actor: Actor, **more: Any) -> list[tuple[Any, ...]]:
    states = [state.value for state in COUNTED_STATES]
    asked: dict[str, Any] = {"workspace": actor.workspace_id, "after": today(actor) - LOOK_BACK}
    with connection.cursor() as cursor:
        cursor.execute(sql, asked | {"states": states} | more)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
