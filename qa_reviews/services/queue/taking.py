"""Taking, finishing, handing back and handing over queue items."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.utils import timezone

from accounts.access import Actor, Capability, RoleGrant
from accounts.models import Member
from accounts.services.audit import record
from common.errors import Conflict, invalid
from common.paging import RowCompare
from qa_reviews.models import QueueItem
from qa_reviews.policies.queue import WAITING, may_claim, may_hand_back, may_reassign
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders_like, takers, takes_of
from qa_reviews.selectors.queue import ORDER, is_asked, items, pool, seen_before
from qa_reviews.services.queue.given import tell_given
from qa_reviews.services.queue.rows import PLACE_FIELDS, lock_drafts, locked_item, others_of, put_back

State = QueueItem.State

# One statement finds, locks and takes: what others hold locked is skipped, so that nobody waits for anybody.
# The later rows are looked for only when the earlier give nothing.
TAKE = """
with own (id, state) as materialized ({own}), pooled (id, state) as materialized ({pooled}),
asked (id, state) as materialized ({asked}),
chosen as materialized (
    select id, state from own
    union all select id, state from pooled where not exists (select from own)
    union all select id, state from asked
        where not exists (select from own) and not exists (select from pooled)
)
update qa_reviews_queueitem as item
set from_pool = item.from_pool or item.reviewer_id is null,
    reviewer_id = %s, state = 'claimed', claimed_at = %s, updated_at = %s
from chosen where item.id = chosen.id
returning chosen.state, {columns}
"""
NONE = "select null::bigint, null::text where false"
COLUMNS = [field.attname for field in QueueItem._meta.concrete_fields]
Sql = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Taker:
    """All of an actor that decides which items he is given; actors who are alike in it share a statement."""

    workspace_id: int
    member_id: int
    agent_id: int | None
    grants: frozenset[RoleGrant]
    suits: tuple[tuple[str, ...], ...]
    actor: Actor = field(compare=False, repr=False)

    @classmethod
    def of(cls, actor: Actor, member: Member) -> Taker:
        suits = tuple(tuple(each) for each in (member.languages, member.channels, member.topics))
        grants = frozenset(actor.grants)
        return cls(actor.workspace_id, member.pk, member.agent_id, grants, suits, actor)


@transaction.atomic
def next_item(*, actor: Actor, after: int | None = None) -> QueueItem | None:
    """The item to review now, claimed for the actor: the one he has begun, else his own by deadline and hash
    order, else the first unassigned one that he may take, else one that he asked about and nobody answered;
    None when nothing waits. With its own columns only: what it names is read when asked for. `after`: an item
    that he leaves as it is for now, for another of his own, best one behind it, else one of the unassigned.
    Two queries, one more with `after`."""
    actor.require(Capability.GRADE_ASSIGNED)
    if actor.member is None:
        return None
    sql, params = _statement(Taker.of(actor, actor.member)) if after is None else _parts(actor, after)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, actor.member_id, now, now])
        row = cursor.fetchone()
    if row is None:
        return None
    item = QueueItem.from_db(str(connection.alias), COLUMNS, row[1:])
    if row[0] == State.OPEN:
        record(actor, "queue.claimed", item)
    return item


@lru_cache(maxsize=1000)
def _statement(taker: Taker) -> Sql:
    """Put together once for everybody who asks again: that takes longer than to run it."""
    return _parts(taker.actor, None)


def _parts(actor: Actor, after: int | None) -> Sql:
    """The statement that takes the next item, and what it is given before who takes and when. No query; one
    with `after`."""
    own = QueueItem.objects.in_workspace(actor.workspace_id).filter(
        reviewer_id=actor.member_id, state__in=WAITING
    )
    first: Any = F("state")  # "claimed" sorts before "open"
    if after is not None:
        here = own.filter(pk=after).values_list(*ORDER).first()
        own = own.exclude(pk=after)
        first = _behind_first(here) if here is not None else first
    parts = {
        "own": _first_free(own.filter(~is_asked()).order_by(first, *ORDER)),
        "pooled": _first_free(pool(actor).order_by(*ORDER)),
        "asked": _first_free(own.filter(is_asked()).order_by(*ORDER)),
    }
    columns = ", ".join(f"item.{name}" for name in COLUMNS)
    sql = TAKE.format(columns=columns, **{name: part[0] for name, part in parts.items()})
    return sql, tuple(value for _, params in parts.values() for value in params)


def _first_free(rows: QuerySet[QueueItem]) -> Sql:
    """The first row that nobody else holds, as SQL that locks it. The rows must join nothing."""
    first = rows.select_for_update(skip_locked=True).values_list("pk", "state")[:1]
    try:
        return first.query.sql_with_params()
    except EmptyResultSet:
        return NONE, ()


def _behind_first(here: tuple[Any, ...]) -> Case:
    """What comes behind these values of ORDER before what comes ahead of them."""
    behind = RowCompare(*map(F, ORDER), *map(Value, here), sign=">")
    return Case(When(behind, then=Value(0)), default=Value(1), output_field=IntegerField())


@transaction.atomic
def claim(*, actor: Actor, item_id: int) -> QueueItem:
    """This item, locked and claimed for the actor, whose claim starts anew. Raises Missing, Refused for
    another's item or his own work, Conflict once it is closed, or where he saw the conversation before."""
    item = locked_item(rows=items(actor), item_id=item_id)
    may_claim(actor, item).demand()
    unassigned = item.reviewer_id is None
    if unassigned and QueueItem.objects.visible_to(actor).filter(seen_before(actor), pk=item.pk).exists():
        raise Conflict("You have reviewed this conversation; it needs somebody else.", code="seen_before")
    fresh = item.state == State.OPEN
    item.from_pool = item.from_pool or unassigned
    item.reviewer, item.state, item.claimed_at = actor.member, State.CLAIMED, timezone.now()
    item.save(update_fields=PLACE_FIELDS)
    if fresh:
        record(actor, "queue.claimed", item)
    return item


