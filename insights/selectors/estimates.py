"""The estimates of a query, by bucket and by agent, team or both, of all their work or of parts of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Literal

from accounts.access import Actor
from common.periods import Period
from insights import facts
from insights.policies import Sight
from insights.query import PART_DIMS, WORK_DIMS, Bucket, Dim, Key, Query
from insights.selectors.samples import Sample, givers, group_sums, refusal_of_plan
from insights.stats import (
    NOT_DEFINED_BY_REVIEWER,
    Basis,
    Cell,
    Estimate,
    GroupSums,
    Measured,
    Passes,
    Ratio,
    RatioSpreads,
    Refusal,
    Roster,
    Scores,
    Work,
    Working,
    estimate_agent,
    estimate_team,
    work_agents,
    work_team,
)

Number = Literal["iqs", "pass_rate"]
"""What is estimated: the mean score, or the share of passing scores in per cent."""
NUMBERS: tuple[Number, ...] = ("iqs", "pass_rate")
Places = dict[tuple[Key, int], Estimate]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates by key and place of the bucket; where there is none, `of` says why. `passes` are those of
    pass rates, None for parts of the work."""

    refused: Refusal | None = None
    found: Places = field(default_factory=dict)
    passes: Places | None = field(default_factory=dict)
    asked: Asked | None = None

    def of(self, key: Key, place: int) -> Estimate:
        return self.found.get((key, place)) or self._of_nothing(key, place)

    def pass_of(self, key: Key, place: int) -> Estimate | None:
        if self.passes is None:
            return None
        return self.passes.get((key, place)) or self._of_nothing(key, place)

    def _of_nothing(self, key: Key, place: int) -> Estimate:
        if self.asked is None:
            return Estimate(0, 0, None, None, None, refused=self.refused)
        return self.asked.of_nothing(key, place)


def refusal(sight: Sight, query: Query) -> Refusal | None:
    """Why a question has no estimates, whatever was drawn."""
    by_reviewer = sight.reviewer is not None or "reviewer" in query.group_by
    return NOT_DEFINED_BY_REVIEWER if by_reviewer else None


