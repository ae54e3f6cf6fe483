"""Drawing a period anew: same seed, today's frame and terms. The old draw stays readable, but counts no
more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import record
from common.errors import invalid
from qa_reviews.models import Draw, QueueItem, QueueQuestion, Review
from qa_reviews.policies.draws import may_redraw
from qa_reviews.policies.queue import WAITING
from qa_reviews.services import queue
from qa_reviews.services.draws import check_scorecard, fill
from qa_reviews.services.giving import Known, Work
from qa_reviews.services.opening import selection_of
from qa_reviews.services.queue.rows import free_drafts
from qa_reviews.services.raises import locked_draw, locked_rows

State, NOT_REVIEWABLE = QueueItem.State, QueueItem.SkipReason.NOT_REVIEWABLE
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Earlier:
    """The old draw's items and the reviews that belong to them, by the item's id."""

    items: Mapping[int, QueueItem]
    reviews: Mapping[int, Review]

    def owned(self, *, second: bool) -> dict[Work, QueueItem]:
        """By work, what somebody has reviewed or begun; as a first look or as a second."""
        return {
            work_of(each): each
            for each in self.items.values()
            if (each.second_of_id is not None) == second and self._is_owned(each)
        }

    def _is_owned(self, item: QueueItem) -> bool:
        if item.reviewer is None:
            return False
        review = self.reviews.get(item.pk)
        if item.state == State.DONE:
            return review is not None
        begun = item.state == State.CLAIMED or (review is not None and item.state == State.OPEN)
        return begun and item.reviewer.is_active

    @property
    def known(self) -> Known:
        declined: dict[Work, set[int]] = defaultdict(set)
        for each in self.items.values():
            if each.declined_by:
                declined[work_of(each)].update(each.declined_by)
        return Known(
            first={work: each.reviewer_id or 0 for work, each in self.owned(second=False).items()},
            second={work: each.reviewer_id or 0 for work, each in self.owned(second=True).items()},
            declined=declined,
        )

    @property
    def set_aside(self) -> dict[Work, str]:
        """What was found not reviewable, with the comment; by work."""
        aside = (each for each in self.items.values() if each.skip_reason == NOT_REVIEWABLE)
        return {work_of(each): each.skip_comment for each in aside if each.second_of_id is None}


def work_of(item: QueueItem) -> Work:
    """Its conversation, and whose work it is by now. `item.agent` should be loaded."""
    return item.conversation_id, item.agent.person.pk


@transaction.atomic
def redraw(*, actor: Actor, draw_id: int, reason: str) -> Draw:
    """The period drawn anew, and why. Of the old draw, waiting items expire; what somebody has reviewed or
    begun, and is drawn again, moves to its new item; what was found not reviewable is set aside again; a
    draft of what is not drawn again becomes one that was picked by hand.

    Raises Missing, Refused outside the actor's teams, Invalid (422) without a reason, Conflict (409)
    `draw_superseded`, `plan_paused`, `plan_ended`, `scorecard_not_published`, `draw_busy`.
    """
    if not reason.strip():
        raise invalid("/reason", "required", "Say why the period is drawn anew: it stays on the ledger.")
    old = locked_draw(actor=actor, draw_id=draw_id)
    may_redraw(actor, old).demand()
    check_scorecard(actor=actor, plan=old.plan)
    earlier, now = _earlier(actor, old), timezone.now()
    expired = _supersede(actor, old, now)
    new = Draw(
        plan=old.plan,
        period_start=old.period_start,
        period_end=old.period_end,
        supersedes=old,
        redraw_reason=reason.strip(),
        frame_at=now,
    )
    known = earlier.known
    fill(actor=actor, draw=new, known=known)
    _set_aside_again(actor, new, earlier.set_aside)
    _decline_again(new, known.declined)
    moved = _move(actor, new, earlier)
    freed = _free_drafts(earlier, moved)
    told = {"supersedes": old.pk, "reason": reason.strip(), "expired": expired}
    record(actor, "draw.redrawn", new, told | {"moved": moved, "freed_drafts": freed})
    return new


def _earlier(actor: Actor, old: Draw) -> Earlier:
    """Locked: reviews first, as whoever submits one does, then strata and items."""
    reviews = Review.objects.in_workspace(actor.workspace_id).filter(queue_item__draw=old).order_by("pk")
    list(reviews.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    locked_rows(actor=actor, draw=old)
    items = QueueItem.objects.in_workspace(actor.workspace_id).filter(draw=old)
    standing = reviews.exclude(state=Review.State.RETRACTED)
    places = standing.only("queue_item", "stratum", "selection", "state", "updated_at")
    items = items.select_related("reviewer", "agent__merged_into")
    return Earlier({each.pk: each for each in items}, {each.queue_item_id or 0: each for each in places})


def _supersede(actor: Actor, old: Draw, now: datetime) -> int:
    """The old draw counts no more; how many items expired."""
    old.superseded_at = now
    old.save(update_fields=["superseded_at"])
    rows = QueueItem.objects.in_workspace(actor.workspace_id).filter(draw=old, state__in=WAITING)
    return rows.update(state=State.EXPIRED, claimed_at=None, updated_at=now)


def _set_aside_again(actor: Actor, new: Draw, aside: Mapping[Work, str]) -> None:
    """Also what comes in the place of one that is set aside."""
    waiting = new.items.filter(second_of=None, state=State.OPEN, conversation_id__in=[pk for pk, _ in aside])
    rows = waiting.select_related("agent__merged_into").order_by("order_hash")
    while again := [(each.pk, aside[work_of(each)]) for each in rows.all() if work_of(each) in aside]:
        for pk, comment in again:
            queue.set_aside(actor=actor, item_id=pk, comment=comment)


def _decline_again(new: Draw, declined: Mapping[Work, Collection[int]]) -> None:
    """Who had no time for it then is not offered it now, either."""
    rows = new.items.filter(state=State.OPEN, conversation_id__in=[pk for pk, _ in declined])
    again = [each for each in rows.select_related("agent__merged_into") if work_of(each) in declined]
    for each in again:
        each.declined_by = sorted(declined[work_of(each)])
    QueueItem.objects.bulk_update(again, ["declined_by"], batch_size=BATCH)


def _move(actor: Actor, new: Draw, earlier: Earlier) -> list[dict[str, Any]]:
    """Take what is reviewed or begun along to the new items of the same work; which items, and reviews."""
    rows = new.items.filter(state=State.OPEN).select_related("agent__merged_into")
    fresh = {(work_of(each), each.second_of_id is not None): each for each in rows}
    pairs = [
        (item, target)
        for second in (False, True)
        for work, item in earlier.owned(second=second).items()
        if (target := fresh.get((work, second))) is not None
    ]
    _move_items(pairs)
    _move_reviews(pairs, earlier)
    _move_questions(actor, pairs)
    return [
        {"from": item.pk, "to": target.pk, "review": review.pk if review else None}
        for item, target in pairs
        for review in [earlier.reviews.get(item.pk)]
    ]


def _move_items(pairs: Collection[tuple[QueueItem, QueueItem]]) -> None:
    for item, target in pairs:
        target.reviewer, target.state, target.claimed_at = item.reviewer, item.state, item.claimed_at
        target.from_pool, target.updated_at = item.from_pool, timezone.now()
    names = ["reviewer", "state", "claimed_at", "from_pool", "updated_at"]
    QueueItem.objects.bulk_update([target for _, target in pairs], names, batch_size=BATCH)


def _move_reviews(pairs: Iterable[tuple[QueueItem, QueueItem]], earlier: Earlier) -> None:
    moved = []
    for item, target in pairs:
        if (review := earlier.reviews.get(item.pk)) is not None:
            review.queue_item, review.stratum_id = target, target.stratum_id
            review.selection, review.updated_at = selection_of(target), timezone.now()
            moved.append(review)
    _save_places(moved)


def _move_questions(actor: Actor, pairs: Iterable[tuple[QueueItem, QueueItem]]) -> None:
    """What was asked about an item goes with it."""
    targets = {item.pk: target for item, target in pairs}
    rows = QueueQuestion.objects.in_workspace(actor.workspace_id).filter(item_id__in=targets)
    asked = list(rows)
    for each in asked:
        each.item = targets[each.item_id]
    QueueQuestion.objects.bulk_update(asked, ["item"], batch_size=BATCH)


def _free_drafts(earlier: Earlier, moved: Iterable[Mapping[str, Any]]) -> list[int]:
    """Drafts of items that have expired: what was typed can still be submitted, as picked by hand."""
    gone = {each["review"] for each in moved}
    drafts = [
        review.pk
        for review in earlier.reviews.values()
        if review.state == Review.State.DRAFT and review.pk not in gone
    ]
    rows = Review.objects.filter(pk__in=drafts)
    free_drafts(rows)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _save_places(reviews: Collection[Review]) -> None:
    names = ["queue_item", "stratum", "selection", "updated_at"]
    Review.objects.bulk_update(reviews, names, batch_size=BATCH)
