"""What is unlike others, and the numbers that it is judged by."""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.stats

from insights.stats.graders import Graders, against, distances, levels
from insights.stats.severity import Given, severities
from insights.stats.unlike import Known, apart, finds, two_sided
from tests.architecture.source import ROOT

PUBLISHED = ROOT.parent / "shared/data/stc3_dq_train/train_reviews_long.csv.gz"


@dataclass
class Case:
    reviewer: int
    agent: int
    scores: list[float]
    scorecard: int = 1
    selection: str = "random"

    @property
    def reviews(self) -> int:
        return len(self.scores)

    @property
    def scored(self) -> int:
        return len(self.scores)

    @property
    def score(self) -> float:
        return sum(self.scores)

    @property
    def squares(self) -> float:
        return sum(score**2 for score in self.scores)

    @property
    def hundreds(self) -> int:
        return self.scores.count(100)


class TestUnlike:
    @pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 10, 17, 30])
    @pytest.mark.parametrize("t", [0.0, 0.3, -1.0, 2.2, 5.0, -9.0])
    def test_students_t(self, t, freedom):
        assert two_sided(t, freedom) == pytest.approx(2 * scipy.stats.t.sf(abs(t), freedom), abs=1e-12)

    @pytest.mark.parametrize("seed", range(20))
    def test_finds_are_those_of_benjamini_and_hochberg(self, seed):
        chances = np.random.default_rng(seed).random(30) ** 3
        known = scipy.stats.false_discovery_control(chances, method="bh") <= 0.10
        assert finds(list(chances)) == known.tolist()
        assert finds([]) == []

    def test_each_is_set_against_the_others(self):
        """The others of the last are 10, 12, 14: 12 on average, 2 apart."""
        known = {who: Known(value, 0.0) for who, value in enumerate((10, 12, 14, 20))}
        found = apart(known, 0.5)[3]
        assert found.by == 8
        assert found.spreads == pytest.approx(8 / (2 * math.sqrt(4 / 3)))
        assert found.chance == pytest.approx(2 * scipy.stats.t.sf(found.spreads, 2))

    def test_three_are_too_few_to_tell_who_is_unlike(self):
        assert apart({who: Known(who, 0.0) for who in range(3)}, 1.0) == {}

    def test_differences_nobody_would_notice_are_none(self):
        known = {who: Known(value, 0.0) for who, value in enumerate((1, 1, 1, 1, 1.5))}
        assert apart(known, 2.0)[4].spreads < 0.3

    def test_who_is_hardly_known_is_not_unlike(self):
        known = {who: Known(value, 0.1) for who, value in enumerate((10, 11, 12, 13))}
        unsure, sure = known | {9: Known(40, 30.0)}, known | {9: Known(40, 0.1)}
        assert apart(unsure, 1.0)[9].chance > 0.3
        assert apart(sure, 1.0)[9].chance < 0.01


class TestNumbers:
    def test_level(self):
        found = levels([Case(1, 1, [80, 100]), Case(1, 2, [60]), Case(2, 1, [])])
        assert (found[1].reviews, found[1].mean) == (3, 80)
        assert found[1].hundreds == pytest.approx(1 / 3)
        assert found[1].spread == pytest.approx(20)
        assert (found[2].mean, found[2].spread, found[2].hundreds) == (None, None, None)

    def test_others_count_for_the_same_agents_in_his_proportions(self):
        """One graded agent 1 twice and agent 2 once; others gave 90 and 40: 2/3 of 90 and 1/3 of 40."""
        cases = [
            Case(1, 1, [70, 80]),
            Case(1, 2, [30]),
            Case(2, 1, [90, 90, 90]),
            Case(2, 2, [40]),
            Case(1, 3, [100]),  # nobody else's
        ]
        found = against(cases)[1]
        assert (found.reviews, found.given) == (3, 60)
        assert found.expected == pytest.approx(220 / 3)
        variance = 50 / 3  # squares around 75 (two) and 90 (three), by 1 + 2 degrees of freedom
        error = math.sqrt(variance * (1 / 3 + (2 / 3) ** 2 / 3 + (1 / 3) ** 2))
        assert found.error == pytest.approx(error)
        low, high = found.range
        assert low == pytest.approx(found.by - 1.959964 * error)
        assert high == pytest.approx(found.by + 1.959964 * error)

    def test_another_scorecard_or_choice_is_no_comparison(self):
        assert against([Case(1, 1, [70]), Case(2, 1, [90], scorecard=2)]) == {}
        assert against([Case(1, 1, [70]), Case(2, 1, [90], selection="manual")]) == {}
        assert against([Case(1, 1, [70]), Case(2, 1, [90])])[1].range == (None, None)

    def test_distances_pair_by_pair(self):
        dice = np.random.default_rng(1)
        rows = [
            (unit, int(rater), float(dice.integers(0, 5) * 25))
            for unit in range(30)
            for rater in dice.choice(6, dice.integers(2, 5), replace=False)
        ]
        found = distances(Given.of(rows))
        for rater in range(6):
            each = [
                np.mean([abs(score - s) for u, r, s in rows if u == unit and r != rater])
                for unit, who, score in rows
                if who == rater
            ]
            assert found[rater].conversations == len(each)
            assert found[rater].points == pytest.approx(np.mean(each))
            assert found[rater].error == pytest.approx(np.std(each, ddof=1) / math.sqrt(len(each)))
        assert distances(Given.of([])) == {}


