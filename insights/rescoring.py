"""Many reviews scored at once by another definition, exactly as `scorecards.scoring.score` scores one.

Pure: numpy and no Django. Everything is whole numbers: within a group (or the form, where groups have no
weights) each category's weight, and weight x score of each option, stand over one common denominator, so that
a review's score is a quotient of two sums and is rounded half up once. The sums are 64-bit numbers where the
card's own bounds show that they fit, else Python's, which never overflow.

Ratings that do not fit the definition are left out, as an omitted one is: categories it does not have or
hides, options it does not have, N/A where it allows none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd, lcm, prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from insights.choices import NA_CHOSEN, NO_SCORE, UNRATED, Choices, Codes, Column, Contexts, Rows
from scorecards.definition import (
    NA,
    Category,
    Definition,
    Group,
    ShowWhen,
    applies,
    category_score,
    fails,
)

FULL = 100
ONE = 10_000
"""Scores are whole ten-thousandths of a point, 0 to FULL x ONE."""
MOST_64_BIT = 2**62

Whole = npt.NDArray[Any]
"""Whole numbers, 64-bit or Python's own."""
Asked = Literal["channel", "topic", "tags", "language", "has_csat"]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Rated:
    """A category of the mean: its weight and, by option, weight x score, over its part's denominator."""

    category: Category
    group: str
    weight: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """What is averaged by its categories' weights: a group with a weight of its own, or the whole form."""

    weight: int
    rated: tuple[_Rated, ...]


@dataclass(frozen=True, slots=True)
class _Sums:
    """A part over all reviews: what its ratings come to, what failed groups leave, and the weights."""

    part: _Part
    whole: Whole
    counted: Whole
    weights: Whole


@dataclass(frozen=True, slots=True)
class Rescored:
    """The outcome for each review. Scores are whole ten-thousandths of a point, NO_SCORE without one.

    `marks` are places of the definition's own options, hidden categories unrated; `shown` has what depends on
    a condition, `failing` the critical categories; `uncapped` is in points, NaN without a score.
    """

    score: Rows
    unfailed: Rows
    uncapped: Floats
    marks: Mapping[str, Codes]
    shown: Mapping[str, Flags]
    failing: Mapping[str, Flags]
    shares: Shares

    def rated(self, key: str) -> Flags:
        """Whether the category has a rating."""
        return self.marks[key] >= 0


class Shares:
    """What each category is worth in each review, for explanations: in floats, made when asked for."""

    def __init__(self, card: Card, marks: Mapping[str, Codes], sums: Sequence[_Sums]) -> None:
        self.card, self.marks = card, marks
        self.place = {each.category.key: (one, each) for one in sums for each in one.part.rated}
        whole: Whole = sum((_present(one) * one.part.weight for one in sums), np.zeros(1, card.kind))
        self.whole = np.where(whole == 0, 1, whole)

    def share(self, key: str) -> Floats:
        """The category's part of the mean, 0 to 1; 0 where it is not rated, and for bonus and deduction."""
        if key not in self.place:
            return np.zeros(len(self.marks[key]))
        sums, rated = self.place[key]
        weight = _table([rated.weight] * len(rated.values), self.card.kind)[self.marks[key]]
        inside = np.true_divide(weight, np.where(sums.weights == 0, 1, sums.weights))
        return np.asarray(inside * np.true_divide(sums.part.weight, self.whole), float)

    def own(self, key: str) -> Floats:
        """The category's own score in points, NaN where it is not rated."""
        scores = [float(each) for each in self.card.scores[key]]
        return _table(scores, np.dtype(float), np.nan)[self.marks[key]]

    def points(self, key: str) -> Floats:
        """The points it brings to the uncapped score; less than 0 for a deduction."""
        if key in self.card.adjusts:
            adjusts = [float(each) for each in self.card.adjusts[key]]
            return _table(adjusts, np.dtype(float))[self.marks[key]]
        return np.asarray(np.nan_to_num(self.own(key)) * self.share(key), float)


