"""Planning: spread, completion, and what a quota will tell. Source: Cochran 1977, 4.7."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Literal

from qa_reviews.sampling.choice import BANDS, Band, clamp

Z95 = NormalDist().inv_cdf(0.975)
"""Two-sided 95 % quantile of the normal distribution, 1.96."""

BAND_DF = 10
"""A band with fewer degrees of freedom takes the spread of both bands together."""
TEAM_DF = 30
"""A team with fewer degrees of freedom takes the spread of the whole workspace."""


@dataclass(frozen=True)
class Spread:
    """Sum of squares of scores around their own stratum means, and its degrees of freedom; they add up."""

    squares: Decimal
    df: int

    @classmethod
    def of(cls, n: int, sum_y: Decimal, sum_y2: Decimal) -> "Spread":
        """The spread inside one (agent, period, band) of `n` scores with the given sums.

        Exact for equal scores, so that "no spread at all" is told apart from very little.
        """
        if n == 0:
            return NO_SPREAD
        return cls(max(Decimal(0), sum_y2 - sum_y * sum_y / n), n - 1)

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(self.squares + other.squares, self.df + other.df)

    @property
    def variance(self) -> float:
        """Pooled variance of a score, in points squared; needs at least one degree of freedom."""
        return float(self.squares) / self.df


NO_SPREAD = Spread(Decimal(0), 0)


@dataclass(frozen=True)
class PooledSpread:
    """The variance of a score per band, and whose reviews it was learned from."""

    s2: Mapping[Band, float]
    over: Literal["team", "workspace"]


def pooled_spread(team: Mapping[Band, Spread], workspace: Mapping[Band, Spread]) -> PooledSpread | None:
    """The variance to use for a team, or None while too little is known (`spread_unknown`).

    A team under 30 degrees of freedom takes the workspace's; there, too, a band under 10 takes the
    joint value of both bands; a workspace under 10 in all knows nothing.
    """
    own = sum(team.values(), NO_SPREAD).df >= TEAM_DF
    bands = team if own else workspace
    joint = sum(bands.values(), NO_SPREAD)
    if joint.df < BAND_DF:
        return None
    used = {band: bands.get(band, NO_SPREAD) for band in BANDS}
    s2 = {band: (each if each.df >= BAND_DF else joint).variance for band, each in used.items()}
    return PooledSpread(s2, "team" if own else "workspace")


def completion(done: int, drawn: int, not_reviewable: int) -> float | None:
    """The done share of the items that could be reviewed, 0..1; None when there are none.

    `drawn` counts replacements as well as the items they replace, `not_reviewable` the latter.
    """
    expected = drawn - not_reviewable
    return done / expected if expected > 0 else None


def needed_reviews(sd: float, half_width: float, frame: int) -> int:
    """How many of `frame` conversations to review to know their mean to +- `half_width` points.

    `sd` is the standard deviation of a score in points. At least 1 (0 for an empty frame), at most
    the frame. Raises ValueError for a half width that is not positive. Source: Cochran 1977, 4.7.
    """
    if half_width <= 0:
        raise ValueError("the half width must be positive")
    if frame <= 0:
        return 0
    unlimited = (Z95 * sd / half_width) ** 2
    needed = unlimited / (1 + unlimited / frame)
    return clamp(math.ceil(needed - 1e-9), 1, frame)


def half_width_for(sd: float, n: int, frame: int) -> float:
    """To how many points +- the mean of `frame` conversations is known after `n` reviews.

    The planner's formula the other way round; 0 once all are reviewed. Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError("without a review nothing is known")
    return Z95 * sd * math.sqrt(max(0.0, 1 / n - 1 / frame))
