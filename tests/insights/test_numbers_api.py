"""iqs/, csat/, first-response/ and resolution/: shapes, arithmetic, refusals, and whose numbers they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Role
from accounts.models import TeamMembership, Workspace, WorkspaceSettings
from coaching.models import Assignment
from common.errors import Invalid
from common.periods import Period
from conversations.models import Conversation
from insights import selectors
from insights.query import Query
from insights.selectors.limits import MOST_ROWS, check_rows
from qa_reviews.models import Review
from tests.insights.rows import Rows
from tests.world import World, add_person

MARCH_30, MONDAY, SUNDAY = date(2026, 3, 30), date(2026, 4, 6), date(2026, 4, 12)
WEEK = {"from": "2026-04-06", "to": "2026-04-12", "date_axis": "closed"}


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
def other_team(rows):
    return rows.place.rows["other_team"]


@pytest.fixture
def settings(rows):
    return WorkspaceSettings.objects.get(workspace=rows.place.workspace)


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def code_of(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    body = response.json()
    return str(body["errors"][0]["code"] if body["errors"] else body["type"].removeprefix("urn:plumbline:"))


@pytest.fixture
def headline(rows, settings):
    """A fresh headline plan."""
    plan = rows.plan(name="Headline")
    WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=plan.pk)
    return plan


@pytest.fixture
def drawn(rows, ana, team, headline):
    """Ana's week: risk 40 and 60 of 10, normal 70, 80, 90 of 30, fifty closed in all; and a week before in
    which nine reviews of Cy teach the spread."""
    cy = rows.agent("Cy", team)
    before = rows.draw(headline, MARCH_30)
    rows.stratum(before, cy, team, [70, 70, 70, 80, 80, 80, 90, 90, 90], frame=9)
    week = rows.draw(headline, MONDAY)
    rows.stratum(week, ana, team, [40, 60], frame=10, band="risk")
    rows.stratum(week, ana, team, [70, 80, 90], frame=30)
    for _ in range(45):
        rows.conversation(ana, team, SUNDAY)
    return headline


class TestEstimate:
    def test_by_hand(self, api, ana, drawn):
        """W = 10/40 and 30/40; means 50 and 80; value 12.5 + 60 = 72.5. Frame 40 of 50 closed: covered 0.8.

        Spread: normal (6 x 100 of Cy, around 80) + (100 + 100 of Ana) = 800 over 8 + 2 = 10: s2 = 80. Risk
        200 over 1, too few, so joint 1000 / 11 = 90.9091. 11 degrees of freedom: pooled_over workspace.
        V = 0.25^2 x 0.8 x 90.9091 / 2 + 0.75^2 x 0.9 x 80 / 3 = 2.272727 + 13.5 = 15.772727.
        Level 72.5 (the team is Ana): n_eff = 0.725 x 0.275 x 10^4 / 15.772727 = 126.4049.
        Wilson: middle (0.725 + 0.0151951) / 1.0303901 = 0.7183639,
        half 1.959964 / 1.0303901 x sqrt(0.199375 / 126.4049 + 3.841459 / 63912.79) = 0.0769698.
        Mean 340 / 5 = 68; 80 and 90 pass: 2 of 5.
        """
        found = results(api("manager").get("iqs/", WEEK | {"group_by": "agent", "agent": str(ana.pk)}))
        assert found == [
            {
                "agent": {"id": ana.pk, "external_id": "a-7", "name": "Ana Silva"},
                "period_start": None,
                "reviews": 5,
                "mean": "68.0000",
                "pass_rate": "0.4000",
                "estimate": {
                    "value": "72.5000",
                    "low": "64.1394",
                    "high": "79.5334",
                    "reviews": 5,
                    "effective_reviews": 126.4049,
                    "frame": 40,
                    "covered": "0.8000",
                    "wide": False,
                    "pooled_over": "workspace",
                    "drawn_from": "2026-04-06",
                    "drawn_to": "2026-04-12",
                    "refused": None,
                    "range_refused": None,
                },
                "pass_estimate": found[0]["pass_estimate"],
            }
        ]

    def test_the_pass_rate_of_all_work(self, api, rows, ana, drawn):
        """Of risk none of 2 pass, of normal 2 of 3: 0.75 x 2/3 = 50 %; V below by the joint spread of passes.

        Normal: Cy 6 of 9: 3 x 2/3 + 6 x 1/3 in 10^4 = 2 x 10^4 over 8; Ana 2/3 x 10^4 over 2: s2 = 2,666.67
        over 10. Risk 0 over 1, so joint 26,666.67 / 11 = 2,424.24.
        V = 0.25^2 x 0.8 x 2424.24 / 2 + 0.75^2 x 0.9 x 2666.67 / 3 = 60.6061 + 450 = 510.6061.
        n_eff = 0.25 x 10^4 / 510.6061 = 4.8961.
        """
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        assert found["pass_estimate"]["value"] == "50.0000"
        assert found["pass_estimate"]["effective_reviews"] == 4.8961
        assert found["pass_estimate"]["wide"] is True
        type(rows.place.rows["scorecard"]).objects.update(pass_mark=50)
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        assert found["pass_estimate"]["value"] == "87.5000"

    def test_the_axis_never_moves_it(self, api, ana, drawn):
        """All was submitted on 19 April: on that axis the week has no review, and the same estimate."""
        asked = WEEK | {"agent": "external:a-7", "date_axis": "submitted"}
        (found,) = results(api("manager").get("iqs/", asked))
        assert (found["reviews"], found["mean"], found["pass_rate"]) == (0, None, None)
        assert found["estimate"]["value"] == "72.5000"

    def test_the_agent_sees_the_same_and_only_his(self, api, ana, drawn):
        (found,) = results(api("agent").get("iqs/", WEEK))
        assert (found["reviews"], found["mean"], found["estimate"]["value"]) == (5, "68.0000", "72.5000")
        assert found["estimate"]["low"] == "64.1394"
        assert results(api("other_agent").get("iqs/", WEEK)) == []

    def test_by_interval(self, api, rows, ana, team, drawn):
        """The week before is Cy's, a census of 9 of 9; the estimate of a team needs ten reviews."""
        asked = {"from": "2026-03-30", "to": "2026-04-12", "interval": "week", "group_by": "team,agent"}
        found = results(api("manager").get("iqs/", asked | {"date_axis": "closed"}))
        assert [(r["period_start"], r["agent"]["name"], r["reviews"]) for r in found] == [
            ("2026-03-30", "Cy", 9),
            ("2026-04-06", "Ana Silva", 5),
        ]
        census = found[0]["estimate"]
        assert (census["low"], census["value"], census["high"]) == ("80.0000", "80.0000", "80.0000")
        assert census["effective_reviews"] is None
        by_team = results(api("manager").get("iqs/", asked | {"group_by": "team", "date_axis": "closed"}))
        assert [r["estimate"]["refused"]["code"] for r in by_team] == ["too_few", "too_few"]
        assert by_team[0]["estimate"]["value"] is None

    def test_a_team_of_two(self, api, team, drawn):
        """14 reviews, frames 9 and 40: (9 x 80 + 40 x 72.5) / 49 = 73.8776; a range needs 30 reviews."""
        asked = {"from": "2026-03-30", "to": "2026-04-12", "group_by": "team"}
        (found,) = results(api("manager").get("iqs/", asked | {"date_axis": "closed"}))
        assert found["team"] == {"id": team.pk, "external_id": None, "name": "Chat EU"}
        assert found["estimate"]["value"] == "73.8776"
        assert found["estimate"]["range_refused"]["code"] == "too_few"
        (whole,) = results(api("manager").get("iqs/", {k: v for k, v in asked.items() if k != "group_by"}))
        assert whole["estimate"]["value"] == "73.8776"

    def test_days_hold_no_whole_draw(self, api, drawn):
        found = results(api("manager").get("iqs/", WEEK | {"interval": "day"}))
        assert found[0]["estimate"]["refused"]["code"] == "no_whole_draw"

    def test_what_reviewers_gave_has_none(self, api, drawn):
        asked = {"from": "2026-03-01", "to": "2026-04-30", "group_by": "reviewer"}
        found = results(api("manager").get("iqs/", asked))
        assert {r["estimate"]["refused"]["code"] for r in found} == {"not_defined"}
        assert all(r["estimate"]["value"] is None for r in found)

    def test_no_plan(self, api, rows, ana, team, settings):
        Assignment.objects.all().delete()
        WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=None)
        elsewhere = Workspace.objects.exclude(pk=rows.place.workspace.pk).get()
        type(rows.place.rows["plan"]).objects.update(workspace=elsewhere)
        rows.review(80, ana, team, MONDAY)
        (found,) = results(api("manager").get("iqs/", WEEK))
        assert (found["mean"], found["estimate"]["refused"]["code"]) == ("80.0000", "no_plan")

    def test_another_plan_by_name(self, api, rows, ana, team, drawn):
        plan = rows.plan(name="Small")
        rows.stratum(rows.draw(plan, MONDAY), ana, team, [100, 90, 80, 90, 90], frame=5)
        (found,) = results(api("manager").get("iqs/", WEEK | {"plan": str(plan.pk), "group_by": "agent"}))
        assert found["estimate"]["value"] == "90.0000"

    def test_the_headline_is_rather_reviewers_than_peers(self, api, rows, ana, team, settings):
        WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=None)
        type(rows.place.rows["plan"]).objects.update(active=False)
        for name, kind, score in (("Peers", "peer", 10), ("Sample", "standard", 90)):
            rows.stratum(rows.draw(rows.plan(name=name, kind=kind), MONDAY), ana, team, [score] * 5, frame=5)
        (found,) = results(api("manager").get("iqs/", WEEK))
        assert found["estimate"]["refused"]["code"] == "too_few"
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        assert found["estimate"]["value"] == "90.0000"

    def test_a_headline_plan_that_is_paused_or_has_ended_goes_on_telling(self, api, rows, drawn, settings):
        asked = WEEK | {"group_by": "agent"}
        before = results(api("manager").get("iqs/", asked))
        WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=None)
        type(drawn).objects.filter(pk=rows.place.rows["plan"].pk).update(kind="peer")
        type(drawn).objects.update(active=False)
        assert results(api("manager").get("iqs/", asked)) == before

    def test_peers_count_or_not_in_either_number(self, api, rows, ana, team, drawn, settings):
        """A sixth conversation of the week, reviewed by a peer with 100: it counts like any other, or not."""
        stratum = drawn.draws.get(period_start=MONDAY).strata.get(band="normal")
        rows.of_item(rows.item(stratum, state="done"), 100, kind="peer")
        asked = WEEK | {"group_by": "agent"}
        (found,) = results(api("manager").get("iqs/", asked))
        assert (found["reviews"], found["estimate"]["value"]) == (6, "76.2500")
        WorkspaceSettings.objects.filter(pk=settings.pk).update(peer_in_iqs=False)
        (found,) = results(api("manager").get("iqs/", asked))
        assert (found["reviews"], found["estimate"]["value"]) == (5, "72.5000")

    def test_a_plan_of_peers_has_no_estimate_where_peers_do_not_count(self, api, rows, ana, team, settings):
        plan = rows.plan(kind="peer")
        rows.stratum(rows.draw(plan, MONDAY), ana, team, [80] * 5, frame=5)
        rows.review(70, ana, team, MONDAY)
        WorkspaceSettings.objects.filter(pk=settings.pk).update(peer_in_iqs=False)
        (found,) = results(api("manager").get("iqs/", WEEK | {"plan": str(plan.pk)}))
        assert found["estimate"]["refused"]["code"] == "peers_out"

    def test_a_merged_agent_is_one_row_with_the_other(self, api, rows, ana, team, drawn):
        """The twin's stratum of 20 with 40 five times: (10 x 50 + 30 x 80 + 20 x 40) / 60 = 61.6667."""
        twin = rows.agent("Ana M.", team)
        rows.stratum(drawn.draws.get(period_start=MONDAY), twin, team, [40] * 5, frame=20)
        type(twin).objects.filter(pk=twin.pk).update(merged_into=ana)
        Review.objects.filter(agent=twin).update(agent=ana)
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        assert (found["agent"]["id"], found["reviews"]) == (ana.pk, 10)
        assert (found["estimate"]["value"], found["estimate"]["frame"]) == ("61.6667", 60)

    def test_wide_is_told(self, api, rows, ana, team, headline):
        """Reviews between 0 and 100: s2 of about 2,700, five of 500: half-width above 20."""
        week = rows.draw(headline, MONDAY)
        rows.stratum(rows.draw(headline, MARCH_30), rows.agent("Cy", team), team, [0, 100] * 6, frame=12)
        rows.stratum(week, ana, team, [0, 100, 100, 0, 50], frame=500)
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        assert found["estimate"]["wide"] is True
        assert found["estimate"]["value"] == "50.0000"

    def test_an_unfinished_draw_has_no_range(self, api, rows, ana, team, headline):
        """5 of 7 done, under 80 %."""
        rows.stratum(rows.draw(headline, MARCH_30), rows.agent("Cy", team), team, [70, 90] * 6, frame=12)
        rows.stratum(rows.draw(headline, MONDAY), ana, team, [70, 80, 90, 80, 80], frame=50, open_items=2)
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        assert (found["estimate"]["value"], found["estimate"]["low"]) == ("80.0000", None)
        assert found["estimate"]["range_refused"]["code"] == "incomplete"


