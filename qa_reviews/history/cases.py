"""A review as the engine scores it, and ways to change it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from scorecards.definition import Category, Context, Definition, Group, Option, category_score
from scorecards.scoring import Rated, Result, score

SAID = "said"
"""The key of an option made for a score that no option of the scorecard gives."""


@dataclass(frozen=True)
class Case:
    """A review's definition, ratings and context; what is omitted counts as N/A."""

    definition: Definition
    ratings: tuple[Rated, ...]
    context: Context

    @cached_property
    def result(self) -> Result:
        return score(self.definition, self.ratings, self.context, False)

    @cached_property
    def categories(self) -> dict[str, Category]:
        return {category.key: category for category in self.definition.categories}

    @cached_property
    def scores(self) -> dict[str, Fraction]:
        """The exact scores of the rated categories, by key."""
        return {each.key: each.exact for each in self.result.categories if each.exact is not None}

    def with_categories(self, change: Callable[[Category], Category]) -> Case:
        groups = tuple(
            replace(group, categories=tuple(change(category) for category in group.categories))
            for group in self.definition.groups
        )
        return replace(self, definition=replace(self.definition, groups=groups))

    def with_group(self, group: Group) -> Case:
        return replace(self, definition=replace(self.definition, groups=(*self.definition.groups, group)))

    def with_ratings(self, ratings: Iterable[Rated]) -> Case:
        """The ratings put over those of the same categories."""
        new = {rated.category: rated for rated in ratings}
        kept = tuple(rated for rated in self.ratings if rated.category not in new)
        return replace(self, ratings=(*kept, *new.values()))

    def without(self, keys: Iterable[str]) -> Case:
        """N/A in these categories."""
        left = set(keys)
        return replace(self, ratings=tuple(rated for rated in self.ratings if rated.category not in left))


def scoring(category: Category, value: Fraction) -> Category:
    """The category with an option SAID that scores `value`, 0 to 100; the others keep their scores."""
    options = tuple(replace(o, points=category_score(category, o)) for o in category.options)
    return replace(category, options=(*options, Option(SAID, SAID, value)), scale=None)


def blank(key: str, name: str) -> Category:
    """A category of the source that the scorecard does not have."""
    return Category(key, name, (Option("0", "0", Fraction(0)), Option("100", "100", Fraction(100))))
