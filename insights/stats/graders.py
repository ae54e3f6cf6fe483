"""How each reviewer grades, set against the others: level, spread, pace, distance. Pure.

Only `stands_out` judges, and only what is unlike the other reviewers; the numbers themselves change no score.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from insights.stats.severity import Given, Severity
from insights.stats.unlike import Known, apart, finds
from qa_reviews.sampling import Z95

LEAST_REVIEWS = 20
"""From so many reviews (or shared conversations) on a reviewer is looked at."""

Finding = Literal[
    "strict", "lenient", "low", "high", "differs", "narrow", "broad", "hundreds", "fast", "slow"
]


class Case(Protocol):
    """What a reviewer gave one agent by one scorecard among reviews chosen in one way, as sums."""

    @property
    def reviewer(self) -> int: ...
    @property
    def agent(self) -> int: ...
    @property
    def scorecard(self) -> int: ...
    @property
    def selection(self) -> str: ...
    @property
    def reviews(self) -> int: ...
    @property
    def scored(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def squares(self) -> float: ...
    @property
    def hundreds(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Against:
    """What he gave the agents whom others graded, too (`given`), and what the others gave the same agents in
    the same proportions (`expected`), over `reviews` of his. `low` and `high` are the range of the
    difference; None where nothing tells how much scores vary."""

    reviews: int
    given: float
    expected: float
    error: float | None

    @property
    def by(self) -> float:
        """The difference in points; below zero he gives less."""
        return self.given - self.expected

    @property
    def range(self) -> tuple[float | None, float | None]:
        if self.error is None:
            return None, None
        return self.by - Z95 * self.error, self.by + Z95 * self.error


@dataclass(frozen=True, slots=True)
class Level:
    """The scores somebody gave: how many reviews, with a score, their mean and standard deviation (None
    without enough), and the share 0..1 of 100s."""

    reviews: int
    scored: int
    mean: float | None
    spread: float | None
    hundreds: float | None


class Distance(NamedTuple):
    """The mean distance in points between his score and the others' of the same conversations, over
    `conversations` of them, and its standard error."""

    conversations: int
    points: float
    error: float


def levels(cases: Iterable[Case]) -> dict[int, Level]:
    """By reviewer."""
    own: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        own[case.reviewer].append(case)
    return {reviewer: _level(each) for reviewer, each in own.items()}


def _level(cases: Sequence[Case]) -> Level:
    reviews, scored = sum(each.reviews for each in cases), sum(each.scored for each in cases)
    if not scored:
        return Level(reviews, 0, None, None, None)
    mean = math.fsum(each.score for each in cases) / scored
    rest = math.fsum(each.squares for each in cases) - scored * mean**2
    spread = math.sqrt(max(0.0, rest) / (scored - 1)) if scored > 1 else None
    return Level(reviews, scored, mean, spread, sum(each.hundreds for each in cases) / scored)


def against(cases: Sequence[Case]) -> dict[int, Against]:
    """By reviewer, whoever graded agents that others graded by the same scorecard, chosen in the same way."""
    totals: dict[tuple[int, int, str], list[float]] = defaultdict(lambda: [0, 0.0])
    for case in cases:
        total = totals[_same(case)]
        total[0] += case.scored
        total[1] += case.score
    variance = _variance(cases)
    shared: dict[int, list[tuple[Case, float, float]]] = defaultdict(list)
    for case in cases:
        many, score = totals[_same(case)]
        if case.scored and many > case.scored:
            shared[case.reviewer].append((case, many - case.scored, score - case.score))
    return {reviewer: _against(each, variance) for reviewer, each in shared.items()}


def _same(case: Case) -> tuple[int, int, str]:
    return case.agent, case.scorecard, case.selection


def _against(shared: Sequence[tuple[Case, float, float]], variance: float | None) -> Against:
    reviews = sum(case.scored for case, _, _ in shared)
    expected = math.fsum(case.scored * score / many for case, many, score in shared) / reviews
    others = math.fsum((case.scored / reviews) ** 2 / many for case, many, _ in shared)
    error = None if variance is None else math.sqrt(variance * (1 / reviews + others))
    return Against(reviews, math.fsum(case.score for case, _, _ in shared) / reviews, expected, error)


def _variance(cases: Iterable[Case]) -> float | None:
    """How much scores vary within what one reviewer gave one agent, in points squared."""
    rated = [case for case in cases if case.scored > 1]
    freedom = sum(case.scored - 1 for case in rated)
    if not freedom:
        return None
    return max(0.0, math.fsum(case.squares - case.score**2 / case.scored for case in rated)) / freedom


def distances(given: Given) -> dict[int, Distance]:
    """By reviewer, from paired scores. In the sorted scores of a conversation each lies above those before it
    and below those after it."""
    if not len(given.scores):
        return {}
    order = np.lexsort((given.scores, given.units))
    _, starts, sizes = np.unique(given.units[order], return_index=True, return_counts=True)
    scores, many = given.scores[order], np.repeat(sizes, sizes)
    place = np.arange(len(scores)) - np.repeat(starts, sizes)
    before = np.cumsum(scores) - scores
    before -= np.repeat(before[starts], sizes)
    total = np.repeat(np.add.reduceat(scores, starts), sizes)
    each = (scores * (2 * place - many + 1) + total - 2 * before - scores) / (many - 1)
    raters, places, counts = np.unique(given.raters[order], return_inverse=True, return_counts=True)
    means = np.bincount(places, each) / counts
    squares = np.bincount(places, (each - means[places]) ** 2)
    errors = np.sqrt(squares / np.maximum(counts - 1, 1) / counts)
    found = zip(raters.tolist(), counts.tolist(), means.tolist(), errors.tolist(), strict=True)
    return {rater: Distance(*numbers) for rater, *numbers in found}


class Clock(Protocol):
    """How long he took: reviews with a time, and mean and standard deviation of its natural logarithm."""

    @property
    def reviews(self) -> int: ...
    @property
    def log_mean(self) -> float: ...
    @property
    def log_spread(self) -> float: ...


@dataclass(frozen=True)
class Graders:
    """Everything known of the reviewers, each by reviewer."""

    levels: Mapping[int, Level]
    against: Mapping[int, Against]
    paces: Mapping[int, Clock]
    severities: Mapping[int, Severity]
    distances: Mapping[int, Distance]

    def stands_out(self) -> dict[int, list[tuple[Finding, float]]]:
        """What is unlike the other reviewers, the farthest first, each with how many spreads it is away. At
        most a tenth of the finds are chance, over all reviewers and measures together."""
        found = [
            (who, low if each.by < 0 else high, each)
            for known, floor, low, high in self._measures()
            for who, each in apart(known, floor).items()
        ]
        marked: dict[int, list[tuple[Finding, float]]] = defaultdict(list)
        for (who, finding, each), real in zip(found, finds([a.chance for *_, a in found]), strict=True):
            if real and finding:
                marked[who].append((finding, abs(each.spreads)))
        return {who: sorted(each, key=lambda one: -one[1]) for who, each in marked.items()}

    def _measures(self) -> list[tuple[dict[int, Known], float, Finding | None, Finding | None]]:
        """(what is known, the least spread reckoned with, what below and what above the others is called)."""
        return [
            (self._strict(), 2.0, "lenient", "strict"),
            (self._given(), 2.0, "low", "high"),
            (self._apart(), 1.0, None, "differs"),
            (self._spread(), 0.15, "narrow", "broad"),
            (self._full(), 0.1, None, "hundreds"),
            (self._time(), 0.35, "fast", "slow"),
        ]

    def _strict(self) -> dict[int, Known]:
        return {
            who: Known(each.value, each.error)
            for who, each in self.severities.items()
            if each.value is not None and each.error is not None
        }

    def _given(self) -> dict[int, Known]:
        return {
            who: Known(each.by, each.error)
            for who, each in self.against.items()
            if each.reviews >= LEAST_REVIEWS and each.error is not None
        }

    def _apart(self) -> dict[int, Known]:
        return {
            who: Known(each.points, each.error)
            for who, each in self.distances.items()
            if each.conversations >= LEAST_REVIEWS
        }

    def _enough(self) -> dict[int, Level]:
        return {who: each for who, each in self.levels.items() if each.scored >= LEAST_REVIEWS}

    def _spread(self) -> dict[int, Known]:
        """Logarithms, since a standard deviation is known to a share of itself; those of a point and less
        are alike."""
        return {
            who: Known(math.log(max(each.spread or 0.0, 1.0)), 1 / math.sqrt(2 * (each.scored - 1)))
            for who, each in self._enough().items()
        }

    def _full(self) -> dict[int, Known]:
        """As angles, which have the same error whatever the share is."""
        return {
            who: Known(math.asin(math.sqrt(each.hundreds or 0.0)), 1 / (2 * math.sqrt(each.scored)))
            for who, each in self._enough().items()
        }

    def _time(self) -> dict[int, Known]:
        return {
            who: Known(each.log_mean, each.log_spread / math.sqrt(each.reviews))
            for who, each in self.paces.items()
            if each.reviews >= LEAST_REVIEWS
        }
