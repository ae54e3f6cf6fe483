"""Imported conversations: their messages, customers, answers to surveys, and the runs that brought them."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from accounts.access import Actor, Capability
from accounts.models import Agent, Member, Team
from common.models import M, Owned, OwnedQuerySet, Stamped

# Of a conversation's text, in UTF-8. A tsvector holds at most 1 MB: what lies beyond is readable but not
# searchable.
SEARCHED_BYTES = 150_000


class Customer(Owned, Stamped):
    """Who wrote in; kept apart from the text so that it can be erased."""

    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    account = models.CharField(max_length=255, blank=True)
    erased_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()  # reached through its conversation only

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "source", "external_id", name="customer_key_once")
        ]


class ConversationQuerySet(OwnedQuerySet["Conversation"]):
    def visible_to(self, actor: Actor) -> Self:
        """A role's teams (or all); an agent those he handled."""
        rows = self.in_workspace(actor.workspace_id)
        seeing = [c for c in (Capability.NUMBERS_READ_ALL, Capability.GRADE) if actor.can(c)]
        scopes = [actor.scope(c) for c in seeing]
        if None in scopes:
            return rows
        teams = frozenset[int]().union(*(s for s in scopes if s is not None))
        own = Q(agent_id=actor.agent_id) if actor.agent_id else Q(pk__in=[])
        return rows.filter(Q(team_id__in=teams) | own)


class Conversation(Owned, Stamped):
    """One exchange with a customer. `team` is as it was on closed_on; text lives in its messages."""

    class Status(models.TextChoices):
        OPEN = "open"
        PENDING = "pending"
        CLOSED = "closed"

    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255)
    url = models.CharField(max_length=2000, blank=True)
    subject = models.CharField(max_length=1000, blank=True)
    channel = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=35, blank=True)
    topic = models.CharField(max_length=255, blank=True)
    tags = ArrayField(models.CharField(max_length=100), default=list)
    status = models.CharField(max_length=8, choices=Status)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)  # local date in the workspace's zone at the import
    reopened_count = models.PositiveIntegerField(default=0)
    attributes = models.JSONField(default=dict)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="conversations")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="conversations")  # assignee
    most_active_agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="conversations")
    # From the messages that are stored; conversations/services/derived_rows.py writes them.
    message_count = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(db_default=0)  # public messages of human agents
    agent_count = models.PositiveSmallIntegerField(db_default=0)  # human agents who wrote in public
    longest_silence_seconds = models.FloatField(null=True)  # a customer's longest wait for an answer
    waited_at_end = models.BooleanField(db_default=False)  # the longest wait was the last one, or never ended
    closing_missing = models.BooleanField(
        db_default=False
    )  # the customer asked, or told more, at the very end
    has_internal = models.BooleanField(db_default=False)
    has_bot = models.BooleanField(db_default=False)
    search = SearchVectorField(null=True)  # subject, external id and messages, in the conversation's language
    # From the latest CSAT answer that has a score.
    csat = models.DecimalField(max_digits=6, decimal_places=4, null=True)  # on a scale of 1 to 5
    csat_commented = models.BooleanField(db_default=False)
    first_response_seconds = models.FloatField(null=True)  # from the messages; zero or less = excluded
    reported_first_response_seconds = models.FloatField(null=True)
    reported_handling_seconds = models.FloatField(null=True)
    reported_resolution_seconds = models.FloatField(null=True)
    is_stub = models.BooleanField(default=False)  # made by a review's import; the real one may follow
    fingerprint = models.CharField(max_length=64, blank=True)  # of the last import, to see "unchanged"
    text_deleted_at = models.DateTimeField(null=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "source", "external_id", name="conversation_key_once"),
            models.CheckConstraint(
                name="closed_has_date",
                condition=~Q(status="closed") | Q(closed_on__isnull=False, closed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "closed_on", "agent"],
                name="conversation_frame",
                include=["team", "most_active_agent"],
                condition=Q(status="closed"),
            ),
            # The explorer reads it along without touching the table; no column that could outgrow an index.
            models.Index(
                fields=["workspace", "-closed_at", "-id"],
                name="conversation_latest",
                include=[
                    *("status", "source", "agent", "team", "channel", "language", "topic", "closed_on"),
                    *("opened_at", "reopened_count", "message_count", "reply_count", "agent_count", "csat"),
                    *("csat_commented", "first_response_seconds", "reported_handling_seconds", "has_bot"),
                    *("longest_silence_seconds", "waited_at_end", "closing_missing", "has_internal"),
                ],
            ),
            models.Index(fields=["workspace", "updated_at", "id"], name="conversation_changed"),
            models.Index(fields=["workspace", "channel"], name="conversation_channel"),
            models.Index(fields=["workspace", "language"], name="conversation_language"),
            models.Index(fields=["workspace", "topic"], name="conversation_topic"),
            models.Index(fields=["workspace", "message_count", "id"], name="conversation_messages"),
            models.Index(
                fields=["workspace", "first_response_seconds", "id"],
                name="conversation_response",
                condition=Q(first_response_seconds__isnull=False),
            ),
            models.Index(
                fields=["workspace", "reported_handling_seconds", "id"],
                name="conversation_handling",
                condition=Q(reported_handling_seconds__isnull=False),
            ),
            models.Index(fields=["workspace", "agent", "-closed_at", "-id"], name="conversation_of_agent"),
            models.Index(
                fields=["workspace", "csat", "-id"],
                name="conversation_csat",
                condition=Q(csat__isnull=False),
            ),
            GinIndex(fields=["tags"], name="conversation_tags"),
            GinIndex(fields=["search"], name="conversation_search", fastupdate=False),
        ]


