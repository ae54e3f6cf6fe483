"""The JSON of reviews, as it comes in."""

from __future__ import annotations

from rest_framework import serializers

from common.params import BIGGEST_ID
from common.serializers import PlainText, RefField, Strict
from qa_reviews.models import Review
from qa_reviews.services.gradings import Judgement

LONGEST_COMMENT = 20_000


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


class JudgementIn(Strict):
    """The choices and the comment of a review."""

    ratings = serializers.ListField(child=RatingIn(), required=False, max_length=1000)
    comment = PlainText(max_length=LONGEST_COMMENT, required=False, allow_blank=True)

    @property
    def judgement(self) -> Judgement:
        return Judgement.of(self.validated_data)


class ReviewIn(JudgementIn):
    conversation = RefField(required=False, allow_null=True)
    agent = RefField(required=False, allow_null=True)
    scorecard = RefField(required=False, allow_null=True)
    queue_item = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=[Review.Kind.STANDARD, Review.Kind.SELF], required=False)
    submit = serializers.BooleanField(default=False)


class DraftIn(JudgementIn):
    """`draft_number` is the one that was read: 412 when the draft was saved elsewhere since."""

    draft_number = serializers.IntegerField(min_value=0, required=False)


class RevisionIn(JudgementIn):
    ratings = serializers.ListField(child=RatingIn(), max_length=1000)
    reason = PlainText(max_length=LONGEST_COMMENT)


class RetractionIn(Strict):
    reason = PlainText(max_length=LONGEST_COMMENT)
