"""The ready scorecard is one that our own checks find nothing to say about."""

from decimal import Decimal

import pytest

from scorecards.definition import Context, parse, validate
from scorecards.ready import SUPPORT_QUALITY
from scorecards.scoring import Rated, Result, score

READY = parse(SUPPORT_QUALITY)


def rate(**chosen: int) -> Result:
    """All categories at their best, but for the places chosen by name."""
    ratings = [
        Rated(
            category.key,
            category.options[chosen.get(category.key, -1)].key,
            comment="Seen in the first message",
        )
        for category in READY.categories
    ]
    return score(READY, ratings, Context(), strict=True)


def test_nothing_to_find():
    assert validate(SUPPORT_QUALITY) == []


def test_groups_speak_of_the_six_subjects():
    assert [group.key for group in READY.groups] == [
        "style",
        "solution",
        "speed",
        "coverage",
        "process",
        "language",
    ]


def test_weights_read_as_percentages():
    assert sum(category.weight for category in READY.categories) == Decimal(100)


@pytest.mark.parametrize("category", READY.categories, ids=lambda category: category.key)
def test_every_option_is_described_and_every_category_has_causes(category):
    texts = [option.description for option in category.options]
    assert all(text.endswith((".", "?")) for text in [category.description, *texts])
    assert len(set(texts)) == len(texts)
    assert category.root_causes.negative
    assert category.root_causes.positive
    assert category.comment_required == "negative"


@pytest.mark.parametrize("category", READY.categories, ids=lambda category: category.key)
def test_options_run_from_worst_to_best_under_their_digit(category):
    assert [option.key for option in category.options] == [str(n + 1) for n in range(len(category.options))]
    points = [option.points for option in category.options]
    assert points == sorted(set(points))


def test_scores_from_best_to_broken():
    assert rate().score == Decimal(100)
    assert rate(solution=0).score == Decimal(75)
    broken = rate(privacy=0)
    assert (broken.score, broken.unfailed_score, broken.failed_by) == (Decimal(0), Decimal(95), ("privacy",))
