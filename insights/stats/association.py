"""What goes together: how closely two numbers move, where an agent stands between two of them, and what the
mix of his work moves. Pure.

Sources: Kendall and Gibbons 1990 (rank correlation with ties; weighted as a population in which each unit
stands for so many), Efron and Tibshirani 1993 ch. 12 (the bootstrap's standard error on a scale that steadies
it, here Fisher's), Fleiss 1981 ch. 14 (direct standardisation).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from insights.stats.refusals import Refusal, too_few
from insights.stats.resampling import SEED, Floats
from qa_reviews.sampling import Z95

LEAST_PAIRS, LEAST_AGENTS = 30, 20
ROUNDS = 400
"""Enough for a standard error, which is all the range takes from them."""
_BLOCK = 4_000_000
_NEARLY_ONE = 1 - 1e-12

Ints = npt.NDArray[np.int64]
Quadrant = Literal[
    "doing_well", "liked_not_by_the_book", "by_the_book_not_liked", "needs_coaching", "unclear"
]
QUADRANTS: Mapping[tuple[bool, bool], Quadrant] = {
    (True, True): "doing_well",
    (False, True): "liked_not_by_the_book",
    (True, False): "by_the_book_not_liked",
    (False, False): "needs_coaching",
}
"""(IQS above its cut, CSAT above its cut) -> what that says."""

NO_SPREAD = Refusal("no_spread", "One of the two is the same everywhere, so nothing can go together with it.")


@dataclass(frozen=True, slots=True)
class Association:
    """Spearman's rank correlation, -1 to 1, over so many pairs, with its 95 % range; None when refused."""

    pairs: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    refused: Refusal | None = None


def spearman(x: Floats, y: Floats, weights: Floats | None = None) -> float | None:
    """Spearman's rank correlation of pairs, each standing for `weights` of them; None for constant data."""
    if not len(x):
        return None
    each = np.ones(len(x)) if weights is None else weights
    found = float(_correlations(_places(x), _places(y), each[None, :])[0])
    return None if np.isnan(found) else found


def associate(
    x: Floats,
    y: Floats,
    weights: Floats | None = None,
    *,
    needed: int = LEAST_PAIRS,
    of: str = "pairs",
    seed: int = SEED,
) -> Association:
    """Spearman's correlation with its range; refused under `needed` pairs and for constant data.

    The range: the standard error on Fisher's scale over 400 times as many pairs drawn with replacement,
    ranked anew each time. The same pairs give the same range.
    """
    pairs = len(x)
    if pairs < needed:
        return Association(pairs, refused=too_few(pairs, needed, of, "a correlation"))
    value = spearman(x, y, weights)
    if value is None:
        return Association(pairs, refused=NO_SPREAD)
    drawn = _resampled(x, y, np.ones(pairs) if weights is None else weights, seed)
    error = float(np.nanstd(np.arctanh(np.clip(drawn, -_NEARLY_ONE, _NEARLY_ONE)), ddof=1))
    middle = float(np.arctanh(np.clip(value, -_NEARLY_ONE, _NEARLY_ONE)))
    low, high = np.tanh([middle - Z95 * error, middle + Z95 * error])
    return Association(pairs, value, float(low), float(high))