def finish(*, item: QueueItem, reviewer_id: int | None = None) -> None:
    """The item is reviewed (by the one who has it, unless another is named); the caller's transaction and
    audit tell of it. Conflict when it is done, skipped or expired already."""
    row = QueueItem.objects.in_workspace(item.workspace_id).select_for_update().get(pk=item.pk)
    if row.state not in WAITING:
        raise Conflict("This queue item is closed already.", code=f"item_{row.state}")
    row.state, row.reviewer_id = State.DONE, reviewer_id or row.reviewer_id
    row.save(update_fields=["state", "reviewer", "updated_at"])


@transaction.atomic
def hand_back(*, actor: Actor, item_id: int) -> QueueItem:
    """Lay the item down again: it stays the actor's, or is nobody's again where he took it from the
    unassigned. What he typed stays with him. Raises Missing, Refused, Conflict."""
    lock_drafts(item_id)
    item = locked_item(rows=items(actor), item_id=item_id)
    may_hand_back(actor, item).demand()
    put_back(item=item)
    record(actor, "queue.handed_back", item, {"reviewer": [actor.member_id, item.reviewer_id]})
    return item


@transaction.atomic
def reassign(*, actor: Actor, item_id: int, reviewer_id: int) -> QueueItem:
    """Hand the item to another active member who may take it: he grades (of a peer plan: he is an agent with
    a log-in), he is there, the conversation is in his teams and of a kind that he reviews, and he is neither
    whom it is about nor the other of two reviewers. Raises Missing, Refused, Conflict, Invalid."""
    item = locked_item(rows=items(actor), item_id=item_id)
    may_reassign(actor, item).demand()
    on = today(actor)
    found = graders_like(actor, item.draw.plan, on, [reviewer_id])
    if not found:
        raise invalid("/reviewer", "not_found", f"There is no member “{reviewer_id}” here who grades.")
    if not takers(found, takes_of(item), on, without=others_of(item=item)):
        reason = found[0].refusal(takes_of(item), on) or "He reviews this conversation already."
        raise invalid("/reviewer", "not_allowed", reason)
    before, item.reviewer_id = item.reviewer_id, reviewer_id
    item.state, item.claimed_at, item.from_pool = State.OPEN, None, False
    item.save(update_fields=PLACE_FIELDS)
    record(actor, "queue.reassigned", item, {"reviewer": [before, reviewer_id]})
    if before != reviewer_id:
        tell_given(actor=actor, moved=[(item.pk, before, reviewer_id)])
    return items(actor).get(pk=item.pk)
