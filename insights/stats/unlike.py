"""Who is unlike all others in something, and how sure that is. Pure.

Each is set against the mean and spread of the others, himself left out, as an outlier is looked for. That
people differ is no finding: the others' own spread is what he must go beyond. Over many people and measures
the share of false finds is held by Benjamini and Hochberg.

Sources: Cook and Weisberg 1982, section 2.2.2 (deleted residuals), Abramowitz and Stegun 26.7.3 and 26.7.4
(Student's t), Benjamini and Hochberg 1995.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

LEAST_OTHERS = 3
FALSE_FINDS = 0.10


@dataclass(frozen=True, slots=True)
class Known:
    """A number of somebody and its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Apart:
    """How far somebody is from the mean of the others, in how many of the spreads that others have, and the
    chance of that among people who are alike."""

    by: float
    spreads: float
    chance: float


def apart(known: Mapping[int, Known], floor: float) -> dict[int, Apart]:
    """Each set against all others; nobody where fewer than LEAST_OTHERS others are known.

    `floor` is the least standard deviation between people that is reckoned with, so that a difference nobody
    would notice is none. Where somebody is known less surely than the others are, that counts for him.
    """
    if len(known) <= LEAST_OTHERS:
        return {}
    found = {}
    for who, own in known.items():
        others = [each for other, each in known.items() if other != who]
        values, count = [each.value for each in others], len(others)
        spread = max(variance(values), floor**2) * (1 + 1 / count)
        unsure = max(0.0, own.error**2 - fmean(each.error**2 for each in others))
        by = own.value - fmean(values)
        spreads = by / math.sqrt(spread + unsure)
        found[who] = Apart(by, spreads, two_sided(spreads, count - 1))
    return found


def two_sided(t: float, freedom: int) -> float:
    """The chance 0..1 of a value of Student's t as far from zero as `t`, with whole degrees of freedom."""
    angle = math.atan2(abs(t), math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = sine * cosine if odd else sine
    total = term if freedom > 1 else 0.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    return max(0.0, 1 - (2 / math.pi * (angle + total) if odd else total))


def finds(chances: Sequence[float], false: float = FALSE_FINDS) -> list[bool]:
    """Which of many chances are finds, so that on average at most the share `false` of the finds is none."""
    order = sorted(chances)
    kept = [chance for place, chance in enumerate(order, start=1) if chance <= false * place / len(order)]
    return [bool(kept) and chance <= kept[-1] for chance in chances]