class Card:
    """A definition made ready to score with."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.categories = {category.key: category for category in definition.categories}
        self.parts = tuple(_parts(definition))
        self.scores = {key: _scores(each) for key, each in self.categories.items()}
        self.adjusts = {key: _adjusts(each) for key, each in self.categories.items() if each.kind != "rated"}
        self.unit = lcm(*(value.denominator for values in self.adjusts.values() for value in values))
        self.kind: np.dtype[Any] = np.dtype(np.int64 if self._most() < MOST_64_BIT else object)

    def rescore(self, choices: Choices, contexts: Contexts | None) -> Rescored:
        """Scores all reviews. Without `contexts` conditions are left aside: what was chosen was shown."""
        marks = {
            key: _marks(each, choices.columns.get(key), choices.size) for key, each in self.categories.items()
        }
        shown = {} if contexts is None else _shown(self.definition, marks, contexts)
        for key in shown:
            marks[key] = np.where(shown[key], marks[key], UNRATED).astype(np.int16)
        failing = {
            key: _table([fails(each, option) for option in each.options], np.dtype(bool))[marks[key]]
            for key, each in self.categories.items()
            if each.critical != "none"
        }
        failed_groups = self._failed_groups(failing)
        sums = [self._sums(part, marks, failed_groups, choices.size) for part in self.parts]
        score, unfailed, uncapped = self._scores(sums, self._adjustment(marks, choices.size))
        for key, flags in failing.items():
            if self.categories[key].critical == "review":
                score[flags & (score != NO_SCORE)] = 0
        return Rescored(score, unfailed, uncapped, marks, shown, failing, Shares(self, marks, sums))

    def _scores(self, sums: Sequence[_Sums], adjustment: Whole) -> tuple[Rows, Rows, Floats]:
        """Scores as failed groups leave them, unfailed ones, and these in points before they are bounded."""
        whole, counted, below = self._mean(sums, len(adjustment))
        none = np.asarray(below == 0, bool)
        below = np.where(none, 1, below)
        counted, whole = (each * self.unit + adjustment * below for each in (counted, whole))
        below = below * self.unit
        score, unfailed = _digits(counted, below), _digits(whole, below)
        uncapped = np.asarray(np.true_divide(whole, below), float)
        score[none], unfailed[none], uncapped[none] = NO_SCORE, NO_SCORE, np.nan
        return score, unfailed, uncapped

    def _failed_groups(self, failing: Mapping[str, Flags]) -> dict[str, Flags]:
        failed: dict[str, Flags] = {}
        for group in self.definition.groups:
            for category in group.categories:
                if category.critical == "group":
                    flags = failing[category.key]
                    failed[group.key] = failed[group.key] | flags if group.key in failed else flags
        return failed

    def _sums(
        self, part: _Part, marks: Mapping[str, Codes], failed_groups: Mapping[str, Flags], size: int
    ) -> _Sums:
        whole, lost, weights = (np.zeros(size, self.kind) for _ in range(3))
        for each in part.rated:
            codes = marks[each.category.key]
            values = _table(each.values, self.kind)[codes]
            whole = whole + values
            weights = weights + _table([each.weight] * len(each.values), self.kind)[codes]
            if each.group in failed_groups:
                lost = lost + np.where(failed_groups[each.group], values, 0)
        return _Sums(part, whole, whole - lost, weights)

    def _mean(self, sums: Sequence[_Sums], size: int) -> tuple[Whole, Whole, Whole]:
        """Two numerators, without and with failed groups, and their denominator, 0 where nothing counts."""
        if not self.definition.group_weights:
            (only,) = sums
            return only.whole, only.counted, only.weights
        whole, counted, weight = (np.zeros(size, self.kind) for _ in range(3))
        below = np.ones(size, self.kind)
        for one in sums:
            below = below * np.where(one.weights == 0, 1, one.weights)
        for one in sums:
            times = below // np.where(one.weights == 0, 1, one.weights) * one.part.weight
            whole = whole + one.whole * times
            counted = counted + one.counted * times
            weight = weight + _present(one) * one.part.weight
        return whole, counted, below * weight

    def _adjustment(self, marks: Mapping[str, Codes], size: int) -> Whole:
        """Bonuses less deductions, in points over `unit`."""
        total = np.zeros(size, self.kind)
        for key, values in self.adjusts.items():
            total = total + _table([int(value * self.unit) for value in values], self.kind)[marks[key]]
        return total

    def _most(self) -> int:
        """The biggest number that can come up on the way to a score."""
        heaviest = [sum(each.weight for each in part.rated) for part in self.parts]
        below = prod(max(1, each) for each in heaviest) * self.unit
        if self.definition.group_weights:
            below *= max(1, sum(part.weight for part in self.parts))
        adjusts = sum(max(abs(value) for value in values) for values in self.adjusts.values())
        return 2 * ONE * below * (FULL + ceil(adjusts) + 1)


def _parts(definition: Definition) -> Iterator[_Part]:
    """The groups with their weights as whole numbers, or the one part that is the form."""
    if not definition.group_weights:
        yield _part(1, definition.groups)
        return
    rating = [group for group in definition.groups if group.rates]
    for group, weight in zip(rating, _wholes([Fraction(each.weight or 0) for each in rating]), strict=True):
        yield _part(weight, [group])


def _part(weight: int, groups: Sequence[Group]) -> _Part:
    rated = [
        (group.key, category) for group in groups for category in group.categories if category.kind == "rated"
    ]
    numbers = iter(_wholes([number for _, category in rated for number in _weighed(category)]))
    return _Part(
        weight,
        tuple(
            _Rated(category, group, next(numbers), tuple(next(numbers) for _ in category.options))
            for group, category in rated
        ),
    )


def _weighed(category: Category) -> list[Fraction]:
    """The weight, and weight x score of each option."""
    weight = Fraction(category.weight)
    return [weight, *(weight * score for score in _scores(category))]


def _wholes(numbers: Sequence[Fraction]) -> list[int]:
    """The numbers times what makes them the smallest whole ones."""
    unit = lcm(*(number.denominator for number in numbers))
    whole = [int(number * unit) for number in numbers]
    common = gcd(*whole) or 1
    return [number // common for number in whole]


def _scores(category: Category) -> tuple[Fraction, ...]:
    return tuple(category_score(category, option) for option in category.options)


def _adjusts(category: Category) -> tuple[Fraction, ...]:
    """The points that each option adds to the mean, or takes from it."""
    weight, full = Fraction(category.weight), 0 if category.kind == "bonus" else FULL
    return tuple(weight * (score - full) / FULL for score in _scores(category))


def _table(values: Sequence[Any], kind: np.dtype[Any], nothing: Any = 0) -> npt.NDArray[Any]:
    """Values by mark; NA_CHOSEN and UNRATED, the last two places, are worth `nothing`."""
    return np.array([*values, nothing, nothing], kind)


def _present(sums: _Sums) -> Whole:
    """1 where the part has a rated weight, else 0."""
    return np.where(sums.weights == 0, 0, 1).astype(sums.weights.dtype)


def _digits(above: Whole, below: Whole) -> Rows:
    """The quotient held inside 0 to FULL, in ten-thousandths, rounded half up."""
    held = np.minimum(np.maximum(above, 0), below * FULL)
    return np.asarray((2 * ONE * held + below) // (2 * below), np.int64)


def _marks(category: Category, column: Column | None, size: int) -> Codes:
    """What was chosen, as places of the category's own options."""
    if column is None:
        return np.full(size, UNRATED, np.int16)
    places = {option.key: place for place, option in enumerate(category.options)}
    own = [places.get(option, UNRATED) for option in column.options]
    na = NA_CHOSEN if category.allow_na and category.kind == "rated" else UNRATED
    return np.array([*own, na, UNRATED], np.int16)[column.codes]


