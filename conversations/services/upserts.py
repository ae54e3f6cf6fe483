"""Rows of a chunk into the tables: COPY into a temporary table, then one INSERT ... ON CONFLICT.

Three to ten times as fast as Django's bulk_create with conflicts (benchmarks/import_conversations.py). All
of it inside the caller's transaction, under `lock_imports`. Times of change are the clock's, not the
transaction's: readers of `updated_since` rely on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from conversations.models import Customer, SurveyResponse
from conversations.payload import CustomerIn

_NEVER = datetime.min.replace(tzinfo=UTC)


class ConversationRow(NamedTuple):
    """A conversation as it is stored; `attributes` is JSON."""

    source: str
    external_id: str
    url: str
    subject: str
    channel: str
    language: str
    topic: str
    tags: list[str]
    status: str
    opened_at: datetime | None
    closed_at: datetime | None
    closed_on: date | None
    reopened_count: int
    attributes: str
    customer_id: int | None
    agent_id: int | None
    most_active_agent_id: int | None
    team_id: int | None
    message_count: int
    first_response_seconds: float | None
    reported_first_response_seconds: float | None
    reported_handling_seconds: float | None
    reported_resolution_seconds: float | None
    fingerprint: str


class MessageRow(NamedTuple):
    """A message as it is stored; `attachments` is JSON."""

    conversation_id: int
    key: str
    external_id: str
    position: int
    author_type: str
    author_name: str
    agent_id: int | None
    sent_at: datetime | None
    internal: bool
    language: str
    text: str
    html: str
    attachments: str


class SurveyRow(NamedTuple):
    """An answer, or a question that was asked, as it is stored."""

    conversation_id: int
    key: str
    external_id: str
    kind: str
    score: Decimal | None
    scale_min: Decimal
    scale_max: Decimal
    comment: str
    asked_at: datetime | None
    responded_at: datetime | None
    responded_on: date | None
    agent_id: int | None
    team_id: int | None
    closed_on: date | None


def upsert_customers(
    *, workspace_id: int, customers: Iterable[tuple[str, CustomerIn]]
) -> dict[tuple[str, str], int]:
    """Ids by (source, external id). Empty never overwrites; the last saying of a chunk counts; one that was
    erased stays empty."""
    said = {(source, one.external_id): one for source, one in customers}
    if not said:
        return {}
    keys = sorted(said)
    columns = [list(column) for column in zip(*keys, strict=True)]
    values = [[getattr(said[key], name) for key in keys] for name in ("name", "email", "account")]
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, [workspace_id, *columns, *values])
    rows = Customer.objects.in_workspace(workspace_id).filter(
        source__in=set(columns[0]), external_id__in=columns[1]
    )
    return {
        (source, external): pk for source, external, pk in rows.values_list("source", "external_id", "pk")
    }


def upsert_conversations(*, workspace_id: int, rows: Sequence[ConversationRow]) -> dict[tuple[str, str], int]:
    """Ids by (source, external id); a stub that is filled is one no more."""
    with connection.cursor() as cursor:
        _copy(cursor, _NEW_CONVERSATIONS, _COPY_CONVERSATIONS, rows)
        cursor.execute(_CONVERSATIONS, [workspace_id])
        return {(source, external_id): pk for pk, source, external_id in cursor.fetchall()}


def upsert_messages(*, workspace_id: int, rows: Iterable[MessageRow]) -> None:
    """By (conversation, key). Those that say nothing new are not written again."""
    with connection.cursor() as cursor:
        _copy(cursor, _NEW_MESSAGES, _COPY_MESSAGES, rows)
        cursor.execute(_MESSAGES, [workspace_id])


def upsert_surveys(*, workspace_id: int, rows: Iterable[SurveyRow]) -> dict[tuple[int, str], bool]:
    """By (conversation, key): whether it is new, for those that were written; the others said nothing new.

    Agent, team and closing date of a known one stay (`move_surveys` changes them); its local date changes
    only with the time of the answer."""
    with connection.cursor() as cursor:
        _copy(cursor, _NEW_SURVEYS, _COPY_SURVEYS, rows)
        cursor.execute(_SURVEYS, [workspace_id])
        return {(conversation, key): is_new for conversation, key, is_new in cursor.fetchall()}


def move_surveys(*, moved: Iterable[tuple[int, int | None, int | None, date | None]]) -> None:
    """The answers of these conversations follow: (conversation, agent, team, closed_on)."""
    columns = list(zip(*moved, strict=True))
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_SURVEYS, [list(column) for column in columns])


def mark_latest(*, conversation_ids: Sequence[int]) -> None:
    """`is_latest` of each (conversation, kind): the newest answer; without one, the newest that was asked.

    Picked here and not by a join: without statistics a planner may join the table row against row."""
    rows = SurveyResponse.objects.filter(conversation_id__in=conversation_ids)
    known = sorted(
        rows.values_list("conversation_id", "kind", "score", "responded_at", "asked_at", "pk", "is_latest"),
        key=lambda row: (row[2] is not None, row[3] or _NEVER, row[4] or _NEVER, row[5]),
    )
    latest = set({(conversation, kind): pk for conversation, kind, *_, pk, _is in known}.values())
    now = timezone.now()
    for wanted in (True, False):
        wrong = [pk for *_, pk, is_latest in known if is_latest != wanted and (pk in latest) == wanted]
        SurveyResponse.objects.filter(pk__in=wrong).update(is_latest=wanted, updated_at=now)


def _copy(cursor: Any, create: str, copy: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Fill a temporary table: made once a connection, emptied of earlier rows of this transaction."""
    cursor.execute(create)
    with cursor.copy(copy) as target:
        for row in rows:
            target.write_row(row)


