"""The score of a review, exact until its one rounding (domain.md, section 1). Pure: no Django.

How failures travel:
- A failed critical category of kind `group` makes every rated category of its group count 0, in the
  score, the group's and every tag's sub-score. One of kind `review` makes only the score 0.
- A category's own score never changes through a failure, neither does the unfailed score.
- A failing category fails whatever its weight. Where no weight is rated there is nothing to score,
  so the score stays null even then, and `failed_by` still names the category.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from scorecards.definition import (
    Category,
    Context,
    Definition,
    Option,
    applies,
    category_score,
    fails,
    is_negative,
)

PLACES = 4
SHOWN_PLACES = 1

State = Literal["rated", "na", "hidden"]
ProblemCode = Literal[
    "unknown_category",
    "duplicate_category",
    "hidden_category",
    "option_or_na",
    "na_not_allowed",
    "unknown_option",
    "unknown_root_cause",
    "comment_required",
    "required",
]

FIELD_OF_PROBLEM: Mapping[ProblemCode, str] = {
    "unknown_category": "category",
    "duplicate_category": "category",
    "hidden_category": "category",
    "option_or_na": "option",
    "na_not_allowed": "na",
    "unknown_option": "option",
    "unknown_root_cause": "root_causes",
    "comment_required": "comment",
}


@dataclass(frozen=True, slots=True)
class Rated:
    """What a reviewer chose for one category: an option's key or N/A, with comment and causes."""

    category: str
    option: str | None = None
    na: bool = False
    comment: str = ""
    root_causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RatingProblem:
    """Why a rating cannot stand; `index` is its place in the ratings, None for one that is missing."""

    index: int | None
    category: str
    code: ProblemCode
    detail: str

    @property
    def pointer(self) -> str:
        """The JSON pointer below the list of ratings, such as "/3/option"; empty for a missing rating."""
        return "" if self.index is None else f"/{self.index}/{FIELD_OF_PROBLEM[self.code]}"


