"""Ranges of coefficients that are made of sums over units, by drawing units again.

Seeded: the same units give the same range.
Source: Efron and Tibshirani 1993, ch. 13 (percentile ranges).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SEED, ROUNDS = 20_140_301, 2_000
LEVEL = 0.95
LEAST_DEFINED = 0.5
"""The share of rounds that must have a value; coefficients of constant data have none."""
_BLOCK = 4_000_000
"""The most numbers drawn at once, to bound memory."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a coefficient is made of: `units`, one line of sums for each unit (units, columns), and `of`, what
    totals of such lines (rounds, columns) come to: one number a round, NaN where it is undefined."""

    units: Floats
    of: Callable[[Floats], Floats]

    @property
    def value(self) -> float | None:
        """The coefficient over all units; None where it is undefined."""
        found = float(self.of(self.units.sum(axis=0, keepdims=True))[0])
        return None if np.isnan(found) else found


def bootstrap(sums: Sums, rounds: int = ROUNDS, seed: int = SEED) -> tuple[float, float] | None:
    """The 95 % percentile range over so many times as many units drawn with replacement; None where too many
    rounds have no value, or without units.

    Units whose sums are alike are drawn together, by their number: the same law, and far fewer draws where
    two people choose among few options.
    """
    if not len(sums.units):
        return None
    alike, counts = _alike(sums.units)
    dice = np.random.default_rng(seed)
    size, shares = int(counts.sum()), counts / counts.sum()
    block = max(1, _BLOCK // len(alike))
    found = np.concatenate(
        [
            sums.of(dice.multinomial(size, shares, min(block, rounds - done)).astype(np.float64) @ alike)
            for done in range(0, rounds, block)
        ]
    )
    defined = found[~np.isnan(found)]
    if len(defined) < LEAST_DEFINED * rounds:
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _alike(units: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The different lines and how many there are of each, told apart by their bytes."""
    lines = np.ascontiguousarray(units).view(np.dtype((np.void, units.itemsize * units.shape[1]))).ravel()
    _, first, counts = np.unique(lines, return_index=True, return_counts=True)
    return units[first], counts