_CUSTOMERS = """
insert into conversations_customer
  (workspace_id, source, external_id, name, email, account, created_at, updated_at)
select %s, said.*, clock_timestamp(), clock_timestamp()
from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) said
on conflict (workspace_id, source, external_id) do update set
  name = coalesce(nullif(excluded.name, ''), conversations_customer.name),
  email = coalesce(nullif(excluded.email, ''), conversations_customer.email),
  account = coalesce(nullif(excluded.account, ''), conversations_customer.account),
  updated_at = excluded.updated_at
where conversations_customer.erased_at is null
  and (excluded.name not in ('', conversations_customer.name)
    or excluded.email not in ('', conversations_customer.email)
    or excluded.account not in ('', conversations_customer.account))
"""

_NEW_CONVERSATIONS = """
create temp table if not exists incoming_conversations (
  source text, external_id text, url text, subject text, channel text, language text, topic text, tags text[],
  status text, opened_at timestamptz, closed_at timestamptz, closed_on date, reopened_count integer,
  attributes jsonb, customer_id bigint, agent_id bigint, most_active_agent_id bigint, team_id bigint,
  message_count integer, first_response_seconds float, reported_first_response_seconds float,
  reported_handling_seconds float, reported_resolution_seconds float, fingerprint text
) on commit delete rows;
delete from incoming_conversations
"""
_COPY_CONVERSATIONS = "copy incoming_conversations from stdin"
_CONVERSATIONS = """
insert into conversations_conversation (
  workspace_id, source, external_id, url, subject, channel, language, topic, tags, status, opened_at,
  closed_at, closed_on, reopened_count, attributes, customer_id, agent_id, most_active_agent_id, team_id,
  message_count, first_response_seconds, reported_first_response_seconds, reported_handling_seconds,
  reported_resolution_seconds, fingerprint, is_stub, created_at, updated_at)
select %s, incoming.*, false, clock_timestamp(), clock_timestamp()
from incoming_conversations incoming
on conflict (workspace_id, source, external_id) do update set
  url = excluded.url, subject = excluded.subject, channel = excluded.channel, language = excluded.language,
  topic = excluded.topic, tags = excluded.tags, status = excluded.status, opened_at = excluded.opened_at,
  closed_at = excluded.closed_at, closed_on = excluded.closed_on, reopened_count = excluded.reopened_count,
  attributes = excluded.attributes, customer_id = excluded.customer_id, agent_id = excluded.agent_id,
  most_active_agent_id = excluded.most_active_agent_id, team_id = excluded.team_id,
  message_count = excluded.message_count, first_response_seconds = excluded.first_response_seconds,
  reported_first_response_seconds = excluded.reported_first_response_seconds,
  reported_handling_seconds = excluded.reported_handling_seconds,
  reported_resolution_seconds = excluded.reported_resolution_seconds, fingerprint = excluded.fingerprint,
  is_stub = false, updated_at = excluded.updated_at
returning id, source, external_id
"""

