"""Shapes of conversations with what reviewing adds."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from conversations.models import Conversation
from conversations.serializers import ConversationOut, MessageOut, SurveyOut
from qa_reviews.policies.conversations import authorized_actions


class ConversationCountOut(serializers.Serializer[Any]):
    """Exact up to 10,000; `more`: there are more than `count`."""

    count = serializers.IntegerField()
    more = serializers.BooleanField()


class FlagOut(serializers.Serializer[Any]):
    """A signal of risk, and why the conversation gives it."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    why = serializers.CharField()


class ConversationRowOut(ConversationOut):
    """A row of the list. Context: `actor`."""

    authorized_actions = serializers.SerializerMethodField()

    class Meta(ConversationOut.Meta):
        fields = (*ConversationOut.Meta.fields, "authorized_actions")  # type: ignore[assignment]

    def get_authorized_actions(self, conversation: Conversation) -> list[str]:
        return authorized_actions(self.context["actor"], conversation)


class ConversationDetailOut(ConversationRowOut):
    """With its messages, and the customer's answers; `surveys` is null where you may not know them. Context:
    `actor`, `messages`, `surveys`, `flags`; `flags` is null where you may not know them."""

    messages = serializers.SerializerMethodField()
    surveys = serializers.SerializerMethodField()
    flags = serializers.SerializerMethodField()
    etag = serializers.SerializerMethodField()

    class Meta(ConversationRowOut.Meta):
        fields = (  # type: ignore[assignment]
            *ConversationRowOut.Meta.fields,
            *("messages", "surveys", "flags", "etag"),
        )

    @extend_schema_field(MessageOut(many=True))
    def get_messages(self, conversation: Conversation) -> Any:
        return MessageOut(self.context["messages"], many=True).data

    @extend_schema_field(SurveyOut(many=True, allow_null=True))
    def get_surveys(self, conversation: Conversation) -> Any:
        surveys = self.context["surveys"]
        return None if surveys is None else SurveyOut(surveys, many=True).data

    @extend_schema_field(FlagOut(many=True, allow_null=True))
    def get_flags(self, conversation: Conversation) -> Any:
        flags = self.context["flags"]
        return None if flags is None else FlagOut(flags, many=True).data

    def get_etag(self, conversation: Conversation) -> str:
        return etag(conversation)
