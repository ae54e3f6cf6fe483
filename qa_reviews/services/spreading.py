"""Handing out many queue items at once: to one reviewer, or fairly among those who may take them.

All in one transaction: the items are locked in the order of their ids, so that two leads who move the same
ones wait for each other and never for ever. What cannot be moved stays as it is and says why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from accounts.access import Actor
from accounts.models import Member
from accounts.services.audit import record
from common.errors import invalid
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, Review, SamplePlan
from qa_reviews.policies.queue import WAITING, may_reassign
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import Grader, graders_like, plan_graders, takes_of
from qa_reviews.selectors.tallies import in_scope
from qa_reviews.services.queue.given import tell_given

R = TypeVar("R", Draw, SamplePlan)
MOST_ITEMS = 1000
CLOSED = (Review.State.DRAFT, Review.State.RETRACTED)
MOVE = """
update qa_reviews_queueitem as item
set reviewer_id = given.reviewer_id, state = 'open', claimed_at = null, from_pool = false, updated_at = now()
from unnest(%s::bigint[], %s::bigint[]) as given (id, reviewer_id) where item.id = given.id
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: whose it was and is; why it did not move, with a stable code."""

    item: int
    before: int | None = None
    reviewer: int | None = None
    code: str = ""
    reason: str = ""

    @property
    def moved(self) -> bool:
        return not self.code


@transaction.atomic
def hand_out(*, actor: Actor, item_ids: Sequence[int], reviewer_id: int | None = None) -> list[Outcome]:
    """Hand the items to the reviewer; without one, share them out fairly among those whom their plans name:
    to whoever has the fewest waiting items beside his weight, then by hash. An outcome for each, in the order
    given. Raises Invalid for a reviewer who is no active member here, or too many items."""
    wanted = list(dict.fromkeys(item_ids))
    if len(wanted) > MOST_ITEMS:
        raise invalid("/items", "too_many", f"At most {MOST_ITEMS} at once.")
    if reviewer_id is not None:
        _check_member(actor, reviewer_id, active=True)
    found = _Handing(actor, _locked(QueueItem.objects.visible_to(actor).filter(pk__in=wanted)))
    outcomes = found.given_to(reviewer_id) if reviewer_id is not None else found.spread()
    _write(actor, "queue.handed_out", outcomes.values(), None)
    unseen = Outcome(0, code="not_found", reason="There is nothing here that you can see.")
    return [outcomes.get(pk) or replace(unseen, item=pk) for pk in wanted]


@transaction.atomic
def spread(
    *, actor: Actor, reviewer_id: int | None, draw_id: int | None = None, plan_id: int | None = None
) -> list[Outcome]:
    """Share out all that waits for a member, such as one who is away or has left, or (None) for nobody: in
    all draws, in those of a plan or in one, as far as it is of the actor's teams. Nothing goes back to
    himself. Raises Invalid for a member, a plan or a draw that the actor does not see, and where of nobody's
    it is not said of which plan or draw."""
    if reviewer_id is not None:
        _check_member(actor, reviewer_id)
    elif draw_id is None and plan_id is None:
        raise invalid("/reviewer", "required", "Name a reviewer, or the plan or draw of what is nobody's.")
    draw = _seen(Draw.objects.visible_to(actor), draw_id, "draw")
    plan = _seen(SamplePlan.objects.visible_to(actor), plan_id, "plan")
    among = {name: row for name, row in (("draw", draw), ("draw__plan", plan)) if row is not None}
    rows = QueueItem.objects.visible_to(actor).filter(
        in_scope(actor), reviewer_id=reviewer_id, state__in=WAITING, **among
    )
    locked = _locked(rows)
    outcomes = _Handing(actor, locked).spread(without=reviewer_id)
    _write(actor, "queue.spread", outcomes.values(), draw or plan)
    return [outcomes[item.pk] for item in locked]


def _seen(rows: QuerySet[R], pk: int | None, name: str) -> R | None:
    """The row where one is named. Raises Invalid for one that is not among them."""
    found = None if pk is None else rows.filter(pk=pk).first()
    if found is None and pk is not None:
        raise invalid(f"/{name}", "not_found", f"There is no {name} “{pk}” here.")
    return found


def _check_member(actor: Actor, member_id: int, active: bool = False) -> None:
    rows = Member.objects.visible_to(actor).filter(pk=member_id)
    rows = rows.filter(deactivated_at=None) if active else rows
    if not rows.exists():
        raise invalid("/reviewer", "not_found", f"There is no member “{member_id}” here.")


def _locked(rows: QuerySet[QueueItem]) -> list[QueueItem]:
    """The rows, locked one after another in the order of their ids."""
    related = rows.select_related("conversation", "agent", "draw__plan")
    return list(related.order_by("pk").select_for_update(of=("self",)))


@dataclass
class _Handing:
    """Locked items, and all that decides who may take them."""

    actor: Actor
    items: Sequence[QueueItem]
    on: date = field(init=False)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.on = today(self.actor)
        for item in self.items:
            refusal = may_reassign(self.actor, item).refusal
            if refusal is not None:
                self._refuse(item, refusal.code, refusal.detail)
        self.free = [item for item in self.items if item.pk not in self.outcomes]
        self.holders = self._holders()
        self.reviewed = self._reviewed()

    def given_to(self, reviewer_id: int) -> dict[int, Outcome]:
        """To this member, where he may take it."""
        for rows in self._by_plan().values():
            able = graders_like(self.actor, rows[0].draw.plan, self.on, [reviewer_id])
            for item in rows:
                if item.reviewer_id == reviewer_id:
                    self._refuse(item, "unchanged", "It is his already.")
                elif reason := self._refusal(item, able[0] if able else None):
                    self._refuse(item, "not_allowed", reason)
                else:
                    self._move(item, reviewer_id)
        return self.outcomes

    def spread(self, without: int | None = None) -> dict[int, Outcome]:
        """Fairly, draw by draw; a second look at a conversation after the first."""
        graders = {
            plan_id: [
                each for each in plan_graders(self.actor, rows[0].draw.plan, self.on) if each.id != without
            ]
            for plan_id, rows in self._by_plan().items()
        }
        loads = self._loads({each.id for found in graders.values() for each in found})
        for rows in self._rounds():
            self._share(rows, graders[rows[0].draw.plan_id], loads)
        return self.outcomes

    def _share(self, rows: Sequence[QueueItem], graders: Collection[Grader], loads: Counter[int]) -> None:
        """One round of one draw, whose conversations are all different; the loads count on."""
        allowed = {item.conversation_id: self._able(item, graders) for item in rows}
        weights = {each.id: each.weight for each in graders}
        given = sampling.assign(rows[0].draw.seed, allowed, loads, weights)
        for item in rows:
            member = given[item.conversation_id]
            if member is None:
                self._refuse(item, "nobody", "Nobody whom the plan names may take it.")
                continue
            loads[member] += 1
            if member == item.reviewer_id:
                self._refuse(item, "unchanged", "It stays where it is: that is fair.")
            else:
                self._move(item, member)

    def _able(self, item: QueueItem, graders: Iterable[Grader]) -> list[int]:
        """Who may take it; not who had no time for it."""
        return [
            each.id for each in graders if each.id not in item.declined_by and not self._refusal(item, each)
        ]

    def _refusal(self, item: QueueItem, grader: Grader | None) -> str:
        if grader is None:
            return "He does not grade such conversations."
        halves = (item.second_of_id, self.second_of.get(item.pk))
        if grader.id in {self.holders.get(pk) for pk in halves if pk is not None}:
            return "He is the other of its two reviewers."
        if (item.conversation_id, item.agent.merged_into_id or item.agent_id, grader.id) in self.reviewed:
            return "He has reviewed it already."
        return grader.refusal(takes_of(item), self.on)

    def _move(self, item: QueueItem, member: int) -> None:
        self.outcomes[item.pk] = Outcome(item.pk, item.reviewer_id, member)
        self.holders[item.pk] = member

    def _refuse(self, item: QueueItem, code: str, reason: str) -> None:
        self.outcomes[item.pk] = Outcome(item.pk, item.reviewer_id, item.reviewer_id, code, reason)

    def _by_plan(self) -> dict[int, list[QueueItem]]:
        found: dict[int, list[QueueItem]] = defaultdict(list)
        for item in self.free:
            found[item.draw.plan_id].append(item)
        return found

    def _rounds(self) -> list[list[QueueItem]]:
        found: dict[tuple[int, bool], list[QueueItem]] = defaultdict(list)
        for item in self.free:
            found[item.draw_id, item.second_of_id is not None].append(item)
        return [found[key] for key in sorted(found)]

    def _holders(self) -> dict[int, int | None]:
        """Who has each item, and the other half of it, now. One query."""
        ids = [item.pk for item in self.free]
        firsts = [item.second_of_id for item in self.free if item.second_of_id is not None]
        rows = QueueItem.objects.in_workspace(self.actor.workspace_id).filter(
            Q(second_of__in=ids) | Q(pk__in=firsts)
        )
        halves = list(rows.values_list("pk", "second_of_id", "reviewer_id"))
        self.second_of = {first: pk for pk, first, _ in halves if first is not None}
        return {item.pk: item.reviewer_id for item in self.free} | {pk: who for pk, _, who in halves}

    def _reviewed(self) -> set[tuple[int, int, int]]:
        """Whose review of the same work stands: (conversation, agent, reviewer). One query."""
        rows = Review.objects.in_workspace(self.actor.workspace_id).filter(
            conversation_id__in=[item.conversation_id for item in self.free], kind__in=("standard", "peer")
        )
        standing = rows.exclude(state__in=CLOSED)
        return set(standing.values_list("conversation_id", "agent_id", "reviewer_id"))

    def _loads(self, members: Collection[int]) -> Counter[int]:
        """How many items wait for each of them beside those that are shared out. One query."""
        rows = QueueItem.objects.in_workspace(self.actor.workspace_id).filter(
            state__in=WAITING, reviewer_id__in=members
        )
        others = rows.exclude(pk__in=[item.pk for item in self.free]).order_by()
        counted = others.values("reviewer_id").annotate(n=Count("pk"))
        return Counter({row["reviewer_id"]: row["n"] for row in counted})


def _write(actor: Actor, action: str, outcomes: Iterable[Outcome], among: Draw | SamplePlan | None) -> None:
    """Move what moves, tell the audit once, and whoever is given something."""
    moved = [(each.item, each.before, each.reviewer) for each in outcomes if each.moved]
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [[item for item, _, _ in moved], [to for _, _, to in moved]])
    record(actor, action, among, {"items": [list(each) for each in moved]})
    tell_given(actor=actor, moved=moved)
