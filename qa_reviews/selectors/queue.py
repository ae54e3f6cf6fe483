"""Reads of the queue: what waits for a member, what he may take, how far he is, and what was asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Count, Exists, F, Func, Min, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Lower, Replace, Trim

from accounts.access import Actor, Capability
from accounts.models import Agent, Member
from common.errors import Missing
from common.periods import Period, start_of
from conversations.models import Conversation
from qa_reviews.models import Draw, QueueItem, QueueQuestion, Review
from qa_reviews.models.sampling import plans_naming
from qa_reviews.policies.queue import WAITING
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import primary_subtag
from qa_reviews.selectors.periods import week_start

ORDER = ("due_on", "order_hash", "id")
"""By deadline, then in the order of the draw's hash."""

CLOSED_REVIEWS = (Review.State.DRAFT, Review.State.RETRACTED)
OTHERS_WORK = (Review.Kind.STANDARD, Review.Kind.PEER)


@dataclass(frozen=True, slots=True)
class Cycle:
    """How far the actor is with what a draw gave him; `due_on`: the first deadline of what still waits."""

    plan: str
    period: Period
    done: int
    total: int
    due_on: date

    @property
    def left(self) -> int:
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class Goal:
    """How many reviews the actor wants to submit a day or a week, and how many he has."""

    done: int
    target: int
    period: str

    @property
    def is_reached(self) -> bool:
        return self.done >= self.target


def items(actor: Actor) -> QuerySet[QueueItem]:
    """The items the actor sees, with all that is shown of them. One query."""
    return QueueItem.objects.visible_to(actor).select_related(
        "conversation", "agent", "team", "reviewer", "draw__plan"
    )


def with_questions(rows: QuerySet[QueueItem]) -> QuerySet[QueueItem]:
    """The items with what was asked about each, oldest first. One query more."""
    questions = QueueQuestion.objects.select_related("asked_by", "answered_by").order_by("pk")
    return rows.prefetch_related(Prefetch("questions", questions))


def item(actor: Actor, item_id: int) -> QueueItem:
    """One of them, or Missing. One query."""
    found = items(actor).filter(pk=item_id).first()
    if found is None:
        raise Missing
    return found


def mine(actor: Actor) -> QuerySet[QueueItem]:
    """What waits for the actor, open or claimed. Order it by `ORDER`. One query."""
    return items(actor).filter(reviewer_id=actor.member_id, reviewer__isnull=False, state__in=WAITING)


def is_asked() -> Exists:
    """Of items: whether their reviewer waits for the answer to a question of his. What somebody asked who had
    it before him holds nobody up."""
    own = QueueQuestion.objects.filter(item=OuterRef("pk"), asked_by=OuterRef("reviewer"))
    return Exists(own.filter(answered_at=None))


def pool(actor: Actor) -> QuerySet[QueueItem]:
    """The unassigned that the actor may take: of plans that name him, in his teams, of the kind that he
    reviews, neither about himself nor in a conversation of his, not seen or declined by him before. Joins
    nothing, so that rows can be locked. One query."""
    if actor.member is None:
        return QueueItem.objects.none()
    me = actor.member
    draws = Draw.objects.in_workspace(actor.workspace_id).filter(plan__in=plans_naming(actor))
    rows = QueueItem.objects.in_workspace(actor.workspace_id).filter(
        _is_suitable(actor, me), reviewer=None, state=QueueItem.State.OPEN, draw_id__in=draws.values("pk")
    )
    if me.agent_id is not None:
        himself = Q(pk=me.agent_id) | Q(merged_into=me.agent_id)
        rows = rows.exclude(agent__in=Agent.objects.in_workspace(actor.workspace_id).filter(himself))
        own = Conversation.objects.in_workspace(actor.workspace_id).filter(agent_id=me.agent_id)
        rows = rows.exclude(Exists(own.filter(pk=OuterRef("conversation_id"))))
    return rows.exclude(declined_by__contains=[me.pk]).exclude(seen_before(actor))


def _is_suitable(actor: Actor, me: Member) -> Q:
    """As Grader.may_take has it, for rows: what is unknown of a conversation stands against nobody."""
    scope = actor.scope(Capability.GRADE)
    wanted = {"language": me.languages, "channel": me.channels, "topic": me.topics}
    if scope is None and not any(wanted.values()):
        return Q()
    conversations: QuerySet[Conversation] = Conversation.objects.in_workspace(actor.workspace_id)
    if scope is not None:
        conversations = conversations.filter(team_id__in=scope)
    for field, values in wanted.items():
        if values:
            conversations = _narrowed(conversations, field, values)
    return Q(Exists(conversations.filter(pk=OuterRef("conversation_id"))))


