"""Frames whose truth is known: drawn by the real rule, reviewed with noise, and estimated for real.

A conversation has a quality, the chance that each of its TOPICS rated points is met, so that the scores that
reviewers would give scatter around it, within 0..100. Risky work is worse and more variable, agents differ in
size and skill, and reviewers in how strict they are. The truth is what an IQS speaks of: the mean of the
scores that all reviewable conversations would have been given, noise of reviewers included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt

from insights.stats import Basis, Cell, Estimate, Minimums, estimate_agents, estimate_team, learn_spreads
from qa_reviews.sampling import (
    BANDS,
    Band,
    Quota,
    allocate,
    assign,
    draw_seed,
    pick,
    quotas_held,
    replacement,
)

TOPICS = 20  # rated points of a review, each worth five points of the score
REVIEWERS = 5
STRICT = 0.2  # standard deviation of how far a reviewer's severity moves a chance that is wide open
MONDAY = date(2026, 1, 5)
SHAPES: Sequence[tuple[Band, float, float, float]] = (
    ("risk", 0.25, 0.48, 0.24),
    ("normal", 0.75, 0.84, 0.11),
)
"""Of each band its share of the work, and mean and standard deviation of the quality."""

Stages = Sequence[Quota]
"""A quota, and what it was raised to afterwards."""


@dataclass(frozen=True)
class Frame:
    """One agent's conversations of one period by band, as ids."""

    agent: int
    period: int
    ids: Mapping[Band, Sequence[int]]

    @property
    def size(self) -> int:
        return sum(map(len, self.ids.values()))


@dataclass(frozen=True)
class Workspace:
    """Everything there is to be reviewed. `quality` is 0..1 by conversation id, `reviewable` whether it can
    be judged at all; `teams` by agent."""

    frames: Sequence[Frame]
    teams: Mapping[int, int]
    quality: npt.NDArray[np.float64]
    reviewable: npt.NDArray[np.bool_]

    @cached_property
    def periods(self) -> Sequence[Sequence[Frame]]:
        last = max(frame.period for frame in self.frames)
        return [[each for each in self.frames if each.period == place] for place in range(last + 1)]

    @cached_property
    def work(self) -> Mapping[int, npt.NDArray[np.int64]]:
        """The reviewable conversations of each agent."""
        found: dict[int, list[int]] = defaultdict(list)
        for frame in self.frames:
            found[frame.agent] += [
                each for ids in frame.ids.values() for each in ids if self.reviewable[each]
            ]
        return {agent: np.array(ids) for agent, ids in found.items()}


def workspace(dice: np.random.Generator, *, agents: int, periods: int, unfit: float = 0.0) -> Workspace:
    """Agents from ten conversations a period to eighty, a quarter of them risky; `unfit` is the share of the
    normal band that cannot be reviewed, of the risky band it is three times that."""
    frames: list[Frame] = []
    quality, reviewable = [np.zeros(1)], [np.zeros(1, bool)]
    free = 1
    for agent in range(1, agents + 1):
        size, skill = np.geomspace(10, 80, agents)[agent - 1], dice.normal(0, 0.05)
        for period in range(periods):
            ids: dict[Band, Sequence[int]] = {}
            for band, share, mean, width in SHAPES:
                count = max(1, dice.poisson(size * share))
                ids[band] = range(free, free + count)
                quality.append(_spread(dice, mean + skill, width, count))
                reviewable.append(dice.random(count) >= unfit * (3 if band == "risk" else 1))
                free += count
            frames.append(Frame(agent, period, ids))
    teams = {agent: agent % 3 for agent in range(1, agents + 1)}
    return Workspace(frames, teams, np.concatenate(quality), np.concatenate(reviewable))


def _spread(dice: np.random.Generator, mean: float, width: float, count: int) -> npt.NDArray[np.float64]:
    """Chances between 0 and 1 with this mean and standard deviation."""
    together = mean * (1 - mean) / width**2 - 1
    return dice.beta(mean * together, (1 - mean) * together, count)


def _first_day(period: int) -> date:
    return MONDAY + timedelta(weeks=period)


@dataclass(frozen=True)
class Plan:
    """What is drawn: the share of the risky band and, by period, the quota and its raises."""

    share: Decimal
    stages: Callable[[int], Stages]


@dataclass(frozen=True)
class Drawn:
    """One stratum and its items in the order of the draw."""

    frame: Frame
    band: Band
    ids: Sequence[int]
    items: Sequence[int]


