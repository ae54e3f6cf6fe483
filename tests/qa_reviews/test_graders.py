"""Who may be given which conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.access import Role
from accounts.models import Absence, Agent, Member, MemberRole, TeamMembership
from qa_reviews.models import PlanReviewer, PlanReviewerTeam
from qa_reviews.selectors.graders import Grader, Takes, graders_like, plan_graders
from tests.qa_reviews.day import made_plan
from tests.qa_reviews.samples import agent
from tests.world import Place, World, add_person

ON = date(2026, 4, 15)
ANYBODY = Grader(id=1, name="Rita", agent_id=7, scope=None)
CHAT = Takes(team_id=3, agent_id=8, language="pt-BR", channel="Chat", topic="Refunds")


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.mark.parametrize(
    ("grader", "facts", "reason"),
    [
        (ANYBODY, CHAT, ""),
        (ANYBODY, replace(CHAT, agent_id=7), "own work"),
        (replace(ANYBODY, scope=frozenset({3})), CHAT, ""),
        (replace(ANYBODY, scope=frozenset({4})), CHAT, "outside his teams"),
        (replace(ANYBODY, scope=frozenset({4})), replace(CHAT, team_id=None), "outside his teams"),
        (replace(ANYBODY, languages=frozenset({"pt"})), CHAT, ""),
        (replace(ANYBODY, languages=frozenset({"pt"})), replace(CHAT, language="PT_pt"), ""),
        (replace(ANYBODY, languages=frozenset({"de", "en"})), CHAT, "this language"),
        (replace(ANYBODY, languages=frozenset({"de"})), replace(CHAT, language=""), ""),
        (replace(ANYBODY, channels=frozenset({"chat"})), CHAT, ""),
        (replace(ANYBODY, channels=frozenset({"email"})), CHAT, "this channel"),
        (replace(ANYBODY, topics=frozenset({"shipping"})), CHAT, "this topic"),
        (replace(ANYBODY, absent=((ON, ON),)), CHAT, "away"),
        (replace(ANYBODY, absent=((ON + timedelta(days=1), ON + timedelta(days=9)),)), CHAT, ""),
        (replace(ANYBODY, team_ids=frozenset({3})), CHAT, ""),
        (replace(ANYBODY, team_ids=frozenset({3}), own_team=False), CHAT, "own team"),
        (replace(ANYBODY, team_ids=frozenset({4}), own_team=False), CHAT, ""),
    ],
)
def test_who_may_take_it(grader: Grader, facts: Takes, reason: str) -> None:
    assert grader.may_take(facts, ON) is (reason == "")
    assert reason in grader.refusal(facts, ON)


def test_the_absent_could_take_it_another_day() -> None:
    away = replace(ANYBODY, absent=((ON, ON),))
    assert not away.may_take(CHAT, ON)
    assert away.could_take(CHAT)


def test_a_plan_names_members_and_whoever_grades_a_team(ours: Place) -> None:
    plan = made_plan(ours)
    assert plan_graders(ours.system, plan, ON) == []
    PlanReviewer.objects.create(
        workspace=ours.workspace, plan=plan, member=ours.people["reviewer"], weight=Decimal("0.5")
    )
    PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=ours.people["agent"])
    PlanReviewerTeam.objects.create(workspace=ours.workspace, plan=plan, team=ours.rows["team"])
    Member.objects.filter(pk=ours.people["lead"].pk).update(languages=["de-AT"], channels=["Chat"])
    Absence.objects.create(workspace=ours.workspace, member=ours.people["lead"], starts_on=ON, ends_on=ON)
    Absence.objects.create(
        workspace=ours.workspace,
        member=ours.people["lead"],
        starts_on=ON - timedelta(days=9),
        ends_on=ON - timedelta(days=5),
    )
    found = {each.name: each for each in plan_graders(ours.system, plan, ON)}
    assert set(found) == {
        "Reviewer",
        "Lead",
    }  # an agent does not grade; other leads have no role for the team
    assert (found["Reviewer"].weight, found["Lead"].weight) == (Decimal("0.5"), Decimal(1))
    assert found["Lead"].scope == frozenset({ours.rows["team"].pk})
    assert (found["Lead"].languages, found["Lead"].channels) == (frozenset({"de"}), frozenset({"chat"}))
    assert found["Lead"].absent == ((ON, ON),)
    Member.objects.filter(pk=ours.people["lead"].pk).update(deactivated_at=timezone.now())
    assert [each.name for each in plan_graders(ours.system, plan, ON)] == ["Reviewer"]


def test_peers_are_agents_with_a_log_in(ours: Place) -> None:
    plan = made_plan(ours, kind="peer")
    unlinked = agent(ours, "Ivo", ours.rows["team"])
    Member.objects.create(workspace=ours.workspace, name="No log-in", agent=unlinked)
    assert [each.name for each in plan_graders(ours.system, plan, ON)] == ["Agent", "Other_Agent"]
    plan.filter = {"team": [ours.rows["team"].pk]}
    only = plan_graders(ours.system, plan, ON)
    assert [(each.name, each.team_ids) for each in only] == [("Agent", frozenset({ours.rows["team"].pk}))]
    PlanReviewerTeam.objects.create(workspace=ours.workspace, plan=plan, team=ours.rows["other_team"])
    assert [each.name for each in plan_graders(ours.system, plan, ON)] == ["Other_Agent"]
    PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=ours.people["agent"])
    assert {each.name for each in plan_graders(ours.system, plan, ON)} == {"Agent", "Other_Agent"}
    assert {each.name for each in graders_like(ours.system, plan, ON)} == {"Agent", "Other_Agent"}
    assert graders_like(ours.system, plan, ON, [ours.people["reviewer"].pk]) == []


def test_peers_leave_their_own_team_out_where_the_plan_says_so(ours: Place) -> None:
    plan = made_plan(ours, kind="peer", own_team=False)
    found = {each.name: each for each in plan_graders(ours.system, plan, ON)}
    facts = Takes(ours.rows["team"].pk, ours.rows["other_agent"].pk)
    assert not found["Agent"].may_take(facts, ON)
    assert found["Other_Agent"].may_take(replace(facts, agent_id=ours.rows["agent"].pk), ON)


def test_a_team_is_the_one_of_the_day(ours: Place) -> None:
    TeamMembership.objects.filter(agent=ours.rows["agent"]).update(ends_on=ON)
    TeamMembership.objects.create(
        workspace=ours.workspace, agent=ours.rows["agent"], team=ours.rows["other_team"], starts_on=ON
    )
    plan = made_plan(ours, kind="peer")
    before, then = (plan_graders(ours.system, plan, day)[0] for day in (ON - timedelta(days=1), ON))
    assert before.team_ids == {ours.rows["team"].pk}
    assert then.team_ids == {ours.rows["other_team"].pk}


def test_a_reviewer_who_is_an_agent_as_well_may_be_both(ours: Place) -> None:
    both = add_person(ours, "both", Role.REVIEWER, agent=agent(ours, "Both", ours.rows["team"]))
    assert "Both" not in {each.name for each in plan_graders(ours.system, made_plan(ours, kind="peer"), ON)}
    MemberRole.objects.create(workspace=ours.workspace, member=both, role=Role.AGENT)
    assert "Both" in {each.name for each in plan_graders(ours.system, made_plan(ours, kind="peer"), ON)}
    assert Agent.objects.filter(member=both).exists()
