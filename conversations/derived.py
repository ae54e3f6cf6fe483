"""What follows from a conversation's content alone: its fingerprint, first response, most active agent.

Pure: no database, no Django.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple

from conversations.payload import (
    AgentIn,
    AttachmentIn,
    AuthorIn,
    ConversationIn,
    CustomerIn,
    MessageIn,
    ReportedIn,
    SurveyIn,
)

_VALUES = {
    kind: attrgetter(*(f.name for f in fields(kind)))
    for kind in (ConversationIn, CustomerIn, AgentIn, AuthorIn, AttachmentIn, MessageIn, SurveyIn, ReportedIn)
}


class AgentKey(NamedTuple):
    """Two helpdesks may share agent "7": the source belongs to the key."""

    source: str
    external_id: str


def fingerprint(row: ConversationIn) -> str:
    """32 hex digits that are equal for equal content, however the JSON was written (order of keys and
    attributes, null or left out, 4 or 4.0, offsets of the same moment)."""
    content = json.dumps(row, default=_plain, sort_keys=True, separators=(",", ":"))
    return blake2b(content.encode(), digest_size=16).hexdigest()


def first_response_seconds(messages: Sequence[MessageIn]) -> float | None:
    """Seconds from the first public customer message to the first public human agent message after it.

    The order is the position. Bots and internal notes answer nobody. None without such a pair or when
    either has no time; negative when the clocks disagree, which callers exclude and count.
    """
    public = (m for m in messages if m.visibility == "public")
    asked = next((m for m in public if m.author.type == "customer"), None)
    answered = next((m for m in public if m.author.type == "agent"), None)
    if asked is None or answered is None or asked.sent_at is None or answered.sent_at is None:
        return None
    return (answered.sent_at - asked.sent_at).total_seconds()


def most_active(
    messages: Sequence[MessageIn], persons: Mapping[tuple[str, str], int] | None = None
) -> AgentKey | None:
    """The human agent with the most public messages; of several with as many, the one who wrote last. Keys of
    one of the `persons` count together."""
    keys = [
        AgentKey(m.author.source, m.author.external_id)
        for m in messages
        if m.author.type == "agent" and m.visibility == "public" and m.author.external_id
    ]
    known = persons or {}
    counts = Counter[int | AgentKey](known.get(key, key) for key in keys)
    return max(reversed(keys), key=lambda key: counts[known.get(key, key)], default=None)


def _plain(value: Any) -> Any:
    """What `json` cannot write by itself: times, decimals, and our own classes as tuples."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return _VALUES[type(value)](value)