@dataclass
class Clock:
    reviews: int
    log_mean: float
    log_spread: float


def simulated(dice, odd=None, people=10, units=300):
    """Reviewers who differ by five points; `odd` changes what the last of them gives."""
    strict = dice.normal(0, 5, people)
    cases: dict[tuple[int, int], list[float]] = {}
    shared = []
    for unit in range(units):
        level = dice.normal(70, 15)
        for who in dice.choice(people, 2, replace=False):
            score = float(np.clip(level - strict[who] + dice.normal(0, 10), 0, 100))
            if odd and who == people - 1:
                score = odd(score)
            shared.append((unit, int(who), score))
            cases.setdefault((int(who), unit % 8), []).append(score)
    given, own = Given.of(shared), [Case(who, agent, scores) for (who, agent), scores in cases.items()]
    clocks = {who: Clock(60, dice.normal(5.5, 0.3), 0.5) for who in range(people)}
    return Graders(levels(own), against(own), clocks, severities(given), distances(given))


class TestStandsOut:
    def test_seldom_anybody_where_all_are_of_one_kind(self):
        """At most one workspace in ten, and some more for chance over two hundred of them."""
        marked = [bool(simulated(np.random.default_rng(seed)).stands_out()) for seed in range(200)]
        assert sum(marked) / 200 <= 0.15

    @pytest.mark.parametrize(
        ("odd", "finding"),
        [
            (lambda score: max(0.0, score - 35), "strict"),
            (lambda score: min(100.0, score + 60), "lenient"),
            (lambda score: 100.0, "hundreds"),
            (lambda score: 70.0 + score / 100, "narrow"),
            (lambda score: 100 - score if score > 50 else score, "differs"),
        ],
    )
    def test_the_odd_one_is_found_and_seldom_anybody_else(self, odd, finding):
        marked = [simulated(np.random.default_rng(seed), odd).stands_out() for seed in range(20)]
        assert sum(finding in [each for each, _ in found.get(9, [])] for found in marked) >= 17
        assert sum(len(found.keys() - {9}) for found in marked) <= 4

    def test_the_farthest_comes_first(self):
        [found] = (
            simulated(np.random.default_rng(1), lambda score: max(0.0, score - 60)).stands_out().values()
        )
        assert [spreads for _, spreads in found] == sorted((s for _, s in found), reverse=True)

    def test_who_hardly_looks(self):
        graders = simulated(np.random.default_rng(3))
        quick = {**graders.paces, 9: Clock(60, 2.0, 0.5)}
        found = Graders(graders.levels, graders.against, quick, graders.severities, graders.distances)
        assert [each for each, _ in found.stands_out()[9]] == ["fast"]
        few = {**quick, 9: Clock(19, 2.0, 0.5)}
        found = Graders(graders.levels, graders.against, few, graders.severities, graders.distances)
        assert found.stands_out() == {}


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"{PUBLISHED} is missing")
def test_the_odd_one_of_nineteen_who_graded_3700_conversations():
    """NTCIR-14 STC-3: everybody differs significantly from everybody, and one is unlike all others."""
    shared: list[tuple[int, int, float]] = []
    own: dict[int, list[float]] = defaultdict(list)
    places: dict[str, int] = {}
    with gzip.open(PUBLISHED, "rt") as file:
        for line in csv.DictReader(file):
            place = places.setdefault(line["conversation_id"], len(places))
            who, score = int(line["reviewer"][1:]), sum(int(line[each]) + 2 for each in "ASE") * 100 / 12
            shared.append((place, who, score))
            own[who].append(score)
    cases, given = [Case(who, 1, scores) for who, scores in own.items()], Given.of(shared)
    found = Graders(levels(cases), against(cases), {}, severities(given), distances(given)).stands_out()
    assert list(found) == [11]
    assert {each for each, _ in found[11]} == {"differs", "strict", "low"}
