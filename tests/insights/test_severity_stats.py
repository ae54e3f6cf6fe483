"""How strict reviewers are: least squares against another solver, variances, ranges and refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.optimize

from insights.stats.severity import Given, Severity, fit, reviewer_variance, severities


def given(seed: int, raters: int, units: int, noise: float, spread: float, each: int = 2):
    """Conversations that `each` of the raters grade, and the true severities."""
    dice = np.random.default_rng(seed)
    strict = dice.normal(0, spread, raters)
    rows = []
    for unit in range(units):
        level = dice.normal(75, 15)
        for rater in dice.choice(raters, each, replace=False):
            rows.append((unit, int(rater), level - strict[rater] + dice.normal(0, noise)))
    return Given.of(rows), strict - strict.mean()


def code(found: Severity) -> str | None:
    return found.refused.code if found.refused else None


class TestFit:
    def test_it_is_the_ridge_of_pair_differences(self):
        found, _ = given(1, 5, 60, 8, 6)
        fitted = fit(found)
        assert fitted.s2_noise
        penalty = 2 * fitted.s2_noise / fitted.s2_reviewer
        pairs = []
        for unit in np.unique(found.units):
            inside = np.flatnonzero(found.units == unit)
            pairs += list(itertools.combinations(inside, 2))

        def loss(b: np.ndarray) -> float:
            apart = [
                found.scores[i] - found.scores[j] - b[found.raters[i]] + b[found.raters[j]] for i, j in pairs
            ]
            return float(np.square(apart).sum() + penalty * np.square(b).sum())

        best = scipy.optimize.minimize(loss, np.zeros(5), tol=1e-12).x
        values = fitted.severities
        assert values == pytest.approx(-best, abs=1e-4)
        assert values.sum() == pytest.approx(0, abs=1e-9)

    def test_more_than_two_a_conversation_are_least_squares_with_levels(self):
        found, _ = given(2, 4, 50, 8, 6, each=3)
        fitted = fit(found)
        assert fitted.s2_noise
        levels = np.eye(50)[found.units]
        raters = -np.eye(4)[found.raters]
        ridge = np.sqrt(fitted.s2_noise / fitted.s2_reviewer) * np.eye(4)
        design = np.block([[levels, raters], [np.zeros((4, 50)), ridge]])
        solved = np.linalg.lstsq(design, np.append(found.scores, np.zeros(4)), rcond=None)[0][50:]
        assert fitted.severities == pytest.approx(solved, abs=1e-8)

    def test_variances_are_right_on_average(self):
        fits = [fit(given(seed, 12, 300, 10, 5)[0]) for seed in range(150)]
        assert np.mean([each.s2_noise for each in fits]) == pytest.approx(100, rel=0.03)
        assert np.mean([each.s2_reviewer for each in fits]) == pytest.approx(25, rel=0.1)

    def test_reviewers_who_do_not_differ_have_next_to_no_variance(self):
        fits = [fit(given(seed, 12, 300, 10, 0)[0]) for seed in range(50)]
        assert min(each.s2_reviewer for each in fits) == 0
        assert np.mean([each.s2_reviewer for each in fits]) < 1

    @pytest.mark.parametrize(
        ("raters", "units", "spread"), [(3, 60, 5), (6, 120, 5), (15, 400, 3), (8, 90, 8)]
    )
    def test_ranges_cover_the_truth(self, raters, units, spread):
        """The share of true severities inside, over a hundred and fifty workspaces."""
        inside = total = 0
        for seed in range(150):
            found, strict = given(seed, raters, units, 10, spread)
            for rater, each in severities(found, least=1).items():
                assert each.low is not None
                inside += each.low <= strict[rater] <= each.high
                total += 1
        assert 0.93 <= inside / total <= 0.97


class TestRefusals:
    def test_too_few_of_his_own(self):
        found, _ = given(4, 3, 40, 8, 6)
        rare = Given.of([*zip(found.units, found.raters, found.scores, strict=True), (0, 9, 50.0)])
        each = severities(rare)
        assert code(each[9]) == "too_few"
        assert each[9].pairs == 1
        assert each[0].value is not None

    def test_nobody_connects_them(self):
        one, _ = given(5, 3, 90, 8, 6)
        other, _ = given(6, 2, 30, 8, 6)
        both = Given(
            np.append(one.units, other.units + 1000),
            np.append(one.raters, other.raters + 10),
            np.append(one.scores, other.scores),
        )
        found = severities(both)
        assert {rater: code(each) for rater, each in found.items()} == {
            0: None,
            1: None,
            2: None,
            10: "not_connected",
            11: "not_connected",
        }
        assert sum(found[rater].value or 0 for rater in range(3)) == pytest.approx(0, abs=1e-9)

    def test_nothing_given_twice(self):
        assert severities(Given.of([(1, 1, 50.0), (2, 2, 60.0)])) == {}
        assert reviewer_variance(Given.of([])) == 0

    def test_each_shares_with_another_stranger_only(self):
        """A star: twenty conversations, each with somebody else, leave nothing over to tell chance by."""
        star = Given.of([(u, r, 80.0 + 7 * (r > 0)) for u in range(20) for r in (0, u + 1)])
        assert code(severities(star)[0]) == "spread_unknown"

    def test_the_variance_waits_for_twenty_pairs(self):
        few, _ = given(7, 3, 19, 3, 30)
        enough, _ = given(7, 3, 20, 3, 30)
        assert reviewer_variance(few) == 0
        assert reviewer_variance(enough) == pytest.approx(fit(enough).s2_reviewer)
        assert fit(enough).s2_reviewer > 10

    def test_all_gave_the_same(self):
        found = severities(Given.of([(unit, rater, 80.0) for unit in range(30) for rater in (1, 2)]))
        assert {(each.value, each.low, each.high) for each in found.values()} == {(0, 0, 0)}

    def test_a_difference_without_noise_is_whole(self):
        found = severities(Given.of([(u, r, 80.0 - 4 * r) for u in range(30) for r in (0, 1)]))
        assert (found[0].value, found[1].value) == pytest.approx((-2, 2), abs=1e-6)
