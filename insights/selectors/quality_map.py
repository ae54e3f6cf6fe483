"""IQS beside CSAT: where agents stand between the two, what goes together, what the mix of work moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from accounts import selectors as accounts
from accounts.access import Actor, Capability
from accounts.models import Agent
from common.refs import ref_json
from insights.facts.together import (
    Pair,
    Scope,
    Work,
    answer_kinds,
    category_pairs,
    review_kinds,
    score_pairs,
)
from insights.policies import customer_sight
from insights.query import Query
from insights.selectors.iqs import iqs
from insights.selectors.limits import bounded_buckets
from insights.selectors.names import Names, names_of
from insights.selectors.samples import Sample, sample
from insights.stats import Csat, CsatSums, Estimate, csat
from insights.stats.association import (
    LEAST_AGENTS,
    Adjusted,
    Association,
    Group,
    Quadrant,
    Span,
    associate,
    quadrant,
    standardise,
    together,
)

Mix = Literal["channel", "topic", "both"]
MOST_PAIRS = 10_000
KINDS: Mapping[Mix, Callable[[Work], tuple[str, ...]]] = {
    "channel": lambda work: (work.channel,),
    "topic": lambda work: (work.topic,),
    "both": lambda work: (work.channel, work.topic),
}


@dataclass(frozen=True, slots=True)
class Cuts:
    """What is high and what is low, in points 0..100; None where nothing says so."""

    iqs: float | None = None
    csat: float | None = None


@dataclass(frozen=True, slots=True)
class MapAsked:
    """The question: dates, teams and plan of the query, the mix to adjust for, and cuts of one's own (None:
    the whole's own numbers)."""

    query: Query
    mix: Mix = "channel"
    cuts: Cuts = Cuts()


@dataclass(frozen=True, slots=True)
class MapLine:
    """One agent; None where nothing is known. `has_page`: the actor sees him still. The adjusted numbers are
    of the drawn reviews and of the answers, by everybody's mix of work."""

    agent: Agent
    has_page: bool
    iqs: Estimate | None
    csat: Csat | None
    reading: Quadrant
    adjusted_iqs: Adjusted | None
    adjusted_csat: Adjusted | None


@dataclass(frozen=True, slots=True)
class Driver:
    """How closely a category goes together with CSAT; `key`: "<scorecard id>:<category key>"."""

    key: str
    name: str
    scorecard: dict[str, Any] | None
    association: Association


@dataclass(frozen=True, slots=True)
class QualityMap:
    """`conversations`: score and answer of the same conversation; `between`: IQS and CSAT of agents; `cut`:
    there were more pairs, and these are the latest."""

    asked: MapAsked
    sample: Sample | None
    iqs: Estimate | None
    csat: Csat
    cuts: Cuts
    lines: Sequence[MapLine]
    conversations: Association
    between: Association
    drivers: Sequence[Driver]
    cut: bool = False


def quality_map(actor: Actor, asked: MapAsked) -> QualityMap:
    """IQS and CSAT of conversations closed in the period. For who leads, within his teams. Up to 16 queries,
    however many agents. Refused and Invalid with their reasons."""
    actor.require(Capability.NUMBERS_READ_ALL)
    query = replace(asked.query, axis="closed")
    bounded_buckets(actor, query)
    known = sample(actor, query)
    scope = _scope(actor, query)
    whole, reviewed = iqs(actor, query, known), iqs(actor, query.by("agent"), known)
    answers = answer_kinds(scope)
    reviews = review_kinds(scope, known.plan.pk) if known else {}
    pairs = score_pairs(scope, known.plan.pk, MOST_PAIRS + 1) if known else []
    least = actor.workspace.settings.min_answers
    said = csat(_sum(answers.values()), least)
    overall = whole[0].estimate if whole else None
    cuts = Cuts(
        _iqs_span(overall).value if asked.cuts.iqs is None else asked.cuts.iqs,
        _csat_span(said).value if asked.cuts.csat is None else asked.cuts.csat,
    )
    lines = _lines(
        actor,
        {row.key[0]: row.estimate for row in reviewed},
        {agent: csat(_sum(parts.values()), least) for agent, parts in _by_agent(answers).items()},
        cuts,
        _Mixes(asked.mix, answers, reviews),
    )
    return QualityMap(
        asked,
        known,
        overall,
        said,
        cuts,
        lines,
        _associated(pairs[:MOST_PAIRS]),
        _between(lines),
        _drivers(actor, scope, known),
        len(pairs) > MOST_PAIRS,
    )


def _scope(actor: Actor, query: Query) -> Scope:
    sight = customer_sight(actor, query)
    peers = actor.workspace.settings.peer_in_iqs
    return Scope(actor.workspace_id, query.period, sight.teams_of(query), peers)


def _sum(parts: Iterable[CsatSums]) -> CsatSums:
    found = list(parts)
    return CsatSums(
        sum(each.answers for each in found),
        sum((each.score for each in found), Decimal()),
        sum((each.scale_max for each in found), Decimal()),
        sum(each.satisfied for each in found),
    )


