"""Which conversations a sample is drawn from: the terms of a draw, its periods, its frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.access import Actor
from common.periods import Period, local_date
from conversations.filters import Filter, any_of, bound, stored
from conversations.models import Conversation
from qa_reviews.models import SamplePlan
from qa_reviews.sampling import FrameSize, Quota, QuotaKind, QuotaOf

AGENT_FIELDS = {"assignee": "agent", "most_active": "most_active_agent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a draw is made by: a plan's rule as it is now, or as it was when it was drawn.

    Shares are exact, 0 to 1. `risks` is a filter of which any makes a conversation a risk; empty: no bands.
    A plan's quota lacks what only the draw knows: part, weights and spread (`completed`).
    """

    filter: Filter
    risks: tuple[Filter, ...]
    risk_share: Decimal
    quota: Quota
    second_review_share: Decimal
    reviewee: str
    assignment: str = SamplePlan.Assignment.ASSIGNED.value

    @classmethod
    def of(cls, plan: SamplePlan) -> Terms:
        return cls.stored(terms_json(plan, quota_of(plan)))

    @classmethod
    def stored(cls, kept: Mapping[str, Any]) -> Terms:
        """From what `terms_json` wrote; from a draw of before quotas, its number per agent. Raises
        ValueError, KeyError or TypeError for what no draw keeps."""
        return cls(
            filter=stored(kept["filter"]),
            risks=stored_risks(kept["risk_filter"]),
            risk_share=Decimal(kept["risk_share"]),
            quota=stored_quota(kept),
            second_review_share=Decimal(kept["second_review_share"]),
            reviewee=kept["reviewee"],
            assignment=kept.get("assignment", SamplePlan.Assignment.ASSIGNED.value),
        )

    @property
    def agent_field(self) -> str:
        """The field of Conversation that names whose work it is."""
        return AGENT_FIELDS[self.reviewee]


def quota_of(plan: SamplePlan) -> Quota:
    """The plan's quota as it is asked for, before anything is known of a period."""
    return Quota(
        of=cast(QuotaOf, str(plan.quota_of)),
        kind=cast(QuotaKind, str(plan.quota_kind)),
        value=Decimal(plan.quota),
    )


def terms_json(plan: SamplePlan, quota: Quota) -> dict[str, Any]:
    """The plan's terms as a draw keeps them, with the quota that it draws by."""
    plain = ("filter", "risk_filter", "reviewee", "assignment", "kind")
    shares = ("risk_share", "second_review_share")
    found = {name: getattr(plan, name) for name in plain}
    return found | {name: f"{getattr(plan, name):.4f}" for name in shares} | {"quota": quota.as_json()}


def stored_quota(kept: Mapping[str, Any]) -> Quota:
    """The quota of stored terms. Raises ValueError, KeyError or TypeError for what no draw keeps."""
    return Quota.stored(kept["quota"]) if "quota" in kept else Quota.per_agent(int(kept["per_agent"]))


def stored_risks(kept: Any) -> tuple[Filter, ...]:
    """The filters of a stored risk filter: none, one, or a list."""
    if kept is None:
        return ()
    return tuple(stored(each) for each in (kept if isinstance(kept, list) else [kept]))


def today(actor: Actor) -> date:
    """The calendar day it is in the workspace's zone."""
    return local_date(timezone.now(), actor.workspace.timezone)


def closed(actor: Actor, period: Period) -> QuerySet[Conversation]:
    """All conversations closed in the period, whoever had them."""
    return Conversation.objects.in_workspace(actor.workspace_id).filter(
        status=Conversation.Status.CLOSED, closed_on__range=(period.first, period.last)
    )


def eligible(actor: Actor, terms: Terms, period: Period) -> QuerySet[Conversation]:
    """Closed in the period, somebody's work, and matching the filter. The frame is the whole workspace's,
    whoever looks; what of it may be told is for the caller to decide."""
    has_agent = Q(**{f"{terms.agent_field}__isnull": False})
    [asked] = bound(actor, terms.filter)
    return closed(actor, period).filter(has_agent, asked.q(terms.agent_field))


def frame(actor: Actor, terms: Terms, period: Period) -> QuerySet[Any, Any]:
    """The eligible conversations as (id, agent id, whether a risk)."""
    risky: Any = Value(False, output_field=BooleanField())
    if terms.risks:
        is_risk = any_of([each.q(terms.agent_field) for each in bound(actor, *terms.risks)])
        risky = Case(When(is_risk, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = eligible(actor, terms, period).annotate(reviewee=F(f"{terms.agent_field}_id"), risky=risky)
    return rows.values_list("pk", "reviewee", "risky")


def frame_sizes(actor: Actor, terms: Terms, period: Period) -> dict[int, FrameSize]:
    """The size of each agent's frame, by band. One query."""
    rows = frame(actor, terms, period).order_by().values("reviewee")
    sizes = rows.annotate(risks=Count("pk", filter=Q(risky=True)), others=Count("pk", filter=Q(risky=False)))
    return {each["reviewee"]: FrameSize(each["risks"], each["others"]) for each in sizes}
