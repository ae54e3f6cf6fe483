"""How one estimate came about, in numbers that can be added up by hand."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from accounts.access import Actor
from common.errors import invalid
from common.periods import Period
from insights.policies import sight as sight_of
from insights.query import Key, Query
from insights.selectors.estimates import Asked, Number, asked_of, refusal
from insights.selectors.limits import bounded_buckets
from insights.selectors.samples import Sample, refusal_of_plan, sample
from insights.stats import Cell, Estimate, Stratum, Work, Working, weigh
from qa_reviews.sampling import BANDS, Band

Each = TypeVar("Each")


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


@dataclass(frozen=True, slots=True)
class Place:
    """Which number of an answer: the key of its row, the first day of its bucket (None without an interval),
    and what is estimated."""

    query: Query
    key: Key = ()
    start: date | None = None
    number: Number = "iqs"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One band of one drawn period, over all agents: what was drawn and reviewed, and what it adds."""

    period: Period
    band: Band
    cells: Sequence[Cell]
    strata: Sequence[Stratum]

    @property
    def frame(self) -> int:
        return sum(cell.frame for cell in self.cells)

    @property
    def drawn(self) -> int:
        return sum(cell.drawn for cell in self.cells)

    @property
    def not_reviewable(self) -> int:
        return sum(cell.not_reviewable for cell in self.cells)

    @property
    def reviews(self) -> int:
        return sum(cell.n for cell in self.cells)

    @property
    def rated(self) -> int:
        """Of the reviewed, those that have the number."""
        return sum(stratum.rated for stratum in self.strata)

    @property
    def stands_for(self) -> float:
        """How many conversations its reviews stand for."""
        return math.fsum(stratum.stands_for for stratum in self.strata)

    @property
    def weight(self) -> float:
        """Its share 0..1 of all the work, W."""
        return math.fsum(stratum.weight for stratum in self.strata)

    @property
    def belonging(self) -> float:
        """Its share 0..1 of what the number speaks of: W, but for parts of the work."""
        return math.fsum(stratum.weight * stratum.share for stratum in self.strata)

    @property
    def mean(self) -> float | None:
        """The weighted mean in points; None where nothing has the number."""
        return self.adds / self.belonging if self.belonging else None

    @property
    def s2(self) -> float | None:
        """The pooled variance of one review in points squared; of several teams the mean that counts."""
        factor = math.fsum(stratum.factor for stratum in self.strata)
        return self.adds_variance / factor if factor else None

    @property
    def adds(self) -> float:
        """What it adds to the value, in points."""
        return math.fsum(stratum.adds for stratum in self.strata)

    @property
    def adds_variance(self) -> float:
        """What it adds to the variance, in points squared."""
        return math.fsum(stratum.adds_variance for stratum in self.strata)


@dataclass(frozen=True, slots=True)
class Explained:
    """One number with its arithmetic: `parts` add up to the value, and their variances to that of the draw.
    `of_parts`: it speaks of a part of the work."""

    place: Place
    sample: Sample | None
    working: Working
    parts: Sequence[Drawn]
    of_parts: bool

    @property
    def estimate(self) -> Estimate:
        return self.working.estimate


def explain(actor: Actor, place: Place) -> Explained:
    """How one number of `iqs` came about, from the same objects. Queries as `iqs`, but for the sums of
    reviews. Refused (403) and Invalid (422) as there; Invalid (`not_found`) for a bucket that is none.
    """
    query = place.query
    sight = sight_of(actor, query)
    buckets = [each for each in bounded_buckets(actor, query) if each.start == place.start]
    if not buckets:
        raise invalid("/period_start", "not_found", "This is not the first day of one of the intervals.")
    known = sample(actor, query, released_only=sight.agent is not None)
    refused = refusal(sight, query) or refusal_of_plan(actor, known)
    if refused or known is None:
        nothing = Estimate(0, 0, None, None, None, refused=refused)
        return Explained(place, known, Working(nothing, Work(())), [], False)
    asked = asked_of(actor, sight, query, buckets, known)
    working = _working(asked, place)
    return Explained(place, known, working, _drawn(known, working), asked.of_parts)


def _working(asked: Asked, place: Place) -> Working:
    """The one that is asked for; that of nobody where there is none."""
    found = (
        working for key, working in asked.workings(0, asked.rosters(0), place.number) if key == place.key
    )
    return next(found, None) or Working(asked.of_nothing(place.key, 0), Work(()))


def _drawn(known: Sample, working: Working) -> list[Drawn]:
    """Each band of each drawn period, oldest first."""
    periods = {drawn.first: drawn for drawn in known.strata.periods}
    strata = _by_band((stratum.cell, stratum) for stratum in working.strata)
    cells = _by_band((cell, cell) for cell in working.work.cells)
    return [
        Drawn(periods[start], band, cells[start, band], strata.get((start, band), []))
        for start, band in sorted(cells)
    ]


def _by_band(rows: Iterable[tuple[Cell, Each]]) -> Mapping[tuple[date, Band], list[Each]]:
    found: dict[tuple[date, Band], list[Each]] = defaultdict(list)
    for cell, each in rows:
        found[cell.period_start, cell.band].append(each)
    return found