class TestParts:
    """Ana's week by parts: risk 40 and 60 of 10, normal 70, 80, 90 of 30; W = 0.25 and 0.75."""

    ASKED = WEEK | {"group_by": "agent,channel"}

    @pytest.fixture
    def split(self, rows, drawn, settings):
        """Chat has the 60 and all of the normal band; the 40 is e-mail."""
        WorkspaceSettings.objects.filter(pk=settings.pk).update(min_reviews=1)
        Conversation.objects.update(channel="chat")
        Conversation.objects.filter(reviews__score=40).update(channel="email")
        return drawn

    def test_a_channel(self, api, split):
        """r = 1/2 and 1: 0.125 + 0.75 = 0.875; (0.25 x 30 + 0.75 x 80) / 0.875 = 77.1429. Of e-mail a single
        review is known, which tells nothing of its spread."""
        chat, email = results(api("manager").get("iqs/", self.ASKED))
        assert (chat["agent"]["name"], chat["channel"], chat["reviews"]) == ("Ana Silva", "chat", 4)
        assert (chat["estimate"]["value"], chat["estimate"]["reviews"]) == ("77.1429", 4)
        assert (chat["estimate"]["frame"], chat["estimate"]["covered"]) == (40, "0.8000")
        assert chat["estimate"]["low"] < "77" < chat["estimate"]["high"]
        assert (email["channel"], email["estimate"]["refused"]["code"]) == ("email", "spread_unknown")
        assert chat["pass_estimate"] is None

    def test_too_few_counts_what_is_in_it(self, api, split, settings):
        WorkspaceSettings.objects.filter(pk=settings.pk).update(min_reviews=2)
        chat, email = results(api("manager").get("iqs/", self.ASKED))
        assert chat["estimate"]["value"] == "77.1429"
        assert email["estimate"]["refused"]["message"].endswith("1 of 2 reviews.")

    @pytest.mark.parametrize("group_by", ["channel,team", "channel,topic", "scorecard,channel", "channel"])
    def test_in_any_order_and_with_each_other(self, api, split, settings, group_by):
        WorkspaceSettings.objects.filter(pk=settings.pk).update(min_team_reviews=1)
        found = results(api("manager").get("iqs/", WEEK | {"group_by": group_by}))
        assert {(r["channel"], r["estimate"]["value"]) for r in found} == {
            ("chat", "77.1429"),
            ("email", "40.0000"),
        }

    def test_a_category_and_its_group(self, api, rows, split, settings):
        """Tone is rated 100 in the 60 and 0 in one of the normal band: r = 1/2, 1/3: 0.125 + 0.25 = 0.375;
        0.125 x 100 / 0.375 = 33.3333. A corrected review counts with its newest ratings."""
        WorkspaceSettings.objects.filter(pk=settings.pk).update(min_team_reviews=1)
        for score, tone in ((60, 100), (90, 0)):
            review = Review.objects.get(
                score=score, stratum__draw__plan=split, agent=rows.place.rows["agent"]
            )
            first = review.gradings.get()
            rows.rating(first, "tone", 50)
            Review.objects.filter(pk=review.pk).update(gradings_count=2)
            newest = rows.grading(review, 2, groups=[{"key": "customer", "score": f"{tone}.0000"}])
            rows.rating(newest, "tone", tone)
            rows.rating(newest, "solution", None)
        card = rows.place.rows["scorecard"]
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "team,category"}))
        assert (found["scorecard"]["id"], found["category"], found["category_name"]) == (
            card.pk,
            "tone",
            "Tone",
        )
        assert (found["estimate"]["value"], found["mean"]) == ("33.3333", "50.0000")
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "group,team"}))
        assert (found["group"], found["group_name"], found["mean"]) == (
            "customer",
            "Customer facing",
            "50.0000",
        )
        assert (found["estimate"]["value"], found["estimate"]["reviews"]) == ("33.3333", 2)

    def test_a_conversation_of_two_reviews_counts_by_halves(self, api, rows, ana, split, settings):
        """The 60's second review does not rate tone: r = 0.25, 1/3: 0.0625 / (0.0625 + 0.25) x 100 = 20."""
        WorkspaceSettings.objects.filter(pk=settings.pk).update(min_team_reviews=1)
        for score, tone in ((60, 100), (90, 0)):
            review = Review.objects.get(score=score, stratum__draw__plan=split, agent=ana)
            rows.rating(review.gradings.get(), "tone", tone)
        first = Review.objects.get(score=60, stratum__draw__plan=split)
        item = rows.item(
            first.stratum, conversation=first.conversation, second_of=first.queue_item, state="done"
        )
        rows.of_item(item, 80, reviewer=rows.place.people["second_reviewer"])
        (found,) = results(api("manager").get("iqs/", WEEK | {"group_by": "team,category"}))
        assert (found["estimate"]["value"], found["estimate"]["reviews"]) == ("20.0000", 2)

    def test_by_interval(self, api, split):
        asked = {"from": "2026-03-30", "to": "2026-04-12", "interval": "week", "date_axis": "closed"}
        found = results(api("manager").get("iqs/", asked | {"group_by": "agent,channel"}))
        assert [(r["period_start"], r["channel"], r["estimate"]["value"]) for r in found] == [
            ("2026-03-30", "chat", "80.0000"),
            ("2026-04-06", "chat", "77.1429"),
            ("2026-04-06", "email", None),
        ]

    def test_of_a_team(self, api, team, split, settings):
        """Frames 9 and 40: (9 x 80 + 10 x 30 + 30 x 80) / (9 + 5 + 30) = 77.7273."""
        WorkspaceSettings.objects.filter(pk=settings.pk).update(min_team_reviews=1)
        asked = {"from": "2026-03-30", "to": "2026-04-12", "group_by": "team,channel", "date_axis": "closed"}
        chat, _ = results(api("manager").get("iqs/", asked))
        assert (chat["team"]["id"], chat["estimate"]["value"]) == (team.pk, "77.7273")
        assert chat["estimate"]["range_refused"]["code"] == "too_few"

    def test_who_sees_what(self, api, rows, ana, team, other_team, split):
        """An agent his own released work; a lead that of his teams."""
        bo = rows.place.rows["other_agent"]
        rows.stratum(split.draws.get(period_start=MONDAY), bo, other_team, [10] * 5, frame=5)
        Conversation.objects.filter(agent=bo).update(channel="phone")
        own = results(api("agent").get("iqs/", WEEK | {"group_by": "channel"}))
        assert [(r["channel"], r["estimate"]["value"]) for r in own] == [("chat", "77.1429"), ("email", None)]
        led = results(api("lead").get("iqs/", self.ASKED))
        assert {r["channel"] for r in led} == {"chat", "email"}
        Review.objects.filter(score=60).update(held=True)
        own = results(api("agent").get("iqs/", WEEK | {"group_by": "channel"}))
        assert own[0]["estimate"]["reviews"] == 3

    def test_a_category_lies_in_one_group(self, api, drawn):
        asked = WEEK | {"group_by": "category,group"}
        assert code_of(api("manager").get("iqs/", asked), 422) == "invalid"

    def test_who_has_no_team_leans_on_everybody_asked_for_or_not(self, api, rows, drawn):
        lone = rows.agent("Lo", None)
        rows.stratum(drawn.draws.get(period_start=MONDAY), lone, None, [50, 60, 70, 80, 90], frame=30)
        alone = results(api("manager").get("iqs/", WEEK | {"group_by": "agent", "agent": str(lone.pk)}))
        among = results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        assert alone == [row for row in among if row["agent"]["id"] == lone.pk]
        assert alone[0]["estimate"]["low"] is not None