class InvalidRatings(ValueError):
    """The ratings do not fit the scorecard; `problems` holds them all, missing ratings last."""

    def __init__(self, problems: tuple[RatingProblem, ...]) -> None:
        super().__init__("; ".join(f"{problem.category}: {problem.detail}" for problem in problems[:5]))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class CategoryResult:
    """One category of a result. `score` is 0 to 100 with four decimals, `exact` the same unrounded.

    `applied_weight` is its percentage of the rated weights, four decimals; None when there are none.
    """

    key: str
    score: Decimal | None
    exact: Fraction | None
    state: State
    applied_weight: Decimal | None
    option: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a review's ratings come to. Scores are 0 to 100 with four decimals, or None without one.

    `failed_by` names the categories that failed the review or their group, `failed_groups` those groups.
    Groups and tags are (key, score), in the order of the form.
    """

    score: Decimal | None
    unfailed_score: Decimal | None
    failed_by: tuple[str, ...]
    failed_groups: tuple[str, ...]
    categories: tuple[CategoryResult, ...]
    groups: tuple[tuple[str, Decimal | None], ...]
    tags: tuple[tuple[str, Decimal | None], ...]


def score(definition: Definition, ratings: Sequence[Rated], context: Context, strict: bool) -> Result:
    """Scores the ratings of one review of a conversation like `context`.

    `strict` is for submitting: every visible category needs a rating or N/A, and comments where asked.
    Otherwise an omitted category counts as N/A. Raises InvalidRatings with all problems.
    """
    problems = _problems(definition, ratings, context, strict)
    if problems:
        raise InvalidRatings(tuple(problems))
    by_category = {rated.category: rated for rated in ratings}
    marks = [
        _mark(group.key, category, by_category.get(category.key), context)
        for group in definition.groups
        for category in group.categories
    ]
    return _result(definition, marks)


def passed(score: Decimal | None, pass_mark: Decimal) -> bool | None:
    """Whether a stored score reaches the pass mark; None without a score."""
    return None if score is None else score >= pass_mark


def display(score: Decimal, pass_mark: Decimal) -> str:
    """The score with one decimal, or with as many more as it takes not to contradict pass or fail."""
    for places in range(SHOWN_PLACES, PLACES):
        shown = rounded(Fraction(score), places)
        if passed(shown, pass_mark) == passed(score, pass_mark):
            return f"{shown:f}"
    return f"{rounded(Fraction(score)):f}"


def rounded(value: Fraction, places: int = PLACES) -> Decimal:
    """The value rounded half up to a fixed number of decimals; for values of 0 and more."""
    digits = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    return Decimal(digits).scaleb(-places)


@dataclass(frozen=True, slots=True)
class _Mark:
    """One category with its state; `own` is its own score, `counted` what a failed group leaves of it."""

    group: str
    category: Category
    state: State
    option: Option | None = None
    own: Fraction | None = None
    failed: bool = False

    def counted(self, failed_groups: Iterable[str]) -> Fraction | None:
        return Fraction(0) if self.own is not None and self.group in failed_groups else self.own


def _mark(group: str, category: Category, rated: Rated | None, context: Context) -> _Mark:
    if not applies(category, context):
        return _Mark(group, category, "hidden")
    option = None if rated is None else _option(category, rated.option)
    if option is None:
        return _Mark(group, category, "na")
    own = category_score(category, option)
    return _Mark(group, category, "rated", option, own, fails(category, option))


def _option(category: Category, key: str | None) -> Option | None:
    return next((option for option in category.options if option.key == key), None)


def _result(definition: Definition, marks: list[_Mark]) -> Result:
    failing = [mark for mark in marks if mark.failed]
    by_group = {mark.group for mark in failing if mark.category.critical == "group"}
    counted = [(mark, mark.counted(by_group)) for mark in marks]
    whole = _mean(counted)
    if whole is not None and any(mark.category.critical == "review" for mark in failing):
        whole = Fraction(0)
    total = sum(Fraction(mark.category.weight) for mark in marks if mark.own is not None)
    return Result(
        score=_stored(whole),
        unfailed_score=_stored(_mean([(mark, mark.own) for mark in marks])),
        failed_by=tuple(mark.category.key for mark in failing),
        failed_groups=tuple(group.key for group in definition.groups if group.key in by_group),
        categories=tuple(_category_result(mark, total) for mark in marks),
        groups=tuple(
            (group.key, _stored(_mean(pair for pair in counted if pair[0].group == group.key)))
            for group in definition.groups
        ),
        tags=tuple(
            (tag, _stored(_mean(pair for pair in counted if tag in pair[0].category.tags)))
            for tag in _tags(definition)
        ),
    )


def _mean(scores: Iterable[tuple[_Mark, Fraction | None]]) -> Fraction | None:
    """The mean by weight over what is rated; None where nothing is, or only weight 0."""
    total = weights = Fraction(0)
    for mark, value in scores:
        if value is not None:
            weight = Fraction(mark.category.weight)
            total += value * weight
            weights += weight
    return total / weights if weights else None


def _stored(value: Fraction | None) -> Decimal | None:
    return None if value is None else rounded(value)


def _category_result(mark: _Mark, total: Fraction | int) -> CategoryResult:
    weight = None
    if mark.own is not None and total:
        weight = rounded(Fraction(mark.category.weight) / total * 100)
    return CategoryResult(
        key=mark.category.key,
        score=_stored(mark.own),
        exact=mark.own,
        state=mark.state,
        applied_weight=weight,
        option=None if mark.option is None else mark.option.key,
    )


def _tags(definition: Definition) -> list[str]:
    return list(dict.fromkeys(tag for category in definition.categories for tag in category.tags))


def _problems(
    definition: Definition, ratings: Sequence[Rated], context: Context, strict: bool
) -> list[RatingProblem]:
    categories = {category.key: category for category in definition.categories}
    problems: list[RatingProblem] = []
    seen: set[str] = set()
    for index, rated in enumerate(ratings):
        found = _placing(categories.get(rated.category), rated, context, seen)
        seen.add(rated.category)
        if not found:
            found = _answering(categories[rated.category], rated, strict)
        problems += [RatingProblem(index, rated.category, code, detail) for code, detail in found]
    if strict:
        problems += [
            RatingProblem(None, category.key, "required", f'"{category.name}" needs a rating or N/A.')
            for category in definition.categories
            if category.key not in seen and applies(category, context)
        ]
    return problems


_Found = list[tuple[ProblemCode, str]]


def _placing(category: Category | None, rated: Rated, context: Context, seen: set[str]) -> _Found:
    """Whether the category can be rated at all."""
    if category is None:
        return [("unknown_category", "This version has no such category.")]
    if rated.category in seen:
        return [("duplicate_category", f'"{category.name}" is rated twice.')]
    if not applies(category, context):
        return [("hidden_category", f'"{category.name}" is not shown for this conversation.')]
    return []


def _answering(category: Category, rated: Rated, strict: bool) -> _Found:
    """Whether the answer fits its category."""
    if rated.na == (rated.option is not None):
        return [("option_or_na", "Give an option or N/A, and not both.")]
    option = _option(category, rated.option)
    found: _Found = []
    if rated.na and not category.allow_na:
        found.append(("na_not_allowed", f'"{category.name}" does not allow N/A.'))
    if not rated.na and option is None:
        found.append(("unknown_option", f'"{category.name}" has no such option.'))
    found += _unknown_causes(category, rated)
    if strict and not rated.comment.strip() and _asks_comment(category, option):
        found.append(("comment_required", f'"{category.name}" needs a comment.'))
    return found


def _unknown_causes(category: Category, rated: Rated) -> _Found:
    """Causes of both lists are taken with any option (a fair rating has its flaws too), none with N/A."""
    causes = category.root_causes
    known = () if rated.na else (*causes.negative, *causes.positive)
    return [
        ("unknown_root_cause", f'"{category.name}" has no root cause "{cause}" to choose here.')
        for cause in rated.root_causes
        if cause not in known
    ]


def _asks_comment(category: Category, option: Option | None) -> bool:
    if category.comment_required == "negative":
        return option is not None and is_negative(category, option)
    return category.comment_required == "always"