def _resampled(x: Floats, y: Floats, weights: Floats, seed: int) -> Floats:
    """The correlation of each round. Pairs that are alike are drawn together, by their number."""
    lines, counts = np.unique(np.column_stack([x, y, weights]), axis=0, return_counts=True)
    across, up = _places(lines[:, 0]), _places(lines[:, 1])
    dice, shares, block = np.random.default_rng(seed), counts / counts.sum(), max(1, _BLOCK // len(lines))
    return np.concatenate(
        [
            _correlations(
                across, up, dice.multinomial(len(x), shares, min(block, ROUNDS - done)) * lines[:, 2]
            )
            for done in range(0, ROUNDS, block)
        ]
    )


def _places(values: Floats) -> Ints:
    """The place of each value among the different ones."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _correlations(across: Ints, up: Ints, weights: Floats) -> Floats:
    """(rounds, units) of weights -> one rank correlation a round, NaN where the ranks do not vary."""
    x, y = _midranks(across, weights), _midranks(up, weights)
    products = [(weights * one * other).sum(axis=1) for one, other in ((x, y), (x, x), (y, y))]
    scale = np.sqrt(products[1] * products[2])
    enough = scale > 1e-9 * np.maximum(1.0, weights.sum(axis=1) ** 3)
    found: Floats = np.divide(products[0], scale, out=np.full(len(weights), np.nan), where=enough)
    return found


def _midranks(places: Ints, weights: Floats) -> Floats:
    """The middle ranks of units that are tied by place, around their mean, which is half of all weights."""
    order = np.argsort(places, kind="stable")
    firsts = np.flatnonzero(np.diff(places[order], prepend=-1))
    sums = np.add.reduceat(weights[:, order], firsts, axis=1)
    middles = np.cumsum(sums, axis=1) - sums / 2
    return np.asarray(middles[:, places] - weights.sum(axis=1, keepdims=True) / 2)


@dataclass(frozen=True, slots=True)
class Span:
    """A number and its 95 % range; both None where it is not known."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def above(self, cut: float | None) -> bool | None:
        """Whether all of the range lies above the cut (True) or below it (False); else None."""
        if cut is None or self.low is None or self.high is None:
            return None
        if self.low > cut:
            return True
        return False if self.high < cut else None


def quadrant(iqs: Span, csat: Span, cuts: tuple[float | None, float | None]) -> Quadrant:
    """What the two numbers together say of an agent; "unclear" where a range reaches over its cut."""
    by_the_book, liked = iqs.above(cuts[0]), csat.above(cuts[1])
    if by_the_book is None or liked is None:
        return "unclear"
    return QUADRANTS[by_the_book, liked]


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of work: how much of it there is, its mean in points 0..100, the mean of the squares, and how
    many answers or reviews would tell as much if each counted alike."""

    weight: float
    mean: float
    squares: float
    size: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A mean as it is (`raw`), and as it would be with everybody's mix of work with its range, in points.
    `uncovered` 0..1 of that mix is work he did not do."""

    raw: float
    uncovered: float
    value: float | None = None
    low: float | None = None
    high: float | None = None
    refused: Refusal | None = None

    @property
    def moved(self) -> float | None:
        """What the mix had moved: the adjusted less the raw, in points."""
        return None if self.value is None else self.value - self.raw


K = TypeVar("K", bound=Hashable)


def together(groups: Iterable[Group]) -> Group | None:
    """Several kinds of work as one; None without any."""
    found = list(groups)
    weight = sum(each.weight for each in found)
    if not weight:
        return None
    mean = sum(each.weight * each.mean for each in found) / weight
    squares = sum(each.weight * each.squares for each in found) / weight
    spread = sum(each.weight**2 / each.size for each in found)
    return Group(weight, mean, squares, weight**2 / spread)


def standardise(own: Mapping[K, Group], everybody: Mapping[K, Group], most: float = 0.2) -> Adjusted | None:
    """An agent's mean with everybody's mix; None where he has no work. Work he did not do takes everybody's
    mean, and is refused above `most` of the mix. Both are by kind of work."""
    whole, mine = together(everybody.values()), together(own.values())
    if whole is None or mine is None:
        return None
    shares = {kind: each.weight / whole.weight for kind, each in everybody.items()}
    uncovered = sum(share for kind, share in shares.items() if kind not in own)
    if uncovered > most:
        return Adjusted(mine.mean, uncovered, refused=not_covered_mix(uncovered))
    value = sum(share * own.get(kind, everybody[kind]).mean for kind, share in shares.items())
    spread = _spread(everybody.values())
    half = Z95 * sqrt(spread * sum(shares[kind] ** 2 / each.size for kind, each in own.items()))
    return Adjusted(mine.mean, uncovered, value, max(0.0, value - half), min(100.0, value + half))


def _spread(groups: Iterable[Group]) -> float:
    """The variance inside the kinds of work, in points squared."""
    found = list(groups)
    weight = sum(each.weight for each in found)
    return max(0.0, sum(each.weight * (each.squares - each.mean**2) for each in found) / weight)


def not_covered_mix(share: float) -> Refusal:
    """The refusal for an agent whose work is too unlike everybody's."""
    return Refusal(
        "not_covered", f"{share * 100:.0f} % of everybody's work is of kinds that this agent had none of."
    )
