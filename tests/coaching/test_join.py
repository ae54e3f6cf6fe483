"""The join of IQS and CSAT: what is proposed, with which evidence, how often, and for how many queries.

Draws here are reviewed whole (n = N), so that an IQS is the plain mean without a range. All rows lie in the
week from 6 April 2026.
"""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Team, TeamMembership, WorkspaceSettings
from coaching.models import Assignment, CoachingRule, CoachingRun
from coaching.selectors.evidence import look_back
from coaching.services.proposals import propose
from coaching.services.runs import request_run
from notices.models import Notice
from tests.insights.rows import Rows
from tests.world import World

WEEK = date(2026, 4, 6)


@pytest.fixture
def rows(world: World) -> Rows:
    """Our place without its own coaching; its headline plan has a draw for the week."""
    found = Rows(world["ours"])
    workspace = found.place.workspace
    Assignment.objects.filter(workspace=workspace).delete()
    CoachingRule.objects.filter(workspace=workspace).delete()
    found.place.rows["week_draw"] = found.draw(found.place.rows["plan"], WEEK)
    return found


def rule(rows: Rows, kind: str, strength: str, target: int | None = 80, **more: Any) -> CoachingRule:
    return CoachingRule.objects.create(
        **rows.base, name=kind, kind=kind, strength=strength, target=target, **more
    )


def graded(rows: Rows, name: str, scores: list[int], team: str = "team") -> Agent:
    """An agent whose whole work of the week got these scores."""
    agent = rows.agent(name, rows.place.rows[team])
    rows.stratum(rows.place.rows["week_draw"], agent, rows.place.rows[team], scores, frame=len(scores))
    return agent


def rated(rows: Rows, agent: Agent, good: int, bad: int, closed_on: date = WEEK) -> None:
    for score in [5] * good + [1] * bad:
        rows.answer(score, agent, rows.place.rows["team"], closed_on)


def run(rows: Rows, start: date = WEEK, period: str = "week") -> CoachingRun:
    asked, _ = request_run(actor=rows.place.system, period=period, period_start=start)
    done = propose(run_id=asked.pk)
    assert done is not None
    return done


def why(run: CoachingRun, agent: Agent) -> list[tuple[str, str]]:
    return [(row["code"], row["why"]) for row in run.not_proposed if row["agent"] == agent.pk]


