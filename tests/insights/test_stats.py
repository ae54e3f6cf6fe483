"""The estimate: arithmetic worked by hand, every refusal, and its honesty in simulation."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import fmean

import pytest

from insights.stats import (
    NOT_DEFINED_BY_REVIEWER,
    Basis,
    Cell,
    CsatSums,
    Minimums,
    Scores,
    Spreads,
    Work,
    csat,
    estimate_agent,
    estimate_agents,
    estimate_team,
    fixed4,
    learn_spreads,
    not_yet,
    weigh,
    wilson,
)
from qa_reviews.sampling import PooledSpread, allocate

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
TEAM_SPREAD = PooledSpread({"risk": 400.0, "normal": 100.0}, "team")
SPREADS = Spreads(PooledSpread({"risk": 900.0, "normal": 225.0}, "workspace"), {1: TEAM_SPREAD})
BASIS = Basis(SPREADS, MARCH, date(2026, 3, 31))
NONE_KNOWN = replace(BASIS, spreads=Spreads(None, {}))


def cell(scores, *, frame, band="normal", agent=7, team: int | None = 1, period=MARCH, drawn=None, unfit=0):
    """The sums of the given scores, all of the drawn done unless told."""
    exact = [Decimal(str(score)) for score in scores]
    return Cell(
        agent=agent,
        team=team,
        period_start=period,
        band=band,
        frame=frame,
        drawn=len(exact) + unfit if drawn is None else drawn,
        not_reviewable=unfit,
        n=len(exact),
        sum_y=sum(exact, Decimal(0)),
        sum_y2=sum((score * score for score in exact), Decimal(0)),
    )


RISK = cell([40, 60], frame=10, band="risk")
NORMAL = cell([70, 80, 90], frame=30)


class TestAgent:
    def test_by_hand(self):
        """W = 0.25 and 0.75; means 50 and 80; value 12.5 + 60 = 72.5.

        V = 0.25^2 (1 - 2/10) 400/2 + 0.75^2 (1 - 3/30) 100/3 = 10 + 16.875 = 26.875;
        p = 0.75: n_eff = 0.75 x 0.25 x 10,000 / 26.875 = 69.7674.
        Wilson of 0.725 with 69.7674 and z = 1.959964 (z^2 = 3.841459):
        middle (0.725 + 0.0275305) / 1.0550610 = 0.7132577
        half 1.959964 / 1.0550610 x sqrt(0.199375 / 69.7674 + 3.841459 / 19469.96) = 0.1026778
        """
        found = estimate_agent([RISK, NORMAL], BASIS, closed=50, level=75.0)
        assert found.value == pytest.approx(72.5)
        assert found.effective_reviews == pytest.approx(69.7674, abs=1e-4)
        assert found.low == pytest.approx(61.0580, abs=1e-4)
        assert found.high == pytest.approx(81.5936, abs=1e-4)
        assert (found.reviews, found.frame, found.covered) == (5, 40, 0.8)
        assert (found.drawn_from, found.drawn_to) == (MARCH, date(2026, 3, 31))
        assert (found.wide, found.pooled_over, found.refused, found.range_refused) == (
            False,
            "team",
            None,
            None,
        )

    def test_two_periods_are_four_strata(self):
        """N = 10 + 30 + 5 + 15 = 60; 10/60 x 50 + 30/60 x 80 + 5/60 x 100 + 15/60 x 60 = 71.6667."""
        april = [cell([100], frame=5, band="risk", period=APRIL), cell([60], frame=15, period=APRIL)]
        found = estimate_agent([RISK, NORMAL, *april], BASIS, closed=60, level=75.0)
        assert found.value == pytest.approx(71.666667)

    def test_what_is_not_reviewable_shrinks_its_frame(self):
        """Risk: 2 of 4 resolved could be reviewed, so 5 of 10 count: (5 x 50 + 30 x 80) / 35 = 75.7143.

        V = (1/7)^2 (1 - 2/5) 400/2 + (6/7)^2 (1 - 3/30) 100/3 = 2.44898 + 22.04082 = 24.48980.
        """
        found = estimate_agent(
            [replace(RISK, drawn=4, not_reviewable=2), NORMAL], BASIS, closed=40, level=50.0
        )
        assert found.value == pytest.approx(75.714286)
        assert found.effective_reviews == pytest.approx(2500 / 24.489796)
        assert found.frame == 40

    def test_a_band_with_nothing_to_review_drops_out(self):
        empty = cell([], frame=2, band="risk", unfit=2)
        normal = cell([70, 80, 90, 80, 80], frame=30)
        assert estimate_agent([empty, normal], BASIS, closed=32, level=75.0).value == pytest.approx(80)

    def test_a_census_is_exact(self):
        whole = [cell([40, 60], frame=3, band="risk", unfit=1), cell([70, 80, 90], frame=3)]
        found = estimate_agent(whole, NONE_KNOWN, closed=6, level=75.0)
        assert found.value == pytest.approx((2 * 50 + 3 * 80) / 5)
        assert found.low == found.value == found.high
        assert found.effective_reviews is None
        assert not found.wide

    def test_level_is_clipped(self):
        at_top = estimate_agent([RISK, NORMAL], BASIS, closed=50, level=100.0)
        assert at_top.effective_reviews == pytest.approx(0.99 * 0.01 * 10_000 / 26.875)

    def test_wide_ranges_are_shown_and_marked(self):
        few = [cell([40, 60], frame=100, band="risk"), cell([70, 80, 90], frame=300)]
        rough = replace(
            BASIS, spreads=Spreads(None, {1: PooledSpread({"risk": 1600.0, "normal": 900.0}, "team")})
        )
        found = estimate_agent(few, rough, closed=400, level=75.0)
        assert found.wide
        assert found.high is not None
        assert found.low is not None
        assert found.high - found.low > 40
        strict = replace(BASIS, minimums=Minimums(max_half_width=10.0))
        assert estimate_agent([RISK, NORMAL], strict, closed=50, level=75.0).wide

    def test_reviewers_who_share_unevenly_widen_the_range(self):
        """26.875 + 50 x (0.6^2 + 0.4^2 - 1/5) = 42.875."""
        cells = [replace(RISK, stratum=1), replace(NORMAL, stratum=2)]
        uneven = {1: {11: 0.5, 12: 1.5}, 2: {11: 2.15, 12: 0.85}}  # 0.25 x 1/4 + 0.75 x 2.15/3 = 0.6
        basis = replace(BASIS, s2_reviewer=50.0, givers=uneven)
        found = estimate_agent(cells, basis, closed=50, level=75.0)
        assert found.effective_reviews == pytest.approx(1875 / 42.875)
        each = {place: dict.fromkeys(range(5), 1.0) for place in (1, 2)}
        even = estimate_agent(cells, replace(basis, givers=each), closed=50, level=75.0)
        assert even.effective_reviews == pytest.approx(1875 / 26.875)

    def test_other_team_takes_the_spread_of_the_workspace(self):
        cells = [replace(RISK, team=2), replace(NORMAL, team=2)]
        found = estimate_agent(cells, BASIS, closed=50, level=75.0)
        assert found.pooled_over == "workspace"
        assert found.effective_reviews == pytest.approx(1875 / (26.875 * 2.25))


class TestAgentRefusals:
    def refusal(self, cells, basis=BASIS):
        found = estimate_agent(cells, basis, closed=50, level=75.0)
        assert (found.value, found.low, found.high, found.effective_reviews) == (None, None, None, None)
        assert found.refused is not None
        return found.refused

    def range_refusal(self, cells, basis=BASIS):
        found = estimate_agent(cells, basis, closed=50, level=75.0)
        assert found.value is not None
        assert (found.low, found.high, found.refused) == (None, None, None)
        assert found.range_refused is not None
        return found.range_refused

    def test_no_whole_draw(self):
        assert self.refusal([], replace(BASIS, drawn_from=None, drawn_to=None)).code == "no_whole_draw"

    def test_too_few(self):
        refused = self.refusal([NORMAL])
        assert refused.code == "too_few"
        assert refused.message == "Too few reviews so far to give a number: 3 of 5 reviews."
        assert "0 of 5 reviews" in self.refusal([]).message

    def test_band_unreviewed(self):
        five = cell([70, 80, 90, 80, 80], frame=30)
        refused = self.refusal([five, cell([], frame=10, band="risk", drawn=2)])
        assert refused.code == "band_unreviewed"
        assert "need attention in the period from 2026-03-01" in refused.message
        half_open = cell([], frame=10, band="risk", drawn=2, unfit=1)
        assert self.refusal([five, half_open]).code == "band_unreviewed"

    def test_one_period_under_review_takes_the_others_mean_of_its_band(self):
        """N = 40 + 40 + 5 + 5: risk 25 x 50 and normal 65 x 80 keep their
        means; without a risk review in either period the band is unknown; with too much unseen, refused."""
        april = [cell([50, 50], frame=10, band="risk", period=APRIL), cell([80, 80], frame=30, period=APRIL)]
        may = [cell([], frame=5, band="risk", period=date(2026, 5, 1), drawn=1)]
        may += [cell([], frame=5, period=date(2026, 5, 1), drawn=1)]
        found = estimate_agent([RISK, NORMAL, *april, *may], BASIS, closed=90, level=75.0)
        assert found.value == pytest.approx((25 * 50 + 65 * 80) / 90)
        no_risk = [replace(april[0], n=0), replace(RISK, n=0), NORMAL, april[1]]
        assert self.refusal(no_risk).code == "band_unreviewed"
        unseen = [replace(each, frame=20) for each in may]
        assert self.refusal([RISK, NORMAL, *april, *unseen]).code == "not_covered"

    def test_spread_unknown(self):
        assert self.refusal([RISK, NORMAL], NONE_KNOWN).code == "spread_unknown"

    def test_incomplete(self):
        cells = [RISK, replace(NORMAL, drawn=6, not_reviewable=1)]
        refused = self.range_refusal(cells)
        assert refused.code == "incomplete"
        assert "5 of 7 drawn conversations are reviewed so far; a range needs 80 %" in refused.message
        nearly = [
            cell([50, 50, 50, 50], frame=9, drawn=5),
            cell([50, 60, 70, 80], frame=9, drawn=5, band="risk"),
        ]
        assert estimate_agent(nearly, BASIS, closed=50, level=75.0).range_refused is None

    def test_no_spread(self):
        flat = replace(BASIS, spreads=Spreads(None, {1: PooledSpread({"risk": 0.0, "normal": 0.0}, "team")}))
        assert self.range_refusal([RISK, NORMAL], flat).code == "no_spread"

    def test_reading_of_all_refusals_is_a_plain_sentence(self):
        for refusal in (not_yet("category"), NOT_DEFINED_BY_REVIEWER):
            assert refusal.message[0].isupper()
            assert refusal.message.endswith(".")
        assert not_yet("category").code == "not_yet"
        assert NOT_DEFINED_BY_REVIEWER.as_json()["code"] == "not_defined"


def team_cells(agents=3, scores=(60, 70, 80, 90, 100), frame=20):
    both = []
    for agent in range(agents):
        both.append(cell(scores, frame=frame, agent=agent))
        both.append(cell(scores, frame=frame, agent=agent, band="risk"))
    return both


class TestTeam:
    def test_agents_count_by_their_frames(self):
        """Agent 7: N 40 at 72.5; agent 8: N 60 at 50; (40 x 72.5 + 60 x 50) / 100 = 59."""
        cells = [RISK, NORMAL, cell([50] * 6, frame=60, agent=8)]
        assert estimate_team(cells, BASIS, closed=100).value == pytest.approx(59)

    def test_range_by_hand(self):
        """3 agents x 2 bands, 5 of 20 each: V = 3 x (1/6)^2 x 0.75 x (400 + 100) / 5 = 6.25; p = 0.8."""
        found = estimate_team(team_cells(), BASIS, closed=120)
        assert found.value == pytest.approx(80)
        assert found.effective_reviews == pytest.approx(0.8 * 0.2 * 10_000 / 6.25)
        assert found.low is not None
        assert found.high is not None
        assert found.low < 80 < found.high
        assert found.covered == 1.0

    def test_an_unreviewed_stratum_takes_the_mean_of_its_period_and_band(self):
        """Risk 50 and 100 by frames 10 and 30: 87.5; it stands for 10 more of 180.

        (10 x 50 + 30 x 100 + 10 x 87.5 + 130 x 80) / 180 = 82.0833.
        """
        cells = [
            RISK,
            cell([100] * 4, frame=30, band="risk", agent=8),
            cell([], frame=10, band="risk", agent=9, drawn=2),
            cell([80] * 8, frame=130),
        ]
        assert estimate_team(cells, BASIS, closed=180).value == pytest.approx(82.083333)

    def test_what_stands_in_weighs_more_in_the_variance(self):
        """Two equal agents, one without risk reviews: the other's 2 risk reviews stand for 20.

        V = (20/60)^2 (1 - 2/20) 400/2 + (40/60)^2 (1 - 4/40) 100/4 = 20 + 10 = 30.
        """
        cells = [
            RISK,
            cell([70, 70, 90, 90], frame=40),
            cell([], frame=10, band="risk", agent=8, drawn=2),
        ]
        assert sum(each.adds_variance for each in Scores(Work(cells), SPREADS).strata) == pytest.approx(30)

    def test_nearest_kin_stands_in(self):
        """Own team first, then all of period and band, then the band, then anything."""
        lost = cell([], frame=10, band="risk", agent=9, drawn=1)
        team = cell([10], frame=10, band="risk", agent=8)
        period = cell([20], frame=10, band="risk", agent=6, team=2)
        band = cell([30], frame=10, band="risk", agent=6, team=2, period=APRIL)
        other = cell([40], frame=10)
        cells = [team, period, band, other]
        means = []
        while cells:
            value = weigh([lost, *cells]).value
            assert value is not None
            means.append(value * (len(cells) + 1) - sum(each.mean for each in cells))
            cells = cells[1:]
        assert means == pytest.approx([10, 20, 30, 40])

    def test_too_few_reviews(self):
        refused = estimate_team([RISK, NORMAL], BASIS, closed=50).refused
        assert refused is not None
        assert (refused.code, "5 of 10 reviews" in refused.message) == ("too_few", True)
        assert estimate_team([], replace(BASIS, drawn_to=None), closed=50).refused is not None

    def test_not_covered(self):
        blank = cell([], frame=31, agent=9, drawn=3)
        refused = estimate_team([*team_cells(), blank], BASIS, closed=200).refused
        assert refused is not None
        assert refused.code == "not_covered"
        assert refused.message.startswith("21 % of the conversations")
        assert estimate_team([*team_cells(), replace(blank, frame=30)], BASIS, closed=200).value is not None

    @pytest.mark.parametrize(
        ("cells", "words"),
        [
            (team_cells(agents=2), "20 of 30 reviews"),
            (team_cells(agents=2, scores=range(60, 79)), "2 of 3 agents"),
            (team_cells(scores=range(60, 64)), "24 of 30 reviews"),
        ],
    )
    def test_range_needs_reviews_and_agents(self, cells, words):
        found = estimate_team(cells, BASIS, closed=200)
        assert found.value is not None
        assert found.range_refused is not None
        assert found.range_refused.code == "too_few"
        assert words in found.range_refused.message

    def test_unknown_spread_costs_a_team_its_range_only(self):
        found = estimate_team(team_cells(), NONE_KNOWN, closed=200)
        assert found.value == pytest.approx(80)
        assert found.range_refused is not None
        assert found.range_refused.code == "spread_unknown"

    def test_census_of_a_small_team_is_exact(self):
        found = estimate_team(team_cells(agents=2, frame=5), BASIS, closed=20)
        assert found.low == found.value == found.high == pytest.approx(80)


class TestAgents:
    def test_each_leans_on_its_own_team(self):
        cells = [RISK, NORMAL, cell([20] * 9, frame=60, agent=8), cell([0] * 5, frame=9, agent=5, team=None)]
        found = estimate_agents(cells, BASIS, closed={7: 50})
        level = (40 * 72.5 + 60 * 20) / 100
        assert found[7] == estimate_agent([RISK, NORMAL], BASIS, closed=50, level=level)
        everybody = (40 * 72.5 + 60 * 20 + 9 * 0) / 109
        assert found[5] == estimate_agent([cells[3]], BASIS, closed=0, level=everybody)
        assert found[8].covered is None

    def test_who_changed_team_leans_on_both(self):
        moved = [replace(NORMAL, agent=5, frame=10), cell([50] * 5, frame=30, agent=5, team=2, period=APRIL)]
        others = [cell([40] * 5, frame=10, agent=6, team=1), cell([90] * 5, frame=30, agent=8, team=2)]
        found = estimate_agents([*moved, *others], BASIS, closed={5: 40})
        level = (10 * (80 + 40) / 2 + 30 * (50 + 90) / 2) / 40
        assert found[5] == estimate_agent(moved, BASIS, closed=40, level=level)


def test_spreads_are_learned_from_sums():
    """Team 1: 31 equal pairs 70/90 in normal (200 each): s2 200; team 2 has too few and takes everybody's."""
    cells = [cell([70, 90], frame=9, agent=agent) for agent in range(31)]
    cells += [cell([0, 100, 50], frame=9, team=2, band="risk"), cell([60, 60], frame=9, team=None)]
    spreads = learn_spreads(cells)
    own = spreads.of(1)
    assert own is not None
    assert own.over == "team"
    assert own.s2["normal"] == pytest.approx(200)
    joint, normal = (31 * 200 + 5000) / 34, 31 * 200 / 32
    for team in (2, None, 99):
        other = spreads.of(team)
        assert other is not None
        assert other.over == "workspace"
        assert other.s2 == {"risk": pytest.approx(joint), "normal": pytest.approx(normal)}
    assert learn_spreads(cells[:2]).of(1) is None


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [
        (0.8, 10, 0.4901625, 0.9433178),
        (0.5, 100, 0.4038315, 0.5961685),
        (0.0, 10, 0.0, 0.2775328),
        (1.0, 10, 0.7224672, 1.0),
    ],
)
def test_wilson_against_published_values(share, n, low, high):
    """The first two are textbook values (8 of 10, 50 of 100); 0 of n gives z^2 / (n + z^2)."""
    assert list(wilson(share, n)) == pytest.approx([low, high], abs=1e-7)


