"""IQS over all work: the estimate of an agent, a team or the workspace, its range and its refusals."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from insights.stats.cells import Cell, Spreads, weigh
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

Over = Literal["team", "workspace"]
"""Whose reviews told how much scores vary."""


@dataclass(frozen=True)
class Basis:
    """What estimates of one plan and one range of dates have in common.

    `drawn_from` and `drawn_to` bound the draws lying wholly inside the dates; None without any.
    `s2_reviewer` is the variance between reviewers in points squared, 0 while it is not known.
    """

    spreads: Spreads
    drawn_from: date | None
    drawn_to: date | None
    minimums: Minimums = field(default_factory=Minimums)
    s2_reviewer: float = 0.0


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


# --- Of agents -------------------------------------------------------------------------------


def estimate_agents(cells: Sequence[Cell], basis: Basis, closed: Mapping[int, int]) -> dict[int, Estimate]:
    """The estimate of every agent with a frame.

    `cells` are those of whole teams, since an agent's range leans on the team's level; `closed` counts
    all conversations that each agent closed in the drawn dates.
    """
    levels = _team_levels(cells)
    by_agent: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_agent[cell.agent].append(cell)
    return {
        agent: estimate_agent(own, basis, closed=closed.get(agent, 0), level=_level_of(own, levels))
        for agent, own in by_agent.items()
    }


def _team_levels(cells: Sequence[Cell]) -> dict[int | None, float]:
    """The value of each team, and under None of everybody, as far as there are reviews."""
    groups: dict[int | None, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.team].append(cell)
    groups[None] = list(cells)
    values = {team: weigh(each).value for team, each in groups.items()}
    return {team: value for team, value in values.items() if value is not None}


def _level_of(own: Sequence[Cell], levels: Mapping[int | None, float]) -> float | None:
    """The level around an agent: the team's, or those of several by the frames the agent had there."""
    known = [(cell.frame, levels[cell.team]) for cell in own if cell.team in levels]
    total = sum(frame for frame, _ in known)
    return math.fsum(frame * level for frame, level in known) / total if total else levels.get(None)


def estimate_agent(
    cells: Sequence[Cell],
    basis: Basis,
    *,
    closed: int,
    level: float | None,
    reviewer_shares: Sequence[float] = (),
) -> Estimate:
    """The estimate of one agent from that agent's cells.

    `closed` counts all conversations the agent closed in the drawn dates, `level` is the team's value
    over the same dates in points (`weigh(...).value`), `reviewer_shares` each reviewer's weighted
    share of the reviews (summing to 1; only needed with a known `s2_reviewer`).
    """
    refused = _agent_refusal(cells, basis)
    return _estimate(cells, basis, _Asked(closed, refused, None, level, reviewer_shares))


def _agent_refusal(cells: Sequence[Cell], basis: Basis) -> Refusal | None:
    if basis.drawn_to is None:
        return NO_WHOLE_DRAW
    few = _too_few(_reviews(cells), basis.minimums.min_reviews, "a number")
    if few:
        return few
    refused = _band_unreviewed(cells) or _not_covered(cells, basis.minimums)
    return refused or (None if _census(cells) else _spread_refusal(cells, basis.spreads))


def _band_unreviewed(cells: Sequence[Cell]) -> Refusal | None:
    """A band of which no period has a review. A single period, such as the newest under review,
    takes the agent's mean of the band's other periods (docs/decisions/0009-a-draw-under-review.md)."""
    reviewed = {cell.band for cell in cells if cell.n}
    for cell in sorted(cells, key=lambda each: (each.period_start, each.band)):
        if cell.reviewable and cell.band not in reviewed:
            return band_unreviewed(cell.band, cell.period_start)
    return None


# --- Of teams and the workspace --------------------------------------------------------------


def estimate_team(
    cells: Sequence[Cell], basis: Basis, *, closed: int, reviewer_shares: Sequence[float] = ()
) -> Estimate:
    """The estimate of a team or of the workspace from the cells of all its agents.

    Arguments as for `estimate_agent`. Agents count by the size of their frames; a stratum without a
    review takes the mean of its team's others in the same period and band.
    """
    refused = _team_refusal(cells, basis)
    range_refused = _range_too_few(cells, basis.minimums)
    return _estimate(cells, basis, _Asked(closed, refused, range_refused, None, reviewer_shares))