class TestWhatIsProposed:
    def test_iqs_below_with_its_evidence(self, rows):
        """(60 + 70 + 80 + 70 + 70) / 5 = 70, all reviewed; 9 of 20 satisfied: Wilson 0.2582 to 0.6579.
        Bo's 90 is no reason."""
        iqs = rule(rows, "iqs_below", "clear")
        eva, bo = graded(rows, "Eva", [60, 70, 80, 70, 70]), graded(rows, "Bo", [90, 90, 90, 90, 90])
        rated(rows, eva, good=9, bad=11)
        done = run(rows)
        (found,) = Assignment.objects.filter(run=done)
        assert (found.agent, found.rule, found.team) == (eva, iqs, rows.place.rows["team"])
        assert (found.state, found.period, found.period_start) == ("proposed", "week", WEEK)
        assert found.reason == (
            "Eva's IQS is 70 (all reviewed) over the last 13 weeks, below the target of 80, from 5 reviews."
        )
        evidence = found.evidence
        assert (evidence["iqs"]["sum"], evidence["iqs"]["reviews"]) == ("350.0000", 5)
        estimate = evidence["iqs"]["estimate"]
        assert (estimate["value"], estimate["low"], estimate["high"]) == ("70.0000", "70.0000", "70.0000")
        assert evidence["csat"] == {"satisfied": 9, "answers": 20, "low": "0.2582", "high": "0.6579"}
        assert (evidence["target"], evidence["conversations"]) == ("80.0000", [])
        assert [code for code, _ in why(done, bo)] == ["not_below"]
        assert (done.state, done.proposed) == ("done", 1)
        assert done.started_at is not None
        assert done.finished_at is not None
        assert done.finished_at >= done.started_at

    def test_csat_below(self, rows):
        """9 of 20: the upper end of 65.8 % lies below 80 %; 4 of 5 answers are too few."""
        rule(rows, "csat_below", "clear")
        eva, bo = (rows.agent(name, rows.place.rows["team"]) for name in ("Eva", "Bo"))
        rated(rows, eva, good=9, bad=11)
        rated(rows, bo, good=4, bad=1)
        done = run(rows)
        (found,) = Assignment.objects.filter(run=done)
        assert found.agent == eva
        assert found.reason.startswith("The satisfied share of Eva's customers is 45 % (26 % to 66 %)")
        assert found.evidence["iqs"] is None
        assert why(done, bo) == [("too_few", "Too few answers so far for this rule: 5 of 10 answers.")]

    def test_a_category_missed_in_three_of_the_last_six(self, rows):
        """Newest first: 0 100 0 100 0 100 | 0: three of the last six; the seventh does not count."""
        rule(rows, "category_below", "worth_a_look", 50, category="tone")
        eva, team = rows.agent("Eva", rows.place.rows["team"]), rows.place.rows["team"]
        reviews = []
        for place, score in enumerate([0, 100, 0, 100, 0, 100, 0]):
            review = rows.review(70, eva, team, WEEK + timedelta(days=6 - place))
            rows.rating(review.gradings.get(), "tone", score)
            reviews.append(review)
        (found,) = Assignment.objects.filter(run=run(rows))
        missed = [review.conversation_id for review in reviews if reviews.index(review) in (0, 2, 4)]
        assert found.reason == "Tone was below 50 in 3 of Eva's last 6 reviews. Worth a talk."
        assert found.conversation_ids == found.evidence["conversations"] == missed
        assert found.evidence["category"]["rated"] == 7

    def test_only_the_newest_grading_of_a_category_counts(self, rows):
        rule(rows, "category_below", "worth_a_look", 50, category="tone", min_reviews=3)
        eva, team = rows.agent("Eva", rows.place.rows["team"]), rows.place.rows["team"]
        for _ in range(3):
            review = rows.review(70, eva, team, WEEK, gradings_count=2)
            rows.rating(review.gradings.get(), "tone", 0)
            rows.rating(rows.grading(review, 2), "tone", 100)
        done = run(rows)
        assert done.proposed == 0
        assert why(done, eva)[0][1].startswith("Tone was below 50 in 0 of Eva's last 3 reviews")

    def test_each_critical_failure_of_the_period_is_an_event(self, rows):
        event = rule(rows, "critical_failures", "event", None, cooldown_days=0)
        eva, team = rows.agent("Eva", rows.place.rows["team"]), rows.place.rows["team"]
        first = rows.review(0, eva, team, WEEK, failed_by=["tone"])
        second = rows.review(0, eva, team, WEEK + timedelta(days=6), failed_by=["tone"])
        rows.review(0, eva, team, WEEK - timedelta(days=1), failed_by=["tone"])  # the week before
        rows.review(0, eva, team, WEEK, failed_by=["tone"], state="retracted")
        found = list(Assignment.objects.filter(run=run(rows)).order_by("conversation_id"))
        assert [row.conversation_id for row in found] == [first.conversation_id, second.conversation_id]
        assert {row.rule_id for row in found} == {event.pk}
        assert "found a critical failure in Tone" in found[0].reason
        again = run(rows)
        assert (again.proposed, why(again, eva)[0][0]) == (0, "no_data")

    def test_the_look_back_is_thirteen_weeks_to_the_last_day(self, rows):
        assert look_back(date(2026, 4, 12)).first == date(2026, 1, 12)
        assert look_back(date(2026, 4, 12)).days == 91
        rule(rows, "csat_below", "clear")
        eva = rows.agent("Eva", rows.place.rows["team"])
        rated(rows, eva, 0, 20, date(2026, 1, 11))  # the day before
        rated(rows, eva, 0, 20, date(2026, 4, 13))  # the day after
        assert run(rows).agents == 1  # the world's own Ana, of March
        rated(rows, eva, 0, 20, date(2026, 1, 12))
        assert [row.agent for row in Assignment.objects.filter(run=run(rows))] == [eva]

    def test_bots_and_the_neighbours_rows_are_left_out(self, rows, world):
        rule(rows, "csat_below", "clear")
        bot = rows.agent("Robot", rows.place.rows["team"])
        Agent.objects.filter(pk=bot.pk).update(kind="bot")
        theirs = Rows(world["theirs"])
        neighbour = theirs.agent("Ned", theirs.place.rows["team"])
        rated(rows, bot, 0, 20)
        for _ in range(20):
            theirs.answer(1, neighbour, theirs.place.rows["team"], WEEK)
        assert run(rows).proposed == 0

    def test_only_active_rules_of_that_period(self, rows):
        rule(rows, "iqs_below", "clear", period="month")
        rule(rows, "iqs_below", "clear", active=False)
        graded(rows, "Eva", [10] * 5)
        assert (run(rows).proposed, run(rows).not_proposed) == (0, [])
        assert run(rows, date(2026, 4, 1), "month").proposed == 1

    def test_the_team_is_that_of_the_last_day(self, rows):
        rule(rows, "csat_below", "clear")
        eva = rows.agent("Eva", None)
        team, other = rows.place.rows["team"], rows.place.rows["other_team"]
        TeamMembership.objects.create(**rows.base, agent=eva, team=team, ends_on=date(2026, 4, 12))
        TeamMembership.objects.create(**rows.base, agent=eva, team=other, starts_on=date(2026, 4, 12))
        rated(rows, eva, 0, 20)
        assert Assignment.objects.get(run=run(rows)).team == other


