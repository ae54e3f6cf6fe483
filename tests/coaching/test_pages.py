"""The coaching pages: who sees what, what the buttons do, and which words appear."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member, MemberRole
from coaching.models import Assignment, CoachingRule, CoachingRun
from common.etags import etag
from jobs.models import Job
from jobs.services import work
from tests.insights.rows import Rows
from tests.world import PERIOD_START, Place, World

Browse = Callable[..., Client]
BASE = "/w/ours/coaching/"


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def text(client: Client, path: str = "", **query: Any) -> str:
    response = client.get(f"{BASE}{path}", query)
    assert response.status_code == 200, response.content
    return response.content.decode()


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def of(row: Assignment, verb: str = "") -> str:
    return f"{BASE}assignments/{row.pk}/" + (f"{verb}/" if verb else "")


class TestList:
    def test_a_manager_sees_all_groups_and_a_lead_his_team(self, browse: Browse):
        page = text(browse("manager"))
        assert page.index("Proposed") < page.index("Assigned") < page.index("In progress")
        assert "Ana Silva" in page
        assert "Bo Lind" in page
        assert "Bo Lind" not in text(browse("lead"))

    def test_filters_and_groups_keep_each_other(self, browse: Browse, ours):
        client = browse("manager")
        page = text(client, agent=ours.rows["agent"].pk)
        assert "Remove filter Agent: Ana Silva" in page
        assert of(ours.rows["proposed"]) not in page
        page = text(client, group="proposed")
        assert of(ours.rows["assignment"]) not in page
        assert of(ours.rows["proposed"]) in page

    def test_a_long_group_shows_its_newest_and_the_way_to_all(self, browse: Browse, ours):
        base = ours.rows["proposed"]
        rows = [
            Assignment(
                workspace=base.workspace,
                agent=base.agent,
                team=base.team,
                rule=base.rule,
                period="week",
                period_start=PERIOD_START + timedelta(weeks=week),
                period_end=PERIOD_START + timedelta(weeks=week, days=6),
                strength="clear",
                reason="Below.",
            )
            for week in range(1, 61)
        ]
        Assignment.objects.bulk_create(rows)
        page = text(browse("manager"))
        assert page.count("/coaching/assignments/") == 11
        assert "All 61: Proposed" in page
        first = browse("manager").get(BASE, {"group": "proposed"})
        assert first.content.decode().count("/coaching/assignments/") == 50
        assert text(browse("manager"), first.context["next_url"]).count("/coaching/assignments/") == 11

    def test_an_agent_sees_his_own_once_assigned(self, browse: Browse, ours):
        page = text(browse("agent"))
        assert "Your coaching" in page
        assert of(ours.rows["assignment"]) in page
        assert "Nothing here for you" in text(browse("other_agent"))

    def test_the_rail_counts_what_waits(self, browse: Browse):
        nav = browse("manager").get(BASE).context["nav"]
        assert [entry["count"] for entry in nav if entry["url"] == BASE] == [1]


class TestAssignment:
    def test_from_proposed_to_done(self, browse: Browse, ours):
        row, lead, agent = ours.rows["proposed"], browse("other_lead"), browse("other_agent")
        page = text(lead, f"assignments/{row.pk}/")
        assert "Bo&#x27;s IQS is below the target." in page
        due = timezone.now().date() + timedelta(days=3)
        form = {"coach": ours.people["other_lead"].pk, "due_on": due.isoformat(), "etag": etag(row)}
        assert said(lead.post(of(row, "assign"), form, follow=True)) == [
            "Assigned. The agent finds it in the inbox."
        ]
        assert "I have read it" in text(agent, f"assignments/{row.pk}/")
        agent.post(of(row, "acknowledge"))
        lead.post(of(row, "complete"), {"outcome": "We listened to two calls."})
        row.refresh_from_db()
        assert (row.state, row.due_on, row.outcome) == ("done", due, "We listened to two calls.")
        page = text(agent, f"assignments/{row.pk}/")
        assert "We listened to two calls." in page
        assert "I have read it" not in page

    def test_an_old_page_changes_nothing(self, browse: Browse, ours):
        row = ours.rows["assignment"]
        old = etag(row)
        browse("lead").post(of(row, "start"), {"etag": old})
        late = browse("lead").post(of(row, "complete"), {"etag": old}, follow=True)
        assert "Somebody else changed this assignment" in said(late)[0]
        row.refresh_from_db()
        assert row.state == "in_progress"

    def test_dismissing_asks_why(self, browse: Browse, ours):
        row = ours.rows["assignment"]
        answer = browse("lead").post(of(row, "dismiss"), {"reason": " "}, follow=True)
        assert said(answer) == ["Say why nothing comes of it."]
        browse("lead").post(of(row, "dismiss"), {"reason": "Was on leave."})
        row.refresh_from_db()
        assert (row.state, row.dismiss_reason) == ("dismissed", "Was on leave.")

    def test_evidence_leads_to_conversations_and_reviews(self, browse: Browse, ours):
        row, conversation = ours.rows["assignment"], ours.rows["conversation"]
        estimate = {"value": "70.0000", "low": "64.1000", "high": "77.0000", "reviews": 5, "frame": 40}
        evidence = {
            "iqs": {"sum": "350.0000", "reviews": 5, "estimate": estimate | {"wide": False, "refused": None}},
            "csat": {"satisfied": 9, "answers": 20, "low": "0.2582", "high": "0.6579"},
            "target": "80.0000",
            "conversations": [conversation.pk],
        }
        Assignment.objects.filter(pk=row.pk).update(evidence=evidence, conversation_ids=[conversation.pk])
        for person in ("lead", "agent"):
            page = text(browse(person), f"assignments/{row.pk}/")
            assert "(64 to 77)" in page
            assert "9 of 20 answers" in page
            assert "(26 % to 66 %)" in page
            assert "Where is my parcel?" in page
            assert f"/w/ours/reviews/{ours.rows['review'].pk}/" in page

    def test_coaches_to_choose_reach_the_team(self, browse: Browse, ours):
        form = browse("manager").get(of(ours.rows["assignment"])).context["assign_form"]
        names = [label for _, label in form.fields["coach"].choices]
        assert names == ["–", "Admin", "Lead", "Manager"]


class TestRules:
    def test_the_usual_three_are_offered_to_begin_with(self, browse: Browse):
        Assignment.objects.all().delete()
        CoachingRule.objects.all().delete()
        client = browse("manager")
        assert "Add the usual three" in text(client, "rules/")
        assert "Add the usual three" not in text(browse("lead"), "rules/")
        client.post(f"{BASE}rules/usual/")
        page = text(client, "rules/")
        assert page.count("/coaching/rules/") >= 3
        assert "Add the usual three" not in page

    def test_added_and_changed_in_a_form(self, browse: Browse, ours):
        client = browse("manager")
        form = {
            "name": "Tone",
            "kind": "category_below",
            "strength": "worth_a_look",
            "target": "50",
            "category": "tone",
            "period": "week",
            "min_reviews": 5,
            "min_answers": 10,
            "cooldown_days": 28,
            "coach": ours.people["lead"].pk,
            "active": "on",
        }
        client.post(f"{BASE}rules/add/", form)
        made = CoachingRule.objects.get(name="Tone")
        assert (made.category, made.coach) == ("tone", ours.people["lead"])
        assert made.target == 50
        client.post(f"{BASE}rules/{made.pk}/", form | {"active": "", "etag": etag(made)})
        made.refresh_from_db()
        assert made.active is False

    def test_what_is_wrong_stands_at_its_field(self, browse: Browse):
        form = {"name": "IQS", "kind": "iqs_below", "strength": "event", "period": "week"}
        numbers = {"min_reviews": 5, "min_answers": 10, "cooldown_days": 28, "active": "on"}
        answer = browse("manager").post(f"{BASE}rules/add/", form | numbers)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"strength", "target"}


class TestRuns:
    def test_run_now_shows_progress_and_then_the_result(self, browse: Browse, ours):
        rows = Rows(ours)
        eva = rows.agent("Eva", ours.rows["team"])
        week = timezone.now().date() - timedelta(days=timezone.now().weekday() + 14)
        draw = rows.draw(ours.rows["plan"], week)
        rows.stratum(draw, eva, ours.rows["team"], [10] * 5, frame=5)
        client = browse("lead")
        asked = client.post(f"{BASE}runs/now/", {"period": f"week:{week}"})
        waiting = client.get(asked["Location"]).content.decode()
        assert "Looking at everybody" in waiting
        assert 'http-equiv="refresh"' in waiting
        work(job_id=CoachingRun.objects.get(period_start=week).job_id or 0)
        done = client.get(asked["Location"]).content.decode()
        assert "Eva&#x27;s IQS is 10 (all reviewed)" in done
        assert "refresh" not in done

    def test_only_finished_periods_are_offered(self, browse: Browse):
        client = browse("lead")
        today = timezone.localdate(timezone=ZoneInfo("Europe/Berlin"))  # the zone of our workspace
        week = today - timedelta(days=today.weekday())
        assert f"week:{week}" not in text(client, "runs/")
        answer = client.post(f"{BASE}runs/now/", {"period": f"week:{week}"}, follow=True)
        assert said(answer) == ["Choose one of the periods that have ended."]

    def test_a_failed_run_says_why(self, browse: Browse, ours):
        run = ours.rows["coaching_run"]
        Job.objects.filter(pk=ours.rows["job"].pk).update(state="failed", error="It died each time.")
        CoachingRun.objects.filter(pk=run.pk).update(state="queued", job_id=ours.rows["job"].pk)
        assert "It died each time." in text(browse("manager"), f"runs/{run.pk}/")

    def test_what_was_left_alone_is_told_by_reason(self, browse: Browse, ours):
        run, rule = ours.rows["coaching_run"], ours.rows["coaching_rule"]
        entry = {"rule": rule.pk, "code": "too_few", "why": "Too few reviews so far."}
        entries = [
            entry | {"agent": ours.rows["agent"].pk, "team": ours.rows["team"].pk},
            entry | {"agent": ours.rows["other_agent"].pk, "team": ours.rows["other_team"].pk},
        ]
        CoachingRun.objects.filter(pk=run.pk).update(not_proposed=entries)
        page = text(browse("manager"), f"runs/{run.pk}/")
        assert "Too little to go by" in page
        assert "Ana Silva" in page
        mine = text(browse("lead"), f"runs/{run.pk}/")
        assert "Ana Silva" in mine
        assert "Bo Lind" not in mine


def test_a_lead_of_nothing_sees_nothing(browse: Browse, ours: Place) -> None:
    """A member who is both lead elsewhere and agent here sees both lists, never others' rows."""
    member = Member.objects.get(pk=ours.people["agent"].pk)
    MemberRole.objects.create(
        workspace=ours.workspace, member=member, role="lead", team=ours.rows["other_team"]
    )
    page = text(browse("agent"))
    assert of(ours.rows["proposed"]) in page  # of the team he leads
    assert of(ours.rows["assignment"]) in page  # his own
