"""How alike one thing is judged by several: coefficients with ranges, or why they are not given. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from insights.stats.agreement import (
    Level,
    alpha_sums,
    difference_sums,
    exact_sums,
    gwet_sums,
    icc,
    kappa,
    within_sums,
)
from insights.stats.refusals import Refusal, too_few
from insights.stats.resampling import ROUNDS, Floats, Sums, bootstrap

LEAST_SHARES, LEAST_COEFFICIENTS = 10, 30
SCORE_STEP = 5
SCORE_STEPS = tuple(float(points) for points in range(0, 101, SCORE_STEP))
"""AC2 of scores looks at them in steps of five points, since it depends on how many values there could be."""


class Ranged(NamedTuple):
    """A coefficient and its 95 % range; None where it is undefined, as for constant data."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How alike `doubly` conversations were judged. `exact` is the share 0..1 of pairs that are equal,
    `within` that of pairs at most one option apart (categories only), `difference` their mean distance in
    points.

    `refused`: too few conversations for any of it; `coefficients_refused`: for the rest. `kappa` is given for
    categories, `icc` for scores.
    """

    doubly: int
    level: Level
    exact: float | None = None
    within: float | None = None
    difference: float | None = None
    alpha: Ranged | None = None
    ac: Ranged | None = None
    kappa: float | None = None
    icc: float | None = None
    refused: Refusal | None = None
    coefficients_refused: Refusal | None = None


def category_reading(table: Floats, values: Sequence[float], rounds: int = ROUNDS) -> Reading:
    """Of a category's scores (conversations, reviewers), which `values` could be: two are plain alternatives,
    more have an order."""
    level: Level = "nominal" if len({*values, *np.unique(table[~np.isnan(table)])}) < 3 else "ordinal"
    found = _shares(table, level)
    if found.refused is None:
        found = replace(found, within=within_sums(table, values).value)
    if found.coefficients_refused:
        return found
    return replace(
        found,
        alpha=_ranged(alpha_sums(table, level), rounds),
        ac=_ranged(gwet_sums(table, level, values), rounds),
        kappa=kappa(table, level, values),
    )


def score_reading(table: Floats, rounds: int = ROUNDS) -> Reading:
    """Of review scores (conversations, reviewers)."""
    found = _shares(table, "interval")
    if found.coefficients_refused:
        return found
    steps = np.round(table / SCORE_STEP) * SCORE_STEP
    return replace(
        found,
        alpha=_ranged(alpha_sums(table, "interval"), rounds),
        ac=_ranged(gwet_sums(steps, "interval", SCORE_STEPS), rounds),
        icc=icc(table),
    )


def _shares(table: Floats, level: Level) -> Reading:
    doubly = int(((~np.isnan(table)).sum(axis=1) > 1).sum())
    bare = Reading(doubly, level, coefficients_refused=_refusal(doubly, LEAST_COEFFICIENTS))
    refused = _refusal(doubly, LEAST_SHARES)
    if refused:
        return replace(bare, refused=refused)
    return replace(bare, exact=exact_sums(table).value, difference=difference_sums(table).value)


def _refusal(found: int, needed: int) -> Refusal | None:
    return too_few(found, needed, "conversations graded twice", "a number") if found < needed else None


def _ranged(sums: Sums, rounds: int) -> Ranged:
    low, high = bootstrap(sums, rounds) or (None, None)
    return Ranged(sums.value, low, high)
