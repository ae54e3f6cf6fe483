"""Shape of queue items. Who grades blind is not told band, hash, probability, or what the item belongs to."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.params import BIGGEST_ID
from common.serializers import PlainText, RefOut, Strict
from qa_reviews.models import Band, QueueItem
from qa_reviews.policies.plans import item_actions, sees_strata

BLIND = ("band", "u", "probability", "second_of", "replaces")


class SkipIn(Strict):
    reason = serializers.ChoiceField(QueueItem.SkipReason.choices)
    comment = PlainText(required=False, allow_blank=True, max_length=5000, default="")


class ReassignIn(Strict):
    reviewer = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)


class QueueItemOut(serializers.Serializer[QueueItem]):
    """One conversation to review. Fields of the draw are left out for blind reviewers."""

    id = serializers.IntegerField()
    plan = RefOut(source="draw.plan")
    draw = serializers.IntegerField(source="draw_id")
    scorecard = serializers.IntegerField(source="draw.plan.scorecard_id")
    conversation = RefOut()
    agent = RefOut()
    team = RefOut(allow_null=True)
    band = serializers.ChoiceField(Band.choices, required=False)
    u = serializers.FloatField(required=False)
    probability = serializers.FloatField(required=False)
    second_of = serializers.IntegerField(source="second_of_id", required=False, allow_null=True)
    replaces = serializers.IntegerField(source="replaces_id", required=False, allow_null=True)
    reviewer = RefOut(allow_null=True)
    state = serializers.ChoiceField(QueueItem.State.choices)
    due_on = serializers.DateField()
    claimed_at = serializers.DateTimeField(allow_null=True)
    skip_reason = serializers.CharField()
    skip_comment = serializers.CharField()
    authorized_actions = serializers.SerializerMethodField()

    def to_representation(self, instance: QueueItem) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not sees_strata(self.context["actor"], instance):
            for name in BLIND:
                del shown[name]
        return shown

    def get_authorized_actions(self, row: QueueItem) -> list[str]:
        return item_actions(self.context["actor"], row)