@dataclass(frozen=True)
class Asked:
    """What is estimated: by agent, by team, by both, or as one, of all their work or of parts of it.

    `agents` and `teams` None mean all of them. `closed` counts all closed conversations by agent and team,
    for each of the `buckets`, `sums` what of each stratum belongs to each group, `givers` who reviewed how
    much of it.
    """

    sample: Sample
    group_by: Sequence[Dim]
    agents: frozenset[int] | None
    teams: frozenset[int] | None
    buckets: Sequence[Bucket]
    closed: Sequence[Mapping[Key, int]]
    sums: Mapping[Key, Mapping[int, GroupSums]]
    givers: Mapping[int, Mapping[int, float]]

    @property
    def of_agents(self) -> bool:
        """Whether each number speaks of a single agent."""
        return "agent" in self.group_by or (self.agents is not None and len(self.agents) == 1)

    @property
    def of_parts(self) -> bool:
        """Whether each number speaks of a part of the work."""
        return any(dim in WORK_DIMS for dim in self.group_by)

    @cached_property
    def spreads(self) -> Mapping[Key, RatioSpreads]:
        """How much the scores of each group vary."""
        return {group: self.sample.ground.spreads(sums) for group, sums in self.sums.items()}

    def basis(self, place: int, number: Number = "iqs") -> Basis:
        """What all estimates of a bucket have in common. How much reviewers differ is known of scores only,
        not of their passing or of the parts of a review."""
        sample = self.sample
        drawn = sample.strata.drawn(self.buckets[place].period)
        first, last = (drawn.first, drawn.last) if drawn else (None, None)
        of_scores = number == "iqs" and not any(dim in PART_DIMS for dim in self.group_by)
        between = sample.s2_reviewer if of_scores else 0.0
        return Basis(sample.spreads, first, last, sample.minimums, between, self.givers)

    def of_nothing(self, key: Key, place: int) -> Estimate:
        """The estimate of whoever has no frame: refused, with its reason."""
        values = dict(zip(self.group_by, key, strict=True))
        closed = self._closed(place, values.get("agent"), values.get("team"))
        if self.of_agents:
            return estimate_agent([], self.basis(place), closed=closed, level=None)
        return estimate_team([], self.basis(place), closed=closed)

    def estimates(self, *numbers: Number) -> list[Places]:
        """Of everybody with a frame, and of every part of their work that was reviewed; for each number."""
        found: list[Places] = [{} for _ in numbers]
        for place, _ in enumerate(self.buckets):
            rosters = self.rosters(place)
            for number, places in zip(numbers, found, strict=True):
                for key, working in self.workings(place, rosters, number):
                    places[key, place] = working.estimate
        return found

    def rosters(self, place: int) -> list[tuple[int | None, Roster]]:
        """The work of one bucket by team; of all teams as one where they are not told apart."""
        cells = self.sample.strata.inside(self.buckets[place].period)
        parts = self._by_team(cell for cell in cells if self.teams is None or cell.team in self.teams)
        chosen = self._with_kin if self.of_agents else self._own
        return [(team, Roster(chosen(part))) for team, part in parts.items()]

    def workings(
        self, place: int, rosters: Iterable[tuple[int | None, Roster]], number: Number = "iqs"
    ) -> Iterator[tuple[Key, Working]]:
        """(key, estimate with its arithmetic) of one bucket."""
        basis = self.basis(place, number)
        for team, roster in rosters:
            if not self.of_parts:
                yield from self._numbers(roster, team, (), self._whole(number), basis, place)
                continue
            for group, sums in self.sums.items():
                measured = partial(Ratio, sums=sums, spreads=self.spreads[group])
                yield from self._numbers(roster, team, group, measured, basis, place)

    def _numbers(
        self,
        roster: Roster,
        team: int | None,
        group: Key,
        measured: Measured,
        basis: Basis,
        place: int,
    ) -> Iterator[tuple[Key, Working]]:
        """Of one team, or of all where teams are not told apart."""
        if not self.of_agents:
            if found := self._of_team(roster.everybody, team, measured, basis, place):
                yield self._key(None, team, group), found
            return
        agents = [agent for agent in roster.agents if self.agents is None or agent in self.agents]
        if group:
            agents = [agent for agent in agents if measured(roster.agents[agent]).reviews]
        closed = {agent: self._closed(place, agent, team) for agent in agents}
        for agent, worked in work_agents(roster, basis, closed, measured, agents).items():
            yield self._key(agent, team, group), worked

    def _of_team(
        self, work: Work, team: int | None, measured: Measured, basis: Basis, place: int
    ) -> Working | None:
        measure = measured(work)
        if not work.cells or (self.of_parts and not measure.reviews):
            return None
        return work_team(measure, basis, closed=self._closed(place, None, team))

    def _whole(self, number: Number) -> Measured:
        if number == "pass_rate":
            return partial(Passes, spreads=self.sample.pass_spreads)
        return partial(Scores, spreads=self.sample.spreads)

    def _closed(self, place: int, agent: int | None, team: int | None) -> int:
        owners = {"agent": agent, "team": team}
        return self.closed[place].get(tuple(owners[dim] for dim in self.group_by if dim in owners), 0)

    def _by_team(self, cells: Iterable[Cell]) -> dict[int | None, list[Cell]]:
        if "team" not in self.group_by:
            return {None: list(cells)}
        parts: dict[int | None, list[Cell]] = defaultdict(list)
        for cell in cells:
            parts[cell.team].append(cell)
        return parts

    def _own(self, cells: Sequence[Cell]) -> Sequence[Cell]:
        return [cell for cell in cells if self.agents is None or cell.agent in self.agents]

    def _with_kin(self, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The cells of the whole teams of those asked for, whose level their ranges lean on; who has no team
        leans on everybody."""
        if self.agents is None:
            return cells
        teams = {cell.team for cell in cells if cell.agent in self.agents}
        return cells if None in teams else [cell for cell in cells if cell.team in teams]

    def _key(self, agent: int | None, team: int | None, group: Key) -> Key:
        """The values of the dimensions in the order in which they were asked for."""
        parts = iter(group)
        owners = {"agent": agent, "team": team}
        return tuple(owners[dim] if dim in owners else next(parts) for dim in self.group_by)


def estimates(
    actor: Actor, sight: Sight, query: Query, buckets: Sequence[Bucket], sample: Sample | None
) -> Estimates:
    """All estimates of the query. Queries as `asked_of`; none where they are refused altogether."""
    refused = refusal(sight, query) or refusal_of_plan(actor, sample)
    parts = any(dim in WORK_DIMS for dim in query.group_by)
    if refused or sample is None:
        return Estimates(refused, passes=None if parts else {})
    asked = asked_of(actor, sight, query, buckets, sample)
    found, *passes = asked.estimates("iqs") if parts else asked.estimates(*NUMBERS)
    return Estimates(None, found, passes[0] if passes else None, asked)


def asked_of(actor: Actor, sight: Sight, query: Query, buckets: Sequence[Bucket], sample: Sample) -> Asked:
    """What is estimated, with all that it rests on. Three queries at most: closed conversations, parts of the
    work, and who reviewed it where reviewers are known to differ."""
    chosen, teams = sight.agents_of(query), sight.teams_of(query)
    return Asked(
        sample=sample,
        group_by=query.group_by,
        agents=None if chosen is None else frozenset(chosen),
        teams=None if teams is None else frozenset(teams),
        buckets=buckets,
        closed=_closed(actor, sight, query, sample, [sample.strata.drawn(each.period) for each in buckets]),
        sums=group_sums(actor, sample, [dim for dim in query.group_by if dim in WORK_DIMS]),
        givers=givers(actor, sample),
    )


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
