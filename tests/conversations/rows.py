"""Rows to import, and the ways to bring them in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.access import Actor
from conversations.models import Conversation, ImportRun
from conversations.services.imports import import_conversations
from conversations.services.surveys import import_surveys
from conversations.streams import Row


def conversation(external_id: str = "2001", **changes: Any) -> dict[str, Any]:
    """The example of api.md, with another id: Ana of "Chat EU" answers Sam after two minutes."""
    return {
        "source": "helpdesk",
        "external_id": external_id,
        "url": "https://help.example/2001",
        "subject": "Where is my parcel?",
        "channel": "chat",
        "language": "en",
        "topic": "shipping",
        "tags": ["vip"],
        "status": "closed",
        "opened_at": "2026-03-02T08:00:00+00:00",
        "closed_at": "2026-03-02T09:10:00+00:00",
        "reopened_count": 0,
        "attributes": {"plan": "pro"},
        "customer": {"external_id": "c-9", "email": "sam@example.com", "account": "ACME"},
        "agent": {"external_id": "a-7", "name": "Ana Silva", "team": "Chat EU"},
        "messages": [message("m1", "customer", 0, "Hello"), message("m2", "agent", 2, "Hi Sam")],
        "surveys": [survey()],
        "reported": {"first_response_seconds": 130, "handling_seconds": 900, "resolution_seconds": 4200},
    } | changes


def message(external_id: str, by: str, minute: int | None, body: str, **changes: Any) -> dict[str, Any]:
    """A message some minutes past eight; agents are Ana unless `author` says otherwise."""
    who = {"type": by} | ({"external_id": "a-7"} if by == "agent" else {})
    at = None if minute is None else f"2026-03-02T08:{minute:02}:00+00:00"
    return {"external_id": external_id, "author": who, "sent_at": at, "body": body} | changes


def survey(external_id: str = "s1", score: float | None = 4, **changes: Any) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "kind": "csat",
        "score": score,
        "scale_min": 1,
        "scale_max": 5,
        "comment": "quick",
        "responded_at": "2026-03-03T10:00:00+00:00",
    } | changes


def rows(payloads: Iterable[Any]) -> Iterator[Row]:
    for number, payload in enumerate(payloads, start=1):
        yield Row(number, json.dumps(payload).encode(), payload)


def bring(actor: Actor, *payloads: Any) -> ImportRun:
    """Import these conversations in one run."""
    return import_conversations(actor=actor, rows=rows(payloads), origin="test")


def bring_surveys(actor: Actor, *payloads: Any) -> ImportRun:
    return import_surveys(actor=actor, rows=rows(payloads), origin="test")


def counts(run: ImportRun) -> dict[str, int]:
    """What is not zero of created, updated, unchanged, rejected and conflicts."""
    run.refresh_from_db()
    found = {
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "rejected": run.rejected_total,
        "conflicts": run.conflicts_total,
    }
    return {name: count for name, count in found.items() if count}


def stored(actor: Actor, external_id: str = "2001") -> Conversation:
    rows = Conversation.objects.in_workspace(actor.workspace_id)
    return rows.select_related("agent", "team", "customer", "most_active_agent").get(external_id=external_id)


def reasons(run: ImportRun) -> list[tuple[int, str, str]]:
    """(row, pointer, code) of the first error of each rejected row."""
    issues = run.issues.filter(kind="rejected").order_by("row")
    return [(i.row, i.errors[0]["pointer"], i.errors[0]["code"]) for i in issues]
