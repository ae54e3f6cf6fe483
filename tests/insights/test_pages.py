"""The overview and the agent's page: what they say, to whom, and how much they ask of the database."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace, WorkspaceSettings
from common.periods import Period
from conversations.models import Conversation
from insights.facts import StratumCells
from insights.selectors import Sample
from insights.selectors.overview import interval_of
from insights.stats import Minimums
from insights.templatetags.numbers import duration, percent
from qa_reviews.models import Draw, Review, SamplePlan
from tests.insights.rows import Rows
from tests.world import World

MARCH_30, MONDAY = date(2026, 3, 30), date(2026, 4, 6)
FORTNIGHT = "?from=2026-03-30&to=2026-04-19"


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows(world["ours"])


@pytest.fixture
def ana(rows):
    return rows.place.rows["agent"]


@pytest.fixture
def team(rows):
    return rows.place.rows["team"]


@pytest.fixture
def settings(rows):
    return WorkspaceSettings.objects.get(workspace=rows.place.workspace)


@pytest.fixture
def drawn(rows, ana, team, settings):
    """Ana: risk 40 and 60 of 10, normal 70, 80, 90 of 30; Cy a week earlier; ten answers, eight satisfied."""
    plan = rows.plan(name="Headline")
    WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=plan.pk)
    cy = rows.agent("Cy", team)
    rows.stratum(rows.draw(plan, MARCH_30), cy, team, [70, 70, 70, 80, 80, 80, 90, 90, 90], frame=9)
    week = rows.draw(plan, MONDAY)
    rows.stratum(week, ana, team, [40, 60], frame=10, band="risk")
    rows.stratum(week, ana, team, [70, 80, 90], frame=30)
    for score in (5, 5, 5, 5, 5, 5, 5, 5, 1, 1):
        rows.answer(score, ana, team, MONDAY)
    return plan


def words(client: Client, url: str) -> str:
    """The text of a page as it is read, in one line."""
    response = client.get(url)
    assert response.status_code == 200, response.content[:500]
    body = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


class TestOverview:
    URL = "/w/ours/insights/"

    def test_the_headline_with_its_arithmetic(self, browse, drawn):
        """Shares 10/49 and 39/49; means 50 and (9 x 80 + 30 x 80) / 39 = 80: 10.20 + 63.67 = 73.88."""
        page = words(browse("manager"), self.URL + FORTNIGHT)
        assert "IQS, all work 74 14 of 49 Average of reviewed 76, 14 reviews" in page
        assert "Needs attention 2 of 10 0.2041 × 50.00 10.20 Normal 12 of 39 0.7959 × 80.00 63.67" in page
        assert "Too few reviews so far to give a range: 14 of 30 reviews." in page
        assert "57 % at 80 or more" in page
        assert "Pass rate, all work 53 %" in page  # 9 x 6/9 and 30 x 2/3 of 49

    def test_whether_peers_count_is_told(self, browse, drawn, settings):
        page = words(browse("manager"), self.URL + FORTNIGHT)
        assert "Reviews that agents give each other count like those of reviewers, in both numbers." in page
        WorkspaceSettings.objects.filter(pk=settings.pk).update(peer_in_iqs=False)
        page = words(browse("manager"), self.URL + FORTNIGHT)
        assert "Reviews that agents give each other count in neither number;" in page

    @pytest.mark.parametrize(
        ("given", "interval"),
        [
            ({"period": "week"}, "week"),
            ({"period": "month"}, "month"),
            ({"period": "month", "weekly_parts": True}, "week"),
            ({"period": "days", "period_days": 14}, "month"),
            ({"period": "days", "period_days": 30}, "quarter"),
        ],
    )
    def test_points_are_as_fine_as_draws_allow(self, given, interval):
        plan = SamplePlan(**given)
        nothing = Sample(
            plan, StratumCells({}), Period(date(2026, 4, 6), date(2026, 4, 12)), False, Minimums()
        )
        assert interval_of(nothing) == interval

    def test_history_from_another_tool_is_told_apart(self, browse, drawn, rows, ana, team):
        """Two of March before the first of one's own in April; they are in no estimate."""
        for score in (50, 70):
            rows.review(score, ana, team, date(2026, 3, 18), source="old-tool", external_id=f"x-{score}")
        page = browse("manager").get(f"{self.URL}?from=2026-03-16&to=2026-04-26").content.decode()
        assert "Average of reviewed, imported" in page
        assert "Average of reviewed, imported, 23 Mar: 60.0, 2 counted" in page
        assert "reviewed here from now on" in page
        without = browse("manager").get(f"{self.URL}?from=2026-03-30&to=2026-04-26").content.decode()
        assert "imported" not in without
        assert "reviewed here from now on" not in without

    def test_csat_beside_it(self, browse, drawn):
        """42 of 50 points; 8 of 10 satisfied, 49.02 to 94.33."""
        page = words(browse("manager"), self.URL + FORTNIGHT)
        assert "CSAT, % satisfied 80 (49 to 94) 10 answers 84.0 % of the most points." in page
        assert "8 satisfied of 10 answers = 80.00 %; 95 % range (Wilson) 49.02 to 94.33." in page
        assert "Nothing says how many were asked." in page

    def test_agents_with_ranges_and_counts(self, browse, drawn, ana):
        page = words(browse("manager"), self.URL + FORTNIGHT)
        assert "Ana Silva 73 (64 to 80) 5 of 40 68 5 40 % 80 (49 to 94) of 10" in page
        assert (
            f'href="/w/ours/agents/{ana.pk}/"' in browse("manager").get(self.URL + FORTNIGHT).content.decode()
        )

    @pytest.mark.parametrize(
        ("sort", "first"), [("name", "Ana"), ("-name", "Cy"), ("iqs", "Ana"), ("-iqs", "Cy"), ("csat", "Ana")]
    )
    def test_sorting_stands_in_the_address_and_leaves_unknown_last(self, browse, drawn, sort, first):
        page = words(browse("manager"), f"{self.URL}{FORTNIGHT}&sort={sort}")
        body = page.rsplit("CSAT, % satisfied", 1)[1]
        names = [name for name in ("Ana Silva", "Cy") if name in body]
        assert min(names, key=body.index).startswith(first)

    def test_a_refused_number_says_why(self, browse, rows, ana, team):
        rows.review(80, ana, team, MONDAY)
        page = words(browse("manager"), self.URL + FORTNIGHT)
        assert "No draw of this plan lies wholly inside these dates." in page
        assert "Average of reviewed 80, 1 review" in page

    def test_a_lead_sees_only_his_teams(self, browse, drawn):
        assert "Ana Silva" in words(browse("lead"), self.URL + FORTNIGHT)
        assert "Nothing in this period" in words(browse("other_lead"), self.URL + FORTNIGHT)

    def test_the_team_filter_offers_and_finds_only_the_scope(self, browse, drawn, rows, team):
        other = rows.place.rows["other_team"]
        page = words(browse("lead"), f"{self.URL}{FORTNIGHT}&team={team.pk}")
        assert "Team: Chat EU" in page
        assert "Phone US" not in page
        refused = words(browse("lead"), f"{self.URL}{FORTNIGHT}&team={other.pk}")
        assert f"There is no team “{other.pk}” here." in refused

    def test_what_is_wrong_with_dates_is_said_above_the_last_weeks(self, browse, drawn):
        page = words(browse("manager"), f"{self.URL}?from=2026-04-19&to=2026-03-30")
        assert "The period ends before it begins." in page

    def test_the_headline_may_be_the_average(self, browse, drawn, settings):
        WorkspaceSettings.objects.filter(pk=settings.pk).update(headline="average_of_reviewed")
        page = words(browse("manager"), self.URL + FORTNIGHT)
        assert "Average of reviewed 76 14 reviews IQS, all work 74 14 of 49" in page

    def test_the_next_step_of_an_empty_workspace(self, browse, rows, settings):
        client, url = browse("manager"), f"{self.URL}?from=2020-01-06&to=2020-01-12"
        assert "Nothing in this period" in words(client, url)
        Draw.objects.filter(plan=rows.place.rows["plan"]).update(plan=rows.plan(name="Other", active=False))
        assert "Nothing was drawn yet" in words(client, url)
        WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=None)
        elsewhere = _elsewhere()
        SamplePlan.objects.update(workspace=elsewhere)
        assert "No sample plan yet" in words(client, url)
        Conversation.objects.filter(workspace=rows.place.workspace).update(workspace=elsewhere)
        assert "No conversations yet" in words(client, url)

    def test_names_are_never_markup(self, browse, rows, team):
        agent = rows.agent("<img src=x>", team)
        rows.review(80, agent, team, MONDAY)
        assert b"<img" not in browse("manager").get(self.URL + FORTNIGHT).content

    def test_queries_do_not_grow_with_agents(self, browse, rows, team, drawn):
        client = browse("manager")
        before = count(client, self.URL + FORTNIGHT)
        for name in ("Di", "Ed", "Flo"):
            agent = rows.agent(name, team)
            rows.stratum(drawn.draws.get(period_start=MONDAY), agent, team, [80], frame=9)
            rows.answer(5, agent, team, MONDAY)
        assert count(client, self.URL + FORTNIGHT) == before


