"""A conversation's messages as the page shows them. Nothing here tells how the customer rated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from accounts.access import Actor
from conversations.models import Conversation
from conversations.selectors import messages_of
from conversations.text import visible_bidi


@dataclass(frozen=True, slots=True)
class Line:
    """One message, for parts/message.html. `plain` is its text, in which evidence counts its characters."""

    message: int
    author_type: str
    author_name: str
    html: SafeString
    text: str
    plain: str
    sent_at: datetime | None
    language: str
    internal: bool
    attachments: list[dict[str, Any]]

    @property
    def element(self) -> str:
        return f"message-{self.message}"


def transcript(actor: Actor, conversation: Conversation) -> list[Line]:
    """The messages as they are read. One query."""
    return [
        Line(
            message=message.pk,
            author_type=message.author_type,
            author_name=message.author_name or (str(message.agent) if message.agent else ""),
            html=mark_safe(message.html),  # sanitised when it was imported
            text=visible_bidi(message.text),
            plain=message.text,
            sent_at=message.sent_at,
            language=message.language or conversation.language,
            internal=message.internal,
            attachments=message.attachments,
        )
        for message in messages_of(actor, conversation)
    ]
