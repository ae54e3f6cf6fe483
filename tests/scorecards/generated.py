"""Scorecards with everything a definition may hold, and ratings of them, out of a source of chance."""

from __future__ import annotations

from random import Random
from typing import Any

from scorecards.definition import Context, Definition, parse, visible
from scorecards.ratings import Rated, chosen_of

WEIGHTS = ("0", "1", "3", "10", "12.5", "0.333", "100", "7.77")
POINTS = ("-2", "0", "0.5", "1", "2.25", "3", "7", "10")
SCALES = ("binary", "3-point", "4-point", "5-point")
CHANNELS = ("chat", "phone", "email")


def generated_json(rng: Random) -> dict[str, Any]:
    """The JSON of a definition without errors."""
    groups = [_group(rng, place) for place in range(rng.randint(1, 4))]
    if rng.random() < 0.4:
        for group in groups:
            group["weight"] = rng.choice(WEIGHTS)
    _add_conditions(rng, groups)
    return {"start": rng.choice(["empty", "best", "na"]), "groups": groups}


def generated_card(rng: Random) -> Definition:
    return parse(generated_json(rng))


def generated_context(rng: Random) -> Context:
    return Context(channel=rng.choice(["", *CHANNELS]))


def generated_ratings(rng: Random, definition: Definition, context: Context) -> list[Rated]:
    """Ratings of shown categories in chance order, some left out, some N/A."""
    ratings: list[Rated] = []
    waiting = list(definition.categories)
    rng.shuffle(waiting)
    while shown := _shown_first(definition, context, ratings, waiting):
        waiting.remove(shown)
        options = [*shown.options, None] if shown.allow_na else list(shown.options)
        option = rng.choice(options)
        if rng.random() < 0.9:
            ratings.append(Rated(shown.key, option and option.key, na=option is None))
    return ratings


def _shown_first(definition: Definition, context: Context, ratings: list[Rated], waiting: list[Any]) -> Any:
    shown = visible(definition, context, chosen_of(ratings))
    return next((category for category in waiting if category.key in shown), None)


def _group(rng: Random, place: int) -> dict[str, Any]:
    categories = [_category(rng, f"c{place}-{number}") for number in range(rng.randint(1, 4))]
    questions = [_question(rng, f"q{place}-{number}") for number in range(rng.randint(0, 2))]
    return {"key": f"g{place}", "name": "Group", "categories": categories, "questions": questions}


def _category(rng: Random, key: str) -> dict[str, Any]:
    kind = rng.choice(["rated", "rated", "rated", "bonus", "deduction"])
    critical = rng.choice(["none", "none", "group", "review"]) if kind == "rated" else "none"
    fields: dict[str, Any] = {"key": key, "name": key, "kind": kind, "weight": rng.choice(WEIGHTS)}
    fields |= {"critical": critical, "tags": rng.sample(["t", "u"], rng.randint(0, 2))}
    if kind == "rated":
        fields["allow_na"] = rng.random() < 0.8
    if rng.random() < 0.2:
        fields["show_when"] = {"channel": rng.sample(CHANNELS, 2)}
    if rng.random() < 0.5:
        return fields | {"scale": rng.choice(SCALES)}
    return fields | {"options": _options(rng, critical)}


def _options(rng: Random, critical: str) -> list[dict[str, Any]]:
    points = rng.sample(POINTS, rng.randint(2, 5))
    options: list[dict[str, Any]] = [
        {"key": f"o{at}", "label": "x", "points": each} for at, each in enumerate(points)
    ]
    if rng.random() < 0.2:
        options[0]["key"] = "na"
    if critical != "none" and rng.random() < 0.5:
        rng.choice(options)["fails"] = rng.random() < 0.5
    return options


def _question(rng: Random, key: str) -> dict[str, Any]:
    answer = rng.choice(["text", "number", "date", "choice", "instruction"])
    choices = {"choices": ["one", "two"]} if answer == "choice" else {}
    return {"key": key, "name": key, "answer": answer, **choices}


def _add_conditions(rng: Random, groups: list[dict[str, Any]]) -> None:
    """Conditions on answers of categories that come earlier in an order of chance, so never in a circle."""
    categories = [category for group in groups for category in group["categories"]]
    rng.shuffle(categories)
    for place, category in enumerate(categories):
        if place and rng.random() < 0.4:
            named = rng.sample(categories[:place], rng.randint(1, min(2, place)))
            category.setdefault("show_when", {})["answers"] = _answers(rng, named)
    for question in [question for group in groups for question in group["questions"]]:
        if rng.random() < 0.5:
            question["show_when"] = {"answers": _answers(rng, rng.sample(categories, 1))}


def _answers(rng: Random, named: list[dict[str, Any]]) -> dict[str, list[str]]:
    found = {}
    for category in named:
        keys = [option["key"] for option in category.get("options", [])] or ["1", "2"]
        every = list(dict.fromkeys([*keys, "na"]))
        found[category["key"]] = rng.sample(every, rng.randint(1, len(every)))
    return found
