"""A definition as its readers see it: each category's share of the whole, each option's score. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from scorecards.definition import Category, Definition, Group, Option, category_score, fails
from scorecards.scoring import rounded

PLACES = 1


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option with its category score, 0 to 100, and whether choosing it fails the category."""

    option: Option
    score: Decimal
    fails: bool


@dataclass(frozen=True, slots=True)
class CategoryView:
    """One category; `share` is its per cent of all weights, None when they add up to 0."""

    category: Category
    share: Decimal | None
    options: tuple[OptionView, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group with its per cent of all weights."""

    group: Group
    share: Decimal | None
    categories: tuple[CategoryView, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """The whole form; `total` is the sum of all weights."""

    groups: tuple[GroupView, ...]
    total: Decimal
    count: int


def rubric(definition: Definition) -> Rubric:
    """The view of a definition in which every category is rated."""
    total = sum((category.weight for category in definition.categories), Decimal(0))
    groups = tuple(_group(group, Fraction(total)) for group in definition.groups)
    return Rubric(groups, total, len(definition.categories))


def _group(group: Group, total: Fraction) -> GroupView:
    weight = sum((Fraction(category.weight) for category in group.categories), Fraction(0))
    categories = tuple(_category(category, total) for category in group.categories)
    return GroupView(group, _share(weight, total), categories)


def _category(category: Category, total: Fraction) -> CategoryView:
    options = tuple(
        OptionView(option, _short(category_score(category, option)), fails(category, option))
        for option in category.options
    )
    return CategoryView(category, _share(Fraction(category.weight), total), options)


def _share(weight: Fraction, total: Fraction) -> Decimal | None:
    return _short(weight / total * 100) if total else None


def _short(value: Fraction) -> Decimal:
    """One decimal, or none where it would be 0."""
    short = rounded(value, PLACES)
    return rounded(value, 0) if short == int(short) else short
