"""What the tables hold already of a chunk's conversations: read once, before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import Q

from accounts.models import TeamMembership
from conversations.models import Conversation, Message
from conversations.payload import AuthorIn, MessageIn

ConversationKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A stored conversation, as far as facts that do not move depend on it."""

    pk: int
    fingerprint: str
    closed_at: datetime | None
    closed_on: date | None
    agent_id: int | None
    most_active_agent_id: int | None
    team_id: int | None
    is_stub: bool
    text_deleted_at: datetime | None


FIELDS = tuple(field.name for field in fields(Known))


@dataclass(frozen=True, slots=True)
class Teams:
    """Who was in which team when."""

    days: dict[int, list[tuple[date | None, date | None, int]]]

    def on(self, agent_id: int | None, day: date) -> int | None:
        """The agent's team on that day; None without one."""
        if agent_id is None:
            return None
        for starts_on, ends_on, team_id in self.days.get(agent_id, ()):
            if (starts_on is None or starts_on <= day) and (ends_on is None or day < ends_on):
                return team_id
        return None


def known_conversations(
    *, workspace_id: int, keys: Iterable[ConversationKey]
) -> dict[ConversationKey, Known]:
    """The stored ones of these (source, external id). One query."""
    by_source: defaultdict[str, list[str]] = defaultdict(list)
    for source, external_id in keys:
        by_source[source].append(external_id)
    wanted = Q(pk__in=[])
    for source, external_ids in by_source.items():
        wanted |= Q(source=source, external_id__in=external_ids)
    rows = Conversation.objects.in_workspace(workspace_id).filter(wanted)
    return {
        (source, external_id): Known(*found)
        for source, external_id, *found in rows.values_list("source", "external_id", *FIELDS)
    }


def known_by_id(*, workspace_id: int, ids: Iterable[int]) -> dict[int, Known]:
    """The stored ones of these ids. One query."""
    rows = Conversation.objects.in_workspace(workspace_id).filter(pk__in=list(ids))
    return {one.pk: one for one in (Known(*found) for found in rows.values_list(*FIELDS))}


def teams_of(*, workspace_id: int, agent_ids: Iterable[int]) -> Teams:
    """All memberships of these agents. One query."""
    rows = TeamMembership.objects.in_workspace(workspace_id).filter(agent_id__in=set(agent_ids))
    days: defaultdict[int, list[tuple[date | None, date | None, int]]] = defaultdict(list)
    for agent_id, starts_on, ends_on, team_id in rows.values_list(
        "agent_id", "starts_on", "ends_on", "team_id"
    ):
        days[agent_id].append((starts_on, ends_on, team_id))
    return Teams(dict(days))


def stored_messages(
    *, workspace_id: int, conversation_ids: Iterable[int]
) -> dict[int, dict[str, tuple[int, MessageIn]]]:
    """By conversation and key: position and message, without its text. One query."""
    rows = Message.objects.in_workspace(workspace_id).filter(conversation_id__in=list(conversation_ids))
    found: defaultdict[int, dict[str, tuple[int, MessageIn]]] = defaultdict(dict)
    for pk, key, position, author, source, external_id, sent_at, internal in rows.values_list(
        *("conversation_id", "key", "position", "author_type", "agent__source", "agent__external_id"),
        *("sent_at", "internal"),
    ):
        found[pk][key] = (
            position,
            MessageIn(
                AuthorIn(author, source or "", external_id or ""),
                sent_at=sent_at,
                visibility="internal" if internal else "public",
            ),
        )
    return dict(found)
