"""The notice of conversations that a lead handed over, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Actor, Capability
from notices.registry import Words, wording
from qa_reviews.models import QueueItem
from qa_reviews.selectors.queue import items


def _his(actor: Actor, ids: Collection[int]) -> Mapping[int, QueueItem]:
    """Where the first of them went on to somebody else, there is nothing to tell."""
    rows = items(actor).filter(reviewer_id=actor.member_id, reviewer__isnull=False)
    return rows.in_bulk(ids)


def _grades(actor: Actor) -> bool:
    return actor.can(Capability.GRADE_ASSIGNED)


@wording("queue.given", _his, title=gettext_lazy("Conversations handed to you"), suits=_grades)
def given(actor: Actor, item: QueueItem, parameters: Mapping[str, Any]) -> Words:
    count = int(parameters["items"])
    by = parameters.get("by_name")
    if by is None:
        title = ngettext(
            "%(n)d conversation was handed to you for review",
            "%(n)d conversations were handed to you for review",
            count,
        )
    else:
        title = ngettext(
            "%(by)s handed you %(n)d conversation to review",
            "%(by)s handed you %(n)d conversations to review",
            count,
        )
    url = reverse("queue", kwargs={"slug": actor.workspace.slug})
    return Words(title % {"n": count, "by": by}, url, icon="queue")
