"""What a reviewer chose, and whether it fits the scorecard. Pure: no Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scorecards.definition import OTHER, Category, Chosen, Definition, Option, RootCauses, is_negative

MOST_CAUSE = 255

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


def chosen_of(ratings: Iterable[Rated]) -> Chosen:
    """What conditions on answers ask of ratings: the option or N/A of each that has one of them."""
    return {
        rated.category: None if rated.na else rated.option
        for rated in ratings
        if rated.na or rated.option is not None
    }


def option_of(category: Category, key: str | None) -> Option | None:
    """The category's option of that key, if it has one."""
    return next((option for option in category.options if option.key == key), None)


def problems_of(
    definition: Definition, ratings: Sequence[Rated], shown: frozenset[str], strict: bool
) -> list[RatingProblem]:
    """All that is wrong with the ratings where `shown` categories are shown, missing ones last. `strict` asks
    for a rating of each of these and for comments."""
    categories = {category.key: category for category in definition.categories}
    problems: list[RatingProblem] = []
    seen: set[str] = set()
    for index, rated in enumerate(ratings):
        found = _placing(categories.get(rated.category), rated, shown, seen)
        seen.add(rated.category)
        if not found:
            found = _answering(categories[rated.category], rated, strict)
        problems += [RatingProblem(index, rated.category, code, detail) for code, detail in found]
    if strict:
        problems += [
            RatingProblem(None, category.key, "required", _needed(category))
            for category in definition.categories
            if category.key not in seen and category.key in shown
        ]
    return problems


def _needed(category: Category) -> str:
    return f'"{category.name}" needs a rating{" or N/A" if category.allow_na else ""}.'


_Found = list[tuple[ProblemCode, str]]


def _placing(category: Category | None, rated: Rated, shown: frozenset[str], seen: set[str]) -> _Found:
    """Whether the category can be rated at all."""
    if category is None:
        return [("unknown_category", "This version has no such category.")]
    if rated.category in seen:
        return [("duplicate_category", f'"{category.name}" is rated twice.')]
    if category.key not in shown:
        return [("hidden_category", f'"{category.name}" is not shown here.')]
    return []


def _answering(category: Category, rated: Rated, strict: bool) -> _Found:
    """Whether the answer fits its category."""
    if rated.na == (rated.option is not None):
        return [("option_or_na", "Give an option or N/A, and not both.")]
    option = option_of(category, rated.option)
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
    return [
        ("unknown_root_cause", f'"{category.name}" has no root cause "{cause}" to choose here.')
        for cause in rated.root_causes
        if rated.na or not _is_cause(category.root_causes, cause)
    ]


def _is_cause(causes: RootCauses, cause: str) -> bool:
    """One of the lists, or where it is allowed one in the reviewer's words."""
    own_words = cause.removeprefix(OTHER).strip() if cause.startswith(OTHER) else ""
    named = cause in causes.negative or cause in causes.positive
    return named or (causes.other and bool(own_words) and len(cause) <= MOST_CAUSE)


def _asks_comment(category: Category, option: Option | None) -> bool:
    if category.comment_required == "negative":
        return option is not None and is_negative(category, option)
    return category.comment_required == "always"