def _shown(definition: Definition, marks: Mapping[str, Codes], contexts: Contexts) -> dict[str, Flags]:
    """For each category under a condition, where it is shown (`scorecards.definition.visible` says how)."""
    shown: dict[str, Flags] = {}
    for category in definition.categories:
        if any(_asks(category.show_when)):
            meets = [applies(category, context) for context in contexts.distinct]
            shown[category.key] = np.array(meets, bool)[contexts.places]
    asking = [category for category in definition.categories if category.show_when.answers]
    size = len(contexts.places)
    met = {category.key: _met(definition, category.show_when, marks, size) for category in asking}
    moved = True
    while moved:
        moved = False
        for category in asking:
            before = shown.get(category.key)
            now = met[category.key].copy()
            for key in (key for key, _ in category.show_when.answers if key in shown):
                now &= shown[key]
            now = now if before is None else now & before
            moved = moved or before is None or bool((now != before).any())
            shown[category.key] = now
    return shown


def _met(definition: Definition, when: ShowWhen, marks: Mapping[str, Codes], size: int) -> Flags:
    """Where each named category has one of the named options, shown or not."""
    categories = {category.key: category for category in definition.categories}
    met = np.ones(size, bool)
    for key, options in when.answers:
        named = categories.get(key)
        if named is None:
            return np.zeros(size, bool)
        own = [option.key for option in named.options]
        na = NA in options and NA not in own
        met &= np.array([*(option in options for option in own), na, False], bool)[marks[key]]
    return met


def asked_of(definitions: Iterable[Definition]) -> frozenset[Asked]:
    """What conditions on categories ask of a conversation, by the names of Context."""
    conditions = [category.show_when for each in definitions for category in each.categories]
    return frozenset(name for when in conditions for name in _asks(when))


def _asks(when: ShowWhen) -> Iterator[Asked]:
    if when.channel:
        yield "channel"
    if when.topic:
        yield "topic"
    if when.tag:
        yield "tags"
    if when.language:
        yield "language"
    if when.csat is not None:
        yield "has_csat"
