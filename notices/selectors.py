"""Reads of notices: the inbox in words, and how many of them are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.access import Actor
from notices.models import Notice
from notices.registry import Words, kinds

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A notice and what it says to its reader now."""

    notice: Notice
    words: Words


def inbox(actor: Actor) -> QuerySet[Notice]:
    """The actor's notices. One query."""
    return Notice.objects.visible_to(actor)


def told(actor: Actor, notices: Iterable[Notice]) -> list[Told]:
    """Those whose subject the reader may see now, in words. One query for each kind."""
    found = []
    for notice, subject in _with_subjects(actor, list(notices)):
        words = kinds[notice.kind].wording(actor, subject, notice.parameters)
        found.append(Told(notice, words))
    return found


def unread_count(actor: Actor) -> int:
    """How many new notices the inbox would show, up to MOST_COUNTED. One query, and one for each kind."""
    unread = inbox(actor).filter(read_at=None).order_by("-id")[:MOST_COUNTED]
    return sum(1 for _ in _with_subjects(actor, list(unread)))


def _with_subjects(actor: Actor, notices: list[Notice]) -> Iterator[tuple[Notice, Any]]:
    """(notice, subject), without those whose kind or subject is not there (any more)."""
    ids: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        if notice.kind in kinds:
            ids[notice.kind].add(notice.subject_id)
    subjects: dict[str, Mapping[int, Any]] = {
        kind: kinds[kind].subjects(actor, wanted) for kind, wanted in ids.items()
    }
    for notice in notices:
        subject = subjects.get(notice.kind, {}).get(notice.subject_id)
        if subject is not None:
            yield notice, subject
