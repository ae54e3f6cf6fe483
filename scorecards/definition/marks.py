"""What one chosen option is worth in its category."""

from fractions import Fraction

from scorecards.definition.types import Category, Option

HALFWAY = 50


def category_score(category: Category, option: Option) -> Fraction:
    """The place of the option between the fewest and the most points of its category, 0 to 100, exact."""
    points = [each.points for each in category.options]
    lowest, highest = min(points), max(points)
    return (option.points - lowest) / (highest - lowest) * 100


def fails(category: Category, option: Option) -> bool:
    """Whether the option fails a critical category: as the option says itself, else strictly below 50."""
    if category.critical == "none":
        return False
    return category_score(category, option) < HALFWAY if option.fails is None else option.fails


def is_negative(category: Category, option: Option) -> bool:
    """Whether the option is a bad rating: below 50, or failing. `comment_required: negative` asks this."""
    return category_score(category, option) < HALFWAY or fails(category, option)
