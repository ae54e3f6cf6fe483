"""Coefficients of agreement against independent libraries and published tables, and their ranges."""

from __future__ import annotations

import itertools
import time

import krippendorff
import numpy as np
import pytest
import scipy.stats
from agreement.metrics import cohens_kappa, gwets_gamma, krippendorffs_alpha
from agreement.utils.kernels import identity_kernel, ordinal_kernel, quadratic_kernel

from insights.stats import agreement
from insights.stats.agreement import Level
from insights.stats.resampling import Sums, bootstrap

NAN = float("nan")
KERNELS = {"nominal": identity_kernel, "ordinal": ordinal_kernel, "interval": quadratic_kernel}
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C: four observers, twelve units.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
).T
# Shrout and Fleiss 1979, table 2: six targets, four judges.
JUDGED = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)


def ratings(seed: int, units: int = 40, raters: int = 4, options: int = 5, gaps: float = 0.4) -> np.ndarray:
    """Raters who partly agree, with gaps; every option is chosen, every rater rates."""
    dice = np.random.default_rng(seed)
    level = dice.integers(options, size=(units, 1))
    own = dice.integers(options, size=(units, raters))
    table = np.where(dice.random((units, raters)) < 0.5, level, own).astype(float)
    table[dice.random((units, raters)) < gaps] = NAN
    table[: options * 2, :2] = np.repeat(np.arange(options), 2)[:, None]
    return table


TABLES = [
    ratings(seed, raters=raters, options=options, gaps=gaps)
    for seed, (raters, options, gaps) in enumerate(itertools.product((2, 3, 6), (2, 4, 5), (0.0, 0.3, 0.5)))
]


def counts(table: np.ndarray) -> np.ndarray:
    """The libraries' form: how often each unit got each option."""
    known = range(int(np.nanmax(table)) + 1)
    return np.array([[(row == value).sum() for value in known] for row in table if not np.isnan(row).all()])


class TestAgainstLibraries:
    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("level", LEVELS)
    def test_alpha(self, table, level):
        known = krippendorff.alpha(table.T, level_of_measurement=level)
        assert agreement.alpha(table, level) == pytest.approx(known, abs=1e-10)

    @pytest.mark.parametrize("table", TABLES)
    def test_nominal_alpha_by_another_library(self, table):
        assert agreement.alpha(table, "nominal") == pytest.approx(krippendorffs_alpha(counts(table)))

    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("level", LEVELS)
    def test_gwets_coefficients(self, table, level):
        known = gwets_gamma(counts(table), KERNELS[level])
        assert agreement.gwet(table, level) == pytest.approx(known, abs=1e-10)

    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("level", LEVELS)
    def test_kappa_of_several_raters(self, table, level):
        habits = np.array([[(column == value).sum() for value in range(5)] for column in table.T])
        habits = habits[:, : int(np.nanmax(table)) + 1]
        known = cohens_kappa(counts(table), habits, KERNELS[level])
        assert agreement.kappa(table, level) == pytest.approx(known, abs=1e-10)

    @pytest.mark.parametrize("table", TABLES)
    def test_icc_is_that_of_a_one_way_analysis_of_variance(self, table):
        groups = [row[~np.isnan(row)] for row in table if (~np.isnan(row)).sum() > 1]
        sizes = np.array(list(map(len, groups)))
        usual = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)
        f = scipy.stats.f_oneway(*groups).statistic
        assert agreement.icc(table) == pytest.approx((f - 1) / (f + usual - 1))

    @pytest.mark.parametrize("table", TABLES)
    def test_plain_shares_and_distances_counted_pair_by_pair(self, table):
        pairs = [
            np.abs(np.subtract(*zip(*itertools.combinations(row[~np.isnan(row)], 2), strict=True)))
            for row in table
            if (~np.isnan(row)).sum() > 1
        ]
        assert agreement.exact(table) == pytest.approx(np.mean([(each == 0).mean() for each in pairs]))
        assert agreement.mean_difference(table) == pytest.approx(np.mean([each.mean() for each in pairs]))
        near = np.mean([(each <= 1).mean() for each in pairs])
        assert agreement.within(table, range(5)) == pytest.approx(near)