class TestAverages:
    def test_pass_rate_follows_todays_mark_and_means_do_not(self, api, rows, ana, team, settings):
        for score in (70, 80, None):
            rows.review(score, ana, team, MONDAY)
        (before,) = results(api("manager").get("iqs/", WEEK))
        WorkspaceSettings.objects.filter(pk=settings.pk).update(pass_mark=70)
        (after,) = results(api("manager").get("iqs/", WEEK))
        assert (before["reviews"], before["mean"], before["pass_rate"]) == (2, "75.0000", "0.5000")
        assert (after["reviews"], after["mean"], after["pass_rate"]) == (2, "75.0000", "1.0000")

    def test_moving_an_agent_changes_no_past_number(self, api, rows, ana, team, other_team, drawn):
        asked = WEEK | {"group_by": "team"}
        before = results(api("manager").get("iqs/", asked))
        TeamMembership.objects.filter(agent=ana).update(team=other_team)
        assert results(api("manager").get("iqs/", asked)) == before

    def test_categories_are_named_with_their_scorecard(self, api, rows):
        asked = {"from": "2026-03-10", "to": "2026-03-10", "group_by": "category"}
        solution, tone = results(api("manager").get("iqs/", asked))
        card = rows.place.rows["scorecard"]
        assert solution["scorecard"] == {"id": card.pk, "external_id": None, "name": "Support"}
        assert (solution["category"], solution["category_name"], solution["mean"], solution["reviews"]) == (
            "solution", "Solution", "66.6667", 1,
        )  # fmt: skip
        assert (tone["category"], tone["mean"], tone["pass_rate"]) == ("tone", "100.0000", None)

    def test_repeated_filters_mean_any_of(self, api, rows, ana, team):
        bo = rows.place.rows["other_agent"]
        for agent, score in ((ana, 60), (bo, 80), (rows.agent("Cy", team), 100)):
            rows.review(score, agent, team, MONDAY)
        (found,) = results(api("manager").get("iqs/", WEEK | {"agent": [str(ana.pk), "external:a-8"]}))
        assert (found["reviews"], found["mean"]) == (2, "70.0000")
        names = [
            r["agent"]["name"] for r in results(api("manager").get("iqs/", WEEK | {"group_by": "agent"}))
        ]
        assert names == ["Ana Silva", "Bo Lind", "Cy"]

    def test_the_default_is_the_last_thirteen_weeks(self, api, rows, ana, team):
        today = timezone.now().date()
        rows.review(70, ana, team, today - timedelta(days=1), today - timedelta(days=1))
        rows.review(10, ana, team, today - timedelta(weeks=14), today - timedelta(weeks=14))
        (found,) = results(api("manager").get("iqs/"))
        assert found["mean"] == "70.0000"

    def test_weeks_may_start_on_sunday(self, api, rows, ana, team, settings):
        WorkspaceSettings.objects.filter(pk=settings.pk).update(week_start="sunday")
        rows.review(70, ana, team, SUNDAY)
        (found,) = results(api("manager").get("iqs/", WEEK | {"interval": "week"}))
        assert found["period_start"] == "2026-04-12"


