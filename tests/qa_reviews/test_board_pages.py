"""The boards and the planner on their pages and in the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.access import Role
from accounts.models import Absence, Agent
from qa_reviews.models import Draw, QueueItem, Review, SamplePlan
from tests.insights.rows import Rows
from tests.qa_reviews.life import set_rule
from tests.qa_reviews.test_board import NOW, TODAY, WEEK, Cast
from tests.qa_reviews.test_board import cast as cast
from tests.world import ApiClient, add_person

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]


@pytest.fixture(autouse=True)
def _then() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def url(cast: Cast) -> str:
    return f"/w/ours/draws/{cast.draw.pk}/board/"


# --- API ------------------------------------------------------------------------------------


def test_the_board_of_a_draw_in_the_api(cast: Cast, api: Api) -> None:
    found = api("manager").get(f"draws/{cast.draw.pk}/board/").json()
    assert found["needed"] == "0.8000"
    assert found["covered"] == 2
    cycle = found["cycle"]
    assert (cycle["draw"], cycle["plan"]["id"], cycle["counts"]) == (cast.draw.pk, cast.draw.plan_id, True)
    assert (cycle["period_start"], cycle["period_end"]) == ("2026-04-06", "2026-04-12")
    whole = cycle["progress"]["whole"]
    assert whole == {
        "frame": 68,
        "drawn": 16,
        "not_reviewable": 1,
        "expected": 15,
        "done": 5,
        "completion": "0.3333",
        "more": 7,
        "reached": False,
    }
    assert [band["band"] for band in cycle["progress"]["bands"]] == ["risk", "normal"]
    assert [team["team"]["name"] for team in found["teams"]] == ["Chat EU", "Phone US"]
    assert {agent["agent"]["name"]: agent["done"] for agent in found["agents"]} == {
        "Ana Silva": 4,
        "Bea": 1,
        "Cy": 0,
    }
    (nobody,) = [row for row in found["reviewers"] if row["reviewer"] is None]
    assert (nobody["waiting"], nobody["pace_per_day"], nobody["finish"]) == (10, None, None)
    assert cycle["progress"]["unassigned"] == 10


def test_pace_finish_and_absences_in_the_api(cast: Cast, api: Api) -> None:
    reviewer = cast.place.people["reviewer"]
    item = cast.item
    QueueItem.objects.filter(pk=item.pk).update(reviewer=reviewer)
    Review.objects.filter(stratum__draw=cast.draw).update(submitted_on=TODAY)
    Absence.objects.create(
        workspace=cast.place.workspace, member=reviewer, starts_on=TODAY, ends_on=TODAY + timedelta(days=2)
    )
    found = api("lead").get(f"draws/{cast.draw.pk}/board/").json()
    (row,) = [row for row in found["reviewers"] if row["reviewer"] and row["reviewer"]["name"] == "Reviewer"]
    assert row["pace_per_day"] == "0.8571"  # six in a week
    assert row["finish"] == str(TODAY + timedelta(days=2))
    assert row["away"]
    assert row["absent"] == [{"starts_on": "2026-04-20", "ends_on": "2026-04-22"}]


def test_the_board_of_a_plan_in_the_api(cast: Cast, api: Api) -> None:
    found = api("manager").get(f"sample-plans/{cast.draw.plan_id}/board/").json()
    assert found["plan"]["id"] == cast.draw.plan_id
    assert [(each["draw"], each["agents"], each["covered"]) for each in found["cycles"]] == [
        (cast.draw.pk, 3, 2)
    ]
    assert found["progress"]["whole"]["done"] == 5


def test_handing_out_in_the_api(cast: Cast, api: Api) -> None:
    reviewer = cast.place.people["reviewer"]
    done = QueueItem.objects.filter(draw=cast.draw, state="done")[0]
    body = {"items": [cast.item.pk, done.pk], "reviewer": reviewer.pk}
    found = api("manager").post("queue/reassign", body)
    assert found.status_code == 200
    assert found.json() == {
        "moved": 1,
        "results": [
            {
                "item": cast.item.pk,
                "moved": True,
                "before": None,
                "reviewer": reviewer.pk,
                "refused": None,
            },
            {
                "item": done.pk,
                "moved": False,
                "before": None,
                "reviewer": None,
                "refused": {"code": "item_done", "message": "This conversation has been reviewed already."},
            },
        ],
    }


def test_spreading_in_the_api(cast: Cast, api: Api) -> None:
    reviewer, second = cast.place.people["reviewer"], cast.place.people["second_reviewer"]
    QueueItem.objects.filter(draw=cast.draw, state="open").update(reviewer=reviewer)
    cast.draw.plan.reviewer_rows.create(workspace=cast.place.workspace, member=second)
    found = api("lead").post("queue/spread", {"reviewer": reviewer.pk, "draw": cast.draw.pk}).json()
    assert found["moved"] == len(found["results"]) == 5  # of the lead's team
    assert {row["reviewer"] for row in found["results"]} == {second.pk}
    QueueItem.objects.filter(draw=cast.draw, state="open").update(reviewer=None)
    found = api("manager").post("queue/spread", {"reviewer": None, "plan": cast.draw.plan_id}).json()
    assert (found["moved"], len(found["results"])) == (10, 10)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("reassign", {"items": [], "reviewer": None}, "/items"),
        ("reassign", {"items": ["x"], "reviewer": None}, "/items/0"),
        ("reassign", {"items": [1]}, "/reviewer"),
        ("reassign", {"items": [1], "reviewer": 10**12}, "/reviewer"),
        ("reassign", {"items": [1], "reviewer": None, "why": "x"}, "/why"),
        ("spread", {}, "/reviewer"),
        ("spread", {"reviewer": 2**70}, "/reviewer"),
        ("spread", {"reviewer": None}, "/reviewer"),
        ("spread", {"reviewer": None, "plan": 10**12}, "/plan"),
    ],
)
def test_bad_bodies_are_refused_by_field(
    cast: Cast, api: Api, path: str, body: dict[str, Any], pointer: str
) -> None:
    found = api("manager").post(f"queue/{path}", body)
    assert found.status_code == 422
    assert pointer in [error["pointer"] for error in found.json()["errors"]]


def test_the_planner_in_the_api(cast: Cast, api: Api) -> None:
    plan = cast.draw.plan_id
    found = api("manager").get("sampling/planner", {"half_width": "10", "plan": plan}).json()
    assert (found["plan"]["id"], found["half_width"], len(found["periods"])) == (plan, "10.0000", 4)
    assert found["time"] == {"minutes": None, "reviews": 0, "of": None}
    total = found["total"]
    assert total["sd"] == {"points": "20.0000", "whose": "assumed"}
    assert total["hours"] is None
    assert {row["agent"]["name"] for row in found["agents"]} == {"Ana Silva", "Bea", "Cy"}
    assert total["each"] == sum(row["needed"] for row in found["agents"])
    assert [row["team"]["name"] for row in found["teams"]] == ["Chat EU", "Phone US"]
    Review.objects.filter(stratum__draw=cast.draw).update(active_seconds=600)
    timed = api("manager").get("sampling/planner", {"plan": plan}).json()
    assert timed["time"] == {"minutes": "10.0000", "reviews": 6, "of": "scorecard"}
    assert timed["total"]["hours"] == f"{timed['total']['reviews'] / 6:.4f}"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"half_width": "0"}, "out_of_range"),
        ({"half_width": "nan"}, "invalid"),
        ({"plan": "x"}, "not_found"),
        ({"from": "2026-04-06"}, "required"),
        ({"from": "2026-04-07", "to": "2026-04-08"}, "no_whole_period"),
        ({"exact": "1"}, "unknown_parameter"),
    ],
)
def test_bad_questions_are_refused(cast: Cast, api: Api, query: dict[str, str], code: str) -> None:
    found = api("manager").get("sampling/planner", query)
    assert found.status_code == 422
    assert found.json()["errors"][0]["code"] == code


def test_without_a_plan_there_is_nothing_to_plan(cast: Cast, api: Api, browse: Browse) -> None:
    Review.objects.update(stratum=None, queue_item=None, selection="manual")
    QueueItem.objects.all().delete()
    Draw.objects.all().delete()
    SamplePlan.objects.all().delete()
    found = api("manager").get("sampling/planner")
    assert (found.status_code, found.json()["errors"][0]["code"]) == (422, "no_plan")
    assert "No sample plan yet" in browse("manager").get("/w/ours/plans/planner/").content.decode()


# --- Pages ----------------------------------------------------------------------------------


def text(browse: Browse, path: str, person: str = "manager", **query: str) -> str:
    response = browse(person).get(path, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_board_says_in_words_what_a_range_needs(cast: Cast, browse: Browse, url: str) -> None:
    small = text(browse, url)
    assert "7 more to the 80 % that a range needs" in small
    assert "A range also needs 30 reviews of 3 agents" in small  # more than the draw has
    set_rule(cast.place, min_team_range_reviews=5)
    assert "7 more until a range can be shown" in text(browse, url)
    set_rule(cast.place, min_completion="0.3")
    assert "Enough for a range" in text(browse, url)


def test_the_board_tells_unknown_from_zero(cast: Cast, browse: Browse, url: str) -> None:
    found = text(browse, url)
    assert "Nobody reviewed any of it in the last days." not in found  # six, a day ago
    Review.objects.filter(stratum__draw=cast.draw).update(submitted_on=WEEK - timedelta(days=90))
    found = text(browse, url)
    assert "Unknown" in found
    assert "Nobody reviewed any of it in the last days." in found


def test_the_board_says_when_nothing_counts(cast: Cast, browse: Browse, url: str) -> None:
    Draw.objects.filter(pk=cast.draw.pk).update(superseded_at=NOW)
    assert "This draw was made anew" in text(browse, url)
    Draw.objects.filter(pk=cast.draw.pk).update(superseded_at=None)
    SamplePlan.objects.filter(pk=cast.draw.plan_id).update(kind="peer")
    set_rule(cast.place, peer_in_iqs=False)
    for board in (url, f"/w/ours/plans/{cast.draw.plan_id}/board/"):
        assert "Reviews by peers do not count" in text(browse, board)


def test_one_press_shares_out_what_waits_for_the_absent(cast: Cast, browse: Browse, url: str) -> None:
    reviewer, second = cast.place.people["reviewer"], cast.place.people["second_reviewer"]
    QueueItem.objects.filter(draw=cast.draw, state="open").update(reviewer=reviewer)
    cast.draw.plan.reviewer_rows.create(workspace=cast.place.workspace, member=second)
    Absence.objects.create(
        workspace=cast.place.workspace, member=reviewer, starts_on=TODAY, ends_on=TODAY + timedelta(days=2)
    )
    assert "Reviewer is away while 10 conversations wait." in text(browse, url)
    response = browse("manager").post(url, {"spread": reviewer.pk}, follow=True)
    assert "10 conversations moved." in response.content.decode()
    assert "away while" not in text(browse, url)
    assert QueueItem.objects.filter(draw=cast.draw, state="open", reviewer=second).count() == 10


def test_the_board_of_a_plan_shares_out_too(cast: Cast, browse: Browse) -> None:
    """All that waits for one reviewer in any draw of the plan, and what nobody has."""
    reviewer, second = cast.place.people["reviewer"], cast.place.people["second_reviewer"]
    later = cast.rows.draw(cast.draw.plan, WEEK + timedelta(days=7))
    cast.rows.stratum(later, cast.place.rows["agent"], cast.place.rows["team"], [], frame=9, open_items=2)
    waiting = QueueItem.objects.filter(draw__in=[cast.draw, later], state="open")
    waiting.update(reviewer=reviewer)
    cast.draw.plan.reviewer_rows.create(workspace=cast.place.workspace, member=second)
    Absence.objects.create(workspace=cast.place.workspace, member=reviewer, starts_on=TODAY, ends_on=TODAY)
    board = f"/w/ours/plans/{cast.draw.plan_id}/board/"
    assert "Reviewer is away while 12 conversations wait." in text(browse, board)
    moved = browse("manager").post(board, {"spread": reviewer.pk}, follow=True)
    assert "12 conversations moved." in moved.content.decode()
    waiting.update(reviewer=None)
    moved = browse("manager").post(board, {"spread": "nobody"}, follow=True)
    assert "12 conversations moved." in moved.content.decode()
    assert {item.reviewer for item in waiting} == {second}
    for odd in ({}, {"spread": "x"}, {"spread": ""}):
        refused = browse("manager").post(board, odd, follow=True)
        assert "There is no reviewer" in refused.content.decode()


def test_the_ticked_ones_are_handed_over(cast: Cast, browse: Browse, url: str) -> None:
    reviewer = cast.place.people["reviewer"]
    ids = list(QueueItem.objects.filter(draw=cast.draw, state="open").values_list("pk", flat=True)[:3])
    response = browse("manager").post(url, {"item": ids, "reviewer": reviewer.pk}, follow=True)
    assert "3 conversations moved." in response.content.decode()
    again = browse("manager").post(url, {"item": ids, "reviewer": reviewer.pk}, follow=True)
    assert "3 stay where they are: It is his already." in again.content.decode()
    shown = text(browse, url, reviewer=str(reviewer.pk))
    assert shown.count('name="item"') == 3
    assert text(browse, url, reviewer="nobody").count('name="item"') == 7


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({}, "tick the conversations first"),
        ({"item": ["x"]}, "There is no item"),
        ({"item": ["1"], "reviewer": "999999999"}, "There is no member"),
        ({"spread": "999999999"}, "There is no member"),
    ],
)
def test_bad_forms_are_answered_in_words(
    cast: Cast, browse: Browse, url: str, posted: dict[str, Any], says: str
) -> None:
    response = browse("manager").post(url, posted, follow=True)
    assert response.status_code == 200
    assert says in response.content.decode()


def agents_of(page: str) -> list[str]:
    """The names in the board's table of agents, in order."""
    return re.findall(r"<bdi>([^<]*)</bdi>", page[page.index('id="agents"') :])


