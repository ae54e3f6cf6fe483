"""Which of this app's columns follow when agents are merged."""

from __future__ import annotations

from django.utils.translation import ngettext_lazy

from accounts.merging import follows

follows(
    "conversations.Conversation",
    "agent",
    ngettext_lazy("%(rows)d conversation", "%(rows)d conversations", "rows"),
)
follows(
    "conversations.Conversation",
    "most_active_agent",
    ngettext_lazy(
        "%(rows)d conversation in which this agent wrote the most",
        "%(rows)d conversations in which this agent wrote the most",
        "rows",
    ),
)
follows("conversations.Message", "agent", ngettext_lazy("%(rows)d message", "%(rows)d messages", "rows"))
follows(
    "conversations.SurveyResponse",
    "agent",
    ngettext_lazy("%(rows)d survey answer", "%(rows)d survey answers", "rows"),
)