class TestWhoseNumbers:
    def test_a_lead_sees_his_teams(self, api, rows, ana, team, other_team):
        rows.review(60, ana, team, MONDAY)
        rows.review(90, rows.place.rows["other_agent"], other_team, MONDAY)
        (by_team,) = results(api("lead").get("iqs/", WEEK | {"group_by": "team"}))
        assert (by_team["team"]["id"], by_team["mean"]) == (team.pk, "60.0000")
        (whole,) = results(api("lead").get("iqs/", WEEK))
        assert whole["reviews"] == 1
        assert code_of(api("lead").get("iqs/", WEEK | {"team": str(other_team.pk)}), 422) == "not_found"
        assert code_of(api("lead").get("csat/", WEEK | {"team": str(other_team.pk)}), 422) == "not_found"
        other = rows.place.rows["other_agent"].pk
        assert code_of(api("lead").get("iqs/", WEEK | {"agent": str(other)}), 422) == "not_found"

    def test_a_lead_sees_the_past_of_who_left(self, api, rows, team, other_team):
        moved = rows.agent("Di", other_team)
        rows.review(60, moved, team, MONDAY)
        (found,) = results(api("lead").get("iqs/", WEEK | {"group_by": "agent"}))
        assert found["agent"]["name"] == "Di"

    def test_an_estimate_in_scope_leaves_other_teams_out(self, api, rows, other_team, drawn):
        bo = rows.place.rows["other_agent"]
        draw = drawn.draws.get(period_start=MONDAY)
        rows.stratum(draw, bo, other_team, [0] * 10, frame=10)
        (found,) = results(api("lead").get("iqs/", {"from": "2026-03-30", "to": "2026-04-12"}))
        assert found["estimate"]["value"] == "73.8776"

    def test_a_reviewer_sees_what_he_gave_and_no_estimate(self, api, rows, ana, team, drawn):
        rows.review(20, ana, team, MONDAY, reviewer=rows.place.people["second_reviewer"])
        (found,) = results(api("second_reviewer").get("iqs/", WEEK | {"group_by": "team"}))
        assert (found["reviews"], found["mean"]) == (1, "20.0000")
        assert found["estimate"]["refused"]["code"] == "not_defined"

    def test_reviewers_are_told_no_csat(self, api, settings):
        for path in ("csat/", "first-response/", "resolution/"):
            assert api("reviewer").get(path, WEEK).status_code == 403
        assert code_of(api("reviewer").get("csat/", WEEK), 403) == "blind"
        WorkspaceSettings.objects.filter(pk=settings.pk).update(blind=False)
        assert code_of(api("reviewer").get("csat/", WEEK), 403) == "role"

    def test_agents_are_refused_teams_and_others(self, api, rows, team, settings):
        assert code_of(api("agent").get("iqs/", WEEK | {"group_by": "team"}), 403) == "own_only"
        assert code_of(api("agent").get("csat/", WEEK | {"team": str(team.pk)}), 403) == "own_only"
        other = rows.place.rows["other_agent"].pk
        assert code_of(api("agent").get("iqs/", WEEK | {"agent": str(other)}), 422) == "not_found"
        WorkspaceSettings.objects.filter(pk=settings.pk).update(hide_csat=True, hide_reviewer=True)
        assert code_of(api("agent").get("csat/", WEEK), 403) == "csat_hidden"
        assert code_of(api("agent").get("iqs/", WEEK | {"group_by": "reviewer"}), 403) == "reviewer_hidden"
        assert api("agent").get("first-response/", WEEK).status_code == 200

    def test_an_agent_does_not_count_what_is_not_released(self, api, rows, ana, team, headline):
        stratum = rows.stratum(rows.draw(headline, MONDAY), ana, team, [70, 80, 90, 80, 80], frame=10)
        rows.of_item(rows.item(stratum), 0, release_at=timezone.now() + timedelta(days=2))
        (found,) = results(api("agent").get("iqs/", WEEK))
        assert (found["reviews"], found["mean"], found["estimate"]["reviews"]) == (5, "80.0000", 5)
        (whole,) = results(api("manager").get("iqs/", WEEK))
        assert (whole["reviews"], whole["estimate"]["reviews"]) == (6, 6)

    def test_an_agent_without_a_row_has_no_numbers(self, api, world):
        add_person(world["ours"], "nobody", Role.AGENT)
        assert code_of(api("nobody").get("iqs/", WEEK), 403) == "no_agent"


