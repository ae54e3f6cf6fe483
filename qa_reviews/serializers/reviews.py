"""The JSON of reviews, as it is answered."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import Actor
from common.etags import etag
from common.serializers import Fixed4, RefOut
from qa_reviews.models import Grading, Rating, Remark, Review
from qa_reviews.policies.basics import hides_member, hides_reviewer, is_released
from qa_reviews.policies.reviews import authorized_actions
from qa_reviews.selectors.reviews import newest_grading, ratings_of, remarks_of
from scorecards.bands import band_of
from scorecards.scoring import passed
from scorecards.selectors import pass_mark_of


class KeyedScore(serializers.Serializer[Any]):
    key = serializers.CharField()
    score = serializers.CharField(allow_null=True)


class PassageOut(serializers.Serializer[Any]):
    message = serializers.IntegerField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class EvidenceOut(serializers.Serializer[Any]):
    message = serializers.IntegerField(source="message_id", allow_null=True)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    quote = serializers.CharField()


class RemarkOut(serializers.Serializer[Remark]):
    """On a whole message, or on the quoted words of it. Of a draft without the quote."""

    message = serializers.IntegerField(source="message_id", allow_null=True)
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    quote = serializers.CharField()
    kind = serializers.ChoiceField(choices=Remark.Kind.choices)
    body = serializers.CharField()


class RatingSuggestionOut(serializers.Serializer[Rating]):
    """What was suggested for a rating when it was submitted; the option is null for N/A."""

    option = serializers.SerializerMethodField()
    source = serializers.CharField(source="suggestion_source")  # type: ignore[assignment]  # a field of that name
    version = serializers.CharField(source="suggestion_version")
    passages = PassageOut(source="suggestion_passages", many=True)

    def get_option(self, rating: Rating) -> str | None:
        return rating.suggested_option or None


class RatingOut(serializers.Serializer[Rating]):
    """Of a draft only what has been chosen: category, option, na, comment, root_causes, evidence."""

    category = serializers.CharField()
    state = serializers.ChoiceField(choices=Rating.State.choices)
    option = serializers.CharField(allow_null=True)
    na = serializers.BooleanField()
    score = Fixed4()
    applied_weight = Fixed4()
    comment = serializers.CharField()
    root_causes = serializers.ListField(child=serializers.CharField())
    evidence = EvidenceOut(many=True)
    suggestion = RatingSuggestionOut(allow_null=True)

    def to_representation(self, instance: Rating) -> dict[str, Any]:
        return {
            "category": instance.category,
            "state": instance.state,
            "option": instance.option or None,
            "na": instance.state == Rating.State.NA,
            "score": _fixed(instance.score),
            "applied_weight": _fixed(instance.applied_weight),
            "comment": instance.comment,
            "root_causes": instance.root_causes,
            "evidence": EvidenceOut(instance.evidence.all(), many=True).data,
            "suggestion": RatingSuggestionOut(instance).data if instance.suggestion_source else None,
        }


class GradingOut(serializers.Serializer[Grading]):
    """`amends` marks one that only mends words of the grading before it."""

    number = serializers.IntegerField()
    grader = serializers.SerializerMethodField()
    scorecard_version = serializers.IntegerField(source="version.number")
    score = Fixed4()
    unfailed_score = Fixed4()
    uncapped_score = Fixed4()
    failed_by = serializers.ListField(child=serializers.CharField())
    comment = serializers.CharField()
    reason = serializers.CharField()
    amends = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(RefOut(allow_null=True))
    def get_grader(self, grading: Grading) -> Any:
        actor: Actor = self.context["actor"]
        hidden = hides_reviewer(actor) and grading.grader_id != actor.member_id
        return None if hidden or grading.grader is None else RefOut(grading.grader).data


class ReviewOut(serializers.Serializer[Review]):
    """A review in a list. Context: actor. `released` says whether its agent may see it by now."""

    id = serializers.IntegerField(source="pk")
    state = serializers.ChoiceField(choices=Review.State.choices)
    score = Fixed4()
    unfailed_score = Fixed4()
    uncapped_score = serializers.SerializerMethodField()
    failed_by = serializers.ListField(child=serializers.CharField())
    passed = serializers.SerializerMethodField()
    band = serializers.SerializerMethodField()
    reviewer = serializers.SerializerMethodField()
    agent = RefOut()
    team = RefOut(allow_null=True)
    conversation = RefOut()
    scorecard = RefOut()
    scorecard_version = serializers.IntegerField(source="version.number")
    kind = serializers.ChoiceField(choices=Review.Kind.choices)
    selection = serializers.SerializerMethodField()
    declared_selection = serializers.SerializerMethodField()
    gradings = GradingOut(many=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    released = serializers.SerializerMethodField()
    release_at = serializers.DateTimeField(allow_null=True)
    seen_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    reported_score = Fixed4()
    active_seconds = serializers.IntegerField(allow_null=True)
    blind = serializers.BooleanField()
    revealed_at = serializers.DateTimeField(allow_null=True)
    started_from = serializers.CharField()
    hashtags = serializers.ListField(child=serializers.CharField())
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    @property
    def actor(self) -> Actor:
        actor: Actor = self.context["actor"]
        return actor

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_uncapped_score(self, review: Review) -> str | None:
        grading = newest_grading(review)
        return _fixed(grading.uncapped_score) if grading else None

    def get_passed(self, review: Review) -> bool | None:
        return passed(review.score, pass_mark_of(review.scorecard, self.actor.workspace.settings.pass_mark))

    def get_band(self, review: Review) -> str:
        return band_of(review.scorecard.bands, review.score)

    @extend_schema_field(RefOut(allow_null=True))
    def get_reviewer(self, review: Review) -> Any:
        hidden = hides_member(self.actor, review, review.reviewer_id)
        return None if hidden else RefOut(review.reviewer).data

    @extend_schema_field(serializers.ChoiceField(choices=Review.Selection.choices, allow_null=True))
    def get_selection(self, review: Review) -> str | None:
        """Null while a draft: a band would tell a blind reviewer what to expect."""
        return None if review.state == Review.State.DRAFT else review.selection

    def get_declared_selection(self, review: Review) -> str | None:
        return None if review.state == Review.State.DRAFT else review.declared_selection or None

    def get_released(self, review: Review) -> bool:
        return is_released(review)

    def get_etag(self, review: Review) -> str:
        return etag(review)

    def get_authorized_actions(self, review: Review) -> list[str]:
        return authorized_actions(self.actor, review)


class ReviewDetailOut(ReviewOut):
    """A single review: with the newest grading's ratings and sub-scores, or what the draft holds so far."""

    ratings = serializers.SerializerMethodField()
    comment = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()
    remarks = serializers.SerializerMethodField()
    groups = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    draft_number = serializers.IntegerField()

    @extend_schema_field(RatingOut(many=True))
    def get_ratings(self, review: Review) -> Any:
        if review.state == Review.State.DRAFT:
            return review.draft.get("ratings", [])
        return [RatingOut(rating).data for rating in ratings_of(review)]

    def get_comment(self, review: Review) -> str:
        grading = newest_grading(review)
        return grading.comment if grading else str(review.draft.get("comment", ""))

    def get_answers(self, review: Review) -> dict[str, Any]:
        grading = newest_grading(review)
        found: dict[str, Any] = grading.answers if grading else review.draft.get("answers", {})
        return found

    @extend_schema_field(RemarkOut(many=True))
    def get_remarks(self, review: Review) -> Any:
        if review.state == Review.State.DRAFT:
            return review.draft.get("remarks", [])
        return [RemarkOut(remark).data for remark in remarks_of(review)]

    @extend_schema_field(KeyedScore(many=True))
    def get_groups(self, review: Review) -> Any:
        grading = newest_grading(review)
        return grading.groups if grading else []

    @extend_schema_field(KeyedScore(many=True))
    def get_tags(self, review: Review) -> Any:
        grading = newest_grading(review)
        return grading.tags if grading else []


def _fixed(value: Any) -> str | None:
    return None if value is None else f"{value:.4f}"
