"""What is estimated of weighted strata: what each of them adds to the value and to its variance.

One arithmetic for scores and for ratios: a ratio's strata come from insights.stats.ratios.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

from insights.stats.cells import Cell, Spreads, Work
from qa_reviews.sampling import PooledSpread

Over = Literal["team", "workspace"]
"""Whose reviews told how much scores vary."""


class Stratum(NamedTuple):
    """One reviewed stratum in an estimate.

    It stands for `stands_for` conversations, which are `weight` (0..1) of all. `rated` of its reviewed ones
    have the number in question, `score` points on average; `share` is how much of it, beside the whole's
    share, belongs to the group (1 where everything does). `s2` is the pooled variance of one of them in
    points squared, None while it is unknown.
    """

    cell: Cell
    stands_for: float
    weight: float
    rated: int
    score: float
    share: float
    s2: float | None

    @property
    def adds(self) -> float:
        """What it adds to the value, in points."""
        return self.weight * self.share * self.score

    @property
    def factor(self) -> float:
        """By how much its s2 counts in the variance: W^2 (1 - n/N) / n."""
        return self.weight**2 * (1 - self.cell.n / self.stands_for) / self.cell.n

    @property
    def adds_variance(self) -> float:
        """What it adds to the variance of the value, in points squared."""
        return self.factor * (self.s2 or 0.0)


class Measure(Protocol):
    """A number of somebody's work, without any minimum. `reviews` are the conversations that have it, of
    `agents` agents; `value` is None without any; `over` None while nothing tells how much it varies."""

    @property
    def work(self) -> Work: ...
    @property
    def reviews(self) -> int: ...
    @property
    def agents(self) -> int: ...
    @property
    def value(self) -> float | None: ...
    @property
    def over(self) -> Over | None: ...
    @property
    def strata(self) -> Sequence[Stratum]: ...


@dataclass(frozen=True)
class Scores:
    """The mean score of all the work."""

    work: Work
    spreads: Spreads

    @property
    def reviews(self) -> int:
        return self.work.reviews

    @property
    def agents(self) -> int:
        return len({cell.agent for cell in self.work.cells if cell.n})

    @cached_property
    def value(self) -> float | None:
        return math.fsum(stratum.adds for stratum in self.strata) if self.strata else None

    @cached_property
    def over(self) -> Over | None:
        return wider(self.spreads.of(team) for team in {cell.team for cell in self.work.cells if cell.n})

    @cached_property
    def strata(self) -> list[Stratum]:
        total = self.work.weighting.total
        return [
            Stratum(cell, held, held / total, cell.n, self.mean(cell), 1.0, self._s2(cell))
            for cell, held in self.work.weighting.strata
        ]

    def mean(self, cell: Cell) -> float:
        """Of the reviewed in a cell, in points; needs one."""
        return cell.mean

    def _s2(self, cell: Cell) -> float | None:
        spread = self.spreads.of(cell.team)
        return spread.s2[cell.band] if spread else None


@dataclass(frozen=True)
class Passes(Scores):
    """The pass rate of all the work in per cent; `spreads` are of 100 for a pass and 0 for any other."""

    def mean(self, cell: Cell) -> float:
        return 100 * cell.passed / cell.n


def wider(spreads: Iterable[PooledSpread | None]) -> Over | None:
    """Whose reviews the spreads were learned from; None where one of them is unknown."""
    found = list(spreads)
    if not all(found):
        return None
    return "workspace" if any(spread and spread.over == "workspace" for spread in found) else "team"