class TestCsat:
    def test_under_ten_answers_only_counts(self, api, rows, ana, team):
        for _ in range(9):
            rows.answer(5, ana, team, MONDAY)
        rows.answer(None, ana, team, MONDAY)
        (found,) = results(api("manager").get("csat/", WEEK | {"group_by": "agent"}))
        assert found == {
            "agent": {"id": ana.pk, "external_id": "a-7", "name": "Ana Silva"},
            "period_start": None,
            "answers": 9,
            "asked": 10,
            "response_rate": "0.9000",
            "percent_of_max": None,
            "satisfied_share": None,
            "satisfied_low": None,
            "satisfied_high": None,
            "refused": {
                "code": "too_few",
                "message": "Too few answers so far to give a number: 9 of 10 answers.",
            },
        }

    def test_ten_answers_on_mixed_scales(self, api, rows, ana, team):
        """6 x 5 of 5, 2 x 1 of 5, 2 x 3 of 3: 38 of 46 points = 82.6087 %; 8 of 10 satisfied.

        Wilson of 0.8 with 10: middle (0.8 + 0.192073) / 1.384146 = 0.716740,
        half 1.959964 / 1.384146 x sqrt(0.016 + 0.009604) = 0.226577. Nothing says who was asked.
        """
        for score, top in ((5, 5),) * 6 + ((1, 5),) * 2 + ((3, 3),) * 2:
            rows.answer(score, ana, team, MONDAY, scale=(1, top))
        (found,) = results(api("agent").get("csat/", WEEK))
        assert (found["percent_of_max"], found["satisfied_share"]) == ("82.6087", "0.8000")
        assert (found["satisfied_low"], found["satisfied_high"]) == ("0.4902", "0.9433")
        assert (found["asked"], found["response_rate"]) == (None, None)

    def test_what_reviews_are_grouped_by_is_not_defined(self, api):
        for dim in ("reviewer", "scorecard", "category"):
            assert code_of(api("manager").get("csat/", WEEK | {"group_by": dim}), 422) == "not_defined"
            assert code_of(api("manager").get("resolution/", WEEK | {"group_by": dim}), 422) == "not_defined"

    def test_parameters_of_reviews_change_nothing(self, api, rows, ana, team):
        rows.answer(5, ana, team, MONDAY)
        plain = results(api("manager").get("csat/", WEEK))
        assert results(api("manager").get("csat/", WEEK | {"kind": "peer", "selection": "manual"})) == plain


