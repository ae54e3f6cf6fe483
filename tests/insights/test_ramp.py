"""How new agents come along: steps, groups, and what is told of whom."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Workspace, WorkspaceSettings
from common.periods import Period
from insights.ramp import cohorts, points, step_of, stretches
from insights.stats import Basis, Cell, learn_spreads
from tests.insights.rows import Rows
from tests.insights.test_pages import words
from tests.world import World

TODAY = date(2026, 6, 17)
FIRST_DAY = date(2026, 4, 6)  # a Monday of the second quarter


def week(first: date) -> Period:
    return Period(first, first + timedelta(days=6))


class TestPure:
    def test_quarters_and_months_that_are_looked_at(self):
        assert [each.first for each in cohorts(TODAY, "quarter")] == [
            date(2026, 4, 1),
            date(2026, 1, 1),
            date(2025, 10, 1),
            date(2025, 7, 1),
            date(2025, 4, 1),
        ]
        found = cohorts(TODAY, "month")
        assert (found[0], found[-1].first, len(found)) == (
            Period(date(2026, 6, 1), date(2026, 6, 30)),
            date(2026, 1, 1),
            6,
        )

    @pytest.mark.parametrize(
        ("start", "step"),
        [
            (FIRST_DAY + timedelta(days=3), 0),  # the middle of its first week
            (FIRST_DAY + timedelta(days=4), None),  # started after the middle
            (FIRST_DAY, 0),
            (FIRST_DAY - timedelta(days=26), 0),  # the middle is day 30, counted from 1
            (FIRST_DAY - timedelta(days=27), 1),
            (FIRST_DAY - timedelta(days=176), 5),
            (FIRST_DAY - timedelta(days=177), None),  # beyond the last step
        ],
    )
    def test_a_week_counts_for_the_step_of_its_middle(self, start, step):
        assert step_of(start, week(FIRST_DAY)) == step

    def test_a_month_too(self):
        april = Period(date(2026, 4, 1), date(2026, 4, 30))
        assert step_of(date(2026, 4, 1), april) == 0
        assert step_of(date(2026, 3, 16), april) == 1

    def cell(self, agent, drawn, score, n=4, frame=20):
        total = Decimal(score * n)
        return Cell(agent, 1, drawn.first, "normal", frame, n, 0, n, total, total * score)

    def test_cells_of_a_step_with_their_closed_conversations(self):
        """Agents 1 and 2 start together; 3 is in no group, 1 moves on to the second step after 30 days."""
        early, late = week(FIRST_DAY), week(FIRST_DAY + timedelta(weeks=5))
        strata = {
            early: [self.cell(1, early, 50), self.cell(2, early, 70), self.cell(3, early, 0)],
            late: [self.cell(1, late, 90)],
        }
        starts = {1: FIRST_DAY, 2: FIRST_DAY}
        closed = {(1, early): 30, (2, early): 20, (3, early): 99, (1, late): 40, (2, late): 5}
        found = stretches(strata, starts, closed)
        assert {step: [cell.agent for cell in each.cells] for step, each in found.items()} == {
            0: [1, 2],
            1: [1],
        }
        assert {step: each.closed for step, each in found.items()} == {0: 50, 1: 45}

    def test_the_number_of_few_is_refused(self):
        """Three agents of 50, 70 and 90, frames alike: 70. Two of them: nothing but their count."""
        drawn = week(FIRST_DAY)
        cells = [self.cell(agent, drawn, score) for agent, score in ((1, 50), (2, 70), (3, 90))]
        starts = dict.fromkeys((1, 2, 3), FIRST_DAY)
        basis = Basis(learn_spreads(cells), None, None)
        (point,) = points(stretches({drawn: cells}, starts, {}), basis)
        assert (point.agents, point.estimate.value) == (3, 70)
        assert (point.estimate.drawn_from, point.estimate.drawn_to) == (drawn.first, drawn.last)
        (point,) = points(stretches({drawn: cells[:2]}, starts, {}), basis)
        assert (point.agents, point.estimate.value, point.estimate.reviews) == (2, None, 8)
        assert point.estimate.refused is not None
        assert point.estimate.refused.code == "few_agents"
        assert "2 of 3 agents" in point.estimate.refused.message


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows(world["ours"])


def start_five(rows: Rows, monday: date) -> list[Agent]:
    """Four of the team start on the day and one nine weeks before; reviewed after one week and seven."""
    plan, team = rows.plan(name="New agents"), rows.place.rows["team"]
    settings = WorkspaceSettings.objects.filter(workspace=rows.place.workspace)
    settings.update(headline_plan_id=plan.pk)
    Agent.objects.filter(workspace=rows.place.workspace).update(starts_on=date(2020, 1, 1))
    people = [rows.agent(f"New {number}", team) for number in range(5)]
    for person, start in zip(people, [monday] * 4 + [monday - timedelta(weeks=9)], strict=True):
        Agent.objects.filter(pk=person.pk).update(starts_on=start)
    for weeks, scores in ((1, [50, 60, 70]), (7, [80, 90, 100])):
        draw = rows.draw(plan, monday + timedelta(weeks=weeks))
        for person in people:
            rows.stratum(draw, person, team, scores, frame=30)
    return people


@pytest.fixture
def newcomers(rows):
    """They start in April and in February."""
    return start_five(rows, FIRST_DAY)


@pytest.fixture(autouse=True)
def in_june():
    with time_machine.travel(TODAY, tick=False):
        yield


class TestApi:
    def asked(self, api, person="manager", **query):
        response = api(person).get("ramp/", query)
        assert response.status_code == 200, response.content
        return response.json()

    def test_groups_by_quarter(self, api, newcomers):
        found = self.asked(api)
        april, february = found["results"]
        assert (april["cohort_start"], april["cohort_end"], april["agents"]) == (
            "2026-04-01",
            "2026-06-30",
            4,
        )
        assert [(p["first_day"], p["last_day"], p["estimate"]["value"]) for p in april["points"]] == [
            (1, 30, "60.0000"),
            (31, 60, "90.0000"),
        ]
        assert april["points"][0]["estimate"]["frame"] == 120
        assert april["points"][0]["estimate"]["range_refused"]["code"] == "too_few"  # 12 of 30 reviews
        assert (february["agents"], february["points"], february["refused"]["code"]) == (1, [], "few_agents")
        assert found["plan"]["name"] == "New agents"
        assert found["cohort"] == "quarter"

    def test_together_says_how_many_work_in_each_step(self, api, newcomers):
        """The one of February is in his third and fourth step by then: alone there."""
        found = self.asked(api, cohort="month")["together"]
        assert [(p["first_day"], p["agents"]) for p in found] == [(1, 4), (31, 4), (61, 1), (91, 1)]
        assert [p["estimate"]["value"] for p in found] == ["60.0000", "90.0000", None, None]

    def test_bots_merged_and_unknown_starts_are_in_no_group(self, api, newcomers):
        bot, merged, unknown, _, _ = newcomers
        Agent.objects.filter(pk=bot.pk).update(kind="bot")
        Agent.objects.filter(pk=merged.pk).update(merged_into=newcomers[3])
        assert self.asked(api)["results"][0]["agents"] == 2
        Agent.objects.filter(pk=unknown.pk).update(starts_on=None)
        found = self.asked(api)
        assert found["results"][0]["agents"] == 1
        assert found["unknown_start"] == 1

    def test_a_lead_sees_his_teams(self, api, rows, newcomers):
        """Of the four, one was reviewed in the other lead's team only."""
        plan = rows.plan(name="Other")
        assert self.asked(api, "lead")["results"][0]["agents"] == 4
        other = rows.place.rows["other_team"]
        rows.stratum(rows.draw(plan, FIRST_DAY), newcomers[0], other, [10] * 4, frame=9)
        found = self.asked(api, "other_lead", plan=str(plan.pk))
        assert [(line["agents"], line["points"]) for line in found["results"]] == [(1, [])]
        assert found["unknown_start"] == 0

    def test_the_rest_is_refused(self, api, newcomers):
        for person in ("reviewer", "agent"):
            assert api(person).get("ramp/").status_code == 403
        wrong = api("manager").get("ramp/", {"cohort": "year"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/cohort")
        assert api("manager").get("ramp/", {"from": "2026-01-01"}).status_code == 422

    def test_without_a_plan_and_with_one_of_peers(self, api, rows, newcomers):
        plan = rows.plan(name="Peers", kind="peer")
        settings = WorkspaceSettings.objects.filter(workspace=rows.place.workspace)
        settings.update(peer_in_iqs=False)
        found = self.asked(api, plan=str(plan.pk))
        assert {line["refused"]["code"] for line in found["results"]} == {"peers_out"}
        settings.update(headline_plan_id=None)
        type(plan).objects.update(workspace=Workspace.objects.exclude(pk=rows.place.workspace.pk).get())
        found = self.asked(api)
        assert {line["refused"]["code"] for line in found["results"]} == {"no_plan"}
        assert (found["plan"], found["together"]) == (None, [])

    def test_queries_do_not_grow_with_agents(self, api, rows, newcomers):
        client = api("manager")
        client.get("ramp/")

        def queries():
            with CaptureQueriesContext(connection) as caught:
                client.get("ramp/")
            return len(caught)

        before = queries()
        team = rows.place.rows["team"]
        draw = rows.draw(rows.plan(name="More"), FIRST_DAY)
        for number in range(5):
            person = rows.agent(f"More {number}", team)
            Agent.objects.filter(pk=person.pk).update(starts_on=FIRST_DAY)
            rows.stratum(draw, person, team, [80], frame=9)
        assert queries() == before


class TestPage:
    URL = "/w/ours/insights/ramp/"

    def test_lines_ranges_and_the_few_in_words(self, browse, newcomers):
        page = words(browse("manager"), self.URL)
        assert "Started Agents Day 1–30 Day 31–60" in page
        assert "April to June 2026 4 60 12 of 120 90 12 of 120" in page
        assert "January to March 2026 1 1 of 3 agents: the numbers of so few would be" in page
        html = browse("manager").get(self.URL).content.decode()
        assert html.count("<figure") == 1
        assert "IQS by days since the start: April to June 2026" in html

    def test_months(self, browse, newcomers):
        page = words(browse("manager"), self.URL + "?cohort=month")
        assert "April 2026 4" in page
        assert "February 2026 1" in page

    def test_what_is_wrong_is_said(self, browse, newcomers):
        assert "quarter" in words(browse("manager"), self.URL + "?cohort=year")

    def test_nobody_started(self, browse, rows, newcomers):
        Agent.objects.update(starts_on=None)
        assert "Nobody started lately" in words(browse("manager"), self.URL)
        assert "/settings/agents/" in browse("admin").get(self.URL).content.decode()
        assert 'href="/w/ours/settings/agents/"' not in browse("manager").get(self.URL).content.decode()

    def test_the_overview_leads_there(self, browse, newcomers):
        assert f'href="{self.URL}"' in browse("lead").get("/w/ours/insights/").content.decode()
