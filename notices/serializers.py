"""The shapes of notices in the API: what comes in (In, Patch), what goes out (Out)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.serializers import PlainText, Strict
from notices.models import ChatWebhook
from notices.selectors import KindChoice, Told, address_hint


class NoticeSubjectOut(serializers.Serializer[Any]):
    type = serializers.CharField(source="subject_type")
    id = serializers.IntegerField(source="subject_id")


class NoticeOut(serializers.Serializer[Told]):
    """A notice in the words it has for its reader now; `url` is a path below the address of the server."""

    id = serializers.IntegerField(source="notice.pk")
    kind = serializers.CharField(source="notice.kind")
    subject = NoticeSubjectOut(source="notice")
    title = serializers.CharField(source="words.title")
    text = serializers.CharField(source="words.text")
    url = serializers.CharField(source="words.url")
    created_at = serializers.DateTimeField(source="notice.created_at")
    read_at = serializers.DateTimeField(source="notice.read_at", allow_null=True)


class NoticesReadOut(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many were unread.")


class PreferenceOut(serializers.Serializer[KindChoice]):
    kind = serializers.CharField(source="kind.name")
    title = serializers.CharField(source="kind.title")
    inbox = serializers.BooleanField(source="choice.inbox")
    email = serializers.BooleanField(source="choice.email")
    locked = serializers.BooleanField(source="choice.locked")


class PreferencesOut(serializers.Serializer[Any]):
    kinds = PreferenceOut(many=True)


class PreferenceIn(Strict):
    kind = PlainText(max_length=64)
    inbox = serializers.BooleanField(required=False)
    email = serializers.BooleanField(required=False)


class PreferencesPatch(Strict):
    kinds = PreferenceIn(many=True)


class DefaultIn(PreferenceIn):
    locked = serializers.BooleanField(required=False)


class DefaultsPatch(Strict):
    kinds = DefaultIn(many=True)


class ChatWebhookPatch(Strict):
    url = PlainText(max_length=2000, required=False)
    kinds = serializers.ListField(child=PlainText(max_length=64), max_length=100, required=False)


class ChatWebhookIn(ChatWebhookPatch):
    url = PlainText(max_length=2000)
    kinds = serializers.ListField(child=PlainText(max_length=64), max_length=100)


class ChatWebhookOut(serializers.Serializer[ChatWebhook | None]):
    """The address itself is never given: only its host and last four characters, null where there is none."""

    url_hint = serializers.SerializerMethodField(allow_null=True)
    kinds = serializers.ListField(child=serializers.CharField())
    failures = serializers.IntegerField()
    problem = serializers.CharField()
    paused_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)

    def get_url_hint(self, row: ChatWebhook) -> str | None:
        return address_hint(row) if row.url else None
