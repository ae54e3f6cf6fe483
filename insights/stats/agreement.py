"""How well people agree who judged the same units. Pure.

A table is (units, raters) of numbers, NaN where a rater did not judge a unit. Every coefficient is made of
sums over units, so that its range is cheap (insights.stats.resampling); units judged once are left out of
what is observed.

Sources: Krippendorff 2011 (alpha), Gwet 2008 and 2014 (AC1, AC2 and weights), Conger 1980 (kappa for several
raters), Shrout and Fleiss 1979 (ICC).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from insights.stats.resampling import Floats, Sums

Level = Literal["nominal", "ordinal", "interval"]


def alpha(table: Floats, level: Level) -> float | None:
    """Krippendorff's alpha: 1 is full agreement, 0 what chance gives; None for constant data."""
    return alpha_sums(table, level).value


def gwet(table: Floats, level: Level, values: Sequence[float] | None = None) -> float | None:
    """Gwet's AC1 (nominal) or AC2 (ordinal, interval), which stays steady where nearly all choose the same.

    `values` are all that could be chosen, and matter to what chance gives; those that were, if None. None
    where a single one could be chosen.
    """
    return gwet_sums(table, level, values).value


def exact(table: Floats) -> float | None:
    """The share 0..1 of pairs of raters of a unit that chose the same, each unit weighing the same."""
    return exact_sums(table).value


def mean_difference(table: Floats) -> float | None:
    """The mean distance between two raters of a unit, in the units of the table, each unit weighing alike."""
    return difference_sums(table).value


def within(table: Floats, values: Sequence[float], steps: int = 1) -> float | None:
    """The share 0..1 of pairs of raters of a unit that are at most so many of the `values` apart."""
    return within_sums(table, values, steps).value


def kappa(table: Floats, level: Level, values: Sequence[float] | None = None) -> float | None:
    """Cohen's kappa, for several raters as Conger has it, weighted as AC2. Chance is what raters' own habits
    give, so raters without a rating are left out. None for fewer than two raters, or where chance is all."""
    known = _values(table, values)
    seen = table[:, (~np.isnan(table)).any(axis=0)]
    paired = _paired(table)
    if not len(paired) or seen.shape[1] < 2:
        return None
    weights = _weights(known, level)
    habits = np.array([_counts(column[:, None], known).sum(axis=0) for column in seen.T])
    habits /= habits.sum(axis=1, keepdims=True)
    total, raters = habits.sum(axis=0), len(habits)
    by_chance = (weights * (np.outer(total, total) - habits.T @ habits)).sum() / (raters * (raters - 1))
    return _beyond(float(_observed(_counts(paired, known), weights).mean()), float(by_chance))


def icc(table: Floats) -> float | None:
    """The intraclass correlation ICC(1,1) of raters who differ from unit to unit, gaps allowed: the share of
    the variance that lies between units. None for constant data or a single unit."""
    paired = _paired(table)
    counts = (~np.isnan(paired)).sum(axis=1)
    if len(paired) < 2:
        return None
    centred = paired - np.nanmean(paired)
    means = np.nanmean(centred, axis=1)
    total = counts.sum()
    inside = np.nansum((centred - means[:, None]) ** 2) / (total - len(paired))
    between = (counts * means**2).sum() / (len(paired) - 1)
    usual = (total - (counts**2).sum() / total) / (len(paired) - 1)
    scale = between + (usual - 1) * inside
    return float((between - inside) / scale) if scale > 0 else None


def alpha_sums(table: Floats, level: Level) -> Sums:
    """What alpha is made of."""
    paired = _paired(table)
    if level == "interval":
        return _interval_sums(paired)
    known = _values(paired, None)
    counts = _counts(paired, known)
    places = len(known)
    both = counts[:, :, None] * (counts[:, None, :] - np.eye(places))
    units = both / np.maximum(counts.sum(axis=1) - 1, 1)[:, None, None]
    return Sums(
        units.reshape(len(units), places**2),
        lambda sums: _alpha(sums.reshape(len(sums), places, places), level),
    )


def _alpha(together: Floats, level: Level) -> Floats:
    """Alpha of coincidences (rounds, values, values)."""
    many = together.sum(axis=2)
    if level == "nominal":
        distances = np.broadcast_to(1 - np.eye(many.shape[1]), together.shape)
    else:  # between two values lie all ratings of those between, and half of their own
        ranks = np.cumsum(many, axis=1) - many / 2
        distances = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    seen = (together * distances).sum(axis=(1, 2)) * (many.sum(axis=1) - 1)
    expected = (many[:, :, None] * many[:, None, :] * distances).sum(axis=(1, 2))
    return _one_minus(seen, expected)


