"""What goes together: rank correlation against scipy, its range, quadrants, and standardised means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from insights.stats.association import (
    Group,
    Span,
    associate,
    quadrant,
    spearman,
    standardise,
)

Ends = tuple[float | None, float | None, float | None]


@pytest.mark.parametrize("seed", range(8))
def test_it_is_spearmans_correlation_with_ties(seed: int) -> None:
    dice = np.random.default_rng(seed)
    x = dice.integers(0, 4 + 30 * (seed % 2), 50).astype(float)
    y = np.round(x / 5 + dice.normal(size=50))
    assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)


def test_a_weight_of_three_is_as_three_of_the_same() -> None:
    dice = np.random.default_rng(5)
    x, y = dice.integers(0, 9, 40).astype(float), dice.integers(1, 6, 40).astype(float)
    times = dice.integers(1, 4, 40)
    repeated = spearman(np.repeat(x, times), np.repeat(y, times))
    assert spearman(x, y, times.astype(float)) == pytest.approx(repeated, abs=1e-12)


def test_the_worked_example_of_spearman() -> None:
    iq = np.array([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], dtype=float)
    hours = np.array([7, 27, 2, 50, 28, 29, 20, 12, 6, 17], dtype=float)
    assert spearman(iq, hours) == pytest.approx(-29 / 165, abs=1e-12)  # 1 - 6 x 194 / 990


@pytest.mark.parametrize("count", [0, 29])
def test_too_few_pairs_are_refused_in_words(count: int) -> None:
    found = associate(np.arange(count, dtype=float), np.arange(count, dtype=float))
    assert (found.pairs, found.value, found.low) == (count, None, None)
    assert found.refused is not None
    assert found.refused.message == f"Too few pairs so far to give a correlation: {count} of 30 pairs."


def test_constant_answers_are_refused() -> None:
    found = associate(np.arange(40.0), np.full(40, 5.0))
    assert found.refused is not None
    assert found.refused.code == "no_spread"


def test_the_same_pairs_give_the_same_range_whatever_their_order() -> None:
    dice = np.random.default_rng(1)
    x = dice.normal(size=60)
    y = x + dice.normal(size=60)
    first = associate(x, y)
    turned = associate(x[::-1].copy(), y[::-1].copy())
    assert first.value is not None
    assert (first.low or 1) < first.value < (first.high or -1)
    assert (turned.low, turned.high) == pytest.approx((first.low, first.high), abs=1e-12)


def test_a_perfect_order_is_one_with_hardly_any_range() -> None:
    found = associate(np.arange(50.0), np.arange(50.0) ** 2)
    assert found.value == pytest.approx(1)
    assert found.low == pytest.approx(1, abs=1e-6)


def test_the_range_covers_the_truth_about_as_often_as_it_says() -> None:
    dice = np.random.default_rng(3)
    truth = 6 / np.pi * np.arcsin(0.4 / 2)  # of a normal pair with correlation 0.4
    hits = 0
    for _ in range(300):
        x = dice.normal(size=60)
        found = associate(x, 0.4 * x + np.sqrt(1 - 0.16) * dice.normal(size=60))
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    assert 0.91 <= hits / 300 <= 0.985


@pytest.mark.parametrize(
    ("iqs", "csat", "says"),
    [
        ((85, 81, 89), (90, 86, 94), "doing_well"),
        ((70, 66, 74), (90, 86, 94), "liked_not_by_the_book"),
        ((85, 81, 89), (70, 60, 79), "by_the_book_not_liked"),
        ((70, 66, 74), (70, 60, 79), "needs_coaching"),
        ((85, 79, 91), (90, 86, 94), "unclear"),
        ((85, 80, 90), (90, 86, 94), "unclear"),
        ((85, 81, 89), (None, None, None), "unclear"),
        ((85, None, None), (90, 86, 94), "unclear"),
    ],
)
def test_a_quadrant_is_said_only_where_both_ranges_are_clear(iqs: Ends, csat: Ends, says: str) -> None:
    assert quadrant(Span(*iqs), Span(*csat), (80, 80)) == says


def test_without_a_cut_nothing_is_said() -> None:
    assert quadrant(Span(85, 81, 89), Span(90, 86, 94), (80, None)) == "unclear"


def shares(**kinds: tuple[int, float]) -> dict[str, Group]:
    """Answers and the per cent satisfied, by kind."""
    return {kind: Group(n, share, share * 100, n) for kind, (n, share) in kinds.items()}


def test_direct_standardisation_as_worked_by_hand() -> None:
    everybody = shares(chat=(600, 90.0), email=(400, 70.0))
    own = shares(chat=(20, 95.0), email=(80, 75.0))
    found = standardise(own, everybody)
    assert found is not None
    assert found.raw == pytest.approx(79)  # (20 x 95 + 80 x 75) / 100
    assert found.value == pytest.approx(87)  # 0.6 x 95 + 0.4 x 75
    assert found.moved == pytest.approx(8)
    spread = 0.6 * 90 * 10 + 0.4 * 70 * 30
    half = 1.959964 * (spread * (0.36 / 20 + 0.16 / 80)) ** 0.5
    assert (found.low, found.high) == pytest.approx((87 - half, 87 + half), abs=1e-3)


def test_the_same_mix_moves_nothing() -> None:
    found = standardise(shares(chat=(6, 80.0), email=(4, 50.0)), shares(chat=(60, 90.0), email=(40, 70.0)))
    assert found is not None
    assert found.moved == pytest.approx(0, abs=1e-9)


def test_a_little_work_he_did_not_do_takes_everybodys_mean() -> None:
    found = standardise(shares(chat=(50, 80.0)), shares(chat=(850, 90.0), phone=(150, 60.0)))
    assert found is not None
    assert found.uncovered == pytest.approx(0.15)
    assert found.value == pytest.approx(0.85 * 80 + 0.15 * 60)


def test_too_much_of_it_is_refused_in_words() -> None:
    found = standardise(shares(chat=(50, 80.0)), shares(chat=(700, 90.0), phone=(300, 60.0)))
    assert found is not None
    assert (found.raw, found.value, found.moved) == (80, None, None)
    assert found.refused is not None
    assert found.refused.message.startswith("30 % of everybody's work")


def test_nobodys_work_has_no_mean() -> None:
    assert standardise({}, shares(chat=(700, 90.0))) is None
