"""The score of a review, exact until its one rounding (domain.md, section 1). Pure: no Django.

How failures travel:
- A failed critical category of kind `group` makes every rated category of its group count 0, in the
  score, the group's and every tag's sub-score. One of kind `review` makes only the score 0.
- A category's own score never changes through a failure, neither does the unfailed score.
- A failing category fails whatever its weight. Where no weight is rated there is nothing to score,
  so the score stays null even then, and `failed_by` still names the category.

Groups with weights of their own: inside a group its categories' weights count, between groups the groups'.

A bonus adds weight x category score / 100 to the mean, a deduction takes weight x (100 - category score)
/ 100 from it. Both stay out of the mean, of groups and of tags. `uncapped_score` is what comes out,
`unfailed_score` the same held inside 0 to 100.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from scorecards.definition import (
    Category,
    Context,
    Definition,
    Group,
    Kind,
    Option,
    category_score,
    fails,
    visible,
)
from scorecards.ratings import InvalidRatings, Rated, RatingProblem, chosen_of, option_of, problems_of

__all__ = [
    "CategoryResult",
    "InvalidRatings",
    "Rated",
    "RatingProblem",
    "Result",
    "State",
    "passed",
    "rounded",
    "score",
]

PLACES = 4
FULL = Fraction(100)

State = Literal["rated", "na", "hidden"]


@dataclass(frozen=True, slots=True)
class CategoryResult:
    """One category of a result. `score` is 0 to 100 with four decimals, `exact` the same unrounded.

    `applied_weight` is its percentage of the whole, four decimals; None when it has no part in the mean.
    """

    key: str
    score: Decimal | None
    exact: Fraction | None
    state: State
    applied_weight: Decimal | None
    option: str | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Result:
    """What a review's ratings come to. Scores are 0 to 100 with four decimals, or None without one.

    `failed_by` names the categories that failed the review or their group, `failed_groups` those groups.
    `uncapped_score` is the unfailed one before it was held inside 0 to 100, and may be negative.
    Groups and tags are (key, score), in the order of the form.
    """

    score: Decimal | None
    unfailed_score: Decimal | None
    uncapped_score: Decimal | None
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
    shown = visible(definition, context, chosen_of(ratings))
    problems = problems_of(definition, ratings, shown, strict)
    if problems:
        raise InvalidRatings(tuple(problems))
    options = {rated.category: rated.option for rated in ratings}
    marks = [
        _mark(group, category, options.get(category.key), category.key in shown)
        for group in definition.groups
        for category in group.categories
    ]
    return _result(definition, marks)


def passed(score: Decimal | None, pass_mark: Decimal) -> bool | None:
    """Whether a stored score reaches the pass mark; None without a score."""
    return None if score is None else score >= pass_mark


def rounded(value: Fraction, places: int = PLACES) -> Decimal:
    """The value rounded half up to a fixed number of decimals (below 0 too: -0.5 becomes 0)."""
    digits = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    return Decimal(digits).scaleb(-places)


@dataclass(frozen=True, slots=True)
class _Mark:
    """One category with its state; `own` is its own score, `counted` what a failed group leaves of it."""

    group: Group
    category: Category
    state: State
    option: Option | None = None
    own: Fraction | None = None
    failed: bool = False

    def counted(self, failed_groups: Iterable[str]) -> Fraction | None:
        return Fraction(0) if self.own is not None and self.group.key in failed_groups else self.own

    @property
    def weight(self) -> Fraction:
        return Fraction(self.category.weight)

    @property
    def adjustment(self) -> Fraction:
        """The points it adds to the mean, or takes from it."""
        if self.own is None:
            return Fraction(0)
        share = self.own if self.category.kind == "bonus" else self.own - FULL
        return self.weight * share / FULL


def _mark(group: Group, category: Category, chosen: str | None, shown: bool) -> _Mark:
    if not shown:
        return _Mark(group, category, "hidden")
    option = option_of(category, chosen)
    if option is None:
        return _Mark(group, category, "na")
    own = category_score(category, option)
    return _Mark(group, category, "rated", option, own, fails(category, option))


_Counted = tuple[_Mark, Fraction | None, Fraction]
"""A category with what it counts and with what weight."""


def _result(definition: Definition, marks: list[_Mark]) -> Result:
    failing = [mark for mark in marks if mark.failed]
    by_group = {mark.group.key for mark in failing if mark.category.critical == "group"}
    rated = [mark for mark in marks if mark.category.kind == "rated"]
    whole = _whole_weights(definition, rated)
    counted = [(mark, mark.counted(by_group), whole[mark.category.key]) for mark in rated]
    adjustment = sum(mark.adjustment for mark in marks if mark.category.kind != "rated")
    uncapped = _plus(_mean((mark, mark.own, whole[mark.category.key]) for mark in rated), adjustment)
    final = _capped(_plus(_mean(counted), adjustment))
    if final is not None and any(mark.category.critical == "review" for mark in failing):
        final = Fraction(0)
    total = sum(whole[mark.category.key] for mark in rated if mark.own is not None)
    return Result(
        score=_stored(final),
        unfailed_score=_stored(_capped(uncapped)),
        uncapped_score=_stored(uncapped),
        failed_by=tuple(mark.category.key for mark in failing),
        failed_groups=tuple(group.key for group in definition.groups if group.key in by_group),
        categories=tuple(_category_result(mark, whole.get(mark.category.key), total) for mark in marks),
        groups=_group_scores(definition, counted),
        tags=tuple(
            (tag, _stored(_mean(each for each in counted if tag in each[0].category.tags)))
            for tag in _tags(rated)
        ),
    )


def _whole_weights(definition: Definition, rated: list[_Mark]) -> dict[str, Fraction]:
    """Category key -> its weight in the whole: its own, or its part of its group's weight."""
    if not definition.group_weights:
        return {mark.category.key: mark.weight for mark in rated}
    totals: dict[str, Fraction] = {}
    for mark in rated:
        if mark.own is not None:
            totals[mark.group.key] = totals.get(mark.group.key, Fraction(0)) + mark.weight
    return {
        mark.category.key: mark.weight / total * Fraction(mark.group.weight or 0)
        if (total := totals.get(mark.group.key))
        else Fraction(0)
        for mark in rated
    }


