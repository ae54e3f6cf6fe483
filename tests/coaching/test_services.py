"""Rules, runs and nights: what is asked for, what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.models import AuditEvent, Member, WorkspaceSettings
from coaching.lifecycle import MOVES, REASONS, Move, State
from coaching.models import Assignment, CoachingPeriod, CoachingRule, CoachingRun
from coaching.selectors.runs import finished_periods, runs
from coaching.services import assignments, rules
from coaching.services.runs import announce_nights, request_run, request_tonight
from coaching.tasks import night, nightly, propose_run
from common.errors import Conflict, Invalid, Refused
from jobs.models import Job
from jobs.registry import Work
from jobs.services import work
from tests.world import Place, World

WEEK = date(2026, 3, 9)


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def given(**changes: Any) -> rules.RuleFields:
    fields = rules.RuleFields(name="CSAT", kind="csat_below", strength="clear", target=Decimal(80))
    return replace(fields, **changes)


class TestLifeCycle:
    def test_every_move_from_every_state_is_decided_once(self):
        for move in Move:
            assert set(MOVES[move]) | set(REASONS[move]) == set(State)
            assert not set(MOVES[move]) & set(REASONS[move])


class TestRules:
    def test_a_rule_is_made_with_its_audit(self, ours):
        made = rules.create_rule(actor=ours.actor("manager"), given=given(coach=ours.people["lead"]))
        assert (made.name, made.coach, made.active) == ("CSAT", ours.people["lead"], True)
        event = AuditEvent.objects.get(action="coaching_rule.created")
        assert (event.subject_id, event.changes["target"]) == (made.pk, "80.0000")

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"target": None}, ("/target", "required")),
            ({"target": Decimal(101)}, ("/target", "out_of_range")),
            ({"strength": "event"}, ("/strength", "not_for_this_kind")),
            ({"category": "tone"}, ("/category", "not_used")),
            ({"name": "  "}, ("/name", "required")),
            ({"kind": "category_below", "category": "speed"}, ("/category", "not_found")),
            ({"kind": "category_below"}, ("/category", "required")),
        ],
    )
    def test_what_is_wrong_is_named_by_field(self, ours, changes, expected):
        with pytest.raises(Invalid) as caught:
            rules.create_rule(actor=ours.actor("manager"), given=given(**changes))
        assert expected in {(error.pointer, error.code) for error in caught.value.errors}

    def test_a_category_of_a_published_scorecard_will_do(self, ours):
        made = rules.create_rule(
            actor=ours.actor("manager"), given=given(kind="category_below", category="tone")
        )
        assert made.category == "tone"

    @pytest.mark.parametrize("person", ["reviewer", "agent"])
    def test_a_coach_manages_coaching(self, ours, person):
        with pytest.raises(Invalid) as caught:
            rules.create_rule(actor=ours.actor("manager"), given=given(coach=ours.people[person]))
        assert [error.pointer for error in caught.value.errors] == ["/coach"]

    def test_a_coach_is_active(self, ours):
        Member.objects.filter(pk=ours.people["lead"].pk).update(deactivated_at=datetime.now(UTC))
        with pytest.raises(Invalid):
            rules.create_rule(actor=ours.actor("manager"), given=given(coach=ours.people["lead"]))

    def test_leads_do_not_write_rules(self, ours):
        with pytest.raises(Refused):
            rules.create_rule(actor=ours.actor("lead"), given=given())
        with pytest.raises(Refused):
            rules.deactivate_rule(actor=ours.actor("lead"), rule_id=ours.rows["coaching_rule"].pk)

    def test_a_change_is_checked_and_recorded(self, ours):
        manager, pk = ours.actor("manager"), ours.rows["coaching_rule"].pk
        rules.change_rule(actor=manager, rule_id=pk, changes={"target": Decimal("75.5")})
        assert AuditEvent.objects.get(action="coaching_rule.changed").changes == {
            "target": ["80.0000", "75.5000"]
        }
        with pytest.raises(Invalid):
            rules.change_rule(actor=manager, rule_id=pk, changes={"target": None})
        assert CoachingRule.objects.get(pk=pk).target == Decimal("75.5")

    def test_deactivated_it_still_stands_behind_its_assignments(self, ours):
        rules.deactivate_rule(actor=ours.actor("manager"), rule_id=ours.rows["coaching_rule"].pk)
        ours.rows["assignment"].refresh_from_db()
        assert ours.rows["assignment"].rule.active is False

    def test_the_usual_three_only_to_begin_with(self, ours):
        manager = ours.actor("manager")
        with pytest.raises(Conflict):
            rules.create_usual_rules(actor=manager)
        Assignment.objects.all().delete()
        CoachingRule.objects.all().delete()
        made = rules.create_usual_rules(actor=manager)
        assert [rule.strength for rule in made] == ["clear", "worth_a_look", "event"]
        assert [rule.target for rule in made] == [80, 80, None]  # the first is the pass mark


class TestRuns:
    def test_a_run_and_its_job_are_one(self, ours):
        run, job = request_run(actor=ours.actor("lead"), period="week", period_start=WEEK)
        assert (run.state, run.period_end, run.job_id) == ("queued", date(2026, 3, 15), job.pk)
        assert (job.name, job.args, job.member_id) == (
            "coaching.propose",
            {"run": run.pk},
            ours.people["lead"].pk,
        )
        work(job_id=job.pk)
        run.refresh_from_db()
        assert run.state == "done"

    def test_while_it_waits_asking_again_gives_the_same(self, ours):
        manager = ours.actor("manager")
        first = request_run(actor=manager, period="week", period_start=WEEK)
        assert request_run(actor=manager, period="week", period_start=WEEK) == first
        assert request_run(actor=manager, period="month", period_start=date(2026, 3, 1))[0] != first[0]
        work(job_id=first[1].pk)
        assert request_run(actor=manager, period="week", period_start=WEEK)[0] != first[0]

    def test_a_job_that_was_given_up_shows_and_makes_room(self, ours):
        manager = ours.actor("manager")
        run, job = request_run(actor=manager, period="week", period_start=WEEK)
        Job.objects.filter(pk=job.pk).update(state="failed", error="Its worker died each time.")
        shown = runs(manager).get(pk=run.pk)
        assert vars(shown)["shown_state"] == "failed"
        assert vars(shown)["job_error"] == "Its worker died each time."
        assert request_run(actor=manager, period="week", period_start=WEEK)[0] != run

    @pytest.mark.parametrize(("period", "start"), [("week", date(2026, 3, 10)), ("month", date(2026, 3, 2))])
    def test_a_period_starts_on_its_first_day(self, ours, period, start):
        with pytest.raises(Invalid) as caught:
            request_run(actor=ours.actor("manager"), period=period, period_start=start)
        (error,) = caught.value.errors
        assert (error.pointer, error.code) == ("/period_start", "not_a_period_start")

    def test_weeks_start_as_the_workspace_says(self, ours):
        WorkspaceSettings.objects.filter(workspace=ours.workspace).update(week_start="sunday")
        run, _ = request_run(actor=ours.actor("manager"), period="week", period_start=date(2026, 3, 8))
        assert run.period_end == date(2026, 3, 14)

    def test_a_period_must_have_ended_in_the_workspaces_zone(self, ours):
        """Sunday ends in Berlin at 22:00 UTC (summer time)."""
        manager, start = ours.actor("manager"), date(2026, 4, 6)
        with time_machine.travel(datetime(2026, 4, 12, 21, 59, tzinfo=UTC), tick=False):
            with pytest.raises(Conflict) as caught:
                request_run(actor=manager, period="week", period_start=start)
            assert caught.value.code == "period_open"
            assert finished_periods(manager, CoachingPeriod.WEEK)[0] == date(2026, 3, 30)
        with time_machine.travel(datetime(2026, 4, 12, 22, 1, tzinfo=UTC), tick=False):
            assert request_run(actor=manager, period="week", period_start=start)[0].state == "queued"
            assert finished_periods(manager, CoachingPeriod.WEEK)[0] == start


class TestNights:
    def test_each_workspace_once_a_local_date_after_two(self, world):
        """Berlin's two o'clock is 00:00 UTC in summer."""
        for moment, jobs in (
            (datetime(2026, 4, 13, 23, 30, tzinfo=UTC), 0),
            (datetime(2026, 4, 14, 0, 30, tzinfo=UTC), 2),
            (datetime(2026, 4, 14, 1, 30, tzinfo=UTC), 2),
            (datetime(2026, 4, 15, 0, 30, tzinfo=UTC), 4),
        ):
            announce_nights(now=moment)
            assert Job.objects.filter(name="coaching.night").count() == jobs

    def test_only_where_rules_are_active(self, world):
        CoachingRule.objects.filter(workspace=world["theirs"].workspace).update(active=False)
        announce_nights(now=datetime(2026, 4, 14, 12, tzinfo=UTC))
        (job,) = Job.objects.filter(name="coaching.night")
        assert job.args == {"workspace": world["ours"].workspace.pk}

    def test_the_night_asks_for_the_last_complete_periods_of_its_rules(self, ours):
        month = given(period="month")
        rules.create_rule(actor=ours.actor("manager"), given=month)
        with time_machine.travel(datetime(2026, 4, 14, 0, 30, tzinfo=UTC), tick=False):
            found = request_tonight(workspace_id=ours.workspace.pk)
        assert {(run.period, run.period_start) for run in found} == {
            ("week", date(2026, 4, 6)),
            ("month", date(2026, 3, 1)),
        }

    def test_from_the_clock_to_a_done_run(self, ours):
        with time_machine.travel(datetime(2026, 4, 14, 3, 0, tzinfo=UTC), tick=False):
            nightly(Work(0, {}, {}))
        for job in Job.objects.filter(name="coaching.night", workspace_id=ours.workspace.pk):
            work(job_id=job.pk)
        (job,) = Job.objects.filter(name="coaching.propose", state="queued")
        work(job_id=job.pk)
        assert CoachingRun.objects.get(job_id=job.pk).state == "done"

    def test_missing_rows_end_quietly(self, db, caplog):
        caplog.set_level("INFO")
        propose_run(Work(0, {"run": 404}, {}))
        night(Work(0, {"workspace": 404}, {}))
        assert [record.getMessage() for record in caplog.records] == [
            "coaching run 404 is gone",
            "workspace 404 is gone: no night",
        ]


class TestAssignments:
    def test_the_whole_life(self, ours):
        row, lead, agent = ours.rows["assignment"], ours.actor("lead"), ours.actor("agent")
        assignments.acknowledge(actor=agent, assignment_id=row.pk)
        assignments.start(actor=lead, assignment_id=row.pk)
        done = assignments.complete(actor=lead, assignment_id=row.pk, outcome=" We talked. ")
        assert (done.state, done.outcome) == ("done", "We talked.")
        times = [done.acknowledged_at, done.started_at, done.completed_at]
        assert times == sorted(at for at in times if at is not None)
        actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
        assert actions == ["assignment.acknowledged", "assignment.started", "assignment.completed"]

    def test_the_coach_is_the_one_it_has_else_the_actor(self, ours):
        manager, proposed = ours.actor("manager"), ours.rows["proposed"]
        assert assignments.assign(actor=manager, assignment_id=proposed.pk).coach == ours.people["manager"]
        other = ours.people["other_lead"]
        again = assignments.assign(actor=manager, assignment_id=proposed.pk, coach=other)
        assert (again.coach, again.state) == (other, "assigned")

    @pytest.mark.parametrize("person", ["lead", "reviewer", "other_agent"])
    def test_a_coach_reaches_the_agents_team_and_is_not_the_agent(self, ours, person):
        with pytest.raises(Invalid) as caught:
            assignments.assign(
                actor=ours.actor("manager"),
                assignment_id=ours.rows["proposed"].pk,
                coach=ours.people[person],
            )
        assert [error.pointer for error in caught.value.errors] == ["/coach"]

    def test_not_into_the_past(self, ours):
        with pytest.raises(Invalid):
            assignments.assign(
                actor=ours.actor("manager"), assignment_id=ours.rows["proposed"].pk, due_on=date(2026, 3, 1)
            )

    def test_nobody_decides_about_his_own(self, ours):
        ours.people["lead"].agent = ours.rows["agent"]
        Member.objects.filter(pk=ours.people["agent"].pk).update(agent=None)
        ours.people["lead"].save(update_fields=["agent"])
        for move in (assignments.start, assignments.complete):
            with pytest.raises(Refused):
                move(actor=ours.actor("lead"), assignment_id=ours.rows["assignment"].pk)
