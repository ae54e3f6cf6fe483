"""Reads of conversations and imports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from accounts.access import Actor
from common.errors import Missing
from conversations.models import (
    SEARCHED_CHARACTERS,
    Conversation,
    ImportIssue,
    ImportRun,
    Message,
    SurveyResponse,
)

SHOWN_ISSUES = 100
NEWEST_FIRST = ("-id",)


def conversations(actor: Actor) -> QuerySet[Conversation]:
    """What the actor sees, with the people that a summary names. One query."""
    return Conversation.objects.visible_to(actor).select_related(
        "customer", "agent", "most_active_agent", "team"
    )


def conversation(actor: Actor, pk: int) -> Conversation:
    """One conversation; Missing when the actor does not see it. One query."""
    found = conversations(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


class MessageRow(NamedTuple):
    """A message with who wrote it, to be read only: a transcript has hundreds, and as models they would take
    three times as long."""

    pk: int
    position: int
    author_type: str
    author_name: str
    sent_at: datetime | None
    internal: bool
    language: str
    text: str
    html: str
    attachments: list[dict[str, Any]]
    agent_id: int | None
    agent__name: str | None
    agent__external_id: str | None

    @property
    def agent_name(self) -> str:
        return self.agent__name or self.agent__external_id or ""


R = TypeVar("R", Message, MessageRow)


def in_reading_order(messages: list[R]) -> list[R]:
    """By time when every message has one, else by position."""
    if all(message.sent_at is not None for message in messages):
        return sorted(messages, key=lambda m: (m.sent_at, m.position, m.pk))
    return sorted(messages, key=lambda m: (m.position, m.pk))


def messages_of(actor: Actor, conversation: Conversation) -> list[Message]:
    """Its messages as they are read. One query."""
    rows = Message.objects.visible_to(actor).filter(conversation=conversation).select_related("agent")
    return in_reading_order(list(rows))


def message_rows(actor: Actor, conversation: Conversation) -> list[MessageRow]:
    """Its messages as they are read, without their models. One query."""
    rows = Message.objects.visible_to(actor).filter(conversation=conversation)
    return in_reading_order([MessageRow(*row) for row in rows.values_list(*MessageRow._fields)])


def surveys_of(actor: Actor, conversation: Conversation) -> list[SurveyResponse]:
    """Its answers and what was asked, oldest first. One query."""
    rows = SurveyResponse.objects.visible_to(actor).filter(conversation=conversation)
    return list(rows.select_related("agent", "team").order_by("pk"))


def import_runs(actor: Actor) -> QuerySet[ImportRun]:
    return ImportRun.objects.visible_to(actor).select_related("member")


def import_run(actor: Actor, pk: int) -> ImportRun:
    """One import; Missing when the actor does not see it. One query."""
    found = import_runs(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def issues_of(actor: Actor, run: ImportRun, kind: ImportIssue.Kind) -> QuerySet[ImportIssue]:
    """The run's rejected rows, or its conflicts, in the order of the rows."""
    return ImportIssue.objects.visible_to(actor).filter(run=run, kind=kind).order_by("row", "pk")


def report(actor: Actor, run: ImportRun) -> dict[str, Any]:
    """The answer to an import (api.md): counts, the first 100 rejected rows and conflicts. Two queries."""
    rejected = issues_of(actor, run, ImportIssue.Kind.REJECTED)[:SHOWN_ISSUES]
    conflicts = issues_of(actor, run, ImportIssue.Kind.CONFLICT)[:SHOWN_ISSUES]
    return {
        "import_run": run.pk,
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "rejected": [rejected_json(one) for one in rejected],
        "rejected_total": run.rejected_total,
        "conflicts": [conflict_json(one) for one in conflicts],
        "conflicts_total": run.conflicts_total,
    }


def rejected_json(issue: ImportIssue) -> dict[str, Any]:
    return {"row": issue.row, "external_id": issue.external_id, "errors": issue.errors}


def conflict_json(issue: ImportIssue) -> dict[str, Any]:
    """`errors` only where the conflict is not with an earlier row."""
    found = {"row": issue.row, "external_id": issue.external_id, "first_row": issue.first_row}
    return found | {"errors": issue.errors} if issue.errors else found


def rejected_lines(actor: Actor, run: ImportRun) -> Iterator[bytes]:
    """All rejected rows as NDJSON, each with its raw text. One query, read as it streams."""
    for issue in issues_of(actor, run, ImportIssue.Kind.REJECTED).iterator(500):
        line = rejected_json(issue) | {"raw": issue.raw}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def answered_at_most(value: Decimal) -> Any:
    """The latest CSAT answer is at most `value` on a scale of 1 to 5, compared without dividing."""
    answers = SurveyResponse.objects.filter(
        conversation=OuterRef("pk"), kind=SurveyResponse.Kind.CSAT, is_latest=True, score__isnull=False
    )
    return answers.filter(
        score__lte=F("scale_min") + (F("scale_max") - F("scale_min")) * ((value - 1) / Decimal(4))
    )


def saying(words: str) -> Q:
    """Subject, external id, or a message that PostgreSQL's full text search finds (whole words, no stems)."""
    vector = SearchVector(Left("text", SEARCHED_CHARACTERS), config="simple")
    query = SearchQuery(words, search_type="websearch", config="simple")
    messages = Message.objects.annotate(vector=vector).filter(vector=query)
    return Q(subject__icontains=words) | Q(external_id=words) | Q(pk__in=messages.values("conversation"))
