"""What the moves of a queue item share."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from common.errors import Missing
from qa_reviews.models import QueueItem, Review

PLACE_FIELDS = ("reviewer", "state", "claimed_at", "from_pool", "updated_at")
"""Whose an item is."""


def locked_item(*, rows: QuerySet[QueueItem], item_id: int) -> QueueItem:
    """The item, locked, or Missing."""
    item = rows.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None:
        raise Missing
    return item


def put_back(*, item: QueueItem) -> None:
    """Open again, in the hands of its reviewer, or nobody's where it came from the unassigned."""
    if item.from_pool:
        item.reviewer, item.from_pool = None, False
    item.state, item.claimed_at = QueueItem.State.OPEN, None
    item.save(update_fields=PLACE_FIELDS)


def others_of(*, item: QueueItem) -> set[int]:
    """Who reviews the same work in the same conversation already: as the other of its two reviewers, or with
    a review that stands. Two queries."""
    other_half = Q(second_of=item.pk or 0) | Q(pk=item.second_of_id or 0)
    pair = QueueItem.objects.in_workspace(item.workspace_id).filter(other_half)
    reviews = Review.objects.in_workspace(item.workspace_id).filter(
        conversation=item.conversation_id, agent=item.agent.person, kind__in=("standard", "peer")
    )
    stands = reviews.exclude(state__in=(Review.State.DRAFT, Review.State.RETRACTED))
    found = {*pair.values_list("reviewer_id", flat=True), *stands.values_list("reviewer_id", flat=True)}
    return {member for member in found if member is not None}
