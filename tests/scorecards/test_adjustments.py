"""Group weights, bonus and deduction, worked by hand; and what holds for every generated scorecard."""

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.definition import Definition, parse, to_json, validate
from scorecards.scoring import Rated, Result, rounded, score
from tests.scorecards.cards import ANYWHERE, card, category, rate
from tests.scorecards.generated import generated_card, generated_context, generated_json, generated_ratings


def weighed(*groups: tuple[object, list[dict[str, Any]]]) -> Definition:
    return parse(
        {
            "groups": [
                {"key": f"g{place}", "name": "G", "weight": weight, "categories": categories}
                for place, (weight, categories) in enumerate(groups)
            ]
        }
    )


GROUPS = weighed(
    (60, [category("a", weight=1, scale="binary"), category("b", weight=3, scale="binary", tags=["t"])]),
    (40, [category("c", weight=100, scale="binary", tags=["t"])]),
)


def test_groups_weigh_against_each_other_and_categories_inside():
    """Group 0: a of weight 1 is 100, b of 3 is 0: 25. Group 1: 100. 25 x 60 + 100 x 40 over 100 = 55."""
    result = rate(GROUPS, a="2", b="1", c="2")
    assert result.score == Decimal(55)
    assert dict(result.groups) == {"g0": Decimal(25), "g1": Decimal(100)}
    assert [each.applied_weight for each in result.categories] == [Decimal(15), Decimal(45), Decimal(40)]
    # tag t: b weighs 45 in the whole, c 40
    assert dict(result.tags) == {"t": rounded(Fraction(40, 85) * 100)}


def test_a_group_without_a_rating_leaves_numerator_and_denominator():
    assert rate(GROUPS, a="2", b="1", c=None).score == Decimal(25)
    assert rate(GROUPS, a=None, b=None, c="1").score == Decimal(0)
    assert rate(GROUPS, a="2", b=None, c="1").score == Decimal(60)


def test_a_group_of_weight_zero_has_its_own_score_and_no_part():
    definition = weighed((0, [category("a", scale="binary")]), (5, [category("b", scale="binary")]))
    result = rate(definition, a="1", b="2")
    assert (result.score, dict(result.groups)["g0"]) == (Decimal(100), Decimal(0))
    assert rate(definition, a="2", b=None).score is None


ADJUSTED = card(
    [
        category("a", scale="binary", tags=["t"]),
        category("b", scale="5-point"),
        category("plus", kind="bonus", weight=10, scale="3-point", tags=["t"]),
        category("minus", kind="deduction", weight=20, scale="3-point"),
    ]
)


@pytest.mark.parametrize(
    ("chosen", "uncapped", "capped"),
    [
        ({"a": "2", "b": "1"}, "50", "50"),  # what is not given does not move the score
        ({"a": "2", "b": "1", "plus": "3", "minus": "3"}, "60", "60"),  # 50 + 10 - 0
        ({"a": "2", "b": "1", "plus": "2", "minus": "2"}, "45", "45"),  # 50 + 5 - 10
        ({"a": "2", "b": "5", "plus": "3", "minus": "3"}, "110", "100"),
        ({"a": "1", "b": "1", "plus": "1", "minus": "1"}, "-20", "0"),
        ({"a": None, "b": None, "plus": "3", "minus": "1"}, None, None),  # nothing rated: no score
    ],
)
def test_bonus_adds_and_deduction_takes(chosen, uncapped, capped):
    result = rate(ADJUSTED, **chosen)
    expected = [None if each is None else Decimal(each) for each in (uncapped, capped, capped)]
    assert [result.uncapped_score, result.unfailed_score, result.score] == expected


def test_adjustments_stay_out_of_groups_tags_and_weights():
    result = rate(ADJUSTED, a="2", b="1", plus="3", minus="1")
    assert dict(result.groups) == {"g0": Decimal(50)}
    assert dict(result.tags) == {"t": Decimal(100)}
    assert [(each.kind, each.applied_weight) for each in result.categories] == [
        ("rated", Decimal(50)),
        ("rated", Decimal(50)),
        ("bonus", None),
        ("deduction", None),
    ]