def _by_agent(answers: Mapping[Work, CsatSums]) -> dict[int, dict[Work, CsatSums]]:
    found: dict[int, dict[Work, CsatSums]] = defaultdict(dict)
    for work, sums in answers.items():
        found[work.agent][work] = sums
    return found


class _Mixes:
    """Means of every agent by kind of work, and everybody's."""

    def __init__(self, mix: Mix, answers: Mapping[Work, CsatSums], reviews: Mapping[Work, Group]) -> None:
        self.kind = KINDS[mix]
        self.answers = self._split({work: _group(sums) for work, sums in answers.items()})
        self.reviews = self._split(reviews)

    def _split(self, groups: Mapping[Work, Group]) -> dict[int | None, dict[tuple[str, ...], Group]]:
        """agent -> kind -> group; everybody's under None."""
        parts: dict[int | None, dict[tuple[str, ...], list[Group]]] = defaultdict(lambda: defaultdict(list))
        for work, group in groups.items():
            for whose in (work.agent, None):
                parts[whose][self.kind(work)].append(group)
        return {
            whose: {kind: one for kind, each in kinds.items() if (one := together(each))}
            for whose, kinds in parts.items()
        }

    def of(self, agent: int, most: float) -> tuple[Adjusted | None, Adjusted | None]:
        """His reviews and his answers with everybody's mix."""
        reviews, answers = (
            standardise(split.get(agent, {}), split.get(None, {}), most)
            for split in (self.reviews, self.answers)
        )
        return reviews, answers


def _group(sums: CsatSums) -> Group:
    """Answers as points: 100 for a satisfied customer, 0 for any other."""
    share = sums.satisfied / sums.answers * 100
    return Group(sums.answers, share, share * 100, sums.answers)


def _lines(
    actor: Actor,
    reviewed: Mapping[int, Estimate],
    said: Mapping[int, Csat],
    cuts: Cuts,
    mixes: _Mixes,
) -> list[MapLine]:
    """Every agent with a review or an answer, by name. Two queries."""
    keys = {(agent,) for agent in (*reviewed, *said)}
    names = names_of(actor, ("agent",), keys)
    visible = set(accounts.agents(actor).filter(pk__in=[key[0] for key in keys]).values_list("pk", flat=True))
    most = float(actor.workspace.settings.max_uncovered)
    return [
        _line(
            names,
            agent,
            agent in visible,
            (reviewed.get(agent), said.get(agent)),
            cuts,
            mixes.of(agent, most),
        )
        for (agent,) in sorted(keys, key=names.order)
    ]


def _line(
    names: Names,
    agent: int,
    has_page: bool,
    numbers: tuple[Estimate | None, Csat | None],
    cuts: Cuts,
    adjusted: tuple[Adjusted | None, Adjusted | None],
) -> MapLine:
    reading = quadrant(_iqs_span(numbers[0]), _csat_span(numbers[1]), (cuts.iqs, cuts.csat))
    return MapLine(names.rows["agent"][agent], has_page, *numbers, reading, *adjusted)


def _iqs_span(estimate: Estimate | None) -> Span:
    return Span(estimate.value, estimate.low, estimate.high) if estimate else Span()


def _csat_span(said: Csat | None) -> Span:
    """In per cent."""
    if said is None or said.satisfied_share is None:
        return Span()
    low, high = said.satisfied_low, said.satisfied_high
    return Span(
        said.satisfied_share * 100, None if low is None else low * 100, None if high is None else high * 100
    )


def _associated(pairs: Sequence[Pair]) -> Association:
    columns = np.array(pairs, dtype=np.float64).reshape(-1, 3)
    return associate(columns[:, 0], columns[:, 1], columns[:, 2])


def _between(lines: Sequence[MapLine]) -> Association:
    """Agents with both numbers, each as one."""
    known = [
        (numbers.value, said.value)
        for line in lines
        if (numbers := _iqs_span(line.iqs)).value is not None
        and (said := _csat_span(line.csat)).value is not None
    ]
    columns = np.array(known, dtype=np.float64).reshape(-1, 2)
    return associate(columns[:, 0], columns[:, 1], needed=LEAST_AGENTS, of="agents")


def _drivers(actor: Actor, scope: Scope, known: Sample | None) -> list[Driver]:
    """Every category that was rated, the closest first, those without a number last. Three queries."""
    found = category_pairs(scope, known.plan.pk, MOST_PAIRS) if known else {}
    names = names_of(actor, ("category",), [(key,) for key in found])
    drivers = [
        Driver(
            key,
            names.categories.get(key, key.partition(":")[2]),
            ref_json(names.rows["scorecard"].get(int(key.partition(":")[0]))),
            _associated(pairs),
        )
        for key, pairs in found.items()
    ]
    return sorted(drivers, key=lambda each: (each.association.value is None, -(each.association.value or 0)))
