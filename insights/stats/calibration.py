"""Whether a grader is stricter or more lenient than what he is compared with. Pure.

The differences of the conversations of one session are taken as a sample: their mean, with the 95 % range of
Student's t. Source: Student 1908; paired differences as in any textbook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from insights.stats.refusals import Refusal, too_few
from insights.stats.resampling import Floats

LEAST_CONVERSATIONS = 5
ALIKE = Refusal("no_spread", "He differed by the same in every conversation, so nothing tells chance apart.")
Verdict = Literal["strict", "lenient", "unclear"]


@dataclass(frozen=True, slots=True)
class Difference:
    """How many points a grader gave more (negative: fewer) than what he is compared with, on average over
    `n` conversations, with the 95 % range; `refused`: why there is no range, and so no verdict."""

    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    refused: Refusal | None = None

    @property
    def verdict(self) -> Verdict:
        if self.high is not None and self.high < 0:
            return "strict"
        return "lenient" if self.low is not None and self.low > 0 else "unclear"


def middle_of_others(scores: Floats, rater: int) -> Floats:
    """What the others gave, conversation by conversation: their median; NaN where nobody else graded.
    `scores`: conversations x raters, gaps NaN."""
    others = np.delete(scores, rater, axis=1)
    found = np.full(len(scores), np.nan)
    graded = ~np.isnan(others).all(axis=1)
    found[graded] = np.nanmedian(others[graded], axis=1)
    return found


def difference(given: Floats, compared_with: Floats) -> Difference:
    """Of the conversations that have both; a range from LEAST_CONVERSATIONS on."""
    apart = given - compared_with
    apart = apart[~np.isnan(apart)]
    n = len(apart)
    if not n:
        return Difference(0, refused=too_few(0, LEAST_CONVERSATIONS, "conversations", "a range"))
    mean = float(apart.mean())
    if n < LEAST_CONVERSATIONS:
        return Difference(n, mean, refused=too_few(n, LEAST_CONVERSATIONS, "conversations", "a range"))
    half = float(stats.t.ppf(0.975, n - 1) * apart.std(ddof=1) / np.sqrt(n))
    if half == 0:
        return Difference(n, mean, refused=ALIKE)
    return Difference(n, mean, mean - half, mean + half)