class TestHowOften:
    def test_again_proposes_nothing_twice(self, rows):
        rule(rows, "iqs_below", "clear")
        eva = graded(rows, "Eva", [10] * 5)
        assert run(rows).proposed == 1
        again = run(rows)
        assert again.proposed == 0
        assert why(again, eva)[0][0] == "open_assignment"
        Assignment.objects.filter(agent=eva).update(state="dismissed")
        assert why(run(rows), eva)[0][0] == "cooldown"
        assert Assignment.objects.filter(agent=eva).count() == 1

    def test_without_cooldown_the_period_still_is_told_once(self, rows):
        rule(rows, "iqs_below", "clear", cooldown_days=0)
        eva = graded(rows, "Eva", [10] * 5)
        run(rows)
        Assignment.objects.filter(agent=eva).update(state="done")
        again = run(rows)
        assert (again.proposed, why(again, eva)[0][0]) == (0, "already_proposed")

    def test_after_the_cooldown_the_next_period_is_told(self, rows):
        rule(rows, "iqs_below", "clear", cooldown_days=28)
        eva = graded(rows, "Eva", [10] * 5)
        run(rows)
        old = timezone.now() - timedelta(days=28)
        Assignment.objects.filter(agent=eva).update(state="done", created_at=old)
        assert run(rows, WEEK + timedelta(days=7)).proposed == 1

    def test_the_cap_keeps_the_most_urgent_of_all_rules(self, rows):
        """IQS 10 lies 70 below, the satisfied share of 0 % lies 80 below; the failure comes first of all."""
        WorkspaceSettings.objects.filter(workspace=rows.place.workspace).update(open_assignment_cap=2)
        rule(rows, "iqs_below", "clear")
        rule(rows, "csat_below", "clear")
        rule(rows, "critical_failures", "event", None)
        eva = graded(rows, "Eva", [10] * 5)
        rated(rows, eva, 0, 20)
        rows.review(0, eva, rows.place.rows["team"], WEEK, failed_by=["tone"])
        done = run(rows)
        kinds = set(Assignment.objects.filter(run=done).values_list("rule__kind", flat=True))
        assert kinds == {"critical_failures", "csat_below"}
        assert [code for code, _ in why(done, eva)] == ["cap_reached"]

    def test_a_run_is_done_once(self, rows):
        rule(rows, "iqs_below", "clear")
        graded(rows, "Eva", [10] * 5)
        done = run(rows)
        assert propose(run_id=done.pk) is None
        assert propose(run_id=done.pk + 1_000) is None  # a missing row ends quietly
        assert Assignment.objects.filter(run=done).count() == 1


