"""The coaching API: rules, runs, assignments, and what an agent may see of his own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ApiKey, MemberRole, WorkspaceSettings
from coaching.models import Assignment, CoachingRule, CoachingRun
from common.etags import etag
from jobs.services import work
from notices.models import Notice
from tests.insights.rows import Rows
from tests.world import PERIOD_START, ApiClient, Place, World

Api = Callable[..., ApiClient]
NEW_RULE = {"name": "CSAT", "kind": "csat_below", "strength": "clear", "target": "80"}
WEEK = {"period": "week", "period_start": PERIOD_START.isoformat()}
EVIDENCE = {
    "iqs": {"sum": "350.0000", "reviews": 5, "estimate": {"value": "70.0000"}},
    "csat": {"satisfied": 9, "answers": 20, "low": "0.2582", "high": "0.6579"},
    "target": "80.0000",
    "conversations": [],
    "compared_with": "Bo Lind",
}


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def path(row: Assignment, verb: str = "") -> str:
    return f"coaching/assignments/{row.pk}/" + (f"{verb}/" if verb else "")


def problem(response: Any) -> tuple[int, list[tuple[str, str]]]:
    body = response.json()
    return response.status_code, [(error["pointer"], error["code"]) for error in body["errors"]]


class TestRules:
    def test_made_read_changed_and_switched_off(self, api: Api, ours):
        manager, lead = api("manager"), ours.people["lead"]
        made = manager.post("coaching/rules/", NEW_RULE | {"coach": lead.pk})
        assert made.status_code == 201
        body = made.json()
        assert (body["target"], body["category"], body["period"]) == ("80.0000", None, "week")
        assert (body["min_reviews"], body["min_answers"], body["cooldown_days"]) == (5, 10, 28)
        assert body["coach"] == {"id": lead.pk, "external_id": None, "name": "Lead"}
        assert body["authorized_actions"] == ["change", "delete"]
        one = f"coaching/rules/{body['id']}/"
        assert manager.patch(one, {"target": "75"}).json()["target"] == "75.0000"
        stale = manager.patch(one, {"target": "70"}, **{"If-Match": body["etag"]})
        assert stale.status_code == 412
        assert manager.delete(one).status_code == 204
        assert manager.get(one).json()["active"] is False

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"kind": "nps_below"}, ("/kind", "invalid_choice")),
            ({"colour": "red"}, ("/colour", "unknown_field")),
            ({"target": None}, ("/target", "required")),
            ({"coach": 10**9}, ("/coach", "not_found")),
            ({"min_reviews": 0}, ("/min_reviews", "min_value")),
            ({"kind": "category_below", "category": "speed"}, ("/category", "not_found")),
        ],
    )
    def test_what_is_wrong_is_named(self, api: Api, changes, expected):
        status, errors = problem(api("manager").post("coaching/rules/", NEW_RULE | changes))
        assert (status, errors) == (422, [expected])
        assert CoachingRule.objects.filter(name="CSAT").count() == 0

    def test_the_neighbours_members_are_no_coaches(self, api: Api, world):
        foreign = {"coach": world["theirs"].people["lead"].pk}
        assert problem(api("manager").post("coaching/rules/", NEW_RULE | foreign))[0] == 422


class TestRuns:
    def test_asked_for_done_and_read(self, api: Api, ours):
        rows = Rows(ours)
        eva = rows.agent("Eva", rows.place.rows["team"])
        draw = rows.draw(rows.place.rows["plan"], PERIOD_START + timedelta(days=7))
        rows.stratum(draw, eva, rows.place.rows["team"], [10] * 5, frame=5)
        asked = {"period": "week", "period_start": draw.period_start.isoformat()}
        manager = api("manager")
        accepted = manager.post("coaching/proposals/run", asked)
        assert accepted.status_code == 202
        body = accepted.json()
        assert (body["job"]["state"], body["run"]["state"]) == ("queued", "queued")
        assert manager.post("coaching/proposals/run", asked).json()["job"]["id"] == body["job"]["id"]
        work(job_id=body["job"]["id"])
        assert manager.get(f"jobs/{body['job']['id']}/").json()["state"] == "done"
        run = manager.get(f"coaching/runs/{body['run']['id']}/").json()
        assert (run["state"], run["proposed_count"]) == ("done", 1)
        (proposed,) = run["proposed"]
        assert (proposed["agent"]["name"], proposed["state"]) == ("Eva", "proposed")
        assert proposed["evidence"]["iqs"]["sum"] == "50.0000"
        assert {row["agent"]["name"]: row["code"] for row in run["not_proposed"]} == {"Ana Silva": "too_few"}
        # the other team's lead sees the run, and nothing of this team in it
        other = api("other_lead").get(f"coaching/runs/{body['run']['id']}/").json()
        assert (other["proposed"], other["not_proposed"], other["proposed_count"]) == ([], [], 0)

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (
                {"period": "week", "period_start": "2026-03-03"},
                (422, [("/period_start", "not_a_period_start")]),
            ),
            ({"period": "year", "period_start": "2026-03-02"}, (422, [("/period", "invalid_choice")])),
            ({"period": "week"}, (422, [("/period_start", "required")])),
        ],
    )
    def test_periods_that_cannot_be(self, api: Api, body, expected):
        assert problem(api("manager").post("coaching/proposals/run", body)) == expected

    def test_an_open_period_is_refused(self, api: Api):
        today = timezone.now().date()
        body = {"period": "month", "period_start": today.replace(day=1).isoformat()}
        response = api("manager").post("coaching/proposals/run", body)
        assert (response.status_code, response.json()["type"]) == (409, "urn:plumbline:period_open")

    def test_the_same_idempotency_key_is_one_run(self, api: Api):
        before = CoachingRun.objects.count()
        first = api("manager").post("coaching/proposals/run", WEEK, **{"Idempotency-Key": "k"})
        again = api("manager").post("coaching/proposals/run", WEEK, **{"Idempotency-Key": "k"})
        assert first.json() == again.json()
        assert CoachingRun.objects.count() == before + 1


class TestAssignments:
    def test_filters(self, api: Api, ours):
        manager = api("manager")

        def found(**query: Any) -> list[int]:
            return [row["id"] for row in manager.get("coaching/assignments/", query).json()["results"]]

        mine, theirs = ours.rows["assignment"].pk, ours.rows["proposed"].pk
        assert found() == [theirs, mine]
        assert found(agent="external:a-7") == found(agent=ours.rows["agent"].pk) == [mine]
        assert found(state="proposed") == [theirs]
        assert found(state=["proposed", "assigned"]) == [theirs, mine]
        assert manager.get("coaching/assignments/", {"colour": "red"}).status_code == 422
        assert manager.get("coaching/assignments/", {"state": "lost"}).status_code == 422

    def test_assigned_by_a_lead_and_done(self, api: Api, ours):
        row, lead, agent = ours.rows["proposed"], api("other_lead"), api("other_agent")
        assert agent.get(path(row)).status_code == 404
        body = lead.get(path(row)).json()
        assert body["authorized_actions"] == ["assign", "dismiss"]
        due = (timezone.now() + timedelta(days=7)).date().isoformat()
        assigned = lead.post(path(row, "assign"), {"due_on": due}).json()
        assert (assigned["state"], assigned["due_on"]) == ("assigned", due)
        assert assigned["coach"]["name"] == assigned["assigned_by"]["name"] == "Other_Lead"
        assert Notice.objects.filter(recipient=ours.people["other_agent"]).count() == 1
        assert agent.get(path(row)).json()["authorized_actions"] == ["acknowledge"]
        assert agent.post(path(row, "acknowledge")).json()["state"] == "acknowledged"
        done = lead.post(path(row, "complete"), {"outcome": "We talked."}).json()
        assert (done["state"], done["outcome"], done["authorized_actions"]) == ("done", "We talked.", [])

    @pytest.mark.parametrize(
        ("verb", "body"), [("start", None), ("complete", {}), ("dismiss", {"reason": "x"}), ("assign", {})]
    )
    def test_what_the_state_does_not_allow_says_why(self, api: Api, ours, verb, body):
        row = ours.rows["assignment"]
        Assignment.objects.filter(pk=row.pk).update(state="done")
        refused = api("lead").post(path(row, verb), body)
        assert refused.status_code == 409
        assert "done" in refused.json()["detail"]

    def test_only_the_agent_acknowledges_and_only_once(self, api: Api, ours):
        row = ours.rows["assignment"]
        refused = api("manager").post(path(row, "acknowledge"))
        assert refused.status_code == 403
        assert "Only the agent" in refused.json()["detail"]
        assert api("agent").post(path(row, "acknowledge")).status_code == 200
        assert api("agent").post(path(row, "acknowledge")).status_code == 409

    def test_a_stale_state_is_refused(self, api: Api, ours):
        row = ours.rows["assignment"]
        tag = {"If-Match": etag(row)}
        assert api("lead").post(path(row, "start"), None, **tag).status_code == 200
        assert api("lead").post(path(row, "complete"), {}, **tag).status_code == 412

    def test_dismissed_with_a_reason_and_out_of_the_agents_sight(self, api: Api, ours):
        row = ours.rows["assignment"]
        assert problem(api("lead").post(path(row, "dismiss"), {})) == (422, [("/reason", "required")])
        dismissed = api("lead").post(path(row, "dismiss"), {"reason": "Was on leave."}).json()
        assert (dismissed["state"], dismissed["dismiss_reason"]) == ("dismissed", "Was on leave.")
        assert api("agent").get(path(row)).status_code == 404

    def test_other_scopes_are_not_there(self, api: Api, ours):
        row = ours.rows["assignment"]
        assert api("other_lead").get(path(row)).status_code == 404
        assert api("other_lead").post(path(row, "start")).status_code == 404
        listed = api("other_lead").get("coaching/assignments/").json()["results"]
        assert [each["id"] for each in listed] == [ours.rows["proposed"].pk]


class TestWhatAnAgentSees:
    @pytest.fixture
    def row(self, ours) -> Assignment:
        row: Assignment = ours.rows["assignment"]
        Assignment.objects.filter(pk=row.pk).update(evidence=EVIDENCE)
        return row

    def test_only_his_own_once_assigned(self, api: Api, ours):
        assert [r["id"] for r in api("agent").get("coaching/assignments/").json()["results"]] == [
            ours.rows["assignment"].pk
        ]
        assert api("other_agent").get("coaching/assignments/").json()["results"] == []

    def test_the_numbers_that_speak_of_him_and_nobody_else(self, api: Api, row):
        evidence = api("agent").get(path(row)).json()["evidence"]
        assert evidence == {key: EVIDENCE[key] for key in ("iqs", "csat", "target", "conversations")}
        assert "compared_with" in api("lead").get(path(row)).json()["evidence"]

    def test_no_csat_where_it_is_hidden_from_agents(self, api: Api, ours, row):
        WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_csat=True)
        body = api("agent").get(path(row)).json()
        assert (body["evidence"]["csat"], body["reason"]) == (None, "Ana's IQS is below the target.")
        assert api("lead").get(path(row)).json()["evidence"]["csat"] == EVIDENCE["csat"]

    def test_nor_a_reason_that_speaks_of_it(self, api: Api, ours, row):
        WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_csat=True)
        CoachingRule.objects.filter(pk=row.rule_id).update(kind="csat_below")
        Assignment.objects.filter(pk=row.pk).update(reason="45 % of Ana's customers are satisfied.")
        body = api("agent").get(path(row)).json()
        assert "45" not in body["reason"]
        assert (body["evidence"]["csat"], body["evidence"]["target"]) == (None, None)
        assert "45" in api("lead").get(path(row)).json()["reason"]

    def test_a_lead_who_is_the_agent_sees_it_as_the_agent(self, api: Api, ours, row):
        """Ana also leads her team: about herself she decides nothing."""
        member = ours.people["agent"]
        MemberRole.objects.create(
            workspace=ours.workspace, member=member, role="lead", team=ours.rows["team"]
        )
        ApiKey.objects.filter(member=member).update(role="lead")
        refused = api("agent").post(path(row, "start"))
        assert refused.status_code == 403
        assert "Nobody coaches himself" in refused.json()["detail"]
        assert "compared_with" not in api("agent").get(path(row)).json()["evidence"]
