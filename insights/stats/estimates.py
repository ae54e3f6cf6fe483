"""IQS over all work: the estimate of an agent, a team or the workspace, its range and its refusals."""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from insights.stats.cells import Cell, Spreads, Work
from insights.stats.measures import Measure, Over, Scores, Stratum
from insights.stats.numbers import fixed4, wilson
from insights.stats.refusals import (
    NO_RANGE_WITHOUT_SPREAD,
    NO_WHOLE_DRAW,
    SPREAD_UNKNOWN,
    Minimums,
    Refusal,
    band_unreviewed,
    incomplete,
    not_covered,
    too_few,
)
from qa_reviews.sampling import completion

Givers = Mapping[int, Mapping[int, float]]


@dataclass(frozen=True)
class Basis:
    """What estimates of one plan and one range of dates have in common.

    `drawn_from` and `drawn_to` bound the draws lying wholly inside the dates; None without any.
    `s2_reviewer` is the variance between reviewers in points squared, 0 while it is not known; `givers`,
    needed with it, counts by stratum the conversations that each reviewer reviewed.
    """

    spreads: Spreads
    drawn_from: date | None
    drawn_to: date | None
    minimums: Minimums = field(default_factory=Minimums)
    s2_reviewer: float = 0.0
    givers: Givers = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """An IQS over all work, in points 0..100, and all that has to be said beside it.

    `low` and `high` bound the 95 % range; `effective_reviews` is the size of a simple random sample
    that would tell as much, None after a census. `frame` conversations are spoken of, which is
    `covered` (0..1) of all closed ones, and `reviews` of them were reviewed. `wide` numbers are
    shown in grey. A refused number is None, never 0.
    """

    reviews: int
    frame: int
    covered: float | None
    drawn_from: date | None
    drawn_to: date | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    effective_reviews: float | None = None
    wide: bool = False
    pooled_over: Over | None = None
    refused: Refusal | None = None
    range_refused: Refusal | None = None

    def as_json(self) -> dict[str, object]:
        """As the API writes it: scores and shares as strings of four decimals, counts as numbers."""
        effective = self.effective_reviews
        return {
            "value": fixed4(self.value),
            "low": fixed4(self.low),
            "high": fixed4(self.high),
            "reviews": self.reviews,
            "effective_reviews": None if effective is None else round(effective, 4),
            "frame": self.frame,
            "covered": fixed4(self.covered),
            "wide": self.wide,
            "pooled_over": self.pooled_over,
            "drawn_from": self.drawn_from and self.drawn_from.isoformat(),
            "drawn_to": self.drawn_to and self.drawn_to.isoformat(),
            "refused": self.refused and self.refused.as_json(),
            "range_refused": self.range_refused and self.range_refused.as_json(),
        }


@dataclass(frozen=True)
class Working:
    """An estimate and the arithmetic behind it.

    The `strata` add up to the value, and their variances to `sampling_variance`, in points squared;
    `reviewer_variance` is what uneven sharing among reviewers adds. `level` (0..1) is the one that the range
    is laid around. None where it did not come to it. `work` is all that could be drawn.
    """

    estimate: Estimate
    work: Work
    strata: Sequence[Stratum] = ()
    level: float | None = None
    sampling_variance: float | None = None
    reviewer_variance: float | None = None

    @property
    def variance(self) -> float | None:
        """Of the value, in points squared."""
        if self.sampling_variance is None or self.reviewer_variance is None:
            return None
        return self.sampling_variance + self.reviewer_variance


# --- Of agents -------------------------------------------------------------------------------

Measured = Callable[[Work], Measure]
"""What is estimated of somebody's work."""


