"""Telling members what was handed to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from accounts.access import Actor
from notices.services import notify
from qa_reviews.models import QueueItem


def tell_given(*, actor: Actor, moved: Sequence[tuple[int, int | None, int | None]]) -> None:
    """Everybody who was given something, with how many, but for the actor himself; `moved`: items, whose they
    were and whose they are. A query, and what a notice takes."""
    given: Mapping[int, list[int]] = defaultdict(list)
    for item, _, to in moved:
        if to is not None and to != actor.member_id:
            given[to].append(item)
    firsts = QueueItem.objects.in_workspace(actor.workspace_id).in_bulk([ids[0] for ids in given.values()])
    for member, ids in given.items():
        subject = firsts[ids[0]]
        notify(
            recipients=[member],
            kind="queue.given",
            subject=subject,
            key=f"given:{subject.pk}:{subject.updated_at.isoformat()}",
            parameters={"items": len(ids), "by": actor.member_id},
        )
