"""The JSON of what helps to write a comment."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.access import Actor
from common.etags import etag
from common.serializers import PlainText, Strict
from qa_reviews.models import CommentTemplate
from qa_reviews.policies.templates import may_change
from qa_reviews.serializers.judgements import LONGEST_COMMENT
from qa_reviews.services.templates import TemplateInput


class CommentTemplateIn(Strict):
    name = PlainText(max_length=120)
    body = PlainText(max_length=LONGEST_COMMENT)
    category = PlainText(max_length=100, required=False, allow_blank=True)
    shared = serializers.BooleanField(required=False)

    def given(self, before: CommentTemplate | None = None) -> TemplateInput:
        """What is asked for, over what it was before."""
        old: dict[str, Any] = {}
        if before is not None:
            old = {name: getattr(before, name) for name in ("name", "body", "category")}
            old["shared"] = before.owner_id is None
        return TemplateInput(**(old | dict(self.validated_data)))


class CommentTemplateOut(serializers.Serializer[CommentTemplate]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    body = serializers.CharField()
    category = serializers.CharField()
    shared = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    def get_shared(self, row: CommentTemplate) -> bool:
        return row.owner_id is None

    def get_etag(self, row: CommentTemplate) -> str:
        return etag(row)

    def get_authorized_actions(self, row: CommentTemplate) -> list[str]:
        actor: Actor = self.context["actor"]
        return ["update", "delete"] if may_change(actor, row).allowed else []


class HashtagOut(serializers.Serializer[Any]):
    hashtag = serializers.CharField()
    reviews = serializers.IntegerField()


class HashtagsOut(serializers.Serializer[Any]):
    results = HashtagOut(many=True)


class MentionableOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class MarkdownIn(Strict):
    text = PlainText(max_length=LONGEST_COMMENT, allow_blank=True, trim_whitespace=False)


class MarkdownOut(serializers.Serializer[Any]):
    html = serializers.CharField()
