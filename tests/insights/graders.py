"""Many reviews of shared conversations, written straight to the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import fmean
from typing import Any, NamedTuple

from accounts.models import Agent, Member, MemberRole, Team
from conversations.models import Conversation
from qa_reviews.models import Draw, Grading, Rating, Review
from tests.insights.rows import Rows, noon

GRADED_ON = date(2026, 3, 12)


class Gave(NamedTuple):
    """What one reviewer gave one conversation (by a number of the caller's): points 0..100 by category."""

    conversation: int
    reviewer: Member
    points: Mapping[str, float]


def reviewers(rows: Rows, names: Sequence[str]) -> list[Member]:
    """Members who review."""
    made = Member.objects.bulk_create(
        Member(workspace=rows.place.workspace, name=name, email=f"{name}@ours.example".lower())
        for name in names
    )
    MemberRole.objects.bulk_create(
        MemberRole(workspace=rows.place.workspace, member=member, role="reviewer") for member in made
    )
    return made


def give(
    rows: Rows,
    agents: Sequence[Agent],
    team: Team | None,
    gave: Sequence[Gave],
    on: date = GRADED_ON,
    **more: Any,
) -> list[Review]:
    """Submitted reviews with one grading each, scored by the plain mean of their categories. Conversations
    belong to the agents in turn."""
    numbers = sorted({each.conversation for each in gave})
    conversations = dict(zip(numbers, _conversations(rows, agents, team, numbers, on), strict=True))
    fixed = {
        "team": team,
        "scorecard": rows.place.rows["scorecard"],
        "version": rows.place.rows["version"],
        "state": "submitted",
        "gradings_count": 1,
        "submitted_at": noon(on),
        "submitted_on": on,
        "closed_at": noon(on),
        "closed_on": on,
    } | more
    reviews = Review.objects.bulk_create(
        Review(
            **rows.base | fixed,
            conversation=conversations[each.conversation],
            agent=conversations[each.conversation].agent,
            reviewer=each.reviewer,
            score=_score(each),
            unfailed_score=_score(each),
        )
        for each in gave
    )
    gradings = Grading.objects.bulk_create(
        Grading(**rows.base, review=review, number=1, version=review.version, score=review.score)
        for review in reviews
    )
    Rating.objects.bulk_create(
        Rating(
            **rows.base,
            grading=grading,
            category=category,
            state="rated",
            option="1",
            score=Decimal(str(round(points, 4))),
        )
        for grading, each in zip(gradings, gave, strict=True)
        for category, points in each.points.items()
    )
    return reviews


def _score(gave: Gave) -> Decimal:
    return Decimal(str(round(fmean(gave.points.values()), 4)))


def _conversations(
    rows: Rows, agents: Sequence[Agent], team: Team | None, numbers: Sequence[int], on: date
) -> list[Conversation]:
    owners = [agents[place % len(agents)] for place in range(len(numbers))]
    return Conversation.objects.bulk_create(
        Conversation(
            **rows.base,
            source="helpdesk",
            external_id=rows.next(),
            subject=f"Conversation {number}",
            status="closed",
            closed_at=noon(on),
            closed_on=on,
            agent=owner,
            most_active_agent=owner,
            team=team,
        )
        for number, owner in zip(numbers, owners, strict=True)
    )


def second_look(rows: Rows, draw: Draw, agent: Agent, team: Team | None, scores: Sequence[Any]) -> list[Any]:
    """Conversations of a draw that two reviewers graded; `scores` are (first, second). The reviews."""
    stratum = rows.stratum(draw, agent, team, [], frame=100)
    found = []
    for first, second in scores:
        item = rows.item(stratum, state="done")
        again = rows.item(stratum, state="done", conversation=item.conversation, second_of=item)
        other = rows.place.people["second_reviewer"]
        found += [rows.of_item(item, first), rows.of_item(again, second, reviewer=other)]
    return found


def unmark(reviews: Sequence[Review], **changes: Any) -> None:
    """Changes fields of reviews, in place."""
    Review.objects.filter(pk__in=[review.pk for review in reviews]).update(**changes)
