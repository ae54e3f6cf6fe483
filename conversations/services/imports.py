"""Conversations brought in: an upsert by (source, external id), idempotent, set by set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import Actor
from accounts.models import WorkspaceSettings
from accounts.services.seen import AgentSeen, ensure_people
from common.errors import FieldError
from conversations.derived import fingerprint
from conversations.facts import (
    Facts,
    Stored,
    Surroundings,
    closed_on,
    conversation_row,
    facts_of,
    mentions,
    message_rows,
    moved,
    survey_rows,
)
from conversations.models import ImportRun
from conversations.payload import ConversationIn, CustomerIn, parse_conversation
from conversations.services.derived_rows import derive
from conversations.services.known import (
    ConversationKey,
    Known,
    known_conversations,
    stored_messages,
    teams_of,
)
from conversations.services.runs import Importer, Ready, Tally, lock_imports, run_import
from conversations.services.upserts import (
    mark_latest,
    move_surveys,
    upsert_conversations,
    upsert_customers,
    upsert_messages,
    upsert_surveys,
)
from conversations.streams import Row

Rows = Sequence[Ready[ConversationIn]]


def import_conversations(
    *,
    actor: Actor,
    rows: Iterable[Row],
    origin: str,
    progress: Callable[[ImportRun], None] | None = None,
) -> ImportRun:
    """Bring in the rows of a stream (api.md, "Conversations"); see `run_import` for what it promises. The
    workspace's zone and its rule for CSAT are those of the moment it begins."""
    zone = ZoneInfo(actor.workspace.timezone)
    rule = actor.workspace.settings.csat_agent
    importer = Importer(
        kind=ImportRun.Kind.CONVERSATIONS,
        parse=lambda raw: parse_conversation(raw, zone),
        key=_key,
        external_id=lambda row: row.external_id,
        fingerprint=fingerprint,
        write=partial(
            _write,
            actor.workspace_id,
            zone,
            rule == WorkspaceSettings.Responsible.MOST_ACTIVE,
        ),
    )
    return run_import(actor=actor, importer=importer, rows=rows, origin=origin, progress=progress)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row to be written, with what is stored of it and what follows from it."""

    ready: Ready[ConversationIn]
    known: Known | None
    facts: Facts

    @property
    def row(self) -> ConversationIn:
        return self.ready.value


def _key(row: ConversationIn) -> ConversationKey:
    return row.source, row.external_id


def _write(workspace_id: int, zone: ZoneInfo, csat_by_activity: bool, ready: Rows) -> Tally:
    """One chunk: some twenty statements, whatever its size."""
    lock_imports(workspace_id=workspace_id)
    known = known_conversations(workspace_id=workspace_id, keys=[_key(one.value) for one in ready])
    tally = Tally()
    news = [one for one in ready if _is_news(one, known.get(_key(one.value)), tally)]
    if not news:
        return tally
    ids = [before.pk for one in news if (before := known.get(_key(one.value)))]
    stored = stored_messages(workspace_id=workspace_id, conversation_ids=ids) if ids else {}
    around = _surroundings(workspace_id, zone, csat_by_activity, news, known, stored)
    placed = _placed(news, known, stored, around)
    _store(workspace_id, placed, around)
    tally.created += sum(one.known is None for one in placed)
    tally.updated += sum(one.known is not None for one in placed)
    return tally


def _is_news(one: Ready[ConversationIn], known: Known | None, tally: Tally) -> bool:
    if known is None:
        return True
    if known.text_deleted_at is not None:
        detail = f"Its text was deleted on {known.text_deleted_at:%Y-%m-%d} and is not brought in again."
        tally.reject(one.row, one.external_id, [FieldError("", "text_deleted", detail)], keep_raw=False)
        return False
    if known.fingerprint == one.fingerprint and not known.is_stub:
        tally.unchanged += 1
        return False
    return True


def _surroundings(
    workspace_id: int,
    zone: ZoneInfo,
    csat_by_activity: bool,
    news: Rows,
    known: dict[ConversationKey, Known],
    stored: Mapping[int, Stored],
) -> Surroundings:
    wrote = {
        AgentSeen(message.author.source, message.author.external_id): None
        for messages in stored.values()
        for _, message in messages.values()
        if message.author.external_id
    }
    said = wrote | dict.fromkeys(
        mention
        for one in news
        for mention in mentions(one.value, closed_on(one.value, known.get(_key(one.value)), zone))
    )
    people = ensure_people(workspace_id=workspace_id, agents=said)
    teams = teams_of(workspace_id=workspace_id, agent_ids=people.agents.values())
    today = timezone.now().astimezone(zone).date()
    return Surroundings(zone, today, csat_by_activity, people, teams)


def _placed(
    news: Rows, known: dict[ConversationKey, Known], stored: Mapping[int, Stored], around: Surroundings
) -> list[_Placed]:
    found = []
    for one in sorted(news, key=lambda one: _key(one.value)):
        before = known.get(_key(one.value))
        messages = stored.get(before.pk, {}) if before else {}
        found.append(_Placed(one, before, facts_of(one.value, before, messages, around)))
    return found


def _store(workspace_id: int, placed: list[_Placed], around: Surroundings) -> None:
    customers = upsert_customers(workspace_id=workspace_id, customers=_customers(placed))
    ids = upsert_conversations(
        workspace_id=workspace_id,
        rows=[
            conversation_row(
                one.row,
                one.facts,
                customers[one.row.source, one.row.customer.external_id] if one.row.customer else None,
                one.ready.fingerprint,
            )
            for one in placed
        ],
    )
    by_id = [(ids[_key(one.row)], one) for one in placed]
    upsert_messages(
        workspace_id=workspace_id,
        rows=(row for pk, one in by_id for row in message_rows(pk, one.row.messages, around.people)),
    )
    upsert_surveys(
        workspace_id=workspace_id,
        rows=(row for pk, one in by_id for row in survey_rows(pk, one.row.surveys, one.facts, around.zone)),
    )
    move_surveys(
        moved=[
            (pk, one.facts.survey_agent_id, one.facts.survey_team_id, one.facts.closed_on)
            for pk, one in by_id
            if one.known is not None and moved(one.known, one.facts)
        ]
    )
    mark_latest(conversation_ids=[pk for pk, one in by_id if one.row.surveys])
    derive(conversation_ids=[pk for pk, _one in by_id])


def _customers(placed: list[_Placed]) -> Iterator[tuple[str, CustomerIn]]:
    return ((one.row.source, one.row.customer) for one in placed if one.row.customer is not None)
