"""What the moves of a queue item share."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils import timezone

from common.errors import Missing
from qa_reviews.judgement import Judgement
from qa_reviews.models import QueueItem, Review

PLACE_FIELDS = ("reviewer", "state", "claimed_at", "from_pool", "updated_at")
"""Whose an item is."""


# Nobody chose anything in it: it is as it was opened, empty or filled in beforehand.
UNTOUCHED = Q(draft_number=0) & (~Q(started_from="") | Q(draft=Judgement().as_json()))


def locked_item(*, rows: QuerySet[QueueItem], item_id: int) -> QueueItem:
    """The item, locked, or Missing."""
    item = rows.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None:
        raise Missing
    return item


def put_back(*, item: QueueItem) -> None:
    """Open again, in the hands of its reviewer, or nobody's where it came from the unassigned."""
    if item.from_pool:
        drafts_of([item.pk]).filter(UNTOUCHED).delete()
        item.reviewer, item.from_pool = None, False
    item.state, item.claimed_at = QueueItem.State.OPEN, None
    item.save(update_fields=PLACE_FIELDS)


def drafts_of(item_ids: Collection[int]) -> QuerySet[Review]:
    """The drafts of these items and of second looks at them. Whoever changes them locks them before the
    items, as submitting does."""
    looks = Q(queue_item__in=item_ids) | Q(queue_item__second_of__in=item_ids)
    return Review.objects.filter(looks, state=Review.State.DRAFT)


def lock_drafts(item_id: int) -> None:
    list(drafts_of([item_id]).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def free_drafts(drafts: QuerySet[Review]) -> None:
    """Of items that are closed, or somebody else's: what was typed goes on as made by hand; nothing is left
    of what was only opened, nor of a peer's, who grades nothing but what is assigned to him."""
    drafts.filter(UNTOUCHED | Q(kind=Review.Kind.PEER)).delete()
    drafts.update(queue_item=None, stratum=None, selection=Review.Selection.MANUAL, updated_at=timezone.now())


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
