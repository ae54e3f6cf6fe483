"""The score of a review: the published example, each rule with its edge, and what holds for all."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.definition import Definition, category_score, is_negative
from scorecards.scoring import Rated, Result, passed, rounded, score
from tests.scorecards.cards import ANYWHERE, CHAT, card, category, options, rate

PUBLISHED = card(
    [
        category("c1", weight=1, scale="binary", critical="review"),
        category("c2", weight=3, scale="binary"),
        category("c3", weight=3, scale="binary"),
        category("c4", weight=2, scale="binary"),
        category("c5", weight=1, scale="binary"),
    ]
)


@pytest.mark.parametrize(
    ("scores", "expected", "unfailed"),
    [
        ((100, 100, 100, 100, 100), "100", "100"),
        ((100, 0, 0, 100, 0), "30", "30"),
        ((100, 0, 100, 100, 100), "70", "70"),
        ((100, 100, 100, 0, 100), "80", "80"),
        ((0, 100, 100, 100, 100), "0", "90"),
    ],
)
def test_published_example(scores, expected, unfailed):
    chosen: Any = {f"c{place}": "2" if each else "1" for place, each in enumerate(scores, 1)}
    result = rate(PUBLISHED, **chosen)
    assert (result.score, result.unfailed_score) == (Decimal(expected), Decimal(unfailed))
    assert result.failed_by == (("c1",) if expected == "0" else ())


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("binary", ["0.0000", "100.0000"]),
        ("3-point", ["0.0000", "50.0000", "100.0000"]),
        ("4-point", ["0.0000", "33.3333", "66.6667", "100.0000"]),
        ("5-point", ["0.0000", "25.0000", "50.0000", "75.0000", "100.0000"]),
    ],
)
def test_ready_scales(scale, expected):
    definition = card([category("a", scale=scale)])
    keys = [str(place + 1) for place in range(len(expected))]
    assert [str(rate(definition, a=key).score) for key in keys] == expected


def test_own_points_may_be_negative_uneven_and_decimal():
    definition = card([category("a", options=options(-2, 0, "0.5", 6))])
    assert [rate(definition, a=key).score for key in "abcd"] == [
        Decimal("0"),
        Decimal("25"),
        Decimal("31.25"),
        Decimal("100"),
    ]


def test_thirds_stay_exact_until_stored():
    definition = card([category(key, scale="4-point") for key in ("a", "b", "c")])
    result = rate(definition, a="2", b="3", c="4")
    assert result.categories[1].exact == Fraction(200, 3)
    assert result.categories[1].score == Decimal("66.6667")
    assert result.score == Decimal("66.6667")
    # Rounded thirds would give 33.3333 + 66.6667 * 2 = 166.6667 / 3 = 55.5556; exact is 55.5555...
    assert rate(definition, a="2", b="3", c="3").score == Decimal("55.5556")
    assert rate(definition, a="2", b="2", c="2").score == Decimal("33.3333")


def test_stored_score_rounds_half_up_once():
    assert rounded(Fraction(1, 20000)) == Decimal("0.0001")
    assert rounded(Fraction(3, 20000)) == Decimal("0.0002")
    assert rounded(Fraction(99999, 2000000)) == Decimal("0.0500")
    assert str(rounded(Fraction(100))) == "100.0000"


def test_decimal_weights_are_not_rounded_and_need_no_total():
    definition = card(
        [category("a", weight="0.1", scale="binary"), category("b", weight=0.2, scale="binary")]
    )
    result = rate(definition, a="2", b="1")
    assert result.score == Decimal("33.3333")
    assert [each.applied_weight for each in result.categories] == [Decimal("33.3333"), Decimal("66.6667")]
    tiny = card(
        [category("a", weight="0.00000001", scale="binary"), category("b", weight=100, scale="binary")]
    )
    assert rate(tiny, a="1", b=None).score == Decimal(0)


def test_na_leaves_numerator_and_denominator():
    definition = card([category("a", weight=30, scale="binary"), category("b", weight=10, scale="binary")])
    result = rate(definition, a=None, b="2")
    assert result.score == Decimal(100)
    assert [(each.state, each.applied_weight) for each in result.categories] == [
        ("na", None),
        ("rated", Decimal(100)),
    ]


def test_nothing_rated_is_no_score():
    result = rate(PUBLISHED, c1=None)
    assert (result.score, result.unfailed_score, result.groups) == (None, None, (("g0", None),))


def test_only_weight_zero_is_no_score():
    definition = card([category("a", weight=0, scale="binary"), category("b", scale="binary")])
    result = rate(definition, a="2")
    assert (result.score, result.unfailed_score) == (None, None)
    assert result.categories[0].score == Decimal(100)
    assert result.categories[0].applied_weight is None


def test_hidden_is_kept_apart_from_na():
    definition = card(
        [category("a", scale="binary", show_when={"channel": ["chat"]}), category("b", scale="binary")],
        [category("c", scale="binary", critical="review", allow_na=False, show_when={"tag": "vip"})],
    )
    result = rate(definition, a=None, b="2", context=CHAT)
    assert [each.state for each in result.categories] == ["na", "rated", "hidden"]
    assert result.groups == (("g0", Decimal(100)), ("g1", None))
    assert score(definition, [Rated("b", "2")], ANYWHERE, strict=True).score == Decimal(100)


def test_critical_fails_strictly_below_fifty():
    halfway = options(0, 499999, 500000, 1000000)
    definition = card([category("a", critical="review", options=halfway), category("b", scale="binary")])
    below, at = rate(definition, a="b", b="2"), rate(definition, a="c", b="2")
    assert (below.score, below.unfailed_score, below.failed_by) == (Decimal(0), Decimal("75.0000"), ("a",))
    assert (at.score, at.failed_by) == (Decimal(75), ())


def test_just_below_fifty_fails_though_it_is_stored_as_fifty():
    definition = card([category("a", critical="review", options=options(0, "49999.9999", 100000))])
    result = rate(definition, a="b")
    assert result.categories[0].score == Decimal("50.0000")
    assert (result.score, result.unfailed_score) == (Decimal(0), Decimal("50.0000"))


@pytest.mark.parametrize(
    ("fails", "failing"),
    [(None, "a"), ({0: False}, ""), ({1: True}, "ab"), ({0: False, 2: True}, "c")],
)
def test_option_overrides_the_rule_of_fifty(fails, failing):
    definition = card([category("a", critical="review", options=options(0, 1, 2, fails=fails))])
    assert "".join(key for key in "abc" if rate(definition, a=key).failed_by) == failing


def test_failed_review_leaves_groups_tags_and_categories():
    definition = card(
        [
            category("a", scale="binary", critical="review", tags=["t"]),
            category("b", scale="binary", tags=["t"]),
        ]
    )
    result = rate(definition, a="1", b="2")
    assert (result.score, result.unfailed_score) == (Decimal(0), Decimal(50))
    assert result.groups == (("g0", Decimal(50)),)
    assert result.tags == (("t", Decimal(50)),)
    assert [each.score for each in result.categories] == [Decimal(0), Decimal(100)]
    assert result.failed_groups == ()


def test_failed_group_counts_zero_in_score_group_and_tags():
    definition = card(
        [
            category("a", weight=10, scale="binary", critical="group"),
            category("b", weight=20, scale="binary", tags=["t", "u"]),
            category("n", weight=40, scale="binary", tags=["u"]),
        ],
        [category("c", weight=30, scale="binary", tags=["t"])],
    )
    result = rate(definition, a="1", b="2", n=None, c="2")
    assert result.score == Decimal(50)  # 30 of 60; the N/A stays out
    assert result.unfailed_score == Decimal("83.3333")  # 50 of 60
    assert result.failed_by == ("a",)
    assert result.failed_groups == ("g0",)
    assert result.groups == (("g0", Decimal(0)), ("g1", Decimal(100)))
    assert result.tags == (("t", Decimal(60)), ("u", Decimal(0)))
    assert [each.score for each in result.categories] == [Decimal(0), Decimal(100), None, Decimal(100)]


def test_both_kinds_of_failure_are_named_in_form_order():
    definition = card(
        [category("a", scale="binary", critical="group")],
        [category("b", scale="binary", critical="review"), category("c", scale="binary")],
    )
    result = rate(definition, c="2", b="1", a="1")
    assert result.failed_by == ("a", "b")
    assert (result.score, result.unfailed_score) == (Decimal(0), Decimal("33.3333"))
    assert result.groups == (("g0", Decimal(0)), ("g1", Decimal(50)))


def test_na_never_fails():
    definition = card([category("a", scale="binary", critical="review"), category("b", scale="binary")])
    result = rate(definition, a=None, b="2")
    assert (result.score, result.failed_by) == (Decimal(100), ())


@pytest.mark.parametrize("critical", ["review", "group"])
def test_weight_zero_still_fails(critical):
    definition = card(
        [category("a", weight=0, scale="binary", critical=critical), category("b", scale="binary")]
    )
    result = rate(definition, a="1", b="2")
    assert (result.score, result.unfailed_score, result.failed_by) == (Decimal(0), Decimal(100), ("a",))


@pytest.mark.parametrize("critical", ["review", "group"])
def test_failure_without_any_rated_weight_is_named_but_no_score(critical):
    definition = card(
        [category("a", weight=0, scale="binary", critical=critical), category("b", scale="binary")]
    )
    result = rate(definition, a="1")
    assert (result.score, result.failed_by) == (None, ("a",))


def test_group_of_na_is_null():
    definition = card([category("a", scale="binary", tags=["t"])], [category("b", scale="binary")])
    result = rate(definition, a=None, b="2")
    assert result.groups == (("g0", None), ("g1", Decimal(100)))
    assert result.tags == (("t", None),)


def test_negative_is_below_fifty_or_failing():
    definition = card(
        [category("a", critical="review", options=options(0, 1, 2, 3, fails={3: True, 0: False}))]
    )
    (only,) = definition.categories
    assert [is_negative(only, option) for option in only.options] == [True, True, False, True]
    (plain,) = card([category("b")]).categories
    assert [is_negative(plain, option) for option in plain.options] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("stored", "mark", "expected"),
    [("80.0000", "80", True), ("79.9000", "80", False), ("79.9999", "80", False), (None, "80", None)],
)
def test_passed(stored, mark, expected):
    assert passed(None if stored is None else Decimal(stored), Decimal(mark)) is expected


weights = st.decimals(min_value=0, max_value=10, places=3)


@st.composite
def graded(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, str | None]]:
    """Two groups' categories as JSON (named by their group) with a choice for each."""
    raw, chosen = [], {}
    for place in range(draw(st.integers(1, 7))):
        count = draw(st.integers(2, 5))
        points = draw(st.lists(st.integers(-5, 9), min_size=count, max_size=count, unique=True))
        critical = draw(st.sampled_from(["none", "none", "group", "review"]))
        tags = draw(st.lists(st.sampled_from(["t", "u"]), unique=True))
        weight = str(draw(weights))
        raw.append(
            category(f"c{place}", weight=weight, options=options(*points), critical=critical, tags=tags)
        )
        chosen[f"c{place}"] = draw(st.sampled_from([None, *"abcde"[:count]]))
    return raw, chosen


