"""Shape of sample plans in requests and answers (api.md, Sampling)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from common.params import BIGGEST_ID
from common.serializers import Fixed4, PlainText, RefOut, Strict
from qa_reviews.models import SamplePlan
from qa_reviews.policies.plans import plan_actions

FILTER: dict[str, Any] = {"type": "object", "additionalProperties": True}
PERIODS, REVIEWEES = SamplePlan.Period.choices, SamplePlan.Reviewee.choices


@extend_schema_field(FILTER)
class FilterField(serializers.JSONField):
    """The names of the conversation list's parameters, each a value or a list."""


@extend_schema_field({"oneOf": [FILTER, {"type": "array", "items": FILTER}, {"type": "null"}]})
class RiskFilterField(serializers.JSONField):
    """A filter, or a list of filters of which any may hold."""


class TermsIn(Strict):
    """What decides about the frame and how many are drawn from it."""

    filter = FilterField(required=False)
    period = serializers.ChoiceField(PERIODS, required=False)
    per_agent = serializers.IntegerField(required=False)
    risk_filter = RiskFilterField(required=False, allow_null=True)
    risk_share = serializers.DecimalField(None, None, required=False, allow_null=True)
    reviewee = serializers.ChoiceField(REVIEWEES, required=False)


class PlanFieldsIn(TermsIn):
    second_review_share = serializers.DecimalField(None, None, required=False)
    reviewers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST_ID), max_length=1000, required=False
    )
    blind = serializers.BooleanField(required=False)
    active = serializers.BooleanField(required=False)

    def validate_reviewers(self, value: list[int]) -> tuple[int, ...]:
        return tuple(value)


class SamplePlanIn(PlanFieldsIn):
    name = PlainText(max_length=255)
    scorecard = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
    seed = PlainText(max_length=255, required=False)


class SamplePlanChangeIn(PlanFieldsIn):
    name = PlainText(max_length=255, required=False)
    scorecard = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False)
    seed = PlainText(required=False, help_text="Refused: a plan's seed never changes.")

    def validate_seed(self, value: str) -> str:
        raise serializers.ValidationError("A plan's seed never changes.", "immutable")


class SamplePlanOut(serializers.Serializer[SamplePlan]):
    """A plan as planners see it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    filter = FilterField()
    period = serializers.ChoiceField(PERIODS)
    per_agent = serializers.IntegerField()
    risk_filter = RiskFilterField(allow_null=True)
    risk_share = serializers.SerializerMethodField()
    second_review_share = Fixed4()
    scorecard = RefOut()
    reviewers = RefOut(many=True)
    reviewee = serializers.ChoiceField(REVIEWEES)
    blind = serializers.BooleanField()
    seed = serializers.CharField()
    seed_given = serializers.BooleanField()
    seeded_at = serializers.DateTimeField()
    active = serializers.BooleanField()
    draws = serializers.IntegerField(source="draw_count")
    created_by = RefOut(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

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
    agents = serializers.IntegerField()
    frame_per_agent = serializers.FloatField(allow_null=True, help_text="Median over agents.")
    half_width = Fixed4(allow_null=True, help_text="The median agent will be known to +- so many points.")
    sd = Fixed4(help_text="Standard deviation of a score that this rests on.")
    sd_assumed = serializers.BooleanField()
