"""Peers: agents grade what is assigned to them, and see nothing else of others' work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import WorkspaceSettings
from conversations.models import Message, SurveyResponse
from qa_reviews.models import QueueItem, Review
from qa_reviews.services import opening, queue
from tests.qa_reviews.day import made_plan, waiting
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]
SAID = "Where on earth is it?"
RATINGS = [{"category": "solution", "option": "3"}, {"category": "tone", "option": "great"}]


@pytest.fixture
def ours(world: World) -> Place:
    QueueItem.objects.filter(review=None).delete()
    return world["ours"]


@pytest.fixture
def item(ours: Place) -> QueueItem:
    """A conversation of Ana's, assigned to the other agent; its customer said something and was unhappy."""
    plan = made_plan(ours, kind="peer", name="Peers")
    return assigned(ours, plan)


def assigned(place: Place, plan: Any) -> QueueItem:
    [found] = waiting(place, plan, 1, place.people["other_agent"])
    Message.objects.create(
        workspace=place.workspace,
        conversation=found.conversation,
        key="m1",
        external_id="m1",
        position=0,
        author_type="customer",
        text=SAID,
    )
    SurveyResponse.objects.create(
        workspace=place.workspace,
        conversation=found.conversation,
        key="s1",
        kind="csat",
        score=1,
        scale_min=1,
        scale_max=5,
        comment="Never again",
        is_latest=True,
    )
    return found


def bench(browse: Browse, item: QueueItem, person: str = "other_agent") -> Any:
    return browse(person).get(reverse("workbench", args=["ours", item.pk]))


def graded(api: Api, item: QueueItem) -> dict[str, Any]:
    body = {"queue_item": item.pk, "ratings": RATINGS, "submit": True}
    answer = api("other_agent").post("reviews", body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


# --- what a peer does ------------------------------------------------------------------------------------


def test_a_peer_grades_what_is_assigned_to_him(
    ours: Place, item: QueueItem, api: Api, browse: Browse
) -> None:
    me = api("other_agent")
    [listed] = me.get("queue").json()["results"]
    assert (listed["id"], listed["kind"], listed["plan"]["name"]) == (item.pk, "peer", "Peers")
    assert {"band", "u", "probability"} & set(listed) == set()
    assert listed["authorized_actions"] == ["claim", "skip", "ask"]
    assert me.post("queue/next").json()["id"] == item.pk
    shown = bench(browse, item).content.decode()
    assert SAID in shown
    assert "Never again" not in shown
    review = Review.objects.get(queue_item=item)
    assert (review.kind, review.selection, review.blind) == ("peer", "random", True)
    assert me.patch(f"reviews/{review.pk}", {"ratings": RATINGS}).status_code == 200
    assert me.post(f"reviews/{review.pk}/submit").json()["score"] == "77.7778"
    assert QueueItem.objects.get(pk=item.pk).state == "done"


def test_evidence_is_quoted_from_what_he_may_read(ours: Place, item: QueueItem, api: Api) -> None:
    message = Message.objects.get(conversation=item.conversation)
    evidence = [{"message": message.pk, "start": 0, "end": 5}]
    ratings = [RATINGS[0] | {"evidence": evidence}, RATINGS[1]]
    body = {"queue_item": item.pk, "ratings": ratings, "submit": True}
    assert api("other_agent").post("reviews", body).status_code == 201
    hers = Message.objects.filter(conversation=ours.rows["conversation"]).first()
    assert hers is not None
    other = assigned(ours, item.draw.plan)
    wrong = [RATINGS[0] | {"evidence": [evidence[0] | {"message": hers.pk}]}, RATINGS[1]]
    body = {"queue_item": other.pk, "ratings": wrong, "submit": True}
    assert api("other_agent").post("reviews", body).status_code == 422


def test_his_review_stays_open_to_him(ours: Place, item: QueueItem, api: Api, browse: Browse) -> None:
    review = graded(api, item)
    shown = browse("other_agent").get(reverse("review", args=["ours", review["id"]])).content.decode()
    assert SAID in shown
    assert "Never again" not in shown
    assert reverse("conversation", args=["ours", item.conversation_id]) not in shown


def test_the_reviewed_agent_sees_it_like_any_other(
    ours: Place, item: QueueItem, api: Api, browse: Browse
) -> None:
    review = graded(api, item)
    seen = api("agent").get(f"reviews/{review['id']}").json()
    assert (seen["kind"], seen["reviewer"]["name"]) == ("peer", "Other_Agent")
    assert "acknowledge" in seen["authorized_actions"]
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_reviewer=True)
    assert api("agent").get(f"reviews/{review['id']}").json()["reviewer"] is None
    page = browse("agent").get(reverse("review", args=["ours", review["id"]])).content.decode()
    assert "Other_Agent" not in page
    own = api("other_agent").get(f"reviews/{review['id']}").json()
    assert own["reviewer"]["name"] == "Other_Agent"


def test_a_peer_may_ask_hand_back_and_skip(ours: Place, item: QueueItem, api: Api) -> None:
    me = api("other_agent")
    me.post("queue/next")
    assert me.post(f"queue/{item.pk}/hand-back").json()["state"] == "open"
    assert me.post(f"queue/{item.pk}/ask", {"text": "Who is this?"}).status_code == 201
    skipped = me.post(f"queue/{item.pk}/skip", {"reason": "no_time"}).json()
    assert (skipped["state"], skipped["reviewer"]) == ("open", None)
    assert me.post("queue/next").status_code == 204
    given = api("lead").post(f"queue/{item.pk}/reassign", {"reviewer": ours.people["other_agent"].pk})
    assert given.status_code == 200
    assert me.post("queue/next").json()["id"] == item.pk


