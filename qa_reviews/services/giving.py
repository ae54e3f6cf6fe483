"""Giving out what was drawn: who reviews which conversation, and which of them two shall see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.access import Actor
from accounts.models import Agent
from conversations.models import Conversation
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, Review, SamplePlan
from qa_reviews.selectors.frames import Terms, today
from qa_reviews.selectors.graders import Grader, Takes, plan_graders
from qa_reviews.services.ledgers import Drawn, write_items

USUAL_DAYS, MONTHS_DAYS = 7, 28
"""To review what is drawn at once, where the plan does not say in how many."""
NOBODY = 0
"""No agent's id."""
NOT_REVIEWABLE = QueueItem.SkipReason.NOT_REVIEWABLE


Work = tuple[int, int]
"""A conversation and whose work it is: the agent, or the person he turned out to be."""


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier draw of the same period tells: who has reviewed or begun a work keeps it, as its first
    reviewer or its second, and who declined it is not asked again. Members by work."""

    first: Mapping[Work, int] = field(default_factory=dict)
    second: Mapping[Work, int] = field(default_factory=dict)
    declined: Mapping[Work, Collection[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """The items that a draw has: the first reviewers by conversation, which conversations have a second item,
    which were set aside, and how many items each member holds."""

    first: dict[int, int | None]
    seconds: set[int]
    set_aside: set[int]
    loads: Counter[int]


def present_graders(*, actor: Actor, plan: SamplePlan) -> list[Grader]:
    """Whom the plan names to review and who are there today, by id. At most six queries."""
    on = today(actor)
    return [each for each in plan_graders(actor, plan, on) if not each.is_absent(on)]


def _due_on(actor: Actor, plan: SamplePlan) -> date:
    """Until when what is drawn today is to be reviewed."""
    whole_month = plan.period == SamplePlan.Period.MONTH and not plan.weekly_parts
    return today(actor) + timedelta(days=plan.due_days or (MONTHS_DAYS if whole_month else USUAL_DAYS))


def give_out(
    *, actor: Actor, draw: Draw, strata: Collection[Drawn], allowed: Collection[Grader], known: Known
) -> int:
    """Items for what is drawn and has none yet, with their reviewers, and second items for the share that two
    shall see; how many conversations are new. At most seven queries."""
    given, persons = _given(draw), _persons(draw, strata)
    places = {pk: each for each in strata for pk in each.first}
    fresh = [pk for pk in places if pk not in given.first]
    again = _second_looks(draw, strata, given)
    works = {pk: (pk, persons[places[pk].agent_id]) for pk in {*fresh, *again}}
    able = _able(actor, draw, works, allowed, known)
    weights = {each.id: each.weight for each in allowed}
    may_first = {
        pk: _kept(known.first, works[pk]) or able[pk] - _kept(known.second, works[pk]) for pk in fresh
    }
    first = sampling.assign(draw.seed, may_first, given.loads, weights)
    loads = given.loads + Counter(member for member in first.values() if member is not None)
    held = given.first | first
    may_second = {
        pk: set() if pk in given.set_aside else _kept(known.second, works[pk]) or able[pk] - {held[pk]}
        for pk in again
    }
    second = sampling.assign(draw.seed, may_second, loads, weights)
    due, owners = _due_on(actor, draw.plan), {pk: each.stratum_id for pk, each in places.items()}
    for reviewers in (first, second):
        write_items(draw=draw, reviewers=reviewers, strata=owners, due_on=due)
    if given.set_aside:
        _skip_second_looks(draw)
    return len(fresh)


def _kept(by_work: Mapping[Work, int], work: Work) -> set[int]:
    return {by_work[work]} if work in by_work else set()


def _persons(draw: Draw, strata: Iterable[Drawn]) -> dict[int, int]:
    """The strata's agents, each with the one he turned out to be. One query."""
    agents = {each.agent_id for each in strata}
    merged = Agent.objects.in_workspace(draw.workspace_id).filter(merged_into__isnull=False)
    into = dict(merged.values_list("pk", "merged_into"))
    return {agent: into.get(agent) or agent for agent in agents}


