"""Why a review's score differs from what another tool had computed. Pure and exact: no Django.

Each hypothesis re-scores the review under a rule or a fact of the source, by our own engine and in fractions.
The fewest hypotheses that give the reported score are the answer; facts that the source told come before
rules it may have had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from qa_reviews.history.assumptions import (
    Change,
    bonus_in_mean,
    bonus_left_out,
    category_rounding,
    critical_for_review,
    critical_ignored,
    flat_groups,
    na_as_best,
    na_as_zero,
)
from qa_reviews.history.cases import Case
from qa_reviews.history.facts import (
    Said,
    critical_as_said,
    missing_ratings,
    not_counted,
    other_ratings,
    rounded_categories,
    said_of,
    unknown_options,
    weights_as_said,
)
from scorecards.scoring import InvalidRatings, Result, rounded

TOLERANCE = Fraction(1, 100)
MOST_TOGETHER = 2
ROUNDINGS = (0, 1)
"""Decimals that other tools round a whole score to."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What the source said of a review: its score, 0 to 100 (more or less with bonuses uncapped), and its
    categories where it told them."""

    score: Fraction | None
    categories: tuple[Said, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Reported:
        """From {"score": "90", "categories": [...]}, as `Review.reported` keeps it."""
        score = raw.get("score")
        categories = tuple(said_of(each) for each in raw.get("categories") or ())
        return cls(None if score is None else Fraction(score), categories)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a difference. `score` is what all reasons of the list together come to, four decimals;
    `names` are the categories concerned."""

    code: str
    score: Decimal | None = None
    names: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        score = None if self.score is None else f"{self.score:.4f}"
        return {"code": self.code, "score": score, "names": list(self.names)}

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Reason:
        score = raw.get("score")
        return cls(raw["code"], None if score is None else Decimal(score), tuple(raw.get("names") or ()))


@dataclass(frozen=True, slots=True)
class _Idea:
    """A hypothesis as it applies to this review."""

    code: str
    names: tuple[str, ...]
    apply: Callable[[Case], Case] = field(repr=False)


Fact = Callable[[Case, tuple[Said, ...]], Change | None]
Assumption = Callable[[Case], Change | None]

FACTS: tuple[tuple[str, Fact], ...] = (
    ("weights", weights_as_said),
    ("critical", critical_as_said),
    ("missing_rating", missing_ratings),
    ("not_counted", not_counted),
    ("unknown_option", unknown_options),
    ("other_rating", other_ratings),
    ("category_rounding", rounded_categories),
)
ASSUMPTIONS: tuple[tuple[str, Assumption], ...] = (
    ("na_as_best", na_as_best),
    ("na_as_zero", na_as_zero),
    ("critical_ignored", critical_ignored),
    ("critical_for_review", critical_for_review),
    ("flat_groups", flat_groups),
    ("bonus_left_out", bonus_left_out),
    ("bonus_in_mean", bonus_in_mean),
    ("category_rounding", lambda case: category_rounding(case, 0)),
    ("category_rounding", lambda case: category_rounding(case, 1)),
)
CODES = (
    *dict.fromkeys(code for code, _ in (*FACTS, *ASSUMPTIONS)),
    *("uncapped", "rounding", "no_score", "unexplained"),
)
"""Every code a Reason can have."""


def differs(reported: Fraction | None, ours: Decimal | None) -> bool:
    """Whether the source's score is not ours within 0.01; never where the source told none."""
    if reported is None:
        return False
    return ours is None or abs(reported - Fraction(ours)) > TOLERANCE


def explain(reported: Reported, case: Case) -> list[Reason]:
    """Why the source's score is not ours; empty where both agree within 0.01, or the source told none.

    Hypotheses are tried alone, then in pairs, then all differing facts together. What nothing explains is
    `unexplained`, with the categories of which the source says something else.
    """
    target, ours = reported.score, case.result
    if target is None or not differs(target, ours.score):
        return []
    facts = list(_ideas(case, FACTS, reported.categories))
    rules = [
        _Idea(code, change.names, change.apply)
        for code, assume in ASSUMPTIONS
        if (change := assume(case)) is not None
    ]
    for ideas in _combined(facts, rules):
        found = _tried(case, ideas, target)
        if found:
            return found
    return _unexplained(facts, ours)


def _ideas(case: Case, facts: Sequence[tuple[str, Fact]], said: tuple[Said, ...]) -> Iterator[_Idea]:
    for code, fact in facts:
        change = fact(case, said) if said else None
        if change is not None:
            yield _Idea(code, change.names, change.apply)


def _combined(facts: list[_Idea], rules: list[_Idea]) -> Iterator[tuple[_Idea, ...]]:
    """Nothing (a rounding alone), one idea, two; then all facts, alone and with one rule."""
    every = [*facts, *rules]
    for size in range(MOST_TOGETHER + 1):
        yield from combinations(every, size)
    if len(facts) > MOST_TOGETHER:
        yield tuple(facts)
    if len(facts) >= MOST_TOGETHER:
        yield from ((*facts, rule) for rule in rules)


def _tried(case: Case, ideas: tuple[_Idea, ...], target: Fraction) -> list[Reason]:
    """The ideas as reasons where together they give the target."""
    for idea in ideas:
        case = idea.apply(case)
    try:
        result = case.result
    except InvalidRatings:  # the ideas hide what was rated
        return []
    for extra, value in _readings(result, target):
        codes = [(idea.code, idea.names) for idea in ideas] + [(code, ()) for code in extra]
        return [Reason(code, rounded(max(value, Fraction(0))), names) for code, names in codes]
    return []


def _readings(result: Result, target: Fraction) -> Iterator[tuple[tuple[str, ...], Fraction]]:
    """The ways to read a result that give the target: as it is, uncapped, or rounded to few decimals."""
    readings: list[tuple[tuple[str, ...], Decimal | None]] = [((), result.score)]
    if result.uncapped_score != result.unfailed_score == result.score:
        readings.append((("uncapped",), result.uncapped_score))
    for codes, value in readings:
        if value is not None and abs(Fraction(value) - target) <= TOLERANCE:
            yield codes, Fraction(value)
    for codes, value in readings:
        if value is not None and any(_rounds(Fraction(value), target, places) for places in ROUNDINGS):
            yield (*codes, "rounding"), target


def _rounds(value: Fraction, target: Fraction, places: int) -> bool:
    """Whether the target is the value with fewer decimals: to the nearest, or cut off."""
    step = Fraction(1, 10**places)
    return target % step == 0 and abs(value - target) < step and abs(value - target) != 0


def _unexplained(facts: list[_Idea], ours: Result) -> list[Reason]:
    if not facts:
        return [Reason("no_score" if ours.score is None else "unexplained")]
    names = tuple(dict.fromkeys(name for idea in facts for name in idea.names))
    return [Reason("unexplained", None, names)]