# --- where he sees what -------------------------------------------------------------------------------


def test_the_queue_is_in_the_rail_while_something_is_assigned(
    ours: Place, item: QueueItem, browse: Browse
) -> None:
    link = f'href="{reverse("queue", args=["ours"])}"'
    reviews = reverse("review-list", args=["ours"])
    assert link in browse("other_agent").get(reviews).content.decode()
    assert link not in browse("agent").get(reviews).content.decode()
    queue.finish(item=item)
    assert link not in browse("other_agent").get(reviews).content.decode()


def test_nothing_else_opens(ours: Place, item: QueueItem, api: Api, browse: Browse) -> None:
    me = api("other_agent")
    bench(browse, item)
    conversation = item.conversation_id
    assert me.get(f"conversations/{conversation}").status_code == 404
    assert browse("other_agent").get(reverse("conversation", args=["ours", conversation])).status_code == 404
    assert conversation not in {row["id"] for row in me.get("conversations").json()["results"]}
    assert me.get(f"reviews/{ours.rows['review'].pk}").status_code == 404
    assert {row["kind"] for row in me.get("reviews").json()["results"]} == {"peer"}
    assert me.get("scorecards").status_code == 403
    assert me.get("comment-templates").status_code == 403
    assert me.get(f"draws/{item.draw_id}").status_code == 403
    assert me.get("queue/questions").status_code == 403
    by_hand = {"conversation": {"id": conversation}, "scorecard": ours.rows["scorecard"].pk}
    assert me.post("reviews", by_hand).status_code == 403
    [others] = waiting(ours, item.draw.plan, 1, ours.people["agent"], agent=ours.rows["other_agent"])
    assert me.post("reviews", {"queue_item": others.pk}).status_code == 422
    assert bench(browse, others).status_code == 404


def test_other_reviews_of_the_conversation_stay_closed(ours: Place, item: QueueItem, api: Api) -> None:
    other = Review.objects.get(pk=ours.rows["review"].pk)
    other.pk, other.queue_item, other.stratum, other.selection = None, None, None, "manual"
    other.conversation = item.conversation
    other.save()
    graded(api, item)
    seen = {row["id"] for row in api("other_agent").get("reviews").json()["results"]}
    assert other.pk not in seen


def test_peers_take_nothing_from_the_unassigned(
    ours: Place, item: QueueItem, api: Api, browse: Browse
) -> None:
    QueueItem.objects.filter(pk=item.pk).update(reviewer=None)
    assert api("other_agent").post("queue/next").status_code == 204
    assert bench(browse, item).status_code == 404
    assert api("manager").post("reviews", {"queue_item": item.pk}).status_code == 403


def test_what_is_taken_from_him_closes(ours: Place, item: QueueItem, api: Api, browse: Browse) -> None:
    bench(browse, item)
    review = Review.objects.get(queue_item=item)
    QueueItem.objects.filter(pk=item.pk).update(reviewer=ours.people["agent"])
    assert bench(browse, item).status_code == 404
    edit = browse("other_agent").get(reverse("review-edit", args=["ours", review.pk]))
    assert edit.status_code == 403
    assert SAID not in edit.content.decode()
    me = api("other_agent")
    assert me.post(f"reviews/{review.pk}/submit").json()["type"] == "urn:plumbline:not_assigned"
    assert me.delete(f"reviews/{review.pk}").status_code == 204


def test_a_peer_neither_reveals_nor_changes_whom_it_is_about(
    ours: Place, item: QueueItem, api: Api, browse: Browse
) -> None:
    shown = bench(browse, item).content.decode()
    assert "reveal-dialog" not in shown
    review = Review.objects.get(queue_item=item)
    me = api("other_agent")
    refused = me.post(f"reviews/{review.pk}/reveal")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:plumbline:blind")
    other = ours.rows["other_agent"].pk
    assert me.post(f"reviews/{review.pk}/reviewee", {"agent": other}).status_code == 403


@pytest.mark.parametrize(("hide_csat", "seen"), [(False, True), (True, False)])
def test_where_the_plan_is_not_blind_he_reads_what_the_customer_said(
    ours: Place, browse: Browse, hide_csat: bool, seen: bool
) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_csat=hide_csat)
    found = assigned(ours, made_plan(ours, kind="peer", blind=False))
    assert ("Never again" in bench(browse, found).content.decode()) is seen


def test_disputes_of_peer_reviews_go_to_leads(ours: Place, item: QueueItem, api: Api) -> None:
    review = graded(api, item)
    raised = api("agent").post(f"reviews/{review['id']}/disputes", {"kind": "ratings", "comment": "I did."})
    assert raised.status_code == 201
    answer = {"outcome": "rejected", "comment": "No."}
    path = f"reviews/{review['id']}/disputes/{raised.json()['id']}/resolve"
    assert api("other_agent").post(path, answer).status_code == 403
    assert api("lead").post(path, answer).status_code == 200


def test_one_peer_review_of_a_conversation(ours: Place, item: QueueItem) -> None:
    me = ours.actor("other_agent")
    first = opening.open_item(actor=me, item_id=item.pk)
    QueueItem.objects.filter(pk=item.pk).update(claimed_at=timezone.now() - timedelta(hours=9), state="open")
    assert opening.open_item(actor=me, item_id=item.pk) == first
