"""How one estimate came about, in numbers that can be added up by hand."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from insights.stats import Cell, weigh
from qa_reviews.sampling import BANDS, Band


@dataclass(frozen=True, slots=True)
class Part:
    """One band over all agents and periods: `share` (0..1) of the work, and its weighted `mean` in points."""

    band: Band
    frame: int
    reviews: int
    share: float
    mean: float

    @property
    def product(self) -> float:
        """What the band adds to the value, in points."""
        return self.share * self.mean


@dataclass(frozen=True, slots=True)
class Workings:
    """The bands whose products add up to `value`."""

    parts: Sequence[Part]

    @property
    def value(self) -> float:
        return math.fsum(part.product for part in self.parts)


def workings(cells: Sequence[Cell]) -> Workings:
    """The bands of an estimate over these cells; none without a review."""
    weighting = weigh(cells)
    by_band: dict[Band, list[tuple[Cell, float]]] = defaultdict(list)
    for cell, stands_for in weighting.strata:
        by_band[cell.band].append((cell, stands_for))
    frames = {band: sum(cell.frame for cell in cells if cell.band == band) for band in BANDS}
    return Workings(
        [_part(band, frames[band], by_band[band], weighting.total) for band in BANDS if by_band[band]]
    )


def _part(band: Band, frame: int, strata: Sequence[tuple[Cell, float]], total: float) -> Part:
    held = math.fsum(stands_for for _, stands_for in strata)
    mean = math.fsum(stands_for * cell.mean for cell, stands_for in strata) / held
    return Part(band, frame, sum(cell.n for cell, _ in strata), held / total, mean)