class TestTimes:
    def test_shape(self, api, rows, ana, team):
        for seconds in (60, 180, 0):
            rows.conversation(ana, team, MONDAY, first_response_seconds=seconds, topic="refund")
        asked = WEEK | {"group_by": "topic", "interval": "month"}
        (found,) = results(api("manager").get("first-response/", asked))
        assert found == {
            "topic": "refund",
            "period_start": "2026-04-01",
            "median": "120.0000",
            "p90": "168.0000",
            "answered": 2,
            "excluded": 1,
            "reported": {"median": None, "p90": None, "answered": 0, "excluded": 0},
        }

    def test_resolution(self, api, rows, ana, team):
        opened = rows.conversation(ana, team, MONDAY).closed_at - timedelta(hours=2)
        rows.conversation(ana, team, MONDAY, opened_at=opened)
        (found,) = results(api("lead").get("resolution/", WEEK))
        assert (found["median"], found["answered"], found["excluded"]) == ("7200.0000", 1, 0)


class TestParameters:
    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"colour": "red"}, "unknown_parameter"),
            ({"from": "2026-04-12", "to": "2026-04-06"}, "reversed_period"),
            ({"from": "2026-04-06"}, "required"),
            ({"from": "yesterday", "to": "2026-04-06"}, "invalid_date"),
            ({"from": "0001-01-01", "to": "9999-12-31"}, "out_of_range"),
            ({"interval": "hour"}, "invalid"),
            ({"group_by": "mood"}, "invalid"),
            ({"group_by": ["agent", "team", "topic"]}, "invalid"),
            ({"agent": "external:nobody"}, "not_found"),
            ({"agent": "7777777777777777777777"}, "not_found"),
            ({"team": "external:Chat EU"}, "not_found"),
            ({"plan": "0"}, "not_found"),
            ({"plan": ["1", "2"]}, "invalid"),
            ({"kind": "calibration"}, "invalid"),
            ({"selection": "nice"}, "invalid"),
            ({"date_axis": "opened"}, "invalid"),
            ({"from": "1970-01-01", "to": "2200-12-31", "interval": "day"}, "too_many_buckets"),
        ],
    )
    def test_what_is_wrong_is_named(self, api, wrong, code):
        for path in ("iqs/", "csat/", "first-response/", "resolution/"):
            assert code_of(api("manager").get(path, wrong), 422) == code

    def test_the_neighbours_ids_do_not_exist(self, api, world):
        there = world["theirs"].rows
        for name in ("agent", "team", "plan"):
            assert code_of(api("manager").get("iqs/", {name: str(there[name].pk)}), 422) == "not_found"

    def test_an_answer_has_at_most_fifty_thousand_rows(self):
        check_rows(range(MOST_ROWS))
        with pytest.raises(Invalid, match="more than 50,000 rows"):
            check_rows(range(MOST_ROWS + 1))

    def test_dimensions_by_comma_or_repeated(self, api, rows, ana, team):
        rows.review(70, ana, team, MONDAY)
        comma = results(api("manager").get("iqs/", WEEK | {"group_by": "agent,channel"}))
        assert comma == results(api("manager").get("iqs/", WEEK | {"group_by": ["agent", "channel"]}))
        assert comma[0]["channel"] == ""

    def test_as_of_and_empty(self, api):
        body = (
            api("manager").get("iqs/", {"from": "2020-01-01", "to": "2020-12-31", "interval": "week"}).json()
        )
        assert body["results"] == []
        assert body["as_of"]


class TestQueries:
    """Constant, however many rows: pinned."""

    def count(self, work: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            work()
        assert not any("qa_reviews_rating" in query["sql"] for query in seen.captured_queries)
        return len(seen)

    def test_iqs(self, rows, ana, team, drawn):
        actor = rows.place.actor("manager")
        asked = Query(period=Period(MARCH_30, SUNDAY), group_by=("team",), interval="week")
        one = self.count(lambda: selectors.iqs(actor, asked))
        for name in ("Di", "Ed", "Flo"):
            rows.stratum(drawn.draws.get(period_start=MONDAY), rows.agent(name, team), team, [80], frame=9)
        assert one == self.count(lambda: selectors.iqs(actor, asked)) == 4

    def test_endpoints(self, api, drawn):
        """Key, member, roles; review sums, plan, strata, closed; names of agents and teams of rows."""
        client = api("manager")
        client.get("iqs/", WEEK)  # the key's last use is written once a minute
        asked = WEEK | {"group_by": "agent,team", "interval": "week"}
        assert self.count(lambda: client.get("iqs/", asked)) == 9
        assert self.count(lambda: client.get("csat/", asked)) == 4
        assert self.count(lambda: client.get("resolution/", asked)) == 4
