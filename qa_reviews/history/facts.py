"""What a source said of a review's categories, and what of it differs from ours. Pure.

Each function gives what the review would be with the source's facts of one sort, or None where they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qa_reviews.history.assumptions import Change
from qa_reviews.history.cases import SAID, Case, blank, scoring
from scorecards.definition import Category, Critical, Group, ShowWhen, category_score
from scorecards.scoring import Rated

NEAR = Fraction(1)
"""Closer than this, two scores of a category are the same option, rounded."""
EXACT = Fraction(1, 10_000)


@dataclass(frozen=True, slots=True)
class Said:
    """One category as the source told it: its score, 0 to 100 (None = N/A there), weight, and whether it
    was critical ("yes" where it did not say for what). None = not told."""

    category: str
    name: str = ""
    score: Fraction | None = None
    weight: Fraction | None = None
    critical: str | None = None


def said_of(raw: Mapping[str, Any]) -> Said:
    """From {"category", "name", "score", "weight", "critical"} with numbers as decimal text."""
    score, weight = raw.get("score"), raw.get("weight")
    return Said(
        raw["category"],
        raw.get("name") or raw["category"],
        None if score is None else Fraction(score),
        None if weight is None else Fraction(weight),
        raw.get("critical"),
    )


def weights_as_said(case: Case, said: tuple[Said, ...]) -> Change | None:
    """The source weighed categories otherwise. Only the shares count: twice all weights is the same."""
    rated = case.scores
    told = {
        each.category: each.weight
        for each in said
        if each.weight is not None and each.category in rated and each.score is not None
    }
    ours = {key: Fraction(case.categories[key].weight) for key in told}
    if _shares(told) == _shares(ours):
        return None
    weights = {key: Decimal(w.numerator) / Decimal(w.denominator) for key, w in told.items()}
    names = tuple(case.categories[key].name for key in told if told[key] != ours[key])
    return Change(
        names,
        lambda now: now.with_categories(lambda c: replace(c, weight=weights.get(c.key, c.weight))),
    )


def critical_as_said(case: Case, said: tuple[Said, ...]) -> Change | None:
    """The source had other critical categories."""
    told = {each.category: each.critical for each in said if each.critical is not None}
    other: dict[str, Critical] = {}
    for category in case.definition.categories:
        if category.key in told and (wanted := _critical(told[category.key], category)) != category.critical:
            other[category.key] = wanted
    if not other:
        return None
    names = tuple(case.categories[key].name for key in other)
    return Change(
        names,
        lambda now: now.with_categories(lambda c: replace(c, critical=other.get(c.key, c.critical))),
    )


def missing_ratings(case: Case, said: tuple[Said, ...]) -> Change | None:
    """The source counted categories that have no rating here."""
    rated = case.scores
    more = [each for each in said if each.score is not None and each.category not in rated]
    fitting = [each for each in more if each.score is not None and 0 <= each.score <= 100]
    if not fitting:
        return None
    return Change(tuple(each.name for each in fitting), lambda now: _with_more(now, fitting))


def not_counted(case: Case, said: tuple[Said, ...]) -> Change | None:
    """Categories rated here that the source left out, or had as N/A."""
    counted = {each.category for each in said if each.score is not None}
    left = [key for key in case.scores if key not in counted]
    names = tuple(case.categories[key].name for key in left)
    return Change(names, lambda now: now.without(left)) if left else None


def unknown_options(case: Case, said: tuple[Said, ...]) -> Change | None:
    """Scores that no option of the category gives."""
    return _rescored(case, said, lambda category, value: not _is_option(category, value))


def other_ratings(case: Case, said: tuple[Said, ...]) -> Change | None:
    """Scores of another option of the category than the one chosen here."""
    return _rescored(case, said, _is_option)


def rounded_categories(case: Case, said: tuple[Said, ...]) -> Change | None:
    """Scores of the same option, with fewer decimals."""
    ours = case.scores
    near = [
        each
        for each in said
        if each.score is not None
        and each.category in ours
        and EXACT < abs(each.score - ours[each.category]) < NEAR
    ]
    return _scored(case, near)


def _rescored(
    case: Case, said: tuple[Said, ...], wanted: Callable[[Category, Fraction], bool]
) -> Change | None:
    ours = case.scores
    other = [
        each
        for each in said
        if each.score is not None
        and each.category in ours
        and abs(each.score - ours[each.category]) >= NEAR
        and wanted(case.categories[each.category], each.score)
    ]
    return _scored(case, other)


def _scored(case: Case, said: list[Said]) -> Change | None:
    values = {e.category: e.score for e in said if e.score is not None and 0 <= e.score <= 100}
    if not values:
        return None

    def apply(now: Case) -> Case:
        changed = now.with_categories(lambda c: scoring(c, values[c.key]) if c.key in values else c)
        return changed.with_ratings(Rated(key, SAID) for key in values)

    return Change(tuple(case.categories[key].name for key in values), apply)


def _with_more(case: Case, said: list[Said]) -> Case:
    known = case.categories
    values = {each.category: each.score for each in said if each.score is not None}
    shown = case.with_categories(
        lambda c: replace(scoring(c, values[c.key]), show_when=ShowWhen()) if c.key in values else c
    )
    new = tuple(_added(each) for each in said if each.category not in known)
    if new:
        shown = shown.with_group(Group("_source", "Source", new))
    return shown.with_ratings(Rated(key, SAID) for key in values)


def _added(said: Said) -> Category:
    category = scoring(blank(said.category, said.name), said.score or Fraction(0))
    weight = said.weight if said.weight is not None else Fraction(category.weight)
    return replace(
        category,
        weight=Decimal(weight.numerator) / Decimal(weight.denominator),
        critical=_critical(said.critical or "none", category),
    )


def _critical(told: str | None, ours: Category) -> Critical:
    """What the source's word comes to here; "yes" keeps what ours is critical for."""
    if told in ("group", "review"):
        return "group" if told == "group" else "review"
    if told == "yes":
        return ours.critical if ours.critical != "none" else "review"
    return "none"


def _is_option(category: Category, value: Fraction) -> bool:
    return any(abs(category_score(category, option) - value) < NEAR for option in category.options)


def _shares(weights: Mapping[str, Fraction | None]) -> dict[str, Fraction]:
    total = sum((weight or Fraction(0) for weight in weights.values()), Fraction(0))
    return {key: (weight or Fraction(0)) / total if total else Fraction(0) for key, weight in weights.items()}