class Roster:
    """The work of each agent and team, sorted once for all that is estimated of it."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        agents: dict[int, list[Cell]] = defaultdict(list)
        teams: dict[int | None, list[Cell]] = defaultdict(list)
        for cell in cells:
            agents[cell.agent].append(cell)
            teams[cell.team].append(cell)
        self.agents = {agent: Work(own) for agent, own in agents.items()}
        self.teams = {team: Work(own) for team, own in teams.items() if team is not None}
        self.everybody = Work(cells)


def work_agents(
    roster: Roster,
    basis: Basis,
    closed: Mapping[int, int],
    measured: Measured,
    only: Collection[int] | None = None,
) -> dict[int, Working]:
    """The estimate of every agent with a frame, or of some, with its arithmetic.

    `roster` is of whole teams, since an agent's range leans on the team's level; `closed` counts
    all conversations that each agent closed in the drawn dates.
    """
    levels = _team_levels(roster, measured)
    chosen = roster.agents if only is None else {agent: roster.agents[agent] for agent in only}
    return {
        agent: work_agent(measured(own), basis, closed=closed.get(agent, 0), level=_level_of(own, levels))
        for agent, own in chosen.items()
    }


def estimate_agents(cells: Sequence[Cell], basis: Basis, closed: Mapping[int, int]) -> dict[int, Estimate]:
    """The IQS of every agent with a frame; arguments as for `work_agents`."""
    found = work_agents(Roster(cells), basis, closed, lambda work: Scores(work, basis.spreads))
    return {agent: each.estimate for agent, each in found.items()}


def _team_levels(roster: Roster, measured: Measured) -> dict[int | None, float]:
    """The value of each team, and under None of everybody, as far as there are reviews."""
    values: dict[int | None, float | None] = {team: measured(own).value for team, own in roster.teams.items()}
    values[None] = measured(roster.everybody).value
    return {team: value for team, value in values.items() if value is not None}


def _level_of(own: Work, levels: Mapping[int | None, float]) -> float | None:
    """The level around an agent: the team's, or those of several by the frames the agent had there."""
    known = [(cell.frame, levels[cell.team]) for cell in own.cells if cell.team in levels]
    total = sum(frame for frame, _ in known)
    return math.fsum(frame * level for frame, level in known) / total if total else levels.get(None)


def work_agent(
    measure: Measure,
    basis: Basis,
    *,
    closed: int,
    level: float | None,
) -> Working:
    """The estimate of one agent, with its arithmetic.

    `closed` counts all conversations the agent closed in the drawn dates, `level` is the team's value
    over the same dates in points.
    """
    refused = _agent_refusal(measure, basis)
    return _work(measure, basis, _Asked(closed, refused, None, level))


def estimate_agent(
    cells: Sequence[Cell],
    basis: Basis,
    *,
    closed: int,
    level: float | None,
) -> Estimate:
    """The IQS of one agent from that agent's cells; other arguments as for `work_agent`."""
    measure = Scores(Work(cells), basis.spreads)
    return work_agent(measure, basis, closed=closed, level=level).estimate


def _agent_refusal(measure: Measure, basis: Basis) -> Refusal | None:
    if basis.drawn_to is None:
        return NO_WHOLE_DRAW
    few = _too_few(measure.reviews, basis.minimums.min_reviews, "a number")
    if few:
        return few
    cells = measure.work.cells
    refused = _band_unreviewed(cells) or _not_covered(cells, basis.minimums)
    return refused or (None if measure.work.census else _spread_refusal(measure))


def _band_unreviewed(cells: Sequence[Cell]) -> Refusal | None:
    """A band of which no period has a review. A single period, such as the newest under review,
    takes the agent's mean of the band's other periods (docs/decisions/0009-a-draw-under-review.md)."""
    reviewed = {cell.band for cell in cells if cell.n}
    for cell in sorted(cells, key=lambda each: (each.period_start, each.band)):
        if cell.reviewable and cell.band not in reviewed:
            return band_unreviewed(cell.band, cell.period_start)
    return None


# --- Of teams and the workspace --------------------------------------------------------------


def work_team(measure: Measure, basis: Basis, *, closed: int) -> Working:
    """The estimate of a team or of the workspace, with its arithmetic.

    Arguments as for `work_agent`; the work is that of all its agents, who count by the size of their
    frames. A stratum without a review takes the mean of its team's others in the same period and band.
    """
    refused = _team_refusal(measure, basis)
    range_refused = _range_too_few(measure, basis.minimums)
    return _work(measure, basis, _Asked(closed, refused, range_refused, None))


def estimate_team(cells: Sequence[Cell], basis: Basis, *, closed: int) -> Estimate:
    """The IQS of a team or of the workspace from the cells of all its agents; others as for `work_team`."""
    measure = Scores(Work(cells), basis.spreads)
    return work_team(measure, basis, closed=closed).estimate


