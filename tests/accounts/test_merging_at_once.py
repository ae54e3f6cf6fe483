"""Two people merge at the same moment: one waits for the other, and no chain or circle comes of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.access import Actor
from accounts.models import Agent, AgentMerge
from accounts.services.merging import merge_agent
from common.errors import Conflict
from conversations.models import Conversation
from tests.world import Place, World


@pytest.fixture
def ours(transactional_db: None, world: World) -> Place:
    return world["ours"]


def both(actor: Actor, pairs: list[tuple[int, int]]) -> list[str]:
    """Merge the pairs in threads that start together; how each ended."""
    start = Barrier(len(pairs))

    def one(pair: tuple[int, int]) -> str:
        start.wait()
        try:
            merge_agent(actor=actor, agent_id=pair[0], into_id=pair[1])
        except Conflict as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(pairs)) as pool:
        return sorted(pool.map(one, pairs))


def add_agents(place: Place) -> list[int]:
    rows = [
        Agent.objects.create(workspace=place.workspace, source="chat", external_id=f"t-{number}")
        for number in range(3)
    ]
    ids = [row.pk for row in rows]
    for number, pk in enumerate(ids):
        Conversation.objects.create(
            workspace=place.workspace, source="chat", external_id=f"t-{number}", status="open", agent_id=pk
        )
    return ids


def test_there_and_back_at_once_is_one_merge(ours: Place) -> None:
    one, other, _ = add_agents(ours)
    assert both(ours.actor("manager"), [(one, other), (other, one)]) == ["done", "same"]
    assert AgentMerge.objects.count() == 1
    assert Agent.objects.exclude(merged_into=None).count() == 1


def test_a_chain_at_once_ends_at_one_agent(ours: Place) -> None:
    first, middle, last = add_agents(ours)
    assert both(ours.actor("manager"), [(first, middle), (middle, last)]) == ["done", "done"]
    merged = dict(Agent.objects.filter(pk__in=[first, middle, last]).values_list("pk", "merged_into"))
    assert merged == {first: last, middle: last, last: None}
    owners = Conversation.objects.filter(source="chat").values_list("agent", flat=True)
    assert set(owners) == {last}


def test_the_same_at_once_is_one_merge(ours: Place) -> None:
    one, other, _ = add_agents(ours)
    ended = both(ours.actor("manager"), [(one, other)] * 4)
    assert ended.count("done") == 1
    assert set(ended) == {"done", "merged"}
