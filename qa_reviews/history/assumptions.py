"""Rules that another tool may have had. Each gives what it would change in a review, or None. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from qa_reviews.history.cases import Case
from scorecards.definition import Category, Option, category_score
from scorecards.scoring import Rated


@dataclass(frozen=True, slots=True)
class Change:
    """How a review would be scored otherwise, and the names of the categories it concerns."""

    names: tuple[str, ...]
    apply: Callable[[Case], Case]


def na_as_best(case: Case) -> Change | None:
    """N/A counted as the best option."""
    return _na_as(case, lambda category: max(category.options, key=_points))


def na_as_zero(case: Case) -> Change | None:
    """N/A counted as the worst option; it fails nothing."""
    return _na_as(case, lambda category: min(category.options, key=_points))


def critical_ignored(case: Case) -> Change | None:
    """A failing critical category counts like any other."""
    failed = set(case.result.failed_by)
    if not failed:
        return None
    names = tuple(each.name for each in case.definition.categories if each.key in failed)
    return Change(names, lambda now: now.with_categories(lambda each: replace(each, critical="none")))


def critical_for_review(case: Case) -> Change | None:
    """A failing category that is critical for its group fails the whole review."""
    failed = set(case.result.failed_by)
    of_group = [c for c in case.definition.categories if c.key in failed and c.critical == "group"]
    if not of_group:
        return None
    keys = {category.key for category in of_group}

    def apply(now: Case) -> Case:
        return now.with_categories(
            lambda each: replace(each, critical="review") if each.key in keys else each
        )

    return Change(tuple(category.name for category in of_group), apply)


def flat_groups(case: Case) -> Change | None:
    """Categories weigh over the whole form, without weights of groups."""
    if not case.definition.group_weights:
        return None

    def apply(now: Case) -> Case:
        groups = tuple(replace(group, weight=None) for group in now.definition.groups)
        return replace(now, definition=replace(now.definition, groups=groups))

    return Change((), apply)


def bonus_left_out(case: Case) -> Change | None:
    """Bonus and deduction categories count nothing."""
    keys, names = _adjusting(case)
    return Change(names, lambda now: now.without(keys)) if keys else None


def bonus_in_mean(case: Case) -> Change | None:
    """Bonus and deduction categories are rated like others."""
    keys, names = _adjusting(case)

    def apply(now: Case) -> Case:
        return now.with_categories(lambda each: replace(each, kind="rated") if each.key in keys else each)

    return Change(names, apply) if keys else None


def category_rounding(case: Case, places: int) -> Change | None:
    """The scores of categories rounded to a few decimals before they are weighed."""
    step = Fraction(1, 10**places)
    uneven = {key for key, value in case.scores.items() if value % step}
    if not uneven:
        return None

    def change(category: Category) -> Category:
        if category.key not in uneven:
            return category
        options = tuple(
            replace(o, points=_nearest(category_score(category, o), step)) for o in category.options
        )
        return replace(category, options=options, scale=None)

    names = tuple(each.name for each in case.definition.categories if each.key in uneven)
    return Change(names, lambda now: now.with_categories(change))


def _na_as(case: Case, pick: Callable[[Category], Option]) -> Change | None:
    categories = case.categories
    left = [
        categories[each.key]
        for each in case.result.categories
        if each.state == "na" and categories[each.key].kind == "rated"
    ]
    if not left:
        return None
    keys = {category.key for category in left}

    def apply(now: Case) -> Case:
        harmless = now.with_categories(lambda c: replace(c, critical="none") if c.key in keys else c)
        return harmless.with_ratings(Rated(category.key, pick(category).key) for category in left)

    return Change(tuple(category.name for category in left), apply)


def _adjusting(case: Case) -> tuple[set[str], tuple[str, ...]]:
    rated = case.scores
    found = [c for c in case.definition.categories if c.kind != "rated" and c.key in rated]
    return {category.key for category in found}, tuple(category.name for category in found)


def _nearest(value: Fraction, step: Fraction) -> Fraction:
    return (value / step + Fraction(1, 2)).__floor__() * step


def _points(option: Option) -> Fraction:
    return option.points