def two_groups(raw: list[dict[str, Any]]) -> Definition:
    return card(*[half for half in (raw[::2], raw[1::2]) if half])


def numbers(result: Result) -> list[Decimal]:
    every = [result.score, result.unfailed_score, *(each.score for each in result.categories)]
    every += [value for _, value in (*result.groups, *result.tags)]
    return [value for value in every if value is not None]


@given(graded())
def test_every_number_is_from_0_to_100_and_failing_only_lowers(case):
    raw, chosen = case
    result = rate(two_groups(raw), **chosen)
    assert all(0 <= value <= 100 for value in numbers(result))
    assert (result.score is None) == (result.unfailed_score is None)
    if result.score is not None and result.unfailed_score is not None:
        assert result.score <= result.unfailed_score
        assert result.score == result.unfailed_score or result.failed_by


@given(graded())
def test_matches_the_formula_written_out(case):
    """A second, independent reading of domain.md: sums over the rated, then the failures."""
    raw, chosen = case
    definition = two_groups(raw)
    top = bottom = Fraction(0)
    review_failed = False
    for group in definition.groups:
        rated = [(each, key) for each in group.categories if (key := chosen[each.key]) is not None]
        own = {
            each.key: category_score(each, next(option for option in each.options if option.key == key))
            for each, key in rated
        }
        group_failed = any(own[each.key] < 50 and each.critical == "group" for each, _ in rated)
        review_failed |= any(own[each.key] < 50 and each.critical == "review" for each, _ in rated)
        top += sum(Fraction(each.weight) * own[each.key] * (not group_failed) for each, _ in rated)
        bottom += sum(Fraction(each.weight) for each, _ in rated)
    expected = None if bottom == 0 else rounded(top / bottom * (not review_failed))
    assert rate(definition, **chosen).score == expected