def _interval_sums(paired: Floats) -> Sums:
    """As coincidences with squared distances would give, however many different values there are."""
    centred = paired - (np.nanmean(paired) if paired.size else 0.0)
    counts = (~np.isnan(centred)).sum(axis=1).astype(np.float64)
    first, second = np.nansum(centred, axis=1), np.nansum(centred**2, axis=1)
    apart = 2 * (counts * second - first**2) / np.maximum(counts - 1, 1)

    def of(sums: Floats) -> Floats:
        many, total, squares, inside = sums.T
        return _one_minus(inside * (many - 1), 2 * (many * squares - total**2))

    return Sums(np.column_stack([counts, first, second, apart]), of)


def gwet_sums(table: Floats, level: Level, values: Sequence[float] | None = None) -> Sums:
    """What AC1 or AC2 is made of."""
    known = _values(table, values)
    places, weights = len(known), _weights(known, level)
    counts = _counts(table, known)
    counts = counts[counts.sum(axis=1) > 0]
    rated = counts.sum(axis=1)
    seen = np.where(rated > 1, _observed(counts, weights), 0.0)
    units = np.column_stack([rated > 1, seen, np.ones(len(counts)), counts / rated[:, None]])
    chance = weights.sum() / (places * (places - 1)) if places > 1 else np.nan

    def of(sums: Floats) -> Floats:
        shares = _ratio(sums[:, 3:], sums[:, 2:3])
        by_chance = chance * (shares * (1 - shares)).sum(axis=1)
        return _one_minus(1 - _ratio(sums[:, 1], sums[:, 0]), 1 - by_chance)

    return Sums(units.astype(np.float64), of)


def exact_sums(table: Floats) -> Sums:
    """What the share of equal pairs is made of."""
    paired = _paired(table)
    known = _values(paired, None)
    return _mean_sums(_observed(_counts(paired, known), np.eye(len(known))))


def within_sums(table: Floats, values: Sequence[float], steps: int = 1) -> Sums:
    """What the share of pairs within so many steps is made of."""
    paired = _paired(table)
    known = _values(paired, values)
    places = np.arange(len(known))
    near = (np.abs(places[:, None] - places) <= steps).astype(np.float64)
    return _mean_sums(_observed(_counts(paired, known), near))


def difference_sums(table: Floats) -> Sums:
    """What the mean distance is made of. In a sorted line, each rating is above those before it and below
    those after it."""
    paired = np.sort(_paired(table), axis=1)  # gaps last
    counts = (~np.isnan(paired)).sum(axis=1, keepdims=True)
    signs = 2 * np.arange(paired.shape[1]) - counts + 1
    pairs = np.maximum(counts * (counts - 1) / 2, 1)
    return _mean_sums(np.nansum(signs * paired, axis=1) / pairs[:, 0])


def _mean_sums(each: Floats) -> Sums:
    return Sums(np.column_stack([np.ones(len(each)), each]), lambda sums: _ratio(sums[:, 1], sums[:, 0]))


def _paired(table: Floats) -> Floats:
    """The units that two or more judged."""
    rated: Floats = table[(~np.isnan(table)).sum(axis=1) > 1]
    return rated


def _values(table: Floats, given: Sequence[float] | None) -> Floats:
    """All that could be chosen and all that was, in order."""
    return np.unique(np.concatenate([table[~np.isnan(table)], np.array(given or (), np.float64)]))


def _counts(table: Floats, values: Floats) -> Floats:
    """How often each unit got each value: (units, values)."""
    rows, _ = np.nonzero(~np.isnan(table))
    places = np.searchsorted(values, table[~np.isnan(table)])
    flat = np.bincount(rows * len(values) + places, minlength=len(table) * len(values))
    return flat.reshape(len(table), len(values)).astype(np.float64)


def _observed(counts: Floats, weights: Floats) -> Floats:
    """The weighted agreement of each unit's pairs; 0 where there are none."""
    rated = counts.sum(axis=1)
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1)
    shares: Floats = agreeing / np.maximum(rated * (rated - 1), 1)
    return shares


def _weights(values: Floats, level: Level) -> Floats:
    """How much two values agree, 0..1: Gwet's ordinal weights by places, squares by distance."""
    if level == "nominal" or len(values) < 2:
        return np.eye(len(values))
    if level == "ordinal":
        places = np.arange(len(values))
        apart = np.abs(places[:, None] - places)
        lost: Floats = apart * (apart + 1) / (len(values) * (len(values) - 1))
    else:
        lost = ((values[:, None] - values) / (values[-1] - values[0])) ** 2
    return np.subtract(1, lost)


def _beyond(seen: float, by_chance: float) -> float | None:
    return (seen - by_chance) / (1 - by_chance) if by_chance < 1 else None


def _one_minus(part: Floats, whole: Floats) -> Floats:
    return 1 - _ratio(part, whole)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """NaN where there is nothing to divide by."""
    usable = np.abs(whole) > 1e-9
    return np.where(usable, part / np.where(usable, whole, 1.0), np.nan)
