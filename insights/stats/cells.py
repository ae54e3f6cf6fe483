"""The sums that estimates are made of, and what each of them stands for."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter

from qa_reviews.sampling import Band, PooledSpread, Spread, pooled_spread

Sums = tuple[int, Decimal, Decimal]
"""Of some numbers: how many, their sum, and that of their squares."""


@dataclass(frozen=True)
class Cell:
    """The sums of one stratum: one agent's band in one period of one plan.

    `frame` conversations could be drawn and `drawn` were, replacements included. `n` were reviewed
    with a score; their scores y, in points, sum to `sum_y` and their squares to `sum_y2` (a
    conversation with two valid reviews counts once, with their mean). `not_reviewable` of the drawn
    have nothing to score: skipped as such, or reviewed without a score. `team` is the agent's on
    the period's last day. `passed` of the reviewed pass today's mark (of one with two reviews, the
    share that does), `passed2` is the sum of the squares. `stratum` names the row, 0 where none is meant.
    """

    agent: int
    team: int | None
    period_start: date
    band: Band
    frame: int
    drawn: int
    not_reviewable: int
    n: int
    sum_y: Decimal
    sum_y2: Decimal
    passed: float = 0.0
    passed2: float = 0.0
    stratum: int = 0

    @property
    def reviewable(self) -> float:
        """How many of the frame could be reviewed, judged by those that were resolved."""
        if self.n:
            return self.frame * self.n / (self.n + self.not_reviewable)
        nothing_left = 0 < self.drawn <= self.not_reviewable
        return 0.0 if nothing_left else float(self.frame)

    @property
    def whole(self) -> bool:
        """Whether nothing of the frame is left to review."""
        return self.n + self.not_reviewable >= self.frame

    @property
    def mean(self) -> float:
        """Mean score of the reviewed; needs one."""
        return float(self.sum_y) / self.n

    @property
    def scores(self) -> "Sums":
        """Of the reviewed: how many, the sum of their scores and that of the squares."""
        return self.n, self.sum_y, self.sum_y2

    @property
    def passes(self) -> "Sums":
        """The same of 100 for a score that passes and 0 for any other."""
        return self.n, Decimal(100 * self.passed), Decimal(10_000 * self.passed2)


@dataclass(frozen=True)
class Spreads:
    """How much scores vary, by team; `workspace` serves whoever has no team or too few reviews."""

    workspace: PooledSpread | None
    teams: Mapping[int, PooledSpread | None]

    def of(self, team: int | None) -> PooledSpread | None:
        """The spread to use for a team; None while unknown."""
        return self.workspace if team is None else self.teams.get(team, self.workspace)


def learn_spreads(cells: Iterable[Cell], of: Callable[[Cell], Sums] = attrgetter("scores")) -> Spreads:
    """Pool the spread of scores from the cells of all draws that ended in the last 26 weeks, or of what else
    `of` takes from a cell.

    Cells of the whole workspace go in, also when only one team is asked about.
    """
    everyone: dict[Band, list[Cell]] = defaultdict(list)
    teams: dict[int, dict[Band, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        everyone[cell.band].append(cell)
        if cell.team is not None:
            teams[cell.team][cell.band].append(cell)
    workspace = {band: _spread(found, of) for band, found in everyone.items()}
    pooled = {
        team: pooled_spread({band: _spread(found, of) for band, found in bands.items()}, workspace)
        for team, bands in teams.items()
    }
    return Spreads(pooled_spread({}, workspace), pooled)


def _spread(cells: Sequence[Cell], of: Callable[[Cell], Sums]) -> Spread:
    """The spread of one band around the (agent, period) means, or around the agents' own where no period has
    two reviews of anybody: at the usual quota that is every risk band, and the normal band's spread in its
    place would make ranges too narrow (docs/decisions/0007-spread-of-single-reviews.md)."""
    spread = _joined(Spread.of(*of(cell)) for cell in cells if cell.n > 1)
    if spread.df:
        return spread
    agents: dict[int, Sums] = {}
    for cell in cells:
        n, sum_y, sum_y2 = agents.get(cell.agent, (0, Decimal(0), Decimal(0)))
        added = of(cell)
        agents[cell.agent] = (n + added[0], sum_y + added[1], sum_y2 + added[2])
    return _joined(Spread.of(*sums) for sums in agents.values())


def _joined(spreads: Iterable[Spread]) -> Spread:
    """Their sum, made once at the end: there may be tens of thousands."""
    squares, df = Decimal(0), 0
    for spread in spreads:
        squares += spread.squares
        df += spread.df
    return Spread(squares, df)


@dataclass(frozen=True)
class Weighting:
    """The reviewed strata, each with how many conversations it stands for, adding up to `total`."""

    strata: Sequence[tuple[Cell, float]]
    total: float

    @property
    def value(self) -> float | None:
        """The weighted mean in points, sum of W_h x mean_h, without any minimum; None without a review."""
        if not self.strata:
            return None
        return math.fsum(stands_for * cell.mean for cell, stands_for in self.strata) / self.total


def weigh(cells: Sequence[Cell]) -> Weighting:
    """Let every stratum stand for its own reviewable frame, and for those left without a review.

    A stratum without a review is shared out to those of its team in the same period and band, in
    proportion to their frames, which is to give it their mean. Where these have no review either,
    to all in that period and band, else in that band, else to all.
    """
    total = math.fsum(cell.reviewable for cell in cells)
    reviewed = [cell for cell in cells if cell.n]
    if not reviewed or len(reviewed) == len(cells):
        return Weighting([(cell, cell.reviewable) for cell in reviewed], total)
    held: dict[tuple[object, ...], float] = defaultdict(float)
    for cell in reviewed:
        for kin in _kin(cell):
            held[kin] += cell.reviewable
    extra: dict[tuple[object, ...], float] = defaultdict(float)
    for cell in cells:
        if not cell.n:
            extra[next(kin for kin in _kin(cell) if kin in held)] += cell.reviewable
    factors = ((cell, 1 + math.fsum(extra[kin] / held[kin] for kin in _kin(cell))) for cell in reviewed)
    return Weighting([(cell, cell.reviewable * factor) for cell, factor in factors], total)


def _kin(cell: Cell) -> tuple[tuple[object, ...], ...]:
    """The groups that may stand in for a stratum, nearest first."""
    return (cell.team, cell.period_start, cell.band), (cell.period_start, cell.band), (cell.band,), ()


@dataclass(frozen=True)
class Work:
    """The cells of an agent, a team or everybody, weighed once for all that is estimated of them."""

    cells: Sequence[Cell]

    @cached_property
    def weighting(self) -> Weighting:
        return weigh(self.cells)

    @cached_property
    def frame(self) -> int:
        """How many conversations could be drawn."""
        return sum(cell.frame for cell in self.cells)

    @cached_property
    def reviews(self) -> int:
        return sum(cell.n for cell in self.cells)

    @cached_property
    def census(self) -> bool:
        """Whether nothing is left to review."""
        return all(cell.whole for cell in self.cells)
