"""Short ways to write scorecards and ratings in tests."""

from typing import Any

from scorecards.definition import Category, Context, Definition, parse
from scorecards.scoring import Rated, Result, score

ANYWHERE = Context()
CHAT = Context(channel="chat")

HERE = "/groups/0/categories/0"
"""Where `one` puts its category."""


def category(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "name": key.title(), **fields}


def options(*points: object, fails: dict[int, bool] | None = None) -> list[dict[str, Any]]:
    """Options a, b, c, ... with these points; `fails` by place."""
    named = [{"key": chr(ord("a") + n), "label": "x", "points": each} for n, each in enumerate(points)]
    for place, flag in (fails or {}).items():
        named[place]["fails"] = flag
    return named


def card(*groups: list[dict[str, Any]]) -> Definition:
    """A definition of groups g0, g1, ..."""
    return parse(
        {
            "groups": [
                {"key": f"g{place}", "name": f"Group {place}", "categories": categories}
                for place, categories in enumerate(groups)
            ]
        }
    )


def rate(definition: Definition, context: Context = ANYWHERE, **chosen: str | None) -> Result:
    """Scores one chosen option key per category, None for N/A; what is not named is omitted."""
    ratings = [Rated(key, option, na=option is None) for key, option in chosen.items()]
    return score(definition, ratings, context, strict=False)


def one(**fields: Any) -> dict[str, Any]:
    """A definition of one category with these fields."""
    return {
        "groups": [{"key": "g", "name": "G", "categories": [{"key": "a", "name": "A", **fields}]}],
    }


def category_of(raw: dict[str, Any]) -> Category:
    """The only category of a definition."""
    (category,) = parse(raw).categories
    return category