def test_agents_are_sorted_and_shown_in_parts(cast: Cast, browse: Browse, url: str) -> None:
    assert agents_of(text(browse, url)) == ["Cy", "Bea", "Ana Silva"]  # the least done first
    assert agents_of(text(browse, url, sort="name")) == ["Ana Silva", "Bea", "Cy"]
    assert agents_of(text(browse, url, sort="-done")) == ["Ana Silva", "Bea", "Cy"]
    for number in range(60):
        owner = cast.rows.agent(f"Agent {number:02}", cast.place.rows["team"])
        cast.rows.stratum(cast.draw, owner, cast.place.rows["team"], [], frame=2, open_items=0)
    first, second = (text(browse, url, sort="name", page=page) for page in ("1", "2"))
    assert "page=2" in first
    assert "Cy" not in agents_of(first)
    assert "Cy" in agents_of(second)
    assert text(browse, url, page="nonsense")


def test_leads_see_and_move_their_teams_only(cast: Cast, browse: Browse, url: str) -> None:
    found = text(browse, url, "other_lead")
    assert "<bdi>Cy</bdi>" in found
    assert "Ana Silva" not in found
    ids = list(QueueItem.objects.filter(draw=cast.draw, state="open").values_list("pk", flat=True))
    reviewer = cast.place.people["reviewer"]
    browse("other_lead").post(url, {"item": ids, "reviewer": reviewer.pk})
    moved = QueueItem.objects.filter(draw=cast.draw, reviewer=reviewer)
    assert {item.team_id for item in moved} == {cast.place.rows["other_team"].pk}