class TestWhoIsTold:
    def test_leads_of_the_team_get_one_notice_with_a_count(self, rows):
        rule(rows, "iqs_below", "clear")
        for name in ("Eva", "Bo"):
            graded(rows, name, [10] * 5)
        run(rows)
        told = Notice.objects.filter(workspace=rows.place.workspace, kind="assignments_proposed")
        assert [(each.recipient, each.parameters) for each in told] == [
            (rows.place.people["lead"], {"count": 2})
        ]

    def test_managers_where_no_lead_or_coach_is(self, rows):
        rule(rows, "csat_below", "clear")
        eva = rows.agent("Eva", Team.objects.create(**rows.base, name="Night"))
        rated(rows, eva, 0, 20)
        run(rows)
        told = Notice.objects.filter(workspace=rows.place.workspace, kind="assignments_proposed")
        assert [each.recipient for each in told] == [rows.place.people["manager"]]

    def test_the_rules_coach_where_he_may(self, rows):
        """Ours leads Ana's team only, so that the other team's agent gets no coach."""
        rule(rows, "iqs_below", "clear", coach=rows.place.people["lead"])
        eva = graded(rows, "Eva", [10] * 5)
        bo = graded(rows, "Bo", [10] * 5, "other_team")
        run(rows)
        assert Assignment.objects.get(agent=eva).coach == rows.place.people["lead"]
        assert Assignment.objects.get(agent=bo).coach is None


def queries_for(rows: Rows, agents: int, week: date) -> int:
    draw = rows.draw(rows.place.rows["plan"], week)
    rows.place.rows["week_draw"] = draw
    for number in range(agents):
        eva = graded(rows, f"Eva {week} {number}", [10] * 5)
        rated(rows, eva, 0, 10, week)
        rows.review(0, eva, rows.place.rows["team"], week, failed_by=["tone"])
    asked, _ = request_run(actor=rows.place.system, period="week", period_start=week)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        done = propose(run_id=asked.pk)
    assert done is not None
    assert done.proposed >= 3 * agents
    return len(queries)


def test_as_many_queries_for_forty_agents_as_for_two(rows):
    rule(rows, "iqs_below", "clear")
    rule(rows, "csat_below", "clear")
    rule(rows, "category_below", "worth_a_look", 50, category="tone")
    rule(rows, "critical_failures", "event", None)
    few = queries_for(rows, 2, date(2026, 4, 13))
    assert queries_for(rows, 40, date(2026, 4, 20)) == few
    assert few < 30


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_propose_nothing_twice(rows):
    rule(rows, "iqs_below", "clear", cooldown_days=0)
    for name in ("Eva", "Bo", "Cy"):
        graded(rows, name, [10] * 5)
    waiting = [
        CoachingRun.objects.create(
            **rows.base, period="week", period_start=WEEK, period_end=WEEK + timedelta(days=6)
        )
        for _ in range(2)
    ]
    gate, errors = threading.Barrier(2), []

    def work(run_id: int) -> None:
        try:
            gate.wait()
            propose(run_id=run_id)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[each.pk]) for each in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    counts = sorted(
        CoachingRun.objects.filter(pk__in=[w.pk for w in waiting]).values_list("proposed", flat=True)
    )
    assert counts == [0, 3]
    assert Assignment.objects.filter(workspace=rows.place.workspace).count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_the_same_assignment_twice(rows):
    """What holds should runs ever pass one another: rule, agent, period and conversation are one key."""
    rule(rows, "iqs_below", "clear")
    graded(rows, "Eva", [10] * 5)
    done = run(rows)
    (row,) = Assignment.objects.filter(run=done)
    with transaction.atomic():
        row.pk = None
        Assignment.objects.bulk_create([row], ignore_conflicts=True)
    assert Assignment.objects.filter(workspace=rows.place.workspace).count() == 1


def test_sums_are_exact(rows):
    """33.3333 + 66.6667 + 3 x 10.0001 = 130.0003."""
    rule(rows, "iqs_below", "clear")
    eva = rows.agent("Eva", rows.place.rows["team"])
    scores = [Decimal("33.3333"), Decimal("66.6667"), *[Decimal("10.0001")] * 3]
    rows.stratum(rows.place.rows["week_draw"], eva, rows.place.rows["team"], scores, frame=5)
    (found,) = Assignment.objects.filter(run=run(rows))
    assert found.evidence["iqs"]["sum"] == "130.0003"