def _given(draw: Draw) -> Given:
    given = Given({}, set(), set(), Counter())
    for item in draw.items.only("conversation", "reviewer", "second_of", "skip_reason"):
        if item.reviewer_id is not None:
            given.loads[item.reviewer_id] += 1
        if item.second_of_id is not None:
            given.seconds.add(item.conversation_id)
        else:
            given.first[item.conversation_id] = item.reviewer_id
            if item.skip_reason == NOT_REVIEWABLE:
                given.set_aside.add(item.conversation_id)
    return given


def _second_looks(draw: Draw, strata: Iterable[Drawn], given: Given) -> list[int]:
    """What a second reviewer shall see, too, and does not yet."""
    firsts = {pk for each in strata for pk in each.first[: each.drawn]}
    share = Terms.stored(draw.terms).second_review_share
    twice = sampling.second_items(draw.seed, firsts, share, kept=given.seconds)
    return [pk for pk in twice if pk not in given.seconds]


def _skip_second_looks(draw: Draw) -> None:
    """Nobody looks again at what was set aside: its second item is, too, as when it goes with the first."""
    waiting = draw.items.filter(second_of__skip_reason=NOT_REVIEWABLE, state=QueueItem.State.OPEN)
    waiting.update(state=QueueItem.State.SKIPPED, skip_reason=NOT_REVIEWABLE)


def _able(
    actor: Actor,
    draw: Draw,
    works: Mapping[int, Work],
    allowed: Collection[Grader],
    known: Known,
) -> dict[int, set[int]]:
    """Who may be given each conversation: nobody where it goes to the pool; not who has reviewed it already.
    Two queries."""
    if Terms.stored(draw.terms).assignment == SamplePlan.Assignment.POOL:
        return {pk: set() for pk in works}
    reviewed, on = _reviewed(draw, works, allowed), today(actor)
    himself = {each.agent_id: each.id for each in allowed if each.agent_id is not None}
    takers: dict[Takes, set[int]] = {}  # many conversations are alike but for their agent
    able = {}
    for pk, facts, assignee in _facts(draw, works, allowed):
        if facts not in takers:
            takers[facts] = {each.id for each in allowed if each.may_take(facts, on)}
        work = works[pk]
        concerned = {himself.get(work[1]), himself.get(assignee or NOBODY)}
        able[pk] = takers[facts] - concerned.union(reviewed.get(work, ()), known.declined.get(work, ()))
    return able


def _facts(
    draw: Draw, conversations: Iterable[int], allowed: Iterable[Grader]
) -> Iterator[tuple[int, Takes, int | None]]:
    """What decides who may review each conversation, whoever had it, and who has it. One query; none where
    all reviewers take anything and are nobody's colleagues."""
    if all(each.takes_anything and each.agent_id is None for each in allowed):
        anything = Takes(None, NOBODY)
        yield from ((pk, anything, None) for pk in conversations)
        return
    rows = Conversation.objects.in_workspace(draw.workspace_id).filter(pk__in=conversations)
    fields = ("pk", "team_id", "agent_id", "language", "channel", "topic")
    for pk, team_id, assignee, language, channel, topic in rows.values_list(*fields):
        yield pk, Takes(team_id, NOBODY, language, channel, topic), assignee


def _reviewed(draw: Draw, conversations: Iterable[int], allowed: Iterable[Grader]) -> dict[Work, set[int]]:
    """Who of the allowed has reviewed each work, by hand, for another plan, or before it was closed anew."""
    reviews = Review.objects.in_workspace(draw.workspace_id).filter(
        conversation_id__in=conversations,
        reviewer_id__in=[each.id for each in allowed],
        kind__in=(Review.Kind.STANDARD, Review.Kind.PEER),
    )
    reviews = reviews.exclude(state__in=(Review.State.RETRACTED, Review.State.DRAFT))
    found: dict[Work, set[int]] = {}
    for pk, agent_id, reviewer_id in reviews.values_list("conversation_id", "agent_id", "reviewer_id"):
        found.setdefault((pk, agent_id), set()).add(reviewer_id)
    return found
