"""How Zendesk QA counts ratings, and which option of ours that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

from scorecards.definition import Category, category_score

Unit = Literal["percent", "fraction", "points"]
UNITS: tuple[Unit, ...] = ("percent", "fraction", "points")
"""What a rating's number may mean: 0 to 100 (the default), 0 to 1, or the scale's 1, 2, 3 ..."""

NEAR = Fraction(1, 2)
WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "binary": 2, "thumbs": 2}
SIZES = range(2, 6)


def number(value: Any) -> Fraction | None:
    """A JSON number, or one in text, as numbers of 64 bits come; None for anything else."""
    if type(value) in (int, float, str):
        try:
            return Fraction(str(value).strip())
        except (ValueError, ZeroDivisionError):
            return None
    return None


def scale_size(name: Any, ratings: Sequence[Any]) -> int | None:
    """How many options a scale has, by its name ("BINARY", "3-point", "FIVE_POINT") or its listed ratings."""
    text = str(name or "").casefold()
    digits = re.findall(r"\d+", text)
    found = int(digits[0]) if digits else next((n for word, n in WORDS.items() if word in text), None)
    if found is None and ratings:
        found = len(ratings)
    return found if found in SIZES else None


def percent_of(value: Any, unit: Unit, size: int) -> Fraction | None:
    """A rating as 0 to 100; None for N/A, which comes as nothing or as a negative number."""
    found = number(value)
    if found is None or found < 0:
        return None
    if unit == "fraction":
        return found * 100
    return (found - 1) / (size - 1) * 100 if unit == "points" else found


def option_at(percent: Fraction, category: Category) -> str | None:
    """The option of that score, written with as few decimals as may be; None where there is none."""
    for option in category.options:
        if abs(category_score(category, option) - percent) < NEAR:
            return option.key
    return None


def place_of(value: Any, unit: Unit, size: int) -> int | None:
    """The place of a rating in a scale of so many, from 0 for the worst; None off the scale."""
    percent = percent_of(value, unit, size)
    if percent is None:
        return None
    place = percent * (size - 1) / 100
    nearest = (place + NEAR).__floor__()
    return nearest if abs(place - nearest) < Fraction(1, 50) and 0 <= nearest < size else None
