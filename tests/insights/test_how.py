"""iqs/workings/ and the page beside it: the parts of a number add up to it, for whoever may see it."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import WorkspaceSettings
from common.periods import Period
from conversations.models import Conversation
from insights.how import how_url
from insights.query import Query
from insights.selectors import Place
from qa_reviews.models import Review
from tests.insights.rows import Rows
from tests.insights.test_pages import words
from tests.world import World

MARCH_30, MONDAY = date(2026, 3, 30), date(2026, 4, 6)
DATES = {"from": "2026-03-30", "to": "2026-04-12"}
PERIOD = Period(MARCH_30, date(2026, 4, 12))
WHOLE = "?from=2026-03-30&to=2026-04-12"


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows(world["ours"])


@pytest.fixture
def ana(rows):
    return rows.place.rows["agent"]


@pytest.fixture
def drawn(rows, ana):
    """Three agents over two weeks: 40 reviews, two reviewers, chat and e-mail, one category."""
    team = rows.place.rows["team"]
    plan = rows.plan(name="Headline")
    settings = WorkspaceSettings.objects.get(workspace=rows.place.workspace)
    WorkspaceSettings.objects.filter(pk=settings.pk).update(headline_plan_id=plan.pk)
    for week, start in enumerate((MARCH_30, MONDAY)):
        draw = rows.draw(plan, start)
        for agent in (ana, rows.agent("Cy", team), rows.agent("Di", team)):
            rows.stratum(draw, agent, team, [40 + 10 * week, 65], frame=9, band="risk")
            rows.stratum(draw, agent, team, [70, 85, 90, 75 + week, 100], frame=41)
    for place, review in enumerate(Review.objects.filter(stratum__draw__plan=plan).order_by("pk")):
        rows.rating(review.gradings.get(), "tone", (place * 37) % 101 if place % 4 else None)
        Conversation.objects.filter(pk=review.conversation_id).update(
            channel=("chat", "email")[place % 3 == 0]
        )
    return plan


def answer(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def adds_up(found: dict[str, Any]) -> None:
    """To 1e-9, and to the number of the same row in iqs/ to its four decimals."""
    value = math.fsum(part["adds"] for part in found["parts"])
    variance = math.fsum(part["adds_variance"] for part in found["parts"])
    assert float(found["estimate"]["value"]) == pytest.approx(value, abs=5e-5)
    assert found["sampling_variance"] == pytest.approx(variance, abs=1e-9)
    assert found["variance"] == pytest.approx(variance + found["reviewer_variance"], abs=1e-9)
    p = found["level"]
    assert found["estimate"]["effective_reviews"] == pytest.approx(p * (1 - p) * 10_000 / variance, abs=1e-4)
    for part in found["parts"]:
        assert part["adds"] == pytest.approx(part["belonging"] * (part["mean"] or 0), abs=1e-9)


@pytest.mark.parametrize("interval", [None, "week"])
@pytest.mark.parametrize(
    "group_by", ["", "agent", "team", "channel", "category", "agent,channel", "category,team", "scorecard"]
)
def test_the_parts_of_every_row_add_up(api, drawn, group_by, interval):
    client = api("manager")
    asked = (
        DATES | {"group_by": group_by, "date_axis": "closed"} | ({"interval": interval} if interval else {})
    )
    rows = answer(client.get("iqs/", asked))["results"]
    explained = 0
    for row in rows:
        keys: dict[str, Any] = {dim: row[dim] for dim in group_by.split(",") if dim}
        keys = {dim: value["id"] if isinstance(value, dict) else value for dim, value in keys.items()}
        if "category" in keys:
            keys["category"] = f"{row['scorecard']['id']}:{row['category']}"
        if interval:
            keys["period_start"] = row["period_start"]
        found = answer(client.get("iqs/workings/", asked | keys))
        assert found["estimate"] == row["estimate"]
        assert found["row"]["period_start"] == row["period_start"]
        if row["estimate"]["low"]:
            adds_up(found)
            explained += 1
    assert explained or group_by != "agent"


def test_pass_rates_too(api, drawn):
    (row,) = answer(api("manager").get("iqs/", DATES))["results"]
    found = answer(api("manager").get("iqs/workings/", DATES | {"number": "pass_rate"}))
    assert found["estimate"] == row["pass_estimate"]
    assert found["estimate"]["low"]
    adds_up(found)


def test_by_hand(api, drawn, ana):
    """Ana's first week: 9 and 41 of 50; 0.18 x 52.5 + 0.82 x 84 = 78.33."""
    asked = {"from": "2026-03-30", "to": "2026-04-05", "group_by": "agent", "agent": str(ana.pk)}
    found = answer(api("manager").get("iqs/workings/", asked))
    risk, normal = sorted(found["parts"], key=lambda part: part["frame"])
    assert (risk["band"], risk["frame"], risk["drawn"], risk["reviews"], risk["rated"]) == (
        "risk",
        9,
        2,
        2,
        2,
    )
    assert (risk["weight"], risk["mean"]) == pytest.approx((0.18, 52.5))
    assert (normal["weight"], normal["mean"]) == pytest.approx((0.82, 84))
    assert found["estimate"]["value"] == "78.3300"
    assert found["plan"]["id"] == drawn.pk
    s2 = {part["band"]: part["s2"] for part in found["parts"]}
    variance = 0.18**2 * (1 - 2 / 9) * s2["risk"] / 2 + 0.82**2 * (1 - 5 / 41) * s2["normal"] / 5
    assert found["variance"] == pytest.approx(variance)


