"""The estimates of a query, by bucket and by agent, team or both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.access import Actor
from common.periods import Period
from insights import facts
from insights.policies import Sight
from insights.query import Bucket, Key, Query
from insights.selectors.samples import Sample, refusal_of_plan
from insights.stats import (
    NOT_DEFINED_BY_REVIEWER,
    Basis,
    Cell,
    Estimate,
    Refusal,
    estimate_agent,
    estimate_agents,
    estimate_team,
    not_yet,
)

Places = dict[tuple[Key, int], Estimate]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates by key and place of the bucket; where there is none, `of` says why."""

    refused: Refusal | None = None
    found: Places = field(default_factory=dict)
    bases: Sequence[Basis] = ()
    closed: Sequence[Mapping[Key, int]] = ()
    of_agents: bool = False

    def of(self, key: Key, place: int) -> Estimate:
        if self.refused:
            return Estimate(0, 0, None, None, None, refused=self.refused)
        return self.found.get((key, place)) or self._of_nothing(key, place)

    def _of_nothing(self, key: Key, place: int) -> Estimate:
        """The estimate of whoever has no frame: refused, with its reason."""
        basis, closed = self.bases[place], self.closed[place].get(key, 0)
        if self.of_agents:
            return estimate_agent([], basis, closed=closed, level=None)
        return estimate_team([], basis, closed=closed)


def refusal(sight: Sight, query: Query) -> Refusal | None:
    """Why a question has no estimates, whatever was drawn."""
    if sight.reviewer is not None or "reviewer" in query.group_by:
        return NOT_DEFINED_BY_REVIEWER
    for dim in query.group_by:
        if dim not in ("agent", "team"):
            return not_yet(dim)
    return None


def estimates(
    actor: Actor, sight: Sight, query: Query, buckets: Sequence[Bucket], sample: Sample | None
) -> Estimates:
    """All estimates of the query. One query, for the closed conversations they are set against; none where
    they are refused altogether."""
    refused = refusal(sight, query) or refusal_of_plan(actor, sample)
    if refused or sample is None:
        return Estimates(refused)
    drawn = [sample.strata.drawn(bucket.period) for bucket in buckets]
    closed = _closed(actor, sight, query, sample, drawn)
    bases = [_basis(sample, period) for period in drawn]
    chosen = sight.agents_of(query)
    asked = _Asked(query.group_by, None if chosen is None else frozenset(chosen))
    found: Places = {}
    for place, (bucket, basis) in enumerate(zip(buckets, bases, strict=True)):
        cells = _in_teams(sample.strata.inside(bucket.period), sight.teams_of(query))
        found.update(((key, place), each) for key, each in asked.estimates(cells, basis, closed[place]))
    return Estimates(None, found, bases, closed, asked.of_agents)


def _basis(sample: Sample, drawn: Period | None) -> Basis:
    first: date | None = drawn.first if drawn else None
    return Basis(sample.spreads, first, drawn.last if drawn else None, sample.minimums)


def _closed(
    actor: Actor, sight: Sight, query: Query, sample: Sample, drawn: Sequence[Period | None]
) -> list[dict[Key, int]]:
    """All closed conversations of the drawn dates by key, for each bucket."""
    places = [place for place, period in enumerate(drawn) if period]
    counts = facts.closed_counts(
        actor.workspace_id,
        [period for period in drawn if period],
        [dim for dim in query.group_by if dim in ("agent", "team")],
        reviewee="most_active" if sample.plan.reviewee == "most_active" else "assignee",
        agents=sight.agents_of(query),
        teams=sight.teams_of(query),
    )
    found: list[dict[Key, int]] = [{} for _ in drawn]
    for (key, place), count in counts.items():
        found[places[place]][key] = count
    return found


def _in_teams(cells: Iterable[Cell], teams: Sequence[int] | None) -> list[Cell]:
    return [cell for cell in cells if teams is None or cell.team in teams]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is estimated: by agent, by team, by both, or as one; `agents` None means all of them."""

    group_by: Sequence[str]
    agents: frozenset[int] | None

    @property
    def of_agents(self) -> bool:
        """Whether each number speaks of a single agent."""
        return "agent" in self.group_by or (self.agents is not None and len(self.agents) == 1)

    def estimates(
        self, cells: Sequence[Cell], basis: Basis, closed: Mapping[Key, int]
    ) -> Iterable[tuple[Key, Estimate]]:
        """(key, estimate) of everybody with a frame."""
        for team, part in self._parts(cells).items():
            if self.of_agents:
                counts = {agent: closed.get(self._key(agent, team), 0) for agent in self._agents_in(part)}
                for agent, found in estimate_agents(self._with_kin(part), basis, counts).items():
                    if agent in counts:
                        yield self._key(agent, team), found
            elif own := [cell for cell in part if self.agents is None or cell.agent in self.agents]:
                key = self._key(None, team)
                yield key, estimate_team(own, basis, closed=closed.get(key, 0))

    def _parts(self, cells: Sequence[Cell]) -> dict[int | None, list[Cell]]:
        if "team" not in self.group_by:
            return {None: list(cells)}
        parts: dict[int | None, list[Cell]] = defaultdict(list)
        for cell in cells:
            parts[cell.team].append(cell)
        return parts

    def _agents_in(self, cells: Sequence[Cell]) -> set[int]:
        return {cell.agent for cell in cells if self.agents is None or cell.agent in self.agents}

    def _with_kin(self, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The cells of the whole teams of those asked for, whose level their ranges lean on."""
        if self.agents is None:
            return cells
        teams = {cell.team for cell in cells if cell.agent in self.agents}
        return [cell for cell in cells if cell.team in teams]

    def _key(self, agent: int | None, team: int | None) -> Key:
        values = {"agent": agent, "team": team}
        return tuple(values[dim] for dim in self.group_by)