@given(graded(), st.randoms(use_true_random=False))
def test_order_of_ratings_and_categories_does_not_matter(case, random):
    raw, chosen = case
    before = rate(card(raw), **chosen)
    shuffled, order = list(raw), list(chosen.items())
    random.shuffle(shuffled)
    random.shuffle(order)
    after = rate(card(shuffled), **dict(order))
    assert (after.score, after.unfailed_score) == (before.score, before.unfailed_score)
    assert (set(after.failed_by), dict(after.tags)) == (set(before.failed_by), dict(before.tags))


@given(graded(), st.integers(2, 10))
def test_scaling_all_weights_changes_nothing(case, factor):
    raw, chosen = case
    scaled = [{**each, "weight": str(Decimal(each["weight"]) * factor)} for each in raw]
    assert rate(two_groups(scaled), **chosen) == rate(two_groups(raw), **chosen)


@given(graded())
@settings(max_examples=50)
def test_an_na_category_may_as_well_not_exist(case):
    raw, chosen = case
    extra = category("extra", weight=50, scale="binary", critical="review")
    without = rate(card(raw), **chosen)
    for result in (rate(card([*raw, extra]), **chosen, extra=None), rate(card([*raw, extra]), **chosen)):
        assert (result.score, result.failed_by) == (without.score, without.failed_by)
        assert (result.groups, result.tags) == (without.groups, without.tags)