def _team_refusal(cells: Sequence[Cell], basis: Basis) -> Refusal | None:
    if basis.drawn_to is None:
        return NO_WHOLE_DRAW
    few = _too_few(_reviews(cells), basis.minimums.min_team_reviews, "a number")
    return few or _not_covered(cells, basis.minimums)


def _not_covered(cells: Sequence[Cell], minimums: Minimums) -> Refusal | None:
    unseen = math.fsum(cell.reviewable for cell in cells if not cell.n)
    share = unseen / math.fsum(cell.reviewable for cell in cells) if unseen else 0.0
    return not_covered(share) if share > minimums.max_uncovered else None


def _range_too_few(cells: Sequence[Cell], minimums: Minimums) -> Refusal | None:
    agents = len({cell.agent for cell in cells if cell.n})
    few = _too_few(_reviews(cells), minimums.min_team_range_reviews, "a range")
    return few or _too_few(agents, minimums.min_team_range_agents, "a range", "agents")


# --- Of either -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """What sets one estimate apart from another over the same basis; level None: its own value."""

    closed: int
    refused: Refusal | None
    range_refused: Refusal | None
    level: float | None
    reviewer_shares: Sequence[float]


def _estimate(cells: Sequence[Cell], basis: Basis, asked: _Asked) -> Estimate:
    reviews, frame = _reviews(cells), sum(cell.frame for cell in cells)
    covered = frame / asked.closed if asked.closed else None
    weighting = weigh(cells)
    value = None if asked.refused else weighting.value
    bare = Estimate(
        reviews, frame, covered, basis.drawn_from, basis.drawn_to, value=value, refused=asked.refused
    )
    if value is None:
        return bare
    if _census(cells):
        return replace(bare, low=value, high=value)
    range_refused = asked.range_refused or _incomplete(cells, basis.minimums)
    range_refused = range_refused or _spread_refusal(cells, basis.spreads)
    if range_refused:
        return replace(bare, range_refused=range_refused)
    variance = weighting.sampling_variance(basis.spreads)
    variance += _reviewer_variance(reviews, basis.s2_reviewer, asked.reviewer_shares)
    bare = replace(bare, pooled_over=_pooled_over(cells, basis.spreads))
    level = value if asked.level is None else asked.level
    return _with_range(bare, value, level, variance, basis.minimums.max_half_width)


def _with_range(
    bare: Estimate, value: float, level: float, variance: float, max_half_width: float
) -> Estimate:
    """The Wilson range of `value`, whose `variance` in points squared is set against that of a share."""
    if variance <= 0:
        return replace(bare, range_refused=NO_RANGE_WITHOUT_SPREAD)
    share = min(max(level / 100, 0.01), 0.99)
    effective = share * (1 - share) * 100**2 / variance
    low, high = (100 * end for end in wilson(value / 100, effective))
    wide = (high - low) / 2 > max_half_width
    return replace(bare, low=low, high=high, effective_reviews=effective, wide=wide)


def _reviewer_variance(reviews: int, s2_reviewer: float, shares: Sequence[float]) -> float:
    """What uneven sharing among strict and lenient reviewers adds, in points squared."""
    return s2_reviewer * max(0.0, math.fsum(share**2 for share in shares) - 1 / reviews)


def _pooled_over(cells: Sequence[Cell], spreads: Spreads) -> Over:
    used = {spread.over for cell in cells if cell.n and (spread := spreads.of(cell.team))}
    return "workspace" if "workspace" in used else "team"


def _reviews(cells: Sequence[Cell]) -> int:
    return sum(cell.n for cell in cells)


def _census(cells: Sequence[Cell]) -> bool:
    return all(cell.whole for cell in cells)


def _too_few(found: int, needed: int, wanted: str, of: str = "reviews") -> Refusal | None:
    return too_few(found, needed, of, wanted) if found < needed else None


def _incomplete(cells: Sequence[Cell], minimums: Minimums) -> Refusal | None:
    done = _reviews(cells)
    drawn, unfit = sum(cell.drawn for cell in cells), sum(cell.not_reviewable for cell in cells)
    share = completion(done, drawn, unfit)
    if share is None or share >= minimums.min_completion:
        return None
    return incomplete(done, drawn - unfit, minimums.min_completion)


def _spread_refusal(cells: Sequence[Cell], spreads: Spreads) -> Refusal | None:
    known = all(spreads.of(cell.team) for cell in cells if cell.n)
    return None if known else SPREAD_UNKNOWN
