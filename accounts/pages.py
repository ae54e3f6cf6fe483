"""What every workspace page shows around its content: the rail by role, counts, who is signed in.

Apps add their entries at start-up (AppConfig.ready), so that accounts need not know of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from accounts.access import Actor, Capability

MOST_ENTRIES = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail. `order` sorts; `count` may tell how much waits there; `shown` narrows who sees
    it further than the capability does."""

    order: int
    route: str
    label: str | Promise
    icon: str
    key: str  # the letter after `g`
    capability: Capability
    count: Callable[[Actor], int] | None = None
    shown: Callable[[Actor], bool] | None = None

    def for_actor(self, actor: Actor) -> bool:
        return actor.can(self.capability) and (self.shown is None or self.shown(actor))


_entries: list[Entry] = []
_inbox_count: list[Callable[[Actor], int]] = []


def add_entry(entry: Entry) -> None:
    if entry not in _entries:
        _entries.append(entry)
        _entries.sort(key=lambda e: e.order)


def set_inbox_count(count: Callable[[Actor], int]) -> None:
    _inbox_count[:] = [count]


def rail(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The entries this role sees, the current one marked; those past MOST_ENTRIES go into the own menu."""
    shown = [entry for entry in _entries if entry.for_actor(actor)]
    urls = [reverse(entry.route, kwargs={"slug": actor.workspace.slug}) for entry in shown]
    current = max((url for url in urls if path.startswith(url)), key=len, default=None)
    return [
        {
            "url": url,
            "label": entry.label,
            "icon": entry.icon,
            "key": entry.key,
            "current": url == current,
            "count": entry.count(actor) if entry.count else None,
        }
        for entry, url in zip(shown, urls, strict=True)
    ]


def workspace_context(request: HttpRequest) -> dict[str, Any]:
    """Template context of a workspace page; nothing elsewhere."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}
    entries = rail(actor, request.path)
    return {
        "actor": actor,
        "workspace": actor.workspace,
        "nav": entries[:MOST_ENTRIES],
        "nav_more": entries[MOST_ENTRIES:],
        "inbox_count": _inbox_count[0](actor) if _inbox_count else 0,
    }
