"""A plan as it is asked for, by a form or by JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, Self

from qa_reviews.models import SamplePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaInput:
    """How many are drawn of each period: a number, a share of the frame (0 to 1), or as many as make a mean
    known to +- so many points; for each agent, each reviewer, or in total."""

    of: str = SamplePlan.QuotaOf.AGENT.value
    kind: str = SamplePlan.QuotaKind.NUMBER.value
    value: Decimal = Decimal(5)


@dataclass(frozen=True, slots=True)
class ReviewerInput:
    """A member who may be given items; `weight` is his part beside the others'."""

    member: int
    weight: Decimal = Decimal(1)

    @classmethod
    def each(cls, members: Iterable[int]) -> tuple[Self, ...]:
        """These members, all with the same part."""
        return tuple(cls(member) for member in members)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """Filters are JSON; None means: as the workspace's settings say, or as the rule gives it. Shares are
    0 to 1, exact. Without a scorecard the one that is offered for a conversation is used."""

    name: str
    kind: str = SamplePlan.Kind.STANDARD.value
    scorecard: int | None = None
    filter: Any = field(default_factory=dict)
    period: str = SamplePlan.Period.WEEK.value
    period_days: int | None = None
    weekly_parts: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    automatic: bool = True
    timezone: str = ""
    draw_time: time = time(6)
    quota: QuotaInput = QuotaInput()
    risk_filter: Any = None
    risk_share: Decimal | None = None
    second_review_share: Decimal = Decimal(0)
    reviewers: tuple[ReviewerInput, ...] = ()
    reviewer_teams: tuple[int, ...] = ()
    own_team: bool = True
    assignment: str = SamplePlan.Assignment.ASSIGNED.value
    due_days: int | None = None
    reviewee: str | None = None
    blind: bool | None = None
    seed: str = ""
    active: bool = True
