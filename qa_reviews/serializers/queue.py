"""Shape of queue items. Who grades blind is not told band, hash, probability, or what the item belongs to."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.params import BIGGEST_ID
from common.serializers import PlainText, RefOut, Strict
from qa_reviews.models import Band, QueueItem, QueueQuestion
from qa_reviews.policies.queue import item_actions, may_answer, sees_strata
from qa_reviews.services.queue.asking import LONGEST

BLIND = ("band", "u", "probability", "second_of", "replaces")


class NextIn(Strict):
    """`after`: an item of mine that I leave as it is for now."""

    after = serializers.IntegerField(required=False, min_value=1, max_value=BIGGEST_ID)


class SkipIn(Strict):
    reason = serializers.ChoiceField(QueueItem.SkipReason.choices)
    comment = PlainText(required=False, allow_blank=True, max_length=5000, default="")


class ReassignIn(Strict):
    reviewer = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)


class AskIn(Strict):
    text = PlainText(max_length=LONGEST)


class AnswerIn(Strict):
    answer = PlainText(max_length=LONGEST)


class QuestionOut(serializers.Serializer[QueueQuestion]):
    """What a reviewer asked about an item, and the answer, empty while it waits."""

    id = serializers.IntegerField()
    item = serializers.IntegerField(source="item_id")
    text = serializers.CharField()
    asked_by = RefOut()
    asked_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_by = RefOut(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class OpenQuestionOut(QuestionOut):
    """With what it is about, for who answers it."""

    conversation = RefOut(source="item.conversation")
    agent = RefOut(source="item.agent")
    plan = RefOut(source="item.draw.plan")
    authorized_actions = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_authorized_actions(self, row: QueueQuestion) -> list[str]:
        return ["answer"] if may_answer(self.context["actor"], row).allowed else []


class QueueItemOut(serializers.Serializer[QueueItem]):
    """One conversation to review. Fields of the draw are left out for blind reviewers and for peers;
    `scorecard` is null where the one that is offered for the conversation is taken."""

    id = serializers.IntegerField()
    plan = RefOut(source="draw.plan")
    kind = serializers.CharField(source="draw.plan.kind")
    draw = serializers.IntegerField(source="draw_id")
    scorecard = serializers.IntegerField(source="draw.plan.scorecard_id", allow_null=True)
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
    questions = QuestionOut(many=True)
    authorized_actions = serializers.SerializerMethodField()

    def to_representation(self, instance: QueueItem) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not sees_strata(self.context["actor"], instance):
            for name in BLIND:
                del shown[name]
        return shown

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_authorized_actions(self, row: QueueItem) -> list[str]:
        return item_actions(self.context["actor"], row)