class TestAgentPage:
    def url(self, agent: Any) -> str:
        return f"/w/ours/agents/{agent.pk}/"

    def test_an_agent_reads_his_own_numbers(self, browse, ana, drawn):
        """As in test_numbers_api, but over both weeks the level is 73.8776: n_eff = 0.738776 x 0.261224
        x 10^4 / 15.772727 = 122.3543; 0.7181509 -+ 0.0782050."""
        page = words(browse("agent"), self.url(ana) + FORTNIGHT)
        assert "IQS, all work 73 (64 to 80) 5 of 40 Average of reviewed 68, 5 reviews" in page
        assert "The range, 63.99 to 79.64, would hold the true value in 95 of 100 samples" in page
        assert "CSAT, % satisfied 80 (49 to 94)" in page

    def test_reviews_with_comments_and_categories_with_counts(self, browse, ana):
        page = words(browse("agent"), f"{self.url(ana)}?from=2026-03-09&to=2026-03-15")
        assert "Where is my parcel?" in page
        assert "Good pace" in page
        assert "Tone: Well asked" in page
        assert "Solution no whole draw" in page
        assert "67 1 Tone no whole draw" in page

    def test_categories_of_all_work(self, browse, rows, ana, drawn):
        """Rated in all five: as the IQS, 72.5, of which the plain mean is 68."""
        for review in Review.objects.filter(stratum__draw__plan=drawn):
            rows.rating(review.gradings.get(), "tone", review.score)
        page = words(browse("agent"), self.url(ana) + FORTNIGHT)
        assert "Tone 73 (64 to 80) 68 5" in page

    def test_so_far(self, browse, rows, ana, team, settings):
        """The newest draw has 2 of 4 done; the last thirteen weeks are shown without dates."""
        today = timezone.now().date()
        plan = rows.plan()
        WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=plan.pk)
        start = today - timedelta(days=today.weekday() + 14)
        rows.stratum(rows.draw(plan, start), ana, team, [70, 80], frame=9, open_items=2)
        page = words(browse("manager"), self.url(ana))
        assert "Newest sample: so far 2 of 4 reviewed." in page
        assert "2 of 5 reviews" in page

    def test_csat_and_reviewers_can_be_hidden_from_agents(self, browse, ana, drawn, settings):
        WorkspaceSettings.objects.filter(pk=settings.pk).update(hide_csat=True, hide_reviewer=True)
        asked = self.url(ana) + FORTNIGHT
        own, leads = words(browse("agent"), asked), words(browse("lead"), asked)
        assert "CSAT, % satisfied" not in own
        assert "Reviewer ," not in own
        assert "CSAT, % satisfied 80" in leads
        assert "Reviewer ," in leads

    def test_reviews_that_wait_for_release_are_not_shown(self, browse, rows, ana, team):
        rows.review(12, ana, team, MONDAY, release_at=timezone.now() + timedelta(days=1))
        asked = self.url(ana) + FORTNIGHT
        assert "Nothing was reviewed in this period." in words(browse("agent"), asked)
        assert "Average of reviewed 12, 1 review" in words(browse("lead"), asked)

    def test_whose_page_it_is(self, browse, ana):
        assert browse("other_agent").get(self.url(ana)).status_code == 404
        assert browse("other_lead").get(self.url(ana)).status_code == 404
        assert browse("reviewer").get(self.url(ana)).status_code == 403

    def test_my_page_leads_there(self, browse, ana):
        response = browse("agent").get("/w/ours/agents/me/")
        assert (response.status_code, response["Location"]) == (302, self.url(ana))
        assert browse("manager").get("/w/ours/agents/me/").status_code == 404

    def test_the_rail_shows_each_his_own(self, browse, ana):
        own = browse("agent").get(self.url(ana)).content.decode()
        assert 'data-label="My page"' in own
        assert 'data-label="Insights"' not in own
        leads = browse("lead").get(self.url(ana)).content.decode()
        assert 'data-label="My page"' not in leads
        assert 'data-label="Insights"' in leads

    def test_queries_do_not_grow_with_reviews(self, browse, rows, ana, team, drawn):
        client = browse("agent")
        before = count(client, self.url(ana) + FORTNIGHT)
        for score in (50, 60, 70):
            review = rows.review(score, ana, team, MONDAY)
            rows.rating(review.gradings.get(), "tone", 50, "Hm")
        assert count(client, self.url(ana) + FORTNIGHT) <= before + 3  # names of scorecard and categories


def count(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def _elsewhere() -> Workspace:
    return Workspace.objects.create(slug="void", name="Void")


def test_durations_in_the_two_units_that_matter():
    assert [duration(s) for s in (None, 45, 720, 12_000, 187_200)] == [
        "–",
        "45 s",
        "12 min",
        "3 h 20 min",
        "2 d 4 h",
    ]


def test_shares_in_per_cent():
    assert [percent(s) for s in (None, 0, 0.625, 1)] == ["–", "0 %", "63 %", "100 %"]
