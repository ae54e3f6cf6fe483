"""What helps to write a comment: templates, hashtags, people to mention, previews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import WorkspaceSettings
from qa_reviews.models import CommentTemplate, Review
from tests.world import ApiClient, Place, World, add_talk

Api = Callable[..., ApiClient]
SAYS = {"name": "Ask first", "body": "Ask for the *number*.", "category": "solution"}


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def test_ones_own_and_shared_ones(api: Api) -> None:
    mine = api("reviewer").post("comment-templates/", SAYS)
    assert mine.status_code == 201, mine.json()
    assert (mine.json()["shared"], mine.json()["authorized_actions"]) == (False, ["update", "delete"])
    assert api("lead").post("comment-templates/", SAYS | {"shared": True}).status_code == 201
    names = [
        (row["name"], row["shared"]) for row in api("reviewer").get("comment-templates/").json()["results"]
    ]
    assert names == [("Apology", True), ("Ask first", False), ("Ask first", True)]
    others = api("second_reviewer")
    assert others.get(f"comment-templates/{mine.json()['id']}/").status_code == 404
    refused = api("reviewer").post("comment-templates/", SAYS | {"name": "Other", "shared": True})
    assert refused.status_code == 403


def test_a_name_once_each(api: Api) -> None:
    client = api("reviewer")
    first = client.post("comment-templates/", SAYS).json()
    twice = client.post("comment-templates/", SAYS)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "name_taken")
    path = f"comment-templates/{first['id']}/"
    assert client.patch(path, {"body": "Ask."}).json()["body"] == "Ask."
    assert client.patch(path, {"body": "No."}, **{"If-Match": first["etag"]}).status_code == 412
    assert client.delete(path).status_code == 204


def test_the_pages_of_templates(ours: Place, browse: Callable[..., Any]) -> None:
    client, base = browse("reviewer"), "/w/ours/templates/"
    page = client.get(f"{base}new/").content.decode()
    assert "Everybody who grades" not in page
    assert client.post(f"{base}new/", SAYS).status_code == 302
    mine = CommentTemplate.objects.get(name="Ask first")
    assert mine.owner == ours.people["reviewer"]
    assert "Solution" in client.get(base).content.decode()
    assert client.post(f"{base}{mine.pk}/", SAYS | {"body": ""}).status_code == 422
    assert client.post(f"{base}{mine.pk}/delete/").status_code == 302
    assert client.get(f"{base}{mine.pk}/").status_code == 404


def test_hashtags_with_counts_of_what_one_sees(ours: Place, api: Api) -> None:
    add_talk(ours)
    Review.objects.filter(pk=ours.rows["review"].pk).update(hashtags=["refund", "shipping"])
    Review.objects.filter(pk=ours.rows["disputed"].pk).update(hashtags=["refund"])
    found = api("manager").get("hashtags/").json()["results"]
    assert found == [{"hashtag": "refund", "reviews": 2}, {"hashtag": "shipping", "reviews": 1}]
    assert api("other_agent").get("hashtags/").json()["results"] == []


def test_people_to_mention_and_what_they_look_like(ours: Place, api: Api) -> None:
    names = [row["name"] for row in api("reviewer").get("mentions/").json()["results"]]
    assert "Manager" in names
    assert "Sunny Spare" not in names  # has no log-in
    html = api("reviewer").post("markdown/", {"text": "**Well done** @Manager #tone <b>x</b>"}).json()["html"]
    assert "<strong>Well done</strong>" in html
    assert '<span class="mention">@Manager</span>' in html
    assert "<b>" not in html


def test_an_agent_to_whom_reviewers_stay_unnamed_sees_agents_only(ours: Place, api: Api) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_reviewer=True)
    names = {row["name"] for row in api("agent").get("mentions/").json()["results"]}
    assert names == {"Agent", "Other_Agent"}
