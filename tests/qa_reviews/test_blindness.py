"""What may not be learned before a review is submitted: by whoever grades blind, in whatever roles he has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Role
from accounts.models import MemberRole, WorkspaceSettings
from conversations.models import Conversation, Message, SurveyResponse
from qa_reviews.models import PlanReviewer, QueueItem
from qa_reviews.services import opening, queue
from tests.qa_reviews.day import made_plan, waiting
from tests.qa_reviews.samples import agent
from tests.world import ApiClient, Place, World, add_person

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]
SAID = "Never again"
TELLING = ("csat_max=5", "csat_answered=true", "waited_at_end=true", "agents_min=0")


@pytest.fixture
def ours(world: World) -> Place:
    QueueItem.objects.filter(review=None).delete()
    return world["ours"]


def unhappy(item: QueueItem) -> Conversation:
    """The item's conversation, whose customer was unhappy and waits since."""
    found = item.conversation
    Message.objects.create(
        workspace=found.workspace, conversation=found, key="m1", position=0, author_type="customer", text="Oh"
    )
    SurveyResponse.objects.create(
        workspace=found.workspace,
        conversation=found,
        key="s1",
        kind="csat",
        score=1,
        scale_min=1,
        scale_max=5,
        comment=SAID,
        is_latest=True,
    )
    found.csat, found.csat_commented, found.waited_at_end = 1, True, True
    found.save()
    return found


def page(browse: Browse, person: str, conversation: Conversation) -> str:
    url = reverse("conversation", args=["ours", conversation.pk])
    return str(browse(person).get(url).content.decode())


def listed(api: Api, person: str, query: str) -> set[int]:
    return {row["id"] for row in api(person).get(f"conversations/?{query}").json()["results"]}


def row(browse: Browse, person: str, conversation: Conversation) -> str:
    url = reverse("conversation-list", args=["ours"])
    text = browse(person).get(f"{url}?columns=csat&columns=flags").content.decode()
    return str(text.split(f'conversations/{conversation.pk}/"')[1].split("</tr>")[0])


@pytest.mark.parametrize("pooled", [False, True])
def test_a_blind_plan_is_blind_where_the_workspace_is_not(
    ours: Place, browse: Browse, api: Api, pooled: bool
) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(blind=False)
    plan = made_plan(ours, blind=True)
    PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=ours.people["reviewer"])
    [item] = waiting(ours, plan, 1, None if pooled else ours.people["reviewer"])
    found = unhappy(item)
    assert SAID not in page(browse, "reviewer", found)
    assert "<h2>Signals</h2>" not in page(browse, "reviewer", found)
    assert "badge bad" not in row(browse, "reviewer", found)
    assert '"CSAT">–' in row(browse, "reviewer", found)
    detail = api("reviewer").get(f"conversations/{found.pk}").json()
    assert (detail["surveys"], detail["flags"]) == (None, None)
    for query in (*TELLING, "order=csat"):
        assert found.pk not in listed(api, "reviewer", query)
    for query in TELLING:
        [hers, his] = [
            api(each).get(f"conversations/count?{query}").json()["count"]
            for each in ("second_reviewer", "reviewer")
        ]
        assert his == hers - 1
    assert found.pk in listed(api, "reviewer", "")
    for person in ("second_reviewer", "lead"):
        assert SAID in page(browse, person, found)
        assert found.pk in listed(api, person, "order=csat")
    queue.finish(item=item, reviewer_id=ours.people["reviewer"].pk)
    assert SAID in page(browse, "reviewer", found)
    assert found.pk in listed(api, "reviewer", "csat_max=5")


def test_a_plan_with_open_eyes_hides_nothing_there(ours: Place, browse: Browse) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(blind=False)
    [item] = waiting(ours, made_plan(ours, blind=False), 1, ours.people["reviewer"])
    assert SAID in page(browse, "reviewer", unhappy(item))


def test_who_leads_one_team_is_blind_in_the_others_that_he_reviews(
    ours: Place, browse: Browse, api: Api
) -> None:
    me = ours.people["reviewer"]
    MemberRole.objects.create(
        workspace=ours.workspace, member=me, role=Role.LEAD, team=ours.rows["other_team"]
    )
    hers, theirs = (unhappy(item) for item in waiting(ours, made_plan(ours), 2, me))
    Conversation.objects.filter(pk=theirs.pk).update(team=ours.rows["other_team"])
    assert SAID not in page(browse, "reviewer", hers)
    assert "<h2>Signals</h2>" not in page(browse, "reviewer", hers)
    assert SAID in page(browse, "reviewer", theirs)
    assert "<h2>Signals</h2>" in page(browse, "reviewer", theirs)
    url = reverse("conversation-list", args=["ours"])
    for query in (*TELLING, "order=csat", "columns=flags"):
        assert browse("reviewer").get(f"{url}?{query}").status_code == 403
    assert browse("other_lead").get(f"{url}?csat_max=5").status_code == 200


def test_who_is_a_peer_beside_his_reviewing_reads_what_he_grades(ours: Place, browse: Browse) -> None:
    own = agent(ours, "Gil", ours.rows["other_team"])
    me = add_person(ours, "gil", Role.REVIEWER, team=ours.rows["other_team"], agent=own)
    MemberRole.objects.create(workspace=ours.workspace, member=me, role=Role.AGENT)
    [item] = waiting(ours, made_plan(ours, kind="peer"), 1, me)
    found = unhappy(item)
    Message.objects.filter(conversation=found).update(text="Where on earth is it?")
    review = opening.open_item(actor=ours.actor("gil"), item_id=item.pk)
    shown = browse("gil").get(reverse("workbench", args=["ours", item.pk])).content.decode()
    assert review.kind == "peer"
    assert "Where on earth is it?" in shown
    assert SAID not in shown
    assert browse("gil").get(reverse("conversation", args=["ours", found.pk])).status_code == 404