class FacetQuerySet(OwnedQuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        """Names that conversations carry; whoever reads conversations may choose among them."""
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.CONVERSATION_READ) else rows.none()


class Facet(Owned):
    """A value that some conversation of the workspace has: what filters offer without looking at them all."""

    class Kind(models.TextChoices):
        SOURCE = "source"
        CHANNEL = "channel"
        LANGUAGE = "language"
        TOPIC = "topic"
        TAG = "tag"
        ATTRIBUTE = "attribute"  # the name; values are too many

    kind = models.CharField(max_length=16, choices=Kind)
    value = models.CharField(max_length=255)

    objects = FacetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", "kind", "value", name="facet_once")]


class SignalWords(Owned, Stamped):
    """Words that make a conversation a risk, in one language ("" = in any)."""

    class Kind(models.TextChoices):
        ESCALATION = "escalation"
        CANCELLATION = "cancellation"

    kind = models.CharField(max_length=16, choices=Kind)
    language = models.CharField(max_length=35, blank=True)
    words = ArrayField(models.CharField(max_length=100), default=list)  # words or phrases

    objects = FacetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", "kind", "language", name="signal_words_once")]


class TopicLength(Owned):
    """How many messages conversations of a topic have, over the last 26 weeks; renewed every night."""

    topic = models.CharField(max_length=255)
    conversations = models.PositiveIntegerField()
    usual = models.FloatField()  # the median
    long_from = models.FloatField()  # the 90th percentile
    computed_at = models.DateTimeField()

    objects = FacetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", "topic", name="topic_length_once")]


class MessageQuerySet(OwnedQuerySet["Message"]):
    def visible_to(self, actor: Actor) -> Self:
        conversations = Conversation.objects.visible_to(actor).values("pk")
        return self.in_workspace(actor.workspace_id).filter(conversation_id__in=conversations)


class Message(Owned):
    """One message. `text` is plain; `html` is the sanitised form of an HTML body, else empty."""

    class Author(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"
        BOT = "bot"
        SYSTEM = "system"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    key = models.CharField(max_length=255)  # external id, else "#position"
    external_id = models.CharField(max_length=255, blank=True)
    position = models.PositiveIntegerField()
    author_type = models.CharField(max_length=8, choices=Author)
    author_name = models.CharField(max_length=255, blank=True)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    internal = models.BooleanField(default=False)
    language = models.CharField(max_length=35, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("conversation", "key", name="message_key_once")]


class SurveyResponseQuerySet(OwnedQuerySet["SurveyResponse"]):
    def visible_to(self, actor: Actor) -> Self:
        conversations = Conversation.objects.visible_to(actor).values("pk")
        return self.in_workspace(actor.workspace_id).filter(conversation_id__in=conversations)


class SurveyResponse(Owned, Stamped):
    """A customer's answer with its raw score and scale; agent and team as they were."""

    class Kind(models.TextChoices):
        CSAT = "csat"
        CES = "ces"
        NPS = "nps"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="surveys")
    key = models.CharField(max_length=255)  # external id, else "kind#position"
    external_id = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=8, choices=Kind)
    score = models.DecimalField(max_digits=9, decimal_places=4, null=True)  # null: asked, not answered
    scale_min = models.DecimalField(max_digits=9, decimal_places=4)
    scale_max = models.DecimalField(max_digits=9, decimal_places=4)
    comment = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True)
    responded_at = models.DateTimeField(null=True)
    responded_on = models.DateField(null=True)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    closed_on = models.DateField(null=True)  # the conversation's, for numbers on the closed axis
    is_latest = models.BooleanField(default=True)  # the newest answer of its (conversation, kind)

    objects = SurveyResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("conversation", "key", name="survey_key_once"),
            models.CheckConstraint(
                name="survey_scale_rises", condition=Q(scale_min__lt=models.F("scale_max"))
            ),
            models.CheckConstraint(
                name="survey_on_scale",
                condition=Q(score=None)
                | Q(score__gte=models.F("scale_min"), score__lte=models.F("scale_max")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "responded_on"],
                name="survey_responded",
                include=["kind", "agent", "team", "score", "scale_min", "scale_max"],
                condition=Q(is_latest=True),
            ),
            models.Index(
                fields=["workspace", "closed_on"],
                name="survey_closed",
                include=["kind", "agent", "team", "score", "scale_min", "scale_max"],
                condition=Q(is_latest=True),
            ),
        ]


class ImportQuerySet(OwnedQuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.IMPORT) else rows.none()


class ImportRun(Owned):
    """One import: what it made of its rows."""

    class Kind(models.TextChoices):
        CONVERSATIONS = "conversations"
        SURVEYS = "surveys"
        REVIEWS = "reviews"

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        INTERRUPTED = "interrupted"

    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=255, blank=True)  # "api", or the file's name
    created = models.PositiveBigIntegerField(default=0)
    updated = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    rejected_total = models.PositiveBigIntegerField(default=0)
    conflicts_total = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    alive_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="import_latest")]


class ImportIssue(Owned):
    """A row that was rejected, or a conflict: with its reason, and the row itself where it was rejected."""

    class Kind(models.TextChoices):
        REJECTED = "rejected"
        CONFLICT = "conflict"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="issues")
    kind = models.CharField(max_length=8, choices=Kind)
    row = models.PositiveBigIntegerField()
    external_id = models.CharField(max_length=255, blank=True)
    first_row = models.PositiveBigIntegerField(null=True)
    errors = models.JSONField(default=list)
    raw = models.TextField(blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run", "kind", "row"], name="import_issue_order")]