def _narrowed(rows: QuerySet[Conversation], field: str, values: Collection[str]) -> QuerySet[Conversation]:
    known: Func = Lower(field)
    given = [each.casefold() for each in values]
    if field == "language":
        dashed = Replace(Trim(known), Value("_"), Value("-"))
        known = Func(dashed, Value("-"), Value(1), function="split_part", output_field=CharField())
        given = [primary_subtag(each) for each in values]
    return rows.alias(known=known).filter(Q(known="") | Q(known__in=given))


def seen_before(actor: Actor) -> Q:
    """Items whose conversation the actor has reviewed, or has as the other of two reviewers."""
    others = QueueItem.objects.in_workspace(actor.workspace_id).filter(reviewer_id=actor.member_id)
    reviewed = Review.objects.in_workspace(actor.workspace_id).filter(
        conversation=OuterRef("conversation"),
        agent=OuterRef("agent"),
        reviewer_id=actor.member_id,
        kind__in=OTHERS_WORK,
    )
    return (
        Q(Exists(others.filter(pk=OuterRef("second_of"))))
        | Q(Exists(others.filter(second_of=OuterRef("pk"))))
        | Q(Exists(reviewed.exclude(state__in=CLOSED_REVIEWS)))
    )


def waiting(actor: Actor) -> int:
    """How many items wait for the actor; the rail shows it. One query."""
    if actor.member_id is None:
        return 0
    rows = QueueItem.objects.in_workspace(actor.workspace_id).filter(reviewer_id=actor.member_id)
    return rows.filter(state__in=WAITING).count()


def has_queue(actor: Actor) -> bool:
    """Whether the queue is among the actor's places: he grades, or something is assigned to him. One query
    for who does not grade."""
    return actor.can(Capability.GRADE) or waiting(actor) > 0


def pool_size(actor: Actor) -> int:
    """How many unassigned items the actor may take. One query."""
    return pool(actor).count()


def cycles(actor: Actor) -> list[Cycle]:
    """The draws in which something waits for the actor, the first due first. One query."""
    own = QueueItem.objects.visible_to(actor).filter(reviewer_id=actor.member_id, reviewer__isnull=False)
    waits, done = Q(state__in=WAITING), Q(state=QueueItem.State.DONE)
    rows = (
        own.filter(draw_id__in=own.filter(waits).values("draw_id"))
        .values("draw_id", "draw__plan__name", "draw__period_start", "draw__period_end")
        .annotate(
            done=Count("pk", filter=done),
            total=Count("pk", filter=done | waits),
            due_on=Min("due_on", filter=waits),
        )
    )
    return [
        Cycle(
            plan=row["draw__plan__name"],
            period=Period(row["draw__period_start"], row["draw__period_end"]),
            done=row["done"],
            total=row["total"],
            due_on=row["due_on"],
        )
        for row in rows.order_by("due_on", "draw_id")
    ]


def goal(actor: Actor) -> Goal | None:
    """How far the actor is today or this week, or None where he has set himself no goal. One query, none
    without a goal. His own reviews that stand count, of others' work."""
    me = actor.member
    if me is None or not me.goal_reviews:
        return None
    since = today(actor)
    if me.goal_period == Member.GoalPeriod.WEEK:
        since = start_of(since, "week", week_start(actor))
    own = Review.objects.in_workspace(actor.workspace_id).counted().filter(reviewer_id=me.pk)
    return Goal(own.filter(submitted_on__gte=since).count(), me.goal_reviews, me.goal_period)


def questions(actor: Actor) -> QuerySet[QueueQuestion]:
    """What was asked about items that the actor sees. One query."""
    return QueueQuestion.objects.visible_to(actor).select_related(
        "asked_by", "answered_by", "item__conversation", "item__agent", "item__draw__plan"
    )


def own_questions(actor: Actor) -> QuerySet[QueueQuestion]:
    """What the actor asked about items that wait for him, the unanswered first. One query."""
    rows = questions(actor).filter(item__reviewer_id=actor.member_id, asked_by_id=actor.member_id)
    return rows.filter(item__state__in=WAITING).order_by(F("answered_at").asc(nulls_first=True), "pk")


def open_questions(actor: Actor) -> QuerySet[QueueQuestion]:
    """What waits for an answer of the actor as a lead: about items of his teams that are not closed, the
    oldest first. One query; nothing for who plans nothing."""
    rows = questions(actor).filter(answered_at=None, item__state__in=WAITING).order_by("pk")
    if not actor.can(Capability.PLAN_MANAGE):
        return rows.none()
    scope = actor.scope(Capability.PLAN_MANAGE)
    return rows if scope is None else rows.filter(item__team_id__in=scope)


def question(actor: Actor, question_id: int) -> QueueQuestion:
    """One question, or Missing. One query."""
    found = questions(actor).filter(pk=question_id).first()
    if found is None:
        raise Missing
    return found
