"""The JSON of disputes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import Actor
from accounts.models import Member
from common.etags import etag
from common.params import BIGGEST_ID
from common.serializers import PlainText, RefField, RefOut, Strict
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.models import Dispute, Review
from qa_reviews.policies.basics import hides_member
from qa_reviews.policies.disputes import dispute_actions
from qa_reviews.serializers.judgements import LONGEST_COMMENT, RatingIn


class ProposalIn(Strict):
    """The option, or N/A, that a category should have had."""

    category = PlainText(max_length=100)
    option = PlainText(max_length=100, required=False, allow_null=True)
    na = serializers.BooleanField(default=False)
    comment = PlainText(max_length=LONGEST_COMMENT, required=False, allow_blank=True)


class DisputeIn(Strict):
    """`proposed` for kind ratings, `agent` (whose work it was) for kind wrong_agent; neither is needed."""

    kind = serializers.ChoiceField(choices=Dispute.Kind.choices)
    comment = PlainText(max_length=LONGEST_COMMENT)
    proposed = serializers.ListField(child=ProposalIn(), required=False, max_length=1000)
    agent = RefField(required=False, allow_null=True)

    @property
    def proposed_choices(self) -> tuple[Choice, ...]:
        return tuple(Choice.of(raw) for raw in self.validated_data.get("proposed") or ())


class ResolutionIn(Strict):
    """`ratings` are put over the newest grading; without them an accepted dispute takes the proposed ones.
    `agent` for an accepted wrong_agent: whose work it was."""

    outcome = serializers.ChoiceField(choices=Dispute.Outcome.choices)
    comment = PlainText(max_length=LONGEST_COMMENT)
    ratings = serializers.ListField(child=RatingIn(), required=False, allow_null=True, max_length=1000)
    agent = RefField(required=False, allow_null=True)

    @property
    def judgement(self) -> Judgement | None:
        ratings = self.validated_data.get("ratings")
        return Judgement.of({"ratings": ratings}) if ratings is not None else None


class RerouteIn(Strict):
    """`to` is a member who answers for the team; null asks its leads."""

    to = serializers.IntegerField(
        min_value=1, max_value=BIGGEST_ID, required=False, allow_null=True, default=None
    )
    comment = PlainText(max_length=LONGEST_COMMENT, required=False, allow_blank=True, default="")


class ProposalOut(serializers.Serializer[Any]):
    category = serializers.CharField()
    option = serializers.CharField(allow_null=True)
    na = serializers.BooleanField()
    comment = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {
            "category": instance["category"],
            "option": instance.get("option"),
            "na": bool(instance.get("na")),
            "comment": instance.get("comment") or "",
        }


class DisputeOut(serializers.Serializer[Dispute]):
    """A dispute and its answer. Context: actor, review."""

    id = serializers.IntegerField(source="pk")
    review = serializers.IntegerField(source="review_id")
    number = serializers.IntegerField()
    grading = serializers.IntegerField(source="grading_number")
    kind = serializers.ChoiceField(choices=Dispute.Kind.choices)
    comment = serializers.CharField()
    proposed = ProposalOut(many=True)
    agent = RefOut(source="proposed_agent", allow_null=True)
    state = serializers.ChoiceField(choices=Dispute.State.choices)
    raised_by = serializers.SerializerMethodField()
    raised_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    escalated_at = serializers.DateTimeField(allow_null=True)
    assigned_to = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    answer = serializers.CharField()
    resolved_by = serializers.SerializerMethodField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    def named(self, member: Member | None) -> Any:
        actor: Actor = self.context["actor"]
        review: Review = self.context["review"]
        hidden = member is None or hides_member(actor, review, member.pk)
        return None if hidden else RefOut(member).data

    @extend_schema_field(RefOut(allow_null=True))
    def get_raised_by(self, dispute: Dispute) -> Any:
        return self.named(dispute.raised_by)

    @extend_schema_field(RefOut(allow_null=True))
    def get_assigned_to(self, dispute: Dispute) -> Any:
        return self.named(dispute.assigned_to)

    @extend_schema_field(RefOut(allow_null=True))
    def get_resolved_by(self, dispute: Dispute) -> Any:
        return self.named(dispute.resolved_by)

    @extend_schema_field(serializers.ChoiceField(choices=Dispute.Outcome.choices, allow_null=True))
    def get_outcome(self, dispute: Dispute) -> str | None:
        return dispute.outcome or None

    def get_etag(self, dispute: Dispute) -> str:
        return etag(dispute)

    def get_authorized_actions(self, dispute: Dispute) -> list[str]:
        return dispute_actions(self.context["actor"], self.context["review"], dispute)