def test_reviewers_who_differ_widen_it(api, rows, drawn, ana):
    """Twenty-four second looks, ten points apart: what one reviewer gave alone is known less well."""
    asked = DATES | {"group_by": "agent", "agent": str(ana.pk)}
    before = answer(api("manager").get("iqs/workings/", asked))
    assert before["reviewer_variance"] == 0
    firsts = Review.objects.filter(stratum__draw__plan=drawn).exclude(agent=ana)[:24]
    for first in firsts:
        item = rows.item(
            first.stratum, conversation=first.conversation, second_of=first.queue_item, state="done"
        )
        second = rows.of_item(item, first.score - 10, reviewer=rows.place.people["second_reviewer"])
        assert second.blind
    after = answer(api("manager").get("iqs/workings/", asked))
    assert after["reviewer_variance"] > 0
    assert float(after["estimate"]["high"]) > float(before["estimate"]["high"])
    assert after["variance"] == pytest.approx(after["sampling_variance"] + after["reviewer_variance"])
    of_part = DATES | {"group_by": "agent,channel", "agent": str(ana.pk), "channel": "chat"}
    assert answer(api("manager").get("iqs/workings/", of_part))["reviewer_variance"] > 0


def test_a_refused_number_says_why_and_what_is_known(api, rows, drawn):
    asked = {
        "from": "2026-03-30",
        "to": "2026-04-05",
        "group_by": "team",
        "team": str(rows.place.rows["team"].pk),
    }
    WorkspaceSettings.objects.update(min_team_reviews=1000)
    found = answer(api("manager").get("iqs/workings/", asked))
    assert found["estimate"]["refused"]["code"] == "too_few"
    assert found["variance"] is None
    assert sum(part["frame"] for part in found["parts"]) == 150


@pytest.mark.parametrize(
    ("asked", "pointer", "code"),
    [
        ({"group_by": "agent"}, "/agent", "required"),
        ({"group_by": "channel"}, "/channel", "required"),
        ({"channel": "chat"}, "/channel", "invalid"),
        ({"group_by": "category", "category": "x:tone"}, "/category", "invalid"),
        ({"group_by": "reviewer"}, "/group_by", "not_defined"),
        ({"group_by": "channel", "channel": "chat", "number": "pass_rate"}, "/number", "not_defined"),
        ({"number": "median"}, "/number", "invalid"),
        ({"interval": "week"}, "/period_start", "invalid"),
        ({"interval": "week", "period_start": "2026-03-31"}, "/period_start", "not_found"),
        ({"colour": "red"}, "/colour", "unknown_parameter"),
    ],
)
def test_what_cannot_be_explained(api, drawn, asked, pointer, code):
    response = api("manager").get("iqs/workings/", DATES | asked)
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


class TestPage:
    URL = "/w/ours/insights/how/"

    def test_of_an_agent_for_himself(self, browse, drawn, ana):
        url = how_url("ours", Place(Query(PERIOD, agents=(ana.pk,))))
        page = words(browse("agent"), url)
        assert "IQS, all work: Ana Silva How the number for 30 Mar 2026 to 12 Apr 2026 is computed." in page
        assert "30 Mar 2026 – 5 Apr 2026, needs attention 2 of 9 9.0 0.0900 52.50 4.7250" in page
        assert "Wilson's 95 % range" in page

    def test_of_others_for_nobody_else(self, browse, drawn, ana):
        url = how_url("ours", Place(Query(PERIOD).by("agent"), (ana.pk,)))
        assert "There is no agent" in words(browse("other_agent"), url)
        assert "There is no agent" in words(browse("other_lead"), url)

    def test_what_is_wrong_is_said(self, browse, drawn):
        assert "Name the one channel of the row." in words(browse("lead"), f"{self.URL}?group_by=channel")

    def test_headlines_lead_there(self, browse, drawn, ana):
        client = browse("manager")
        overview = client.get(f"/w/ours/insights/{WHOLE}").content.decode().replace("&amp;", "&")
        for place in (Place(Query(PERIOD)), Place(Query(PERIOD), number="pass_rate")):
            assert f'href="{how_url("ours", place)}"' in overview
        by_agent = how_url("ours", Place(Query(PERIOD).by("agent"), (ana.pk,)))
        assert f'href="{by_agent}"' in overview
        own = client.get(f"/w/ours/agents/{ana.pk}/{WHOLE}").content.decode().replace("&amp;", "&")
        card = drawn.scorecard_id
        tone = Place(Query(PERIOD, agents=(ana.pk,)).by("category"), (f"{card}:tone",))
        assert f'href="{how_url("ours", tone)}"' in own
        assert "Tone" in words(client, how_url("ours", tone))

    def test_as_many_queries_however_many_agents(self, browse, rows, drawn):
        client = browse("manager")
        before = count(client, self.URL + WHOLE)
        team = rows.place.rows["team"]
        for name in ("Ed", "Flo"):
            rows.stratum(
                drawn.draws.get(period_start=MONDAY), rows.agent(name, team), team, [80, 90], frame=9
            )
        assert count(client, self.URL + WHOLE) == before


def count(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)
