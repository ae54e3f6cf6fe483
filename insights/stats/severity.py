"""How strict each reviewer is, from conversations that several graded. Pure.

A score is its conversation's level, less the reviewer's severity, plus noise. What is made least is, over
pairs of reviewers of a conversation, sum (d_ij - (b_i - b_j))^2 + penalty sum b^2, d being the difference of
their scores and the penalty 2 s2_noise / s2_reviewer. Where m > 2 graded, each pair weighs 2 / m: the same as
least squares with a level for each conversation. Severities sum to zero among reviewers whom shared
conversations connect.

Sources: Henderson 1953 (variances by moments), Searle, Casella and McCulloch 1992 ch. 7 (ridge).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from insights.stats.refusals import Refusal, too_few
from insights.stats.resampling import Floats
from qa_reviews.sampling import Z95

LEAST_PAIRS = 20
NOT_CONNECTED = Refusal(
    "not_connected",
    "No chain of conversations graded by two reviewers leads to the others, so nothing tells them apart.",
)
NO_NOISE = Refusal(
    "spread_unknown", "Too few conversations graded twice to tell what is severity and what is chance."
)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Severity:
    """How many points a reviewer gives below the others (`value`; negative is above), with its 95 % range
    and standard error. `pairs` are his conversations that others graded, too."""

    pairs: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    refused: Refusal | None = None


@dataclass(frozen=True)
class Given:
    """Scores as they were given, one place each: unit (conversation), rater (reviewer) and points. A rater
    gives a unit one score; units with a single score tell nothing and are left out (`paired`)."""

    units: Ints
    raters: Ints
    scores: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, float]]) -> Given:
        """From (unit, rater, score)."""
        units, raters, scores = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(units, np.int64), np.array(raters, np.int64), np.array(scores, np.float64)).paired

    @property
    def paired(self) -> Given:
        _, places, counts = np.unique(self.units, return_inverse=True, return_counts=True)
        kept = counts[places] > 1
        return Given(self.units[kept], self.raters[kept], self.scores[kept])

    @cached_property
    def pairs(self) -> int:
        """Units with two scores or more."""
        return len(np.unique(self.units))


@dataclass(frozen=True)
class Fit:
    """Least squares over paired scores. `information` (raters, raters) and `shift` (raters,) are its normal
    equations."""

    given: Given
    raters: Ints
    places: Ints
    information: Floats
    shift: Floats
    squares: float

    @cached_property
    def parts(self) -> Ints:
        """The connected part each rater is in, by the place of its first."""
        found = np.arange(len(self.raters))
        linked = self.information != 0
        for _ in found:
            lowest = np.where(linked, found[None, :], len(found)).min(axis=1)
            if (lowest == found).all():
                break
            found = lowest
        return found.astype(np.int64)

    @cached_property
    def _free(self) -> int:
        """Severities that can be told: all but one in each part."""
        return len(self.raters) - len(np.unique(self.parts))

    @cached_property
    def _explained(self) -> float:
        return float(self.shift @ _inverse(self.information) @ self.shift)

    @cached_property
    def s2_noise(self) -> float | None:
        """The variance of one score beside severity, in points squared; None without anything left over."""
        left = len(self.given.scores) - self.given.pairs - self._free
        return max(0.0, self.squares - self._explained) / left if left > 0 else None

    @cached_property
    def s2_reviewer(self) -> float:
        """The variance between reviewers, in points squared, by moments and not below 0."""
        trace = float(np.trace(self.information))
        if self.s2_noise is None or trace <= 0:
            return 0.0
        return max(0.0, (self._explained - self.s2_noise * self._free) / trace)

    @property
    def severities(self) -> Floats:
        """By rater, in points below the others; ridge least squares, so that little data shows little."""
        if not self.s2_noise or not self.s2_reviewer:
            return self._plain if self.s2_reviewer else np.zeros(len(self.raters))
        penalty = self.s2_noise / self.s2_reviewer
        return -_inverse(self.information + penalty * np.eye(len(self.raters))) @ self.shift

    @property
    def ranges(self) -> tuple[Floats, Floats]:
        """The ends of the 95 % ranges. They are those of plain least squares, which do not lean on how much
        reviewers were found to differ (few of them say little about it), and reach to the severity itself."""
        half = Z95 * self.errors
        shown = self.severities
        return np.minimum(self._plain - half, shown), np.maximum(self._plain + half, shown)

    @property
    def errors(self) -> Floats:
        """The standard errors of plain least squares."""
        errors: Floats = np.sqrt((self.s2_noise or 0.0) * np.diag(_inverse(self.information)))
        return errors

    @property
    def _plain(self) -> Floats:
        return -_inverse(self.information) @ self.shift


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.pinv(matrix, rcond=1e-12, hermitian=True), np.float64)


def fit(given: Given) -> Fit:
    """The normal equations of paired scores, conversations' levels swept out."""
    _, units, sizes = np.unique(given.units, return_inverse=True, return_counts=True)
    raters, places = np.unique(given.raters, return_inverse=True)
    means = np.bincount(units, given.scores, len(sizes)) / sizes
    rest = given.scores - means[units]
    incidence = np.zeros((len(sizes), len(raters)))
    incidence[units, places] = 1
    information = np.diag(incidence.sum(axis=0)) - incidence.T @ (incidence / sizes[:, None])
    shift = np.bincount(places, rest, len(raters)).astype(np.float64)
    return Fit(given, raters, places, information, shift, float((rest**2).sum()))


def severities(given: Given, least: int = LEAST_PAIRS) -> Mapping[int, Severity]:
    """By rater; refused under `least` pairs of his own, and outside the largest connected part."""
    fitted = fit(given)
    pairs = np.bincount(fitted.places, minlength=len(fitted.raters))
    largest = np.bincount(fitted.parts, pairs).argmax() if len(pairs) else 0
    lines = np.column_stack([fitted.severities, *fitted.ranges, fitted.errors]).tolist()
    found = {}
    for place, rater in enumerate(fitted.raters.tolist()):
        many = int(pairs[place])
        if many < least:
            found[rater] = unshared(many, least)
        elif fitted.s2_noise is None:
            found[rater] = Severity(many, refused=NO_NOISE)
        elif fitted.parts[place] != largest:
            found[rater] = Severity(many, refused=NOT_CONNECTED)
        else:
            found[rater] = Severity(many, *lines[place])
    return found


def unshared(pairs: int = 0, least: int = LEAST_PAIRS) -> Severity:
    """Of whom too few conversations, if any, were graded by another."""
    refused = too_few(pairs, least, "conversations graded twice", "a severity")
    return Severity(pairs, refused=refused)


def reviewer_variance(given: Given, least: int = LEAST_PAIRS) -> float:
    """How much reviewers differ in severity, in points squared; 0 until there are `least` pairs."""
    return fit(given).s2_reviewer if given.pairs >= least else 0.0
