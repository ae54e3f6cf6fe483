"""Estimates of a part of the work, such as a category or a channel, as ratios.

Of each reviewed conversation r says whether it belongs to the group (a category: whether it was rated), and
c is its score there. The mean score of all work of the group is

    value = sum W_h mean_h(r c) / sum W_h mean_h(r)

and its variance that of the mean of e = r (c - value) / sum W_h mean_h(r). How much e varies is pooled like
the spread of scores, but per conversation of the group, since agents differ in how much of it they have
(docs/decisions/0020-the-spread-of-a-ratio.md).

Source: Sarndal, Swensson, Wretman 1992, 5.6 (ratio by linearisation); the house's statistics.md section 2.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from insights.stats.cells import Cell, Work
from insights.stats.measures import Over, Stratum, wider
from qa_reviews.sampling import NO_SPREAD, Band, PooledSpread, Spread, pooled_spread

ROUNDING = 1e-9
"""Squares smaller than this share of what they are the difference of are none."""


@dataclass(frozen=True, slots=True)
class GroupSums:
    """What of one stratum's reviewed conversations belongs to a group.

    `rated` of them do at all. Of one with several reviews r is the share of those that do and c their mean.
    `r` and `rc` are the sums of r and of r c, in points; `r2`, `rc2` and `r_rc` those of their squares and
    their product.
    """

    rated: int
    r: float
    r2: float
    rc: float
    rc2: float
    r_rc: float


@dataclass(frozen=True, slots=True)
class Scatter:
    """Sums of squares and products of r and r c around their means. `df` counts degrees of freedom, of which
    a mean takes one, by the share of the conversations that belong to the group. They add up."""

    df: float = 0.0
    rr: float = 0.0
    r_rc: float = 0.0
    rcrc: float = 0.0

    def __add__(self, other: Scatter) -> Scatter:
        return Scatter(
            self.df + other.df,
            self.rr + other.rr,
            self.r_rc + other.r_rc,
            self.rcrc + other.rcrc,
        )

    def around(self, value: float) -> Spread:
        """The spread of r (c - value) per conversation of the group."""
        df = math.floor(self.df + ROUNDING)
        if df < 1:
            return NO_SPREAD
        squares = self.rcrc - 2 * value * self.r_rc + value**2 * self.rr
        if squares <= ROUNDING * (self.rcrc + value**2 * (self.rr + self.df)):
            return Spread(Decimal(0), df)
        return Spread(Decimal(squares * df / self.df), df)


Scatters = Mapping[Band, Scatter]
_Place = tuple[int | None, Band]
"""A band of a team, or of the whole workspace."""


@dataclass(frozen=True)
class RatioSpreads:
    """How much a group's scores vary, by team; `workspace` serves whoever has no team or too few."""

    workspace: Scatters
    teams: Mapping[int, Scatters]

    def of(self, team: int | None, value: float) -> PooledSpread | None:
        """The spread around a value, per conversation of the group; None while unknown."""
        own = self.teams.get(team, {}) if team is not None else {}
        around = [{band: each.around(value) for band, each in part.items()} for part in (own, self.workspace)]
        return pooled_spread(*around)


