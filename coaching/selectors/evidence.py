"""The join of IQS and CSAT: all that rules need to know of every agent, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Q
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Agent
from accounts.selectors import agents as agents_of
from accounts.selectors import teams_on
from coaching.lifecycle import OPEN
from coaching.models import Assignment, CoachingRule, CoachingRun
from coaching.rules import Category, CriticalFailure, Evidence, History, Iqs, Outcome
from coaching.rules.judging import LAST
from coaching.selectors.rules import category_names
from common.periods import Period, local_date
from insights import facts, stats
from insights.policies import Sight
from insights.query import Bucket, Query
from insights.selectors.estimates import Estimates, estimates
from insights.selectors.samples import sample

WEEKS_BACK = 13


def look_back(period_end: date) -> Period:
    """The 13 weeks that end with a period's last day."""
    return Period(period_end - timedelta(weeks=WEEKS_BACK) + timedelta(days=1), period_end)


@dataclass(frozen=True, slots=True)
class Numbers:
    """IQS and CSAT of everybody over the same dates, by the day of closing."""

    reviews: Mapping[int, facts.ReviewSums]
    answers: Mapping[int, stats.CsatSums]
    estimates: Estimates
    min_answers: int

    @property
    def agents(self) -> set[int]:
        """Whoever has a frame, a review or an answer."""
        framed = {agent for (agent,), _ in self.estimates.found}
        return framed | set(self.reviews) | set(self.answers)

    def iqs(self, agent: int) -> Iqs | None:
        sums = self.reviews.get(agent)
        if sums is None and ((agent,), 0) not in self.estimates.found:
            return None
        total, count = (sums.score, sums.reviews) if sums else (Decimal(0), 0)
        return Iqs(total, count, self.estimates.of((agent,), 0))

    def csat(self, agent: int) -> stats.Csat | None:
        sums = self.answers.get(agent)
        return stats.csat(sums, self.min_answers) if sums else None


@dataclass(frozen=True, slots=True)
class Known:
    """The evidence of all agents of a run, and the team each had on its last day."""

    agents: Mapping[int, Agent]
    teams: Mapping[int, int]
    evidence: Callable[[int], Mapping[int, Evidence]]
    """agent id -> rule id -> evidence"""


@dataclass(frozen=True, slots=True)
class _Past:
    """What coaching there was: (agent, rule) -> open ones and days since the last; conversations told of."""

    histories: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    open_by_agent: Mapping[int, int] = field(default_factory=dict)
    told: Collection[tuple[int, int, int]] = frozenset()

    def of(self, agent: int, rule: int) -> History:
        open_here, days = self.histories.get((agent, rule), (0, None))
        return History(self.open_by_agent.get(agent, 0), bool(open_here), days)


def known(actor: Actor, run: CoachingRun, rules: Sequence[CoachingRule]) -> Known:
    """Everything the rules need to know of every person with a number or a critical failure.

    Twelve queries, fewer where no rule looks at categories or failures, whatever the number of agents.
    """
    period = look_back(run.period_end)
    numbers = _numbers(actor, period)
    outcomes = _outcomes(actor, period, rules)
    failures = _failures(actor, run, rules)
    names = category_names(actor) if outcomes or failures else {}
    people = _people(actor, numbers.agents | set(failures))
    past = _past(actor, rules, failures)

    def evidence(agent: int) -> dict[int, Evidence]:
        person = people[agent]
        iqs, csat = numbers.iqs(agent), numbers.csat(agent)
        return {
            rule.pk: Evidence(
                name=person.name or person.external_id,
                iqs=iqs,
                csat=csat,
                category=_category(rule, outcomes.get((agent, rule.category)), names),
                critical_failures=_new_failures(rule, agent, failures, past, names),
                history=past.of(agent, rule.pk),
                weeks=WEEKS_BACK,
            )
            for rule in rules
        }

    return Known(people, teams_on(actor.workspace_id, people, run.period_end), evidence)


