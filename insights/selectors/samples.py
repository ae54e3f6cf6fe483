"""The plan whose draws estimates rest on, with the sums of its strata and what they tell of the spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from django.db.models import Exists, QuerySet

from accounts.access import Actor
from accounts.models import WorkspaceSettings
from common.periods import Period
from insights import facts
from insights.query import Dim, Key, Query
from insights.selectors.severity import reviewer_variance
from insights.stats import Ground, GroupSums, Minimums, Refusal, Spreads, learn_spreads
from qa_reviews.models import QueueItem, SamplePlan

SPREAD_WEEKS = 26
P = TypeVar("P", bound=SamplePlan)

NO_PLAN = Refusal(
    "no_plan", "There is no sample plan yet: an IQS over all work needs reviews that were drawn by a plan."
)

PEERS_OUT = Refusal(
    "peers_out", "Reviews by peers do not count here, and this sample plan is reviewed by peers only."
)


@dataclass(frozen=True)
class Sample:
    """One plan and its strata up to the end of a period; the spread is that of the 26 weeks before it.
    `s2_reviewer` is the variance between reviewers in points squared, 0 while it is not known."""

    plan: SamplePlan
    strata: facts.StratumCells
    period: Period
    released_only: bool
    minimums: Minimums
    s2_reviewer: float = 0.0

    @property
    def learned_after(self) -> date:
        """Spreads are learned from draws that ended after this day."""
        return self.period.last - timedelta(weeks=SPREAD_WEEKS)

    @cached_property
    def spreads(self) -> Spreads:
        """How much scores vary."""
        return learn_spreads(self.strata.ended_after(self.learned_after))

    @cached_property
    def pass_spreads(self) -> Spreads:
        """How much 100 for a pass and 0 for any other vary."""
        return learn_spreads(self.strata.ended_after(self.learned_after), attrgetter("passes"))

    @cached_property
    def ground(self) -> Ground:
        """What the spreads of groups are learned from."""
        return Ground(self.strata.ended_after(self.learned_after))


def plans(actor: Actor) -> QuerySet[SamplePlan]:
    """The plans the actor may name."""
    return SamplePlan.objects.visible_to(actor)


def headline_plan(actor: Actor) -> SamplePlan | None:
    """The plan of the workspace's headline numbers, else the first that reviewers review, else the first of
    peers; one that is paused or has ended only where none is active, since what it tells of the past stays
    true. One query.

    Also for those who may not see plans: their numbers rest on it all the same.
    """
    return _headline(actor, SamplePlan.objects.in_workspace(actor.workspace_id))


def _headline(actor: Actor, rows: QuerySet[P]) -> P | None:
    chosen = actor.workspace.settings.headline_plan_id
    found = rows.order_by("-active", "-kind", "pk")
    return (found.filter(pk=chosen).first() if chosen else None) or found.first()


def sample(actor: Actor, query: Query, *, released_only: bool = False) -> Sample | None:
    """What estimates for these dates are made of; None while there is no plan. Two queries; one more where
    there are second reviews, and where the headline plan is gone."""
    seconds = QueueItem.objects.in_workspace(actor.workspace_id).filter(second_of__isnull=False)
    rows = SamplePlan.objects.in_workspace(actor.workspace_id).annotate(has_seconds=Exists(seconds))
    plan = rows.get(pk=query.plan_id) if query.plan_id else _headline(actor, rows)
    if plan is None:
        return None
    settings = actor.workspace.settings
    strata = facts.stratum_cells(
        actor.workspace_id,
        plan.pk,
        query.period,
        query.period.last - timedelta(weeks=SPREAD_WEEKS),
        peers=settings.peer_in_iqs,
        released_only=released_only,
        pass_mark=settings.pass_mark,
    )
    between = reviewer_variance(actor, query.period) if plan.has_seconds else 0.0
    return Sample(plan, strata, query.period, released_only, minimums(settings), between)


def givers(actor: Actor, known: Sample) -> Mapping[int, Mapping[int, float]]:
    """Who reviewed how much of each stratum. One query; none while nothing tells how reviewers differ."""
    if not known.s2_reviewer:
        return {}
    return facts.givers(
        actor.workspace_id,
        known.plan.pk,
        known.period,
        peers=actor.workspace.settings.peer_in_iqs,
        released_only=known.released_only,
    )


def group_sums(actor: Actor, known: Sample, dims: Sequence[Dim]) -> Mapping[Key, Mapping[int, GroupSums]]:
    """What of the sample's strata belongs to each group along these dimensions. One query; none without
    dimensions."""
    if not dims:
        return {}
    return facts.group_sums(
        actor.workspace_id,
        known.plan.pk,
        known.period,
        known.learned_after,
        dims,
        peers=actor.workspace.settings.peer_in_iqs,
        released_only=known.released_only,
    )


def refusal_of_plan(actor: Actor, known: Sample | None) -> Refusal | None:
    """Why nothing can rest on the plan; None where it can."""
    if known is None:
        return NO_PLAN
    by_peers = known.plan.kind == SamplePlan.Kind.PEER
    return PEERS_OUT if by_peers and not actor.workspace.settings.peer_in_iqs else None


def minimums(settings: WorkspaceSettings) -> Minimums:
    """From when on the workspace gives numbers."""
    return Minimums(
        min_reviews=settings.min_reviews,
        min_team_reviews=settings.min_team_reviews,
        min_team_range_reviews=settings.min_team_range_reviews,
        min_team_range_agents=settings.min_team_range_agents,
        min_completion=float(settings.min_completion),
        max_uncovered=float(settings.max_uncovered),
        max_half_width=float(settings.wide_half_width),
    )
