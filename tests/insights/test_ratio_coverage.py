"""The ranges of ratios hold the truth in about 95 of 100 draws, whatever share of the work is in the group.

Eight agents with three months of skewed scores, all known; risky conversations are worse and reviewed more.
RATIO_DRAWS in the environment sets how many draws are looked at closely.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest

from insights.stats import (
    Basis,
    Cell,
    Estimate,
    Ground,
    GroupSums,
    Ratio,
    Roster,
    Spreads,
    Work,
    work_agents,
    work_team,
)
from qa_reviews.sampling import BANDS, Band, allocate

DRAWS = int(os.environ.get("RATIO_DRAWS", "400"))
QUICK = 40
AGENTS, MONTHS = 8, (1, 2, 3)
Floats = npt.NDArray[np.float64]
BASIS = Basis(Spreads(None, {}), date(2026, 1, 1), date(2026, 3, 31))


@dataclass(frozen=True)
class Kind:
    """What share of each agent's work is in the group, and what is drawn: quota, share of the risky band."""

    shares: tuple[float, ...]
    quota: int
    risk: Fraction
    teams: int = 1


KINDS = {
    "all": Kind((1.0,) * 8, 7, Fraction(1, 2)),
    "nearly all, five a month": Kind((0.9,) * 8, 5, Fraction(1, 5)),
    "half": Kind((0.5,) * 8, 7, Fraction(1, 2)),
    "each his share": Kind(tuple(np.linspace(0.15, 0.95, 8)), 7, Fraction(1, 2)),
    "a fifth": Kind((0.2,) * 8, 15, Fraction(2, 5)),
    "two teams": Kind((0.9, 0.2) * 4, 10, Fraction(2, 5), teams=2),
}


@dataclass(frozen=True)
class Truth:
    """Of every (agent, month, band) whether each conversation is in the group, and its score."""

    frames: dict[tuple[int, int, Band], tuple[Floats, Floats]]

    def of(self, agents: range) -> float:
        belongs, scores = (
            np.concatenate([frame[side] for (agent, *_), frame in self.frames.items() if agent in agents])
            for side in (0, 1)
        )
        return float((belongs * scores).sum() / belongs.sum())


def world(dice: np.random.Generator, kind: Kind) -> Truth:
    frames: dict[tuple[int, int, Band], tuple[Floats, Floats]] = {}
    skills = dice.normal(0, 0.05, AGENTS)
    for agent in range(AGENTS):
        for month in MONTHS:
            for band in BANDS:
                risky = band == "risk"
                size = 12 + agent if risky else 60 + 5 * agent
                lapses = dice.random(size) < (0.55 if risky else 0.22) - skills[agent]
                scores = np.where(lapses, dice.choice([0, 25, 50, 75], size), 100).astype(float)
                share = kind.shares[agent] * (0.7 if risky else 1)
                frames[agent, month, band] = (dice.random(size) < share).astype(float), scores
    return Truth(frames)


def draw(dice: np.random.Generator, truth: Truth, kind: Kind) -> tuple[list[Cell], dict[int, GroupSums]]:
    cells: list[Cell] = []
    sums: dict[int, GroupSums] = {}
    for stratum, ((agent, month, band), (belongs, scores)) in enumerate(truth.frames.items(), 1):
        sizes = [len(truth.frames[agent, month, each][0]) for each in ("risk", "normal")]
        n = allocate(kind.quota, kind.risk, *sizes).of(band)
        picked = dice.choice(len(scores), n, replace=False)
        r, rc = belongs[picked], belongs[picked] * scores[picked]
        cells.append(
            Cell(
                agent, agent % kind.teams, date(2026, month, 1), band, len(scores), n, 0, n, Decimal(0),
                Decimal(0), stratum=stratum,
            )
        )  # fmt: skip
        if r.any():
            sums[stratum] = GroupSums(
                int(r.sum()), r.sum(), r.sum(), rc.sum(), float((rc**2).sum()), rc.sum()
            )
    return cells, sums


@dataclass(frozen=True)
class Outcome:
    """Whether each range held the truth, of agents and of all; and the errors of agents' values."""

    agents: list[bool]
    whole: list[bool]
    errors: list[float]


def outcome(kind: Kind, draws: int, seed: int) -> Outcome:
    dice = np.random.default_rng(seed)
    found = Outcome([], [], [])
    for place in range(draws):
        if place % 50 == 0:  # other conversations, too
            truth = world(dice, kind)
            own = [truth.of(range(agent, agent + 1)) for agent in range(AGENTS)]
        cells, sums = draw(dice, truth, kind)
        measured = partial(Ratio, sums=sums, spreads=Ground(cells).spreads(sums))
        for agent, worked in work_agents(Roster(cells), BASIS, {}, measured).items():
            if worked.estimate.value is not None:
                found.agents.append(holds(worked.estimate, own[agent]))
                found.errors.append(worked.estimate.value - own[agent])
        found.whole.append(
            holds(work_team(measured(Work(cells)), BASIS, closed=0).estimate, truth.of(range(AGENTS)))
        )
    return found


def holds(estimate: Estimate, truth: float) -> bool:
    assert estimate.low is not None, estimate.range_refused or estimate.refused
    assert estimate.high is not None
    return estimate.low <= truth <= estimate.high


@pytest.mark.parametrize("name", KINDS)
def test_ranges_hold_the_truth(name):
    """As far as few draws tell; agents are estimated without bias."""
    found = outcome(KINDS[name], QUICK, seed=len(name))
    chance = 3 * np.sqrt(0.05 * 0.95 / len(found.agents))
    assert 0.93 - chance <= np.mean(found.agents) <= 0.97 + chance
    assert abs(np.mean(found.errors)) < 1.5


@pytest.mark.slow
def test_ranges_hold_the_truth_in_95_of_100_draws():
    """Over all kinds together, and nearly so for each; agents and all apart."""
    found = [outcome(kind, DRAWS, seed=place) for place, kind in enumerate(KINDS.values())]
    assert 0.93 <= np.mean([held for each in found for held in each.agents]) <= 0.97
    assert 0.93 <= np.mean([held for each in found for held in each.whole]) <= 0.97
    assert all(0.92 <= np.mean(each.agents) <= 0.98 for each in found)
    assert all(abs(np.mean(each.errors)) < 1 for each in found)
