"""The demo workspace shows what the product does, on whatever day it is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import transaction

from accounts.access import Actor
from accounts.models import Absence, Agent, Member
from accounts.selectors import actors_of, workspace
from common.periods import Period
from desk import home
from desk.demo.cast import SLUG
from desk.services.demo import seed_demo
from insights import selectors
from insights.query import Query
from qa_reviews.models import Draw, QueueItem, QueueQuestion, Review, SamplePlan, SavedView
from qa_reviews.selectors import board, queue
from qa_reviews.selectors.ledgers import verify

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 17)
NOON = datetime(2026, 6, 17, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: object) -> Iterator[dict[str, Actor]]:
    """Made once for all tests here; its people by the name before the @."""
    with django_db_blocker.unblock(), time_machine.travel(NOON), transaction.atomic():  # type: ignore[attr-defined]
        assert seed_demo(password="clear alpine water", today=TODAY)
        assert not seed_demo(password="clear alpine water", today=TODAY)
        yield _people()
        transaction.set_rollback(True)


def _people() -> dict[str, Actor]:
    home_of = workspace(SLUG)
    names = dict(Member.objects.filter(workspace=home_of).values_list("pk", "email"))
    return {names[pk].partition("@")[0]: actor for pk, actor in actors_of(home_of).items()}


def test_each_kind_of_plan_was_drawn(demo):
    plans = {plan.name: plan for plan in SamplePlan.objects.all()}
    assert {plan.kind for plan in plans.values()} == {"standard", "peer"}
    assert all(plan.automatic for plan in plans.values())
    parts = plans["E-mail, month by month"]
    assert (parts.period, parts.weekly_parts, parts.draws.count()) == ("month", True, 4)
    assert QueueItem.objects.filter(draw__plan=parts, second_of__isnull=False).exists()
    new = plans["New agents, first 90 days"].draws.latest("period_start")
    assert {stratum.agent.name for stratum in new.strata.all()} >= {"Greta Holm", "Milo Horvat"}


def test_every_ledger_verifies_also_the_raised_one(demo):
    raised = [draw for draw in Draw.objects.all() if draw.raises]
    assert len(raised) == 1
    for draw in [*raised, *Draw.objects.filter(plan__kind="peer")]:
        assert verify(demo["manager"], draw.pk).differences == []


def test_numbers_of_agents_teams_and_newcomers(demo):
    manager = demo["manager"]
    with time_machine.travel(NOON):
        period = Period(date(2026, 3, 16), TODAY)
        by_agent = selectors.iqs(manager, Query(period, group_by=("agent",), axis="closed"))
        known = [row.estimate for row in by_agent if row.estimate.value is not None]
        assert len(known) >= 12
        assert all(each.low is not None for each in known)
        found = selectors.ramps(manager, "quarter")
    # What is drawn goes by hashes of ids, which differ from run to run: a step may miss a band.
    worked = [
        [step.estimate.value for step in line.points if step.estimate.value is not None]
        for line in found.lines
    ]
    first, *_, last = max(worked, key=len)
    assert last > first  # they learn


def test_a_reviewer_has_a_queue_a_goal_and_asked(demo):
    reviewer = demo["reviewer"]
    assert queue.waiting(reviewer) > 3
    goal = queue.goal(reviewer)
    assert goal is not None
    assert (goal.target, goal.period) == (25, "week")
    assert [bool(each.answered_at) for each in queue.own_questions(reviewer)] == [False, True]
    assert any("You asked about 1 conversation" in need.text for need in home.needs(reviewer))


def test_a_lead_has_a_question_to_answer_and_boards(demo):
    lead = demo["lead"]
    assert QueueQuestion.objects.filter(answered_at=None).count() == 1
    assert any("1 reviewer's question" in need.text for need in home.needs(lead))
    assert {cycle.draw.plan.name for cycle in board.summary(lead)} >= {"Weekly sample"}


def test_peers_have_each_others_work(demo):
    given = QueueItem.objects.filter(draw__plan__kind="peer").select_related("agent", "reviewer")
    assert {item.reviewer.email for item in given if item.reviewer} == {
        "jonas@alpenrad.example",
        "mara@alpenrad.example",
    }
    assert all(item.reviewer is None or item.reviewer.agent_id != item.agent_id for item in given)


def test_somebody_is_away_with_work_waiting(demo):
    away = Absence.objects.get(member__email="reviewer3@alpenrad.example")
    assert away.starts_on <= TODAY <= away.ends_on
    assert QueueItem.objects.filter(reviewer=away.member, state="open").exists()


def test_one_person_is_two_agents(demo):
    twins = Agent.objects.filter(name="Ben Okafor")
    assert {agent.source for agent in twins} == {"helpdesk", "phone"}
    assert all(Review.objects.filter(agent=agent).exists() for agent in twins)


def test_a_view_of_conversations_is_shared(demo):
    view = SavedView.objects.get(page="conversations")
    assert view.shared