def _team_refusal(measure: Measure, basis: Basis) -> Refusal | None:
    if basis.drawn_to is None:
        return NO_WHOLE_DRAW
    few = _too_few(measure.reviews, basis.minimums.min_team_reviews, "a number")
    return few or _not_covered(measure.work.cells, basis.minimums)


def _not_covered(cells: Sequence[Cell], minimums: Minimums) -> Refusal | None:
    unseen = math.fsum(cell.reviewable for cell in cells if not cell.n)
    share = unseen / math.fsum(cell.reviewable for cell in cells) if unseen else 0.0
    return not_covered(share) if share > minimums.max_uncovered else None


def _range_too_few(measure: Measure, minimums: Minimums) -> Refusal | None:
    few = _too_few(measure.reviews, minimums.min_team_range_reviews, "a range")
    return few or _too_few(measure.agents, minimums.min_team_range_agents, "a range", "agents")


# --- Of either -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """What sets one estimate apart from another over the same basis; level None: its own value."""

    closed: int
    refused: Refusal | None
    range_refused: Refusal | None
    level: float | None


def _work(measure: Measure, basis: Basis, asked: _Asked) -> Working:
    work = measure.work
    covered = work.frame / asked.closed if asked.closed else None
    value = None if asked.refused else measure.value
    dates = (basis.drawn_from, basis.drawn_to)
    bare = Estimate(measure.reviews, work.frame, covered, *dates, value=value, refused=asked.refused)
    if value is None:
        return Working(bare, work)
    if work.census:
        return Working(replace(bare, low=value, high=value), work, measure.strata)
    range_refused = asked.range_refused or _incomplete(work, basis.minimums) or _spread_refusal(measure)
    if range_refused:
        return Working(replace(bare, range_refused=range_refused), work, measure.strata)
    return _ranged(bare, value, measure, basis, asked.level)


def _ranged(bare: Estimate, value: float, measure: Measure, basis: Basis, level: float | None) -> Working:
    """The Wilson range of `value`, whose variance is set against that of a share."""
    sampling = math.fsum(stratum.adds_variance for stratum in measure.strata)
    reviewers = _reviewer_variance(bare.reviews, basis, measure.strata)
    share = min(max((value if level is None else level) / 100, 0.01), 0.99)
    variance = sampling + reviewers
    if variance <= 0:
        found = replace(bare, pooled_over=measure.over, range_refused=NO_RANGE_WITHOUT_SPREAD)
        return Working(found, measure.work, measure.strata, share, sampling, reviewers)
    effective = share * (1 - share) * 100**2 / variance
    low, high = (100 * end for end in wilson(min(max(value / 100, 0.0), 1.0), effective))
    wide = (high - low) / 2 > basis.minimums.max_half_width
    found = replace(
        bare, low=low, high=high, effective_reviews=effective, wide=wide, pooled_over=measure.over
    )
    return Working(found, measure.work, measure.strata, share, sampling, reviewers)


def _reviewer_variance(reviews: int, basis: Basis, strata: Sequence[Stratum]) -> float:
    """What uneven sharing among strict and lenient reviewers adds, in points squared."""
    if not basis.s2_reviewer:
        return 0.0
    shares = reviewer_shares(strata, basis.givers)
    return basis.s2_reviewer * max(0.0, math.fsum(share**2 for share in shares.values()) - 1 / reviews)


def reviewer_shares(strata: Sequence[Stratum], givers: Givers) -> dict[int, float]:
    """How much of the value rests on each reviewer; adds up to 1."""
    found: dict[int, float] = defaultdict(float)
    for stratum in strata:
        given = givers.get(stratum.cell.stratum, {})
        total = math.fsum(given.values())
        for reviewer, count in given.items():
            found[reviewer] += stratum.weight * stratum.share * count / total
    return found


def _too_few(found: int, needed: int, wanted: str, of: str = "reviews") -> Refusal | None:
    return too_few(found, needed, of, wanted) if found < needed else None


def _incomplete(work: Work, minimums: Minimums) -> Refusal | None:
    done = work.reviews
    drawn, unfit = sum(cell.drawn for cell in work.cells), sum(cell.not_reviewable for cell in work.cells)
    share = completion(done, drawn, unfit)
    if share is None or share >= minimums.min_completion:
        return None
    return incomplete(done, drawn - unfit, minimums.min_completion)


def _spread_refusal(measure: Measure) -> Refusal | None:
    return SPREAD_UNKNOWN if measure.over is None else None
