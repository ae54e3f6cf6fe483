"""Closed conversations and plans for the tests of sampling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Agent, Team, TeamMembership
from conversations.models import Conversation, SurveyResponse
from conversations.services.derived_rows import derive_csat
from qa_reviews.models import SamplePlan
from qa_reviews.services.plans import PlanInput, QuotaInput, ReviewerInput, create_plan
from tests.world import Place

WEEK = date(2026, 4, 6)  # a Monday; the world's own rows lie in March
BERLIN = ZoneInfo("Europe/Berlin")


def agent(place: Place, name: str, team: Team | None = None) -> Agent:
    found = Agent.objects.create(
        workspace=place.workspace, source="helpdesk", external_id=f"a-{name}", name=name
    )
    if team is not None:
        TeamMembership.objects.create(workspace=place.workspace, agent=found, team=team)
    return found


def conversations(
    place: Place, owner: Agent | None, count: int, day: date = WEEK, **fields: Any
) -> list[Conversation]:
    """`count` closed conversations of the agent, one after another on the day."""
    start = datetime.combine(day, time(9), BERLIN)
    first = Conversation.objects.count()
    fields = {"most_active_agent": owner, "team": place.rows["team"], "channel": "chat"} | fields
    return Conversation.objects.bulk_create(
        Conversation(
            workspace=place.workspace,
            source="helpdesk",
            external_id=f"s-{first + n}",
            status="closed",
            closed_at=start + timedelta(seconds=n),
            closed_on=day,
            agent=owner,
            **fields,
        )
        for n in range(count)
    )


def answer(
    conversation: Conversation, score: int, scale: tuple[int, int] = (1, 5), latest: bool = True
) -> None:
    SurveyResponse.objects.create(
        workspace=conversation.workspace,
        conversation=conversation,
        key=f"{conversation.surveys.count()}",
        kind="csat",
        score=Decimal(score),
        scale_min=scale[0],
        scale_max=scale[1],
        is_latest=latest,
    )
    derive_csat(conversation_ids=[conversation.pk])


def plan(place: Place, **given: Any) -> SamplePlan:
    """A plan made by the manager; reviewed by the reviewer unless said otherwise."""
    given = {
        "name": "Weekly sample",
        "scorecard": place.rows["scorecard"].pk,
        "reviewers": (place.people["reviewer"].pk,),
        "seed": "2025-W10",
    } | given
    return create_plan(actor=place.actor("manager"), given=asked(**given))


def asked(*, per_agent: int | None = None, reviewers: Sequence[int] = (), **given: Any) -> PlanInput:
    """A plan's input, with the usual quota as a number and reviewers of one weight as ids."""
    if per_agent is not None:
        given["quota"] = QuotaInput(value=Decimal(per_agent))
    return PlanInput(reviewers=ReviewerInput.each(reviewers), **given)
