"""Writes of notices. What other apps call stands here; the rest is for this app's own edges."""

from notices.services.telling import mark_all_read, mark_read, notify, notify_agent, notify_each

__all__ = ["mark_all_read", "mark_read", "notify", "notify_agent", "notify_each"]