def test_wilson_needs_answers():
    with pytest.raises(ValueError, match="needs answers"):
        wilson(0.5, 0)


class TestCsat:
    def test_by_hand(self):
        """Ten answers of 5, scores summing to 41: 82 %; eight are satisfied."""
        found = csat(CsatSums(answers=10, score=Decimal(41), scale_max=Decimal(50), satisfied=8, asked=40))
        assert found.percent_of_max == pytest.approx(82)
        assert (found.satisfied_share, found.response_rate) == (0.8, 0.25)
        assert found.satisfied_low == pytest.approx(0.4901625, abs=1e-7)
        assert found.satisfied_high == pytest.approx(0.9433178, abs=1e-7)
        assert found.refused is None

    def test_few_answers_give_counts_only(self):
        found = csat(CsatSums(answers=9, score=Decimal(41), scale_max=Decimal(45), satisfied=8))
        assert (found.answers, found.satisfied, found.response_rate) == (9, 8, None)
        assert (found.percent_of_max, found.satisfied_share, found.satisfied_low) == (None, None, None)
        assert found.refused is not None
        assert found.refused.message == "Too few answers so far to give a number: 9 of 10 answers."

    def test_no_answer_is_never_zero(self):
        found = csat(CsatSums(0, Decimal(0), Decimal(0), 0), min_answers=0)
        assert found.percent_of_max is None
        assert found.refused is not None


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (67.857142857, "67.8571"),
        (Decimal("0.00005"), "0.0001"),
        (2.00005, "2.0001"),
        (Decimal("-0.00001"), "0.0000"),
        (100, "100.0000"),
        (1e-7, "0.0000"),
        (None, None),
    ],
)
def test_four_decimals_half_up(number, text):
    assert fixed4(number) == text


