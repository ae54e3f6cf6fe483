"""A definition as its readers see it: each category's share of the whole, each option's score. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from scorecards.definition import Category, Definition, Group, Option, Question, category_score, fails
from scorecards.definition.types import NA, ShowWhen
from scorecards.scoring import rounded

PLACES = 1
NA_WORD = "N/A"


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option with its category score, 0 to 100, and whether choosing it fails the category."""

    option: Option
    score: Decimal
    fails: bool


@dataclass(frozen=True, slots=True)
class Depends:
    """A condition on another category: its name, and the labels of which one must be chosen there."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryView:
    """One category; `share` is its per cent of the score, None for bonus and deduction, and without any
    weight."""

    category: Category
    share: Decimal | None
    options: tuple[OptionView, ...]
    depends: tuple[Depends, ...]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question without a score."""

    question: Question
    depends: tuple[Depends, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group with its per cent of the score; instructions come first, other questions last."""

    group: Group
    share: Decimal | None
    instructions: tuple[QuestionView, ...]
    categories: tuple[CategoryView, ...]
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """The whole form; `total` is the sum of all weights that count in the mean."""

    groups: tuple[GroupView, ...]
    total: Decimal
    count: int


def rubric(definition: Definition) -> Rubric:
    """The view of a definition in which every category is rated."""
    shares = _shares(definition)
    named = {category.key: category for category in definition.categories}
    groups = tuple(_group(group, shares[group.key], named) for group in definition.groups)
    total = sum(
        (category.weight for category in definition.categories if category.kind == "rated"), Decimal(0)
    )
    return Rubric(groups, total, len(definition.categories))


def _shares(definition: Definition) -> dict[str, Fraction | None]:
    """Group key -> its part of the score, 0 to 1: by the groups' own weights, else by their categories'."""
    sums = {group.key: _sum(group) for group in definition.groups}
    counted = {
        group.key: Fraction(group.weight or 0) if definition.group_weights else sums[group.key]
        for group in definition.groups
        if sums[group.key]
    }
    whole = sum(counted.values(), Fraction(0))
    return {key: counted.get(key, Fraction(0)) / whole if whole else None for key in sums}


def _sum(group: Group) -> Fraction:
    rated = (Fraction(category.weight) for category in group.categories if category.kind == "rated")
    return sum(rated, Fraction(0))


def _group(group: Group, share: Fraction | None, named: Mapping[str, Category]) -> GroupView:
    total = _sum(group)
    part = share / total if share is not None and total else None
    asked = [QuestionView(each, _depends(each.show_when, named)) for each in group.questions]
    return GroupView(
        group,
        _per_cent(share),
        tuple(each for each in asked if each.question.answer == "instruction"),
        tuple(_category(category, part, named) for category in group.categories),
        tuple(each for each in asked if each.question.answer != "instruction"),
    )


def _category(category: Category, part: Fraction | None, named: Mapping[str, Category]) -> CategoryView:
    """`part` is what one point of weight in its group is of the score."""
    options = tuple(
        OptionView(option, _short(category_score(category, option)), fails(category, option))
        for option in category.options
    )
    counted = None if part is None or category.kind != "rated" else Fraction(category.weight) * part
    return CategoryView(category, _per_cent(counted), options, _depends(category.show_when, named))


def _depends(when: ShowWhen, named: Mapping[str, Category]) -> tuple[Depends, ...]:
    return tuple(Depends(named[key].name, _labels(named[key], options)) for key, options in when.answers)


def _labels(category: Category, keys: tuple[str, ...]) -> tuple[str, ...]:
    labels = {NA: NA_WORD} | {option.key: option.label for option in category.options}
    return tuple(labels[key] for key in keys)


def _per_cent(share: Fraction | None) -> Decimal | None:
    return None if share is None else _short(share * 100)


def _short(value: Fraction) -> Decimal:
    """One decimal, or none where it would be 0."""
    short = rounded(value, PLACES)
    return rounded(value, 0) if short == int(short) else short
