"""Calibration sessions by the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from qa_reviews.models import CalibrationSession
from tests.qa_reviews.sessions import GRADERS
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
SOON = (timezone.now().date() + timedelta(days=7)).isoformat()


@pytest.fixture
def ours(world: World) -> Place:
    CalibrationSession.objects.all().delete()
    return world["ours"]


def test_a_session_from_its_beginning_to_its_end(ours: Place, api: Api) -> None:
    me = api("manager")
    people = [ours.people[each].pk for each in GRADERS]
    terms = {"name": "May", "scorecard": ours.rows["scorecard"].pk, "due_on": SOON, "participants": people}
    made = me.post("calibration/", terms)
    assert made.status_code == 201, made.json()
    path = f"calibration/{made.json()['id']}"
    assert made.json()["authorized_actions"] == ["update", "delete", "open"]
    assert me.patch(f"{path}/", {"name": "June", "baseline": people[0]}).json()["baseline"]["id"] == people[0]
    added = me.post(f"{path}/conversations/", {"conversation": {"external_id": "1002"}}).json()
    [row] = added["conversations"]
    assert me.post(f"{path}/open/").json()["state"] == "open"
    for person, option in zip(GRADERS, "34", strict=True):
        begun = api(person).post(f"{path}/conversations/{row['id']}/grade/").json()
        ratings = [
            {"category": "solution", "option": option, "comment": "So"},
            {"category": "tone", "option": "great"},
        ]
        done = api(person).post(f"reviews/{begun['id']}/submit/", {"ratings": ratings})
        assert done.status_code == 200, done.json()
    assert me.get(f"{path}/comparison/").json() == []
    assert [each["done"] for each in me.get(f"{path}/").json()["standing"]] == [1, 1]
    assert me.post(f"{path}/discuss/").json()["authorized_actions"] == ["note", "decide", "close"]
    [shown] = api("reviewer").get(f"{path}/comparison/").json()
    assert shown["categories"][0]["category"] == "solution"
    assert [each["words"] for each in shown["categories"][1]["given"]] == ["Great", "Great"]
    assert all(each["score"] for each in shown["reviews"])
    note = {"conversation": row["id"], "category": "tone", "text": "Warm"}
    assert api("reviewer").post(f"{path}/notes/", note).status_code == 201
    assert me.post(f"{path}/decisions/", {"category": "tone", "text": "First names"}).status_code == 201
    assert [each["text"] for each in me.get(f"{path}/decisions/").json()] == ["First names"]
    assert me.post(f"{path}/close/").json()["authorized_actions"] == []
    assert [each["state"] for each in me.get("calibration/").json()["results"]] == ["closed"]


def test_what_is_wrong_is_told(ours: Place, api: Api) -> None:
    answer = api("manager").post("calibration/", {"name": "May", "scorecard": 0, "due_on": SOON})
    assert answer.status_code == 422
    answer = api("manager").get("calibration/?state=open")
    assert answer.status_code == 422


def test_one_that_is_still_set_up_can_be_thrown_away(ours: Place, api: Api) -> None:
    terms = {"name": "May", "scorecard": ours.rows["scorecard"].pk, "due_on": SOON}
    pk = api("manager").post("calibration/", terms).json()["id"]
    row = api("manager").post(f"calibration/{pk}/conversations/", {"conversation": {"external_id": "1002"}})
    gone = row.json()["conversations"][0]["id"]
    assert api("manager").delete(f"calibration/{pk}/conversations/{gone}/").status_code == 204
    assert api("manager").delete(f"calibration/{pk}/").status_code == 204
    assert not CalibrationSession.objects.exists()
