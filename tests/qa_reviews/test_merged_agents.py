"""Queue items and filters that name an agent who has gone into another meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Agent, Member
from accounts.services.merging import merge_agent
from common.errors import Refused
from conversations.filters import bound, stored
from conversations.models import Conversation
from qa_reviews.models import QueueItem, Review
from qa_reviews.services.opening import open_item
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]


@pytest.fixture
def ours(world: World) -> Place:
    """Ana went into a twin of hers."""
    place = world["ours"]
    place.rows["twin"] = Agent.objects.create(workspace=place.workspace, source="chat", external_id="77")
    merge_agent(actor=place.actor("manager"), agent_id=place.rows["agent"].pk, into_id=place.rows["twin"].pk)
    return place


def test_an_item_drawn_before_is_reviewed_for_who_stayed(ours: Place) -> None:
    item = ours.rows["queue_item"]
    review = open_item(actor=ours.actor("reviewer"), item_id=item.pk)
    assert review.agent == ours.rows["twin"]
    assert QueueItem.objects.get(pk=item.pk).agent == ours.rows["agent"]  # the ledger's word


def test_a_draft_begun_by_hand_is_the_items(ours: Place) -> None:
    Review.objects.filter(pk=ours.rows["draft"].pk).update(reviewer=ours.people["reviewer"])
    review = open_item(actor=ours.actor("reviewer"), item_id=ours.rows["queue_item"].pk)
    assert review.pk == ours.rows["draft"].pk


def test_he_does_not_review_himself_by_an_old_item(ours: Place) -> None:
    Member.objects.filter(agent=ours.rows["twin"]).update(agent=None)
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(agent=ours.rows["twin"])
    assert ours.rows["queue_item"].agent_id != ours.rows["twin"].pk
    with pytest.raises(Refused, match="self"):
        open_item(actor=ours.actor("reviewer"), item_id=ours.rows["queue_item"].pk)


def test_a_stored_filter_finds_who_stayed(ours: Place) -> None:
    named = stored({"agent": [ours.rows["agent"].pk]})
    without = stored({"not_agent": [ours.rows["agent"].pk]})
    [one, other] = bound(ours.system, named, without)
    rows = Conversation.objects.filter(workspace=ours.workspace)
    assert rows.filter(one.q()).count() == rows.count() > 0
    assert not rows.filter(other.q()).exists()
    assert one.agent == (ours.rows["twin"].pk,)


def test_lists_take_the_old_key(ours: Place, api: Api) -> None:
    manager = api("manager")
    new = manager.get("conversations/?agent=external:77").json()["results"]
    assert len(new) == 2
    assert manager.get("conversations/?agent=external:a-7").json()["results"] == new
    assert manager.get(f"conversations/?agent={ours.rows['agent'].pk}").json()["results"] == new
    old, new = (
        manager.get(f"iqs/?agent=external:{key}&group_by=agent&from=2026-03-01&to=2026-03-31").json()[
            "results"
        ]
        for key in ("a-7", "77")
    )
    assert old == new != []