class TestPublished:
    @pytest.mark.parametrize(
        ("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
    )
    def test_krippendorffs_table(self, level, value):
        assert agreement.alpha(PUBLISHED, level) == pytest.approx(value, abs=5e-4)

    def test_gwets_table(self):
        """The same ratings in Gwet 2014 (and his irrCAC): AC1 is 0.77544."""
        assert agreement.gwet(PUBLISHED, "nominal") == pytest.approx(0.77544, abs=5e-6)

    def test_the_judges_of_shrout_and_fleiss(self):
        assert agreement.icc(JUDGED) == pytest.approx(0.17, abs=5e-3)


class TestEdges:
    def test_constant_data_is_undefined_and_plain_shares_are_whole(self):
        same = np.full((12, 2), 3.0)
        assert [agreement.alpha(same, level) for level in LEVELS] == [None] * 3
        assert (agreement.gwet(same, "nominal"), agreement.kappa(same, "nominal")) == (None, None)
        assert agreement.icc(same) is None
        assert (agreement.exact(same), agreement.mean_difference(same)) == (1.0, 0.0)
        assert bootstrap(agreement.alpha_sums(same, "nominal")) is None

    def test_options_nobody_chose_matter_to_gwet(self):
        """All agree on one of four options: chance gives nothing."""
        assert agreement.gwet(np.full((12, 2), 3.0), "ordinal", (1, 2, 3, 4)) == 1.0

    def test_nobody_judged_twice(self):
        single = np.array([[1.0, NAN], [NAN, 2.0], [NAN, NAN]])
        assert agreement.exact(single) is None
        assert agreement.mean_difference(single) is None
        assert [agreement.alpha(single, level) for level in LEVELS] == [None] * 3
        assert (agreement.gwet(single, "nominal"), agreement.kappa(single, "nominal")) == (None, None)
        assert agreement.icc(single) is None

    def test_an_empty_table(self):
        empty = np.empty((0, 2))
        assert agreement.alpha(empty, "interval") is None
        assert agreement.exact(empty) is None
        assert bootstrap(agreement.exact_sums(empty)) is None

    def test_which_rater_is_which_matters_to_kappa_alone(self):
        table = ratings(5, raters=2, gaps=0.0)
        turned = table.copy()
        turned[::2] = table[::2, ::-1]
        assert agreement.alpha(turned, "ordinal") == pytest.approx(agreement.alpha(table, "ordinal"))
        assert agreement.gwet(turned, "ordinal") == pytest.approx(agreement.gwet(table, "ordinal"))

    def test_a_shift_and_a_scale_leave_interval_alpha(self):
        table = ratings(6)
        moved = agreement.alpha(table * 25 + 1e6, "interval")
        assert moved == pytest.approx(agreement.alpha(table, "interval"), abs=1e-6)


class TestBootstrap:
    def test_the_same_seed_gives_the_same_range_and_another_does_not(self):
        sums = agreement.alpha_sums(ratings(7), "ordinal")
        assert bootstrap(sums) == bootstrap(sums)
        assert bootstrap(sums) != bootstrap(sums, seed=2)

    @pytest.mark.parametrize("level", LEVELS)
    def test_it_is_that_of_drawing_units_one_by_one(self, level):
        table = ratings(8, units=120)
        dice = np.random.default_rng(1)
        drawn = [agreement.alpha(table[dice.integers(120, size=120)], level) for _ in range(3000)]
        expected = np.quantile(np.array(drawn, float), [0.025, 0.975])
        found = bootstrap(agreement.alpha_sums(table, level), rounds=10_000)
        assert found == pytest.approx(expected, abs=0.02)

    def test_a_mean_has_the_range_that_theory_gives(self):
        """400 units, half of them equal: the share's standard error is 0.025."""
        table = np.tile([[1.0, 1.0], [1.0, 2.0]], (200, 1))
        found = bootstrap(agreement.exact_sums(table), rounds=20_000)
        assert found == pytest.approx((0.451, 0.549), abs=3e-3)

    def test_rounds_without_a_value_are_left_out_until_most_are(self):
        """One unit of a hundred is rated: a third of the rounds have none, and all others its value."""
        often = Sums(np.array([[1.0]] * 1 + [[0.0]] * 99), lambda s: np.where(s[:, 0] > 0, 1.0, np.nan))
        assert bootstrap(often) == (1.0, 1.0)
        seldom = Sums(often.units, lambda s: np.where(s[:, 0] > 1, 1.0, np.nan))
        assert bootstrap(seldom) is None

    def test_alike_units_are_drawn_together(self):
        """200,000 conversations of two reviewers and five options have at most fifteen kinds."""
        dice = np.random.default_rng(3)
        sums = agreement.alpha_sums(dice.integers(5, size=(200_000, 2)).astype(float), "ordinal")
        started = time.perf_counter()
        assert bootstrap(sums) is not None
        assert time.perf_counter() - started < 5

    def test_ranges_cover_the_truth(self):
        """Exact agreement of 0.6 with 100 units, 400 times."""
        dice = np.random.default_rng(11)
        inside = 0
        for _ in range(400):
            table = np.column_stack([np.zeros(100), dice.random(100) > 0.6])
            low, high = bootstrap(agreement.exact_sums(table), rounds=400) or (0.0, 0.0)
            inside += low <= 0.6 <= high
        assert 0.92 <= inside / 400 <= 0.98
