"""Shape of sample plans in requests and answers (api.md, Sampling)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from common.params import BIGGEST_ID
from common.refs import ref_json
from common.serializers import Fixed4, PlainText, RefOut, Strict
from qa_reviews.models import PlanReviewer, SamplePlan
from qa_reviews.policies.plans import plan_actions, plan_state
from qa_reviews.services.plans import MOST_PER_AGENT, QuotaInput, ReviewerInput

FILTER: dict[str, Any] = {"type": "object", "additionalProperties": True}
MOST_DAYS = 32_767
KINDS, PERIODS = SamplePlan.Kind.choices, SamplePlan.Period.choices
REVIEWEES, ASSIGNMENTS = SamplePlan.Reviewee.choices, SamplePlan.Assignment.choices
STATES = [("active", "active"), ("paused", "paused"), ("ended", "ended")]


@extend_schema_field(FILTER)
class FilterField(serializers.JSONField):
    """The names of the conversation list's parameters, each a value or a list."""


@extend_schema_field({"oneOf": [FILTER, {"type": "array", "items": FILTER}, {"type": "null"}]})
class RiskFilterField(serializers.JSONField):
    """A filter, or a list of filters of which any may hold."""


class PlanReviewerIn(Strict):
    member = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
    weight = serializers.DecimalField(None, None, required=False)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer"},
            {
                "type": "object",
                "properties": {"member": {"type": "integer"}, "weight": {"type": "string"}},
                "required": ["member"],
            },
        ]
    }
)
class PlanReviewerField(serializers.Field[ReviewerInput, Any, Any, Any]):
    """A member's id, or {"member", "weight"}."""

    def to_internal_value(self, data: Any) -> ReviewerInput:
        body = PlanReviewerIn(data=data if isinstance(data, Mapping) else {"member": data})
        if not body.is_valid():
            wrong: Any = body.errors
            raise serializers.ValidationError(wrong if isinstance(data, Mapping) else wrong["member"])
        return ReviewerInput(**body.validated_data)


class SampleQuotaIn(Strict):
    """How many: a number, a share (0 to 1) or points of precision, per agent, per reviewer or in total."""

    of = serializers.ChoiceField(SamplePlan.QuotaOf.choices, required=False)
    kind = serializers.ChoiceField(SamplePlan.QuotaKind.choices, required=False)
    value = serializers.DecimalField(None, None)


class PlanFieldsIn(Strict):
    kind = serializers.ChoiceField(KINDS, required=False)
    filter = FilterField(required=False)
    period = serializers.ChoiceField(PERIODS, required=False)
    period_days = serializers.IntegerField(required=False, allow_null=True)
    weekly_parts = serializers.BooleanField(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    automatic = serializers.BooleanField(required=False)
    timezone = PlainText(required=False, allow_blank=True)
    draw_time = serializers.TimeField(required=False)
    quota = SampleQuotaIn(required=False)
    per_agent = serializers.IntegerField(required=False, help_text="A quota of agents, as a number.")
    risk_filter = RiskFilterField(required=False, allow_null=True)
    risk_share = serializers.DecimalField(None, None, required=False, allow_null=True)
    second_review_share = serializers.DecimalField(None, None, required=False)
    scorecard = serializers.IntegerField(
        min_value=1, max_value=BIGGEST_ID, required=False, allow_null=True, help_text="null: the offered one"
    )
    reviewers = serializers.ListField(child=PlanReviewerField(), max_length=1000, required=False)
    reviewer_teams = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST_ID), max_length=1000, required=False
    )
    own_team = serializers.BooleanField(required=False)
    assignment = serializers.ChoiceField(ASSIGNMENTS, required=False)
    due_days = serializers.IntegerField(required=False, allow_null=True)
    reviewee = serializers.ChoiceField(REVIEWEES, required=False)
    blind = serializers.BooleanField(required=False)
    active = serializers.BooleanField(required=False)

    def validate_reviewers(self, value: list[ReviewerInput]) -> tuple[ReviewerInput, ...]:
        return tuple(value)

    def validate_reviewer_teams(self, value: list[int]) -> tuple[int, ...]:
        return tuple(value)

    def validate_quota(self, value: dict[str, Any]) -> QuotaInput:
        return QuotaInput(**value)

    def validate_per_agent(self, value: int) -> QuotaInput:
        if not 1 <= value <= MOST_PER_AGENT:
            detail = f"Must lie between 1 and {MOST_PER_AGENT}."
            raise serializers.ValidationError(detail, "out_of_range")
        return QuotaInput(value=Decimal(value))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        short = attrs.pop("per_agent", None)
        if short is not None and attrs.setdefault("quota", short) != short:
            raise serializers.ValidationError(
                {"per_agent": serializers.ErrorDetail("The quota says something else.", "differs")}
            )
        return attrs