@dataclass(frozen=True)
class Round:
    """One seed of a plan: drawn, assigned, reviewed, estimated."""

    where: Workspace
    plan: Plan
    seed: str
    dice: np.random.Generator

    @cached_property
    def cells(self) -> list[Cell]:
        return [cell for frames in self.where.periods for cell in self._reviewed(frames)]

    def _reviewed(self, frames: Sequence[Frame]) -> Iterator[Cell]:
        """The cells of one draw."""
        seed, strata = self._seed(frames), list(self.strata(frames))
        reviewers = assign(seed, {item: range(REVIEWERS) for each in strata for item in each.items})
        for each in strata:
            yield self._cell(each, seed, reviewers)

    def _seed(self, frames: Sequence[Frame]) -> str:
        return draw_seed(self.seed, 1, _first_day(frames[0].period))

    def strata(self, frames: Sequence[Frame]) -> Iterator[Drawn]:
        """What is drawn from the frames of one period."""
        seed = self._seed(frames)
        sizes = {frame.agent: frame.size for frame in frames}
        given = quotas_held(self.plan.stages(frames[0].period), sizes, seed)
        for frame in frames:
            risk, normal = (len(frame.ids[band]) for band in BANDS)
            many = allocate(given[frame.agent], self.plan.share, risk, normal)
            bands: Mapping[Band, Sequence[int]] = frame.ids
            if not many.banded:
                bands = {"normal": [each for ids in frame.ids.values() for each in ids]}
            for band, ids in bands.items():
                yield Drawn(frame, band, ids, [each for each, _ in pick(seed, ids, many.of(band))])

    def _cell(self, drawn: Drawn, seed: str, reviewers: Mapping[int, int | None]) -> Cell:
        """Its sums, once everything is reviewed; what cannot be is replaced by the next of the band."""
        standing, scores, unfit = list(drawn.items), [], 0
        waiting = [(item, reviewers[item] or 0) for item in standing]
        while waiting:
            item, reviewer = waiting.pop()
            if self.where.reviewable[item]:
                self.by[item] = reviewer
                scores.append(Decimal(int(self.scores[item, reviewer])))
                continue
            unfit += 1
            if following := replacement(seed, drawn.ids, standing):
                standing.append(following[0])
                waiting.append((following[0], reviewer))
        return Cell(
            agent=drawn.frame.agent,
            team=self.where.teams[drawn.frame.agent],
            period_start=_first_day(drawn.frame.period),
            band=drawn.band,
            frame=len(drawn.ids),
            drawn=len(standing),
            not_reviewable=unfit,
            n=len(scores),
            sum_y=sum(scores, Decimal(0)),
            sum_y2=sum((score * score for score in scores), Decimal(0)),
        )

    @cached_property
    def scores(self) -> npt.NDArray[np.int64]:
        """What each reviewer (column) would give each conversation (row), in points. Severities are zero on
        average."""
        severities = self.dice.normal(0, STRICT, REVIEWERS)
        severities -= severities.mean()
        chances = self.where.quality[:, None]
        chances = chances + severities * chances * (1 - chances)
        return self.dice.binomial(TOPICS, chances) * (100 // TOPICS)

    @cached_property
    def by(self) -> npt.NDArray[np.int64]:
        """Who reviews each conversation; of those that nobody does, who would have."""
        return self.dice.integers(REVIEWERS, size=len(self.where.quality))

    def truth(self, agents: Sequence[int]) -> float:
        """The mean score of all their work, had it all been reviewed."""
        assert self.cells  # reviewed, so that it is known by whom
        ids = np.concatenate([self.where.work[agent] for agent in agents])
        return float(self.scores[ids, self.by[ids]].mean())

    @cached_property
    def average(self) -> float:
        """The plain average of what was reviewed."""
        return float(sum(cell.sum_y for cell in self.cells) / sum(cell.n for cell in self.cells))

    @cached_property
    def basis(self) -> Basis:
        last = _first_day(len(self.where.periods)) - timedelta(days=1)
        return Basis(learn_spreads(self.cells), MONDAY, last, Minimums())

    def agents(self) -> dict[int, Estimate]:
        return estimate_agents(self.cells, self.basis, {})

    def teams(self) -> dict[int, Estimate]:
        return {
            team: estimate_team([c for c in self.cells if c.team == team], self.basis, closed=0)
            for team in set(self.where.teams.values())
        }
