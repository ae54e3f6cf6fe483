"""Shapes of answers about conversations and imports, and of the request to delete texts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils.html import escape
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from common.serializers import Fixed4, PlainText, RefField, RefOut, Strict
from conversations.models import Conversation, Customer, ImportRun, Message, SignalWords, SurveyResponse
from conversations.signal_defaults import LONGEST, MOST
from conversations.text import visible_bidi

MOST_DELETED = 1000


class CustomerOut(serializers.ModelSerializer[Any]):
    class Meta:
        model = Customer
        fields = ("id", "source", "external_id", "name", "email", "account")


class ReportedOut(serializers.Serializer[Any]):
    """The helpdesk's own figures, in seconds."""

    first_response_seconds = serializers.FloatField(source="reported_first_response_seconds", allow_null=True)
    handling_seconds = serializers.FloatField(source="reported_handling_seconds", allow_null=True)
    resolution_seconds = serializers.FloatField(source="reported_resolution_seconds", allow_null=True)


class ConversationOut(serializers.ModelSerializer[Conversation]):
    """`first_response_seconds` comes from the messages, `reported` from the helpdesk; zero and negative ones
    are shown and counted in no average. `closed_on` is the local date of closing, as it was then."""

    customer = CustomerOut(allow_null=True)
    agent = RefOut(allow_null=True)
    most_active_agent = RefOut(allow_null=True)
    team = RefOut(allow_null=True)
    reported = ReportedOut(source="*")
    attributes = serializers.DictField()

    class Meta:
        model = Conversation
        fields = (
            *("id", "source", "external_id", "url", "subject", "channel", "language", "topic", "tags"),
            *("status", "opened_at", "closed_at", "closed_on", "reopened_count", "attributes", "customer"),
            *("agent", "most_active_agent", "team", "message_count", "first_response_seconds", "reported"),
            *("is_stub", "text_deleted_at", "created_at", "updated_at"),
        )


class AuthorOut(serializers.Serializer[Message]):
    type = serializers.CharField(source="author_type")
    name = serializers.CharField(source="author_name")
    agent = RefOut(allow_null=True)


class AttachmentOut(serializers.Serializer[Any]):
    """A link as it was given; nothing is fetched."""

    name = serializers.CharField()
    url = serializers.CharField()
    content_type = serializers.CharField()


class MessageOut(serializers.ModelSerializer[Message]):
    """`text` is plain (evidence counts its code points); `html` is safe to show."""

    author = AuthorOut(source="*")
    visibility = serializers.SerializerMethodField()
    html = serializers.SerializerMethodField()
    attachments = AttachmentOut(many=True)

    class Meta:
        model = Message
        fields = (
            *("id", "external_id", "position", "author", "sent_at", "visibility", "language", "text"),
            *("html", "attachments"),
        )

    @extend_schema_field(serializers.ChoiceField(["public", "internal"]))
    def get_visibility(self, message: Message) -> str:
        return "internal" if message.internal else "public"

    def get_html(self, message: Message) -> str:
        if message.html or not message.text:
            return message.html
        return f"<p>{escape(visible_bidi(message.text))}</p>".replace("\n", "<br>")


class SurveyOut(serializers.ModelSerializer[SurveyResponse]):
    """A score as it was given, on its own scale; null when it was asked and not answered."""

    score = Fixed4(allow_null=True)
    scale_min = Fixed4()
    scale_max = Fixed4()
    agent = RefOut(allow_null=True)
    team = RefOut(allow_null=True)

    class Meta:
        model = SurveyResponse
        fields = (
            *("id", "external_id", "kind", "score", "scale_min", "scale_max", "comment", "asked_at"),
            *("responded_at", "responded_on", "agent", "team", "is_latest"),
        )


class DeletionIn(Strict):
    conversations = serializers.ListField(
        child=RefField(), allow_empty=False, min_length=1, max_length=MOST_DELETED
    )


class DeletionOut(serializers.Serializer[Any]):
    """The ids whose text and customer are gone."""

    deleted = serializers.ListField(child=serializers.IntegerField())


class ErrorOut(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class RejectedOut(serializers.Serializer[Any]):
    row = serializers.IntegerField()
    external_id = serializers.CharField()
    errors = ErrorOut(many=True)  # type: ignore[assignment]


class ConflictOut(serializers.Serializer[Any]):
    row = serializers.IntegerField()
    external_id = serializers.CharField()
    first_row = serializers.IntegerField(allow_null=True)
    errors = ErrorOut(many=True, required=False)  # type: ignore[assignment]


class ImportReportOut(serializers.Serializer[Any]):
    """The answer to an import; the first 100 of each list."""

    import_run = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = RejectedOut(many=True)
    rejected_total = serializers.IntegerField()
    conflicts = ConflictOut(many=True)
    conflicts_total = serializers.IntegerField()


class ImportRunOut(serializers.ModelSerializer[ImportRun]):
    member = RefOut(allow_null=True)
    authorized_actions = serializers.SerializerMethodField()

    class Meta:
        model = ImportRun
        fields = (
            *("id", "kind", "state", "origin", "member", "created", "updated", "unchanged"),
            *("rejected_total", "conflicts_total", "started_at", "finished_at", "authorized_actions"),
        )

    def get_authorized_actions(self, run: ImportRun) -> list[str]:
        return []


class ImportRunDetailOut(ImportRunOut):
    """With the first 100 rejected rows and conflicts of the context's `report`; all rejected ones are at
    rejected.ndjson."""

    rejected = serializers.SerializerMethodField()
    conflicts = serializers.SerializerMethodField()
    etag = serializers.SerializerMethodField()

    class Meta(ImportRunOut.Meta):
        fields = (*ImportRunOut.Meta.fields, "rejected", "conflicts", "etag")  # type: ignore[assignment]

    @extend_schema_field(RejectedOut(many=True))
    def get_rejected(self, run: ImportRun) -> Any:
        return self.context["report"]["rejected"]

    @extend_schema_field(ConflictOut(many=True))
    def get_conflicts(self, run: ImportRun) -> Any:
        return self.context["report"]["conflicts"]

    def get_etag(self, run: ImportRun) -> str:
        return etag(SimpleNamespace(pk=run.pk, updated_at=run.finished_at or run.alive_at))


class SignalWordsIn(Strict):
    """`*` at the end of a word takes any ending. `language`: without its region; empty for any."""

    kind = serializers.ChoiceField(SignalWords.Kind.choices)
    language = PlainText(max_length=35, allow_blank=True)
    words = serializers.ListField(child=PlainText(max_length=LONGEST), max_length=MOST)


class SignalWordsOut(serializers.Serializer[Any]):
    """A list that is taken; `own`: the workspace has it in place of the default."""

    kind = serializers.ChoiceField(SignalWords.Kind.choices)
    language = serializers.CharField(allow_blank=True)
    words = serializers.ListField(child=serializers.CharField())
    own = serializers.BooleanField()


class SignalWordsListOut(serializers.Serializer[Any]):
    results = SignalWordsOut(many=True)