def test_the_board_of_a_plan_leads_to_its_draws(cast: Cast, browse: Browse, url: str) -> None:
    found = text(browse, f"/w/ours/plans/{cast.draw.plan_id}/board/")
    assert url in found
    assert "7 more to the 80 % that a range needs" in found
    assert "2 of 3" in found  # agents
    empty = cast.rows.plan(name="Empty")
    assert "Nothing was drawn yet" in text(browse, f"/w/ours/plans/{empty.pk}/board/")


def test_names_are_text_and_no_markup(cast: Cast, browse: Browse, url: str) -> None:
    evil = "<script>alert(1)</script>"
    Agent.objects.filter(name="Cy").update(name=evil)
    add_person(cast.place, "evil", Role.REVIEWER)
    member = cast.place.people["evil"]
    member.name = evil
    member.save()
    QueueItem.objects.filter(draw=cast.draw, state="open").update(reviewer=member)
    for path in (url, f"/w/ours/plans/{cast.draw.plan_id}/board/", "/w/ours/plans/planner/"):
        assert "<script>alert" not in text(browse, path)


def test_the_planner_explains_itself(cast: Cast, browse: Browse) -> None:
    page = "/w/ours/plans/planner/"
    query = {"plan": str(cast.draw.plan_id)}
    found = text(browse, page, **query)
    assert "assumed" in found
    assert "Hours are unknown until reviews were timed." in found
    assert "What a quota buys" in found
    Review.objects.filter(stratum__draw=cast.draw).update(active_seconds=600)
    timed = text(browse, page, **query)
    assert "A review takes 10.0 minutes: the median of 6 timed reviews" in timed
    other = cast.rows.plan(name="Other card", scorecard=None)
    assert "in the workspace, since the plan" in text(browse, page, plan=str(other.pk))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"half_width": "0"}, "half_width must lie between"),
        ({"from": "2026-04-07", "to": "2026-04-08"}, "No whole period of the plan"),
        ({"from": "2026-04-07"}, "Give “to” as well"),
    ],
)
def test_a_bad_question_is_answered_with_the_usual_one(
    cast: Cast, browse: Browse, query: dict[str, str], says: str
) -> None:
    found = text(browse, "/w/ours/plans/planner/", **query)
    assert says in found
    assert "Every agent to ±5<" in found


def test_the_planners_agents_are_sorted(cast: Cast, browse: Browse) -> None:
    for _ in range(9):
        cast.rows.conversation(Agent.objects.get(name="Cy"), None, WEEK)
    query = {"plan": str(cast.draw.plan_id)}
    by_frame = text(browse, "/w/ours/plans/planner/", sort="-frame", **query)
    by_name = text(browse, "/w/ours/plans/planner/", **query)
    assert by_frame.index("<bdi>Cy</bdi>") < by_frame.index("<bdi>Ana Silva</bdi>")
    assert by_name.index("<bdi>Ana Silva</bdi>") < by_name.index("<bdi>Cy</bdi>")
    assert 'aria-sort="descending"' in by_frame


def test_an_empty_frame_says_so(cast: Cast, browse: Browse) -> None:
    plan = Rows(cast.place).plan(name="Fax", filter={"channel": ["fax"]})
    assert "Nobody has such conversations" in text(browse, "/w/ours/plans/planner/", plan=str(plan.pk))