def _group_scores(definition: Definition, counted: list[_Counted]) -> tuple[tuple[str, Decimal | None], ...]:
    """Each group's mean by its categories' own weights."""
    return tuple(
        (
            group.key,
            _stored(_mean((mark, value, mark.weight) for mark, value, _ in counted if mark.group is group)),
        )
        for group in definition.groups
    )


def _mean(scores: Iterable[_Counted]) -> Fraction | None:
    """The mean by weight over what is rated; None where nothing is, or only weight 0."""
    total = weights = Fraction(0)
    for _, value, weight in scores:
        if value is not None:
            total += value * weight
            weights += weight
    return total / weights if weights else None


def _plus(mean: Fraction | None, adjustment: Fraction | int) -> Fraction | None:
    return None if mean is None else mean + adjustment


def _capped(value: Fraction | None) -> Fraction | None:
    return None if value is None else min(FULL, max(Fraction(0), value))


def _stored(value: Fraction | None) -> Decimal | None:
    return None if value is None else rounded(value)


def _category_result(mark: _Mark, weight: Fraction | None, total: Fraction | int) -> CategoryResult:
    applied = None
    if mark.own is not None and weight is not None and total:
        applied = rounded(weight / total * FULL)
    return CategoryResult(
        key=mark.category.key,
        score=_stored(mark.own),
        exact=mark.own,
        state=mark.state,
        applied_weight=applied,
        option=None if mark.option is None else mark.option.key,
        kind=mark.category.kind,
    )


def _tags(rated: list[_Mark]) -> list[str]:
    return list(dict.fromkeys(tag for mark in rated for tag in mark.category.tags))