class SamplePlanIn(PlanFieldsIn):
    name = PlainText(max_length=255)
    seed = PlainText(max_length=255, required=False)


class SamplePlanChangeIn(PlanFieldsIn):
    name = PlainText(max_length=255, required=False)
    seed = PlainText(required=False, help_text="Refused: a plan's seed never changes.")

    def validate_seed(self, value: str) -> str:
        raise serializers.ValidationError("A plan's seed never changes.", "immutable")


class SampleQuotaOut(serializers.Serializer[SamplePlan]):
    of = serializers.ChoiceField(SamplePlan.QuotaOf.choices, source="quota_of")
    kind = serializers.ChoiceField(SamplePlan.QuotaKind.choices, source="quota_kind")
    value = Fixed4(source="quota")


class PlanReviewerOut(RefOut):
    """A reviewer with his part beside the others'."""

    weight = serializers.CharField()

    def to_representation(self, instance: PlanReviewer) -> Any:
        return {**(ref_json(instance.member) or {}), "weight": f"{instance.weight:.2f}"}


class SamplePlanOut(serializers.Serializer[SamplePlan]):
    """A plan as planners see it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(KINDS)
    filter = FilterField()
    period = serializers.ChoiceField(PERIODS)
    period_days = serializers.IntegerField(allow_null=True)
    weekly_parts = serializers.BooleanField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    automatic = serializers.BooleanField()
    automatic_from = serializers.DateField(allow_null=True)
    timezone = serializers.CharField(help_text="Empty: the workspace's.")
    draw_time = serializers.TimeField(format="%H:%M")
    quota = SampleQuotaOut(source="*")
    per_agent = serializers.SerializerMethodField()
    risk_filter = RiskFilterField(allow_null=True)
    risk_share = serializers.SerializerMethodField()
    second_review_share = Fixed4()
    scorecard = RefOut(allow_null=True)
    reviewers = PlanReviewerOut(many=True, source="reviewer_rows")
    reviewer_teams = RefOut(many=True)
    own_team = serializers.BooleanField()
    assignment = serializers.ChoiceField(ASSIGNMENTS)
    due_days = serializers.IntegerField(allow_null=True)
    reviewee = serializers.ChoiceField(REVIEWEES)
    blind = serializers.BooleanField()
    seed = serializers.CharField()
    seed_given = serializers.BooleanField()
    seeded_at = serializers.DateTimeField()
    active = serializers.BooleanField()
    ended_at = serializers.DateTimeField(allow_null=True)
    draws = serializers.IntegerField(source="draw_count")
    created_by = RefOut(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(STATES))
    def get_state(self, row: SamplePlan) -> str:
        return plan_state(row)

    @extend_schema_field({"type": ["integer", "null"]})
    def get_per_agent(self, row: SamplePlan) -> int | None:
        """The quota, where it is a number of each agent."""
        each = row.quota_of == SamplePlan.QuotaOf.AGENT and row.quota_kind == SamplePlan.QuotaKind.NUMBER
        return int(row.quota) if each else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_risk_share(self, row: SamplePlan) -> str | None:
        """Four decimals; null without a risk filter."""
        return None if row.risk_filter is None else f"{row.risk_share:.4f}"

    def get_etag(self, row: SamplePlan) -> str:
        return etag(row)

    def get_authorized_actions(self, row: SamplePlan) -> list[str]:
        return plan_actions(self.context["actor"], row)


class SamplePreviewOut(serializers.Serializer[Any]):
    """What a plan would have drawn from the last whole period."""

    period_start = serializers.DateField(source="period.first")
    period_end = serializers.DateField(source="period.last")
    closed_total = serializers.IntegerField()
    frame_total = serializers.IntegerField()
    risk_total = serializers.IntegerField()
    drawn = serializers.IntegerField()
    second = serializers.IntegerField(help_text="Of these a second reviewer sees so many too.")
    agents = serializers.IntegerField()
    frame_per_agent = serializers.FloatField(allow_null=True, help_text="Median over agents.")
    half_width = Fixed4(allow_null=True, help_text="The median agent will be known to +- so many points.")
    sd = Fixed4(help_text="Standard deviation of a score that this rests on.")
    sd_assumed = serializers.BooleanField()
    reviewers = serializers.IntegerField()
    per_reviewer = Fixed4(allow_null=True, help_text="For a reviewer of weight 1; null without reviewers.")
    minutes = Fixed4(allow_null=True, help_text="What a review usually takes; null before there are any.")
    hours = Fixed4(allow_null=True)
