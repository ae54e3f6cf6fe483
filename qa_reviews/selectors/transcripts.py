"""A conversation's messages as the page shows them. Nothing here tells how the customer rated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from accounts.access import Actor
from conversations.models import Conversation
from conversations.selectors import message_rows
from conversations.text import visible_bidi


@dataclass(frozen=True, slots=True)
class Line:
    """One message, for parts/message.html. `plain` is its text, in which evidence counts its characters."""

    message: int
    author_type: str
    author_name: str
    agent_id: int | None
    agent_name: str
    html: SafeString
    text: str
    plain: str
    sent_at: datetime | None
    language: str
    internal: bool
    attachments: list[dict[str, Any]]
    muted: bool = False  # of an agent who is not spoken of

    @property
    def element(self) -> str:
        return f"message-{self.message}"

    @property
    def counted(self) -> str:
        """The text in which passages count, where what is shown is not the same to the letter."""
        return self.plain if self.html or "\r" in self.plain else ""


def transcript(actor: Actor, conversation: Conversation, about: int | None = None) -> list[Line]:
    """The messages as they are read; `about` is the one agent who is spoken of. One query."""
    return [
        Line(
            message=message.pk,
            author_type=message.author_type,
            author_name=message.author_name or message.agent_name,
            agent_id=message.agent_id,
            agent_name=message.agent_name,
            html=SafeString(message.html),  # sanitised when it was imported
            text=visible_bidi(message.text),
            plain=message.text,
            sent_at=message.sent_at,
            language=message.language or conversation.language,
            internal=message.internal,
            attachments=message.attachments,
            muted=about is not None and message.agent_id not in (None, about),
        )
        for message in message_rows(actor, conversation)
    ]


def participants(conversation: Conversation, lines: Iterable[Line]) -> dict[int, str]:
    """The names of the agents who took part, by their key: the assignee first, then in the order in which
    they wrote in public."""
    found = {} if conversation.agent is None else {conversation.agent.pk: str(conversation.agent)}
    for line in lines:
        if line.agent_id is not None and not line.internal:
            found.setdefault(line.agent_id, line.agent_name)
    return found