def test_a_critical_failure_beats_every_bonus():
    definition = card(
        [
            category("a", scale="binary", critical="review"),
            category("b", scale="binary"),
            category("plus", kind="bonus", weight=100, scale="binary"),
        ]
    )
    result = rate(definition, a="1", b="2", plus="2")
    assert (result.score, result.unfailed_score, result.uncapped_score) == (
        Decimal(0),
        Decimal(100),
        Decimal(150),
    )


def test_a_failed_group_is_zero_before_the_bonus_is_added():
    definition = card(
        [category("a", scale="binary", critical="group"), category("b", scale="binary")],
        [category("plus", kind="bonus", weight=10, scale="binary")],
    )
    result = rate(definition, a="1", b="2", plus="2")
    assert (result.score, result.unfailed_score) == (Decimal(10), Decimal(60))


seeds = st.integers(0, 2**32)


def case(seed: int) -> tuple[Definition, list[Rated], Result]:
    rng = Random(seed)
    definition, context = generated_card(rng), generated_context(rng)
    ratings = generated_ratings(rng, definition, context)
    return definition, ratings, score(definition, ratings, context, strict=False)


@given(seeds)
def test_scores_are_held_inside_0_to_100_and_failing_only_lowers(seed):
    _, _, result = case(seed)
    if result.score is None:
        assert (result.unfailed_score, result.uncapped_score) == (None, None)
        return
    assert result.unfailed_score is not None
    assert result.uncapped_score is not None
    assert 0 <= result.score <= result.unfailed_score <= 100
    assert result.unfailed_score == min(Decimal(100), max(Decimal(0), result.uncapped_score))


@given(seeds)
def test_the_mean_is_the_formula_written_out(seed):
    """sum(group score x group weight) / sum(group weight), or the same over categories, plus adjustments."""
    definition, _, result = case(seed)
    rated = {each.key: each.exact for each in result.categories if each.exact is not None}
    pairs, moved = [], Fraction(0)
    for group in definition.groups:
        own = [
            (rated[c.key], Fraction(c.weight))
            for c in group.categories
            if c.kind == "rated" and c.key in rated
        ]
        total = sum(weight for _, weight in own)
        if group.weight is None:
            pairs += own
        elif total:
            pairs.append((sum(value * weight for value, weight in own) / total, Fraction(group.weight)))
        for each in group.categories:
            if each.key in rated and each.kind == "bonus":
                moved += rated[each.key] * Fraction(each.weight) / 100
            if each.key in rated and each.kind == "deduction":
                moved -= (100 - rated[each.key]) * Fraction(each.weight) / 100
    weights = sum(weight for _, weight in pairs)
    expected = rounded(sum(value * weight for value, weight in pairs) / weights + moved) if weights else None
    assert result.uncapped_score == expected


@given(seeds)
def test_applied_weights_are_the_whole(seed):
    _, _, result = case(seed)
    applied = [each.applied_weight for each in result.categories if each.applied_weight is not None]
    if result.score is not None:
        assert abs(sum(applied, Decimal(-100))) <= Decimal("0.0001") * len(applied)


@given(seeds)
def test_na_changes_no_score(seed):
    """Leaving out what was rated N/A gives the same, unless a condition asks for that N/A."""
    definition, ratings, result = case(seed)
    named = {key for each in definition.asked for key, _ in each.show_when.answers}
    left = [each for each in ratings if not each.na or each.category in named]
    rng = Random(seed)
    generated_card(rng)
    again = score(definition, left, generated_context(rng), strict=False)
    assert (again.score, again.uncapped_score, again.groups) == (
        result.score,
        result.uncapped_score,
        result.groups,
    )


@given(seeds)
def test_round_trip(seed):
    raw = generated_json(Random(seed))
    assert not [finding for finding in validate(raw) if finding.severity == "error"]
    definition = parse(raw)
    assert parse(to_json(definition)) == definition
    assert parse(to_json(definition, list_options=True)) == definition


def test_an_old_definition_scores_as_before():
    """Without anything new, the uncapped score is the unfailed one."""
    definition = card([category("a", scale="4-point"), category("b", weight=20)])
    result = score(definition, [Rated("a", "3"), Rated("b", "1")], ANYWHERE, strict=True)
    assert result.uncapped_score == result.unfailed_score == result.score == Decimal("22.2222")
