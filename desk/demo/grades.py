"""How the demo's reviewers grade: ratings of a drawn conversation by the agent's skill."""

from __future__ import annotations

import random
from typing import Any

from desk.demo.cast import AGENTS, TWIN, DemoAgent
from scorecards.definition import Category, Definition

KNOWN = {agent.external_id: agent for agent in (*AGENTS, TWIN)}
NA_SHARE = {"handover": 0.5, "process": 0.1}
CRITICAL_FAILURE = 0.02
NEGATIVE = (
    "Please look at this again together.",
    "Half of the question stayed open.",
    "The rule here is different.",
)
COMMENTS = (
    "Clear and kind, keep it up. #kudos",
    "Good pace, one thing to look at.",
    "",
    "Solid work.",
    "Please read the new rule on returns. #policy",
)


def ratings(
    dice: random.Random, definition: Definition, agent: str, days: int, risky: bool
) -> list[dict[str, Any]]:
    """One rating a category, as `reviews/` takes them, of work so many days after the agent's start; risky
    work is graded a little lower."""
    return [_rating(dice, category, KNOWN[agent], days, risky) for category in definition.categories]


def _rating(
    dice: random.Random, category: Category, person: DemoAgent, days: int, risky: bool
) -> dict[str, Any]:
    if category.allow_na and dice.random() < NA_SHARE.get(category.key, 0.02):
        return {"category": category.key, "na": True}
    skill = person.skill_after(days) - 0.12 * risky - 0.30 * (category.key == person.weak_in)
    best = len(category.options) - 1
    if category.critical != "none":
        place = 0 if dice.random() < CRITICAL_FAILURE * (2 - person.skill) else best
    else:
        place = best if dice.random() < skill else dice.randrange(max(1, best))
    rating: dict[str, Any] = {"category": category.key, "option": category.options[place].key}
    if place < best:
        rating["comment"] = dice.choice(NEGATIVE)
        rating["root_causes"] = (
            [dice.choice(category.root_causes.negative)] if category.root_causes.negative else []
        )
    return rating