def _numbers(actor: Actor, period: Period) -> Numbers:
    """Six queries: sums of reviews and of answers, plan (two when the headline's is gone), strata, closed."""
    query = Query(period=period, group_by=("agent",), axis="closed")
    sight, buckets, settings = Sight(), [Bucket(None, period)], actor.workspace.settings
    rows = sight.slice(actor, query, buckets)
    reviews = facts.review_sums(rows, settings.pass_mark)
    answers = facts.answer_sums(rows, actor.workspace.timezone)
    found = estimates(actor, sight, query, buckets, sample(actor, query))
    return Numbers(
        {agent: sums for ((agent,), _), sums in reviews.items()},
        {agent: sums for ((agent,), _), sums in answers.items() if agent is not None},
        found,
        settings.min_answers,
    )


def _outcomes(
    actor: Actor, period: Period, rules: Iterable[CoachingRule]
) -> dict[tuple[int, str], facts.CategoryOutcomes]:
    wanted = sorted({rule.category for rule in rules if rule.category})
    if not wanted:
        return {}
    return facts.category_outcomes(actor.workspace_id, period, wanted, LAST, peers=_peers(actor))


def _peers(actor: Actor) -> bool:
    """Whether reviews by peers count."""
    return actor.workspace.settings.peer_in_iqs


def _failures(
    actor: Actor, run: CoachingRun, rules: Iterable[CoachingRule]
) -> dict[int, dict[int, list[str]]]:
    """agent id -> conversation id -> keys of the categories that failed in the run's own period."""
    found: dict[int, dict[int, list[str]]] = defaultdict(dict)
    if any(rule.kind == CoachingRule.Kind.CRITICAL_FAILURES for rule in rules):
        period = Period(run.period_start, run.period_end)
        failures = facts.critical_failures(actor.workspace_id, period, peers=_peers(actor))
        for (agent, conversation), keys in failures.items():
            found[agent][conversation] = keys
    return dict(found)


def _people(actor: Actor, ids: Collection[int]) -> dict[int, Agent]:
    """The persons among them: a bot is not coached."""
    rows = agents_of(actor).filter(pk__in=ids, kind=Agent.Kind.HUMAN, merged_into=None)
    return {agent.pk: agent for agent in rows.order_by("pk")}


def _past(actor: Actor, rules: Sequence[CoachingRule], failures: Mapping[int, Mapping[int, object]]) -> _Past:
    """Two queries: assignments by agent and rule, and the conversations that events spoke of already."""
    today = local_date(timezone.now(), actor.workspace.timezone)
    rows = Assignment.objects.visible_to(actor)
    is_open = Count("pk", filter=Q(state__in=OPEN))
    histories, open_by_agent = {}, defaultdict[int, int](int)
    grouped = (
        rows.order_by().values_list("agent_id", "rule_id").annotate(open=is_open, last=Max("created_at"))
    )
    for agent, rule, open_here, last in grouped:
        days = (today - local_date(last, actor.workspace.timezone)).days
        histories[agent, rule] = (open_here, days)
        open_by_agent[agent] += open_here
    conversations = {pk for each in failures.values() for pk in each}
    told = rows.filter(rule__in=rules, conversation_id__in=conversations)
    return _Past(
        histories, open_by_agent, frozenset(told.values_list("agent_id", "rule_id", "conversation_id"))
    )


def _category(
    rule: CoachingRule, outcomes: facts.CategoryOutcomes | None, names: Mapping[str, str]
) -> Category | None:
    if outcomes is None:
        return None
    latest = [Outcome(conversation, score) for conversation, score in outcomes.latest]
    refused = stats.Estimate(outcomes.rated, 0, None, None, None, refused=stats.not_yet("category"))
    return Category(names.get(rule.category, rule.category), latest, outcomes.rated, refused)


def _new_failures(
    rule: CoachingRule,
    agent: int,
    failures: Mapping[int, Mapping[int, Sequence[str]]],
    past: _Past,
    names: Mapping[str, str],
) -> list[CriticalFailure]:
    """Those that this rule has not told of yet."""
    if rule.kind != CoachingRule.Kind.CRITICAL_FAILURES:
        return []
    return [
        CriticalFailure(conversation, [names.get(key, key) for key in keys])
        for conversation, keys in failures.get(agent, {}).items()
        if (agent, rule.pk, conversation) not in past.told
    ]
