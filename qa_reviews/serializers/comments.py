"""The JSON of the talk under a review, and of mending, moving and releasing reviews."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from common.params import BIGGEST_ID
from common.serializers import PlainText, RefField, RefOut, Strict
from qa_reviews.markup import render
from qa_reviews.models import Review, ReviewComment
from qa_reviews.policies.basics import hides_member
from qa_reviews.policies.comments import comment_actions
from qa_reviews.serializers.judgements import LONGEST_COMMENT

MOST_RELEASED = 1000
Side = Literal["agent", "reviewer", "other"]


class ReviewCommentIn(Strict):
    """`visibility` reviewers makes a private note, which the agent never sees; `category` is a key."""

    body = PlainText(max_length=LONGEST_COMMENT)
    visibility = serializers.ChoiceField(
        choices=ReviewComment.Visibility.choices, default=ReviewComment.Visibility.EVERYONE
    )
    category = PlainText(max_length=100, required=False, allow_blank=True, default="")


class ReviewCommentChangeIn(Strict):
    body = PlainText(max_length=LONGEST_COMMENT)


class ReviewCommentOut(serializers.Serializer[ReviewComment]):
    """A comment; its author is null where reviewers stay unnamed. Context: actor, review, people."""

    id = serializers.IntegerField(source="pk")
    review = serializers.IntegerField(source="review_id")
    author = serializers.SerializerMethodField()
    side = serializers.SerializerMethodField()
    body = serializers.CharField()
    html = serializers.SerializerMethodField()
    visibility = serializers.ChoiceField(choices=ReviewComment.Visibility.choices)
    category = serializers.CharField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    @extend_schema_field(RefOut(allow_null=True))
    def get_author(self, comment: ReviewComment) -> Any:
        hidden = hides_member(self.context["actor"], self.context["review"], comment.author_id)
        return None if hidden else RefOut(comment.author).data

    def get_side(self, comment: ReviewComment) -> Side:
        review: Review = self.context["review"]
        if comment.author_id == review.reviewer_id:
            return "reviewer"
        return "agent" if comment.author.agent_id == review.agent_id else "other"

    def get_html(self, comment: ReviewComment) -> str:
        return render(comment.body, self.context["people"])

    def get_etag(self, comment: ReviewComment) -> str:
        return etag(comment)

    def get_authorized_actions(self, comment: ReviewComment) -> list[str]:
        return comment_actions(self.context["actor"], comment)


class AmendmentIn(Strict):
    """Other words for the review's comment, and for those of categories by key; the rest stays."""

    comment = PlainText(max_length=LONGEST_COMMENT, required=False, allow_blank=True, allow_null=True)
    comments = serializers.DictField(
        child=PlainText(max_length=LONGEST_COMMENT, allow_blank=True), required=False
    )


class RevieweeIn(Strict):
    agent = RefField()


class ReleaseIn(Strict):
    """Which reviews to release; without them all that are held in the caller's teams."""

    reviews = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST_ID),
        required=False,
        allow_null=True,
        max_length=MOST_RELEASED,
    )


class ReleaseOut(serializers.Serializer[Any]):
    released = serializers.IntegerField()
