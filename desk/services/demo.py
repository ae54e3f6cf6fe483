"""Filling the demo workspace, through the same services that people use. All or nothing, once."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import selectors as people
from accounts.access import Actor, RoleGrant
from accounts.models import Agent, Member, Team
from accounts.services.invitations import accept_invitation, invite
from accounts.services.members import create_member
from coaching.services.rules import create_usual_rules
from coaching.services.runs import request_run
from conversations.services.imports import import_conversations
from conversations.streams import Row
from desk.demo.cast import NAME, PEOPLE, SLUG, SOURCE, ZONE, DemoPerson
from desk.demo.conversations import WEEKS, conversations
from desk.demo.grades import COMMENTS, ratings
from desk.services.demo_talk import talk
from desk.services.workspaces import open_workspace
from qa_reviews.models import Draw, QueueItem, SamplePlan
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import PlanInput, QuotaInput, ReviewerInput, create_plan
from qa_reviews.services.review_import import import_reviews
from scorecards.models import Scorecard
from scorecards.selectors import definition_of, published_version

PER_AGENT = 4
STILL_TO_DO = 0.4  # of the last draw, so that the queue has something in it


def seed_demo(*, password: str, today: date) -> bool:
    """The demo workspace with its people (who all log in with this password) and sixteen weeks of work up to
    yesterday; whether it was made now."""
    if people.workspace_exists(SLUG):
        return False
    with transaction.atomic():
        admin = next(person for person in PEOPLE if person.key == "admin")
        opened = open_workspace(slug=SLUG, name=NAME, timezone=ZONE, admin_email=admin.email)
        actor = Actor.system(opened.workspace)
        import_conversations(actor=actor, rows=_rows(conversations(today)), origin="demo")
        members = {person.key: _join(actor, person, password) for person in PEOPLE}
        monday = today - timedelta(days=today.weekday())
        plan = _plan(actor, members)
        draws = [_draw(actor, plan, monday - timedelta(weeks=week)) for week in range(WEEKS, 0, -1)]
        import_reviews(actor=actor, rows=_rows(_reviews(actor, plan, draws, monday)), origin="demo")
        talk(system=actor, members=members)
        create_usual_rules(actor=actor)
        request_run(actor=actor, period="week", period_start=monday - timedelta(weeks=1))
    return True


def _rows(values: Iterable[dict[str, Any]]) -> Iterator[Row]:
    return (Row(number, b"", value, ()) for number, value in enumerate(values, start=1))


def _join(actor: Actor, person: DemoPerson, password: str) -> Member:
    """A member with log-in, by an invitation like anybody else's."""
    member = people.members(actor).filter(email=person.email).first()
    if member is None:
        team = Team.objects.visible_to(actor).get(name=person.team) if person.team else None
        agent = Agent.objects.visible_to(actor).get(external_id=person.agent) if person.agent else None
        member = create_member(
            actor=actor,
            email=person.email,
            name=person.name,
            grants=[RoleGrant(person.role, team.pk if team else None)],
            agent=agent,
        )
    token = invite(actor=actor, member_id=member.pk).link.rstrip("/").rsplit("/", 1)[-1]
    return accept_invitation(token=token, user=None, name=person.name, password=password)


def _plan(actor: Actor, members: dict[str, Member]) -> SamplePlan:
    scorecard = Scorecard.objects.visible_to(actor).get()
    given = PlanInput(
        name="Weekly sample",
        scorecard=scorecard.pk,
        filter={},
        quota=QuotaInput(value=Decimal(PER_AGENT)),
        risk_filter=[{"csat_max": 2}, {"reopened_min": 1}],
        risk_share=Decimal("0.25"),
        second_review_share=Decimal("0.1"),
        reviewers=ReviewerInput.each((members["reviewer"].pk, members["reviewer2"].pk)),
    )
    return create_plan(actor=actor, given=given)


def _draw(actor: Actor, plan: SamplePlan, monday: date) -> Draw:
    return draw_plan(actor=actor, plan_id=plan.pk, period_start=monday)[0]


def _reviews(actor: Actor, plan: SamplePlan, draws: list[Draw], monday: date) -> Iterator[dict[str, Any]]:
    """Reviews of the drawn items as payloads of the import, all but some of the last draw's."""
    version = published_version(actor, plan.scorecard_id)
    assert version is not None  # the ready scorecard is published
    definition = definition_of(version)
    dice = random.Random("alpenrad grades")
    items = QueueItem.objects.visible_to(actor).select_related("conversation", "agent", "reviewer", "draw")
    for item in items.filter(draw__in=draws, reviewer__isnull=False).order_by("pk"):
        if item.draw.period_end >= monday - timedelta(days=7) and dice.random() < STILL_TO_DO:
            continue
        assert item.reviewer is not None
        day = item.draw.period_end + timedelta(days=dice.randrange(1, 3))
        submitted = datetime.combine(day, time(9 + dice.randrange(8), dice.randrange(60)), UTC)
        yield {
            "source": "demo",
            "external_id": f"item-{item.pk}",
            "conversation": {"source": SOURCE, "external_id": item.conversation.external_id},
            "agent": {"source": SOURCE, "external_id": item.agent.external_id},
            "reviewer": {"email": item.reviewer.email, "name": item.reviewer.name},
            "scorecard": plan.scorecard_id,
            "submitted_at": min(submitted, datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
            "ratings": ratings(dice, definition, item.agent.external_id, item.band == "risk"),
            "comment": dice.choice(COMMENTS),
            "active_seconds": dice.randrange(70, 480),
            "kind": "standard",
            "queue_item": item.pk,
        }
