"""Whose work a conversation is. Pure."""

from __future__ import annotations

from accounts.models import WorkspaceSettings
from conversations.models import Conversation


def reviewee_id(*, conversation: Conversation, settings: WorkspaceSettings) -> int | None:
    """The one agent whose work the conversation is, by the workspace's rule."""
    if settings.reviewee == WorkspaceSettings.Responsible.MOST_ACTIVE:
        return conversation.most_active_agent_id or conversation.agent_id
    return conversation.agent_id