_NEW_MESSAGES = """
create temp table if not exists incoming_messages (
  conversation_id bigint, key text, external_id text, position integer, author_type text, author_name text,
  agent_id bigint, sent_at timestamptz, internal boolean, language text, text text, html text,
  attachments jsonb
) on commit delete rows;
delete from incoming_messages
"""
_COPY_MESSAGES = "copy incoming_messages from stdin"
_MESSAGES = """
insert into conversations_message as known (
  workspace_id, conversation_id, key, external_id, position, author_type, author_name, agent_id, sent_at,
  internal, language, text, html, attachments)
select %s, incoming.* from incoming_messages incoming
on conflict (conversation_id, key) do update set
  external_id = excluded.external_id, position = excluded.position, author_type = excluded.author_type,
  author_name = excluded.author_name, agent_id = excluded.agent_id, sent_at = excluded.sent_at,
  internal = excluded.internal, language = excluded.language, text = excluded.text, html = excluded.html,
  attachments = excluded.attachments
where (known.external_id, known.position, known.author_type, known.author_name, known.agent_id, known.sent_at,
       known.internal, known.language, known.text, known.html, known.attachments)
  is distinct from (excluded.external_id, excluded.position, excluded.author_type, excluded.author_name,
       excluded.agent_id, excluded.sent_at, excluded.internal, excluded.language, excluded.text,
       excluded.html, excluded.attachments)
"""

_NEW_SURVEYS = """
create temp table if not exists incoming_surveys (
  conversation_id bigint, key text, external_id text, kind text, score numeric, scale_min numeric,
  scale_max numeric, comment text, asked_at timestamptz, responded_at timestamptz, responded_on date,
  agent_id bigint, team_id bigint, closed_on date
) on commit delete rows;
delete from incoming_surveys
"""
_COPY_SURVEYS = "copy incoming_surveys from stdin"
_SURVEYS = """
insert into conversations_surveyresponse as known (
  workspace_id, conversation_id, key, external_id, kind, score, scale_min, scale_max, comment, asked_at,
  responded_at, responded_on, agent_id, team_id, closed_on, is_latest, created_at, updated_at)
select %s, incoming.*, false, clock_timestamp(), clock_timestamp() from incoming_surveys incoming
on conflict (conversation_id, key) do update set
  external_id = excluded.external_id, kind = excluded.kind, score = excluded.score,
  scale_min = excluded.scale_min, scale_max = excluded.scale_max, comment = excluded.comment,
  asked_at = excluded.asked_at, responded_at = excluded.responded_at,
  responded_on = case when known.responded_at is not distinct from excluded.responded_at
    then known.responded_on else excluded.responded_on end,
  updated_at = excluded.updated_at
where (known.external_id, known.kind, known.score, known.scale_min, known.scale_max, known.comment,
       known.asked_at, known.responded_at)
  is distinct from (excluded.external_id, excluded.kind, excluded.score, excluded.scale_min,
       excluded.scale_max, excluded.comment, excluded.asked_at, excluded.responded_at)
returning conversation_id, key, (xmax = 0)
"""
_MOVE_SURVEYS = """
update conversations_surveyresponse known
set agent_id = moved.agent_id, team_id = moved.team_id, closed_on = moved.closed_on,
  updated_at = clock_timestamp()
from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[])
  moved (conversation_id, agent_id, team_id, closed_on)
where known.conversation_id = moved.conversation_id
  and (known.agent_id, known.team_id, known.closed_on)
    is distinct from (moved.agent_id, moved.team_id, moved.closed_on)
"""
