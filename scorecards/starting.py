"""What a form begins with. Pure: no Django."""

from scorecards.definition import Category, Context, Definition, Option, Start, visible
from scorecards.ratings import Rated, chosen_of


def starting_ratings(definition: Definition, context: Context) -> tuple[Rated, ...]:
    """The ratings of a new draft, in the order of the form: none, the option of most points everywhere, or
    N/A where it is allowed. A bonus is never begun with: it is to be earned. Left out is what these very
    ratings hide."""
    if definition.start == "empty":
        return ()
    found = {category.key: _start(category, definition.start) for category in definition.categories}
    rated = [each for each in found.values() if each]
    while hidden := _hidden(definition, context, rated):
        rated = [each for each in rated if each.category not in hidden]
    return tuple(rated)


def _hidden(definition: Definition, context: Context, rated: list[Rated]) -> set[str]:
    shown = visible(definition, context, chosen_of(rated))
    return {each.category for each in rated} - shown


def _start(category: Category, start: Start) -> Rated | None:
    if category.kind == "bonus":
        return None
    if start == "best":
        return Rated(category.key, best_option(category).key)
    return Rated(category.key, na=True) if category.allow_na else None


def best_option(category: Category) -> Option:
    """The option of most points; the first of several."""
    return max(category.options, key=lambda option: option.points)
