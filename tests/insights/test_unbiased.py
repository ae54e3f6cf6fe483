"""Estimates from risk-heavy draws tell the truth where it is known, with honest ranges; the plain average of
reviewed does not.

Every plan is drawn, reviewed and estimated with many seeds over one workspace (tests/insights/frames.py). The
seeds are fixed, so that the figures are the same on each run. SIMULATED_SEEDS=1000 in the environment looks
as closely as one has patience for; the bounds on bias follow the number of seeds by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from insights.stats import Estimate
from qa_reviews.sampling import Quota
from tests.insights.frames import Plan, Round, Workspace, workspace

SEEDS = int(os.environ.get("SIMULATED_SEEDS", "30"))
AGENTS, PERIODS = 12, 6
UNFIT = 0.05  # of the normal band; of the risky one 15 %
ERRORS = 3.5  # standard errors that a mean may lie off by chance, over all the means looked at here


def total(number: int) -> Quota:
    return Quota(of="total", value=Decimal(number))


def month_in_weeks(period: int) -> Sequence[Quota]:
    """Eighteen a month of four weeks, a part each."""
    return [Quota(value=Decimal(18), part=(period % 4 + 1, 4))]


def precise(_: int) -> Sequence[Quota]:
    """As many as make each agent's week known to +-9 points, by what was once known of the spread."""
    sds = {agent: Decimal(15 + agent % 3) for agent in range(1, AGENTS + 1)}
    return [Quota(kind="precision", value=Decimal(9), sds=sds)]


PLANS: dict[str, tuple[str, Callable[[int], Sequence[Quota]], float]] = {
    "risk-heavy": ("0.6", lambda _: [Quota.per_agent(5)], 0),
    "total over agents": ("0.5", lambda _: [total(70)], 0),
    "share of the frame": ("0.5", lambda _: [Quota(kind="share", value=Decimal("0.15"))], 0),
    "precision": ("0.4", precise, 0),
    "raised": ("0.5", lambda _: [Quota.per_agent(3), Quota.per_agent(6)], 0),
    "raised total": ("0.5", lambda _: [total(40), total(75)], 0),
    "replaced": ("0.6", lambda _: [Quota.per_agent(6)], UNFIT),
    "month in weeks": ("0.5", month_in_weeks, 0),
}


@dataclass(frozen=True)
class Outcome:
    """What came out: errors in points by seed (row) and agent or team (column), the error of the plain
    average by seed, and for each range whether it held the truth."""

    agents: npt.NDArray[np.float64]
    teams: npt.NDArray[np.float64]
    average: npt.NDArray[np.float64]
    held: Sequence[bool]
    held_teams: Sequence[bool]


@cache
def outcome(name: str) -> Outcome:
    share, quotas, unfit = PLANS[name]
    dice = np.random.default_rng(list(PLANS).index(name))
    where = workspace(dice, agents=AGENTS, periods=PERIODS, unfit=unfit)
    plan = Plan(Decimal(share), quotas)
    members = {team: [a for a in where.teams if where.teams[a] == team] for team in where.teams.values()}
    agents, teams, average = [], [], []
    held: list[bool] = []
    held_teams: list[bool] = []
    for seed in range(SEEDS):
        drawn = Round(where, plan, f"{name} {seed}", dice)
        found, of_teams = drawn.agents(), drawn.teams()
        agents.append([_error(found[a], drawn.truth([a]), held) for a in sorted(found)])
        teams.append([_error(of_teams[t], drawn.truth(members[t]), held_teams) for t in sorted(of_teams)])
        average.append(drawn.average - drawn.truth(list(where.teams)))
    return Outcome(np.array(agents), np.array(teams), np.array(average), held, held_teams)


def _error(estimate: Estimate, truth: float, held: list[bool]) -> float:
    assert estimate.value is not None, estimate.refused
    assert estimate.range_refused is None, estimate.range_refused
    assert estimate.low is not None
    assert estimate.high is not None
    held.append(estimate.low <= truth <= estimate.high)
    return estimate.value - truth


def standard_error(errors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    return found


@pytest.mark.parametrize("name", PLANS)
class TestEachPlan:
    def test_agents_and_teams_are_estimated_without_bias(self, name):
        """Each agent's and team's mean error over the seeds is no more than chance makes it, and chance is
        small beside the error of the plain average."""
        found = outcome(name)
        for errors in (found.agents, found.teams):
            assert np.all(np.abs(errors.mean(axis=0)) <= ERRORS * standard_error(errors))
        together = found.teams.mean(axis=1)
        assert abs(together.mean()) <= ERRORS * standard_error(together) < 1

    def test_the_plain_average_is_biased(self, name):
        """By points, the same ones for every seed: what is reviewed most is what went wrong."""
        average = outcome(name).average
        assert average.mean() < -3
        assert average.mean() < -20 * standard_error(average)

    def test_ranges_hold_the_truth(self, name):
        """As often as they say, but for what chance does to so few seeds."""
        found = outcome(name)
        for held in (found.held, found.held_teams):
            by_chance = 3 * np.sqrt(0.95 * 0.05 / len(held))
            assert 0.93 - by_chance <= np.mean(held) <= 0.97 + by_chance


def test_ranges_hold_the_truth_in_95_of_100_cases():
    """Over all plans, agents and teams apart."""
    found = [outcome(name) for name in PLANS]
    assert 0.93 <= np.mean([held for each in found for held in each.held]) <= 0.97
    assert 0.93 <= np.mean([held for each in found for held in each.held_teams]) <= 0.97


def test_a_raise_keeps_what_was_drawn_and_has_the_same_sums_as_one_draw():
    """A quota of 3 raised to 6 is the quota of 6: nobody's chance depends on the way there."""
    dice = np.random.default_rng(7)
    where: Workspace = workspace(dice, agents=AGENTS, periods=1)

    def items(*quota: int) -> set[int]:
        plan = Plan(Decimal("0.5"), lambda _: [Quota.per_agent(each) for each in quota])
        drawn = Round(where, plan, "raised", dice)
        return {item for stratum in drawn.strata(where.periods[0]) for item in stratum.items}

    assert items(3) < items(3, 6)
    assert items(3, 6) == items(6)