def test_an_estimate_as_the_api_writes_it():
    found = estimate_agent([RISK, NORMAL], BASIS, closed=50, level=75.0).as_json()
    assert found["value"] == "72.5000"
    assert found["effective_reviews"] == 69.7674
    assert (found["covered"], found["wide"], found["pooled_over"]) == ("0.8000", False, "team")
    assert (found["drawn_from"], found["drawn_to"], found["refused"]) == ("2026-03-01", "2026-03-31", None)
    refused = estimate_agent([NORMAL], BASIS, closed=50, level=75.0).as_json()
    assert refused["value"] is None
    assert refused["refused"] == {
        "code": "too_few",
        "message": "Too few reviews so far to give a number: 3 of 5 reviews.",
    }


class World:
    """Eight agents with three months of skewed scores, all known: most are perfect, risky ones much worse."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.scores = {
            (agent, month, band): [self.score(agent, band) for _ in range(size)]
            for agent in range(8)
            for month in (1, 2, 3)
            for band, size in (("risk", 12 + agent), ("normal", 60 + 5 * agent))
        }

    def score(self, agent, band):
        lapse = 0.22 + 0.015 * agent if band == "normal" else 0.55 + 0.015 * agent
        return self.random.choice([0, 25, 50, 60, 75]) if self.random.random() < lapse else 100

    def truth(self, agent):
        return fmean(y for (who, *_), frame in self.scores.items() if who == agent for y in frame)

    def draw(self, quota, share):
        """One risk-heavy draw of every agent and month: the cells, and each agent's plain average."""
        cells: list[Cell] = []
        seen: dict[int, list[int]] = {agent: [] for agent in range(8)}
        for (agent, month, band), frame in self.scores.items():
            sizes = [len(self.scores[agent, month, each]) for each in ("risk", "normal")]
            given = allocate(quota, share, *sizes)
            scores = self.random.sample(frame, given.risk if band == "risk" else given.normal)
            seen[agent] += scores
            cells.append(cell(scores, frame=len(frame), agent=agent, band=band, period=date(2026, month, 1)))
        return cells, {agent: fmean(scores) for agent, scores in seen.items()}


@pytest.mark.parametrize(
    ("quota", "share", "bias_of_average"),
    [(7, Fraction(1, 2), -5), (5, Fraction(1, 5), -0.5)],
    ids=["much attention", "the usual five a month"],
)
def test_agent_estimates_are_unbiased_and_ranges_honest(quota, share, bias_of_average):
    """Over 300 draws of 8 agents: the truth is in about 95 of 100 ranges, the plain average off."""
    world = World(1)
    truths = {agent: world.truth(agent) for agent in range(8)}
    errors, plain_errors, covered = [], [], []
    for _ in range(300):
        cells, averages = world.draw(quota, share)
        basis = Basis(learn_spreads(cells), date(2026, 1, 1), date(2026, 3, 31))
        for agent, found in estimate_agents(cells, basis, closed={}).items():
            assert found.value is not None
            assert found.low is not None
            assert found.high is not None
            errors.append(found.value - truths[agent])
            plain_errors.append(averages[agent] - truths[agent])
            covered.append(found.low <= truths[agent] <= found.high)
    assert abs(fmean(errors)) < 0.4
    assert fmean(plain_errors) < bias_of_average
    assert 0.93 <= fmean(covered) <= 0.97
