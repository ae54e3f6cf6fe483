"""How new agents come along: the IQS of those who started together, by the days since they started.

Pure: no Django. A drawn period counts for the step of STEP_DAYS days that its middle day falls in, since its
strata are the smallest parts of which the sample speaks. Work before the start, and of agents whose start is
unknown, is in no line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from common.periods import Period, period_from, start_of
from insights.stats import Basis, Cell, Estimate, Refusal, estimate_team

Cohort = Literal["quarter", "month"]

STEP_DAYS, STEPS = 30, 6
LEAST_AGENTS = 3
SHOWN: Mapping[Cohort, int] = {"quarter": 5, "month": 6}
"""How many cohorts are looked at, the running one included."""


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a line: the work from `first_day` to `last_day` since the start, which is day 1."""

    step: int
    agents: int
    estimate: Estimate

    @property
    def first_day(self) -> int:
        return self.step * STEP_DAYS + 1

    @property
    def last_day(self) -> int:
        return (self.step + 1) * STEP_DAYS


@dataclass(frozen=True, slots=True)
class Line:
    """Those who started in `started`. A refused line has no points and says why."""

    started: Period
    agents: int
    points: Sequence[Point] = ()
    refused: Refusal | None = None


@dataclass(slots=True)
class Stretch:
    """The drawn work of one step: its cells, and all conversations that were closed in its periods."""

    cells: list[Cell] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    closed: int = 0


def cohorts(today: date, by: Cohort) -> list[Period]:
    """The latest quarters or months, newest first."""
    found = [period_from(start_of(today, by), by)]
    while len(found) < SHOWN[by]:
        found.append(period_from(start_of(found[-1].first - timedelta(days=1), by), by))
    return found


def step_of(starts_on: date, drawn: Period) -> int | None:
    """The step that a drawn period belongs to; None before the start and after the last step."""
    day = (drawn.first - starts_on).days + (drawn.days - 1) // 2
    step = day // STEP_DAYS
    return step if 0 <= step < STEPS else None


def stretches(
    strata: Mapping[Period, Iterable[Cell]],
    starts: Mapping[int, date],
    closed: Mapping[tuple[int, Period], int],
) -> dict[int, Stretch]:
    """The work of the agents in `starts` by step. `closed` counts by agent and drawn period."""
    found: dict[int, Stretch] = defaultdict(Stretch)
    for drawn, cells in strata.items():
        steps = {agent: step_of(day, drawn) for agent, day in starts.items()}
        for cell in cells:
            step = steps.get(cell.agent)
            if step is not None:
                found[step].cells.append(cell)
                found[step].periods.append(drawn)
        for agent, step in steps.items():
            if step is not None:
                found[step].closed += closed.get((agent, drawn), 0)
    return {step: each for step, each in found.items() if each.cells}


def points(worked: Mapping[int, Stretch], basis: Basis) -> list[Point]:
    """The estimate of each step in order. One of few agents is refused: it would be that of single people."""
    return [_point(step, worked[step], basis) for step in sorted(worked)]


def _point(step: int, worked: Stretch, basis: Basis) -> Point:
    agents = len({cell.agent for cell in worked.cells})
    first, last = min(each.first for each in worked.periods), max(each.last for each in worked.periods)
    own = replace(basis, drawn_from=first, drawn_to=last)
    estimate = estimate_team(worked.cells, own, closed=worked.closed)
    if agents < LEAST_AGENTS:
        refused = few_agents(agents)
        estimate = Estimate(estimate.reviews, estimate.frame, estimate.covered, first, last, refused=refused)
    return Point(step, agents, estimate)


def few_agents(found: int) -> Refusal:
    """The refusal for a group that is too small to be spoken of as one."""
    message = f"{found} of {LEAST_AGENTS} agents: the number of so few would be that of single people."
    return Refusal("few_agents", message)
