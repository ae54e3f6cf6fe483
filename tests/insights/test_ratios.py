"""Ratios: arithmetic worked by hand, the same as for scores where everything belongs, and refusals."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from operator import attrgetter

import pytest

from insights.stats import (
    Basis,
    Cell,
    Ground,
    GroupSums,
    Passes,
    Ratio,
    RatioSpreads,
    Roster,
    Scores,
    Spreads,
    Work,
    learn_spreads,
    wilson,
    work_agent,
    work_agents,
    work_team,
)
from insights.stats.ratios import Scatter

MARCH = date(2026, 3, 1)
BASIS = Basis(Spreads(None, {}), MARCH, date(2026, 3, 31))
NOTHING = RatioSpreads({}, {})


def cell(stratum, n, frame, *, band="normal", agent=7, team: int | None = 1, scores=()):
    exact = [Decimal(score) for score in scores]
    return Cell(
        agent=agent,
        team=team,
        period_start=MARCH,
        band=band,
        frame=frame,
        drawn=n,
        not_reviewable=0,
        n=n,
        sum_y=sum(exact, Decimal(0)),
        sum_y2=sum((score * score for score in exact), Decimal(0)),
        stratum=stratum,
    )


def sums(*scores):
    """Of conversations that belong wholly, with these scores."""
    n, total, squares = len(scores), sum(scores), sum(score**2 for score in scores)
    return GroupSums(n, n, n, total, squares, total)


RISK, NORMAL = cell(1, 2, 10, band="risk"), cell(2, 3, 30)
RATED = {1: sums(40.0), 2: sums(70.0, 100.0)}
# 1,200 / 12 = 100 per rated review; of the risk band nothing is known, so both take it.
SPREAD = RatioSpreads({"normal": Scatter(df=12, rcrc=1200)}, {})


class TestByHand:
    """W = 0.25, 0.75; r = 1/2, 2/3; the share 0.125 + 0.5 = 0.625; (0.25 x 20 + 0.75 x 170/3) / 0.625 = 76.

    V = [0.0625 x 0.8 / 2 x 1/2 + 0.5625 x 0.9 / 3 x 2/3] x 100 / 0.625^2 = 3.2 + 28.8 = 32;
    p = 0.8: n_eff = 0.16 x 10^4 / 32 = 50.
    """

    basis = replace(BASIS, minimums=replace(BASIS.minimums, min_reviews=3))

    def test_value_and_range(self):
        measure = Ratio(Work([RISK, NORMAL]), RATED, SPREAD)
        found = work_agent(measure, self.basis, closed=50, level=80.0).estimate
        assert measure.belonging == pytest.approx(0.625)
        assert found.value == pytest.approx(76)
        assert found.effective_reviews == pytest.approx(50)
        assert (found.low, found.high) == pytest.approx([100 * end for end in wilson(0.76, 50)])
        assert (found.reviews, found.frame, found.covered, found.pooled_over) == (3, 40, 0.8, "workspace")

    def test_its_parts_add_up(self):
        found = work_agent(Ratio(Work([RISK, NORMAL]), RATED, SPREAD), self.basis, closed=50, level=80.0)
        assert [each.adds for each in found.strata] == pytest.approx([8, 68])
        assert [each.adds_variance for each in found.strata] == pytest.approx([3.2, 28.8])
        assert (found.level, found.variance, found.reviewer_variance) == pytest.approx((0.8, 32, 0))

    def test_a_conversation_rated_by_one_of_two_counts_half(self):
        """The normal band: 100, and half a 40; r = 1.5 of 3; 0.25 x 20 + 0.75 x 40 = 35 of 0.5: 70."""
        half = GroupSums(2, 1.5, 1.25, 120, 100**2 + 20**2, 110)
        assert Ratio(Work([RISK, NORMAL]), {1: RATED[1], 2: half}, SPREAD).value == pytest.approx(70)

    def test_a_band_that_has_none_of_the_group_adds_nothing(self):
        found = work_agent(
            Ratio(Work([RISK, NORMAL]), {2: sums(70.0, 70.0, 100.0)}, SPREAD),
            self.basis,
            closed=50,
            level=80.0,
        )
        assert found.estimate.value == pytest.approx(80)
        assert found.strata[0].adds == found.strata[0].adds_variance == 0


class TestWhereEverythingBelongs:
    """A ratio of all the work is the mean of all the work, its spread that of scores."""

    SCORES = {
        stratum: tuple(float((stratum * 37 + place * 29) % 101) for place in range(2 + stratum % 4))
        for stratum in range(40)
    }
    CELLS = [
        cell(
            stratum, len(scores), 20 + stratum, band="risk" if stratum % 3 else "normal",
            agent=stratum % 5, team=stratum % 5 % 2, scores=map(str, scores),
        )
        for stratum, scores in SCORES.items()
    ]  # fmt: skip

    def test_values_and_ranges_are_those_of_scores(self):
        own = {stratum: sums(*scores) for stratum, scores in self.SCORES.items()}
        spreads, ratio_spreads = learn_spreads(self.CELLS), Ground(self.CELLS).spreads(own)
        basis, roster = replace(BASIS, spreads=spreads), Roster(self.CELLS)
        plain = work_agents(roster, basis, {}, lambda work: Scores(work, spreads))
        ratio = work_agents(roster, basis, {}, lambda work: Ratio(work, own, ratio_spreads))
        assert plain.keys() == ratio.keys() == set(range(5))
        for agent, expected in plain.items():
            assert expected.estimate.low is not None
            assert ratio[agent].estimate.pooled_over == expected.estimate.pooled_over
            for name in ("value", "low", "high", "effective_reviews"):
                found = getattr(ratio[agent].estimate, name)
                assert found == pytest.approx(getattr(expected.estimate, name)), name

    def test_single_reviews_are_spread_around_their_agents_mean(self):
        """One review a stratum and agents with 50 and 70 three times: 3 x 200 = 600 over 3 degrees."""
        cells = [cell(place, 1, 9, agent=place // 2) for place in range(6)]
        own = {place: sums(50.0 + 20 * (place % 2)) for place in range(6)}
        spread = Ground(cells).spreads(own).workspace["normal"].around(0)
        assert spread.df == 3
        assert float(spread.squares) == pytest.approx(600)

    def test_only_rated_reviews_are_degrees_of_freedom(self):
        """4 of 8 in each of six strata: 6 x 7 x 1/2 = 21."""
        cells = [cell(place, 8, 20) for place in range(6)]
        spread = Ground(cells).spreads({place: sums(50.0, 60.0, 70.0, 80.0) for place in range(6)})
        assert spread.workspace["normal"].around(65).df == 21


class TestRefusals:
    def test_too_few_counts_the_rated(self):
        few = Ratio(Work([RISK, NORMAL]), RATED, SPREAD)
        found = work_agent(few, BASIS, closed=50, level=80.0).estimate
        assert found.value is None
        assert found.refused is not None
        assert found.refused.message == "Too few reviews so far to give a number: 3 of 5 reviews."
        team = work_team(few, BASIS, closed=50).estimate
        assert team.refused is not None
        assert team.refused.code == "too_few"

    def test_unknown_spread(self):
        rated = {1: sums(40.0, 60.0), 2: sums(70.0, 80.0, 90.0)}
        found = work_agent(Ratio(Work([RISK, NORMAL]), rated, NOTHING), BASIS, closed=50, level=None).estimate
        assert found.refused is not None
        assert found.refused.code == "spread_unknown"

    def test_no_spread_at_all(self):
        """Rounding is no spread: everybody has two thirds of the points."""
        cells = [cell(place, 6, 30, agent=place) for place in range(6)]
        rated = {place: sums(*[66.6667] * 5) for place in range(6)}
        found = work_team(Ratio(Work(cells), rated, Ground(cells).spreads(rated)), BASIS, closed=180).estimate
        assert found.value == pytest.approx(66.6667)
        assert found.range_refused is not None
        assert found.range_refused.code == "no_spread"

    def test_a_band_without_any_review(self):
        cells = [cell(1, 0, 10, band="risk"), cell(2, 5, 30)]
        measure = Ratio(Work(cells), {2: sums(70.0, 80.0, 90.0, 70.0, 80.0)}, SPREAD)
        found = work_agent(measure, BASIS, closed=50, level=None).estimate
        assert found.refused is not None
        assert found.refused.code == "band_unreviewed"

    def test_a_census_is_exact(self):
        cells = [cell(1, 5, 5)]
        measure = Ratio(Work(cells), {1: sums(50.0, 60.0, 70.0, 80.0, 90.0)}, NOTHING)
        found = work_agent(measure, BASIS, closed=5, level=None).estimate
        assert found.low == found.value == found.high == pytest.approx(70)


def test_pass_rates():
    """1 of 2 risky and 2 of 3 normal pass: 0.25 x 50 + 0.75 x 66.67 = 62.5."""
    cells = [replace(RISK, passed=1.0, passed2=1.0), replace(NORMAL, passed=2.0, passed2=2.0)]
    assert Passes(Work(cells), learn_spreads(cells, attrgetter("passes"))).value == pytest.approx(62.5)
    assert [each.passes for each in cells] == [(2, 100, 10_000), (3, 200, 20_000)]
