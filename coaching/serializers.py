"""Shape of rules, runs and assignments in requests and answers (api.md)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import JobOut
from coaching import policies
from coaching.models import Assignment, CoachingPeriod, CoachingRule, CoachingRun
from coaching.selectors.assignments import evidence_for, reason_for
from coaching.selectors.runs import not_proposed, proposed
from coaching.services.assignments import TEXT_LENGTH
from common.etags import etag
from common.serializers import Fixed4, PlainText, RefField, RefOut, Strict


class RulePatch(Strict):
    name = PlainText(max_length=255, required=False)
    kind = serializers.ChoiceField(CoachingRule.Kind.choices, required=False)
    strength = serializers.ChoiceField(CoachingRule.Strength.choices, required=False)
    target = serializers.DecimalField(
        7,
        4,
        required=False,
        allow_null=True,
        help_text="Points, or per cent satisfied; above 0, at most 100.",
    )
    category = PlainText(max_length=100, required=False, allow_blank=True, allow_null=True)
    min_reviews = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    min_answers = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    period = serializers.ChoiceField(CoachingPeriod.choices, required=False)
    cooldown_days = serializers.IntegerField(min_value=0, max_value=3650, required=False)
    coach = RefField(required=False, allow_null=True)
    active = serializers.BooleanField(required=False)

    def validate_category(self, value: str | None) -> str:
        return value or ""


class RuleIn(RulePatch):
    name = PlainText(max_length=255)
    kind = serializers.ChoiceField(CoachingRule.Kind.choices)
    strength = serializers.ChoiceField(CoachingRule.Strength.choices)


class RunIn(Strict):
    period = serializers.ChoiceField(CoachingPeriod.choices)
    period_start = serializers.DateField(help_text="The first day of a finished week or month.")


class AssignIn(Strict):
    coach = RefField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)


class CompleteIn(Strict):
    outcome = PlainText(required=False, allow_blank=True, max_length=TEXT_LENGTH)


class DismissIn(Strict):
    reason = PlainText(max_length=TEXT_LENGTH)


class Shown(serializers.Serializer[Any]):
    """Base of answers that want `actor` in their context."""

    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    @property
    def actor(self) -> Any:
        return self.context["actor"]

    def get_etag(self, row: Any) -> str:
        return etag(row)


class CoachingRuleOut(Shown):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(CoachingRule.Kind.choices)
    strength = serializers.ChoiceField(CoachingRule.Strength.choices)
    target = Fixed4()
    category = serializers.SerializerMethodField()
    min_reviews = serializers.IntegerField()
    min_answers = serializers.IntegerField()
    period = serializers.ChoiceField(CoachingPeriod.choices)
    cooldown_days = serializers.IntegerField()
    coach = RefOut(allow_null=True)
    active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_category(self, row: CoachingRule) -> str | None:
        return row.category or None

    def get_authorized_actions(self, row: CoachingRule) -> list[str]:
        return policies.rule_actions(self.actor, row)


class EvidenceIqsOut(serializers.Serializer[Any]):
    sum = serializers.CharField()
    reviews = serializers.IntegerField()
    estimate = serializers.DictField()


class EvidenceCsatOut(serializers.Serializer[Any]):
    satisfied = serializers.IntegerField()
    answers = serializers.IntegerField()
    low = serializers.CharField(allow_null=True)
    high = serializers.CharField(allow_null=True)


class CoachingEvidenceOut(serializers.Serializer[Any]):
    """The numbers as they were when it was proposed."""

    iqs = EvidenceIqsOut(allow_null=True)
    csat = EvidenceCsatOut(allow_null=True)
    target = serializers.CharField(allow_null=True)
    conversations = serializers.ListField(child=serializers.IntegerField())


class AssignmentOut(Shown):
    id = serializers.IntegerField()
    agent = RefOut()
    team = RefOut(allow_null=True)
    rule = RefOut()
    run = serializers.IntegerField(source="run_id", allow_null=True)
    period = serializers.ChoiceField(CoachingPeriod.choices)
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    state = serializers.ChoiceField(Assignment.State.choices)
    strength = serializers.ChoiceField(CoachingRule.Strength.choices)
    reason = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    conversation = RefOut(allow_null=True)
    coach = RefOut(allow_null=True)
    assigned_by = RefOut(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    assigned_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    dismissed_at = serializers.DateTimeField(allow_null=True)
    dismiss_reason = serializers.CharField()
    outcome = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_reason(self, row: Assignment) -> str:
        return reason_for(self.actor, row)

    @extend_schema_field(CoachingEvidenceOut)
    def get_evidence(self, row: Assignment) -> dict[str, Any]:
        return evidence_for(self.actor, row)

    def get_authorized_actions(self, row: Assignment) -> list[str]:
        return policies.assignment_actions(self.actor, row)


class CoachingRunOut(serializers.Serializer[Any]):
    """Wants `actor` in its context and a row of selectors.runs; `proposed_count` counts what is in sight."""

    id = serializers.IntegerField()
    period = serializers.ChoiceField(CoachingPeriod.choices)
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    state = serializers.ChoiceField(CoachingRun.State.choices, source="shown_state")
    error = serializers.CharField(source="job_error")
    job = serializers.IntegerField(source="job_id", allow_null=True)
    agents = serializers.IntegerField(help_text="Whose numbers were looked at.")
    proposed_count = serializers.IntegerField(source="proposed_in_sight")
    requested_by = RefOut(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    authorized_actions = serializers.SerializerMethodField()

    def get_authorized_actions(self, row: CoachingRun) -> list[str]:
        return []  # a run is only read


class NotProposedOut(serializers.Serializer[Any]):
    agent = RefOut()
    rule = RefOut()
    code = serializers.CharField()
    why = serializers.CharField()


class CoachingRunDetailOut(CoachingRunOut):
    proposed = serializers.SerializerMethodField()
    not_proposed = serializers.SerializerMethodField()

    @extend_schema_field(AssignmentOut(many=True))
    def get_proposed(self, row: CoachingRun) -> list[dict[str, Any]]:
        return [
            AssignmentOut(each, context=self.context).data for each in proposed(self.context["actor"], row)
        ]

    @extend_schema_field(NotProposedOut(many=True))
    def get_not_proposed(self, row: CoachingRun) -> list[dict[str, Any]]:
        return [NotProposedOut(each).data for each in not_proposed(self.context["actor"], row)]


class RunRequestedOut(serializers.Serializer[Any]):
    """Queued work, followed at jobs/{id}/, and the run it does."""

    job = JobOut()
    run = CoachingRunDetailOut()
