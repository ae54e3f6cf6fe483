"""The browser's score is the server's, over a thousand generated scorecards with all that they may hold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from qa_reviews.selectors.card_json import card_json, questions_json
from scorecards.definition import Context, Definition, visible
from scorecards.ratings import Rated, chosen_of
from scorecards.scoring import Result, passed, rounded, score
from tests.scorecards.generated import generated_card, generated_context, generated_ratings

CARDS = 1000
SCORES = """async (cases) => {
  const { score, visible } = await import("/static/qa_reviews/score.js");
  return cases.map(({ card, questions, answers }) => {
    const chosen = new Map(answers);
    const result = score(card, chosen);
    return { ...result, groups: [...result.groups], shown: [...visible(card, chosen, questions)].sort() };
  });
}"""
NUMBERS = """async (cases) => {
  const { fixed, fraction } = await import("/static/qa_reviews/fraction.js");
  const { passed } = await import("/static/qa_reviews/score.js");
  return cases.map(([value, mark]) => [fixed(fraction(value), 4), passed(fixed(fraction(value), 4), mark)]);
}"""


def test_the_browsers_score_is_the_servers(page: Page, live_server: LiveServer, db: None) -> None:
    rng = Random(20260302)
    cases = [_case(rng) for _ in range(CARDS)]
    page.goto(f"{live_server.url}/accounts/login/")
    found = page.evaluate(SCORES, [given for given, _, _ in cases])
    for (given, expected, _), result in zip(cases, found, strict=True):
        assert result == expected, given
    _assert_varied([result for *_, result in cases])


def _case(rng: Random) -> tuple[dict[str, Any], dict[str, Any], Result]:
    definition, context = generated_card(rng), generated_context(rng)
    ratings = generated_ratings(rng, definition, context)
    result = score(definition, ratings, context, strict=False)
    given: dict[str, Any] = {
        "card": card_json(definition, context),
        "questions": questions_json(definition, context),
        "answers": [*chosen_of(ratings).items(), *_leftovers(rng, definition, ratings, context)],
    }
    shown = visible(definition, context, chosen_of(ratings))
    return given, _as_browser(given["card"], result) | {"shown": sorted(shown)}, result


def _leftovers(
    rng: Random, definition: Definition, ratings: list[Rated], context: Context
) -> list[tuple[str, str]]:
    """What was chosen before another answer hid its category: the browser has it still, and counts it not."""
    shown = visible(definition, context, chosen_of(ratings))
    hidden = [category for category in definition.categories if category.key not in shown]
    return [(category.key, rng.choice(category.options).key) for category in hidden if rng.random() < 0.5]


def _as_browser(card: list[dict[str, Any]], result: Result) -> dict[str, Any]:
    known = {category["group"] for category in card}
    return {
        "score": _text(result.score),
        "unfailed": _text(result.unfailed_score),
        "uncapped": _text(result.uncapped_score),
        "failedBy": list(result.failed_by),
        "groups": [[key, _text(value)] for key, value in result.groups if key in known],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _assert_varied(results: list[Result]) -> None:
    """The thousand cases meet every rule often enough to say something."""
    assert sum(bool(result.failed_by) for result in results) > CARDS / 10
    assert sum(result.score is None for result in results) > CARDS / 50
    assert sum(result.uncapped_score != result.unfailed_score for result in results) > CARDS / 50
    assert sum(any(each.state == "hidden" for each in result.categories) for result in results) > CARDS / 10


def test_numbers_round_as_the_servers_do(page: Page, live_server: LiveServer, db: None) -> None:
    rng = Random(7)
    values = [Decimal(rng.randint(-(10**9), 10**9)).scaleb(-rng.randint(3, 7)) for _ in range(300)]
    page.goto(f"{live_server.url}/accounts/login/")
    cases = [[f"{value:f}", "80.0000"] for value in [Decimal("-0.00005"), Decimal("79.99995"), *values]]
    found = page.evaluate(NUMBERS, cases)
    for (text, mark), (shown, is_passed) in zip(cases, found, strict=True):
        exact = rounded(Fraction(text))
        assert (shown, is_passed) == (f"{exact:.4f}", passed(exact, Decimal(mark)))
