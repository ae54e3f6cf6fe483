"""Reads of conversations and imports."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import Actor
from common.errors import Missing
from conversations.models import (
    Conversation,
    Facet,
    ImportIssue,
    ImportRun,
    Message,
    SignalWords,
    SurveyResponse,
    TopicLength,
)
from conversations.risks import Flag, Limits, Usual, flags
from conversations.searching import Home, Phrases, WordLists, phrase_query, primary
from conversations.signal_defaults import word_lists

SHOWN_ISSUES = 100
MOST_FACETS = 500
ANY_LANGUAGE = ""
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


def facets(actor: Actor, kind: Facet.Kind | str) -> list[str]:
    """What conversations of the workspace are called, to choose from: sorted, at most 500. One query."""
    rows = Facet.objects.visible_to(actor).filter(kind=kind).order_by("value")
    return list(rows.values_list("value", flat=True)[:MOST_FACETS])


def home_of(actor: Actor) -> Home:
    """What filters need to know of the workspace. Two queries."""
    languages = tuple(facets(actor, Facet.Kind.LANGUAGE))
    return Home(actor.workspace.timezone, languages, signal_words(actor))


def signal_words(actor: Actor) -> WordLists:
    """The words that make a conversation a risk, by kind and language: the workspace's own lists, else the
    defaults. One query."""
    return word_lists(own_signal_words(actor).values_list("kind", "language", "words"))


def own_signal_words(actor: Actor) -> QuerySet[SignalWords]:
    """The lists that the workspace has instead of the defaults."""
    return SignalWords.objects.visible_to(actor)


class WordList(NamedTuple):
    """A list of signal words that is taken; `own`: in place of the default."""

    kind: str
    language: str
    words: Phrases
    own: bool


def signal_word_lists(actor: Actor) -> list[WordList]:
    """All lists that are taken, and empty ones for the other languages of the workspace and for any language;
    by kind and language. Two queries."""
    rows = list(own_signal_words(actor).values_list("kind", "language", "words"))
    own = {(kind, language) for kind, language, _ in rows}
    spoken = dict.fromkeys([ANY_LANGUAGE, *map(primary, facets(actor, Facet.Kind.LANGUAGE))], ())
    return [
        WordList(kind, language, words, (kind, language) in own)
        for kind, lists in word_lists(rows).items()
        for language, words in sorted((spoken | lists).items())
    ]


def signal_word_list(actor: Actor, kind: str, language: str) -> WordList:
    """One of them; Missing where there is none. Two queries."""
    for found in signal_word_lists(actor):
        if (found.kind, found.language) == (kind, language):
            return found
    raise Missing


def flags_of(actor: Actor, conversations: Collection[Conversation]) -> dict[int, list[Flag]]:
    """The signs of risk of each of these conversations, by id; that the actor may know them is for the
    caller to see to. Three queries."""
    if not conversations:
        return {}
    usual = _usual(actor, {one.topic for one in conversations})
    said = _words_found(signal_words(actor), [one.pk for one in conversations])
    return {one.pk: flags(one, Limits(usual.get(one.topic), said[one.pk])) for one in conversations}


def _usual(actor: Actor, topics: Collection[str]) -> dict[str, Usual]:
    rows = TopicLength.objects.visible_to(actor).filter(topic__in=topics)
    return {topic: Usual(*found) for topic, *found in rows.values_list("topic", "usual", "long_from")}


def _words_found(lists: WordLists, ids: Sequence[int]) -> dict[int, dict[str, list[str]]]:
    """By conversation and kind: which words of the list of its language it says, of any list where its
    language is unknown (as `searching.using` asks). One query."""
    rows = [
        (kind, language, phrase, query)
        for kind, of_kind in lists.items()
        for language, phrases in of_kind.items()
        for phrase in phrases
        if (query := phrase_query(phrase))
    ]
    found: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        columns = [[row[place] for row in rows] for place in range(4)]
        cursor.execute(_WORDS_FOUND, [*columns, list(ids)])
        for pk, kind, phrase in cursor.fetchall():
            found[pk].setdefault(kind, []).append(phrase)
    return found


_WORDS_FOUND = """
with phrase as materialized (
  select kind, language, phrase, to_tsquery('simple', query) as query
  from unnest(%s::text[], %s::text[], %s::text[], %s::text[]) list (kind, language, phrase, query)
), said as materialized (
  select id, search, lower(split_part(replace(language, '_', '-'), '-', 1)) as language
  from conversations_conversation where id = any(%s::bigint[])
    and search @@ (select string_agg('(' || query::text || ')', ' | ')::tsquery from phrase
      where numnode(query) > 0)
)
select distinct said.id, phrase.kind, phrase.phrase from said join phrase
  on said.search @@ phrase.query and (phrase.language in ('', said.language) or said.language = '')
order by said.id, phrase.kind, phrase.phrase
"""


def longer_than_usual() -> Exists:
    """A condition: the conversation has more messages than nine in ten of its topic."""
    usual = TopicLength.objects.filter(
        workspace=OuterRef("workspace"), topic=OuterRef("topic"), long_from__lt=OuterRef("message_count")
    )
    return Exists(usual)


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