class Ground:
    """The cells that spreads are learned from; the same ones for every group.

    As for scores, squares are summed around the (agent, period, band) means, and in a band where nobody has
    two reviews of one period around the agents' own.
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = {cell.stratum: cell for cell in cells if cell.n}
        several = {place for cell in self.cells.values() if cell.n > 1 for place in _places(cell)}
        places = {place for cell in self.cells.values() for place in _places(cell)}
        self.single = places - several

    def spreads(self, sums: Mapping[int, GroupSums]) -> RatioSpreads:
        """The spreads of one group from its sums by stratum."""
        found: dict[_Place, Scatter] = defaultdict(Scatter)
        for (place, _), (n, own) in self._clusters(sums).items():
            found[place] += _scatter(n, own)
        teams: dict[int, dict[Band, Scatter]] = defaultdict(dict)
        workspace: dict[Band, Scatter] = {}
        for (team, band), scatter in found.items():
            (workspace if team is None else teams[team])[band] = scatter
        return RatioSpreads(workspace, teams)

    def _clusters(
        self, sums: Mapping[int, GroupSums]
    ) -> Mapping[tuple[_Place, object], tuple[int, GroupSums]]:
        """What is looked at around one mean: the reviewed conversations of a stratum, or of an agent."""
        found: dict[tuple[_Place, object], tuple[int, GroupSums]] = {}
        for cell, own in (
            (self.cells[stratum], own) for stratum, own in sums.items() if stratum in self.cells
        ):
            for place in _places(cell):
                cluster = ("agent", cell.agent) if place in self.single else ("stratum", cell.stratum)
                n, before = found.get((place, cluster), (0, None))
                found[place, cluster] = (n + cell.n, _joined(before, own))
        return found


def _places(cell: Cell) -> tuple[_Place, ...]:
    """Where a cell's reviews count: in its team and in the workspace."""
    everywhere = (None, cell.band)
    return (everywhere,) if cell.team is None else (everywhere, (cell.team, cell.band))


def _joined(one: GroupSums | None, other: GroupSums) -> GroupSums:
    if one is None:
        return other
    return GroupSums(
        one.rated + other.rated,
        one.r + other.r,
        one.r2 + other.r2,
        one.rc + other.rc,
        one.rc2 + other.rc2,
        one.r_rc + other.r_rc,
    )


def _scatter(n: int, own: GroupSums) -> Scatter:
    """Around the means of `n` reviewed conversations."""
    return Scatter(
        df=(n - 1) * own.r / n,
        rr=own.r2 - own.r**2 / n,
        r_rc=own.r_rc - own.r * own.rc / n,
        rcrc=own.rc2 - own.rc**2 / n,
    )


@dataclass(frozen=True)
class Ratio:
    """The mean score of the work that belongs to a group, by its sums by stratum."""

    work: Work
    sums: Mapping[int, GroupSums]
    spreads: RatioSpreads

    @cached_property
    def _rated(self) -> list[tuple[Cell, float, GroupSums]]:
        found = ((cell, held, self.sums.get(cell.stratum)) for cell, held in self.work.weighting.strata)
        return [(cell, held, own) for cell, held, own in found if own]

    @cached_property
    def reviews(self) -> int:
        return sum(own.rated for _, _, own in self._rated)

    @property
    def agents(self) -> int:
        return len({cell.agent for cell, _, _ in self._rated})

    @cached_property
    def belonging(self) -> float:
        """The estimated share 0..1 of all work that belongs to the group."""
        return math.fsum(held * own.r / cell.n for cell, held, own in self._rated) / self.work.weighting.total

    @cached_property
    def value(self) -> float | None:
        if not self._rated:
            return None
        return math.fsum(held * own.rc / cell.n for cell, held, own in self._rated) / (
            self.belonging * self.work.weighting.total
        )

    @cached_property
    def _spreads(self) -> Mapping[int | None, PooledSpread | None]:
        value = self.value or 0.0
        return {team: self.spreads.of(team, value) for team in {cell.team for cell, _, _ in self._rated}}

    @property
    def over(self) -> Over | None:
        return wider(self._spreads.values())

    @cached_property
    def strata(self) -> list[Stratum]:
        """All reviewed strata; those with nothing of the group add nothing."""
        return [self._stratum(cell, held) for cell, held in self.work.weighting.strata]

    def _stratum(self, cell: Cell, held: float) -> Stratum:
        weight, own = held / self.work.weighting.total, self.sums.get(cell.stratum)
        if own is None:
            return Stratum(cell, held, weight, 0, 0.0, 0.0, 0.0)
        spread, within = self._spreads[cell.team], own.r / cell.n
        s2 = spread.s2[cell.band] * within / self.belonging**2 if spread else None
        return Stratum(cell, held, weight, own.rated, own.rc / own.r, within / self.belonging, s2)
