"""The JSON of reviews, as it comes in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.params import BIGGEST_ID
from common.serializers import PlainText, RefField, Strict
from qa_reviews.judgement import Judgement
from qa_reviews.models import Remark, Review

LONGEST_COMMENT = 20_000
LONGEST_ANSWER = 2_000
LONGEST_SITTING = 10**8  # seconds


class EvidenceIn(Strict):
    message = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
    start = serializers.IntegerField(min_value=0, max_value=10**8)
    end = serializers.IntegerField(min_value=1, max_value=10**8)


class RatingIn(Strict):
    category = PlainText(max_length=100)
    option = PlainText(max_length=100, required=False, allow_null=True)
    na = serializers.BooleanField(default=False)
    comment = PlainText(max_length=LONGEST_COMMENT, required=False, allow_blank=True)
    root_causes = serializers.ListField(child=PlainText(max_length=255), required=False, max_length=50)
    evidence = serializers.ListField(child=EvidenceIn(), required=False, max_length=50)


class RemarkIn(Strict):
    """On a whole message, or on the code points start to end of its text."""

    message = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
    start = serializers.IntegerField(min_value=0, max_value=10**8, required=False, allow_null=True)
    end = serializers.IntegerField(min_value=1, max_value=10**8, required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=Remark.Kind.choices, required=False)
    body = PlainText(max_length=LONGEST_COMMENT, required=False, allow_blank=True)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}]})
class AnswerField(serializers.Field[Any, Any, Any, Any]):
    """A text, a number, or nothing; the scorecard says which."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            return PlainText(max_length=LONGEST_ANSWER, allow_blank=True).run_validation(data)
        if data is None or (isinstance(data, int | float) and not isinstance(data, bool)):
            return data
        raise serializers.ValidationError("Answer with a text or a number.", "invalid")

    def to_representation(self, value: Any) -> Any:
        return value


class JudgementIn(Strict):
    """The choices, answers and remarks of a review, and its comment."""

    ratings = serializers.ListField(child=RatingIn(), required=False, max_length=1000)
    comment = PlainText(max_length=LONGEST_COMMENT, required=False, allow_blank=True)
    answers = serializers.DictField(child=AnswerField(allow_null=True), required=False)
    remarks = serializers.ListField(child=RemarkIn(), required=False, max_length=200)

    @property
    def judgement(self) -> Judgement:
        return Judgement.of(self.validated_data)


class ReviewIn(JudgementIn):
    """Without a scorecard the one that is offered for the conversation is taken."""

    conversation = RefField(required=False, allow_null=True)
    agent = RefField(required=False, allow_null=True)
    scorecard = RefField(required=False, allow_null=True)
    queue_item = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=[Review.Kind.STANDARD, Review.Kind.SELF], required=False)
    submit = serializers.BooleanField(default=False)


class DraftIn(JudgementIn):
    """`draft_number` is the one that was read: 412 when the draft was saved elsewhere since.
    `active_seconds` is the time spent on it so far: the most that was sent counts, at most the time since the
    draft was opened."""

    draft_number = serializers.IntegerField(min_value=0, required=False)
    active_seconds = serializers.IntegerField(min_value=0, max_value=LONGEST_SITTING, required=False)


class RevisionIn(JudgementIn):
    ratings = serializers.ListField(child=RatingIn(), max_length=1000)
    reason = PlainText(max_length=LONGEST_COMMENT)


class RetractionIn(Strict):
    reason = PlainText(max_length=LONGEST_COMMENT)
